"""What a biller reads out of a 271: status, what the patient owes, who else pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bureau.x12.coverage271 import Coverage, CoverageStatus, OtherCoverage, Term, find_coverage
from bureau.x12.eligibility271 import read_271
from bureau.x12.envelope import decode
from bureau.x12.inquiries import Entity, Rejection
from bureau.x12.values import Party
from bureau.x12.values271 import Benefit, EligibilityAnswer
from bureau.x12.values837 import Dated
from tests.bureau.x12.inquiry_values import COPAY, DAY, JANE, JOHN, LATER, PAYER, PLAN, PRACTICE, answer
from tests.support.samples import find_samples

ACTIVE, INACTIVE = CoverageStatus.ACTIVE, CoverageStatus.INACTIVE
UNKNOWN, REJECTED = CoverageStatus.UNKNOWN, CoverageStatus.REJECTED
BEGUN = Dated("346", date(2026, 1, 1))
OVER = (Dated("356", date(2025, 1, 1)), Dated("357", date(2025, 12, 31)))


def benefit(code: str, *types: str, dates: tuple[Dated, ...] = (), **more: object) -> Benefit:
    return replace(Benefit(code, "IND", types or ("30",), dates=dates), **more)


@pytest.mark.parametrize(
    ("benefits", "status", "sources"),
    [
        ([benefit("1")], ACTIVE, (0,)),
        ([benefit("1", "98")], ACTIVE, (0,)),
        ([Benefit("1")], ACTIVE, (0,)),
        ([benefit("5")], ACTIVE, (0,)),
        ([benefit("6")], INACTIVE, (0,)),
        ([benefit("6"), benefit("1")], ACTIVE, (1,)),
        ([benefit("1", "98"), benefit("6")], INACTIVE, (1,)),  # the plan decides, not one service
        ([benefit("1", "35")], UNKNOWN, ()),  # dental only
        ([benefit("B", "98", cents=100)], UNKNOWN, ()),
        ([], UNKNOWN, ()),
        ([benefit("1", dates=(BEGUN,))], ACTIVE, (0,)),
        ([benefit("1", dates=(Dated("346", LATER),))], INACTIVE, (0,)),
        ([benefit("1", dates=OVER)], INACTIVE, (0,)),
        ([benefit("1", dates=OVER), benefit("1", dates=(BEGUN,), plan="NEW")], ACTIVE, (1,)),
        ([benefit("1", dates=(Dated("291", DAY, LATER),))], ACTIVE, (0,)),
        ([benefit("1", dates=(Dated("307", date(2025, 1, 1), date(2025, 2, 1)),))], INACTIVE, (0,)),
        ([benefit("1", dates=(Dated("291", LATER),))], ACTIVE, (0,)),  # only the day asked about
        ([benefit("1", dates=(Dated("348", DAY), Dated("349", DAY)))], ACTIVE, (0,)),  # the last day counts
    ],
)
def test_the_status_is_the_plans_on_the_day(
    benefits: list[Benefit], status: CoverageStatus, sources: tuple[int, ...]
) -> None:
    found = find_coverage(answer(*benefits, subscriber=replace(JANE, dates=())), DAY)
    assert (found.status, found.sources) == (status, sources)


def test_the_patients_dates_hold_where_a_benefit_has_none() -> None:
    over = replace(JANE, dates=OVER)
    assert find_coverage(answer(benefit("1"), subscriber=over), DAY).status is INACTIVE
    assert find_coverage(answer(benefit("1"), subscriber=over), date(2025, 12, 31)).status is ACTIVE
    assert find_coverage(answer(benefit("1", dates=(BEGUN,)), subscriber=over), DAY).status is ACTIVE
    assert find_coverage(answer(benefit("1"), subscriber=over, dependent=JOHN), DAY).status is ACTIVE  # his own count
    found = find_coverage(answer(benefit("1"), subscriber=over), date(2025, 6, 1))
    assert (found.begins, found.ends) == (date(2025, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    "refused",
    [
        EligibilityAnswer(replace(PAYER, level_rejections=(Rejection("42", "R"),))),
        EligibilityAnswer(PAYER, replace(PRACTICE, rejections=(Rejection("42", "R"),))),
        answer(subscriber=replace(JANE, rejections=(Rejection("42", "R"),))),
        answer(dependent=replace(JOHN, rejections=(Rejection("42", "R"),))),
        answer(benefit("V", "98", rejections=(Rejection("42", "R"),))),
    ],
)
def test_a_refusal_at_any_level_is_told(refused: EligibilityAnswer) -> None:
    found = find_coverage(refused, DAY)
    assert (found.status, found.rejections) == (REJECTED, (Rejection("42", "R"),))


def test_a_refusal_of_one_service_leaves_the_coverage_standing() -> None:
    found = find_coverage(answer(PLAN, benefit("I", "98", rejections=(Rejection("52", "C"),))), DAY)
    assert (found.status, found.rejections, found.not_covered) == (ACTIVE, (Rejection("52", "C"),), ("98",))


def test_what_the_patient_owes_is_in_network_and_of_what_was_asked() -> None:
    found = find_coverage(
        answer(
            PLAN,
            COPAY,
            replace(COPAY, network="N", cents=9_900),
            benefit("B", "35", cents=7_700),
            benefit("B", "98", cents=None),
            benefit("A", share=Decimal("0.2"), network="W", authorization="Y"),
            benefit("C", period="23", cents=150_000),
            benefit("C", period="29", cents=40_000),
            benefit("C", period="29", cents=90_000, level="FAM"),
            benefit("G", period="23", cents=500_000),
            benefit("G", period="29", cents=0),
            benefit("C", period="29", cents=1, dates=OVER),
        ),
        DAY,
    )
    assert found == Coverage(
        ACTIVE, (0,), "GOLD PLAN", "HM", date(2026, 1, 1), None,
        copays=(Term(1, 2_500, None, "IND", ("98", "UC")),),
        coinsurances=(Term(5, None, Decimal("0.2"), "IND", ("30",)),),
        deductibles=(Term(6, 150_000, None, "IND", ("30",)),),
        deductibles_left=(Term(7, 40_000, None, "IND", ("30",)), Term(8, 90_000, None, "FAM", ("30",))),
        out_of_pockets=(Term(9, 500_000, None, "IND", ("30",)),),
        out_of_pockets_left=(Term(10, 0, None, "IND", ("30",)),),
        needs_authorization=("30",),
    )  # fmt: skip


def test_other_payers_and_the_doctor_are_named() -> None:
    first = Entity("PRP", Party("HARBOR MUTUAL", id_kind="PI", id="HBM02", refs=(("1W", "M9"),)))
    doctor = Entity("P3", Party("JONES", "MARCUS", is_person=True))
    found = find_coverage(
        answer(
            PLAN,
            benefit("R", insurance="C1", refs=(("6P", "G1"),), related=[first, Entity("SEP", Party("STATE CARE"))]),
            benefit("R", insurance="HN", plan="SENIOR ADVANTAGE", refs=(("18", "H1234"),)),
            benefit("L", related=[Entity("1P", Party("OTHER")), doctor]),
        ),
        DAY,
    )
    assert found.others == (
        OtherCoverage(1, "HARBOR MUTUAL", "HBM02", "P", "C1", (("6P", "G1"), ("1W", "M9"))),
        OtherCoverage(1, "STATE CARE", "", "S", "C1", (("6P", "G1"),)),
        OtherCoverage(2, "SENIOR ADVANTAGE", "", "", "HN", (("18", "H1234"),)),
    )
    assert found.primary_care == doctor


def of(name: str) -> EligibilityAnswer:
    [path] = [path for path in find_samples("x12/271/*") if path.name.endswith(name)]
    return read_271(decode(Path(path).read_bytes())[0])[0][0].answers[0]


@pytest.mark.skipif(not find_samples("x12/271/*"), reason="the samples of others are not here")
def test_answers_of_others() -> None:
    found = find_coverage(of("check.271"), date(2006, 5, 1))
    assert (found.status, found.plan, found.begins) == (ACTIVE, "GOLD 123 PLAN", date(2006, 1, 1))
    assert [(term.source, term.cents) for term in found.copays] == [(3, 1_000)]
    assert found.primary_care is not None
    assert found.primary_care.party.name == "JONES"
    assert find_coverage(of("check.271"), date(2005, 12, 31)).status is INACTIVE
    medicaid = find_coverage(of("Eligible_.txt"), date(2010, 6, 8))
    assert (medicaid.status, medicaid.plan) == (ACTIVE, "MA Eligible")
    assert [(one.name, one.refs) for one in medicaid.others] == [("MEDICARE ABD", (("18", "012345679C1"),))]
    refused = find_coverage(of("error.271"), DAY)
    assert (refused.status, refused.rejections) == (REJECTED, (Rejection("50", "N"),))
