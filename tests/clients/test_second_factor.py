"""The second factor: set up, asked for, never good twice, and the codes for when the device is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from clients.accounts import (
    SetUpDone,
    confirm_code,
    confirm_set_up,
    drop_own_second_factor,
    renew_own_recovery_codes,
)
from clients.misses import FREE_TRIES
from clients.models import Challenge, RecoveryCode, User
from clients.second_factor import (
    CHALLENGE_LASTS,
    Challenged,
    Step,
    count_recovery_codes,
    find_challenge,
    show_set_up,
)
from clients.sign_ins import SignedIn, find_visit
from config.problems import Problem
from config.vault import SealBroken, Vault
from tests.clients.people import FACTOR, NOW, PASSWORD, STRICT, acts, book, code_at, enter, user_of

LATER = NOW + timedelta(minutes=2)


def set_up(engine, who: str = "admin") -> tuple[str, list[str]]:
    """Somebody of the staff comes in for the first time; their secret and recovery codes."""
    asked = enter(engine, who, factor=STRICT)
    assert asked.step is Step.SET_UP
    with book(engine) as session:
        secret = show_set_up(*find_challenge(session, asked.token, NOW), STRICT).secret
    done = confirm_set_up(engine, asked.token, code_at(secret), NOW, factor=STRICT)
    assert isinstance(done, SetUpDone)
    return secret, list(done.recovery_codes)


def try_code(engine, code: str, now=LATER, who: str = "admin") -> SignedIn | Problem:
    asked = enter(engine, who, now=now, factor=STRICT)
    assert asked.step is Step.CODE
    return confirm_code(engine, asked.token, code, now, factor=STRICT)


def test_staff_set_one_up_where_it_is_asked_for_and_a_practice_chooses(engine):
    assert isinstance(enter(engine, "admin"), SignedIn)
    assert isinstance(enter(engine, "owner", factor=STRICT), SignedIn)
    assert isinstance(enter(engine, "biller", factor=STRICT), Challenged)
    secret, codes = set_up(engine)
    assert len(set(codes)) == 10
    assert isinstance(try_code(engine, code_at(secret, LATER)), SignedIn)
    assert acts(engine) == [("Admin", "second factor set up", "", "")]


def test_half_a_sign_in_opens_nothing(engine):
    asked = enter(engine, "admin", factor=STRICT)
    with book(engine) as session:
        assert find_visit(session, asked.token, NOW) is None
        assert session.scalars(select(Challenge.token_hash)).all() != [asked.token]
    assert confirm_code(engine, asked.token, "123456", NOW, factor=STRICT).code == "sign_in.expired"


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(engine, steps, opens):
    secret, _ = set_up(engine)
    assert isinstance(try_code(engine, code_at(secret, LATER, steps)), SignedIn) == opens


def test_a_code_works_once_even_within_its_half_minute(engine):
    secret, _ = set_up(engine)
    assert isinstance(try_code(engine, code_at(secret, NOW), NOW), Problem), "the one that set it up is used"
    assert isinstance(try_code(engine, code_at(secret, LATER)), SignedIn)
    assert try_code(engine, code_at(secret, LATER)).code == "sign_in.code"
    assert try_code(engine, code_at(secret, LATER, -1)).code == "sign_in.code", "nor does an older one"
    assert isinstance(try_code(engine, code_at(secret, LATER, 1)), SignedIn)


def test_of_many_who_send_the_same_code_at_once_one_comes_in(any_engine):
    secret, codes = set_up(any_engine)
    for code in (code_at(secret, LATER), codes[0]):
        asked = enter(any_engine, "admin", now=LATER, factor=STRICT)

        def send(_, token=asked.token, code=code):
            return confirm_code(any_engine, token, code, LATER, factor=STRICT)

        with ThreadPoolExecutor(5) as rush:
            outcomes = list(rush.map(send, range(5)))
        assert sum(isinstance(one, SignedIn) for one in outcomes) == 1


def test_a_recovery_code_opens_once(engine):
    _, codes = set_up(engine)
    assert isinstance(try_code(engine, codes[0].upper()), SignedIn)
    assert try_code(engine, codes[0]).code == "sign_in.code"
    assert isinstance(try_code(engine, codes[1].replace("-", " ")), SignedIn)
    with book(engine) as session:
        admin = user_of(session, "admin").id
        assert count_recovery_codes(session, admin) == 8
        assert not set(codes) & set(session.scalars(select(RecoveryCode.code_hash)))


def test_a_recovery_code_of_another_opens_nothing(engine):
    _, codes = set_up(engine)
    set_up(engine, "biller")
    assert try_code(engine, codes[0], who="biller").code == "sign_in.code"


def test_guessing_codes_is_slowed_down_across_sign_ins(engine):
    secret, _ = set_up(engine)
    outcomes = [try_code(engine, "000000").code for _ in range(FREE_TRIES + 1)]
    assert outcomes == ["sign_in.code"] * FREE_TRIES + ["sign_in.wait"]
    assert try_code(engine, code_at(secret, LATER)).code == "sign_in.wait"


def test_a_challenge_lasts_ten_minutes_and_is_answered_once(engine):
    secret, _ = set_up(engine)
    asked = enter(engine, "admin", now=LATER, factor=STRICT)
    late = LATER + CHALLENGE_LASTS + timedelta(seconds=1)
    assert confirm_code(engine, asked.token, code_at(secret, late), late, factor=STRICT).code == "sign_in.expired"
    assert isinstance(confirm_code(engine, asked.token, code_at(secret, LATER), LATER, factor=STRICT), SignedIn)
    again = confirm_code(engine, asked.token, code_at(secret, LATER, 1), LATER, factor=STRICT)
    assert again.code == "sign_in.expired"


def test_an_account_closed_between_the_two_steps_stays_out(engine):
    secret, _ = set_up(engine)
    asked = enter(engine, "admin", now=LATER, factor=STRICT)
    with book(engine) as session:
        user_of(session, "admin").is_active = False
    assert isinstance(confirm_code(engine, asked.token, code_at(secret, LATER), LATER, factor=STRICT), Problem)


def test_turning_it_off_and_new_codes_ask_for_the_password(engine):
    _, old = set_up(engine)
    with book(engine) as session:
        admin = user_of(session, "admin").id
    assert renew_own_recovery_codes(engine, admin, "wrong", NOW).code == "password.wrong"
    new = renew_own_recovery_codes(engine, admin, PASSWORD, NOW)
    assert len(new) == 10
    assert not set(new) & set(old)
    assert try_code(engine, old[0]).code == "sign_in.code"
    assert drop_own_second_factor(engine, admin, PASSWORD, NOW, factor=STRICT).code == "second_factor.needed"
    assert drop_own_second_factor(engine, admin, "wrong", NOW, factor=FACTOR).code == "password.wrong"
    assert drop_own_second_factor(engine, admin, PASSWORD, NOW, factor=FACTOR) is None
    assert isinstance(enter(engine, "admin"), SignedIn)
    with book(engine) as session:
        assert count_recovery_codes(session, admin) == 0


def test_the_secret_is_sealed_at_rest_and_bound_to_its_person(engine):
    secret, _ = set_up(engine)
    set_up(engine, "biller")
    with book(engine) as session:
        admin, biller = user_of(session, "admin"), user_of(session, "biller")
        assert secret not in admin.totp_secret
        biller.totp_secret = admin.totp_secret
    with pytest.raises(SealBroken):
        try_code(engine, code_at(secret, LATER), who="biller")


def test_a_vault_opens_only_what_it_sealed_itself():
    vault = Vault("a key for tests only")
    sealed = vault.seal("JBSWY3DP", "user 1")
    assert vault.unseal(sealed, "user 1") == "JBSWY3DP"
    assert sealed != vault.seal("JBSWY3DP", "user 1"), "each time under a nonce of its own"
    for other, about, text in (
        (Vault("another key, also long"), "user 1", sealed),
        (vault, "user 2", sealed),
        (vault, "user 1", sealed[:-4] + "AAA="),
    ):
        with pytest.raises(SealBroken):
            other.unseal(text, about)
    with pytest.raises(ValueError, match="16"):
        Vault("short")


def test_nothing_of_the_second_factor_lies_open_in_the_book(engine):
    secret, codes = set_up(engine)
    with engine.connect() as connection:
        kept = "\n".join(
            str(row) for table in (User, Challenge, RecoveryCode) for row in connection.execute(select(table.__table__))
        )
    assert not [text for text in (secret, *codes, *(code.replace("-", "") for code in codes)) if text in kept]
