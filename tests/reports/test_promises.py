"""Promises against figures worked out by hand: nights, weekends, holidays, pauses, the change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.clock import BusinessCalendar
from reports.frames import Period
from reports.sla import measure, percentile
from reports.spans import Span

EASTERN = ZoneInfo("America/New_York")
HOUR = 3_600
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment in Boston, "03-06 16:00" of 2026."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=EASTERN).astimezone(UTC)


def held(*spans: Span, days: int = 1, period: Period = YEAR, now: datetime = NOW, share: int = 100):
    return measure(spans, BusinessCalendar("America/New_York"), ("m", days, share), period, now)


# Begun, done, pauses, business hours used (8 to 17 on business days), worked out with a calendar on the wall.
TIMES = [
    ("03-04 09:00", "03-04 11:30", [], 2.5),  # within a day
    ("03-04 16:00", "03-05 09:00", [], 2),  # over a night
    ("03-06 16:00", "03-09 09:00", [], 2),  # over a weekend in which the clocks change
    ("03-06 16:00", "03-06 22:00", [], 1),  # done after hours
    ("03-07 10:00", "03-08 20:00", [], 0),  # begun and done while closed
    ("01-16 16:00", "01-20 09:00", [], 2),  # Martin Luther King day on Monday
    ("07-02 16:00", "07-06 09:00", [], 2),  # the 4th is a Saturday, kept on Friday
    ("10-30 08:00", "11-02 17:00", [], 18),  # over the other clock change
    ("03-04 08:00", "03-06 17:00", [], 27),
    ("03-04 08:00", "03-06 17:00", [("03-04 12:00", "03-06 12:00")], 9),  # the client had it for two days
    ("03-04 08:00", "03-06 17:00", [("03-04 17:00", "03-05 08:00")], 27),  # a night's pause saves nothing
    ("03-04 08:00", "03-06 17:00", [("03-04 10:00", "03-04 11:00"), ("03-05 10:00", "03-05 12:00")], 24),
    ("03-04 08:00", "03-06 17:00", [("03-06 12:00", None)], 22),  # still the client's turn when it was done
]  # fmt: skip


@pytest.mark.parametrize(("begun", "done", "pauses", "hours"), TIMES)
def test_hours_used(begun, done, pauses, hours):
    paused = tuple((at(start), at(end) if end else None) for start, end in pauses)
    found = held(Span(at(begun), at(done), paused), days=30)
    assert found.p50_seconds == found.p90_seconds == round(hours * HOUR)


def test_on_the_last_second_is_in_time_and_a_second_later_is_not():
    limit = at("03-05 10:00")
    found = held(Span(at("03-04 10:00"), limit), Span(at("03-04 10:00"), limit.replace(second=1)))
    assert (found.due, found.met) == (2, 1)


def test_a_pause_moves_the_limit_by_its_open_hours():
    paused = ((at("03-04 12:00"), at("03-05 12:00")),)
    on_time, late = (Span(at("03-04 10:00"), at(done), paused) for done in ("03-06 10:00", "03-06 10:01"))
    found = held(on_time, late)
    assert (found.due, found.met, found.paused_seconds) == (2, 1, 2 * 9 * HOUR)


def test_what_still_runs_counts_only_once_it_is_late():
    fresh, late = Span(at("03-04 10:00"), None), Span(at("03-02 10:00"), None)
    found = held(fresh, late, now=at("03-04 16:00"))
    assert (found.due, found.met, found.running) == (1, 0, 1)
    waiting = Span(at("03-02 10:00"), None, ((at("03-02 11:00"), None),))
    assert held(waiting, now=at("03-30 10:00")).running == 1, "with the client's ball it never becomes late"


def test_an_item_counts_in_the_period_its_limit_falls_into():
    """Begun on 31 March at noon, due on 1 April at noon: April's, though it was done in March."""
    span = Span(at("03-31 12:00"), at("03-31 13:00"))
    assert held(span, period=Period(date(2026, 3, 1), date(2026, 4, 1))).due == 0
    assert held(span, period=Period(date(2026, 4, 1), date(2026, 5, 1))).due == 1


def test_shares_and_percentiles():
    spans = [Span(at("03-04 08:00"), at(f"03-{4 + n // 9:02d} {8 + n % 9:02d}:00")) for n in range(1, 11)]
    found = held(*spans, share=90)
    assert (found.due, found.met, found.percent, found.is_kept) == (10, 9, 90.0, True)
    assert (found.p50_seconds, found.p90_seconds) == (5 * HOUR, 9 * HOUR)
    assert not held(*spans, share=91).is_kept
    nothing = held()
    assert (nothing.due, nothing.percent, nothing.is_kept) == (0, None, True)


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([], 90, 0), ([7], 50, 7), ([1, 2], 50, 1), ([1, 2, 3], 50, 2), (list(range(1, 101)), 90, 90),
     (list(range(1, 12)), 90, 10), ([1, 2, 3, 4], 100, 4)],
)  # fmt: skip
def test_a_percentile_is_a_value_that_was_there(values, percent, found):
    assert percentile(values, percent) == found


def test_another_zone_keeps_other_hours():
    span = Span(at("03-04 08:00"), at("03-04 12:00"))
    pacific = measure([span], BusinessCalendar("America/Los_Angeles"), ("m", 1, 100), YEAR, NOW)
    assert pacific.p50_seconds == HOUR, "five to nine in the morning over there"
