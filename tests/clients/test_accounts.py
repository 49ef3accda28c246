"""Accounts without a door: passwords, guessing, tokens and time-outs, on a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from clients import accounts
from clients.access import Grant, Role
from clients.accounts import (
    ABSOLUTE,
    FREE_TRIES,
    IDLE,
    LONGEST_WAIT,
    SignedIn,
    Throttle,
    create_user,
    find_visit,
    sign_in,
    sign_out,
    touch,
)
from clients.models import SignIn, User
from clients.scope import Scope, ScopedSession
from config.database import build_engine, create_tables

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
VIEWER = "viewer@example.test"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """The real Argon2 at its least cost."""
    monkeypatch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts._nobody.cache_clear()
    yield
    accounts._nobody.cache_clear()


@pytest.fixture
def engine():
    engine = build_engine("sqlite://", durable=False)
    create_tables(engine)
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        create_user(session, VIEWER, "Viewer", PASSWORD, [Grant(Role.ADMIN, None)])
    yield engine
    engine.dispose()


def enter(engine, address=VIEWER, password=PASSWORD, now=NOW):
    return sign_in(engine, address, password, now, throttle=Throttle())


def test_a_right_password_opens_a_sign_in_and_signing_out_ends_it(engine):
    signed = enter(engine, "  Viewer@Example.TEST ")
    assert signed.person.grants == (Grant(Role.ADMIN, None),)
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        assert find_visit(session, signed.token, NOW).person.name == "Viewer"
        sign_out(session, signed.token, NOW)
        sign_out(session, signed.token, NOW)
        assert find_visit(session, signed.token, NOW) is None


def test_a_sign_in_times_out_idle_and_absolutely(engine):
    signed = enter(engine)
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        assert find_visit(session, signed.token, NOW + IDLE) is not None
        assert find_visit(session, signed.token, NOW + IDLE + timedelta(seconds=1)) is None
        now = NOW
        while now < NOW + ABSOLUTE:
            touch(session, signed.token, now)
            now += IDLE
        assert find_visit(session, signed.token, NOW + ABSOLUTE) is not None
        assert find_visit(session, signed.token, NOW + ABSOLUTE + timedelta(seconds=1)) is None


def test_unknown_address_costs_a_hash_too(engine, monkeypatch):
    asked = []
    real = accounts._matches
    monkeypatch.setattr(accounts, "_matches", lambda stored, password: asked.append(stored) or real(stored, password))
    for address in (VIEWER, "stranger@example.test"):
        sign_in(engine, address, "wrong", NOW, throttle=Throttle())
    assert len(asked) == 2
    assert all(stored.startswith("$argon2id$") for stored in asked)


def test_an_account_that_was_closed_stays_out(engine):
    address = "gone@example.test"
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        create_user(session, address, "Gone", PASSWORD, [Grant(Role.ADMIN, None)])
    signed = sign_in(engine, address, PASSWORD, NOW, throttle=Throttle())
    assert isinstance(signed, SignedIn)
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        session.scalars(select(User).where(User.email == address)).one().is_active = False
    with ScopedSession(engine, scope=Scope.of(), read_only=True) as session:
        assert find_visit(session, signed.token, NOW) is None
    assert not isinstance(sign_in(engine, address, PASSWORD, NOW, throttle=Throttle()), SignedIn)


def test_only_a_hash_of_the_token_is_kept(engine):
    signed = sign_in(engine, VIEWER, PASSWORD, NOW, throttle=Throttle())
    with ScopedSession(engine, scope=Scope.of(), read_only=True) as session:
        kept = session.scalars(select(SignIn.token_hash)).all()
    assert signed.token not in kept
    assert all(len(digest) == 64 for digest in kept)


def test_guessing_is_slowed_down_for_that_address_only():
    throttle = Throttle()
    for _ in range(FREE_TRIES):
        assert not throttle.wait("a", NOW)
        throttle.missed("a", NOW)
    assert throttle.wait("a", NOW) == timedelta(seconds=30)
    assert not throttle.wait("b", NOW)
    assert not throttle.wait("a", NOW + timedelta(seconds=30))
    for _ in range(20):
        throttle.missed("a", NOW)
    assert throttle.wait("a", NOW) == LONGEST_WAIT
    throttle.forget("a")
    assert not throttle.wait("a", NOW)


def test_memory_of_wrong_tries_is_bounded():
    throttle = Throttle(keep=3)
    for name in "abcdef":
        throttle.missed(name, NOW)
    assert len(throttle._misses) == 3


def test_a_touch_does_not_wake_a_timed_out_sign_in(engine):
    signed = sign_in(engine, VIEWER, PASSWORD, NOW, throttle=Throttle())
    late = NOW + IDLE + timedelta(seconds=1)
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        touch(session, signed.token, late)
        assert find_visit(session, signed.token, late) is None


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_has_a_length(engine, password):
    with (
        ScopedSession(engine, scope=Scope.of()) as session,
        pytest.raises(ValueError, match="characters"),
    ):
        create_user(session, "new@example.test", "New", password, [])
