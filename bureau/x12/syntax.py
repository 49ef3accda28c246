"""Delimiters and segments: from the characters of a file to raw segments, nothing about what they mean."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TextIO

from config.problems import Problem

ISA_LENGTH = 106
CHUNK = 1 << 18
LONGEST_SEGMENT = 1_000_000
_WHITE = " \t\r\n\v\f\x1a\x00"
_INK = re.compile(r"[^ \t\r\n\v\f\x1a\x00]")


class X12Error(Exception):
    """Carries the one Problem that makes a text unreadable as a whole."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separators of one interchange; `repetition` is empty where ISA11 names none."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


STANDARD = Delimiters()


def _refuse(code: str, text: str) -> X12Error:
    return X12Error(Problem("segment 1 ISA", code, text, segment=1, element="ISA"))


def find_delimiters(text: str) -> Delimiters:
    """Read the separators off the ISA that `text` begins with; raises X12Error where there is none.

    The ISA is 106 characters by rule. One with elements of other lengths is still read: the
    sixteenth element is one character, and the one after it ends the segment.
    """
    if not text.startswith("ISA") or len(text) < 5:
        raise _refuse("isa_missing", "The file does not begin with an ISA segment.")
    element = text[3]
    if element.isalnum() or element in _WHITE:
        raise _refuse("isa_malformed", "The character after ISA is not an element separator.")
    parts = text[: ISA_LENGTH * 3].split(element, 16)
    if len(parts) < 17 or len(parts[16]) < 2:
        raise _refuse("isa_malformed", "The ISA segment does not have sixteen elements.")
    component, segment = parts[16][0], parts[16][1]
    repetition = parts[11][:1] if len(parts[11]) == 1 and not parts[11].isalnum() else ""
    if len({element, component, segment}) < 3 or component.isalnum() or segment.isalnum():
        raise _refuse("isa_malformed", "The ISA segment does not name three different separators.")
    return Delimiters(element, component, repetition, segment)


def split_segments(text: str, delimiters: Delimiters) -> list[str]:
    """Cut `text` at the segment terminator; line breaks, blanks before a segment and empty pieces go."""
    end = delimiters.segment
    if "\n" in text and end != "\n":
        text = text.replace("\n", "")
    if "\r" in text and end != "\r":
        text = text.replace("\r", "")
    segments = text.split(end)
    if text[:1] in _WHITE or f"{end} " in text or f"{end}\t" in text:
        segments = [segment.lstrip(_WHITE) for segment in segments]
    return [segment for segment in segments if segment]


def slices(text: str, size: int = CHUNK) -> Iterator[str]:
    """The text in pieces, so that a large one is never split as a whole."""
    for start in range(0, len(text), size):
        yield text[start : start + size]


def chunks_of(source: TextIO | Iterable[str]) -> Iterator[str]:
    """The pieces of an open text file, or of whatever already comes in pieces."""
    if isinstance(source, io.TextIOBase):
        return iter(lambda: source.read(CHUNK), "")
    return iter(source)


@cache
def _fence(element: str) -> re.Pattern[str]:
    """Finds what may open or end an interchange."""
    return re.compile("I[SE]A" + re.escape(element))


def _opens_segment(text: str, at: int, start: int, end: str) -> bool:
    """Whether a segment begins at `at` in the part of `text` from `start` on."""
    before = at - 1
    while before >= start and text[before] in _WHITE and text[before] != end:
        before -= 1
    return before < start or text[before] == end


def _interchange_end(text: str, start: int, stop: int, delimiters: Delimiters) -> int:
    """Where the interchange at `start` ends: after its IEA, before the next ISA, or at `stop`.

    Looks no further than the nearer of the two, or a file of trailers would be gone through once for each.
    """
    end = delimiters.segment
    for found in _fence(delimiters.element).finditer(text, start, stop):
        at = found.start()
        is_header = text.startswith("ISA", at)
        if (is_header and at == start) or not _opens_segment(text, at, start, end):
            continue
        return at if is_header else text.find(end, at, stop) + 1 or stop
    return stop


def _next_delimiters(text: str, current: Delimiters) -> Delimiters:
    """Separators of a further ISA; one that cannot be read must not sink what was read before it."""
    try:
        return find_delimiters(text)
    except X12Error:
        return current


def _cut(text: str, at: int, delimiters: Delimiters | None, *, last: bool) -> tuple[Delimiters | None, str, int]:
    """Take one run of whole segments from place `at` on: (its delimiters, the run, the place after it)."""
    at = _skip_white(text, at)
    if not last and len(text) - at < ISA_LENGTH * 3:
        return delimiters, "", at
    if delimiters is None:
        delimiters = find_delimiters(text[at : at + ISA_LENGTH * 3])
    elif text.startswith("ISA", at):
        delimiters = _next_delimiters(text[at : at + ISA_LENGTH * 3], delimiters)
    stop = len(text) if last else max(text.rfind(delimiters.segment, at) + 1, at)
    if stop == at and len(text) - at > LONGEST_SEGMENT:
        raise _refuse("segment_too_long", "No segment terminator is found for a million characters.")
    stop = _interchange_end(text, at, stop, delimiters)
    return delimiters, text[at:stop], stop


def _skip_white(text: str, at: int) -> int:
    found = _INK.search(text, at)
    return found.start() if found else len(text)


def iter_blocks(chunks: Iterable[str]) -> Iterator[tuple[Delimiters, list[str]]]:
    """Runs of raw segments with the delimiters that hold for them, cut wherever an interchange ends.

    Memory is bounded by the chunk and by the longest segment. Raises X12Error when the first
    characters are not an ISA; a later piece without one is read with the delimiters before it.
    """
    delimiters: Delimiters | None = None
    rest, at = "", 0  # what is read of the chunk is passed over, not cut off: interchanges may be many and small
    for chunk in chunks:
        rest, at = rest[at:] + chunk, 0
        while True:
            delimiters, run, at = _cut(rest, at, delimiters, last=False)
            if not run or delimiters is None:
                break
            yield delimiters, split_segments(run, delimiters)
    while _skip_white(rest, at) < len(rest):
        delimiters, run, at = _cut(rest, at, delimiters, last=True)
        if delimiters is None or not run:
            return
        yield delimiters, split_segments(run, delimiters)


def where(file: str, segment: int, identifier: str) -> str:
    """The place of a problem as people say it: "837p.x12 segment 17 CLM"."""
    place = f"segment {segment} {identifier}" if segment else "file"
    return f"{file} {place}" if file else place


def segment_of(element: str) -> str:
    """The segment an element belongs to: "CLM05-3" -> "CLM", "NM109" -> "NM1", "SV1" -> "SV1"."""
    base = element.partition("-")[0]
    return base[:-2] if len(base) > 3 else base
