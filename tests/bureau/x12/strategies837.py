"""Professional claims as hypothesis thinks of them: every field of every value, each part present or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from bureau.x12.values import Adjustment, Party
from bureau.x12.values837 import (
    Accident,
    Ambulance,
    Attachment,
    Claim,
    ClaimExtras,
    ClaimSet,
    Condition,
    Contract,
    Dated,
    Drug,
    Form,
    LineDecision,
    LineExtras,
    OtherPayer,
    Rental,
    Repricing,
    ServiceLine,
)
from tests.bureau.x12.strategies import (
    BORN,
    CENTS,
    CODE,
    DAYS,
    MAYBE,
    MOMENTS,
    PERSON,
    PLACE,
    REFS,
    SIGNED,
    UNITS,
    WORD,
    parties,
    some,
)

ABROAD = {**PLACE, "country": CODE, "region": MAYBE}
CONTACT = {"contact": WORD, "phone": st.just("5550100000"), "extension": MAYBE, "email": MAYBE}
FAXED = {"contact": MAYBE, "fax": st.just("5550100001"), "email": MAYBE}
ADDRESSES = st.builds(Party, **PLACE) | st.builds(Party, name=WORD, **ABROAD)
SPANS = st.builds(
    lambda kind, first, days, clock: Dated(kind, first, first + timedelta(days) if days and not clock else None, clock),
    st.sampled_from(["431", "454", "304", "096"]),
    DAYS.filter(lambda day: day.year < 2099),
    st.integers(0, 40),
    st.sampled_from(["", "", "0930"]),
)
ATTACHMENTS = st.builds(Attachment, CODE, CODE, MAYBE)
CONDITIONS = st.builds(Condition, CODE, st.booleans(), st.lists(CODE, min_size=1, max_size=5).map(tuple))
CONTRACTS = st.builds(Contract, CODE, st.none() | CENTS, st.none() | UNITS, MAYBE, st.none() | UNITS, MAYBE)
TRIPS = st.builds(
    Ambulance, CODE, UNITS, st.none() | UNITS, MAYBE, MAYBE, st.none() | ADDRESSES, st.none() | ADDRESSES
) | st.builds(Ambulance, pickup=ADDRESSES)
REPRICINGS = st.builds(
    Repricing, CODE, st.none() | CENTS, st.none() | CENTS, MAYBE, st.none() | UNITS, MAYBE, st.none() | CENTS, MAYBE,
    MAYBE, MAYBE, st.none() | UNITS, MAYBE, MAYBE, MAYBE,
)  # fmt: skip
ADJUSTMENTS = st.lists(
    st.builds(Adjustment, st.sampled_from(["CO", "OA", "PI", "PR"]), CODE, SIGNED, st.none() | UNITS), max_size=8
).map(lambda found: tuple(sorted(found, key=lambda one: one.group)))
DRUGS = st.builds(
    Drug, CODE, UNITS, CODE, CODE, st.sampled_from(["XZ", "VY"]), st.sampled_from(["N4", "UP"])
) | st.builds(Drug, CODE)
DECISIONS = st.builds(
    LineDecision, CODE, CENTS, CODE, UNITS, st.none() | DAYS, st.sampled_from(["HC", "WK"]), some(CODE, 4), MAYBE,
    st.sampled_from(["", "3"]), ADJUSTMENTS, st.none() | CENTS,
)  # fmt: skip
FORMS = st.builds(
    Form, CODE, CODE, some(st.tuples(CODE, st.sampled_from("YNW"), MAYBE, st.just("") | st.just("20260101"), MAYBE))
)
LINE_PROVIDERS = st.lists(
    st.tuples(st.just("82"), parties(**PERSON, refs=REFS, taxonomy=MAYBE))
    | st.tuples(st.sampled_from(["QB", "DQ", "DN", "P3"]), parties(**PERSON, refs=REFS))
    | st.tuples(st.just("DK"), parties(**PERSON, **PLACE, **CONTACT, refs=REFS))
    | st.tuples(st.just("77"), parties(**ABROAD, refs=REFS)),
    max_size=4, unique_by=lambda pair: pair[0],
).map(tuple)  # fmt: skip


def said(extras: LineExtras | ClaimExtras) -> LineExtras | ClaimExtras | None:
    """What says nothing is not there."""
    return None if extras == type(extras)() else extras


LINE_EXTRAS = st.builds(
    LineExtras, some(ATTACHMENTS), st.none() | TRIPS, some(CONDITIONS), some(SPANS),
    some(st.tuples(st.sampled_from(["G1", "9F", "X4", "F4", "EW"]), WORD)), some(st.tuples(CODE, WORD)),
    some(st.tuples(CODE, CODE, UNITS)), some(st.tuples(st.sampled_from(["PT", "FL"]), UNITS)), some(WORD),
    st.none() | st.tuples(st.sampled_from("RIS"), st.just("MO"), UNITS),
    st.none() | st.builds(Rental, CODE, UNITS, CENTS, CENTS, st.sampled_from("146")), st.none() | CONTRACTS,
    st.none() | REPRICINGS, st.none() | st.tuples(CODE, CENTS), st.none() | CENTS, st.none() | CENTS, some(FORMS),
    some(st.tuples(st.just(""), st.sampled_from(["G1", "9F"]), WORD, CODE)),
).map(said)  # fmt: skip
CLAIM_EXTRAS = st.builds(
    ClaimExtras, MAYBE, MAYBE, MAYBE, some(SPANS), some(ATTACHMENTS), st.none() | CONTRACTS, st.none() | CENTS,
    some(st.tuples(st.sampled_from(["X4", "EA", "F5", "4N", "LX"]), WORD)), some(WORD),
    st.none() | st.tuples(CODE, WORD),
    st.none() | TRIPS, st.none() | st.tuples(CODE, MAYBE, MAYBE), some(CONDITIONS), some(CODE, 2), some(CODE, 24),
    st.none() | REPRICINGS,
).map(said)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> ServiceLine:
    first = draw(DAYS.filter(lambda day: day.year < 2099))
    line = ServiceLine(
        0, draw(CODE), draw(CENTS), draw(UNITS), first, draw(st.none() | st.just(first + timedelta(3))),
        draw(st.sampled_from(["HC", "WK"])), draw(some(CODE, 4)), draw(st.just("") | WORD),
        draw(st.sampled_from(["UN", "MJ"])), draw(MAYBE),
        draw(st.lists(st.integers(1, 12), min_size=1, max_size=4).map(tuple)), draw(MAYBE),
        *draw(st.tuples(*[st.booleans()] * 4)),
        draw(st.none() | DRUGS), draw(LINE_PROVIDERS), draw(some(DECISIONS)), draw(st.none() | LINE_EXTRAS),
    )  # fmt: skip
    if line.extras is not None and line.providers:
        code = line.providers[0][0]
        line.extras.payer_refs += draw(some(st.tuples(st.just(code), st.just("G2"), WORD, CODE)))
    return line


OTHER_PAYERS = st.builds(
    OtherPayer, parties(**PLACE, refs=REFS), parties(**PERSON, **PLACE, refs=REFS), CODE, CODE, MAYBE, MAYBE, MAYBE,
    MAYBE, ADJUSTMENTS, st.none() | CENTS, st.none() | CENTS, st.none() | CENTS, st.sampled_from("YNW"), MAYBE,
    st.sampled_from("YI"), st.lists(MAYBE, max_size=8).map(lambda codes: (*codes, "N1") if codes else ()),
    st.none() | DAYS, MAYBE, MAYBE, MAYBE, MAYBE,
    some(st.tuples(st.sampled_from(["DN", "82", "77", "85"]), st.builds(Party, is_person=st.booleans(), refs=REFS))),
)  # fmt: skip


@st.composite
def claims(draw: st.DrawFn, practice: Claim) -> Claim:
    """A claim of the billing provider, pay-to parties and currency that `practice` has."""
    found = draw(st.lists(lines(), min_size=1, max_size=3))
    for at, line in enumerate(found, 1):
        line.number = at
    dependent = draw(st.booleans())
    provider = st.none() | parties(**PERSON, refs=REFS)
    claim = replace(
        practice,
        pcn=draw(st.text("ABCDEFGHIJ0123456789", min_size=1, max_size=20)),
        charge_cents=sum(line.charge_cents for line in found), place=draw(CODE), frequency=draw(CODE),
        subscriber=draw(parties(**PERSON, **ABROAD, **BORN, **CONTACT, refs=REFS)),
        payer=draw(parties(**PLACE, refs=REFS)),
        payer_rank=draw(CODE), filing_code=draw(CODE), group_number=draw(MAYBE),
        relationship="19" if dependent else "18",
        patient=draw(st.builds(Party, WORD, **PERSON, **PLACE, **BORN, **CONTACT, refs=REFS)) if dependent else None,
        diagnoses=tuple(draw(st.lists(CODE, min_size=1, max_size=12))),
        diagnosis_kind=draw(st.sampled_from(["10", "9"])),
        lines=found,
        rendering=draw(st.none() | parties(**PERSON, refs=REFS, taxonomy=MAYBE)), referring=draw(provider),
        facility=draw(st.none() | parties(**PLACE, **FAXED, refs=REFS)), prior_auth=draw(MAYBE), referral=draw(MAYBE),
        payer_icn=draw(MAYBE), trace=draw(MAYBE), signature=draw(st.sampled_from("YN")),
        assignment=draw(st.sampled_from("ABC")), benefits=draw(st.sampled_from("NWY")),
        release=draw(st.sampled_from("IY")), plan_name=draw(MAYBE), insurance_type=draw(MAYBE),
        primary_care=draw(provider), supervising=draw(provider),
        accident=draw(st.none() | st.builds(Accident, st.lists(CODE, min_size=1, max_size=3).map(tuple),
                                            st.none() | DAYS, MAYBE, MAYBE)),
        other_payers=draw(some(OTHER_PAYERS)), extras=draw(st.none() | CLAIM_EXTRAS), died=draw(st.none() | DAYS),
        weight_pounds=draw(st.none() | UNITS), pregnant=draw(st.booleans()),
    )  # fmt: skip
    if practice.extras is not None:
        claim.extras = replace(claim.extras or ClaimExtras(), currency=practice.extras.currency)
    return claim


PRACTICES = st.builds(
    Claim, st.just(""), st.just(0), st.just(""), st.just(""),
    parties(**PLACE, **CONTACT, tax_id=CODE, tax_id_kind=st.sampled_from(["", "SY"]), taxonomy=MAYBE, refs=REFS),
    st.just(Party()), st.just(Party()), pay_to=st.none() | st.builds(Party, **PLACE),
    pay_to_plan=st.none() | parties(**PLACE, tax_id=CODE, refs=REFS),
    extras=st.none() | st.builds(ClaimExtras, currency=CODE),
)  # fmt: skip


@st.composite
def claim_sets(draw: st.DrawFn) -> ClaimSet:
    number = {"id_kind": st.just("46")}  # by which the parties of a file go
    one = ClaimSet(
        "0001", draw(WORD), draw(MOMENTS), draw(parties(**CONTACT, **number)), draw(parties(**number)),
        purpose=draw(st.sampled_from(["00", "18"])), use=draw(st.sampled_from(["CH", "RP"])),
    )  # fmt: skip
    for practice in draw(st.lists(PRACTICES, min_size=1, max_size=2, unique_by=str)):
        one.claims += draw(st.lists(claims(practice), min_size=1, max_size=2))
    return one
