"""Interchanges, groups and transaction sets: who sends what to whom, and whether the counts agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bureau.x12.findings import Findings
from bureau.x12.resting import collector_at_rest
from bureau.x12.scalars import parse_moment
from bureau.x12.syntax import STANDARD, Delimiters, X12Error, iter_blocks, slices
from config.problems import Problem, Severity

_ISA_PARTS = 17  # the name and ISA01 to ISA16
_PAD = [""] * _ISA_PARTS
_SAMPLE = 1 << 12
_BEGINNINGS = frozenset({"IS", "IE", "GS", "GE", "ST", "SE", "TA"})  # of the control segments


@dataclass(slots=True)
class TransactionSet:
    """One ST..SE; `first` and `last` are 1-based positions in the file, ST and SE included."""

    kind: str  # ST01
    control: str  # ST02
    version: str  # ST03, or GS08 where ST03 is absent
    first: int
    last: int = 0


@dataclass(slots=True)
class Group:
    """One GS..GE."""

    kind: str  # GS01
    sender: str
    receiver: str
    control: str  # GS06
    version: str  # GS08
    created: datetime | None = None
    sets: list[TransactionSet] = field(default_factory=list)
    closed: bool = False
    first: int = 0  # places in the file of GS and GE, or of what stands where the GE should
    last: int = 0


@dataclass(slots=True)
class InterchangeAck:
    """A TA1: the verdict (A, E, R) on one interchange that was sent."""

    control: str  # ISA13 acknowledged
    verdict: str
    note: str
    created: datetime | None = None  # date and time of the interchange acknowledged


@dataclass(slots=True)
class Interchange:
    """One ISA..IEA."""

    sender: str
    receiver: str
    control: str  # ISA13 as sent, nine digits
    created: datetime | None
    production: bool
    version: str  # ISA12
    sender_kind: str = ""
    receiver_kind: str = ""
    ack_requested: bool = False
    delimiters: Delimiters = STANDARD
    groups: list[Group] = field(default_factory=list)
    tas: list[InterchangeAck] = field(default_factory=list)
    closed: bool = False
    first: int = 0  # places in the file of ISA and IEA, or of the last segment before the next ISA
    last: int = 0


def decode(data: bytes) -> tuple[str, list[Problem]]:
    """The text of a file: UTF-8 with or without a mark, else Latin-1; UTF-16 and binary are refused.

    A refusal is one error and the empty text; a file that is not UTF-8 is read with a warning.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:_SAMPLE:2].count(0) > 8 or data[1:_SAMPLE:2].count(0) > 8:
        return "", [Problem("file", "encoding", "The file is UTF-16 or binary; X12 is sent as plain text.")]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = "Some characters are not UTF-8; the file was read as Latin-1."
        return data.decode("latin-1"), [Problem("file", "encoding", text, Severity.WARNING)]


class Tracker:
    """Follows ISA, GS, ST and their trailers through a file and gathers what does not agree."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.interchanges: list[Interchange] = []
        self.problems = Findings(file)
        self.report = self.problems.error
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.set: TransactionSet | None = None
        self.delimiters = STANDARD
        self._controls: dict[str, set[str]] = {"ISA": set(), "GS": set(), "ST": set()}
        self.handlers: dict[str, Callable[[list[str], int], None]] = {
            "ISA": self.on_isa, "IEA": self.on_iea, "GS": self.on_gs, "GE": self.on_ge,
            "ST": self.on_st, "SE": self.on_se, "TA1": self.on_ta1,
        }  # fmt: skip

    def _seen(self, kind: str, control: str) -> bool:
        """Whether this control number was there before in its file, interchange or group."""
        known = self._controls[kind]
        before = control in known
        known.add(control)
        return before

    def on_isa(self, e: list[str], n: int) -> None:
        self._close_interchange(n)
        if len(e) < _ISA_PARTS:
            self.report("isa_short", n, "ISA", "An ISA has fewer than its 16 elements; it opens no interchange.")
            return
        self.interchange = Interchange(
            e[6].strip(), e[8].strip(), e[13].strip(), parse_moment(e[9], e[10]), e[15] == "P", e[12],
            e[5].strip(), e[7].strip(), e[14] == "1", self.delimiters, first=n,
        )  # fmt: skip
        if self._seen("ISA", self.interchange.control):
            self.report("isa_duplicate", n, "ISA13", "The interchange control number occurs twice in the file.")
        self._controls["GS"].clear()
        self.interchanges.append(self.interchange)

    def on_iea(self, e: list[str], n: int) -> None:
        self._close_group(n)
        current, self.interchange = self.interchange, None
        if current is None:
            self.report("iea_unexpected", n, "IEA", "An IEA stands here without an ISA before it.")
            return
        current.closed, current.last = True, n
        e = e + _PAD
        if _number(e[1]) != len(current.groups):
            text = f"IEA01 does not give the number of groups, which is {len(current.groups)}."
            self.report("iea_count", n, "IEA01", text)
        if _number(e[2]) != _number(current.control):
            self.report("iea_control", n, "IEA02", "IEA02 differs from ISA13.")

    def on_gs(self, e: list[str], n: int) -> None:
        self._close_group(n)
        if self.interchange is None:
            self.report("gs_unexpected", n, "GS", "A GS stands here outside an interchange.")
        e = e + _PAD
        self._controls["ST"].clear()
        self.group = Group(e[1], e[2].strip(), e[3].strip(), e[6], e[8], parse_moment(e[4], e[5]), first=n)
        if self.interchange is not None:
            if self._seen("GS", e[6]):
                self.report("gs_duplicate", n, "GS06", "The group control number occurs twice in the interchange.")
            self.interchange.groups.append(self.group)

    def on_ge(self, e: list[str], n: int) -> None:
        self._close_set(n)
        current, self.group = self.group, None
        if current is None:
            self.report("ge_unexpected", n, "GE", "A GE stands here without a GS before it.")
            return
        current.closed, current.last = True, n
        e = e + _PAD
        if _number(e[1]) != len(current.sets):
            text = f"GE01 does not give the number of transaction sets, which is {len(current.sets)}."
            self.report("ge_count", n, "GE01", text)
        if e[2] != current.control:
            self.report("ge_control", n, "GE02", "GE02 differs from GS06.")

    def on_st(self, e: list[str], n: int) -> None:
        self._close_set(n)
        e = e + _PAD
        version = e[3] or (self.group.version if self.group else "")
        self.set = TransactionSet(e[1], e[2], version, n)
        if self.group is None:
            self.report("st_unexpected", n, "ST", "A transaction set stands here outside a group.")
            return
        if self._seen("ST", e[2]):
            self.report("st_duplicate", n, "ST02", "The control number of the set occurs twice in its group.")
        if e[3] and e[3] != self.group.version:
            self.report("st_version", n, "ST03", "ST03 differs from GS08.")
        self.group.sets.append(self.set)

    def on_se(self, e: list[str], n: int) -> None:
        current, self.set = self.set, None
        if current is None:
            self.report("se_unexpected", n, "SE", "An SE stands here without an ST before it.")
            return
        current.last = n
        e = e + _PAD
        count = n - current.first + 1
        if _number(e[1]) != count:
            self.report("se_count", n, "SE01", f"SE01 does not give the number of segments, which is {count}.")
        if e[2] != current.control:
            self.report("se_control", n, "SE02", "SE02 differs from ST02.")

    def on_ta1(self, e: list[str], n: int) -> None:
        e = e + _PAD
        if self.interchange is None:
            self.report("ta1_unexpected", n, "TA1", "A TA1 stands here outside an interchange.")
            return
        self.interchange.tas.append(InterchangeAck(e[1], e[4], e[5], parse_moment(e[2], e[3])))

    def outside(self, identifier: str, n: int) -> None:
        """A segment that is neither control nor inside a transaction set."""
        text = "A segment stands outside every transaction set."
        self.report("segment_outside", n, identifier[:3], text)

    def finish(self, n: int) -> None:
        """The file has ended after segment `n`: report what is still open, or that there was nothing."""
        self._close_interchange(n + 1)
        sets = any(group.sets for one in self.interchanges for group in one.groups)
        if not sets and not any(one.tas for one in self.interchanges):
            self.report("no_transactions", n, "ST", "The file holds no transaction set.")
        self.problems.conclude(n)

    def _close_set(self, n: int) -> None:
        if self.set is not None:
            self.set.last = n - 1
            self.report("se_missing", n - 1, "SE", "A transaction set is not closed by an SE.")
            self.set = None

    def _close_group(self, n: int) -> None:
        self._close_set(n)
        if self.group is not None:
            self.group.last = n - 1
            self.report("ge_missing", n - 1, "GE", "A group is not closed by a GE.")
            self.group = None

    def _close_interchange(self, n: int) -> None:
        self._close_group(n)
        if self.interchange is not None:
            self.interchange.last = n - 1
            self.report("iea_missing", n - 1, "IEA", "An interchange is not closed by an IEA.")
            self.interchange = None


def _number(text: str) -> int:
    """A count or control number without its leading zeros, -1 when it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def track(chunks: Iterable[str], tracker: Tracker) -> None:
    """Run control segments past the tracker; raises X12Error when the text has no ISA."""
    n = 0
    handlers = tracker.handlers
    for delimiters, segments in iter_blocks(chunks):
        tracker.delimiters = delimiters
        for raw in segments:
            n += 1
            if raw[:2] not in _BEGINNINGS and tracker.set is not None:
                continue  # data inside a set, as nearly all is
            identifier = raw.split(delimiters.element, 1)[0]
            handler = handlers.get(identifier)
            if handler is not None:
                handler(raw.split(delimiters.element), n)
            elif tracker.set is None:
                tracker.outside(identifier, n)
    tracker.finish(n)


def read_envelope(text: str, file: str = "") -> tuple[list[Interchange], list[Problem]]:
    """Every interchange with its groups and sets, and every count or control number that does not agree."""
    tracker = Tracker(file)
    try:
        with collector_at_rest():
            track(slices(text), tracker)
    except X12Error as error:
        tracker.problems.refuse(error)
    return tracker.interchanges, tracker.problems


def find_segments(text: str, wanted: TransactionSet) -> list[list[str]]:
    """The segments of one transaction set as lists of elements, ST first."""
    found: list[list[str]] = []
    n = 0
    for delimiters, segments in iter_blocks(slices(text)):
        low, high = max(wanted.first - n - 1, 0), max(wanted.last - n, 0)
        found += [raw.split(delimiters.element) for raw in segments[low:high]]
        n += len(segments)
    return found


__all__ = [
    "Group", "Interchange", "InterchangeAck", "Tracker", "TransactionSet", "decode", "find_segments",
    "read_envelope", "track",
]  # fmt: skip
