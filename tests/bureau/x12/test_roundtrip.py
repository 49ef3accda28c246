"""read(write(value)) == value, for whatever values hypothesis can think of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.x12.balance import Verdict, balance
from bureau.x12.claim837 import read_837, write_837
from bureau.x12.remit835 import read_835, write_835
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit
from bureau.x12.values import Adjustment, Party
from bureau.x12.values835 import PaidClaim, PaidLine, ProviderAdjustment, Remittance
from bureau.x12.values837 import Claim, ClaimSet, ServiceLine
from bureau.x12.writing import clean_text

CODE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=5)
WORD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '-./&()#", min_size=1, max_size=20).map(clean_text).filter(bool)
MAYBE = st.just("") | CODE
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(microsecond=0))
CENTS = st.integers(0, 10**9)
SIGNED = st.integers(-(10**9), 10**9)
UNITS = st.decimals("0.001", 9999, places=3)
REFS = st.lists(st.tuples(st.sampled_from(["G2", "0B", "LU"]), WORD), max_size=2).map(tuple)


def parties(**more: st.SearchStrategy[object]) -> st.SearchStrategy[Party]:
    """A party with a name and an id, and whatever else the place allows."""
    return st.builds(Party, name=WORD, id_kind=st.sampled_from(["XX", "MI", "PI", "46"]), id=WORD, **more)


PERSON = {"first": MAYBE, "middle": MAYBE, "suffix": MAYBE, "is_person": st.just(True)}  # fmt: skip
PLACE = {"street": WORD, "street2": MAYBE, "city": WORD, "state": CODE, "zip": CODE}
BORN = {"birth": DAYS, "sex": st.sampled_from(["F", "M", "U"])}

LINES = st.builds(
    partial(ServiceLine, 0), CODE, CENTS, UNITS, DAYS, st.none(), st.sampled_from(["HC", "WK"]),
    st.lists(CODE, max_size=4).map(tuple), st.just("") | WORD, st.sampled_from(["UN", "MJ"]), MAYBE,
    st.lists(st.integers(1, 12), min_size=1, max_size=4).map(tuple), MAYBE,
)  # fmt: skip


@st.composite
def claims(draw: st.DrawFn, billing: Party) -> Claim:
    lines = draw(st.lists(LINES, min_size=1, max_size=3))
    for at, line in enumerate(lines, 1):
        line.number = at
    dependent = draw(st.booleans())
    provider = st.none() | parties(**PERSON, refs=REFS)
    return Claim(
        draw(st.text("ABCDEFGHIJ0123456789", min_size=1, max_size=20)),
        sum(line.charge_cents for line in lines),
        draw(CODE), draw(CODE), billing, draw(parties(**PERSON, **PLACE, **BORN)), draw(parties(refs=REFS)),
        draw(CODE), draw(CODE), draw(MAYBE), "19" if dependent else "18",
        draw(st.builds(Party, WORD, **PERSON, **PLACE, **BORN)) if dependent else None,
        tuple(draw(st.lists(CODE, min_size=1, max_size=12))), draw(st.sampled_from(["10", "9"])), lines,
        draw(provider), draw(provider), draw(st.none() | parties(**PLACE)), draw(MAYBE), draw(MAYBE),
        draw(MAYBE),
        draw(MAYBE), draw(st.sampled_from("YN")), draw(st.sampled_from("ABC")),
    )  # fmt: skip


@st.composite
def claim_sets(draw: st.DrawFn) -> ClaimSet:
    billing = parties(**PLACE, tax_id=CODE, tax_id_kind=st.sampled_from(["", "SY"]), taxonomy=MAYBE, refs=REFS)
    one = ClaimSet(
        "0001",
        draw(WORD),
        draw(MOMENTS),
        draw(parties(contact=WORD, phone=st.just("5550100000"))),
        draw(parties()),
    )
    for provider in draw(st.lists(billing, min_size=1, max_size=3, unique_by=str)):
        one.claims += draw(st.lists(claims(provider), min_size=1, max_size=3))
    return one


@settings(max_examples=40)
@given(claim_sets())
def test_claims_come_back(one: ClaimSet) -> None:
    text = write_837(make_envelope(), [one])
    sets, problems = read_837(text)
    assert sets == [one]
    assert [problem for problem in problems if problem.is_error] == []
    assert reemit(text) == text


def grouped(adjustments: list[Adjustment]) -> list[Adjustment]:
    return sorted(adjustments, key=lambda one: one.group)


ADJUSTMENTS = st.lists(
    st.builds(Adjustment, st.sampled_from(["CO", "OA", "PI", "PR"]), CODE, SIGNED, st.none() | UNITS),
    max_size=9,
).map(grouped)
PAID_LINES = st.builds(
    PaidLine, CODE, SIGNED, SIGNED, st.sampled_from(["HC", "N4"]), st.lists(CODE, max_size=4).map(tuple),
    st.none() | UNITS, MAYBE, st.none() | UNITS, st.none() | DAYS, st.none(), MAYBE, ADJUSTMENTS,
    st.none() | CENTS,
    st.lists(CODE, max_size=3).map(tuple),
)  # fmt: skip
PAID = st.builds(
    PaidClaim, WORD, CODE, SIGNED, SIGNED, st.none() | SIGNED, st.sampled_from(["12", "MB", "MC", "HM"]),
    MAYBE, MAYBE,
    MAYBE, *[st.none() | parties(**PERSON)] * 4, st.none() | DAYS, ADJUSTMENTS, st.lists(PAID_LINES,
    max_size=3),
    st.lists(CODE, max_size=5).map(tuple),
)  # fmt: skip
REMITTANCES = st.builds(
    Remittance, st.just("0001"), SIGNED, st.sampled_from(["ACH", "CHK", "NON"]), st.none() | DAYS, WORD,
    WORD,
    st.builds(Party, WORD, id_kind=st.sampled_from(["PI", "XV"]), id=WORD, **PLACE, contact=WORD,
              phone=st.just("5550100000")),
    st.builds(Party, WORD, id_kind=st.sampled_from(["XX", "FI"]), id=WORD, **PLACE, tax_id=MAYBE,
    refs=REFS),
    st.none() | DAYS, st.lists(PAID, max_size=3),
    st.lists(st.builds(ProviderAdjustment, CODE, DAYS, CODE, MAYBE, SIGNED), max_size=9),
    st.sampled_from("IH"),
)  # fmt: skip


@given(REMITTANCES)
def test_remittances_come_back(one: Remittance) -> None:
    text = write_835(make_envelope(), [one])
    assert read_835(text) == ([one], [])
    assert reemit(text) == text


@settings(max_examples=50)
@given(REMITTANCES)
def test_the_verdict_is_arithmetic(one: Remittance) -> None:
    """Balance agrees with the same sums made in another way, with decimals."""

    def total(adjustments: list[Adjustment]) -> Decimal:
        return sum((Decimal(each.cents) for each in adjustments), Decimal(0))

    good = Decimal(one.payment_cents) == sum(Decimal(claim.paid_cents) for claim in one.claims) - sum(
        Decimal(each.cents) for each in one.provider_adjustments
    )
    for claim in one.claims:
        good &= all(line.charge_cents - total(line.adjustments) == line.paid_cents for line in claim.lines)
        every = total(claim.adjustments) + sum((total(line.adjustments) for line in claim.lines), Decimal(0))
        good &= claim.charge_cents - every == claim.paid_cents
        good &= not claim.lines or claim.charge_cents == sum(line.charge_cents for line in claim.lines)
    assert (balance(one).verdict is Verdict.BALANCED) == good
