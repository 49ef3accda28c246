"""Where the claims of any file stand, found without reading what they say: to leaf through it and to cut one out."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from bureau.x12.syntax import X12Error, iter_blocks, slices

_MARKS = ("CLM", "CLP", "HL", "TRN", "LX", "PLB", "SE")
_ENDS = {
    "CLM": frozenset({"CLM", "HL", "SE"}),
    "CLP": frozenset({"CLP", "LX", "PLB", "SE"}),
    "HL": frozenset({"HL", "SE"}),
}
_PATIENT_LEVELS = frozenset({"22", "23", "PT"})


@dataclass(frozen=True, slots=True)
class Part:
    """One claim: its number and its 1-based segments, with those of the level it hangs on, if any."""

    number: str
    first: int
    last: int
    head_first: int = 0
    head_last: int = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """The claims of a file in order, and how many segments it has."""

    total: int
    parts: tuple[Part, ...]

    def find(self, number: str) -> list[Part]:
        return [part for part in self.parts if part.number == number]

    def pages(self, size: int) -> list[int]:
        """First segments of pages of about `size` segments, cut between claims where that can be."""
        starts = [1]
        for first in [*(part.head_first or part.first for part in self.parts), self.total + 1]:
            while first - starts[-1] > 2 * size:
                starts.append(starts[-1] + size)
            if first - starts[-1] >= size and first <= self.total:
                starts.append(first)
        return starts

    def page_of(self, segment: int, size: int) -> tuple[int, int]:
        """First and last segment of the page that a segment stands on."""
        starts = self.pages(size)
        at = max(bisect_right(starts, segment) - 1, 0)
        return starts[at], starts[at + 1] - 1 if at + 1 < len(starts) else self.total


class _Finder:
    """What is open while the marks of a file go by."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._open: tuple[str, str, int] | None = None  # what opened it, its number, its first segment
        self._level = (0, 0, "")  # first segment of the level, its last before a claim, HL03

    def take(self, e: list[str], n: int) -> None:
        kind = e[0]
        if self._open is not None and kind in _ENDS[self._open[0]]:
            self.close(n - 1)
        if kind == "HL":
            self._level = (n, 0, e[3] if len(e) > 3 else "")
        elif kind in ("CLM", "CLP"):
            first, last, code = self._level
            self._level = (first, last or n - 1, code) if first else self._level
            self._open = (kind, e[1] if len(e) > 1 else "", n)
        elif kind == "TRN" and self._open is None and self._level[2] in _PATIENT_LEVELS and len(e) > 2:
            self._open = ("HL", e[2], self._level[0])
        elif kind == "SE":
            self._level = (0, 0, "")

    def close(self, last: int) -> None:
        if self._open is not None:
            kind, number, first = self._open
            head = self._level[:2] if kind == "CLM" else (0, 0)
            self.parts.append(Part(number, first, last, *head))
            self._open = None


def read_outline(text: str) -> Outline:
    """The outline of a file; one that is no X12 has none."""
    finder = _Finder()
    n = 0
    try:
        for delimiters, segments in iter_blocks(slices(text)):
            for raw in segments:
                n += 1
                if raw.startswith(_MARKS):
                    e = raw.split(delimiters.element)
                    if e[0] in _MARKS:
                        finder.take(e, n)
    except X12Error:
        return Outline(n, ())
    finder.close(n)
    return Outline(n, tuple(finder.parts))
