"""A schedule in plain words: what five cron fields mean to whoever does not read them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import time
from itertools import pairwise

from bureau.rules.schedules import Cron, Timing, read_cron
from config.problems import Problem

DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MOST_TIMES = 6  # named one by one


def say_timing(timing: Timing) -> str:
    """As "weekdays at 9:00 and 15:00, only until 17:00"; nothing for fields that cannot be read."""
    cron = read_cron(timing.cron)
    if isinstance(cron, Problem):
        return ""
    return f"{_say_days(cron)} {say_times(cron.times)}{_say_window(timing)}"


def _say_days(cron: Cron) -> str:
    words = _say_weekdays(cron.weekdays)
    if len(cron.days) < 31:
        which = f"day {_join([str(day) for day in sorted(cron.days)])} of the month"
        words = which if len(cron.weekdays) == 7 else f"{words} that are {which}"
    if len(cron.months) < 12:
        words += f" in {_join([MONTHS[month - 1] for month in sorted(cron.months)])}"
    return words


def _say_weekdays(days: Collection[int]) -> str:
    known = {frozenset(range(7)): "every day", frozenset(range(5)): "weekdays", frozenset({5, 6}): "weekends"}
    return known.get(frozenset(days)) or _join([DAYS[day] for day in sorted(days)])


def say_times(times: Sequence[time]) -> str:
    """As "at 9:00 and 15:00"; of many only how far apart they are."""
    if len(times) <= MOST_TIMES:
        return f"at {_join([_say_time(at) for at in times])}"
    minutes = [at.hour * 60 + at.minute for at in times]
    gaps = {later - earlier for earlier, later in pairwise(minutes)}
    span = f"from {_say_time(times[0])} to {_say_time(times[-1])}"
    if len(gaps) > 1:
        return f"{len(times)} times a day {span}"
    (gap,) = gaps
    if gap % 60:
        return f"every {gap} minutes {span}" if gap > 1 else f"every minute {span}"
    return f"every {gap // 60} hours {span}" if gap > 60 else f"every hour {span}"


def _say_window(timing: Timing) -> str:
    if timing.opens and timing.closes:
        return f", only between {timing.opens} and {timing.closes}"
    if timing.opens:
        return f", only from {timing.opens}"
    return f", only until {timing.closes}" if timing.closes else ""


def _say_time(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}"


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
