"""read(write(value)) == value for claim status, for whatever values hypothesis can think of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.x12.samples import make_envelope
from bureau.x12.status276 import read_276, write_276
from bureau.x12.status277 import read_277, write_277
from bureau.x12.tree import reemit
from bureau.x12.values import Party
from bureau.x12.values277 import (
    AnswerSet,
    InquirySet,
    LineAnswer,
    Status,
    StatusAnswer,
    StatusCode,
    StatusInquiry,
    StatusLine,
)
from tests.bureau.x12.strategies import CENTS, CODE, DAYS, MAYBE, MOMENTS, UNITS, WORD
from tests.bureau.x12.test_claim_status import DESK, JANE, PAYER, PRACTICE
from tests.support.effort import tries

PERSONS = st.builds(Party, WORD, first=MAYBE, middle=MAYBE, suffix=MAYBE, is_person=st.just(True))
MEMBERS = st.builds(Party, WORD, first=MAYBE, is_person=st.just(True), id_kind=st.sampled_from(["MI", "II"]), id=WORD)
FIRMS = st.builds(Party, WORD, id_kind=st.sampled_from(["PI", "XV", "46", "XX"]), id=WORD)
BORN = {"birth": DAYS, "sex": st.sampled_from(["", "F", "M"])}
SPANS = {"date_from": DAYS, "date_to": st.none()}
OTHER_REFS = st.lists(st.tuples(st.sampled_from(["LU", "6P", "XZ", "VV", "D9"]), WORD), max_size=3).map(tuple)
CLAIM_PARTS = {
    "trace": WORD, "payer": st.sampled_from([PAYER, replace(PAYER, id="P2")]) | FIRMS,
    "receiver": st.just(DESK) | FIRMS, "provider": st.just(PRACTICE) | FIRMS,
    "payer_icn": MAYBE, "bill_type": MAYBE, "pcn": MAYBE, "refs": OTHER_REFS, **SPANS,
}  # fmt: skip
LINE_PARTS = {
    "code": CODE, "charge_cents": CENTS, **SPANS, "qualifier": st.sampled_from(["HC", "N4", "NU", "AD"]),
    "modifiers": st.lists(CODE, max_size=4).map(tuple), "revenue": MAYBE, "units": st.none() | UNITS, "control": MAYBE,
}  # fmt: skip
STATUSES = st.builds(
    Status,
    st.lists(st.builds(StatusCode, CODE, CODE, MAYBE, st.sampled_from(["", "RX"])), min_size=1, max_size=3).map(tuple),
    st.none() | DAYS, st.none() | CENTS, st.none() | CENTS, st.none() | DAYS, st.none() | DAYS, MAYBE,
)  # fmt: skip
SAID = st.lists(STATUSES, min_size=1, max_size=3)
INQUIRED = st.builds(
    StatusInquiry, **CLAIM_PARTS, subscriber=st.just(JANE) | MEMBERS,
    patient=st.none() | st.builds(Party, WORD, MAYBE, is_person=st.just(True), **BORN), charge_cents=st.none() | CENTS,
    lines=st.lists(st.builds(StatusLine, **LINE_PARTS), max_size=3),
)  # fmt: skip
ANSWERED = st.builds(
    StatusAnswer, **CLAIM_PARTS, subscriber=MEMBERS, patient=st.none() | PERSONS, statuses=SAID,
    lines=st.lists(
        st.builds(LineAnswer, **LINE_PARTS, paid_cents=st.none() | CENTS, statuses=SAID), max_size=3
    ),
)  # fmt: skip
ABOVE = st.builds(
    StatusAnswer,
    WORD.filter(lambda trace: trace != "0"),
    st.just(PAYER),
    st.just(DESK),
    st.none() | st.just(PRACTICE),
    statuses=SAID,
)


def stretch(spans: list[Any], days: int) -> None:
    """Make spans of that many more days of single ones."""
    for one in spans:
        if days:
            one.date_to = one.date_from + timedelta(days)


@settings(max_examples=tries(20))
@given(st.lists(INQUIRED, min_size=1, max_size=5), WORD, MOMENTS, st.integers(0, 1))
def test_all_questions_come_back(claims: list[StatusInquiry], reference: str, moment: datetime, span: int) -> None:
    stretch([one for claim in claims for one in (claim, *claim.lines)], span)
    one = InquirySet("0001", reference, claims, moment)
    text = write_276(make_envelope(), [one])
    assert read_276(text) == ([one], [])
    assert reemit(text) == text


@settings(max_examples=tries(20))
@given(st.lists(ANSWERED | ABOVE, min_size=1, max_size=5), WORD, MOMENTS, st.integers(0, 1))
def test_all_answers_come_back(answers: list[StatusAnswer], reference: str, moment: datetime, span: int) -> None:
    stretch([one for answer in answers if answer.is_about_claim for one in (answer, *answer.lines)], span)
    one = AnswerSet("0001", reference, answers, moment)
    assert read_277(write_277(make_envelope(), [one])) == ([one], [])
