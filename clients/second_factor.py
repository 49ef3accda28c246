"""The second factor: time-based codes (RFC 6238) that work once, and recovery codes for when the device is lost."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Any, cast

import pyotp
from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.orm import Session

from clients.models import Challenge, RecoveryCode, User
from clients.sign_ins import digest, make_token
from config.vault import Vault

STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # steps that a person's clock may be off
RECOVERY_CODES = 10
_SYMBOLS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing to misread
CHALLENGE_LASTS = timedelta(minutes=10)


class Step(StrEnum):
    """What is still to be done before a person is in."""

    CODE = "code"
    SET_UP = "set-up"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What the installation says: the vault of the secrets, who needs one, and what the device shows it under."""

    vault: Vault
    staff_need_it: bool
    issuer: str


@dataclass(frozen=True, slots=True)
class Challenged:
    """Half way in: only the cookie holds the token, and what it stands for is in the book."""

    token: str
    step: Step


@dataclass(frozen=True, slots=True)
class SetUp:
    """A second factor about to be set up: for the camera as an address, for typing as a text."""

    address: str
    secret: str


def challenge(session: Session, user: User, step: Step, now: datetime, factor: SecondFactor) -> Challenged:
    """Ask for the second factor, or to set one up; older questions to the same person are dropped."""
    token = make_token()
    secret = factor.vault.seal(pyotp.random_base32(), _about(user.id)) if step is Step.SET_UP else ""
    session.execute(delete(Challenge).where(Challenge.user_id == user.id))
    session.add(Challenge(token_hash=digest(token), user_id=user.id, step=step, secret=secret, started_at=now))
    return Challenged(token, step)


def find_challenge(session: Session, token: str, now: datetime) -> tuple[Challenge, User] | None:
    """What this token stands for, and whom it was asked; None once it is answered, or after ten minutes."""
    wanted = select(Challenge, User).join(User, User.id == Challenge.user_id)
    alive = (Challenge.started_at >= now - CHALLENGE_LASTS, User.is_active.is_(True))
    found = session.execute(wanted.where(Challenge.token_hash == digest(token), *alive)).one_or_none()
    return (found[0], found[1]) if found else None


def drop_challenge(session: Session, token: str) -> None:
    session.execute(delete(Challenge).where(Challenge.token_hash == digest(token)))


def show_set_up(asked: Challenge, user: User, factor: SecondFactor) -> SetUp:
    secret = factor.vault.unseal(asked.secret, _about(user.id))
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=factor.issuer)
    return SetUp(address, secret)


def is_right_code(session: Session, user: User, code: str, now: datetime, factor: SecondFactor) -> bool:
    """Whether the code, of the device or of the list, opens; either works once, in whichever process it is tried."""
    plain = code.replace(" ", "").casefold()
    if plain.isdecimal():
        secret = factor.vault.unseal(user.totp_secret, _about(user.id))
        return _take_step(session, user.id, _find_step(secret, plain, now))
    return _take_recovery_code(session, user.id, plain, now)


def turn_on(session: Session, user: User, sealed: str, code: str, now: datetime, *, factor: SecondFactor) -> list[str]:
    """Take the sealed secret for the person's own if the code is of it: the recovery codes, or none if it is wrong."""
    step = _find_step(factor.vault.unseal(sealed, _about(user.id)), code.replace(" ", ""), now)
    if not step:
        return []
    session.execute(update(User).where(User.id == user.id).values(totp_secret=sealed, totp_step=step))
    return renew_recovery_codes(session, user.id)


def turn_off(session: Session, user_id: int) -> None:
    session.execute(update(User).where(User.id == user_id).values(totp_secret="", totp_step=0))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def renew_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Ten new codes to be shown once; the old ones no longer work."""
    codes = [_make_recovery_code() for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    rows = [{"code_hash": _code_hash(user_id, code), "user_id": user_id, "used_at": None} for code in codes]
    session.execute(insert(RecoveryCode), rows)
    return codes


def count_recovery_codes(session: Session, user_id: int) -> int:
    """How many are left."""
    left = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*left)) or 0


def _find_step(secret: str, code: str, now: datetime) -> int:
    """The time step whose code this is, the present one or a neighbour; 0 for none."""
    here = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.HOTP(secret)
    steps: Sequence[int] = [here + drift for drift in DRIFT]
    return next((step for step in steps if compare_digest(generator.at(step).encode(), code.encode())), 0)


def _take_step(session: Session, user_id: int, step: int) -> bool:
    """Whether the step had not been used: the database decides between two who come at once."""
    later = update(User).where(User.id == user_id, User.totp_step < step).values(totp_step=step)
    return step > 0 and _changed_one(session, later)


def _take_recovery_code(session: Session, user_id: int, code: str, now: datetime) -> bool:
    mine = (RecoveryCode.code_hash == _code_hash(user_id, code), RecoveryCode.used_at.is_(None))
    return _changed_one(session, update(RecoveryCode).where(*mine).values(used_at=now))


def _changed_one(session: Session, statement: Any) -> bool:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def _make_recovery_code() -> str:
    """Sixteen symbols of a choice of 31: nothing that could be guessed, even from the hash."""
    return "-".join("".join(secrets.choice(_SYMBOLS) for _ in range(4)) for _ in range(4))


def _code_hash(user_id: int, code: str) -> str:
    return digest(f"{user_id}:{code.replace('-', '')}")


def _about(user_id: int) -> str:
    return f"second factor of user {user_id}"
