"""What one CLP means for the books, case by case: every cent has a place, or nothing is applied and a reason stands."""

from __future__ import annotations

from datetime import date

import pytest

from bureau.rules.lifecycle import Event
from bureau.rules.remittance import Means, OurClaim, OurLine, Plan, plan_posting, plan_reversal, read_meaning
from bureau.x12.values import Adjustment
from bureau.x12.values835 import PaidClaim, PaidLine
from config import codes
from config.codes import CarcKind

DAY = date(2026, 3, 2)
FIRST, SECOND = OurLine(7, "XV113", "", 15_000, DAY), OurLine(8, "XV101", "", 9_000, DAY)
PAID, DENIED, PART = Event.POSTED_PAID, Event.POSTED_DENIED, Event.POSTED_PART_DENIED


def ours(*lines: OurLine, open_cents: int | None = None, paid: int = 0) -> OurClaim:
    lines = lines or (FIRST,)
    return OurClaim(lines, sum(line.charge_cents for line in lines) if open_cents is None else open_cents, paid)


def line(paid: int, *adjustments: tuple[str, str, int], of: OurLine = FIRST, **changes) -> PaidLine:
    values = {"control": f"L{of.id}", "date_from": of.served_on} | changes
    return PaidLine(of.code, of.charge_cents, paid, adjustments=[Adjustment(*one) for one in adjustments], **values)


def claim(*lines: PaidLine, status: str = "1", whole: tuple[tuple[str, str, int], ...] = (), **changes) -> PaidClaim:
    charge = changes.pop("charge", sum(one.charge_cents for one in lines))
    paid = changes.pop("paid", sum(one.paid_cents for one in lines))
    whole_parts = [Adjustment(*one) for one in whole]
    return PaidClaim("P1", status, charge, paid, adjustments=whole_parts, lines=list(lines), **changes)


def moved(plan: Plan) -> dict[tuple[int | None, str], int]:
    """Cents by line and what becomes of them."""
    found: dict[tuple[int | None, str], int] = {}
    for one in plan.postings:
        key = (one.line_id, "paid" if one.means is None else str(one.means))
        found[key] = found.get(key, 0) + one.cents
    return found


CONTRACT, COPAY = ("CO", "45", 3_000), ("PR", "3", 2_500)

CASES = {
    "paid in full": (claim(line(15_000)), ours(), {(7, "paid"): 15_000}, (PAID, Event.SETTLED)),
    "paid less the contract": (
        claim(line(12_000, CONTRACT)), ours(), {(7, "paid"): 12_000, (7, "contractual"): 3_000}, (PAID, Event.SETTLED),
    ),
    "a share for the patient": (
        claim(line(9_500, CONTRACT, COPAY)), ours(),
        {(7, "paid"): 9_500, (7, "contractual"): 3_000, (7, "patient"): 2_500}, (PAID, Event.PATIENT_SHARE),
    ),
    "all of it the patient's": (
        claim(line(0, CONTRACT, ("PR", "1", 12_000))), ours(),
        {(7, "paid"): 0, (7, "contractual"): 3_000, (7, "patient"): 12_000}, (PAID, Event.PATIENT_SHARE),
    ),
    "the only line denied": (
        claim(line(0, ("CO", "197", 15_000)), status="4"), ours(), {(7, "paid"): 0, (7, "denied"): 15_000}, (DENIED,),
    ),
    "denied, though the status says processed": (
        claim(line(0, ("CO", "16", 15_000)), status="1"), ours(), {(7, "paid"): 0, (7, "denied"): 15_000}, (DENIED,),
    ),
    "status says denied, no line was": (
        claim(line(0, CONTRACT, ("PR", "1", 12_000)), status="4"), ours(),
        {(7, "paid"): 0, (7, "contractual"): 3_000, (7, "patient"): 12_000}, (PAID, Event.PATIENT_SHARE),
    ),
    "one line denied of two": (
        claim(line(12_000, CONTRACT), line(0, ("CO", "50", 9_000), of=SECOND)), ours(FIRST, SECOND),
        {(7, "paid"): 12_000, (7, "contractual"): 3_000, (8, "paid"): 0, (8, "denied"): 9_000}, (PART,),
    ),
    "both lines denied": (
        claim(line(0, ("CO", "27", 15_000)), line(0, ("CO", "27", 9_000), of=SECOND), status="4"), ours(FIRST, SECOND),
        {(7, "paid"): 0, (7, "denied"): 15_000, (8, "paid"): 0, (8, "denied"): 9_000}, (DENIED,),
    ),
    "denied for the patient to pay": (
        claim(line(0, ("PR", "204", 15_000)), status="4"), ours(), {(7, "paid"): 0, (7, "denied"): 15_000}, (DENIED,),
    ),
    "denied as a whole, without lines": (
        claim(charge=15_000, paid=0, whole=(("CO", "29", 15_000),), status="4"), ours(),
        {(None, "paid"): 0, (None, "denied"): 15_000}, (DENIED,),
    ),
    "paid as a whole, without lines": (
        claim(charge=15_000, paid=12_000, whole=(CONTRACT,)), ours(),
        {(None, "paid"): 12_000, (None, "contractual"): 3_000}, (PAID, Event.SETTLED),
    ),
    "line and claim level together": (
        claim(line(12_500), whole=(("PR", "3", 2_500),), paid=12_500), ours(),
        {(7, "paid"): 12_500, (None, "patient"): 2_500}, (PAID, Event.PATIENT_SHARE),
    ),
    "paid twice": (
        claim(line(12_000, CONTRACT)), ours(open_cents=0, paid=12_000),
        {(7, "paid"): 12_000, (7, "contractual"): 3_000}, (PAID, Event.OVERPAID),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_money_and_events(name):
    paid, held, money, events = CASES[name]
    plan = plan_posting(paid, held)
    assert plan.exception == ""
    assert moved(plan) == money
    assert plan.events == events
    assert sum(money.values()) == paid.charge_cents, "every cent of the charge is placed"


EXCEPTIONS = {
    "an unknown reason": (claim(line(12_000, ("CO", "999", 3_000))), ours(), "unknown adjustment CO-999"),
    "a retired reason": (claim(line(12_000, ("CO", "42", 3_000))), ours(), "unknown adjustment CO-42"),
    "an unknown group": (claim(line(12_000, ("XX", "45", 3_000))), ours(), "unknown adjustment XX-45"),
    "another charge": (claim(line(12_000, CONTRACT)), ours(FIRST, SECOND), "charge differs from ours"),
    "a line that is not ours": (
        claim(PaidLine("XV119", 15_000, 12_000, date_from=DAY, adjustments=[Adjustment(*CONTRACT)])),
        ours(), "service line matches none of ours",
    ),
    "informational cents that leave a gap": (
        claim(line(12_000, ("OA", "94", 3_000))), ours(), "the payment leaves a balance that nothing explains",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_what_is_not_certain_is_not_applied(name):
    paid, held, reason = EXCEPTIONS[name]
    plan = plan_posting(paid, held)
    assert plan.exception == reason
    assert plan.events == ()


# -- the ladder by which a line is found ----------------------------------------------------------------------

TWIN = OurLine(9, "XV113", "", 15_000, DAY)
LATER = OurLine(10, "XV113", "", 15_000, date(2026, 3, 5))


@pytest.mark.parametrize(
    ("paid", "held", "found"),
    [
        (line(15_000, control="L9"), [FIRST, TWIN], 9),  # our own control number decides
        (line(15_000, control="L999"), [FIRST, SECOND], 7),  # a number of nobody: by code, charge and date
        (line(15_000, control=""), [FIRST, SECOND], 7),
        (line(15_000, control="ABC"), [FIRST, SECOND], 7),
        (line(15_000, control="", date_from=None), [FIRST, SECOND], 7),
        (line(15_000, control=""), [FIRST, LATER], 7),  # the date tells two alike apart
        (line(15_000, control="", date_from=date(2026, 3, 5)), [FIRST, LATER], 10),
        (line(15_000, control="", billed_code="XV113"), [FIRST, SECOND], 7),
    ],
)
def test_a_line_is_found(paid, held, found):
    rest = [PaidLine(one.code, one.charge_cents, one.charge_cents, control=f"L{one.id}") for one in held]
    others = [one for one in rest if one.control != f"L{found}"]
    plan = plan_posting(claim(paid, *others), ours(*held))
    assert plan.exception == ""
    assert plan.postings[0].line_id == found


@pytest.mark.parametrize(
    ("paid", "held"),
    [
        (line(15_000, control=""), [FIRST, TWIN]),  # two alike: nobody guesses
        (line(15_000, control="", date_from=date(2025, 1, 1)), [FIRST, SECOND]),
        (PaidLine("XV113", 14_000, 14_000, date_from=DAY), [OurLine(7, "XV101", "", 14_000, DAY)]),
    ],
)
def test_a_line_that_could_be_two_or_none_is_not_guessed(paid, held):
    rest = [PaidLine(one.code, one.charge_cents, 0, control=f"L{one.id}") for one in held[1:]]
    assert plan_posting(claim(paid, *rest), ours(*held)).exception == "service line matches none of ours"


def test_one_line_of_ours_takes_one_line_of_theirs():
    both = [line(15_000), line(0, ("CO", "45", 15_000))]
    assert plan_posting(claim(*both), ours(FIRST, TWIN)).postings[1].line_id == 9


# -- meanings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI"])
def test_a_reason_of_the_denial_set_is_a_denial_under_every_group(group):
    denials = [number for number, known in codes.carcs().items() if known.is_denial]
    assert len(denials) > 100
    assert {read_meaning(group, number) for number in denials} == {Means.DENIED}


@pytest.mark.parametrize(
    ("group", "carc", "means"),
    [
        ("CO", "45", Means.CONTRACTUAL),
        ("PR", "45", Means.PATIENT),
        ("PR", "1", Means.PATIENT),
        ("PR", "2", Means.PATIENT),
        ("PR", "3", Means.PATIENT),
        ("CO", "59", Means.CONTRACTUAL),
        ("CO", "253", Means.CONTRACTUAL),
        ("OA", "23", Means.NOTHING),
        ("OA", "94", Means.NOTHING),
        ("CO", "42", Means.UNKNOWN),
        ("CO", "3", Means.UNKNOWN),  # a copay that the contract forbids to collect: a person looks
        ("ZZ", "45", Means.UNKNOWN),
        ("CO", "", Means.UNKNOWN),
    ],
)
def test_what_an_adjustment_asks_for(group, carc, means):
    assert read_meaning(group, carc) is means


def test_no_retired_reason_is_ever_acted_upon():
    retired = [number for number, known in codes.carcs().items() if known.kind is CarcKind.RETIRED]
    assert {read_meaning(group, number) for number in retired for group in ("CO", "PR", "OA")} == {Means.UNKNOWN}


# -- reversals ------------------------------------------------------------------------------------------------


def test_a_reversal_undoes_exactly_what_was_paid():
    assert plan_reversal(claim(charge=-15_000, paid=-12_000, status="22"), ours(paid=12_000)).events == (
        Event.REVERSED,
    )
    wrong = plan_reversal(claim(charge=-15_000, paid=-11_999, status="22"), ours(paid=12_000))
    assert wrong.exception
    assert wrong.events == ()
    early = plan_reversal(claim(charge=-15_000, paid=-12_000, status="22"), ours(paid=0))
    assert early.exception, "a reversal before the payment it undoes is parked, not applied"
