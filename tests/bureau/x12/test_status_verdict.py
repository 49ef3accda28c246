"""What the codes of a claim status answer come to."""

from __future__ import annotations

from datetime import date

import pytest

from bureau.x12.values277 import Status, StatusCode
from bureau.x12.verdict277 import StatusVerdict, asks_for_information, verdict_of

DAY, LATER = date(2026, 3, 2), date(2026, 3, 9)


def said(*categories: str, on: date | None = DAY, paid: int | None = None) -> Status:
    return Status(tuple(StatusCode(category, "1") for category in categories), on, paid_cents=paid)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([], StatusVerdict.UNKNOWN),
        ([said("Z9")], StatusVerdict.UNKNOWN),
        ([said("A0")], StatusVerdict.ACKNOWLEDGED),
        ([said("A1"), said("A2")], StatusVerdict.ACKNOWLEDGED),
        ([said("A3")], StatusVerdict.REJECTED),
        ([said("A7")], StatusVerdict.REJECTED),
        ([said("A4")], StatusVerdict.NOT_FOUND),
        ([said("D0")], StatusVerdict.NOT_FOUND),
        ([said("P1")], StatusVerdict.PENDED),
        ([said("P3")], StatusVerdict.PENDED),
        ([said("P1", "R4")], StatusVerdict.NEEDS_INFO),
        ([said("F0", paid=5)], StatusVerdict.FINAL_PAID),
        ([said("F0")], StatusVerdict.FINAL_PAID),
        ([said("F0", paid=0)], StatusVerdict.FINAL_OTHER),
        ([said("F1", paid=0)], StatusVerdict.FINAL_PAID),
        ([said("F2")], StatusVerdict.FINAL_DENIED),
        ([said("F3F")], StatusVerdict.FINAL_OTHER),
        ([said("F4")], StatusVerdict.FINAL_OTHER),
        ([said("E0")], StatusVerdict.REQUEST_ERROR),
        ([said("E1")], StatusVerdict.SYSTEM_ERROR),
        ([said("E1"), said("P1")], StatusVerdict.PENDED),
        ([said("F1"), said("F2")], StatusVerdict.FINAL_DENIED),
        ([said("R4"), said("F1", on=LATER)], StatusVerdict.FINAL_PAID),
        ([said("R4", on=None), said("P1")], StatusVerdict.PENDED),
    ],
)
def test_the_verdict_is_the_worst_of_the_latest_day(statuses: list[Status], verdict: StatusVerdict) -> None:
    assert verdict_of(statuses) is verdict


def test_records_are_asked_for_by_some_codes_only() -> None:
    assert [asks_for_information([said(one)]) for one in ("R0", "R4", "RQ", "P3", "P4", "P1", "F1")] == [True] * 5 + [
        False
    ] * 2
    assert not asks_for_information([said("R4"), said("P1", on=LATER)])
