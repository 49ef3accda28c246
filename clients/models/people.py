"""People who sign in: accounts, what they may do, invitations and sign-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base


class User(Base):
    """A person who signs in: bureau staff, a client's people, or a tester."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    totp_secret: Mapped[str] = mapped_column(default="")  # encrypted; empty: no second factor
    totp_step: Mapped[int] = mapped_column(default=0)  # the last time step used, so that no code works twice
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Membership(Base):
    """What a user is: a role, for one client or (client_id None) for the whole bureau."""

    __tablename__ = "memberships"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    membership_client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    role: Mapped[str]
    granted_at: Mapped[datetime | None]
    granted_by: Mapped[str] = mapped_column(default="")


class SignIn(Base):
    """A server-side session: revocable, with idle and absolute time-out. The cookie holds only its token."""

    __tablename__ = "sign_ins"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(default="")  # browser and system in two words, for the list of sign-ins


class Challenge(Base):
    """A sign-in half way: the password was right, the second factor is still asked for, or has to be set up."""

    __tablename__ = "challenges"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    step: Mapped[str]
    secret: Mapped[str]  # encrypted: of the second factor that is being set up; empty while one is asked for
    started_at: Mapped[datetime]


class RecoveryCode(Base):
    """One code that opens the door once when the second factor is lost; only its hash is kept."""

    __tablename__ = "recovery_codes"
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    used_at: Mapped[datetime | None]


class Miss(Base):
    """Wrong passwords or codes lately for an e-mail or a device: what slows down guessing, in every process."""

    __tablename__ = "misses"
    key: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]


class Invitation(Base):
    """A link that works once, for a few days: to a new role, or to a new password; only the token's hash is kept."""

    __tablename__ = "invitations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # whose password it renews; None: it invites
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]  # empty where it renews a password
    invitation_client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    invited_at: Mapped[datetime]
    invited_by: Mapped[str]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PersonAct(Base):
    """One act upon an account or a role: who did it, to whom, and what it was before and after. Never changed."""

    __tablename__ = "person_acts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # None: who has no account yet
    act_client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))  # None: it is about no one practice
    act: Mapped[str]
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
