"""What a change of plan means for open cases of the fuller plan: which are gone on with, and which are handed back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bureau.rules.lifecycle import State

HANDED_BACK = "handed back to the practice"  # how such a case ends
Dates = tuple[date, date | None]  # half-open; None: without an end
# Here the ball is ours; elsewhere a correction is on its way, and the payer answers that first.
OURS = frozenset({State.DENIED, State.PART_DENIED})


@dataclass(frozen=True, slots=True)
class Case:
    """An open denial: its filing and the filing's state, the day it was posted, whether the fuller plan works it."""

    id: int
    filing_id: int
    state: State
    denied_on: date
    is_routed: bool


@dataclass(frozen=True, slots=True)
class HandBack:
    """Denials that are closed, filings that go back whole, and filings that stay for their other denials."""

    denials: tuple[int, ...]
    filings: tuple[int, ...]
    staying: tuple[int, ...]


def is_worked(denied_on: date, today: date, held: Sequence[Dates]) -> bool:
    """Whether a case still open today is worked: the plan held it on a day of its life, be it the day of its posting.

    What began under the fuller plan is finished under the smaller one; what comes later is recorded and no more.
    """
    return any(start <= today and (end is None or end > denied_on) for start, end in held)


def plan_hand_back(cases: Sequence[Case], starts_on: date, held: Sequence[Dates]) -> HandBack:
    """What goes back to the practice when its smaller plan begins: routed cases that were ours to work until then.

    `cases` are all open denials of the client. A filing goes back with its cases unless other denials keep it here.
    """
    eve = date.fromordinal(starts_on.toordinal() - 1)
    given = [case for case in cases if _goes_back(case, eve, held)]
    ids = {case.id for case in given}
    filings, kept = {case.filing_id for case in given}, {case.filing_id for case in cases if case.id not in ids}
    return HandBack(tuple(sorted(ids)), tuple(sorted(filings - kept)), tuple(sorted(filings & kept)))


def _goes_back(case: Case, eve: date, held: Sequence[Dates]) -> bool:
    return case.is_routed and case.state in OURS and case.denied_on <= eve and is_worked(case.denied_on, eve, held)
