"""What an edit is: a pure look at one claim, what it says where it fails, and how that is told to the sender."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from bureau.x12.values837 import Attachment, Claim, ServiceLine
from config.problems import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


class Status(NamedTuple):
    """The STC triple of a 277CA: category, status code, entity."""

    category: str  # A3, A6 missing, A7 invalid, A8 contradictory
    code: str  # of code list 508
    entity: str = ""  # NM101 of whom it is about


class Codes(Protocol):
    """Code sets that change over time, as far as whoever judges has them; diagnoses come without their dot."""

    def is_procedure(self, code: str, on: date) -> bool: ...
    def is_diagnosis(self, code: str, on: date) -> bool: ...
    def is_heading(self, code: str, on: date) -> bool:
        """Whether a diagnosis stands in the book only as the heading of finer ones."""
        ...

    def is_modifier(self, code: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What an edit may know beside the claim; what is None or not given here is not judged."""

    today: date  # of receipt, at the receiver's place
    codes: Codes | None = None
    payers: Container[str] | None = None  # NM109 of payers that claims can go to
    is_repeat: Callable[[Claim], bool] | None = None  # another claim bills the same services
    is_known_number: Callable[[Claim], bool] | None = None  # another claim has the same CLM01
    not_enrolled: bool = False  # the billing provider may not send to this payer
    file_by: date | None = None  # the payer's filing limit
    is_medicare: bool | None = None  # None: as SBR09 says
    needs_rendering: bool = False  # of a billing provider that is no person
    needs_taxonomy: bool = False
    needs_authorization: bool = False
    needs_referral: bool = False
    test_ids: bool = True  # identifiers that nobody can hold are as good as real ones


@dataclass(frozen=True, slots=True)
class Mark:
    """One place in a claim that fails; what is left empty stands as the edit has it.

    `anchor` is the 1-based position of the CLM, NM1 or LX below which the segment is found, 0 for the CLM.
    """

    anchor: int = 0
    line: int = 0  # LX01
    at: int = 0  # which of several, from 1
    element: str = ""
    loop: str = ""
    entity: str = ""
    qualifier: str = ""  # first element of the segment, where a loop has several of it


HERE = (Mark(),)  # the claim itself fails
Marks = Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Edit:
    """One reason to turn a claim back.

    An error is what no payer takes. A warning is what many refuse and some take: files that their makers call
    valid have it, so it must not refuse a file; whoever sends a claim of his own should heed it all the same.
    """

    id: str
    judge: Callable[[Claim, Context], Marks]
    element: str
    loop: str
    status: Status
    text: str  # what is wrong, without data
    fix: str  # what to do about it
    severity: Severity = ERROR
    level: int = 4  # SNIP: 1 syntax, 2 guide, 3 sums, 4 between elements, 5 code sets, 6 line of service, 7 payer
    rank: int = 0  # place among what is turned back most, 0: not ranked
    needs: str = ""  # the field of Context without which there is nothing to judge


@dataclass(frozen=True, slots=True)
class Group:
    """Edits that look at the same part of a claim.

    `parts` gives everything they see of it: what has passed once in a file need not be looked at again. Nothing
    given means that the claim has no such part; None, that the parts of two claims are hardly ever the same.
    """

    parts: Callable[[Claim], Collection[Hashable] | None]
    edits: tuple[Edit, ...]


class Finding(NamedTuple):
    """An edit that failed, and where."""

    edit: Edit
    mark: Mark

    @property
    def element(self) -> str:
        return self.mark.element or self.edit.element

    @property
    def loop(self) -> str:
        return self.mark.loop or self.edit.loop

    @property
    def status(self) -> Status:
        status = self.edit.status
        return status._replace(entity=self.mark.entity) if self.mark.entity else status


def mark_lines(claim: Claim, fails: Callable[[ServiceLine], object], qualifier: str = "") -> Marks:
    """A mark for every line that fails."""
    return [Mark(line.segment, line.number, qualifier=qualifier) for line in claim.lines if fails(line)]


def always(_claim: Claim) -> None:
    """The parts of a group that has to look at every claim."""


_SENT_APART = frozenset({"BM", "FX", "EL", "EM", "FT"})  # PWK02: somewhere there is a document to be matched


def lacks_number(one: Attachment) -> bool:
    """Whether an attachment comes by a way of its own and cannot be matched to its claim."""
    return one.by in _SENT_APART and not one.control


def first_day(claim: Claim) -> date | None:
    """The earliest date of service."""
    days = [line.date_from for line in claim.lines if line.date_from is not None]
    return min(days) if days else None
