"""Schedules as practices write them, read as counts by provider and day."""

from __future__ import annotations

from datetime import date

import pytest

from bureau.rules.visit_schedule import alert_after, read_count, read_schedule

PROVIDERS = {"9999000011": 7, "reed": 7, "soto": 8}
DAY = date(2026, 3, 2)


def read(text: str):
    return read_schedule("plan.csv", [line.split(",") for line in text.splitlines()], PROVIDERS)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("date,provider,count\n2026-03-02,Reed,12\n2026-03-02,SOTO,0", {(7, DAY): 12, (8, DAY): 0}),
        ("Visits,Date of service,NPI\n4,03/02/2026,9999000011", {(7, DAY): 4}),
        ("day,provider\n03/02/26,reed\n20260302,9999000011\n,\n2026-03-03,reed",
         {(7, DAY): 2, (7, date(2026, 3, 3)): 1}),
        ("date,provider,count\n2026-03-02,reed,3\n2026-03-02,9999000011,4", {(7, DAY): 7}),
    ],
)  # fmt: skip
def test_counts(text, counts):
    assert read(text) == (counts, [])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["schedule.columns"]),
        ("date,provider", ["schedule.empty"]),
        ("when,who\n2026-03-02,Reed", ["schedule.columns"]),
        ("date,provider\n2026-02-31,Reed\n2026-03-02,Nobody", ["schedule.day", "schedule.provider"]),
        ("date,provider,count\n2026-03-02,Reed,-1\n2026-03-02,Reed,501\n2026-03-02,Reed,x", ["schedule.count"] * 3),
        ("date,provider,count\n2026-03-02", ["schedule.provider", "schedule.count"]),
    ],
)
def test_what_cannot_be_read_is_told(text, codes):
    _, problems = read(text)
    assert [problem.code for problem in problems] == codes


def test_rows_are_counted_as_a_person_counts_them():
    assert read("date,provider\n2026-03-02,reed\nx,reed")[1][0].where == "plan.csv row 3 column date"


@pytest.mark.parametrize(("text", "count"), [("0", 0), ("500", 500), ("501", None), ("1.5", None), ("-1", None)])
def test_a_count_is_a_small_whole_number(text, count):
    assert read_count(text) == count


def test_three_days_unless_the_practice_chose():
    assert [alert_after({}), alert_after({"missing_visits_after": 0}), alert_after({"missing_visits_after": "x"})] == [
        3, 0, 3,
    ]  # fmt: skip
