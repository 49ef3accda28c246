"""The one room that may ask what time it is, and that knows business days, opening hours and holidays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Protocol
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1971, 2099
_USUAL_YEARS = (2018, 2032)
_ANCHOR = date(_USUAL_YEARS[0], 1, 1).toordinal()
_SATURDAY, _SUNDAY = 5, 6


class Clock(Protocol):
    """Whoever answers `now()` with an aware UTC datetime: the wall, a simulation, a stopped watch."""

    def now(self) -> datetime: ...


class SystemClock:
    """The wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class StoppedClock:
    """A clock that stands still until told otherwise; for tests, replays and one-off commands."""

    def __init__(self, at: datetime) -> None:
        self._at = as_utc(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        """Jump to `at`, forwards or backwards."""
        self._at = as_utc(at)

    def advance(self, by: timedelta) -> datetime:
        """Move by `by` and return the new time."""
        self._at += by
        return self._at


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a naive datetime: nobody may guess its zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone reached the inside: {moment.isoformat()}")
    return moment.astimezone(UTC)


class HolidaySet(StrEnum):
    """Which days an office stays closed besides weekends."""

    FEDERAL = "federal"
    BANK = "bank"
    NONE = "none"


@lru_cache(maxsize=512)
def holidays_in(kind: HolidaySet, year: int) -> frozenset[date]:
    """Weekdays of `year` on which offices of this kind are closed.

    Federal offices move a Saturday holiday to Friday and a Sunday one to Monday. The Federal Reserve
    moves only the Sunday ones: when a holiday falls on a Saturday banks are open the Friday before.
    """
    if kind is HolidaySet.NONE:
        return frozenset()
    import holidays  # here because it costs a tenth of a second, which a short command need not pay

    if kind is HolidaySet.FEDERAL:
        # 1 January of the next year may be observed on 31 December of this one.
        days = {day for day in holidays.country_holidays("US", years=(year, year + 1)) if day.year == year}
    else:
        plain = holidays.country_holidays("US", years=year, observed=False)
        days = {day + _DAY if day.weekday() == _SUNDAY else day for day in plain}
    return frozenset(day for day in days if day.weekday() < _SATURDAY)


@dataclass(frozen=True, slots=True)
class _Hours:
    """All business days of a span of years: day ordinals, opening moments in epoch seconds, running sums."""

    first_day: int
    end_day: int
    first_second: int
    end_second: int
    days: list[int]
    opens: list[int]
    before: list[int]
    through: list[int]
    sums: tuple[list[int], list[int], list[int]]  # the three above, fetched at once by the hot path


@lru_cache(maxsize=256)
def _hours(calendar: BusinessCalendar, first_year: int, last_year: int) -> _Hours:
    zone, days, opens, lengths = ZoneInfo(calendar.time_zone), [], [], []
    start, end = date(first_year, 1, 1), date(last_year + 1, 1, 1)
    years = range(first_year, last_year + 1)
    closed = {day for year in years for day in holidays_in(calendar.holidays, year)} | calendar.closed_on
    for ordinal in range(start.toordinal(), end.toordinal()):
        day = date.fromordinal(ordinal)
        if day.weekday() < _SATURDAY and day not in closed:
            opening = _epoch_seconds(datetime.combine(day, calendar.opens, zone))
            days.append(ordinal)
            opens.append(opening)
            lengths.append(_epoch_seconds(datetime.combine(day, calendar.closes, zone)) - opening)
    # Sums count from one fixed day, so that figures taken from a narrow and a wide table agree.
    sum_at_anchor = sum(lengths[: bisect_left(days, _ANCHOR)])
    through = [total - sum_at_anchor for total in accumulate(lengths)]
    before = [total - length for total, length in zip(through, lengths, strict=True)]
    # One day of margin at each end, so that no local day is cut off by the distance to UTC.
    return _Hours(
        first_day=start.toordinal(),
        end_day=end.toordinal(),
        first_second=_epoch_seconds(datetime.combine(start + _DAY, time(), UTC)),
        end_second=_epoch_seconds(datetime.combine(end - _DAY, time(), UTC)),
        days=days,
        opens=opens,
        before=before,
        through=through,
        sums=(opens, before, through),
    )


def _epoch_seconds(moment: datetime) -> int:
    gone = moment - _EPOCH
    return gone.days * 86400 + gone.seconds


class _Book:
    """The widest table of hours a calendar has needed so far; shared by equal calendars through `_hours`."""

    __slots__ = ("hours", "span")

    def __init__(self) -> None:
        self.span = _USUAL_YEARS
        self.hours: _Hours | None = None


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Opening hours of an office in its own time zone; the measure of every promise in business days.

    Equal calendars are equal and hashable. A business day is `opens` to `closes` local time on a weekday
    that is no holiday; its length in seconds is what one "business day" of an SLA clause means. `closed_on` are
    days off of this office alone. Years 1971 to 2099 are covered, anything beyond raises ValueError.
    """

    time_zone: str = "America/New_York"
    opens: time = time(8)
    closes: time = time(17)
    holidays: HolidaySet = HolidaySet.FEDERAL
    closed_on: frozenset[date] = frozenset()
    _book: _Book = field(default_factory=_Book, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.opens < self.closes:
            raise ValueError(f"an office must open before it closes: {self.opens} to {self.closes}")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {self.time_zone!r}") from error

    def __reduce__(self) -> tuple[type[BusinessCalendar], tuple[str, time, time, HolidaySet, frozenset[date]]]:
        # The tables stay behind: another process builds its own.
        return BusinessCalendar, (self.time_zone, self.opens, self.closes, self.holidays, self.closed_on)

    # -- days ---------------------------------------------------------------------------------------

    def is_business_day(self, day: date) -> bool:
        is_off = day in self.closed_on or day in holidays_in(self.holidays, day.year)
        return day.weekday() < _SATURDAY and not is_off

    def add_business_days(self, start: date, days: int) -> date:
        """The day that is `days` business days after `start` (before, when negative).

        Counting begins with the first business day after `start`, so Saturday + 1 is Monday and
        Sunday - 1 is Friday. With 0 the answer is `start` itself, rolled forward to a business day.
        """
        reach = 2 * abs(days) + 15
        ordinal = start.toordinal()
        table = self._covering(ordinal - reach, ordinal + reach)
        place = bisect_right(table.days, ordinal) - 1 if days > 0 else bisect_left(table.days, ordinal)
        return date.fromordinal(table.days[place + days])

    def business_days_between(self, start: date, end: date) -> int:
        """Business days d with start <= d < end; negative when `end` comes first."""
        low, high = start.toordinal(), end.toordinal()
        days = self._covering(min(low, high), max(low, high)).days
        return bisect_left(days, high) - bisect_left(days, low)

    # -- moments ------------------------------------------------------------------------------------

    def local_date(self, moment: datetime) -> date:
        """The calendar day on the wall of this office at that moment."""
        return as_utc(moment).astimezone(ZoneInfo(self.time_zone)).date()

    def moment(self, day: date, at: time = time()) -> datetime:
        """UTC moment of a local wall time (midnight by default); a doubled hour takes the first."""
        return datetime.combine(day, at, ZoneInfo(self.time_zone)).astimezone(UTC)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """The local day as a half-open range of UTC moments; 23 or 25 hours long when clocks change."""
        return self.moment(day), self.moment(day + _DAY)

    def is_open(self, moment: datetime) -> bool:
        return self.next_open(moment) == as_utc(moment)

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself during opening hours, else when the office opens next."""
        at = as_utc(moment)
        second = _epoch_seconds(at)
        table = self._around(second, second + 15 * 86400)
        place = bisect_right(table.opens, second) - 1
        inside = second - table.opens[place] < table.through[place] - table.before[place]
        return at if inside else _EPOCH + timedelta(seconds=table.opens[place + 1])

    @property
    def day_seconds(self) -> int:
        """Open seconds of one business day."""
        return _seconds_of_day(self.closes) - _seconds_of_day(self.opens)

    def business_seconds(self, start: datetime, end: datetime) -> int:
        """Open seconds from `start` to `end`, both aware; negative when `end` comes first.

        Moments count by their whole second, so pieces of a stretch add up exactly to the stretch.
        """
        return self._open_seconds(end) - self._open_seconds(start)

    def due(self, start: datetime, business_days: Fraction | float) -> datetime:
        """The UTC moment at which that many business days of opening hours have been used up.

        One day that starts at 10:00 ends at 10:00 on the next business day; one that starts while the
        office is closed begins at the next opening and ends at that day's closing. Zero is `start`.
        """
        return self.due_after(start, round(business_days * self.day_seconds))

    def due_after(self, start: datetime, open_seconds: int) -> datetime:
        """As `due`, for a promise given in seconds of opening hours (one business hour is 3600)."""
        if open_seconds < 0:
            raise ValueError("a promise cannot be due before it was made")
        if not open_seconds:
            return as_utc(start)
        begun, days = _epoch_seconds(start), open_seconds // self.day_seconds
        table = self._around(begun, begun + (2 * days + 15) * 86400)
        target = self._open_seconds(start) + open_seconds
        place = bisect_left(table.through, target)
        return _EPOCH + timedelta(seconds=table.opens[place] + target - table.before[place])

    # -- tables -------------------------------------------------------------------------------------

    def _open_seconds(self, moment: datetime) -> int:
        """Open seconds from the anchor day to `moment`, negative before it."""
        gone = moment - _EPOCH
        second = gone.days * 86400 + gone.seconds
        table = self._book.hours
        if table is None or not table.first_second <= second < table.end_second:
            table = self._around(second, second)
        opens, before, through = table.sums
        place = bisect_right(opens, second) - 1
        if place < 0:
            return before[0]
        return min(before[place] + second - opens[place], through[place])

    def _around(self, first_second: int, last_second: int) -> _Hours:
        unix_day = _EPOCH.toordinal()
        return self._covering(first_second // 86400 + unix_day - 2, last_second // 86400 + unix_day + 2)

    def _covering(self, first_day: int, last_day: int) -> _Hours:
        """A table that holds every day from first_day to last_day (proleptic ordinals)."""
        table = self._book.hours
        if table is not None and table.first_day <= first_day and last_day < table.end_day:
            return table
        first = min(self._book.span[0], date.fromordinal(max(first_day, 1)).year)
        last = max(self._book.span[1], date.fromordinal(max(last_day, 1)).year)
        if first < _FIRST_YEAR or last > _LAST_YEAR:
            raise ValueError(f"the business calendar covers {_FIRST_YEAR} to {_LAST_YEAR} only")
        table = _hours(self, first, last)
        self._book.span, self._book.hours = (first, last), table
        return table


def _seconds_of_day(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


# Settlement runs on Federal Reserve days, New York time; the window is that of the wire and ACH desks.
BANK_CALENDAR = BusinessCalendar("America/New_York", time(8), time(17), HolidaySet.BANK)
