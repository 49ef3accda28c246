"""read(write(value)) == value, for whatever values hypothesis can think of."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.x12.claim837 import read_837, write_837
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit
from bureau.x12.values import Party
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
