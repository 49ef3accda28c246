"""Whether an upload may still be taken back: not once anything that it made has left the house."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bureau.rules.lifecycle import UNDOABLE, State
from config.problems import Problem


class Standing(NamedTuple):
    """How a claim that an upload made stands."""

    number: str  # the client's own of the encounter
    state: State
    attempts: int  # times it was sent
    has_money: bool  # anything but charges was posted


def find_obstacles(claims: Iterable[Standing]) -> list[Problem]:
    """The claims that stand in the way, each with its reason."""
    found = []
    for claim in claims:
        reason = ""
        if claim.attempts:
            reason = "was sent to the payer"
        elif claim.has_money:
            reason = "has payments or adjustments"
        elif claim.state not in UNDOABLE:
            reason = "is no longer new"
        if reason:
            found.append(Problem(f"visit {claim.number}", "undo.too_late", f"The claim of this visit {reason}."))
    return found
