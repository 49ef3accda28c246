"""Accounts without a door: passwords, guessing, tokens and time-outs, on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from clients import accounts, misses
from clients.access import Grant, Role
from clients.accounts import change_password, create_user, sign_in
from clients.misses import FORGOTTEN, FREE_TRIES, LONGEST_WAIT, count_try, forget_tries, try_key
from clients.models import Miss, SignIn
from clients.passwords import find_weakness
from clients.scope import Scope, ScopedSession
from clients.sign_ins import (
    ABSOLUTE,
    IDLE,
    SignedIn,
    end_sign_ins,
    find_open_sign_ins,
    find_visit,
    sign_out,
    touch,
)
from config.problems import Problem
from tests.clients.people import FACTOR, NOW, PASSWORD, acts, book, email, enter, user_of

NEW = "a brand new morning"


def test_a_right_password_opens_a_sign_in_and_signing_out_ends_it(engine):
    signed = sign_in(engine, "  Admin@Example.TEST ", PASSWORD, NOW, factor=FACTOR)
    assert signed.person.grants == (Grant(Role.ADMIN, None),)
    with book(engine) as session:
        assert find_visit(session, signed.token, NOW).person.name == "Admin"
        sign_out(session, signed.token, NOW)
        sign_out(session, signed.token, NOW)
        assert find_visit(session, signed.token, NOW) is None


def test_a_sign_in_times_out_idle_and_absolutely(engine):
    signed = enter(engine)
    with book(engine) as session:
        assert find_visit(session, signed.token, NOW + IDLE) is not None
        assert find_visit(session, signed.token, NOW + IDLE + timedelta(seconds=1)) is None
        now = NOW
        while now < NOW + ABSOLUTE:
            touch(session, signed.token, now)
            now += IDLE
        assert find_visit(session, signed.token, NOW + ABSOLUTE) is not None
        assert find_visit(session, signed.token, NOW + ABSOLUTE + timedelta(seconds=1)) is None


def test_a_touch_does_not_wake_a_timed_out_sign_in(engine):
    signed = enter(engine)
    late = NOW + IDLE + timedelta(seconds=1)
    with book(engine) as session:
        touch(session, signed.token, late)
        assert find_visit(session, signed.token, late) is None


def test_unknown_address_costs_a_hash_and_a_counted_try_too(engine, monkeypatch):
    asked = []
    real = accounts.matches
    monkeypatch.setattr(accounts, "matches", lambda stored, password: asked.append(stored) or real(stored, password))
    outcomes = [enter(engine, who, "wrong") for who in ("viewer", "stranger")]
    assert outcomes[0] == outcomes[1]
    assert len(asked) == 2
    assert all(stored.startswith("$argon2id$") for stored in asked)
    with book(engine) as session:
        kept = session.scalars(select(Miss.key)).all()
    assert len(kept) == 2
    assert not any("example" in key for key in kept)


def test_an_account_that_was_closed_stays_out(engine):
    signed = enter(engine)
    with book(engine) as session:
        user_of(session, "viewer").is_active = False
    with book(engine) as session:
        assert find_visit(session, signed.token, NOW) is None
    assert enter(engine) == enter(engine, "stranger")


def test_only_a_hash_of_the_token_is_kept(engine):
    signed = enter(engine)
    with book(engine) as session:
        kept = session.scalars(select(SignIn.token_hash)).all()
    assert signed.token not in kept
    assert all(len(digest) == 64 for digest in kept)


def test_the_others_can_be_ended_and_ones_own_stays(engine):
    here, there, colleague = enter(engine), enter(engine), enter(engine, "owner")
    with book(engine) as session:
        mine = here.person.id
        assert [one.device for one in find_open_sign_ins(session, mine, NOW)] == ["Firefox on Linux"] * 2
        end_sign_ins(session, mine, NOW, but=here.token)
        assert len(find_open_sign_ins(session, mine, NOW)) == 1
        assert find_visit(session, here.token, NOW)
        assert not find_visit(session, there.token, NOW)
        assert find_visit(session, colleague.token, NOW)


# -- guessing -------------------------------------------------------------------------------------------------


def try_once(engine, key: str, now=NOW) -> Problem | None:
    with book(engine) as session:
        return count_try(session, key, now)


def test_guessing_is_slowed_down_for_that_address_only(engine):
    for _ in range(FREE_TRIES):
        assert try_once(engine, "a") is None
    assert try_once(engine, "a").code == "sign_in.wait"
    assert try_once(engine, "b") is None
    late = NOW + timedelta(seconds=30)
    assert try_once(engine, "a", late) is None, "the first wait is thirty seconds"
    assert try_once(engine, "a", late + timedelta(seconds=59)), "and then it doubles"
    now = late
    for _ in range(12):
        now += LONGEST_WAIT
        assert try_once(engine, "a", now) is None
    assert "Wait 15 minutes" in try_once(engine, "a", now).text
    with book(engine) as session:
        forget_tries(session, "a")
    assert try_once(engine, "a", now) is None


def test_what_is_long_past_is_forgotten_and_cleared_away(engine):
    for _ in range(FREE_TRIES):
        try_once(engine, "a")
    try_once(engine, "b")
    later = NOW + FORGOTTEN + timedelta(seconds=1)
    assert try_once(engine, "a", later) is None
    with book(engine) as session:
        assert session.scalars(select(Miss.key)).all() == ["a"]
        assert session.get(Miss, "a").tries == 1


def test_a_right_password_forgets_the_wrong_ones(engine):
    for _ in range(3):
        for _ in range(FREE_TRIES - 1):
            assert enter(engine, password="wrong").code == "sign_in.wrong"
        assert isinstance(enter(engine), SignedIn)


def test_too_many_wrong_passwords_keep_even_the_right_one_waiting(engine):
    for _ in range(FREE_TRIES):
        enter(engine, password="wrong")
    assert enter(engine).code == "sign_in.wait"
    assert isinstance(enter(engine, now=NOW + timedelta(seconds=30)), SignedIn)


def test_tries_are_counted_once_whichever_process_takes_them(any_engine):
    """Twenty at once from eight sides: five are looked at, and no more."""
    key = try_key("password", "all@example.test")
    with ThreadPoolExecutor(8) as rush:
        waits = list(rush.map(lambda _: try_once(any_engine, key), range(20)))
    assert sum(wait is None for wait in waits) == misses.FREE_TRIES


def test_rows_that_are_cleared_away_by_many_at_once_do_not_lock_each_other(any_engine):
    keys = [try_key("password", str(number)) for number in range(8)]
    for key in keys:
        try_once(any_engine, key)
    later = NOW + FORGOTTEN + timedelta(seconds=1)
    with ThreadPoolExecutor(8) as rush:
        assert list(rush.map(lambda key: try_once(any_engine, key, later), keys * 4)) == [None] * 32


# -- passwords ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short"),
        ("elevenchars", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaa", "common"),
        ("ababababababab", "common"),
        ("123456789012", "common"),
        ("098765432109", "common"),
        ("qwertyuiopas", "common"),
        ("password1234", "common"),
        ("P@ssw0rd!2026", "common"),
        ("passwordpassword", "common"),
        ("Administrator1", "common"),
        ("welcomeback99", "common"),
        ("dana.reyes@example.test", "own"),
        ("dana.reyes12", "own"),
        ("Dana Reyes 2026", "own"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password, code):
    found = find_weakness(password, "dana.reyes@example.test", "Dana Reyes")
    assert found.code == f"password.{code}"
    assert password not in found.text


@pytest.mark.parametrize(
    "password", [PASSWORD, NEW, "northline-demo", "ünder zwölf Bäumen", "8-harbour-lamps", "x7!kQ2p#Lm9v"]
)
def test_a_good_password_is_left_in_peace(password):
    assert find_weakness(password, "dana.reyes@example.test", "Dana Reyes") is None


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_an_account_has_no_password_of_a_wrong_length(engine, password):
    with (
        ScopedSession(engine, scope=Scope.of()) as session,
        pytest.raises(ValueError, match="characters"),
    ):
        create_user(session, "new@example.test", "New", password, [])


def test_changing_ones_password_ends_the_other_sign_ins(engine):
    here, there = enter(engine), enter(engine)
    who = here.person.id
    assert change_password(engine, who, "wrong", NEW, NOW, token=here.token).code == "password.wrong"
    assert change_password(engine, who, PASSWORD, "short", NOW, token=here.token).code == "password.short"
    assert change_password(engine, who, PASSWORD, NEW, NOW, token=here.token) is None
    with book(engine) as session:
        assert find_visit(session, here.token, NOW)
        assert not find_visit(session, there.token, NOW)
    assert isinstance(enter(engine), Problem)
    assert isinstance(enter(engine, password=NEW), SignedIn)
    assert acts(engine) == [("Viewer", "own password changed", "", "")]


def test_guessing_the_old_password_from_inside_is_slowed_down_too(engine):
    here = enter(engine)
    codes = [
        change_password(engine, here.person.id, "wrong", NEW, NOW, token=here.token).code for _ in range(FREE_TRIES + 1)
    ]
    assert codes == ["password.wrong"] * FREE_TRIES + ["sign_in.wait"]


def test_no_transaction_is_open_while_a_password_is_hashed(any_engine, monkeypatch):
    """Else a slow door would hold up everybody who writes."""
    open_ones = []
    real = accounts.matches
    monkeypatch.setattr(
        accounts, "matches", lambda *both: open_ones.append(any_engine.pool.checkedout()) or real(*both)
    )
    enter(any_engine)
    assert open_ones == [0]
    with book(any_engine) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1
        assert session.get(Miss, try_key("password", email("viewer"))) is None
