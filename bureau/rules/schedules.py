"""When a job is due: five cron fields in a time zone and a window, as a pure function of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.problems import Problem

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 6))
FARTHEST = 8 * 366  # days: 29 February comes round within eight years
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a job is due. `opens` and `closes` (HH:MM, empty for none) bound the times at which it may start."""

    cron: str
    time_zone: str
    opens: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Cron:
    """Five fields read: the days must fit in all three of their fields; times are ascending."""

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Monday

    def fits(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day.day in self.days and day.month in self.months


def next_slot(timing: Timing, after: datetime) -> datetime | None:
    """The first slot strictly after a moment (UTC); None when there is none.

    A local time that a change of clocks leaves out is due that much later, and once; one that comes twice is due
    the first time only.
    """
    day = after.astimezone(ZoneInfo(timing.time_zone)).date()
    for ahead in range(FARTHEST):
        for slot in _slots_on(timing, day + ahead * DAY):
            if slot > after:
                return slot
    return None


def previous_slot(timing: Timing, at: datetime) -> datetime | None:
    """The last slot that is not after a moment (UTC); None when there is none."""
    day = at.astimezone(ZoneInfo(timing.time_zone)).date()
    for back in range(FARTHEST):
        for slot in reversed(_slots_on(timing, day - back * DAY)):
            if slot <= at:
                return slot
    return None


def find_slots(timing: Timing, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every slot with start <= slot < end."""
    slot = next_slot(timing, start - timedelta(microseconds=1))
    while slot is not None and slot < end:
        yield slot
        slot = next_slot(timing, slot)


def is_open(timing: Timing, at: datetime) -> bool:
    """Whether a job may start at this moment; a window that closes before it opens runs over midnight."""
    return _is_within(timing, at.astimezone(ZoneInfo(timing.time_zone)).time())


def find_problems(timing: Timing) -> list[Problem]:
    """What keeps this from being a plan; `where` is the field's name."""
    cron = read_cron(timing.cron)
    problems = [cron] if isinstance(cron, Problem) else []
    if not is_zone(timing.time_zone):
        problems.append(Problem("time_zone", "schedule.zone", "Choose a time zone such as America/New_York."))
    for name, text in (("opens", timing.opens), ("closes", timing.closes)):
        if text and _read_time(text) is None:
            problems.append(Problem(name, "schedule.time", "Write the time as HH:MM, for example 16:30."))
    if not problems and next_slot(timing, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        problems.append(
            Problem("cron", "schedule.never", "This is never due: no time falls on a day within the window.")
        )
    return problems


def is_zone(name: str) -> bool:
    try:
        return bool(name) and bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


@lru_cache(maxsize=1024)
def read_cron(text: str) -> Cron | Problem:
    """Five fields of numbers, `*`, lists, ranges and steps; days of the week by name, which no program misreads."""
    parts = text.lower().split()
    if len(parts) != len(FIELDS):
        return _refuse(
            f"Write five fields (minute hour day month weekday), for example 0 9 * * mon-fri; this has {len(parts)}."
        )
    sets = []
    for part, (name, low, high) in zip(parts, FIELDS, strict=True):
        values: set[int] = set()
        for item in part.split(","):
            found = _read_item(item, name, low, high)
            if isinstance(found, Problem):
                return found
            values.update(found)
        sets.append(values)
    minutes, hours, days, months, weekdays = sets
    times = tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
    return Cron(times, frozenset(days), frozenset(months), frozenset(weekdays))


def _read_item(item: str, name: str, low: int, high: int) -> Sequence[int] | Problem:
    """The values of one part between commas."""
    span, slash, step = item.partition("/")
    first, dash, last = span.partition("-")
    start, end = (low, high) if span == "*" else (_read_value(first, name), _read_value(last if dash else first, name))
    if start is None or end is None:
        if name == "day of the week" and any(char.isdigit() for char in span):
            return _refuse(
                "Write days of the week by name, such as mon-fri: the number 0 is Sunday here and Monday there."
            )
        return _refuse(f"{item or 'Nothing'} is no {name}.")
    if slash and not (dash or span == "*"):
        end = high
    if slash and not (step.isdecimal() and int(step) > 0):
        return _refuse(f"{item} needs a step of 1 or more after the stroke.")
    if not low <= start <= end <= high:
        return _refuse(f"{item} is no {name} between {_say_value(low, name)} and {_say_value(high, name)}.")
    return range(start, end + 1, int(step) if slash else 1)


def _read_value(text: str, name: str) -> int | None:
    if name == "day of the week":
        return WEEKDAYS.index(text) if text in WEEKDAYS else None
    if name == "month" and text in MONTHS:
        return MONTHS.index(text) + 1
    return int(text) if text.isdecimal() and len(text) < 4 else None


def _say_value(value: int, name: str) -> str:
    return WEEKDAYS[value] if name == "day of the week" else str(value)


def _refuse(text: str) -> Problem:
    return Problem("cron", "schedule.cron", text)


@lru_cache(maxsize=16_384)
def _slots_on(timing: Timing, day: date) -> tuple[datetime, ...]:
    """The slots of a local day in UTC, ascending."""
    cron = read_cron(timing.cron)
    assert isinstance(cron, Cron), "a plan is checked before it is kept"
    if not cron.fits(day):
        return ()
    zone = ZoneInfo(timing.time_zone)
    # fold=0: the first of two equal times, and for a time left out the moment as far behind the gap as it lay in it.
    found = {datetime.combine(day, at, zone).astimezone(UTC) for at in cron.times if _is_within(timing, at)}
    return tuple(sorted(found))


def _is_within(timing: Timing, at: time) -> bool:
    opens, closes = _read_time(timing.opens) or time.min, _read_time(timing.closes) or time.max
    at = at.replace(second=0, microsecond=0)
    return opens <= at <= closes if opens <= closes else at >= opens or at <= closes


def _read_time(text: str) -> time | None:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        return None
    return time(int(hours), int(minutes)) if int(hours) < 24 and int(minutes) < 60 else None
