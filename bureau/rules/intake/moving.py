"""Old visits brought forward: a lifetime of dates laid into the weeks before today, so that they can be billed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

WEEKS = 12
_DAY = timedelta(days=1)


def plan_days(days: Collection[date], today: date, born_on: date | None = None) -> dict[date, date]:
    """For every day on which one patient was seen, the day in the 12 weeks before today that stands for it.

    Two days never become one, so no two visits are made equal; the order is kept as far as the weekdays let it.
    A day keeps its weekday while the weeks have one left, then the nearest free working day is taken. A patient
    seen on more than 84 days gets as many more weeks. When there is no room after the date of birth, days stay.
    """
    ordered = sorted(days)
    weeks = max(WEEKS, -(-len(ordered) // 7))
    first = today - timedelta(weeks=weeks)
    slots = [day for number in range(weeks * 7) if (day := first + number * _DAY) >= (born_on or day)]
    if len(slots) < len(ordered):
        return {day: day for day in ordered}
    return _assign(ordered, slots)


def _assign(ordered: list[date], slots: list[date]) -> dict[date, date]:
    free = dict.fromkeys(slots)
    wanted = {day: slots[at * len(slots) // len(ordered)] for at, day in enumerate(ordered)}
    plan: dict[date, date] = {}
    for day in ordered:
        same = [slot for slot in free if slot.weekday() == day.weekday()]
        if same:
            plan[day] = _nearest(same, wanted[day])
            del free[plan[day]]
    for day in ordered:
        if day not in plan:
            working = [slot for slot in free if slot.weekday() < 5]
            plan[day] = _nearest(working or list(free), wanted[day])
            del free[plan[day]]
    return plan


def _nearest(slots: list[date], wanted: date) -> date:
    return min(slots, key=lambda slot: (abs((slot - wanted).days), slot))


def move_with(plan: Mapping[date, date], anchor: date, day: date, today: date) -> date:
    """A further date of the visit moved as far as the visit's own; never to today or later."""
    moved = plan[anchor] + (day - anchor)
    return moved if moved < today else plan[anchor]
