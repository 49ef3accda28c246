"""The server-side sign-ins behind the cookie: opened, found, kept awake and ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from clients.access import Grant, Person, Role
from clients.models import Membership, SignIn, User
from clients.scope import ScopedSession
from clients.trail import BUREAU, Actor, ActorKind, Note

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)  # a busy person costs one write a minute, not one a click


# Asked by every request, so it is one statement, made once: a row for each grant of the person.
_VISITS = (
    select(
        SignIn.seen_at, SignIn.started_at, SignIn.ended_at, User.is_active, User.id, User.name, User.email,
        User.preferences, Membership.role, Membership.membership_client_id,
    )
    .join(User, User.id == SignIn.user_id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(SignIn.token_hash == bindparam("token"))
    .order_by(Membership.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that succeeded; only the cookie ever holds the token itself."""

    token: str
    person: Person


@dataclass(frozen=True, slots=True)
class Visit:
    """A sign-in that still counts, as one request finds it."""

    person: Person
    seen_at: datetime

    def wants_touch(self, now: datetime) -> bool:
        return now - self.seen_at >= TOUCH_EVERY


def open_sign_in(session: Session, user: User, now: datetime, device: str) -> SignedIn:
    token = make_token()
    row = SignIn(
        token_hash=digest(token), user_id=user.id, started_at=now, seen_at=now, ended_at=None, device=device[:80]
    )
    session.add(row)
    person = as_person(session, user)
    note_entrance(session, "sign_in.succeeded", person, now, device=device[:80])
    return SignedIn(token, person)


def find_visit(session: Session, token: str, now: datetime) -> Visit | None:
    """Who holds this token; None when it is unknown, ended, timed out, or the account is closed."""
    rows = session.execute(_VISITS, {"token": digest(token)}).all()
    if not rows:
        return None
    one = rows[0]
    gone = one.ended_at is not None or now - one.seen_at > IDLE or now - one.started_at > ABSOLUTE
    if gone or not one.is_active:
        return None
    grants = tuple(Grant(Role(row.role), row.membership_client_id) for row in rows if row.role is not None)
    return Visit(Person(one.id, one.name, one.email, grants, dict(one.preferences)), one.seen_at)


def touch(session: Session, token: str, now: datetime) -> None:
    """Note that the person is still here; never brings an ended or timed-out sign-in back to life."""
    wanted = (SignIn.token_hash == digest(token), SignIn.ended_at.is_(None), SignIn.seen_at >= now - IDLE)
    session.execute(update(SignIn).where(*wanted).values(seen_at=now))


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the sign-in of this token; ending it twice is no error."""
    wanted = (SignIn.token_hash == digest(token), SignIn.ended_at.is_(None))
    user = session.scalars(select(User).join(SignIn, SignIn.user_id == User.id).where(*wanted)).one_or_none()
    if user is not None:
        session.execute(update(SignIn).where(*wanted).values(ended_at=now))
        note_entrance(session, "sign_out.done", as_person(session, user), now)


def note_entrance(session: Session, act: str, person: Person | None, now: datetime, **said: str) -> None:
    """Say in the audit log who came, went or was not let in; of somebody unknown not even what they typed.

    It stands in the chain of the one practice the person is for, else in that of the bureau.
    """
    assert isinstance(session, ScopedSession)
    clients = {grant.client_id for grant in person.grants} if person else set()
    chain = (clients.pop() if len(clients) == 1 else None) or BUREAU
    name, number = (person.name, person.id) if person else ("unknown", 0)
    who = Actor(ActorKind.PERSON, name, number, "entrance")
    row_id = person.id if person else ""
    session.trail.add(Note(chain, act, "person", row_id, after=dict(said) or None, actor=who, at=now))


def end_sign_ins(session: Session, user_id: int, now: datetime, *, but: str = "") -> None:
    """End all sign-ins of a person at once, but the one of this token."""
    wanted = (SignIn.user_id == user_id, SignIn.ended_at.is_(None), SignIn.token_hash != digest(but))
    session.execute(update(SignIn).where(*wanted).values(ended_at=now))


def find_open_sign_ins(session: Session, user_id: int, now: datetime) -> Sequence[SignIn]:
    """Where a person is signed in at the moment, the latest first."""
    alive = (SignIn.ended_at.is_(None), SignIn.seen_at >= now - IDLE, SignIn.started_at >= now - ABSOLUTE)
    wanted = select(SignIn).where(SignIn.user_id == user_id, *alive).order_by(SignIn.seen_at.desc())
    return session.scalars(wanted).all()


def as_person(session: Session, user: User) -> Person:
    held = select(Membership).where(Membership.user_id == user.id).order_by(Membership.id)
    grants = tuple(Grant(Role(row.role), row.membership_client_id) for row in session.scalars(held))
    return Person(user.id, user.name, user.email, grants, dict(user.preferences))


def make_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """All that the book ever holds of a token."""
    return sha256(token.encode()).hexdigest()
