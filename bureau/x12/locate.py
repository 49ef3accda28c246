"""From a position in a file back to the claims it concerns, for answers that point at segments."""

from __future__ import annotations

from collections.abc import Iterator

from bureau.x12.envelope import read_envelope
from bureau.x12.syntax import iter_blocks, slices

_CLAIM_ENDS = ("CLM", "HL", "SE", "ST", "GE", "IEA")
_LEVELS = {"20": 1, "22": 2, "23": 3}
_CLAIM_LEVEL = 4


def locate_claims(text: str) -> dict[str, tuple[int, int]]:
    """CLM01 -> (first, last) 1-based segment positions in the file; of a repeated number the first counts.

    Raises X12Error when the text does not begin with an ISA.
    """
    places: dict[str, tuple[int, int]] = {}
    claim, first, n = "", 0, 0
    for n, e in _marks(text):
        if claim:
            places.setdefault(claim, (first, n - 1))
        claim, first = (e[1], n) if e[0] == "CLM" and len(e) > 1 else ("", n)
    if claim:
        places.setdefault(claim, (first, n))
    return places


def find_claims_at(text: str, control: str, position: int) -> list[str]:
    """CLM01 of every claim that a position in a transaction set (ST = 1, as in IK302) has to do with.

    A place inside a claim gives that claim; one in a billing provider, subscriber or patient gives all
    claims below it; one in the header gives all claims of the set. Empty when `control` is not there.
    """
    interchanges, _ = read_envelope(text)
    sets = [one for i in interchanges for group in i.groups for one in group.sets if one.control == control]
    if not sets:  # nor is there one in a text that cannot be read
        return []
    first, last = sets[0].first, sets[0].last
    marks = [(n, e) for n, e in _marks(text) if first < n <= last]
    at = first + position - 1
    home, level = first, 0
    for n, e in marks:
        if n <= at:
            home, level = n, _level(e)
    found: list[str] = []
    for n, e in marks:
        here = _level(e)
        if n > home and here <= level:
            break
        if n >= home and e[0] == "CLM":
            found.append(e[1] if len(e) > 1 else "")
    return found


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
