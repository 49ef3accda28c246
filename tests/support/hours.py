"""Opening hours counted day by day with a list of holidays written down here: nothing of the product's calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from simulator.truth import Stretch

FEDERAL = {  # observed days of 2026, as the Office of Personnel Management publishes them
    date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3),
    date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25),
}  # fmt: skip
DAY_SECONDS = 9 * 3600


def open_seconds(start: datetime, end: datetime, zone: str) -> int:
    """Seconds between two moments of 2026 at which an office in that zone is open, 8 to 17 on business days."""
    place = ZoneInfo(zone)
    total, day = 0, start.astimezone(place).date()
    while day <= end.astimezone(place).date():
        if day.weekday() < 5 and day not in FEDERAL:
            opens = datetime.combine(day, time(8), place).astimezone(UTC)
            closes = datetime.combine(day, time(17), place).astimezone(UTC)
            total += max(0, int((min(closes, end) - max(opens, start)).total_seconds()))
        day += timedelta(days=1)
    return total


@dataclass(frozen=True)
class Kept:
    """How a promise was kept."""

    due: int
    met: int
    running: int
    paused_seconds: int
    seconds: tuple[int, ...]  # what each due item took, ascending


def keep(stretches: Iterable[Stretch], days: int, zone: str, now: datetime) -> Kept:
    """Hold stretches against a limit in business days, as of a moment."""
    due = met = running = paused_total = 0
    took = []
    for one in stretches:
        end = one.done or now
        paused = _stood_still(one, end, zone)
        used = open_seconds(one.begun, end, zone) - paused
        is_late = used > days * DAY_SECONDS
        if one.done is None and not is_late:
            running += 1
            continue
        due, met, paused_total = due + 1, met + (not is_late), paused_total + paused
        took.append(used)
    return Kept(due, met, running, paused_total, tuple(sorted(took)))


def _stood_still(one: Stretch, end: datetime, zone: str) -> int:
    """Open seconds in which at least one pause lasted, piece by piece between all the moments at which any changed."""
    moments = {one.begun, end, *(begin for begin, _ in one.pauses), *(until for _, until in one.pauses if until)}
    marks = sorted(at for at in moments if one.begun <= at <= end)
    return sum(
        open_seconds(start, stop, zone)
        for start, stop in pairwise(marks)
        if any(begin <= start and (until is None or until >= stop) for begin, until in one.pauses)
    )
