"""HL segments: ids in sequence, parents earlier and of the right kind, child flags that tell the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Report = Callable[[str, int, str, str], None]

CLAIM_PARENTS: Mapping[str, str] = {"20": "", "22": "20", "23": "22"}
ACK_PARENTS: Mapping[str, str] = {"20": "", "21": "20", "19": "21", "PT": "19"}
ELIGIBILITY_PARENTS: Mapping[str, str] = {"20": "", "21": "20", "22": "21", "23": "22"}
REVIEW_PARENTS: Mapping[str, str] = {**ELIGIBILITY_PARENTS, "EV": "22|23", "SS": "EV"}


class Hierarchy:
    """The HL tree of one transaction set, checked as it is read; reset it at every ST.

    `parents` names for each HL03 that of the level above, several with | between them, none for the top.
    """

    __slots__ = ("_childless", "_kinds", "_parents", "_report", "_where")

    def __init__(self, parents: Mapping[str, str], report: Report) -> None:
        self._parents = parents
        self._report = report
        self.reset()

    def reset(self) -> None:
        self._kinds: dict[str, str] = {}
        self._childless: dict[str, str] = {}  # id -> HL04, for those that have had no child so far
        self._where: dict[str, int] = {}

    def add(self, e: list[str], n: int) -> str:
        """Take one padded HL at segment `n`; returns HL03."""
        _, own, parent, kind, child = e[:5]
        if own != str(len(self._kinds) + 1):
            self._report("hl_sequence", n, "HL01", "HL01 does not count up by one from 1.")
        wanted = self._parents.get(kind)
        if wanted is None:
            self._report("hl_level", n, "HL03", "HL03 is not a level of this transaction.")
        if wanted == "" and parent:
            self._report("hl_parent", n, "HL02", "The top level must not name a parent.")
        elif wanted and self._kinds.get(parent) not in wanted.split("|"):
            self._report("hl_parent", n, "HL02", "HL02 does not name an earlier HL of the level above.")
        if parent and self._childless.pop(parent, "1") == "0":
            self._report("hl_child", self._where.get(parent, n), "HL04", "HL04 says no child, but one follows.")
        self._kinds[own] = kind
        self._childless[own] = child
        self._where[own] = n
        return kind

    def finish(self) -> None:
        for own, child in self._childless.items():
            if child == "1":
                self._report("hl_child", self._where[own], "HL04", "HL04 says a child follows, but none does.")
