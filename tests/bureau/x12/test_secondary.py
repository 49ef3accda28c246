"""The next payer's claim: its sums hold, the judge takes it, and what does not fit is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from bureau.x12.claim837 import read_837, write_837
from bureau.x12.remit835 import read_835, write_835
from bureau.x12.samples import make_claim, make_envelope, make_provider, make_remittances, pay_claim
from bureau.x12.secondary import Coverage, make_secondary
from bureau.x12.values import Adjustment, Party
from bureau.x12.values835 import Outpatient, PaidClaim, PaidClaimExtras, PaidLine, PaidLineExtras
from bureau.x12.values837 import Claim, ClaimExtras, LineExtras
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.whole837 import place, set_of
from tests.support.samples import find_samples

DAY = date(2026, 3, 20)
SUBSCRIBER = place(
    "DOE", first="JANE", is_person=True, id_kind="MI", id="1EG4TE5MK73", birth=date(1950, 1, 31), sex="F"
)
MEDICARE = Coverage(Party("MEDICARE B", id_kind="PI", id="MCB01"), SUBSCRIBER, "S", "18", "MB", insurance_type="12")
MEDICAID = Coverage(
    Party("STATE CARE", id_kind="PI", id="STC99"), replace(SUBSCRIBER, id="T777"), "T", "18", "MC", "GRP3", "PLAN3",
    prior_auth="AUTH3", referral="RFL3",
)  # fmt: skip


def claim_of(number: int) -> Claim:
    return make_claim(Random(number), number, make_provider(1))


def assert_balanced(claim: Claim) -> None:
    """For every payer before: what it paid and adjusted is the charge, at each line and for the claim."""
    for other in claim.other_payers:
        decided = [(line, one) for line in claim.lines for one in line.decisions if one.payer_id == other.payer.id]
        adjusted = sum(one.cents for one in other.adjustments)
        adjusted += sum(each.cents for _, one in decided for each in one.adjustments)
        assert other.paid_cents is not None
        assert claim.charge_cents == other.paid_cents + adjusted
        for line in claim.lines if decided else ():
            of_line = [one for each, one in decided if each is line]
            total = sum(one.paid_cents + sum(each.cents for each in one.adjustments) for one in of_line)
            assert total == line.charge_cents
    assert {one.payer_id for line in claim.lines for one in line.decisions} <= {o.payer.id for o in claim.other_payers}


def assert_round_trip(*claims: Claim) -> None:
    one = set_of(*claims)
    text = write_837(make_envelope(), [one])
    assert judge(text) == (True, [])
    assert read_837(text) == ([one], [])


def made(claim: Claim, paid: PaidClaim, coverage: Coverage = MEDICARE) -> Claim:
    found, problems = make_secondary(claim, paid, DAY, coverage)
    assert problems == []
    assert found is not None
    return found


def test_from_the_remittance_as_it_was_read_to_the_third_payer() -> None:
    """40 claims, each eighth a dependent's: paid by the first, then by the second, then sent to the third."""
    claims = [claim_of(number) for number in range(40)]
    [remittance] = make_remittances(1)
    thirds = []
    for round_, coverage in enumerate((MEDICARE, MEDICAID)):
        dice = Random(round_)
        payment = replace(remittance, claims=[pay_claim(dice, claim) for claim in claims])
        payment.payment_cents = sum(paid.paid_cents for paid in payment.claims)
        [read], problems = read_835(write_835(make_envelope(), [payment]))
        assert problems == []
        before = claims
        claims = [made(claim, paid, coverage) for claim, paid in zip(before, read.claims, strict=True)]
        for claim, former in zip(claims, before, strict=True):
            assert_balanced(claim)
            assert claim.other_payers[-1].payer.id == former.payer.id
            assert [line.code for line in claim.lines] == [line.code for line in former.lines]
        thirds.append(claims)
    assert [len(claim.other_payers) for claim in thirds[1]] == [2] * 40
    assert_round_trip(*thirds[0])
    assert_round_trip(*thirds[1])


def two_lines() -> tuple[Claim, PaidClaim]:
    """A claim of two lines, and a decision with a claim-level adjustment, remarks and a denied line."""
    claim = claim_of(3)
    first, second = replace(claim.lines[0], charge_cents=10_000), replace(claim.lines[0], number=2, control="L2")
    second.charge_cents = 5_000
    claim = replace(
        claim, lines=[first, second], charge_cents=15_000, prior_auth="AUTH1", referral="RFL1", payer_icn="OLD",
        frequency="7", group_number="G1", payer=replace(claim.payer, refs=(("FY", "OFF"), ("G2", "PRV1"))),
        rendering=Party("ROE", "RAY", is_person=True, refs=(("G2", "X1"), ("0B", "LIC"))),
    )  # fmt: skip
    paid = PaidClaim(
        claim.pcn, "1", 15_000, 5_500, payer_icn="ICN1", adjustments=[Adjustment("PR", "1", 500)],
        remarks=("MA01", "N130"), extras=PaidClaimExtras(outpatient=Outpatient(payable_cents=700)),
        lines=[
            PaidLine(
                first.code, 10_000, 6_000, modifiers=first.modifiers, units=Decimal(1), control=first.control,
                adjustments=[Adjustment("PR", "2", 1_000), Adjustment("CO", "45", 2_500), Adjustment("PR", "3", 500),
                             Adjustment("CO", "253", 0)],
            ),
            PaidLine(second.code, 5_000, 0, modifiers=second.modifiers, control="L2",
                     adjustments=[Adjustment("CO", "97", 5_000)]),
        ],
    )  # fmt: skip
    return claim, paid


def test_what_the_first_payer_gave_and_said_moves_into_its_own_loops() -> None:
    claim, paid = two_lines()
    claim.lines[0].extras = LineExtras(refs=(("G1", "LINEAUTH"), ("X4", "99D0000000")))
    claim.lines[0].providers = (("82", Party("ROE", is_person=True, refs=(("G2", "X2"),))),)
    second = made(claim, paid)
    [other] = second.other_payers
    assert (second.frequency, second.payer_icn, second.prior_auth, second.referral) == ("1", "", "", "")
    assert (second.payer_rank, second.filing_code, second.insurance_type, second.pcn) == ("S", "MB", "12", claim.pcn)
    assert (other.rank, other.group_number, other.payer_icn, other.prior_auth, other.referral) == (
        "P", "G1", "ICN1", "AUTH1", "RFL1",
    )  # fmt: skip
    assert (other.paid_cents, other.adjustments, other.remaining_cents, other.decided_on) == (
        5_500, (Adjustment("PR", "1", 500),), 500, None,
    )  # fmt: skip
    assert other.moa == ("", "7", "MA01", "N130")
    assert other.payer.refs == (("FY", "OFF"),)
    assert [(code, party.refs) for code, party in other.providers] == [
        ("82", (("G2", "X1"),)),
        ("85", (("G2", "PRV1"),)),
    ]
    assert second.rendering is not None
    assert second.rendering.refs == (("0B", "LIC"),)
    line = second.lines[0]
    assert line.extras is not None
    assert line.extras.refs == (("X4", "99D0000000"),)
    payer = claim.payer.id
    assert line.extras.payer_refs == (("", "G1", "LINEAUTH", payer), ("82", "G2", "X2", payer))
    [decision] = line.decisions
    assert (decision.decided_on, decision.remaining_cents, decision.units) == (DAY, 1_500, 1)
    assert [(one.group, one.carc) for one in decision.adjustments] == [("PR", "2"), ("PR", "3"), ("CO", "45")]
    assert_balanced(second)
    assert_round_trip(second)
    assert claim.lines[0].decisions == ()
    assert claim.rendering is not None
    assert len(claim.rendering.refs) == 2


def test_a_decision_on_the_claim_alone_has_its_day_at_the_payer() -> None:
    claim, paid = two_lines()
    paid.lines, paid.paid_cents, paid.adjustments = [], 9_000, [Adjustment("CO", "45", 6_000)]
    second = made(claim, paid)
    [other] = second.other_payers
    assert (other.decided_on, other.remaining_cents, other.paid_cents) == (DAY, None, 9_000)
    assert [line.decisions for line in second.lines] == [(), ()]
    assert_balanced(second)
    assert_round_trip(second)


def test_lines_are_found_without_control_numbers() -> None:
    """By what was billed, where the payer changed it, and two of a kind in their order."""
    claim, paid = two_lines()
    claim.lines[1].charge_cents = 10_000
    claim.charge_cents = paid.charge_cents = 20_000
    paid.lines[1].charge_cents = 10_000
    paid.lines[1].adjustments = [Adjustment("CO", "97", 10_000)]
    for one, line in zip(paid.lines, claim.lines, strict=True):
        one.control, one.date_from = "", line.date_from
    paid.lines[0].billed_code, paid.lines[0].code, paid.lines[0].modifiers = paid.lines[0].code, "G0402", ()
    paid.lines[0].extras = PaidLineExtras(billed_modifiers=claim.lines[0].modifiers)
    second = made(claim, paid)
    assert [[one.code for one in line.decisions] for line in second.lines] == [["G0402"], [claim.lines[1].code]]
    paid.lines.reverse()
    assert [line.decisions[0].paid_cents for line in made(claim, paid).lines] == [0, 6_000]
    assert_round_trip(second)


def test_a_line_may_be_decided_in_parts() -> None:
    claim, paid = two_lines()
    part = replace(paid.lines[1], charge_cents=2_000, adjustments=[Adjustment("CO", "97", 2_000)])
    rest = replace(part, charge_cents=3_000, adjustments=[Adjustment("CO", "97", 3_000)])
    paid.lines[1:] = [part, rest]
    second = made(claim, paid)
    assert [len(line.decisions) for line in second.lines] == [1, 2]
    assert_balanced(second)
    assert_round_trip(second)


def test_a_dependent_may_be_the_subscriber_of_the_next_payer_and_the_other_way_round() -> None:
    child = claim_of(7)
    assert child.patient is not None
    paid = pay_claim(Random(1), child)
    own = made(child, paid, MEDICARE)
    assert (own.relationship, own.patient) == ("18", None)
    assert own.other_payers[0].relationship == "19"
    kept = made(child, paid, replace(MEDICARE, relationship="19"))
    assert kept.patient == child.patient
    grown = claim_of(6)
    spouse = made(grown, pay_claim(Random(1), grown), replace(MEDICARE, relationship="01"))
    assert spouse.patient == replace(grown.subscriber, id="", id_kind="")
    assert_round_trip(own, replace(kept, pcn="B"), replace(spouse, pcn="C"))


MANY = [Adjustment("CO", str(at), 1) for at in range(1, 32)]


@pytest.mark.parametrize(
    ("change", "code", "element"),
    [
        ({"pcn": "OTHER"}, "claim_other", "CLP01"),
        ({"status": "22"}, "claim_reversed", "CLP02"),
        ({"unreadable": True}, "not_evaluable", "CLP"),
        ({"charge_cents": 14_000}, "claim_charge", "CLP03"),
        ({"paid_cents": 5_400}, "claim_balance", "CLP04"),
        ({"adjustments": [Adjustment("PR", "1", 469), *MANY]}, "too_many_adjustments", "CAS"),
    ],
)
def test_a_decision_that_does_not_fit_gives_no_claim(change: dict[str, object], code: str, element: str) -> None:
    claim, paid = two_lines()
    paid.first_segment = 17
    found, problems = make_secondary(claim, replace(paid, **change), DAY, MEDICARE, file="r.835")  # type: ignore[arg-type]
    assert found is None
    assert (code, element, "r.835 segment 17") in {(p.code, p.element, p.where.rsplit(" ", 1)[0]) for p in problems}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"control": "", "code": "G9999"}, "line_unknown"),
        ({"control": "", "code": "G9999"}, "line_undecided"),
        ({"control": "", "modifiers": ("77",)}, "line_unknown"),
        ({"control": "", "date_from": date(2020, 1, 1)}, "line_unknown"),
        ({"control": "L2"}, "line_charge"),
        ({"paid_cents": 5_999}, "line_balance"),
        ({"adjustments": MANY}, "too_many_adjustments"),
    ],
)
def test_a_line_that_does_not_fit_gives_no_claim(change: dict[str, object], code: str) -> None:
    claim, paid = two_lines()
    paid.lines[0] = replace(paid.lines[0], segment=21, **change)  # type: ignore[arg-type]
    found, problems = make_secondary(claim, paid, DAY, MEDICARE)
    assert found is None
    assert code in {problem.code for problem in problems}
    assert all(problem.is_error and problem.text.endswith(".") for problem in problems)


@pytest.mark.parametrize(
    ("coverage", "code"),
    [
        (replace(MEDICAID, rank="P"), "rank_taken"),
        (replace(MEDICAID, rank="S"), "rank_taken"),
        (replace(MEDICAID, payer=MEDICARE.payer), "payer_repeated"),
    ],
)
def test_the_next_payer_needs_a_place_of_its_own(coverage: Coverage, code: str) -> None:
    claim, paid = two_lines()
    second = made(claim, paid)
    found, problems = make_secondary(second, paid, DAY, coverage)
    assert (found, [problem.code for problem in problems]) == (None, [code])


@pytest.mark.parametrize("name", ["example3.B.837", "example4.837"])
def test_the_shape_is_that_of_the_samples(name: str) -> None:
    """A secondary claim of others, taken back to its first payer and decided as it says, is made again as it is."""
    paths: list[Path] = [path for path in find_samples("x12/837p/*") if path.name.endswith(name)]
    if not paths:
        pytest.skip("no sample inputs on this machine")
    [one], _ = read_837(paths[0].read_text(encoding="utf-8"))
    [sent] = one.claims
    [other] = sent.other_payers
    first = replace(
        sent, payer=other.payer, subscriber=other.subscriber, payer_rank=other.rank, relationship=other.relationship,
        plan_name=other.plan_name, filing_code=other.filing_code, insurance_type="", other_payers=(),
        patient=sent.patient or sent.subscriber, lines=[replace(line, decisions=()) for line in sent.lines],
        benefits=other.benefits, release=other.release, extras=ClaimExtras(other.signature_source),
        rendering=None,
    )  # fmt: skip
    decided = [(line, line.decisions[0]) for line in sent.lines]
    paid = PaidClaim(
        sent.pcn, "1", sent.charge_cents, other.paid_cents or 0, adjustments=list(other.adjustments),
        lines=[
            PaidLine(one.code, line.charge_cents, one.paid_cents, modifiers=one.modifiers, units=one.units,
                     date_from=line.date_from, adjustments=list(one.adjustments))
            for line, one in decided
        ],
    )  # fmt: skip
    coverage = Coverage(
        sent.payer, sent.subscriber, sent.payer_rank, sent.relationship, sent.filing_code, sent.group_number,
        sent.plan_name, sent.insurance_type,
    )  # fmt: skip
    day = decided[0][1].decided_on
    assert day is not None
    again, problems = make_secondary(first, paid, day, coverage)
    assert problems == []
    assert again is not None
    [made_other] = again.other_payers
    left = {"remaining_cents": None}  # which the samples give now and then
    assert replace(made_other, **left) == replace(other, **left)
    made_lines = [[replace(one, **left) for one in line.decisions] for line in again.lines]
    assert made_lines == [list(line.decisions) for line in sent.lines]
