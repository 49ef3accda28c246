"""The scrubber: one clean claim, and for each edit the smallest change that only this edit may find."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bureau.rules import scrub
from bureau.rules.scrub import EDITS, Facts, find_hits
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ServiceLine
from config.identifiers import make_test_ein, make_test_mbi, make_test_npi
from config.problems import Severity

TODAY = date(2026, 3, 18)
SERVED = date(2026, 3, 2)
FACTS = Facts(
    today=TODAY, enrolled=True, file_by=TODAY + timedelta(days=100), is_repeat=False, payer_kind="commercial",
    test_ids=True,
)  # fmt: skip


def clean_claim() -> Claim:
    billing = Party(
        "HARBOR MEDICINE", id_kind="XX", id=make_test_npi(1), tax_id=make_test_ein(1), street="1 Main Street",
        city="Salem", state="MA", zip="019700001", taxonomy="207Q00000X",
    )  # fmt: skip
    person = Party(
        "Doe", "Jamie", is_person=True, id_kind="MI", id="M0001", street="4 Oak Road", city="Salem", state="MA",
        zip="01970", birth=date(1980, 5, 17), sex="F",
    )  # fmt: skip
    lines = [
        ServiceLine(number, code, cents, Decimal(1), SERVED, pointers=(1,), control=f"L{number}")
        for number, code, cents in ((1, "XV113", 15_000), (2, "XV101", 9_000))
    ]
    return Claim(
        "", 24_000, "11", "1", billing, person, Party("NORTHLAKE", id_kind="PI", id="SIM10"), filing_code="CI",
        diagnoses=("J029", "I10"), lines=lines,
        rendering=Party("Reed", "Alex", is_person=True, id_kind="XX", id=make_test_npi(11)),
    )  # fmt: skip


def put(path: str, value: object):
    """A change of one field: "subscriber.id", "lines.0.units"."""

    def change(claim: Claim) -> None:
        *way, name = path.split(".")
        at: object = claim
        for step in way:
            at = at[int(step)] if step.isdecimal() else getattr(at, step)
        setattr(at, name, value)

    return change


def born_in_1850(claim: Claim) -> None:
    claim.subscriber.birth = date(1850, 1, 1)


def dependent_without(name: str):
    """The patient is a dependent, and it is the dependent's own data that count."""

    def change(claim: Claim) -> None:
        claim.relationship, claim.patient = "19", deepcopy(claim.subscriber)
        setattr(claim.patient, name, "" if name != "birth" else None)

    return change


def fifty_one_lines(claim: Claim) -> None:
    claim.lines = [replace(claim.lines[0], number=number, charge_cents=100) for number in range(1, 52)]
    claim.charge_cents = 5_100


def no_charge(claim: Claim) -> None:
    claim.charge_cents = 0
    for line in claim.lines:
        line.charge_cents = 0


def credit_line(claim: Claim) -> None:
    claim.lines[1].charge_cents, claim.charge_cents = -9_000, 6_000


# Edit, what is done to the clean claim, facts that differ.
CASES: list[tuple[str, object, dict]] = [
    ("billing.npi", put("billing.id", "1234567890"), {}),
    ("billing.npi", put("billing.id", ""), {}),
    ("billing.tax_id", put("billing.tax_id", "12345678"), {}),
    ("billing.address", put("billing.zip", "01970"), {}),
    ("billing.address", put("billing.street", "P.O. Box 12"), {}),
    ("billing.address", put("billing.street", ""), {}),
    ("rendering.npi", put("rendering", None), {}),
    ("rendering.npi", put("rendering.id", "1234567890"), {}),
    ("member_id.missing", put("subscriber.id", ""), {}),
    ("member_id.form", put("subscriber.id", "M"), {}),
    ("member_id.form", put("subscriber.id", "M" * 81), {}),
    ("member_id.form", put("subscriber.id", "M0001"), {"payer_kind": "medicare"}),
    ("patient.name", put("subscriber.first", ""), {}),
    ("patient.name", put("subscriber.name", ""), {}),
    ("patient.name", dependent_without("first"), {}),
    ("patient.birth", put("subscriber.birth", None), {}),
    ("patient.birth", dependent_without("birth"), {}),
    ("patient.birth_order", put("subscriber.birth", date(2026, 3, 3)), {}),
    ("patient.birth_order", born_in_1850, {}),
    ("patient.sex", put("subscriber.sex", "X"), {}),
    ("patient.sex", dependent_without("sex"), {}),
    ("patient.address", put("subscriber.street", ""), {}),
    ("patient.address", put("subscriber.state", "Massachusetts"), {}),
    ("patient.zip", put("subscriber.zip", "0197"), {}),
    ("patient.zip", put("subscriber.zip", "ABCDE"), {}),
    ("relationship", put("relationship", "99"), {}),
    ("lines.present", fifty_one_lines, {}),
    ("diagnosis.count", put("diagnoses", ("J029", "I10", "I10")), {}),
    ("diagnosis.valid", put("diagnoses", ("J029", "I99999")), {}),
    ("diagnosis.valid", put("diagnoses", ("J029", "J02")), {}),
    ("pointers", put("lines.1.pointers", (3,)), {}),
    ("pointers", put("lines.1.pointers", ()), {}),
    ("pointers", put("lines.1.pointers", (0,)), {}),
    ("procedure.valid", put("lines.1.code", "XV999"), {}),
    ("procedure.valid", put("lines.1.code", ""), {}),
    ("modifiers", put("lines.1.modifiers", ("25", "25")), {}),
    ("modifiers", put("lines.1.modifiers", ("2",)), {}),
    ("modifiers", put("lines.1.modifiers", ("25", "59", "GT", "LT", "RT")), {}),
    ("units", put("lines.1.units", Decimal(0)), {}),
    ("units", put("lines.1.units", Decimal(-1)), {}),
    ("charges", put("charge_cents", 24_001), {}),
    ("charges", credit_line, {}),
    ("charges.zero", no_charge, {}),
    ("dates", put("lines.1.date_from", TODAY + timedelta(days=1)), {}),
    ("dates", put("lines.1.date_from", None), {}),
    ("dates", put("lines.1.date_to", SERVED - timedelta(days=1)), {}),
    ("timely", None, {"file_by": TODAY - timedelta(days=1)}),
    ("timely.soon", None, {"file_by": TODAY + timedelta(days=13)}),
    ("place", put("place", "00"), {}),
    ("enrollment", None, {"enrolled": False}),
    ("repeat", None, {"is_repeat": True}),
]


def hits_of(change, facts) -> set[str]:
    claim = clean_claim()
    if change is not None:
        change(claim)
    return {hit.edit for hit in find_hits(claim, replace(FACTS, **facts)).hits}


def test_a_clean_claim_has_no_hit():
    assert hits_of(None, {}) == set()
    assert hits_of(put("subscriber.id", make_test_mbi(1)), {"payer_kind": "medicare"}) == set()
    assert hits_of(None, {"file_by": None}) == set()
    assert hits_of(None, {"file_by": TODAY + timedelta(days=14)}) == set()


@pytest.mark.parametrize(("edit", "change", "facts"), CASES, ids=[f"{one[0]}-{n}" for n, one in enumerate(CASES)])
def test_this_change_is_found_by_this_edit_and_by_no_other(edit, change, facts):
    assert hits_of(change, facts) == {edit}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.id)
def test_every_edit_is_needed(edit, monkeypatch):
    """Take an edit out of the list and a claim it stands for passes: no other edit covers for it."""
    case = next(one for one in CASES if one[0] == edit.id)
    monkeypatch.setattr(scrub, "EDITS", tuple(one for one in EDITS if one is not edit))
    assert hits_of(*case[1:]) == set()


def test_a_claim_without_lines_says_so():
    claim = clean_claim()
    claim.lines, claim.charge_cents = [], 0
    assert {"lines.present", "charges.zero"} <= {hit.edit for hit in find_hits(claim, FACTS).hits}


def test_only_the_near_deadline_is_a_warning_and_only_the_client_is_asked_for_what_only_he_knows():
    assert [one.id for one in EDITS if one.severity is Severity.WARNING] == ["timely.soon"]
    asked = {one.id: one.asks for one in EDITS if one.asks}
    assert asked == {
        "member_id.missing": "member_id", "patient.name": "first_name", "patient.birth": "birth_date",
        "patient.sex": "sex", "patient.address": "address",
    }  # fmt: skip
    warned = find_hits(clean_claim(), replace(FACTS, file_by=TODAY + timedelta(days=3)))
    assert warned.errors == []
    assert len(warned.hits) == 1


def test_no_hit_repeats_what_the_patient_told():
    """The texts go into logs and lists: no name, id, date of birth or address of the patient."""
    for _, change, facts in CASES:
        claim = clean_claim()
        if change is not None:
            change(claim)
        for hit in find_hits(claim, replace(FACTS, **facts)).hits:
            assert not any(word in hit.text + hit.fix for word in ("Doe", "Jamie", "M0001", "Oak Road", "1980"))
            assert hit.fix
