"""The way in: signing in by password and second factor, and what a person changes of their own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from clients.access import Door, Grant, door_of
from clients.misses import count_try, forget_tries, try_key
from clients.models import Membership, User
from clients.passwords import LONGEST, SHORTEST, find_weakness, hash_password, matches, nobodys_hash
from clients.person_acts import note_act
from clients.scope import Scope, ScopedSession
from clients.second_factor import (
    Challenged,
    SecondFactor,
    Step,
    challenge,
    drop_challenge,
    find_challenge,
    is_right_code,
    renew_recovery_codes,
    turn_off,
    turn_on,
)
from clients.sign_ins import SignedIn, as_person, end_sign_ins, note_entrance, open_sign_in
from config.problems import Problem

WRONG_PASSWORD = "This is not your password."  # noqa: S105


@dataclass(frozen=True, slots=True)
class SetUpDone:
    """A second factor was set up on the way in: the codes are shown once, and the person is signed in."""

    recovery_codes: Sequence[str]
    signed_in: SignedIn


def sign_in(
    engine: Engine, email: str, password: str, now: datetime, *, factor: SecondFactor, device: str = ""
) -> SignedIn | Challenged | Problem:
    """Check the password at `now` (UTC): signed in, asked for the second factor, or what is wrong.

    An unknown address, an inactive account and a wrong password take the same time and give the same answer.
    No transaction is open while the password is hashed, so that a slow door holds up nobody's work.
    """
    email = normal_email(email)
    if wait := _count_try(engine, email, now):
        return wait
    user = _find_user(engine, email)
    stored = user.password_hash if user is not None and user.is_active else nobodys_hash()
    right = matches(stored, password)
    if user is None or not user.is_active or not right:
        _note_refusal(engine, user, now)
        return Problem("sign-in", "sign_in.wrong", "E-mail and password do not match. Check both and try again.")
    with _writing(engine) as session, session.begin():
        forget_tries(session, try_key("password", email))
        return go_in(session, user, now, factor, device=device)


def go_in(session: Session, user: User, now: datetime, factor: SecondFactor, *, device: str) -> SignedIn | Challenged:
    """What follows a right password: the sign-in, or the question for a second factor."""
    if user.totp_secret:
        return challenge(session, user, Step.CODE, now, factor)
    if needs_second_factor(as_person(session, user).grants, factor):
        return challenge(session, user, Step.SET_UP, now, factor)
    return open_sign_in(session, user, now, device)


def needs_second_factor(grants: Sequence[Grant], factor: SecondFactor) -> bool:
    """Staff and testers do where the installation says so; a practice's people choose."""
    return factor.staff_need_it and any(door_of(grant.role) is not Door.FRONT for grant in grants)


def confirm_code(
    engine: Engine, token: str, code: str, now: datetime, *, factor: SecondFactor, device: str = ""
) -> SignedIn | Problem:
    """The second step of a sign-in: a code of the device, or one of the recovery codes."""
    with _writing(engine) as session, session.begin():
        found = find_challenge(session, token, now)
        if found is None or found[0].step != Step.CODE:
            return _start_again()
        user = found[1]
        if wait := count_try(session, try_key("code", str(user.id)), now):
            return wait
        if not is_right_code(session, user, code, now, factor):
            note_entrance(session, "sign_in.failed", as_person(session, user), now, step="code")
            return _wrong_code()
        forget_tries(session, try_key("code", str(user.id)))
        drop_challenge(session, token)
        return open_sign_in(session, user, now, device)


def confirm_set_up(
    engine: Engine, token: str, code: str, now: datetime, *, factor: SecondFactor, device: str = ""
) -> SetUpDone | Problem:
    """The first code of a new device, where one is needed to come in."""
    with _writing(engine) as session, session.begin():
        codes = set_up_second_factor(session, token, code, now, factor)
        if isinstance(codes, Problem):
            return codes
        found = find_challenge(session, token, now)
        assert found is not None
        drop_challenge(session, token)
        return SetUpDone(codes, open_sign_in(session, found[1], now, device))


def set_up_second_factor(
    session: Session, token: str, code: str, now: datetime, factor: SecondFactor
) -> list[str] | Problem:
    """Turn on the second factor that was shown under this token; returns the recovery codes, to be shown once."""
    found = find_challenge(session, token, now)
    if found is None or found[0].step != Step.SET_UP:
        return _start_again()
    asked, user = found
    if wait := count_try(session, try_key("code", str(user.id)), now):
        return wait
    codes = turn_on(session, user, asked.secret, code, now, factor=factor)
    if not codes:
        return _wrong_code()
    forget_tries(session, try_key("code", str(user.id)))
    note_act(session, user.name, "second factor set up", now, user_id=user.id)
    return codes


def change_password(engine: Engine, user_id: int, old: str, new: str, now: datetime, *, token: str) -> Problem | None:
    """Change one's own password; all other sign-ins end, the one of this token stays."""
    user = _check_own_password(engine, user_id, old, now)
    if isinstance(user, Problem):
        return user
    if weak := find_weakness(new, user.email, user.name):
        return weak
    hashed = hash_password(new)
    with _writing(engine) as session, session.begin():
        session.get_one(User, user_id).password_hash = hashed
        end_sign_ins(session, user_id, now, but=token)
        note_act(session, user.name, "own password changed", now, user_id=user_id)
    return None


def drop_own_second_factor(
    engine: Engine, user_id: int, password: str, now: datetime, *, factor: SecondFactor
) -> Problem | None:
    """Turn one's own second factor off; refused where it is needed."""
    user = _check_own_password(engine, user_id, password, now)
    if isinstance(user, Problem):
        return user
    with _writing(engine) as session, session.begin():
        if needs_second_factor(as_person(session, user).grants, factor):
            return Problem("password", "second_factor.needed", "Your role asks for a second factor, so it stays on.")
        turn_off(session, user_id)
        note_act(session, user.name, "own second factor turned off", now, user_id=user_id)
    return None


def renew_own_recovery_codes(engine: Engine, user_id: int, password: str, now: datetime) -> list[str] | Problem:
    user = _check_own_password(engine, user_id, password, now)
    if isinstance(user, Problem):
        return user
    if not user.totp_secret:
        return Problem("password", "second_factor.none", "There is no second factor to have codes for.")
    with _writing(engine) as session, session.begin():
        note_act(session, user.name, "own recovery codes renewed", now, user_id=user_id)
        return renew_recovery_codes(session, user_id)


def create_user(session: ScopedSession, email: str, name: str, password: str, grants: Sequence[Grant]) -> int:
    """Add a person with their roles. Raises ValueError for a password of a wrong length; returns the id."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
    user_id = add_user(session, email, name, hash_password(password))
    for grant in grants:
        add_membership(session, user_id, grant)
    return user_id


def add_user(session: ScopedSession, email: str, name: str, password_hash: str) -> int:
    (user_id,) = session.take_ids(User.__tablename__, 1)
    user = {"id": user_id, "email": normal_email(email), "name": name, "is_active": True, "preferences": {}}
    session.execute(insert(User), [user | {"password_hash": password_hash}])
    return user_id


def add_membership(
    session: ScopedSession, user_id: int, grant: Grant, *, by: str = "", at: datetime | None = None
) -> None:
    (row_id,) = session.take_ids(Membership.__tablename__, 1)
    row = {"id": row_id, "user_id": user_id, "membership_client_id": grant.client_id, "role": grant.role}
    session.execute(insert(Membership), [row | {"granted_at": at, "granted_by": by}])


def set_preference(session: Session, user_id: int, name: str, value: object) -> None:
    """Remember one choice of this person, as JSON can say it: how the screens look, what they are told."""
    user = session.get(User, user_id)
    if user is not None:
        user.preferences = {**user.preferences, name: value}


def normal_email(email: str) -> str:
    return email.strip().casefold()


def _check_own_password(engine: Engine, user_id: int, password: str, now: datetime) -> User | Problem:
    """The person, once they have proved again who they are; wrong tries count as at the door."""
    with ScopedSession(engine, scope=Scope.of(), read_only=True) as session:
        user = session.get_one(User, user_id)
    if wait := _count_try(engine, user.email, now):
        return Problem("password", wait.code, wait.text)
    if not matches(user.password_hash, password):
        return Problem("password", "password.wrong", WRONG_PASSWORD)
    with _writing(engine) as session, session.begin():
        forget_tries(session, try_key("password", user.email))
    return user


def _count_try(engine: Engine, email: str, now: datetime) -> Problem | None:
    with _writing(engine) as session, session.begin():
        return count_try(session, try_key("password", email), now)


def _note_refusal(engine: Engine, user: User | None, now: datetime) -> None:
    with _writing(engine) as session, session.begin():
        note_entrance(session, "sign_in.failed", as_person(session, user) if user else None, now)


def _find_user(engine: Engine, email: str) -> User | None:
    with ScopedSession(engine, scope=Scope.of(), read_only=True) as session:
        return session.scalars(select(User).where(User.email == email)).one_or_none()


def _writing(engine: Engine) -> ScopedSession:
    """People belong to no client: a session that reaches no client's row."""
    return ScopedSession(engine, scope=Scope.of())


def _start_again() -> Problem:
    return Problem("sign-in", "sign_in.expired", "That took too long, or was done already. Start again.")


def _wrong_code() -> Problem:
    text = "This code does not open. Wait for the next one on your device and type that."
    return Problem("code", "sign_in.code", text)
