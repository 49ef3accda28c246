"""The gate: each check by itself, in numbers, with whose turn it is; green only when all of them are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clients.readiness import CheckState, Facts, Finding, PayerFact, Rehearsed, Turn, done_checks, find_gaps
from clients.stages import GATE, Check

C = Check
READY = PayerFact("Evergreen", 80, "LIVE", "PENDING_FIRST_ERA")
WAITING = PayerFact("Stonebridge", 20, "SUBMITTED", "DRAFT", "payer")
GREEN = Facts(
    has_service=True, has_business_associate=True, has_tier=True, practice_problems=(), clinicians=2,
    valid_clinicians=1, clinician_problem="", payers=(READY, WAITING), prices=10, has_mapping=True,
    test=Rehearsed(24, 20, 100, 95, is_known_form=False), clauses=3, fee_terms=1,
)  # fmt: skip


def find(check: Check, **changes) -> Finding:
    return next(one for one in find_gaps(replace(GREEN, **changes)) if one.check is check)


def test_a_client_with_everything_is_green():
    assert done_checks(find_gaps(GREEN)) == GATE
    assert all(one.turn is Turn.NONE for one in find_gaps(GREEN))


@pytest.mark.parametrize(
    ("check", "changes", "turn", "said"),
    [
        (C.SERVICE_AGREEMENT, {"has_service": False}, Turn.CLIENT, "No service agreement"),
        (C.BUSINESS_ASSOCIATE, {"has_business_associate": False}, Turn.CLIENT, "no patient data"),
        (C.TIER, {"has_tier": False}, Turn.BUREAU, "No tier"),
        (C.BILLING_PROVIDER, {"practice_problems": ("Bad NPI.",)}, Turn.BUREAU, "Bad NPI."),
        (C.RENDERING_PROVIDER, {"clinicians": 0, "valid_clinicians": 0}, Turn.CLIENT, "Nobody is named"),
        (C.RENDERING_PROVIDER, {"valid_clinicians": 0, "clinician_problem": "Reed: NPI"}, Turn.CLIENT, "Reed: NPI"),
        (C.PAYERS, {"payers": ()}, Turn.CLIENT, "Nobody has said"),
        (C.PAYERS, {"payers": (WAITING, replace(READY, claims=79))}, Turn.PAYER, "79%"),
        (C.PAYERS, {"payers": (replace(READY, pays="DRAFT"),)}, Turn.BUREAU, "Not yet: Evergreen"),
        (C.CHARGE_MASTER, {"prices": 0}, Turn.CLIENT, "No price"),
        (C.CHARGE_MASTER, {"test": Rehearsed(24, 20, 100, 94, is_known_form=False)}, Turn.CLIENT, "94%"),
        (C.MAPPING, {"has_mapping": False}, Turn.CLIENT, "columns"),
        (C.TEST_CLAIMS, {"test": Rehearsed(24, 14, 9, 9, is_known_form=True)}, Turn.BUREAU, "14 of 20"),
        (C.TEST_CLAIMS, {"test": Rehearsed(8, 8, 9, 9, is_known_form=True)}, Turn.CLIENT, "8 of 20"),
        (C.TEST_CLAIMS, {"test": None}, Turn.CLIENT, "0 of 20"),
        (C.PROMISES, {"clauses": 0}, Turn.BUREAU, "No service level"),
        (C.FEES, {"fee_terms": 0}, Turn.BUREAU, "No fee"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_numbers_with_whose_turn_it_is(check, changes, turn, said):
    found = find(check, **changes)
    assert found.state is CheckState.OPEN
    assert found.turn is turn
    assert said in found.text


def test_exactly_the_least_is_enough():
    assert find(C.PAYERS, payers=(READY, WAITING)).is_done  # 80 of 100
    assert find(C.CHARGE_MASTER, test=Rehearsed(20, 20, 20, 19, is_known_form=False)).is_done
    assert find(C.TEST_CLAIMS, test=Rehearsed(20, 20, 20, 20, is_known_form=False)).is_done


def test_a_check_waits_for_those_before_it_and_says_which():
    found = find(C.TEST_CLAIMS, has_business_associate=False, test=None)
    assert found.state is CheckState.BLOCKED
    assert "First: Business associate agreement" in found.text


def test_files_in_a_form_we_know_need_no_mapping():
    assert find(C.MAPPING, has_mapping=False, test=Rehearsed(1, 0, 1, 0, is_known_form=True)).is_done


def test_each_check_is_found_once():
    assert sorted(one.check for one in find_gaps(GREEN)) == sorted(Check)
