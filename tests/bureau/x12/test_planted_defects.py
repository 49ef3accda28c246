"""Thirty defects, each planted alone in a clean file: the check names its segment and element, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest

from bureau.x12.check import check
from bureau.x12.edits import catalog
from bureau.x12.edits.catalog import BY_ID
from config.problems import Problem, Severity
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, PAID, REMIT_HEAD, wrap

CLAIMS = wrap("837", CLAIM_HEAD + CLAIM + CLAIM.replace("A1", "A2").replace("100", "120"))
REMITTANCE = wrap("835", REMIT_HEAD + PAID)


class Defect(NamedTuple):
    """What is put in place of what; what the check must call it, at which segment and element."""

    name: str
    old: str
    new: str
    code: str
    at: str
    element: str
    severity: Severity = Severity.ERROR


WARNING = Severity.WARNING  # what files have that their makers call valid
IN_CLAIMS = [
    Defect("place of service 77", "A1*100***11:B:1", "A1*100***77:B:1", "place", "CLM*A1", "CLM05-1"),
    Defect("separator in a name", "DOE*JANE", "DO:E*JANE", "separator_in_text", "NM1*IL", "NM103"),
    Defect("name outside ASCII", "DOE*JANE", "DO\u00cb*JANE", "bad_character", "NM1*IL", "NM103"),
    Defect("claim number of 39", "CLM*A1*", f"CLM*{'A' * 39}*", "too_long", "CLM*AAA", "CLM01"),
    Defect("parent that is not there", "HL*2*1*22", "HL*2*7*22", "hl_parent", "HL*2", "HL02"),
    Defect("kind of id without the id", "JANE****MI*M1", "JANE****MI", "condition", "NM1*IL", "NM108"),
    Defect("sum of the charges", "CLM*A1*100*", "CLM*A1*101*", "charge_sum", "CLM*A1", "CLM02"),
    Defect("charge in mills", "G0463*100*UN", "G0463*100.001*UN", "bad_amount", "SV1*HC:G0463*100", "SV102"),
    Defect("charge below zero", "G0463*100*UN", "G0463*-100*UN", "charge_negative", "SV1*HC:G0463*-", "SV102"),
    Defect("no kind of payer", "GRP1******CI", "GRP1", "filing_code_missing", "SBR*P", "SBR09"),
    Defect("child that does not come", "HL*2*1*22*0", "HL*2*1*22*1", "hl_child", "HL*2", "HL04"),
    Defect("no unit", "100*UN*1*", "100*UN*0*", "units", "SV1*HC:G0463*100", "SV104"),
    Defect("check digit of the NPI", "9999000018", "9999000019", "billing_npi", "NM1*85", "NM109", WARNING),
    Defect("what is replaced", "A1*100***11:B:1", "A1*100***11:B:7", "original_missing", "CLM*A1", "CLM05-3"),
    Defect("pointer to nothing", "100*UN*1***1", "100*UN*1***2", "bad_pointer", "SV1*HC:G0463*100", "SV107"),
    Defect("ICD-10 called ICD-9", "HI*ABK:E119", "HI*BK:E119", "diagnosis_code_set", "HI*BK", "HI01-1"),
    Defect("diagnosis with its dot", "HI*ABK:E119", "HI*ABK:E11.9", "diagnosis_dot", "HI*ABK:E11.", "HI01-2"),
    Defect("diagnosis twice", "ABK:E119", "ABK:E119*ABF:E119", "diagnosis_repeated", "HI*ABK:E119*", "HI02-2"),
    Defect("short ZIP", "973010002", "97301", "billing_zip", "N4*SALEM*OR*97301", "N403", WARNING),
    Defect("post-office box", "1 MAIN STREET", "PO BOX 12", "billing_po_box", "N3*PO BOX", "N301", WARNING),
    Defect("service in 2099", "D8*20260115", "D8*20990115", "service_in_future", "DTP*472*D8*2099", "DTP03"),
    Defect("born after the service", "D8*19700131", "D8*20260131", "birth_after_service", "DMG*D8", "DMG02"),
    Defect("no relationship", "SBR*P*18*", "SBR*P**", "relationship", "SBR*P", "SBR02"),
    Defect("claim number twice", "CLM*A2*", "CLM*A1*", "claim_duplicate", "CLM*A1*120", "CLM01", WARNING),
    Defect("accident without date", "A1*100***11:B:1*Y*A*Y*Y", "A1*100***11:B:1*Y*A*Y*Y**AA:::OR", "accident_date",
           "CLM*A1", "CLM11"),
    Defect("modifier twice", "G0463*100", "G0463:25:25*100", "modifier_repeated", "SV1*HC:G0463:25", "SV101-3"),
]  # fmt: skip
IN_REMITTANCES = [
    Defect("sum of the payment", "BPR*I*80*", "BPR*I*81*", "payment_balance", "BPR*I", "BPR02"),
    Defect("adjustments one short", "CAS*CO*45*15", "CAS*CO*45*14", "line_balance", "SVC*HC:G0463", "SVC03"),
    Defect("reason that is none", "CAS*CO*45*15", "CAS*CO*ZZZ*15", "reason_form", "CAS*CO", "CAS02"),
    Defect("group that is gone", "CAS*CO*45*15", "CAS*CR*45*15", "bad_code", "CAS*CR", "CAS01"),
]
DEFECTS = [*IN_CLAIMS, *IN_REMITTANCES]


def clean_file(defect: Defect) -> str:
    return CLAIMS if defect in IN_CLAIMS else REMITTANCE


def find(defect: Defect, text: str) -> list[Problem]:
    """What is said of the planted place."""
    report = check(text.encode(), "f")
    found = [*report.errors, *report.warnings]
    return [one for one in found if (one.code, one.element) == (defect.code, defect.element)]


def test_there_are_thirty() -> None:
    assert (len(IN_CLAIMS), len(IN_REMITTANCES)) == (26, 4)


@pytest.mark.parametrize("text", [CLAIMS, REMITTANCE], ids=["837", "835"])
def test_without_a_defect_nothing_is_said(text: str) -> None:
    report = check(text.encode(), "f")
    assert (report.errors, report.warnings) == ([], [])


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_it_is_found_where_it_is(defect: Defect) -> None:
    clean = clean_file(defect)
    assert defect.old in clean
    planted = clean.replace(defect.old, defect.new, 1)
    [problem] = find(defect, planted)
    assert problem.severity is defect.severity
    assert problem.segment is not None
    assert planted.split("~\n")[problem.segment - 1].startswith(defect.at)
    assert problem.loop or defect.code not in BY_ID
    assert not {"DOE", "JANE", "19700131", "A1"}.intersection(problem.text.replace(".", " ").split())


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_nothing_else_is_refused_than_what_was_planted(defect: Defect) -> None:
    """What follows from a defect may be told too, but only of the same claim or payment."""
    planted = clean_file(defect).replace(defect.old, defect.new, 1)
    refused = {problem.code for problem in check(planted.encode(), "f").errors}
    assert refused <= {defect.code, *FOLLOWING.get(defect.name, ())}


FOLLOWING = {
    "charge in mills": {"charge_sum"},
    "charge below zero": {"charge_sum"},
    "kind of id without the id": {"member_id_missing"},
    "parent that is not there": {"hl_child"},
    "adjustments one short": {"claim_balance"},
}


@pytest.mark.parametrize("defect", [one for one in DEFECTS if one.code in BY_ID], ids=lambda defect: defect.name)
def test_without_its_edit_it_would_pass(defect: Defect, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = clean_file(defect).replace(defect.old, defect.new, 1)
    without = [
        replace(group, edits=tuple(edit for edit in group.edits if edit.id != defect.code)) for group in catalog.GROUPS
    ]
    monkeypatch.setattr(catalog, "GROUPS", tuple(without))
    told_by_reader = {"charge_sum", "claim_duplicate"}  # the reader sums up and counts while it reads
    assert bool(find(defect, planted)) == (defect.code in told_by_reader)
