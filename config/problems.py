"""What is wrong with something that came from outside: a value to gather, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about an input.

    `where` names the place a person can go to ("claims.csv row 42 column DOS",
    "segment 17 CLM"), `code` is stable and machine-readable, `text` is one plain
    sentence without PHI. `segment` (1-based position in its file), `element`
    ("CLM05-3") and `loop` ("2300") are filled in for X12 only.
    """

    where: str
    code: str
    text: str
    severity: Severity = Severity.ERROR
    segment: int | None = None
    element: str = ""
    loop: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
