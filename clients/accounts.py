"""Who is at the door: signing in and out, passwords, and the server-side sign-ins behind the cookie."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from clients.access import Grant, Person, Role
from clients.models import Membership, SignIn, User
from clients.scope import Scope, ScopedSession
from config.problems import Problem

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)  # a busy person costs one write a minute, not one a click
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

_HASHER = PasswordHasher()
# One hash takes 64 MB and a core for a third of a second: a rush at the door must not starve the house.
_HASHING = BoundedSemaphore(2)


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


class Throttle:
    """Slows down guessing: after five wrong passwords for an e-mail the wait doubles, up to a quarter hour.

    Counts live in this process, for known and unknown addresses alike; a right password forgets them.
    """

    def __init__(self, keep: int = 10_000) -> None:
        self._keep = keep
        self._lock = Lock()
        self._misses: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, email: str, now: datetime) -> timedelta:
        """How long this address has to wait before the next try; zero when it need not."""
        with self._lock:
            tries, last = self._misses.get(email, (0, now))
        if tries < FREE_TRIES:
            return timedelta()
        pause: timedelta = min(FIRST_WAIT * 2 ** min(tries - FREE_TRIES, 10), LONGEST_WAIT)
        return max(last + pause - now, timedelta())

    def missed(self, email: str, now: datetime) -> None:
        with self._lock:
            tries, last = self._misses.pop(email, (0, now))
            forgotten = now - last > 2 * LONGEST_WAIT
            self._misses[email] = (1 if forgotten else tries + 1, now)
            while len(self._misses) > self._keep:
                self._misses.popitem(last=False)

    def forget(self, email: str) -> None:
        with self._lock:
            self._misses.pop(email, None)


def sign_in(engine: Engine, email: str, password: str, now: datetime, *, throttle: Throttle) -> SignedIn | Problem:
    """Check the password and open a sign-in, valid from `now` (UTC).

    An unknown address, an inactive account and a wrong password take the same time and give the same answer.
    No transaction is open while the password is hashed, so that a slow door holds up nobody's work.
    """
    email = normal_email(email)
    if wait := throttle.wait(email, now):
        return _asked_to_wait(wait)
    with ScopedSession(engine, scope=Scope.of(), read_only=True) as session:
        user = session.scalars(select(User).where(User.email == email)).one_or_none()
    stored = user.password_hash if user is not None and user.is_active else _nobody()
    right = _matches(stored, password)
    if user is None or not user.is_active or not right:
        throttle.missed(email, now)
        return Problem("sign-in", "sign_in.wrong", "E-mail and password do not match. Check both and try again.")
    throttle.forget(email)
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        return _open_sign_in(session, user, now)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the sign-in of this token; ending it twice is no error."""
    wanted = (SignIn.token_hash == _digest(token), SignIn.ended_at.is_(None))
    session.execute(update(SignIn).where(*wanted).values(ended_at=now))


def find_visit(session: Session, token: str, now: datetime) -> Visit | None:
    """Who holds this token; None when it is unknown, ended, timed out, or the account is closed."""
    wanted = select(SignIn, User).join(User, User.id == SignIn.user_id)
    found = session.execute(wanted.where(SignIn.token_hash == _digest(token))).one_or_none()
    if found is None:
        return None
    entry, user = found
    gone = entry.ended_at is not None or now - entry.seen_at > IDLE or now - entry.started_at > ABSOLUTE
    return None if gone or not user.is_active else Visit(_as_person(session, user), entry.seen_at)


def touch(session: Session, token: str, now: datetime) -> None:
    """Note that the person is still here; never brings an ended or timed-out sign-in back to life."""
    wanted = (SignIn.token_hash == _digest(token), SignIn.ended_at.is_(None), SignIn.seen_at >= now - IDLE)
    session.execute(update(SignIn).where(*wanted).values(seen_at=now))


def create_user(session: ScopedSession, email: str, name: str, password: str, grants: Sequence[Grant]) -> int:
    """Add a person with their roles. Raises ValueError for a password that is too short; returns the id."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    (user_id,) = session.take_ids(User.__tablename__, 1)
    user = {"id": user_id, "email": normal_email(email), "name": name, "is_active": True, "preferences": {}}
    session.execute(insert(User), [user | {"password_hash": hash_password(password)}])
    if grants:
        ids = session.take_ids(Membership.__tablename__, len(grants))
        rows = [
            {"id": row_id, "user_id": user_id, "membership_client_id": grant.client_id, "role": grant.role}
            for row_id, grant in zip(ids, grants, strict=True)
        ]
        session.execute(insert(Membership), rows)
    return user_id


def set_preference(session: Session, user_id: int, name: str, value: str) -> None:
    """Remember one choice of how the screens look for this person."""
    user = session.get(User, user_id)
    if user is not None:
        user.preferences = {**user.preferences, name: value}


def normal_email(email: str) -> str:
    return email.strip().casefold()


def hash_password(password: str) -> str:
    with _HASHING:
        return _HASHER.hash(password)


def _asked_to_wait(wait: timedelta) -> Problem:
    minutes = -(-int(wait.total_seconds()) // 60)
    span = f"{minutes} minutes" if minutes > 1 else "a minute"
    text = f"Too many tries with this e-mail. Wait {span}, then try again."
    return Problem("sign-in", "sign_in.wait", text)


def _matches(stored: str, password: str) -> bool:
    with _HASHING:
        try:
            return _HASHER.verify(stored, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """The hash of a password nobody has, so that an unknown address costs as much as a known one."""
    return hash_password(secrets.token_urlsafe(32))


def _open_sign_in(session: Session, user: User, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=_digest(token), user_id=user.id, started_at=now, seen_at=now, ended_at=None))
    return SignedIn(token, _as_person(session, user))


def _as_person(session: Session, user: User) -> Person:
    held = select(Membership).where(Membership.user_id == user.id).order_by(Membership.id)
    grants = tuple(Grant(Role(row.role), row.membership_client_id) for row in session.scalars(held))
    return Person(user.id, user.name, user.email, grants, dict(user.preferences))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
