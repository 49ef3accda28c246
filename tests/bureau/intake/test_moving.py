"""Old visits brought forward: into the window, one day never two, weekdays and order kept as far as they go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.rules.intake.moving import WEEKS, move_with, plan_days

TODAY = date(2026, 3, 18)
WINDOW = timedelta(weeks=WEEKS)


def mondays(count: int, first: date = date(2001, 1, 1)) -> list[date]:
    return [first + timedelta(weeks=4 * number) for number in range(count)]


def test_few_visits_keep_weekday_and_order() -> None:
    plan = plan_days(mondays(12), TODAY)
    assert [day.weekday() for day in plan.values()] == [0] * 12
    assert list(plan.values()) == sorted(plan.values())
    assert TODAY - WINDOW <= min(plan.values()) < max(plan.values()) < TODAY


def test_the_thirteenth_monday_finds_another_working_day() -> None:
    plan = plan_days(mondays(13), TODAY)
    assert sorted(day.weekday() for day in plan.values())[:12] == [0] * 12
    assert max(day.weekday() for day in plan.values()) in range(1, 5)


@given(st.sets(st.dates(date(1960, 1, 1), date(2025, 12, 31)), max_size=120))
def test_no_two_days_become_one_and_none_lies_outside(days: set[date]) -> None:
    plan = plan_days(days, TODAY)
    assert plan.keys() == days
    assert len(set(plan.values())) == len(days)
    window = max(WINDOW, timedelta(weeks=-(-len(days) // 7)))
    assert all(TODAY - window <= day < TODAY for day in plan.values())


@given(st.sets(st.dates(date(2020, 1, 1), date(2025, 12, 31)), max_size=90))
def test_days_that_keep_their_weekday_keep_their_order(days: set[date]) -> None:
    plan = plan_days(days, TODAY)
    for weekday in range(7):
        there = sorted(day for day in days if day.weekday() == weekday)
        kept = [plan[day] for day in there if plan[day].weekday() == weekday]
        assert kept == sorted(kept)
        assert len(kept) >= min(len(there), WEEKS)


@pytest.mark.parametrize(("born", "first"), [(date(2026, 2, 27), date(2026, 2, 27)), (None, date(2025, 12, 24))])
def test_nobody_is_seen_before_birth(born: date | None, first: date) -> None:
    days = [date(2030, 1, 1) + timedelta(days=number) for number in range(5)]
    assert min(plan_days(days, TODAY, born).values()) >= first


def test_without_room_after_birth_the_days_stay() -> None:
    days = [date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18)]
    assert plan_days(days, TODAY, date(2026, 3, 16)) == {day: day for day in days}


def test_a_further_date_moves_along_but_never_to_today() -> None:
    plan = {date(2001, 1, 1): date(2026, 3, 16)}
    assert move_with(plan, date(2001, 1, 1), date(2001, 1, 2), TODAY) == date(2026, 3, 17)
    assert move_with(plan, date(2001, 1, 1), date(2001, 1, 8), TODAY) == date(2026, 3, 16)
