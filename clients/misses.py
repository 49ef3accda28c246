"""Slows down guessing: tries are counted in the book, so that every process knows of all of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from clients.models import Miss
from config.problems import Problem

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = 2 * LONGEST_WAIT  # after so long without a try they count from the beginning


def try_key(kind: str, who: str) -> str:
    """The name tries are counted under; says nothing of the address in it."""
    return f"{kind}:{sha256(who.encode()).hexdigest()}"


def count_try(session: Session, key: str, now: datetime) -> Problem | None:
    """Count one try, before it is looked at; the Problem says how long to wait instead, and is not counted.

    Five are free, then the wait doubles up to a quarter of an hour. A right answer calls `forget_tries`.
    """
    miss = _locked(session, key, now)
    if now - miss.last_at > FORGOTTEN:
        miss.tries = 0
    wait = miss.last_at + _pause(miss.tries) - now
    if miss.tries >= FREE_TRIES and wait > timedelta():
        return _asked_to_wait(wait)
    miss.tries += 1
    miss.last_at = now
    _clear_away(session, now)
    return None


def forget_tries(session: Session, key: str) -> None:
    session.execute(delete(Miss).where(Miss.key == key))


def _locked(session: Session, key: str, now: datetime) -> Miss:
    """The row of this key, made where missing, which no other process changes until this one is done."""
    new_row = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    found = None
    while found is None:  # whoever came in by another way may have forgotten the row in between
        session.execute(new_row(Miss).values(key=key, tries=0, last_at=now).on_conflict_do_nothing())
        found = session.scalars(select(Miss).where(Miss.key == key).with_for_update()).one_or_none()
    return found


def _pause(tries: int) -> timedelta:
    if tries < FREE_TRIES:
        return timedelta()
    return min(FIRST_WAIT * int(2 ** min(tries - FREE_TRIES, 10)), LONGEST_WAIT)


def _clear_away(session: Session, now: datetime) -> None:
    """Drop what is forgotten; a row that another process holds is left to it, or two would wait for each other."""
    old = select(Miss.key).where(Miss.last_at < now - FORGOTTEN).with_for_update(skip_locked=True)
    session.execute(delete(Miss).where(Miss.key.in_(old)).execution_options(synchronize_session=False))


def _asked_to_wait(wait: timedelta) -> Problem:
    minutes = -(-int(wait.total_seconds()) // 60)
    span = f"{minutes} minutes" if minutes > 1 else "a minute"
    return Problem("sign-in", "sign_in.wait", f"Too many tries. Wait {span}, then try again.")
