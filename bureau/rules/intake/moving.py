"""Old visits brought forward: a lifetime of dates laid into the weeks before today, so that they can be billed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from bureau.rules.intake.encounters import read_date

WEEKS = 12
_DAY = timedelta(days=1)
_SATURDAY = 5


def plan_visits(
    seen: Iterable[tuple[str, date | None]], born: Mapping[str, str], today: date
) -> dict[str, dict[date, date]]:
    """For every patient a plan of all days seen; `born` has their dates of birth as written (YYYY-MM-DD)."""
    days: dict[str, set[date]] = {}
    for patient, day in seen:
        if day is not None:
            days.setdefault(patient, set()).add(day)
    return {patient: plan_days(of, today, read_date(born.get(patient, ""))) for patient, of in days.items()}


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
    wanted = {day: slots[at * len(slots) // len(ordered)] for at, day in enumerate(ordered)}
    plan: dict[date, date] = {}
    for weekday in range(7):
        days = [day for day in ordered if day.weekday() == weekday]
        plan |= _assign_in_order(days, [slot for slot in slots if slot.weekday() == weekday], wanted)
    free = set(slots) - set(plan.values())
    for day in ordered:
        if day not in plan:
            working = [slot for slot in free if slot.weekday() < _SATURDAY]
            plan[day] = min(working or free, key=lambda slot: (abs(slot - wanted[day]), slot))
            free.remove(plan[day])
    return plan


def _assign_in_order(days: list[date], slots: list[date], wanted: Mapping[date, date]) -> dict[date, date]:
    """Days to slots of one weekday, in order and near where wanted; of too many days an even choice."""
    room = len(slots)
    if len(days) > room:
        days = [days[at * len(days) // room] for at in range(room)]
    plan: dict[date, date] = {}
    last = -1
    for at, day in enumerate(days):
        last = min(max(bisect_left(slots, wanted[day]), last + 1), room - (len(days) - at))
        plan[day] = slots[last]
    return plan


def move_with(plan: Mapping[date, date], anchor: date, day: date, today: date) -> date:
    """A further date of the visit moved as far as the visit's own; never to today or later."""
    moved = plan[anchor] + (day - anchor)
    return moved if moved < today else plan[anchor]
