"""One pass over any X12 text: every segment held against the grammar, every loop against its needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bureau.x12.findings import MOST, Findings
from bureau.x12.grammar import (
    CODES,
    FREER,
    LENIENT,
    LOOPS,
    ONCE,
    ONCE_LOOPS,
    ONCE_PER_QUALIFIER,
    ONCE_REFERENCES,
    REPEATED,
    REQUIRED,
    SEGMENTS,
    SEVERAL_PER_LINE,
    VARIANTS,
)
from bureau.x12.scalars import DATES, Memo, parse_time
from bureau.x12.syntax import Delimiters, X12Error, iter_blocks, slices
from bureau.x12.tree import Placer
from config.problems import Severity

_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)
_FAMILY = 10  # "005010X222": a version without its addendum
_GRAMMAR = "005010"  # the version the grammar holds for
_REMITTANCE = "005010X221"
_CONDITIONS = "BG"  # HI01-1, which may fill a second segment
_CONTROL = frozenset({"GS", "ST", "SE", "GE", "IEA", "TA1"})

Fault = tuple[str, str, str]  # code, element, text


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    required: bool
    kind: str
    longest: int  # 0: not bounded here
    fits: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """The grammar of one segment, taken apart; `least` counts elements up to the last required one."""

    elements: tuple[Element, ...]
    conditions: tuple[tuple[str, tuple[int, ...]], ...]
    least: int
    texts: tuple[int, ...]  # which elements are plain text, in one piece


def _make_test(kind: str, longest: int, codes: frozenset[str] | None) -> Callable[[str], bool]:
    """The quick test that nearly every element passes."""
    if kind == "R":
        return lambda text: len(text) <= longest and _NUMBER.fullmatch(text) is not None
    if kind == "N":
        return lambda text: len(text) <= longest and text.isascii() and text.isdigit()
    if kind == "D":
        return lambda text: DATES[text] is not None
    if kind == "T":
        return lambda text: parse_time(text) is not None
    if kind == "X":
        return lambda _text: False
    if codes is not None:
        return codes.__contains__
    return lambda text: not longest or len(text) <= longest


def _make_element(name: str, word: str, version: str) -> Element:
    bare = word.removeprefix("!")
    kind, longest = bare[0], int(bare[1:] or "0")
    codes = None if name in FREER.get(version, ()) else CODES.get(name)
    return Element(name, word != bare, kind, longest, _make_test(kind, longest, codes))


@cache
def shape_of(identifier: str, version: str = "") -> Shape | None:
    """The parsed grammar of a segment, as it is in `version` where that differs; None where there is none."""
    text = VARIANTS.get(version, {}).get(identifier) or SEGMENTS.get(identifier)
    if text is None:
        return None
    words, _, notes = text.partition("|")
    elements = tuple(_make_element(f"{identifier}{at:02d}", word, version) for at, word in enumerate(words.split(), 1))
    pairs = [(note[0], tuple(int(note[at : at + 2]) for at in range(1, len(note), 2))) for note in notes.split()]
    least = max((at for at, element in enumerate(elements, 1) if element.required), default=0)
    texts = tuple(at for at, element in enumerate(elements, 1) if element.kind == "A")
    return Shape(elements, tuple(pairs), least, texts)


def find_split_texts(e: list[str], component: str) -> list[Fault]:
    """Elements of plain text with the separator of components in them: the receiver would read two."""
    shape = shape_of(e[0])
    if shape is None:
        return []
    sent = [at for at in shape.texts if at < len(e) and component in e[at]]
    told = "The element holds the separator that parts components."
    return [("separator_in_text", shape.elements[at - 1].name, told) for at in sent]


def find_segment_faults(e: list[str], delimiters: Delimiters, version: str = "") -> list[Fault]:
    """Everything in one segment that its grammar does not allow; `version` as `shape_of` takes it."""
    faults: list[Fault] = []
    identifier = e[0]
    if len(e) > 1 and not e[-1]:
        faults.append(("trailing_separator", identifier, "The segment ends in an empty element."))
    shape = shape_of(identifier, version)
    if shape is None:
        return faults
    for element, text in zip(shape.elements, e[1:], strict=False):
        if text:
            if not element.fits(text):
                faults += _element_faults(element, text, delimiters)
        elif element.required:
            faults.append(("element_missing", element.name, f"{element.name} is required."))
    sent = len(e) - 1
    if sent < shape.least:
        absent = [element.name for element in shape.elements[sent:] if element.required]
        faults += [("element_missing", name, f"{name} is required.") for name in absent]
    elif sent > len(shape.elements) and any(e[len(shape.elements) + 1 :]):
        text = f"{identifier} has more than {len(shape.elements)} elements."
        faults.append(("too_many_elements", identifier, text))
    for kind, places in shape.conditions:
        if not _holds(kind, [at <= sent and e[at] != "" for at in places]):
            names = ", ".join(f"{identifier}{at:02d}" for at in places)
            code = "exclusion" if kind == "E" else "condition"
            faults.append((code, f"{identifier}{places[0]:02d}", f"{names}: {_SAID[kind]}."))
    return faults


_SAID = {
    "P": "all or none of them must be sent",
    "R": "at least one of them must be sent",
    "E": "no more than one of them may be sent",
    "C": "the first may only be sent with the others",
    "L": "the first may only be sent with one of the others",
}


def _holds(kind: str, sent: list[bool]) -> bool:
    if kind == "P":
        return all(sent) or not any(sent)
    if kind == "R":
        return any(sent)
    if kind == "E":
        return sum(sent) <= 1
    return not sent[0] or (all(sent[1:]) if kind == "C" else any(sent[1:]))


def _element_faults(element: Element, text: str, delimiters: Delimiters) -> list[Fault]:
    """Why an element does not fit; repeated elements and composites are looked into by the readers."""
    name, kind, longest = element.name, element.kind, element.longest
    if kind == "C" or (delimiters.repetition and delimiters.repetition in text):
        return []
    if kind == "D":
        return [("bad_date", name, f"{name} is not a date.")]
    if kind == "X":
        return [("not_used", name, f"{name} is not used.")]
    if kind == "T":
        return [("bad_time", name, f"{name} is not a time of day.")]
    if kind == "R" and _NUMBER.fullmatch(text):
        digits = len(text.lstrip("-").replace(".", ""))
        return [("too_long", name, f"{name} has more than {longest} digits.")] if digits > longest else []
    if kind == "R" or (kind == "N" and not (text.isascii() and text.isdigit())):
        return [("bad_number", name, f"{name} is not a number.")]
    if longest and len(text) > longest:
        return [("too_long", name, f"{name} has more than {longest} characters.")]
    return [("bad_code", name, f"{name} is not one of the codes allowed here.")]


@cache
def _foreign(delimiters: Delimiters) -> re.Pattern[str]:
    """Finds a character that is neither printable ASCII nor one of the separators."""
    marks = delimiters.element + delimiters.component + delimiters.repetition
    return re.compile(f"[^ -~{re.escape(marks)}]")


def _judge_by(delimiters: Delimiters, version: str) -> Memo[str, list[Fault]]:
    """All that is wrong with a segment by itself, by its text: in most files many segments are alike."""
    foreign = _foreign(delimiters)

    def judge(raw: str) -> list[Fault]:
        e = raw.split(delimiters.element)
        faults = find_segment_faults(e, delimiters, version)
        if delimiters.component in raw and e[0] != "ISA":
            faults += find_split_texts(e, delimiters.component)
        found = foreign.search(raw)
        if found:
            at = raw.count(delimiters.element, 0, found.start())
            told = "The segment has a character that X12 does not allow."
            faults.append(("bad_character", f"{e[0][:3]}{at:02d}" if at else e[0][:3], told))
        return faults

    return Memo(judge)


class _Loops:
    """Remembers what each open loop has had, and says what it ends without."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._placer = Placer()
        self.known = True  # whether the grammar holds for the current set
        self._version = ""
        self._group_version = ""
        self._missing: list[str] = []
        self._opened = (0, "")  # position and loop of the segment that opened it
        self._seen: set[str] = set()  # loops of the set so far
        self._here: set[str] = set()  # segments of the open loop that may not come again
        self._around: set[str] = set()  # loops since the last one that can hold others

    def add(self, e: list[str], n: int) -> str:
        """Take one segment; returns the loop it stands in."""
        identifier = e[0]
        loop, _, opens = self._placer.place(e)
        if identifier == "GS":
            self._group_version = e[8] if len(e) > 8 else ""
        elif identifier == "ST":
            self._version = ((e[3] if len(e) > 3 else "") or self._group_version)[:_FAMILY]
            self.known = self._version.startswith(_GRAMMAR)
            self._seen = set()
            self._opened = (n, loop)
            self._missing = list(REQUIRED.get(self._version, {}).get(loop, ()))
            self._here.clear()
            self._around.clear()
        elif opens or identifier in ("SE", "AK9", "PLB"):
            self._close()
            self._opened = (n, loop)
            self._here.clear()
            self._note_loop(loop, identifier, n)
            self._missing = list(REQUIRED.get(self._version, {}).get(loop, ()))
            self._seen.add(loop)
        elif identifier in self._missing:
            self._missing.remove(identifier)
        if self.known:
            self._note_segment(e, n, loop)
        if identifier == "SE":
            self._require_loops(n)
        return loop

    def _note_loop(self, loop: str, opener: str, n: int) -> None:
        if opener not in ("NM1", "N1"):
            self._around.clear()
        elif loop in ONCE_LOOPS and loop in self._around:
            self._findings.note("loop_repeated", n, opener, f"Loop {loop} may stand once here.", loop=loop)
        self._around.add(loop)

    def _note_segment(self, e: list[str], n: int, loop: str) -> None:
        identifier, qualifier = e[0], e[1] if len(e) > 1 else ""
        if identifier == "REF" and loop == "2400" and qualifier in SEVERAL_PER_LINE:
            return
        if identifier == "HI" and qualifier.startswith(_CONDITIONS):
            return
        if identifier in ONCE_PER_QUALIFIER or (identifier == "REF" and qualifier in ONCE_REFERENCES):
            key = identifier + (qualifier[:3] if identifier == "HI" else qualifier)
        elif identifier in ONCE or (identifier == "NM1" and loop == "2100" and self._version == _REMITTANCE):
            key = identifier if identifier in ONCE else identifier + qualifier
        else:
            return
        if key in self._here and identifier not in REPEATED.get(self._version, ()):
            text = "This segment may stand once here."
            self._findings.note("segment_repeated", n, identifier, text, loop=loop, severity=self._severity())
        self._here.add(key)

    def _severity(self) -> Severity:
        return Severity.WARNING if self._version in LENIENT else Severity.ERROR

    @property
    def variant(self) -> str:
        """The version of the current set where its segments differ from those of others, else nothing."""
        return self._version if self._version in FREER else ""

    def _close(self) -> None:
        n, loop = self._opened
        for identifier in self._missing:
            text = f"Loop {loop} has no {identifier}."
            self._findings.note("segment_missing", n, identifier, text, loop=loop, severity=self._severity())
        self._missing = []

    def _require_loops(self, n: int) -> None:
        for loop in LOOPS.get(self._version, ()):
            if loop not in self._seen:
                self._findings.note("loop_missing", n, "SE", f"Loop {loop} is missing.", loop=loop)
        self._version, self._missing = "", []


def check_structure(text: str, file: str = "") -> Findings:
    """Everything the grammar and the loops have to say of a text, whatever its transactions are.

    Sets of a version before 005010 are passed over: their grammar is another one. A file with MOST problems is
    given up on where the last of them was found.
    """
    findings = Findings(file)
    loops = _Loops(findings)
    n = 0
    try:
        for delimiters, segments in iter_blocks(slices(text)):
            judges: dict[str, Memo[str, list[Fault]]] = {}  # by variant of the grammar
            for raw in segments:
                n += 1
                e = raw.split(delimiters.element)
                loop = loops.add(e, n)
                if not loops.known and e[0] not in _CONTROL:
                    continue
                judge = judges.get(loops.variant)
                if judge is None:
                    judge = judges[loops.variant] = _judge_by(delimiters, loops.variant)
                for code, element, said in judge[raw]:
                    severity = Severity.WARNING if code == "trailing_separator" else Severity.ERROR
                    findings.note(code, n, element, said, loop=loop, severity=severity)
                if len(findings) >= MOST:
                    findings.give_up(n)
                    return findings
    except X12Error as error:
        findings.refuse(error)
    findings.conclude(n)
    return findings
