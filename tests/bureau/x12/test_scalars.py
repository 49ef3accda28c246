"""Amounts, dates and quantities: what is one, what is none, and that nothing is lost on the way back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.x12.scalars import (
    Memo,
    format_cents,
    format_quantity,
    parse_cents,
    parse_date,
    parse_moment,
    parse_quantity,
    parse_time,
)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200), ("12.5", 1250), ("12.50", 1250), (".5", 50), ("-3", -300), ("-.05", -5), ("0", 0),
        ("007.10", 710), ("12.", 1200), ("999999999999.99", 99999999999999),
    ],
)  # fmt: skip
def test_amounts(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "-.",
        "1.234",
        "1,000",
        "$5",
        "+3",
        "1e5",
        "--2",
        "1.2.3",
        "N/A",
        " 12",
        "12 ",
        "٣",
        "²",
        "1" * 5000,
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert parse_cents(text) is None


@given(st.integers(-(10**14), 10**14))
def test_cents_come_back(cents: int) -> None:
    text = format_cents(cents)
    assert parse_cents(text) == cents
    assert not (text.endswith("0") and "." in text)


@given(st.decimals(-(10**6), 10**6, places=3))
def test_quantities_come_back(quantity: Decimal) -> None:
    assert parse_quantity(format_quantity(quantity)) == quantity


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e3", "one", "1_0", "9" * 40])
def test_what_is_no_quantity(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [("20260228", date(2026, 2, 28)), ("260228", date(2026, 2, 28)), ("20990080", None), ("20260229", None),
     ("2026022", None), ("", None), ("2026O228", None), ("00000000", None)],
)  # fmt: skip
def test_dates(text: str, day: date | None) -> None:
    assert parse_date(text) == day


def test_times() -> None:
    assert parse_moment("20260302", "093015") == datetime(2026, 3, 2, 9, 30, 15)
    assert parse_moment("20260302", "") == datetime(2026, 3, 2)
    assert parse_moment("2026", "0930") is None
    assert parse_time("2460") is None
    time = parse_time("09301525")
    assert time is not None
    assert time.microsecond == 250_000


def test_a_memo_works_each_key_out_once_and_stays_small() -> None:
    asked: list[int] = []

    def work(key: int) -> int:
        asked.append(key)
        return key + 1

    memo = Memo(work)
    assert memo[1] == memo[1] == 2
    assert asked == [1]
    for key in range(70_000):
        memo[key]
    assert len(memo) <= 1 << 16
