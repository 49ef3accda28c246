"""From a finding to the segment it is about: looked for only where something was found."""

from __future__ import annotations

from bisect import bisect_right

from bureau.x12.edits.edit import Finding
from bureau.x12.syntax import iter_blocks, segment_of, slices
from bureau.x12.values837 import Claim

# Where what belongs to a segment ends, by that segment.
_ENDS = {
    "NM1": frozenset({"NM1", "HL", "CLM", "LX", "SBR", "SVD", "SE"}),
    "CLM": frozenset({"NM1", "HL", "CLM", "LX", "SBR", "SE"}),
    "LX": frozenset({"HL", "CLM", "LX", "SE"}),
}
_STARTS = frozenset({"HL", "CLM", "LX", "ST"})  # and where it begins, for what stands before a name


class SegmentList:
    """The segments of a text by their 1-based position, cut when one is first asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._raws: list[str] = []
        self._firsts: list[int] = []  # of each run with separators of its own
        self._separators: list[str] = []

    def at(self, n: int) -> list[str]:
        """The elements of segment `n`; empty beyond the end."""
        if not self._raws:
            self._cut()
        if not 0 < n <= len(self._raws):
            return [""]
        return self._raws[n - 1].split(self._separators[bisect_right(self._firsts, n) - 1])

    def _cut(self) -> None:
        for delimiters, segments in iter_blocks(slices(self._text)):
            self._firsts.append(len(self._raws) + 1)
            self._separators.append(delimiters.element)
            self._raws += segments


def find_place(finding: Finding, claim: Claim, segments: SegmentList) -> int:
    """The position of the segment a finding is about; of one that is missing, where it should hang."""
    anchor = finding.mark.anchor or claim.first_segment
    wanted = segment_of(finding.element)
    home = segments.at(anchor)[0]
    if wanted in (home, finding.element):  # without the number of an element the whole segment is missing
        return anchor
    qualifier = finding.mark.qualifier
    below = _look(segments, range(anchor + 1, claim.last_segment + 1), (wanted, qualifier), _ENDS.get(home, _STARTS))
    if below or home != "NM1":
        return below or anchor
    return _look(segments, range(anchor - 1, 0, -1), (wanted, qualifier), _STARTS) or anchor


def _look(segments: SegmentList, way: range, wanted: tuple[str, str], ends: frozenset[str]) -> int:
    identifier, qualifier = wanted
    for n in way:
        e = segments.at(n)
        if e[0] == identifier and (not qualifier or e[1:2] == [qualifier]):
            return n
        if e[0] in ends:
            return 0
    return 0
