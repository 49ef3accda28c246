"""When a job is due: cron fields, windows and changes of clocks, by tables; and the same in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from bureau.rules.schedule_words import say_timing
from bureau.rules.schedules import Timing, find_problems, find_slots, is_open, next_slot, previous_slot
from config.problems import Problem

NEW_YORK = "America/New_York"
MONDAY = datetime(2026, 3, 16, 4, tzinfo=UTC)  # midnight in New York


def at(cron: str, zone: str = NEW_YORK, opens: str = "", closes: str = "") -> Timing:
    return Timing(cron, zone, opens, closes)


def first(timing: Timing, start: datetime, count: int) -> list[str]:
    return [f"{slot:%a %d %H:%M}" for slot in islice(find_slots(timing, start, start + timedelta(days=900)), count)]


@pytest.mark.parametrize(
    ("cron", "slots"),
    [
        ("0 9,15 * * mon-fri", ["Mon 16 13:00", "Mon 16 19:00", "Tue 17 13:00"]),
        ("*/20 8-9 * * *", ["Mon 16 12:00", "Mon 16 12:20", "Mon 16 12:40"]),
        ("5/30 0 * * *", ["Mon 16 04:05", "Mon 16 04:35", "Tue 17 04:05"]),
        ("0 0 * * SUN", ["Sun 22 04:00", "Sun 29 04:00", "Sun 05 04:00"]),
        ("0 6 20 * *", ["Fri 20 10:00", "Mon 20 10:00", "Wed 20 10:00"]),
        ("0 6 1-7 apr-jun mon", ["Mon 06 10:00", "Mon 04 10:00", "Mon 01 10:00"]),
        ("0 12 29 2 *", ["Tue 29 17:00"]),
    ],
)
def test_slots_of_a_plan(cron, slots):
    start = MONDAY + timedelta(days=600) if cron == "0 12 29 2 *" else MONDAY
    assert first(at(cron), start, len(slots)) == slots


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        ("0 0 * * 0", "by name"), ("0 0 * * 1-5", "by name"), ("0 0 * *", "five fields"), ("", "five fields"),
        ("60 0 * * *", "minute"), ("0 24 * * *", "hour"), ("0 0 0 * *", "day of the month"), ("0 0 * 13 *", "month"),
        ("0 0 * * fri-mon", "day of the week"), ("0 0 * * someday", "day of the week"), ("*/0 * * * *", "step"),
        ("1, * * * *", "Nothing"), ("a b c d e", "minute"), ("-1 0 * * *", "minute"), ("0 ٣٣٣٣ * * *", "hour"),
        ("0 0 30 2 *", "never due"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_one_clear_problem(cron, says):
    (problem,) = find_problems(at(cron))
    assert isinstance(problem, Problem)
    assert problem.where == "cron"
    assert says in problem.text


@pytest.mark.parametrize(
    ("timing", "where"),
    [
        (at("0 9 * * *", "Mars/Olympus"), "time_zone"), (at("0 9 * * *", "../x"), "time_zone"),
        (at("0 9 * * *", opens="9"), "opens"), (at("0 9 * * *", closes="25:00"), "closes"),
        (at("0 9 * * *", opens="10:00", closes="12:00"), "cron"),
    ],
)  # fmt: skip
def test_a_zone_a_window_and_an_empty_plan_are_refused(timing, where):
    assert [problem.where for problem in find_problems(timing)] == [where]


def test_a_slot_outside_the_window_does_not_count():
    timing = at("0 * * * *", opens="09:00", closes="11:00")
    assert first(timing, MONDAY, 4) == ["Mon 16 13:00", "Mon 16 14:00", "Mon 16 15:00", "Tue 17 13:00"]
    assert [is_open(timing, MONDAY + timedelta(hours=hour)) for hour in (8, 9, 11, 12)] == [False, True, True, False]
    night = at("0 * * * *", opens="23:00", closes="01:00")
    assert first(night, MONDAY, 4) == ["Mon 16 04:00", "Mon 16 05:00", "Tue 17 03:00", "Tue 17 04:00"]


# In 2026 New York goes forward on 8 March (02:00 is 03:00) and back on 1 November (02:00 is 01:00 again).
@pytest.mark.parametrize(
    ("cron", "start", "slots"),
    [
        ("30 2 * * *", datetime(2026, 3, 7, 12, tzinfo=UTC), ["Sun 08 07:30", "Mon 09 06:30"]),
        ("30 1 * * *", datetime(2026, 10, 31, 12, tzinfo=UTC), ["Sun 01 05:30", "Mon 02 06:30"]),
        ("0 * * * *", datetime(2026, 3, 8, 6, tzinfo=UTC), ["Sun 08 06:00", "Sun 08 07:00", "Sun 08 08:00"]),
        ("0 * * * *", datetime(2026, 11, 1, 5, tzinfo=UTC), ["Sun 01 05:00", "Sun 01 07:00", "Sun 01 08:00"]),
        ("0 9 * * *", datetime(2026, 3, 7, 12, tzinfo=UTC), ["Sat 07 14:00", "Sun 08 13:00"]),
    ],
)
def test_a_change_of_clocks_leaves_no_slot_out_and_doubles_none(cron, start, slots):
    assert first(at(cron), start, len(slots)) == slots


@pytest.mark.parametrize("zone", [NEW_YORK, "America/Phoenix", "Pacific/Honolulu", "America/Anchorage"])
@pytest.mark.parametrize("cron", ["0 9,15 * * mon-fri", "30 1,2 * * *", "*/15 0-3 * * sun"])
def test_over_a_year_slots_ascend_and_looking_back_finds_them_again(zone, cron):
    timing = at(cron, zone)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    slots = list(find_slots(timing, start, start + timedelta(days=365)))
    assert slots == sorted(set(slots))
    for slot, later in pairwise(slots):
        assert next_slot(timing, slot) == later
        assert previous_slot(timing, later - timedelta(seconds=1)) == slot
        assert previous_slot(timing, slot) == slot


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        (at("0 9,15 * * mon-fri"), "weekdays at 9:00 and 15:00"),
        (at("5 7 * * *"), "every day at 7:05"),
        (at("0 6 20 * *"), "day 20 of the month at 6:00"),
        (at("0 6 1-3 * mon"), "Mondays that are day 1, 2 and 3 of the month at 6:00"),
        (at("0 6 * jan,jul sat,sun"), "weekends in January and July at 6:00"),
        (at("*/15 8-17 * * mon,thu"), "Mondays and Thursdays every 15 minutes from 8:00 to 17:45"),
        (at("0 */2 * * *"), "every day every 2 hours from 0:00 to 22:00"),
        (at("0 * * * *"), "every day every hour from 0:00 to 23:00"),
        (at("0,10 8-12 * * *"), "every day 10 times a day from 8:00 to 12:10"),
        (at("0 9 * * *", closes="17:00"), "every day at 9:00, only until 17:00"),
        (at("0 9 * * *", opens="8:00", closes="17:00"), "every day at 9:00, only between 8:00 and 17:00"),
        (at("no cron"), ""),
    ],
)
def test_a_plan_in_plain_words(timing, words):
    assert say_timing(timing) == words
