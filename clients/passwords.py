"""Passwords: how they are kept, and which ones are refused."""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from config.problems import Problem

SHORTEST = 12
LONGEST = 200
FEWEST_SYMBOLS = 5  # different ones

# What guessers try first, as letters only: figures and signs put around or in place of them help little.
COMMON = frozenset({
    "password", "passwords", "passphrase", "passwort", "letmein", "letmeinnow", "welcome", "welcomeback", "qwertyuiop",
    "iloveyou", "administrator", "admin", "changeme", "changemenow", "trustnoone", "football", "baseball", "superman",
    "sunshine", "princess", "dragon", "monkey", "master", "medical", "billing", "medicalbilling", "healthcare",
    "summer", "winter", "spring", "autumn", "company", "secret", "topsecret", "default", "login", "access",
})  # fmt: skip
RUNS = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")

_HASHER = PasswordHasher()
# One hash takes 64 MB and a core for a third of a second: a rush at the door must not starve the house.
_HASHING = BoundedSemaphore(2)


def find_weakness(password: str, email: str, name: str) -> Problem | None:
    """What speaks against this password for this person; None when nothing does."""
    if len(password) < SHORTEST:
        return _weak("short", f"Use at least {SHORTEST} characters. A few words you can remember do well.")
    if len(password) > LONGEST:
        return _weak("long", f"Keep it within {LONGEST} characters.")
    if _stem(password) in {_stem(one) for one in (email, email.partition("@")[0], name, *name.split())} - {""}:
        return _weak("own", "This is your own name or e-mail, which others know. Choose something else.")
    if _is_common(password):
        return _weak("common", "This is among the first that somebody would guess. Choose something else.")
    return None


def hash_password(password: str) -> str:
    with _HASHING:
        return _HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    with _HASHING:
        try:
            return _HASHER.verify(stored, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False


@lru_cache(maxsize=1)
def nobodys_hash() -> str:
    """The hash of a password nobody has, so that an unknown address costs as much as a known one."""
    return hash_password(secrets.token_urlsafe(32))


def _weak(code: str, text: str) -> Problem:
    return Problem("password", f"password.{code}", text)


def _is_common(password: str) -> bool:
    plain, stem = password.casefold(), _stem(password)
    few = len(set(plain)) < FEWEST_SYMBOLS
    repeated = any(stem and word * (len(stem) // len(word)) == stem for word in COMMON)
    letters_only = re.sub(r"[^a-z]", "", plain)
    return few or repeated or letters_only in COMMON or any(plain in run for run in RUNS)


def _stem(text: str) -> str:
    """Only its letters, with figures and signs that stand for letters read as such, those at the ends dropped."""
    inner = re.sub(r"^[^a-z]+|[^a-z]+$", "", text.casefold())
    return re.sub(r"[^a-z]", "", inner.translate(_LOOKALIKES))
