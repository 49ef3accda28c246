"""What a client wants done its way: small balances, statements, who is called when, and its own holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.problems import Problem

HIGHEST_WRITE_OFF = 10_000  # cents: past that somebody at the practice has to say yes each time
LAST_STATEMENT_DAY = 28  # every month has one
LONGEST_ESCALATION = 30  # business days


@dataclass(frozen=True, slots=True)
class Preferences:
    """`write_off_cents`: a patient's balance up to this is not pursued. `escalate_after` counts business days
    without an answer until the escalation contact is called. `holidays` are days the practice itself is closed.
    """

    write_off_cents: int = 500
    statement_day: int = 20
    escalate_after: int = 5
    holidays: tuple[date, ...] = ()


def read_preferences(kept: Mapping[str, Any] | None) -> Preferences:
    """The value as it lies in Client.preferences; what was never chosen has its default."""
    if not kept:
        return Preferences()
    chosen = {name: kept[name] for name in ("write_off_cents", "statement_day", "escalate_after") if name in kept}
    days = tuple(date.fromisoformat(day) for day in kept.get("holidays", ()))
    return Preferences(**chosen, holidays=days)


def write_preferences(chosen: Preferences) -> dict[str, Any]:
    """The value as it is kept."""
    return {
        "write_off_cents": chosen.write_off_cents,
        "statement_day": chosen.statement_day,
        "escalate_after": chosen.escalate_after,
        "holidays": [day.isoformat() for day in sorted(set(chosen.holidays))],
    }


def find_preference_problems(chosen: Preferences) -> list[Problem]:
    """What cannot be kept, each problem at its field."""
    ranges = (
        ("write_off_cents", 0, HIGHEST_WRITE_OFF, "Between 0.00 and 100.00 dollars."),
        ("statement_day", 1, LAST_STATEMENT_DAY, "A day of the month from 1 to 28."),
        ("escalate_after", 1, LONGEST_ESCALATION, "Between 1 and 30 business days."),
    )
    return [
        Problem(name, "preferences.range", text)
        for name, least, most, text in ranges
        if not least <= getattr(chosen, name) <= most
    ]
