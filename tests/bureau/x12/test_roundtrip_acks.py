"""read(write(value)) == value for TA1, 999 and 277CA, for whatever answers hypothesis can think of."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.x12.ack277 import read_277ca, write_277ca
from bureau.x12.ack999 import read_999, write_999
from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus, FunctionalAck, LineAck, Note, SetAck
from bureau.x12.envelope import InterchangeAck
from bureau.x12.samples import make_envelope
from bureau.x12.ta1 import read_ta1, write_ta1
from bureau.x12.values import Party
from tests.bureau.x12.strategies import CENTS, CODE, DAYS, MAYBE, MOMENTS, SIGNED, WORD, some
from tests.support.effort import tries

CONTROLS = st.integers(1, 10**9 - 1).map(str)
NOTES = st.builds(
    Note, st.integers(1, 10**6), st.sampled_from(["CLM", "NM1", "N3", "SV1"]), st.sampled_from(["1", "3", "8", "I6"]),
    st.just(""), st.just(""), st.sampled_from(["", "2300", "2400"]), MAYBE,
)  # fmt: skip


@st.composite
def notes(draw: st.DrawFn) -> Note:
    """With an element of its segment, or with none."""
    note = draw(NOTES)
    place = draw(st.sampled_from(["", "01", "05-3", "12"]))
    return note._replace(element=note.segment + place, element_code=draw(st.sampled_from("127"))) if place else note


VERDICTS = st.sampled_from("AER")
SETS = st.builds(
    SetAck, st.from_regex(r"[0-9]{4,9}", fullmatch=True), VERDICTS, some(CODE, 5), st.lists(notes(), max_size=4)
)
ACKS = st.builds(
    FunctionalAck, st.just("0001"), CONTROLS, st.sampled_from("AEPR"), *[st.integers(0, 999_999)] * 3,
    st.lists(SETS, max_size=3), st.sampled_from(["HC", "HP"]), st.just("005010X222A1"), some(CODE, 5),
)  # fmt: skip
STATUSES = st.builds(
    ClaimStatus, st.sampled_from(["A1", "A2", "A3", "A7"]), st.integers(0, 999).map(str), MAYBE, DAYS,
    st.sampled_from(["WQ", "U"]), st.none() | SIGNED, st.just("") | WORD,
)  # fmt: skip
SAID = st.lists(STATUSES, min_size=1, max_size=3)
PEOPLE = st.builds(Party, WORD, MAYBE, is_person=st.just(True), id_kind=st.just("MI"), id=WORD)
FIRMS = st.builds(Party, WORD, id_kind=st.sampled_from(["46", "PI", "XX"]), id=WORD)
CLAIMS = st.builds(
    ClaimAck, WORD, SAID, MAYBE, MAYBE, st.none() | DAYS, PEOPLE,
    lines=st.lists(st.builds(LineAck, CODE, st.none() | CENTS, MAYBE, SAID), max_size=2),
)  # fmt: skip


@st.composite
def batches(draw: st.DrawFn) -> ClaimAckSet:
    one = draw(
        st.builds(
            ClaimAckSet, st.just("0001"), WORD, st.sampled_from(["PR", "AY"]), FIRMS, FIRMS, FIRMS, WORD, SAID,
            st.lists(CLAIMS, max_size=3), *[st.integers(0, 9_999)] * 2, CENTS, CENTS,
            MOMENTS, provider_reference=WORD.filter(lambda word: word != "0"), provider_statuses=SAID,
        )
    )  # fmt: skip
    for status in one.provider_statuses:
        status.on = None  # that level has no place for a date
    return one


@settings(max_examples=tries(30))
@given(st.lists(ACKS, min_size=1, max_size=2))
def test_any_999_comes_back(acks: list[FunctionalAck]) -> None:
    for at, one in enumerate(acks, 1):
        one.control = f"{at:04d}"
    assert read_999(write_999(make_envelope(), acks)) == (acks, [])


@settings(max_examples=tries(30))
@given(batches())
def test_any_277ca_comes_back(one: ClaimAckSet) -> None:
    assert read_277ca(write_277ca(make_envelope(), [one])) == ([one], [])


@settings(max_examples=tries(30))
@given(st.lists(st.tuples(st.integers(1, 10**9 - 1), VERDICTS, st.integers(0, 31), MOMENTS), min_size=1, max_size=3))
def test_any_ta1_comes_back(said: list[tuple[int, str, int, datetime]]) -> None:
    acks = [
        InterchangeAck(f"{number:09d}", verdict, f"{note:03d}", moment.replace(second=0))
        for number, verdict, note, moment in said
    ]
    assert read_ta1(write_ta1(make_envelope(), acks)) == (acks, [])
