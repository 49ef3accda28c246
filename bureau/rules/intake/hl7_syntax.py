"""HL7 v2 text as messages of segments: delimiters from each header, escapes undone, batches counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.problems import Problem

_FRAMES = str.maketrans("", "", "\x0b\x1c")  # what the transport puts around a message
_HEX = re.compile(r"[0-9A-Fa-f]+")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """As MSH-1 and MSH-2 of the message say."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    part: str = "&"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `number` counts all segments of the file from 1."""

    number: int
    fields: tuple[str, ...]  # as written; of MSH the first is the separator itself, so that numbers are HL7's own
    delimiters: Delimiters

    @property
    def name(self) -> str:
        return self.fields[0]

    def repeats(self, at: int) -> list[str]:
        """The repetitions of a field as written."""
        raw = self.fields[at] if at < len(self.fields) else ""
        return raw.split(self.delimiters.repetition) if raw else []

    def get(self, at: int, component: int = 1, repetition: int = 0) -> str:
        """The text of one component of a field, escapes undone; empty when it is not there."""
        found = self.repeats(at)
        return self.part(found[repetition], component) if repetition < len(found) else ""

    def part(self, text: str, component: int) -> str:
        """One component of a repetition; of its parts the first."""
        pieces = text.split(self.delimiters.component)
        found = pieces[component - 1] if component <= len(pieces) else ""
        return unescape(found.split(self.delimiters.part)[0], self.delimiters).strip()


@dataclass(slots=True)
class Message:
    """One message: its header and what follows it."""

    segments: list[Segment] = field(default_factory=list)

    @property
    def head(self) -> Segment:
        return self.segments[0]

    @property
    def control(self) -> str:
        """MSH-10, by which the sender knows the message again."""
        return self.head.get(10)

    @property
    def last_number(self) -> int:
        return self.segments[-1].number

    def all(self, name: str) -> list[Segment]:
        return [segment for segment in self.segments if segment.name == name]

    def first(self, name: str) -> Segment:
        """The first segment of that name, or one without fields."""
        return next(iter(self.all(name)), Segment(self.head.number, (name,), self.head.delimiters))


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 or, where it is not, in the old Windows code page."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_messages(name: str, text: str) -> tuple[list[Message], list[Problem]]:
    """The messages of a file or batch in order, and what keeps the file as a whole from being taken."""
    messages: list[Message] = []
    problems: list[Problem] = []
    lines = re.split(r"\r\n|\r|\n", text.translate(_FRAMES))
    written = [line for line in lines if line.strip()]
    in_batch = 0
    for number, line in enumerate(written, start=1):
        kind, where = line[:3], f"{name} segment {number}"
        if kind == "MSH":
            segment = _read_head(line, number)
            if segment is None:
                return [], [Problem(where, "message.head", "The header does not say how its fields are separated.")]
            messages.append(Message([segment]))
            in_batch += 1
        elif kind in ("FHS", "BHS"):
            in_batch = 0 if kind == "BHS" else in_batch
        elif kind in ("BTS", "FTS"):
            said = line.split(line[3:4] or "|")[1:2]
            if kind == "BTS" and said and said[0].isdecimal() and int(said[0]) != in_batch:
                told = f"The batch says it has {said[0]} messages; {in_batch} are there. Part of it may be missing."
                problems.append(Problem(where, "batch.count", told))
        elif not messages:
            return [], [Problem(where, "message.head", "A segment stands before the first message header.")]
        else:
            marks = messages[-1].head.delimiters
            messages[-1].segments.append(Segment(number, tuple(line.split(marks.field)), marks))
    if not messages and not problems:
        problems.append(Problem(name, "file.no_rows", "The file holds no message."))
    return messages, problems


def _read_head(line: str, number: int) -> Segment | None:
    separator = line[3:4]
    marks, _, rest = line[4:].partition(separator) if separator else ("", "", "")
    if not separator or separator.isalnum() or len(marks) < 1 or len({separator, *marks}) != len(marks) + 1:
        return None
    full = marks[:4] + "^~\\&"[len(marks) :]
    return Segment(number, ("MSH", separator, marks, *rest.split(separator)), Delimiters(separator, *full))


def unescape(text: str, marks: Delimiters) -> str:
    """Escape sequences as what they stand for; highlighting and the like is dropped."""
    if marks.escape not in text:
        return text
    plain = {"F": marks.field, "S": marks.component, "T": marks.part, "R": marks.repetition, "E": marks.escape}
    pieces = text.split(marks.escape)
    found = [pieces[0]]
    for at in range(1, len(pieces) - 1, 2):
        found += [_meaning(pieces[at], plain), pieces[at + 1]]
    if len(pieces) % 2 == 0:  # an escape that nothing ends is meant as it stands
        found.append(marks.escape + pieces[-1])
    return "".join(found)


def _meaning(sequence: str, plain: dict[str, str]) -> str:
    if sequence in plain:
        return plain[sequence]
    if sequence.startswith("X") and len(sequence) % 2 and _HEX.fullmatch(sequence[1:]):
        return decode(bytes.fromhex(sequence[1:])).replace("\x00", "")
    return " " if sequence.lower() in (".br", ".sp") else ""


def escape(text: str, marks: Delimiters) -> str:
    """Text that stands for itself between these delimiters."""
    names: Sequence[tuple[str, str]] = (
        (marks.field, "F"), (marks.component, "S"), (marks.part, "T"), (marks.repetition, "R"),
    )  # fmt: skip
    found = text.replace(marks.escape, f"{marks.escape}E{marks.escape}")
    for mark, name in names:
        found = found.replace(mark, f"{marks.escape}{name}{marks.escape}")
    return re.sub(r"\s+", " ", found)
