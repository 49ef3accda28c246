"""Repairs of form: each field by its rule, nothing of what was done or charged, and twice is once."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.x12.claim837 import read_837, write_837
from bureau.x12.edits.catalog import Judge
from bureau.x12.edits.edit import Context
from bureau.x12.repairs import Repair, repair
from bureau.x12.samples import MOMENT, make_claim, make_claim_sets, make_envelope, make_provider
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, Drug, OtherPayer
from tests.bureau.x12.whole837 import whole_claim
from tests.support.effort import tries


def plain_claim() -> Claim:
    return make_claim(Random(5), 1, make_provider(1))


def full_claim() -> Claim:
    claim = plain_claim()
    claim.patient, claim.relationship = replace(claim.subscriber, id="", id_kind=""), "19"
    claim.other_payers = (OtherPayer(Party("FIRST", id="ONE"), Party("DOE", id="M1"), "P"),)
    claim.lines[0].drug = Drug("00002143380", Decimal(1), "UN")
    claim.lines[0].providers = (("DK", Party("ROE", id_kind="XX", id="9999000018")),)
    claim.lines[0].modifiers = ("GA",)
    return claim


def at(claim: Claim, path: str) -> tuple[Any, str]:
    """The value that holds the field of a path, numbers counting from 1, and the field's name."""
    *steps, name = path.split(".")
    value: Any = claim
    for step in steps:
        if step == "DK":
            value = value.providers[0][1]
        else:
            value = value[int(step) - 1] if step.isdecimal() else getattr(value, step)
    return value, name


@pytest.mark.parametrize(
    ("path", "given", "mended", "rule"),
    [
        ("diagnoses", ("e11.9", " I10 "), ("E119", "I10"), "diagnosis_dot"),
        ("lines.1.code", "g0463 ", "G0463", "upper_case"),
        ("lines.1.modifiers", ("ga", " 25"), ("GA", "25"), "upper_case"),
        ("lines.1.place", "2", "02", "leading_zero"),
        ("lines.1.description", " as  told ", "as told", "blanks"),
        ("lines.1.drug.ndc", "0002-1433-80", "00002143380", "drug_code_digits"),
        ("lines.1.drug.ndc", "12345-678-90", "12345067890", "drug_code_digits"),
        ("lines.1.drug.ndc", "12345-6789-0", "12345678900", "drug_code_digits"),
        ("lines.1.DK.id", "9999 000018", "9999000018", "identifier_marks"),
        ("place", "9", "09", "leading_zero"),
        ("relationship", "1", "01", "leading_zero"),
        ("filing_code", "ci", "CI", "upper_case"),
        ("pcn", " T1 ", "T1", "blanks"),
        ("billing.zip", "97301-0002", "973010002", "zip_digits"),
        ("billing.tax_id", "99-0000001", "990000001", "tax_id_digits"),
        ("billing.taxonomy", "207q00000x", "207Q00000X", "upper_case"),
        ("billing.phone", "+1 (555) 010-0000", "5550100000", "phone_digits"),
        ("billing.street", " 1  MAIN ST ", "1 MAIN ST", "blanks"),
        ("subscriber.id", "1s00-aa0 aa00", "1S00AA0AA00", "identifier_marks"),
        ("subscriber.state", "or ", "OR", "upper_case"),
        ("patient.sex", "f", "F", "upper_case"),
        ("payer.id", " P1", "P1", "blanks"),
        ("other_payers.1.subscriber.id", "m 1", "M1", "identifier_marks"),
        ("other_payers.1.relationship", "1", "01", "leading_zero"),
    ],
)
def test_a_field_is_put_right_by_its_rule(path: str, given: object, mended: object, rule: str) -> None:
    claim = full_claim()
    setattr(*at(claim, path), given)
    before = deepcopy(claim)
    repaired, done = repair(claim)
    assert getattr(*at(repaired, path)) == mended
    assert done == (Repair(path, rule),)
    assert claim == before
    setattr(*at(claim, path), mended)
    assert repaired == claim


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("billing.zip", "9730"),
        ("billing.zip", "97301 OREGON"),
        ("billing.tax_id", "99-00001"),
        ("billing.phone", "555 010 CARE"),
        ("billing.phone", "010-0000"),
        ("lines.1.drug.ndc", "0002143380"),
        ("place", "77"),
        ("other_payers.1.payer.id", "O N E"),
    ],
)
def test_what_may_mean_something_else_stays(path: str, text: str) -> None:
    claim = full_claim()
    setattr(*at(claim, path), text)
    assert repair(claim) == (claim, ())


def test_an_address_abroad_keeps_its_own_form() -> None:
    claim = full_claim()
    claim.billing = replace(claim.billing, country="CAN", zip="k1a 0b1", phone="+44 20 5550 1000", state="")
    assert repair(claim) == (claim, ())


def test_an_empty_diagnosis_keeps_its_number() -> None:
    """Pointers count diagnoses: one that is dropped would move the services to others."""
    claim = plain_claim()
    claim.diagnoses = ("E11.9", "", "I10")
    assert repair(claim)[0].diagnoses == ("E119", "", "I10")


def test_a_clean_claim_is_handed_back_itself() -> None:
    for one in make_claim_sets(40):
        for claim in one.claims:
            repaired, done = repair(claim)
            assert repaired is claim
            assert done == ()


def test_a_repaired_claim_passes_the_edits_and_comes_back_as_written() -> None:
    claim = plain_claim()
    messy = replace(
        claim, diagnoses=("e11.9", "i10"), place="11 ",
        billing=replace(claim.billing, zip="97301-0002", tax_id="99-0000001", taxonomy="207q00000x "),
    )  # fmt: skip
    judge = Judge(Context(MOMENT.date()))
    assert {found.edit.id for found in judge.find(messy)} >= {"diagnosis_dot", "diagnosis_form", "place"}
    repaired, _ = repair(messy)
    assert judge.find(repaired) == []
    [one] = make_claim_sets(1)
    [read], problems = read_837(write_837(make_envelope(), [replace(one, claims=[repaired])]))
    assert problems == []
    assert read.claims == [repaired]


WHO = ("billing", "subscriber", "patient", "other_payers.1.subscriber")
WHAT = ("name", "street", "zip", "state", "phone", "id", "tax_id", "taxonomy", "sex")
MESSY = (
    *("pcn", "place", "relationship", "filing_code", "lines.1.code", "lines.1.drug.ndc", "lines.1.place"),
    *(f"{who}.{what}" for who in WHO for what in WHAT),
)
MESS = st.text(alphabet=" \t-.()09aAzZ1xX\u00e9\u00df", max_size=14)


@settings(max_examples=tries(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_twice_is_once_whatever_stands_there(data: st.DataObject) -> None:
    claim = full_claim()
    for path in MESSY:
        setattr(*at(claim, path), data.draw(MESS))
    claim.diagnoses = tuple(data.draw(st.lists(MESS, max_size=4)))
    claim.lines[0].modifiers = tuple(data.draw(st.lists(MESS, max_size=4)))
    once, done = repair(claim)
    again, more = repair(once)
    assert again is once
    assert more == ()
    assert bool(done) == (once != claim)


@pytest.mark.parametrize("claim", [whole_claim(), full_claim()], ids=["whole", "plain"])
def test_what_was_done_found_and_charged_is_never_touched(claim: Claim) -> None:
    claim = deepcopy(claim)
    claim.pcn, claim.place, claim.diagnoses = " a 1", "9", tuple(f"{code.lower()} " for code in claim.diagnoses)
    for line in claim.lines:
        line.code, line.control = f" {line.code.lower()}", f"{line.control}  "
    repaired, done = repair(claim)
    assert {one.field for one in done} >= {"pcn", "place", "diagnoses", "lines.1.code", "lines.1.control"}
    assert (repaired.charge_cents, repaired.extras, repaired.accident) == (
        claim.charge_cents, claim.extras, claim.accident,
    )  # fmt: skip
    assert len(repaired.diagnoses) == len(claim.diagnoses)
    for new, old in zip(repaired.lines, claim.lines, strict=True):
        same = {name: getattr(old, name) for name in ("code", "place", "description", "control", "modifiers")}
        assert replace(new, **same, drug=old.drug, providers=old.providers) == old
