"""The tables of whom we serve: practices, their people, their contract terms and their payers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import ClientOwned
from config.database import Base

NO_ROWID = {"sqlite_with_rowid": False}


class ClientState(StrEnum):
    LEAD = "LEAD"
    CONTRACTING = "CONTRACTING"
    SETUP = "SETUP"
    ENROLLING = "ENROLLING"
    TESTING = "TESTING"
    GO_LIVE_READY = "GO_LIVE_READY"
    LIVE = "LIVE"
    PAUSED = "PAUSED"
    OFFBOARDING = "OFFBOARDING"
    CLOSED = "CLOSED"


class Client(Base):
    """A practice that outsources to the bureau; it bills under one NPI and one tax id."""

    __tablename__ = "clients"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=ClientState.LIVE)
    specialty: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="America/New_York")
    npi: Mapped[str]
    tax_id: Mapped[str]
    taxonomy: Mapped[str]
    street: Mapped[str]
    city: Mapped[str]
    region: Mapped[str]
    zip: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(unique=True)  # our sender id for this client at the clearinghouse
    is_synthetic: Mapped[bool] = mapped_column(default=True)
    opened_on: Mapped[date]


class TierPeriod(ClientOwned, Base):
    """The service tier of a client from one date to another (half-open; no end = still running)."""

    __tablename__ = "tier_periods"
    tier: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class AddOn(ClientOwned, Base):
    """One capability bought beside the tier."""

    __tablename__ = "add_ons"
    capability: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class SlaClause(ClientOwned, Base):
    """One promise of the agreement: a measure, its limit in business days, the share that must meet it."""

    __tablename__ = "sla_clauses"
    measure: Mapped[str]
    business_days: Mapped[int]
    share_percent: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class Provider(ClientOwned, Base):
    """A clinician of the client who renders services."""

    __tablename__ = "providers"
    npi: Mapped[str]
    last: Mapped[str]
    first: Mapped[str]
    taxonomy: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index("ix_providers_npi", "client_id", "npi"), NO_ROWID)


class Payer(Base):
    """Whoever pays claims; shared by all clients. `code` is the payer id on the wire (NM109)."""

    __tablename__ = "payers"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    filing_code: Mapped[str]  # SBR09
    tax_id: Mapped[str]
    filing_days: Mapped[int]  # timely filing, days from date of service (cfg)
    alarm_days: Mapped[int]  # calendar days without an answer before the claim is followed up (cfg)


class Enrollment(ClientOwned, Base):
    """That a client may exchange one kind of transaction with a payer, and since when."""

    __tablename__ = "enrollments"
    payer_id: Mapped[int] = mapped_column(ForeignKey("payers.id"))
    transaction: Mapped[str]
    state: Mapped[str]
    live_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("client_id", "payer_id", "transaction"), NO_ROWID)


class Fee(ClientOwned, Base):
    """One price of the client's charge master; the latest one on or before the date of service counts."""

    __tablename__ = "fees"
    code: Mapped[str]
    modifier: Mapped[str] = mapped_column(default="")
    cents: Mapped[int]
    starts_on: Mapped[date]
    __table_args__ = (UniqueConstraint("client_id", "code", "modifier", "starts_on"), NO_ROWID)


class MappingProfile(ClientOwned, Base):
    """How the columns of one source of this client become our fields; versions are kept, never edited."""

    __tablename__ = "mapping_profiles"
    name: Mapped[str]
    version: Mapped[int]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("client_id", "name", "version"), NO_ROWID)


class User(Base):
    """A person who signs in: bureau staff, a client's people, or a tester."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Membership(Base):
    """What a user is: a role, for one client or (client_id None) for the whole bureau."""

    __tablename__ = "memberships"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    membership_client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    role: Mapped[str]


class SignIn(Base):
    """A server-side session: revocable, with idle and absolute time-out. The cookie holds only its token."""

    __tablename__ = "sign_ins"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
