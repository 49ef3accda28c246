"""read(write(value)) == value for eligibility and review, for whatever values hypothesis can think of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.x12.eligibility270 import read_270, write_270
from bureau.x12.eligibility271 import read_271, write_271
from bureau.x12.inquiries import (
    Contact,
    Delivery,
    Diagnosis,
    Entity,
    Parties,
    Procedure,
    ProviderRole,
    Rejection,
    Trace,
)
from bureau.x12.review278 import read_278, write_278_response
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit
from bureau.x12.values import Party
from bureau.x12.values271 import (
    Benefit,
    Circumstance,
    EligibilityAnswer,
    EligibilityAnswerSet,
    EligibilityInquiry,
    EligibilityInquirySet,
    Question,
)
from bureau.x12.values278 import Decision, Event, Review, ReviewKind, Service
from bureau.x12.values837 import Attachment, Condition, Dated
from tests.bureau.x12.inquiry_values import MOMENT
from tests.bureau.x12.strategies import CENTS, CODE, DAYS, MAYBE, UNITS, WORD
from tests.support.effort import tries


def few(one: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(one, max_size=most).map(tuple)


REJECTIONS = few(
    st.builds(Rejection, st.sampled_from(["15", "42", "72", "75"]), st.sampled_from("CNRP"), st.booleans())
)
TRACES = few(st.builds(Trace, WORD, CODE | st.just(""), MAYBE, st.sampled_from("12")))
DATED = st.builds(
    lambda kind, first, days: Dated(kind, first, date.fromordinal(first.toordinal() + days) if days else None),
    CODE.map(lambda code: code[:3]), DAYS, st.integers(0, 365),
)  # fmt: skip
DATES = few(DATED)
REFS = few(st.tuples(st.sampled_from(["6P", "18", "1W", "BB"]), WORD))
PROCEDURES = st.builds(Procedure, CODE, st.sampled_from(["HC", "N4"]), few(CODE, 4), st.just("") | WORD, MAYBE)
DIAGNOSES = few(st.builds(Diagnosis, st.sampled_from(["ABK", "ABF"]), CODE, st.none() | DAYS), 12)
AMOUNTS = few(st.tuples(st.sampled_from(["R", "PB"]), CENTS))
COUNT = st.integers(1, 99).map(Decimal)
DELIVERIES = few(
    st.builds(Delivery, CODE, UNITS, MAYBE, st.none() | COUNT, CODE, st.none() | COUNT, MAYBE, MAYBE)
)  # fmt: skip
POINTERS = few(st.integers(1, 12), 4)
CIRCUMSTANCES = few(st.builds(Circumstance, st.just("ZZ"), CODE, MAYBE, MAYBE))
CONTACTS = few(
    st.builds(
        Contact,
        MAYBE,
        st.lists(
            st.tuples(st.just("TE"), st.just("5550100000")) | st.tuples(st.just("EM"), WORD), min_size=1, max_size=3
        ).map(tuple),
    )
)
ROLES = st.none() | st.builds(ProviderRole, CODE, st.sampled_from(["PXC", "HPI"]), CODE)


def entities(kind: str, **more: st.SearchStrategy[object]) -> st.SearchStrategy[Entity]:
    """Anyone of this NM101, with all that may hang on a name and `more`."""
    person = kind in ("IL", "03", "QC", "P3", "DK")
    names = {"first": MAYBE, "middle": MAYBE, "suffix": MAYBE} if person else {}
    party = st.builds(
        Party, name=WORD, is_person=st.just(person), id_kind=st.sampled_from(["XX", "MI", "PI"]), id=WORD, street=WORD,
        street2=MAYBE, city=WORD, state=CODE, zip=CODE, birth=st.none() | DAYS, sex=st.sampled_from(["", "F", "M"]),
        refs=REFS, **names,
    )  # fmt: skip
    hanging = {"role": ROLES, "contacts": CONTACTS, "diagnoses": DIAGNOSES, "dates": DATES, **more}
    return st.builds(Entity, st.just(kind), party, **hanging)


MEMBER = {
    "traces": TRACES, "relationship": st.sampled_from(["", "18", "19"]),
}  # fmt: skip

INQUIRIES = st.builds(
    EligibilityInquiry, entities("PR"), entities("1P"), entities("IL", **MEMBER), st.none() | entities("03", **MEMBER),
    st.lists(
        st.builds(Question, few(CODE, 3).filter(bool), st.none() | PROCEDURES, MAYBE, POINTERS, AMOUNTS, CIRCUMSTANCES,
                  REFS, DATES),
        min_size=1, max_size=2,
    ),
)  # fmt: skip
BENEFITS = st.builds(
    Benefit, CODE, MAYBE, few(CODE), MAYBE, st.just("") | WORD, MAYBE, st.none() | CENTS,
    st.none() | st.decimals(0, 1, places=2), MAYBE, st.none() | UNITS, MAYBE, MAYBE, st.none() | PROCEDURES, POINTERS,
    DELIVERIES, REFS, DATES, REJECTIONS, few(WORD), CIRCUMSTANCES,
    st.lists(entities("P3") | entities("PRP"), max_size=2),
)  # fmt: skip
REFUSABLE = {"rejections": REJECTIONS, "level_rejections": REJECTIONS}
REPLIES = st.builds(
    EligibilityAnswer, entities("PR", **REFUSABLE), entities("1P", **REFUSABLE),
    entities("IL", **REFUSABLE, **MEMBER), st.none() | entities("03", **REFUSABLE, **MEMBER),
    st.lists(BENEFITS, max_size=2),
) | st.builds(EligibilityAnswer, entities("PR", **REFUSABLE), st.none() | entities("1P", **REFUSABLE))  # fmt: skip


@settings(max_examples=tries(15))
@given(st.lists(INQUIRIES, min_size=1, max_size=3), st.booleans())
def test_any_questions_come_back(inquiries: list[EligibilityInquiry], together: bool) -> None:
    if together:  # neighbours with the same payer, provider and subscriber
        first = inquiries[0]
        inquiries = [
            replace(one, source=first.source, receiver=first.receiver, subscriber=first.subscriber) for one in inquiries
        ]
    one = EligibilityInquirySet("0001", "REF1", MOMENT, inquiries=inquiries)
    text = write_270(make_envelope(), [one])
    assert read_270(text) == ([one], [])
    assert reemit(text) == text


@settings(max_examples=tries(15))
@given(st.lists(REPLIES, min_size=1, max_size=3), st.booleans())
def test_any_answers_come_back(answers: list[EligibilityAnswer], together: bool) -> None:
    if together:
        first = answers[0]
        answers = [replace(one, source=first.source, receiver=first.receiver, subscriber=first.subscriber,
                           dependent=one.dependent if first.subscriber else None,
                           benefits=one.benefits if first.subscriber else []) for one in answers]  # fmt: skip
    one = EligibilityAnswerSet("0001", "REF1", MOMENT, answers=answers)
    text = write_271(make_envelope(), [one])
    assert read_271(text) == ([one], [])
    assert reemit(text) == text


KINDS = st.builds(
    ReviewKind, st.sampled_from(["HS", "AR"]), CODE, MAYBE, CODE, st.sampled_from("AB"), few(CODE), MAYBE, MAYBE, MAYBE,
    MAYBE, MAYBE, MAYBE, MAYBE,
)  # fmt: skip
DECISIONS = st.none() | st.builds(Decision, CODE, MAYBE, few(CODE), MAYBE)
ATTACHMENTS = few(st.builds(Attachment, CODE, CODE, MAYBE))
CONDITIONS = few(st.builds(Condition, CODE, st.booleans(), few(CODE, 5).filter(bool)))
# An HI and a day stand with names in eligibility only; here they belong to the event.
BARE = {"diagnoses": st.just(()), "dates": st.just(())}
PROVIDERS = st.lists(entities("DK", rejections=REJECTIONS, **BARE), max_size=2)
BOTH = (DECISIONS, REFS, DATES, DIAGNOSES, DELIVERIES, ATTACHMENTS, few(WORD), PROVIDERS)
EVENTS = st.builds(Event, TRACES, REJECTIONS, KINDS, *BOTH, conditions=CONDITIONS)
COUNTED = {"cents": st.none() | CENTS, "unit": MAYBE, "quantity": st.none() | UNITS, "nursing_level": MAYBE}
SHARED = (TRACES, REJECTIONS, st.none() | KINDS, *BOTH)
SERVICES = (
    st.builds(Service, *SHARED)
    | st.builds(Service, *SHARED, st.just("SV1"), PROCEDURES, pointers=POINTERS, early_screening=MAYBE, **COUNTED)
    | st.builds(Service, *SHARED, st.just("SV2"), st.none() | PROCEDURES, CODE, rate_cents=st.none() | CENTS,
                residence=MAYBE, **COUNTED)
)  # fmt: skip


def levels(*kinds: str) -> list[st.SearchStrategy[Entity]]:
    return [entities(kind, **REFUSABLE, **BARE) for kind in kinds]


PEOPLE = st.builds(Parties, *levels("X3", "1P", "IL"), st.none() | entities("QC", **REFUSABLE, **BARE, **MEMBER))
HEADS = (st.just("0001"), WORD, st.just(MOMENT), st.just("11"), st.sampled_from(["", "18", "19"]))
REVIEWS = st.builds(
    Review, *HEADS, PEOPLE, EVENTS, st.lists(SERVICES, max_size=2)
) | st.builds(Review, *HEADS, st.builds(Parties, levels("X3")[0], st.none() | levels("1P")[0]))  # fmt: skip


@settings(max_examples=tries(20))
@given(REVIEWS)
def test_any_review_comes_back(one: Review) -> None:
    text = write_278_response(make_envelope(), [one])
    assert read_278(text) == ([one], [])
    assert reemit(text) == text
