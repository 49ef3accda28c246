"""read(write(remittance)) == remittance over everything an 835 can say, and the verdict on it is arithmetic."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.x12 import codes835 as codes
from bureau.x12.balance import Verdict, balance
from bureau.x12.remit835 import read_835, write_835
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit
from bureau.x12.values import Adjustment, Party
from bureau.x12.values835 import (
    ClaimGroup,
    Contact,
    Figures,
    Outpatient,
    PaidClaim,
    PaidClaimExtras,
    PaidLine,
    PaidLineExtras,
    ProviderAdjustment,
    ProviderTotals,
    Remittance,
    RemittanceExtras,
)
from tests.bureau.x12.strategies import CODE, DAYS, MAYBE, PERSON, PLACE, SIGNED, UNITS, WORD
from tests.support.effort import tries

NONE = st.none()
NUMBERS = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number) / 1000)
MODIFIERS = st.lists(CODE, max_size=4).map(tuple)


def of(known: frozenset[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(known - {""}))


def some(*each: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    """A tuple of up to `most` tuples (or of single values, where there is one strategy)."""
    return st.lists(each[0] if len(each) == 1 else st.tuples(*each), max_size=most).map(tuple)


def parties(kinds: str, **more: st.SearchStrategy[object]) -> st.SearchStrategy[Party]:
    return st.builds(Party, WORD, id_kind=st.sampled_from(kinds.split()), id=WORD, **more)


def figures(identifier: str, counts: list[int], amounts: list[int]) -> st.SearchStrategy[Figures]:
    """Some of the counts and amounts of a segment, each in the order of its elements."""

    def part(places: list[int], number: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
        names = [f"{identifier}{at:02d}" for at in places]
        return st.dictionaries(st.sampled_from(names), number, max_size=3).map(lambda d: tuple(sorted(d.items())))

    return st.builds(Figures, part(counts, UNITS), part(amounts, SIGNED))


def kept(extras: object) -> object:
    """Extras that say nothing are no extras."""
    return None if extras == type(extras)() else extras


@st.composite
def contacts(draw: st.DrawFn, kinds: str) -> Contact:
    ways = st.sampled_from(["TE", "FX", "EX", "EM", "UR"])
    return Contact(draw(st.sampled_from(kinds.split())), draw(MAYBE), draw(some(ways, WORD)))


ADJUSTMENTS = st.lists(st.builds(Adjustment, of(codes.GROUPS), CODE, SIGNED, NONE | UNITS), max_size=15).map(
    lambda found: sorted(found, key=lambda one: one.group)
)


@st.composite
def lines(draw: st.DrawFn) -> PaidLine:
    line = draw(
        st.builds(
            PaidLine, CODE, SIGNED, SIGNED, of(codes.PROCEDURES), MODIFIERS, NONE | NUMBERS, MAYBE, NONE | NUMBERS,
            NONE | DAYS, NONE | DAYS, MAYBE, ADJUSTMENTS, NONE | SIGNED, some(CODE, most=7),
        )
    )  # fmt: skip
    if line.date_from == line.date_to:
        line.date_to = None
    extras = draw(
        st.builds(
            PaidLineExtras, description=MAYBE, revenue=MAYBE,
            refs=some(of(codes.LINE_REFS - {"6R"}), WORD), quantities=some(of(codes.LINE_QUANTITIES), NUMBERS),
            amounts=some(of(codes.LINE_AMOUNTS - {"B6"}), SIGNED), codes=some(st.just("RX"), CODE),
        )
    )  # fmt: skip
    if line.billed_code:
        other = of(codes.PROCEDURES - {line.qualifier})
        extras.billed_qualifier, extras.billed_modifiers = draw(st.just("") | other), draw(MODIFIERS)
        extras.billed_description = draw(MAYBE)
    line.extras = kept(extras)
    return line


PEOPLE = parties("MI HN 34", **PERSON)
CLAIM_EXTRAS = st.builds(
    PaidClaimExtras, NONE | PEOPLE, NONE | parties("PI XV"), NONE | PEOPLE, st.just(()), NONE | DAYS, NONE | DAYS,
    NONE | DAYS, st.just(()), some(of(codes.CLAIM_REFS), WORD, most=6), some(contacts("CX")),
    some(of(codes.CLAIM_AMOUNTS), SIGNED), some(of(codes.CLAIM_QUANTITIES), NUMBERS),
    NONE | st.builds(Outpatient, NONE | UNITS, SIGNED, NONE | SIGNED, NONE | SIGNED),
    NONE | figures("MIA", [1, 3, 15], [2, 4, *range(6, 15), *range(16, 20), 24]),
    MAYBE, NONE | UNITS, NONE | UNITS,
).map(kept)  # fmt: skip
CLAIMS = st.builds(
    PaidClaim, WORD, of(codes.STATUSES), SIGNED, SIGNED, NONE | SIGNED, of(codes.FILINGS - {"DM", "CI"}), MAYBE, MAYBE,
    MAYBE, NONE | PEOPLE, NONE | PEOPLE, NONE | parties("XX FI"), NONE | parties("PI XV"), NONE | DAYS, ADJUSTMENTS,
    st.lists(lines(), max_size=3), some(CODE, most=10), CLAIM_EXTRAS,
)  # fmt: skip
TOTALS = st.builds(
    ProviderTotals, WORD, CODE, NONE | DAYS, NONE | UNITS, NONE | SIGNED,
    figures("TS3", [23], [13, 15, 17, 18, 20, 21, 22, 24]),
)  # fmt: skip


@st.composite
def header_extras(draw: st.DrawFn, claims: int) -> RemittanceExtras:
    technical = draw(st.just(()) | st.tuples(contacts("BL"), contacts("BL")))
    extras = draw(
        st.builds(
            RemittanceExtras, MAYBE, st.just(""), MAYBE, NONE | st.tuples(CODE, NONE | UNITS), MAYBE, MAYBE,
            contacts=some(contacts("CX")), deliveries=some(st.sampled_from(["BM", "OL"]), CODE, CODE),
        )
    )  # fmt: skip
    extras.contacts += technical + draw(some(contacts("IC")))
    starts = draw(st.lists(st.integers(1, max(claims, 1)), max_size=3).map(sorted))
    if starts and claims:
        inpatient = NONE | figures("TS2", [7, 10], [1, 2, 19])
        extras.groups = tuple(
            [draw(st.builds(ClaimGroup, CODE, st.just(at), NONE | TOTALS, inpatient)) for at in (0, *starts)]
        )
    return extras


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    payer = parties("PI XV", **PLACE, refs=some(of(codes.PAYER_REFS), WORD))
    payee = parties("XX FI XV", **PLACE, tax_id=WORD, refs=some(of(codes.PAYEE_REFS), WORD))
    held = st.builds(ProviderAdjustment, CODE, DAYS, of(codes.REASONS), MAYBE, SIGNED)
    claims = draw(st.lists(CLAIMS, max_size=4))
    extras = draw(header_extras(len(claims)))
    one = draw(
        st.builds(
            Remittance, st.just("0001"), SIGNED, of(codes.METHODS), NONE | DAYS, WORD, WORD, payer, payee, NONE | DAYS,
            st.just(claims), st.lists(held, max_size=15), of(codes.HANDLINGS), st.sampled_from("CD"), MAYBE,
        )
    )  # fmt: skip
    one.extras = kept(extras)
    technical = next((contact for contact in extras.contacts if contact.kind == "BL"), None)
    if technical is None:
        one.payer.contact, one.payer.phone = draw(WORD), draw(st.sampled_from(["", "5550100000"]))
    else:
        ways = dict(reversed(technical.numbers))
        one.payer.contact, one.payer.phone, one.payer.email = technical.name, ways.get("TE", ""), ways.get("EM", "")
    return one


@settings(max_examples=tries(20), deadline=None)
@given(remittances())
def test_remittances_come_back(one: Remittance) -> None:
    text = write_835(make_envelope(), [one])
    back, problems = read_835(text)
    assert back == [one]
    assert [problem.code for problem in problems] == (["negative_payment"] if one.payment_cents < 0 else [])
    assert reemit(text) == text


@settings(max_examples=tries(10), deadline=None)
@given(remittances())
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


def test_dates_before_the_epoch_and_far_ahead_are_dates() -> None:
    one = Remittance("0001", 0, "NON", date(1900, 1, 1), "T", "1", Party("A"), Party("B"), date(2099, 12, 31))
    assert read_835(write_835(make_envelope(), [one]))[0] == [one]
