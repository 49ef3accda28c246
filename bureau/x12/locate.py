"""From a position in a file back to the claims it concerns, for answers that point at segments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from bureau.x12.envelope import Interchange, TransactionSet, read_envelope
from bureau.x12.syntax import X12Error, iter_blocks, slices

_CLAIM_ENDS = ("CLM", "HL", "SE", "ST", "GE", "IEA")
_LEVELS = {"20": 1, "22": 2, "23": 3}
_CLAIM_LEVEL = 4


class ClaimMap:
    """Where the claims of one 837 stand, looked up once for as many questions as there are.

    Positions are 1-based segments of the file. Raises X12Error when the text does not begin with an ISA.
    """

    def __init__(self, text: str, interchanges: list[Interchange] | None = None) -> None:
        self.interchanges = read_envelope(text)[0] if interchanges is None else interchanges
        self.sets: dict[str, TransactionSet] = {}
        for one in (one for each in self.interchanges for group in each.groups for one in group.sets):
            self.sets.setdefault(one.control, one)
        self._marks = list(_marks(text))
        self._positions = [n for n, _ in self._marks]

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """CLM01 -> (first, last) segment; of a repeated number the first counts."""
        found: dict[str, tuple[int, int]] = {}
        ends = [*(n - 1 for n in self._positions[1:]), *self._positions[-1:]]
        for (n, e), last in zip(self._marks, ends, strict=True):
            if e[0] == "CLM" and len(e) > 1:
                found.setdefault(e[1], (n, last))
        return found

    def claims_at(self, position: int) -> list[tuple[int, str]]:
        """(position, CLM01) of every claim that a segment has to do with.

        A place inside a claim gives that claim; one in a billing provider, subscriber or patient gives all
        claims below it; one in the header gives all claims of the set.
        """
        at = bisect_right(self._positions, position) - 1
        if at < 0:
            return []
        level = _level(self._marks[at][1])
        found: list[tuple[int, str]] = []
        for n, e in self._marks[at:]:
            if n > self._positions[at] and (_level(e) <= level or e[0] in ("SE", "ST")):
                break
            if e[0] == "CLM":
                found.append((n, e[1] if len(e) > 1 else ""))
        return found


def locate_claims(text: str) -> dict[str, tuple[int, int]]:
    """CLM01 -> (first, last) 1-based segment positions in the file; of a repeated number the first counts.

    Raises X12Error when the text does not begin with an ISA.
    """
    return ClaimMap(text, []).places


def find_claims_at(text: str, control: str, position: int) -> list[str]:
    """CLM01 of every claim that a position in a transaction set (ST = 1, as in IK302) has to do with.

    Empty when `control` is not there, or the position is not in it.
    """
    interchanges, _ = read_envelope(text)
    if not interchanges:
        return []
    try:
        claims = ClaimMap(text, interchanges)
    except X12Error:  # further on there is what no one can cut into segments
        return []
    wanted = claims.sets.get(control)
    at = wanted.first + position - 1 if wanted else 0
    if wanted is None or not wanted.first <= at <= wanted.last:
        return []
    return [pcn for _, pcn in claims.claims_at(at)]


def _level(e: list[str]) -> int:
    if e[0] == "CLM":
        return _CLAIM_LEVEL
    return _LEVELS.get(e[3], 0) if e[0] == "HL" and len(e) > 3 else 0


def _marks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The segments that begin or end a claim, with their positions in the file."""
    n = 0
    for delimiters, segments in iter_blocks(slices(text)):
        for raw in segments:
            n += 1
            if raw.startswith(_CLAIM_ENDS):
                e = raw.split(delimiters.element)
                if e[0] in _CLAIM_ENDS:
                    yield n, e
