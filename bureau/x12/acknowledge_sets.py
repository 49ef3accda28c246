"""What we say of an interchange, a group and its sets: TA1 and 999 values from one list of findings."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bureau.x12 import ackcodes
from bureau.x12.acks import ClaimAckSet, FunctionalAck, Note, SetAck
from bureau.x12.check import is_read
from bureau.x12.envelope import Group, Interchange, InterchangeAck, TransactionSet
from bureau.x12.structure import shape_of
from bureau.x12.syntax import segment_of
from bureau.x12.values837 import Claim
from config.problems import Problem

MOST_NOTES = 100  # per set: who wants more looks at the file
# What is well said and still wrong: a claim goes back by itself, a payment is held; the set is not refused.
JUDGED = frozenset(
    {"charge_sum", "line_balance", "claim_balance", "claim_charge", "claim_paid", "payment_balance", "not_evaluable"}
)
ACKNOWLEDGEMENTS = "FA"  # GS01: there is no 999 for a 999
_ENVELOPE = frozenset({"ST", "GS", "ISA"})  # no loops that an IK303 names
_BAD_CONTROL = "022"
_KIND, _NUMBER = re.compile("[A-Z0-9]{2}"), re.compile("[0-9]{1,9}")  # GS01, GS06
_PLACE = re.compile(r".{1,3}\d\d(-\d\d?)*", re.ASCII | re.DOTALL)  # what IK401 has room for, past 99 there is none
_LOOP_OPENERS = {"2": "HL", "1": "NM1"}  # of a loop that is missing, by the first digit of its name
_NAMED = {"relationship_missing": "PAT"}  # what is missing where the finding names something else


@dataclass(slots=True)
class Reply:
    """What goes back to the sender of one interchange."""

    interchange: Interchange
    ta1: InterchangeAck | None
    functional_acks: list[FunctionalAck] = field(default_factory=list)
    accepted: frozenset[int] = frozenset()  # first segments of the sets that were accepted
    claim_acks: list[ClaimAckSet] = field(default_factory=list)

    @property
    def wants_ta1(self) -> bool:
        """A TA1 is sent where it was asked for, and where there is something to say."""
        return self.ta1 is not None and (self.interchange.ack_requested or self.ta1.verdict != "A")


class Told:
    """Findings about one text in the order of their segments, to be asked for by place."""

    def __init__(self, problems: Iterable[Problem], claims: Iterable[Claim] = ()) -> None:
        self._problems = sorted(problems, key=lambda problem: problem.segment or 0)
        self._places = [problem.segment or 0 for problem in self._problems]
        self._claims = sorted(claims, key=lambda claim: claim.first_segment)
        self._starts = [claim.first_segment for claim in self._claims]

    def between(self, first: int, last: int) -> Sequence[Problem]:
        return self._problems[bisect_left(self._places, first) : bisect_right(self._places, last)]

    def claim_at(self, position: int) -> str:
        """CLM01 of the claim that a segment stands in, else empty."""
        at = bisect_right(self._starts, position) - 1
        return self._claims[at].pcn if at >= 0 and position <= self._claims[at].last_segment else ""


def answer_envelope(one: Interchange, told: Told) -> Reply:
    """TA1 and 999s to one interchange; where it is rejected as a whole, nothing inside is acknowledged."""
    ta1 = answer_interchange(one, told)
    if ta1 is None or ta1.verdict == "R":
        return Reply(one, ta1)
    groups = [group for group in one.groups if group.kind != ACKNOWLEDGEMENTS]
    acks = [answer_group(group, told, f"{at:04d}") for at, group in enumerate(groups, 1)]
    pairs = [pair for group, ack in zip(groups, acks, strict=True) for pair in zip(group.sets, ack.sets, strict=False)]
    return Reply(one, ta1, acks, frozenset(sent.first for sent, said in pairs if said.verdict in "AE"))


def answer_interchange(one: Interchange, told: Told) -> InterchangeAck | None:
    """A TA1: A, E for what leaves the groups usable, R for what does not; None where only TA1s were sent."""
    if one.tas and not one.groups:
        return None
    notes = [
        note
        for problem in told.between(one.first, one.last)
        if (note := _code(problem, ackcodes.NOTE_OF, ackcodes.NOTE_OF_ELEMENT))
    ]
    if not one.groups:
        notes.append("024")
    elif not all(map(is_named, one.groups)):
        notes.append(_BAD_CONTROL)
    refusing = [note for note in notes if note in ackcodes.REFUSING_NOTES]
    verdict = "R" if refusing or not one.groups else "E" if notes else "A"
    return InterchangeAck(one.control, verdict, [*refusing, *notes, "000"][0], one.created)


def is_named(group: Group) -> bool:
    """Whether AK1 can say which group it is about: a 999 on any other would be none."""
    return _KIND.fullmatch(group.kind) is not None and _NUMBER.fullmatch(group.control) is not None


def answer_group(group: Group, told: Told, control: str) -> FunctionalAck:
    """A 999: R for the group where its frame does not hold, else as its sets fare; never A beside a finding."""
    codes = [
        code
        for problem in told.between(group.first, group.last)
        if (code := _code(problem, ackcodes.GROUP_CODE_OF, ackcodes.GROUP_CODE_OF_ELEMENT))
    ]
    codes += [] if group.version.startswith("005010") or not group.version else ["2"]
    codes = list(dict.fromkeys(codes))[:5]
    is_refused = any(code in ackcodes.REFUSING_GROUP_CODES for code in codes)
    sets = [] if is_refused else [answer_set(one, told) for one in group.sets]
    accepted = sum(one.verdict in "AE" for one in sets)
    if not accepted:
        verdict = "R"
    elif accepted < len(sets):
        verdict = "P"
    else:
        verdict = "E" if codes or any(one.verdict == "E" for one in sets) else "A"
    count = len(group.sets)
    return FunctionalAck(
        control, group.control, verdict, count, count, accepted, sets, group.kind, group.version, tuple(codes)
    )


def answer_set(one: TransactionSet, told: Told) -> SetAck:
    """Accepted, accepted with what was noted, or rejected for an error; one that we cannot read is rejected."""
    if not is_read(one.kind, one.version):
        return SetAck(one.control, "R", ("1",))
    notes: list[Note] = []
    codes: list[str] = []
    is_wrong = False
    for problem in told.between(one.first, one.last):
        if problem.code in JUDGED:
            continue
        code = _code(problem, ackcodes.SET_CODE_OF, ackcodes.SET_CODE_OF_ELEMENT)
        note = None if code else make_note(one, problem, told)
        if not code and note is None:
            continue
        is_wrong |= problem.is_error
        codes += [code] if code else []
        notes += [note] if note is not None and note not in notes[-5:] else []
    if notes:
        codes.append("5")
    if not codes:
        return SetAck(one.control, "A")
    return SetAck(one.control, "R" if is_wrong else "E", tuple(dict.fromkeys(codes))[:5], notes[:MOST_NOTES])


def make_note(one: TransactionSet, problem: Problem, told: Told) -> Note | None:
    """A finding as IK3 and IK4 say it; None for a remark of ours that no code of a 999 stands for."""
    segment = problem.segment or one.first
    loop = "" if problem.loop in _ENVELOPE else problem.loop
    note = Note(segment - one.first + 1, _segment_named(problem), "8", loop=loop, claim=told.claim_at(segment))
    code = ackcodes.SEGMENT_CODE_OF.get(problem.code)
    if code is not None:
        return note._replace(code=code)
    code = ackcodes.ELEMENT_CODE_OF.get(problem.code)
    if code is None and not problem.is_error:
        return None
    element, code = _element_named(problem), code or "7"
    return note._replace(element=element, element_code=code) if element else note


def _code(problem: Problem, by_code: Mapping[str, str], by_element: Mapping[str, str]) -> str:
    return by_code.get(problem.code) or (by_element.get(problem.element, "") if problem.is_error else "")


def _segment_named(problem: Problem) -> str:
    """IK301: the segment that is wrong, or the one that is missing."""
    if problem.code == "loop_missing" and problem.element == "SE":
        return _LOOP_OPENERS.get(problem.loop[:1], "NM1")
    return _NAMED.get(problem.code) or segment_of(problem.element) or "ST"


def _element_named(problem: Problem) -> str:
    """The element at fault; of a segment with too many, the first that is too much."""
    if problem.code == "too_many_elements":
        shape = shape_of(problem.element)
        return f"{problem.element}{len(shape.elements) + 1:02d}" if shape else ""
    return problem.element if _PLACE.fullmatch(problem.element) else ""
