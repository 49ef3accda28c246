"""The catalogue of edits: a clean claim, and for each edit the smallest change that this edit finds and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from bureau.rules.codebook import CodeBook
from bureau.x12.check import check
from bureau.x12.claim837 import read_837, write_837
from bureau.x12.edits.catalog import EDITS, Judge
from bureau.x12.edits.edit import Context, Edit, Finding
from bureau.x12.edits.files import judge_sets
from bureau.x12.edits.lists import CARCS, FILINGS, PLACES, UNLISTED
from bureau.x12.findings import MOST
from bureau.x12.samples import generate_837, make_claim_sets, make_envelope
from bureau.x12.values import Adjustment, Party
from bureau.x12.values837 import (
    Accident,
    Attachment,
    Claim,
    ClaimExtras,
    Drug,
    LineDecision,
    LineExtras,
    OtherPayer,
    ServiceLine,
)
from config import codes
from config.identifiers import make_test_ein, make_test_mbi, make_test_npi
from config.problems import Severity
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, PAID, REMIT_HEAD, wrap

TODAY, SERVED = date(2026, 3, 18), date(2026, 3, 2)
CONTEXT = Context(TODAY, codes=CodeBook())
BAD_NPI = "1234567890"
Change = Callable[[Claim], None]


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
        for number, code, cents in ((1, "G0463", 15_000), (2, "G0444", 9_000))
    ]
    return Claim(
        "A1", 24_000, "11", "1", billing, person, Party("NORTHLAKE", id_kind="PI", id="SIM10"), filing_code="CI",
        diagnoses=("J029", "I10"), lines=lines,
        rendering=Party("Reed", "Alex", is_person=True, id_kind="XX", id=make_test_npi(11), taxonomy="207Q00000X"),
    )  # fmt: skip


def second_claim() -> Claim:
    """The same to a second payer: the first paid 80 and 60, wrote off 20 and left 80 to the patient."""
    claim = clean_claim()
    claim.payer_rank = "S"
    first = Party("FIRST", id_kind="PI", id="ONE")
    claim.other_payers = (OtherPayer(first, replace(claim.subscriber), "P", filing_code="CI", paid_cents=14_000),)
    for line, paid, left in zip(claim.lines, (8_000, 6_000), (7_000, 3_000), strict=True):
        cut = (Adjustment("CO", "45", 1_000), Adjustment("PR", "2", left - 1_000))
        line.decisions = (LineDecision("ONE", paid, line.code, Decimal(1), SERVED, adjustments=cut),)
    return claim


def put(path: str, value: object, *more: object) -> Change:
    """A change of fields by path and value: "subscriber.id", "lines.0.units"."""

    def change(claim: Claim) -> None:
        pairs = [path, value, *more]
        for way, wanted in zip(pairs[::2], pairs[1::2], strict=True):
            *steps, name = str(way).split(".")
            at: Any = claim
            for step in steps:
                at = at[int(step)] if step.isdecimal() else getattr(at, step)
            setattr(at, name, wanted)

    return change


def equipment(claim: Claim) -> None:
    claim.lines[0].code = "E0431"


def fifty_one_lines(claim: Claim) -> None:
    claim.lines = [replace(claim.lines[0], number=number, charge_cents=100) for number in range(1, 52)]
    claim.charge_cents = 5_100


def free_of_charge(claim: Claim) -> None:
    claim.charge_cents = claim.lines[0].charge_cents = claim.lines[1].charge_cents = 0


PLACE = Party("BRANCH", street="2 Side Street", city="Salem", state="MA", zip="019700002")
SENT = Attachment("OZ", "FX")
# Edit, what is done to the clean claim, what else the context says.
CASES: list[tuple[str, Change, dict[str, object]]] = [
    ("lines_count", fifty_one_lines, {}),
    ("bad_pointer", put("lines.1.pointers", ()), {}),
    ("bad_pointer", put("lines.1.pointers", (3,)), {}),
    ("more_pointers", put("lines.1.pointers", (1, 3)), {}),
    ("modifier_form", put("lines.0.modifiers", ("2",)), {}),
    ("modifier_form", put("lines.0.modifiers", ("25", "59", "GT", "LT", "RT")), {}),
    ("modifier_repeated", put("lines.0.modifiers", ("25", "25")), {}),
    ("modifier_clash", put("lines.0.modifiers", ("NU", "RR")), {}),
    ("modifier_unknown", put("lines.0.modifiers", ("ZZ",)), {}),
    ("units", put("lines.1.units", Decimal(0)), {}),
    ("line_place", put("lines.1.place", "77"), {}),
    ("description_missing", put("lines.0.code", "J3490"), {}),
    ("clia_missing", put("lines.0.code", "P3000", "filing_code", "MC"), {}),
    ("line_control", put("lines.0.control", "L" * 31), {}),
    ("line_attachment", put("lines.0.extras", LineExtras(attachments=(SENT,))), {}),
    ("orderer_missing", equipment, {}),
    ("drug_code", put("lines.0.drug", Drug("0002-1433-80", Decimal(1), "UN")), {}),
    ("drug_quantity", put("lines.0.drug", Drug("00002143380", Decimal(0), "UN")), {}),
    ("drug_quantity", put("lines.0.drug", Drug("00002143380", Decimal(1))), {}),
    ("procedure_unknown", put("lines.0.code", "G9"), {}),
    ("charge_sum", put("charge_cents", 24_001), {}),
    ("charge_zero", free_of_charge, {}),
    ("charge_negative", put("lines.0.charge_cents", -100, "charge_cents", 8_900), {}),
    ("filing_limit", put("pcn", "A1"), {"file_by": TODAY - timedelta(days=1)}),
    ("date_missing", put("lines.0.date_from", None), {}),
    ("service_in_future", put("lines.0.date_from", TODAY + timedelta(days=1)), {}),
    ("service_in_future", put("lines.0.date_to", TODAY + timedelta(days=1)), {}),
    ("service_backwards", put("lines.0.date_to", SERVED - timedelta(days=1)), {}),
    ("diagnosis_repeated", put("diagnoses", ("J029", "I10", "J029")), {}),
    ("diagnosis_unknown", put("diagnoses", ("J029", "I99999")), {}),
    ("diagnosis_heading", put("diagnoses", ("J029", "J02")), {}),
    ("diagnosis_code_set", put("diagnosis_kind", "9", "diagnoses", ("25000",)), {}),
    ("billing_npi", put("billing.id", BAD_NPI), {}),
    ("billing_npi", put("billing.id", make_test_npi(1)), {"test_ids": False, "is_medicare": False}),
    ("tax_id", put("billing.tax_id", "123456789"), {}),
    ("tax_id", put("billing.tax_id", "12345678", "billing.tax_id_kind", "SY"), {}),
    ("taxonomy_missing", put("billing.taxonomy", ""), {"needs_taxonomy": True}),
    ("billing_taxonomy", put("billing.taxonomy", "207Q"), {}),
    ("rendering_taxonomy", put("rendering.taxonomy", "207Q"), {}),
    ("rendering_missing", put("rendering", None), {"needs_rendering": True}),
    ("rendering_npi", put("rendering.id", BAD_NPI), {}),
    ("provider_npi", put("referring", Party("Roe", "Kim", is_person=True, id_kind="XX", id=BAD_NPI)), {}),
    ("provider_npi", put("lines.1.providers", (("DK", Party("ROE", id_kind="XX", id=BAD_NPI)),)), {}),
    ("billing_address", put("billing.city", ""), {}),
    ("billing_po_box", put("billing.street", "P.O. Box 12"), {}),
    ("billing_po_box", put("billing.street", "Lockbox 4411"), {}),
    ("billing_zip", put("billing.zip", "01970"), {}),
    ("facility_po_box", put("facility", replace(PLACE, street="PO BOX 3")), {}),
    ("facility_zip", put("facility", replace(PLACE, zip="01970")), {}),
    ("member_id_missing", put("subscriber.id", ""), {}),
    ("member_id_form", put("subscriber.id", "M"), {}),
    ("member_id_form", put("filing_code", "MB"), {}),
    ("member_id_form", put("subscriber.id", make_test_mbi(1)), {"is_medicare": True, "test_ids": False}),
    ("patient_name", put("subscriber.first", ""), {}),
    ("birth_missing", put("subscriber.birth", None), {}),
    ("birth_after_service", put("subscriber.birth", SERVED + timedelta(days=1)), {}),
    ("birth_too_old", put("subscriber.birth", date(1850, 1, 1)), {}),
    ("sex", put("subscriber.sex", ""), {}),
    ("patient_address", put("subscriber.street", ""), {}),
    ("patient_zip", put("subscriber.zip", "0197"), {}),
    ("relationship", put("relationship", ""), {}),
    ("relationship", put("relationship", "99"), {}),
    ("filing_code_missing", put("filing_code", ""), {}),
    ("filing_code_unknown", put("filing_code", "XX"), {}),
    ("payer_unknown", put("pcn", "A1"), {"payers": frozenset({"OTHER"})}),
    ("enrollment", put("pcn", "A1"), {"not_enrolled": True}),
    ("place", put("place", "77"), {}),
    ("original_missing", put("frequency", "7"), {}),
    ("frequency", put("frequency", "X"), {}),
    ("frequency_medicare", put("frequency", "8", "payer_icn", "ICN", "filing_code", "MB"), {"is_medicare": False}),
    ("authorization_missing", put("pcn", "A1"), {"needs_authorization": True}),
    ("referral_missing", put("pcn", "A1"), {"needs_referral": True}),
    ("claim_duplicate", put("pcn", "A1"), {"is_known_number": lambda _claim: True}),
    ("repeat", put("pcn", "A1"), {"is_repeat": lambda _claim: True}),
    ("other_payer_missing", put("payer_rank", "S"), {}),
    ("accident_date", put("accident", Accident(("OA",))), {}),
    ("accident_state", put("accident", Accident(("AA",), SERVED)), {}),
    ("attachment_control", put("extras", ClaimExtras(attachments=(SENT,))), {}),
]  # fmt: skip
SECOND_CASES: list[tuple[str, Change]] = [
    ("rank_repeated", put("payer_rank", "T", "other_payers", second_claim().other_payers * 2)),
    ("decision_date_missing", put("lines.0.decisions", (
        replace(second_claim().lines[0].decisions[0], decided_on=None),
    ))),
    ("insurance_type_missing", put("filing_code", "MB")),
    ("adjustment_zero", put("other_payers", (
        replace(second_claim().other_payers[0], adjustments=(Adjustment("CO", "45", 0),)),
    ))),
]  # fmt: skip


def judged(claim: Claim, edits: tuple[Edit, ...] = EDITS, **facts: Any) -> list[Finding]:
    """What a judge says who has just seen the clean claims pass: nothing that passed may cover for this one."""
    judge = Judge(replace(CONTEXT, **facts), edits)
    judge.find(clean_claim())
    judge.find(second_claim())
    return judge.find(claim)


def names(found: list[Finding]) -> set[str]:
    return {one.edit.id for one in found}


def test_clean_claims_pass() -> None:
    judge = Judge(replace(CONTEXT, needs_rendering=True, needs_taxonomy=True, payers=frozenset({"SIM10"})))
    for claim in (clean_claim(), second_claim(), clean_claim()):
        assert judge.find(claim) == []


@pytest.mark.parametrize(("edit", "change", "facts"), CASES, ids=[f"{one[0]}-{n}" for n, one in enumerate(CASES)])
def test_this_change_is_found_by_this_edit_and_by_no_other(edit: str, change: Change, facts: dict[str, Any]) -> None:
    claim = clean_claim()
    change(claim)
    assert names(judged(claim, **facts)) - names(judged(clean_claim(), **facts)) | {edit} == {edit}
    assert edit in names(judged(claim, **facts))
    without = tuple(one for one in EDITS if one.id != edit)
    assert edit not in names(judged(claim, without, **facts))


@pytest.mark.parametrize(("edit", "change"), SECOND_CASES, ids=[one[0] for one in SECOND_CASES])
def test_a_second_payer_has_edits_of_its_own(edit: str, change: Change) -> None:
    claim = second_claim()
    change(claim)
    assert edit in names(judged(claim, is_medicare=False))


def test_what_a_payer_took_off_the_whole_claim_is_missing_from_what_it_paid() -> None:
    claim = second_claim()
    claim.other_payers = (
        replace(claim.other_payers[0], paid_cents=13_000, adjustments=(Adjustment("CO", "23", 1_000),)),
        OtherPayer(Party("LATER", id="TWO"), Party("DOE", id="M2"), "T"),
    )
    assert judged(claim) == []


def test_what_other_payers_say_must_add_up() -> None:
    claim = second_claim()
    claim.other_payers[0].paid_cents = 13_999
    assert names(judged(claim)) == {"other_payer_balance", "other_payer_sum"}
    claim = second_claim()
    claim.lines[0].decisions[0].paid_cents = -8_000
    assert names(judged(claim)) == {"paid_negative", "other_payer_line", "other_payer_sum"}
    claim = second_claim()
    claim.lines[0].decisions[0].payer_id = "WHO"
    assert names(judged(claim)) == {"decision_of_stranger", "other_payer_balance", "other_payer_sum"}


def test_a_claim_without_its_parts() -> None:
    claim = clean_claim()
    claim.lines, claim.charge_cents = [], 100
    assert names(judged(claim)) == {"lines_missing"}
    claim = clean_claim()
    claim.diagnoses = ()
    assert names(judged(claim)) == {"diagnosis_missing", "bad_pointer"}
    claim.diagnoses = tuple(f"I{number}" for number in range(10, 23))
    assert names(judged(claim, codes=None)) == {"diagnosis_count"}


def test_forms_that_only_a_reader_of_any_file_meets() -> None:
    claim = clean_claim()
    claim.diagnoses = ("J02.9", "I10")
    assert "diagnosis_dot" in names(judged(claim))
    assert names(judged(claim, codes=None)) == {"diagnosis_dot"}
    claim.diagnoses = ("J029", "10I")
    assert names(judged(claim, codes=None)) == {"diagnosis_form"}


def test_every_edit_has_a_case() -> None:
    elsewhere = {
        "lines_missing", "diagnosis_missing", "diagnosis_count", "diagnosis_dot", "diagnosis_form", "paid_negative",
        "other_payer_balance", "other_payer_line", "other_payer_sum", "decision_of_stranger",
    }  # fmt: skip
    assert {one.id for one in EDITS} == {one[0] for one in CASES} | {one[0] for one in SECOND_CASES} | elsewhere


def test_the_catalogue_is_sound() -> None:
    categories, statuses = codes.labels(codes.Labels.STATUS_CATEGORY), codes.labels(codes.Labels.STATUS)
    assert len({one.id for one in EDITS}) == len(EDITS)
    assert {one.rank for one in EDITS} == set(range(23))
    for one in EDITS:
        assert one.text.endswith(".")
        assert one.fix.endswith(".")
        assert one.level in range(1, 8)
        assert one.status.category in categories
        assert one.status.code in statuses
        assert not one.needs or one.needs in {field.name for field in fields(Context)}


def test_the_lists_are_those_of_the_code_tables() -> None:
    assert set(codes.labels(codes.Labels.PLACE)) == PLACES
    assert set(codes.labels(codes.Labels.FILING)) == FILINGS
    assert set(codes.carcs()) == CARCS
    unknown = {code for code in UNLISTED if codes.procedure_status(code, TODAY) is codes.CodeStatus.UNKNOWN}
    assert unknown == set()


def test_a_dependent_is_judged_by_its_own_data() -> None:
    claim = clean_claim()
    claim.relationship, claim.patient = "19", replace(claim.subscriber, id="", id_kind="", first="")
    [found] = judged(claim)
    assert (found.edit.id, found.loop, found.status) == ("patient_name", "2010CA", ("A6", "125", "QC"))


def test_the_entity_of_a_status_is_whose_number_is_wrong() -> None:
    claim = clean_claim()
    claim.supervising = Party("ROE", id_kind="XX", id=BAD_NPI)
    [found] = judged(claim)
    assert found.status == ("A7", "562", "DQ")


def test_a_claim_said_twice_is_a_repeat_and_one_to_another_payer_is_not() -> None:
    [one] = make_claim_sets(3)
    twice = replace(one, claims=[*one.claims, one.claims[0], replace(one.claims[1], payer=Party("ELSE", id="E1"))])
    twice.claims[3] = replace(twice.claims[3], pcn="OTHER1")
    text = write_837(make_envelope(), [twice])
    sets, _ = read_837(text)
    assert [problem.code for problem in judge_sets(sets, text).problems] == ["repeat", "claim_duplicate"]


def test_a_set_without_a_readable_day_is_judged_by_its_last_service() -> None:
    text = wrap("837", (CLAIM_HEAD + CLAIM).replace("*20260302*0930", "*2026*0930"))
    report = check(text.encode(), "f")
    assert [problem.code for problem in report.errors] == ["bad_date"]
    assert report.warnings == []


def test_a_hopeless_file_has_an_end_to_what_is_said_of_it() -> None:
    [one] = make_claim_sets(1)
    claims = []
    for first in range(100, 25_000, 100):
        lines = [replace(one.claims[0].lines[0], segment=first + at, units=Decimal(0)) for at in range(1, 51)]
        claims.append(replace(one.claims[0], lines=lines, first_segment=first, last_segment=first + 99))
    problems = judge_sets([replace(one, claims=claims)], generate_837(1)).problems
    assert len(problems) == MOST + 1
    assert problems[-1].code == "too_many_problems"


def test_a_reason_newer_than_the_list_is_a_warning_and_one_that_is_none_an_error() -> None:
    text = wrap("835", REMIT_HEAD + PAID.replace("CAS*PR*2*5", "CAS*PR*399*4**Q7Q*1"))
    found = check(text.encode(), "f")
    assert [(one.code, one.element) for one in found.warnings] == [("reason_unlisted", "CAS02")]
    assert [(one.code, one.element) for one in found.errors] == [("reason_form", "CAS05")]


def test_only_what_makers_of_clean_files_do_is_a_warning() -> None:
    assert {one.id for one in EDITS if one.severity is Severity.WARNING} == {
        "more_pointers", "modifier_clash", "clia_missing", "orderer_missing", "charge_zero", "billing_npi", "tax_id",
        "billing_taxonomy", "rendering_taxonomy", "rendering_npi", "provider_npi", "billing_po_box", "billing_zip",
        "facility_po_box", "facility_zip", "claim_duplicate", "repeat",
    }  # fmt: skip


def test_judging_is_cheap_beside_reading() -> None:
    text = generate_837(2_000)
    shares = []
    for _ in range(3):
        begun = process_time()
        [batch], _ = read_837(text)
        read = process_time()
        judge = Judge(Context(TODAY))
        assert not any(judge.find(claim) for claim in batch.claims)
        shares.append((process_time() - read) / (read - begun))
    assert min(shares) < 0.6
