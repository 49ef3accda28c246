"""The list of what is wrong with one text: places said alike everywhere, and an end for hopeless files."""

from __future__ import annotations

from bureau.x12.syntax import X12Error, segment_of, where
from config.problems import Problem, Severity

MOST = 10_000


class Findings(list[Problem]):
    """Problems of one file in the order they were found; past MOST they are only counted."""

    def __init__(self, file: str = "") -> None:
        super().__init__()
        self.file = file
        self.untold = 0

    def note(
        self,
        code: str,
        n: int,
        element: str,
        text: str,
        *,
        loop: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a problem at 1-based segment `n` (0: the file); `text` names no value from the data."""
        if len(self) >= MOST:
            self.untold += 1
            return
        place = where(self.file, n, segment_of(element))
        self.append(Problem(place, code, text, severity, n, element, loop))

    def error(self, code: str, n: int, element: str, text: str, loop: str = "") -> None:
        """As `note`; where a hopeless file sends its millions, so it is kept short."""
        if len(self) < MOST:
            self.note(code, n, element, text, loop=loop)
        else:
            self.untold += 1

    def warn(self, code: str, n: int, element: str, text: str, loop: str = "") -> None:
        if len(self) < MOST:
            self.note(code, n, element, text, loop=loop, severity=Severity.WARNING)
        else:
            self.untold += 1

    def refuse(self, error: X12Error) -> None:
        """The one problem that ended the reading."""
        problem = error.problem
        self.note(problem.code, problem.segment or 1, problem.element, problem.text)

    def give_up(self, n: int) -> None:
        """Say that nothing was looked at after segment `n`."""
        text = f"There are more than {MOST} problems; what follows was not looked at."
        self.append(Problem(where(self.file, n, "IEA"), "too_many_problems", text, segment=n))

    def conclude(self, n: int) -> None:
        """Say at the end how many problems were not listed."""
        if self.untold:
            text = f"{self.untold} more problems are not listed."
            self.append(Problem(where(self.file, n, "IEA"), "too_many_problems", text, segment=n))
            self.untold = 0
