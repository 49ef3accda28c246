"""Amounts in and out, and splits that lose no cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.money import (
    LARGEST_CENTS,
    format_cents,
    multiply_basis_points,
    multiply_rate,
    parse_cents,
    parse_number,
    split_by_weights,
    split_evenly,
)
from config.problems import Problem

CENTS = st.integers(-LARGEST_CENTS, LARGEST_CENTS)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        ("12.", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        (".5", 50),
        ("0", 0),
        ("-3.5", -350),
        ("\u22123.50", -350),
        ("3.50-", -350),
        ("+3.50", 350),
        ("(12.00)", -1200),
        ("($12.00)", -1200),
        ("$1,234.50", 123450),
        ("-$1,234.50", -123450),
        ("$-1,234.50", -123450),
        (" $ 7 ", 700),
        ("1,234,567.89", 123456789),
        ("12.500000", 1250),
        ("0012.10", 1210),
        ("999,999,999.99", LARGEST_CENTS),
    ],
)
def test_amounts_that_people_write(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "money.empty"),
        ("   ", "money.empty"),
        ("12.345", "money.decimals"),
        ("12.001", "money.decimals"),
        (".", "money.unreadable"),
        ("$", "money.unreadable"),
        ("-", "money.unreadable"),
        ("()", "money.unreadable"),
        ("(12", "money.unreadable"),
        ("12)", "money.unreadable"),
        ("(-12)", "money.unreadable"),
        ("--12", "money.unreadable"),
        ("-12-", "money.unreadable"),
        ("1,23", "money.unreadable"),
        ("1,2345", "money.unreadable"),
        ("1.2.3", "money.unreadable"),
        ("12 50", "money.unreadable"),
        ("12,50", "money.unreadable"),
        ("1e3", "money.unreadable"),
        ("nan", "money.unreadable"),
        ("\u0661\u0662", "money.unreadable"),
        ("1000000000", "money.range"),
        ("9" * 400, "money.range"),
    ],
)
def test_amounts_that_are_refused(text: str, code: str) -> None:
    problem = parse_cents(text, "row 4")
    assert isinstance(problem, Problem)
    assert (problem.code, problem.where) == (code, "row 4")
    assert text.strip() == "" or text.strip() not in problem.text or len(text.strip()) == 1


@given(CENTS, st.booleans(), st.booleans())
def test_what_is_formatted_reads_back(cents: int, true_minus: bool, grouped: bool) -> None:
    assert parse_cents(format_cents(cents, true_minus=true_minus, grouped=grouped)) == cents


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    assert isinstance(parse_cents(text), int | Problem)


def test_format() -> None:
    assert format_cents(123450) == "1,234.50"
    assert format_cents(-5) == "-0.05"
    assert format_cents(-5, true_minus=True) == "\u22120.05"
    assert format_cents(123450, grouped=False) == "1234.50"
    assert format_cents(0) == "0.00"


@pytest.mark.parametrize(
    ("number", "cents"),
    [
        (12, 1200),
        (129.16, 12916),
        (0.1 + 0.2, 30),
        (129.15999999999997, 12916),
        (Decimal("3.10"), 310),
        (-2.5, -250),
    ],
)
def test_numbers_from_spreadsheets(number: float | Decimal, cents: int) -> None:
    assert parse_number(number) == cents


@pytest.mark.parametrize("number", [1 / 3, 2.005, float("nan"), float("inf"), 1e12, Decimal("1.001")])
def test_numbers_that_are_no_cents(number: float | Decimal) -> None:
    assert isinstance(parse_number(number), Problem)


@given(st.integers(0, LARGEST_CENTS))
def test_every_cent_survives_a_spreadsheet(cents: int) -> None:
    assert parse_number(cents / 100) == cents


def test_even_split() -> None:
    assert split_evenly(100, 3) == [34, 33, 33]
    assert split_evenly(-100, 3) == [-34, -33, -33]
    assert split_evenly(2, 4) == [1, 1, 0, 0]
    with pytest.raises(ValueError, match="one part"):
        split_evenly(100, 0)


@given(CENTS, st.integers(1, 60))
def test_even_splits_lose_nothing(cents: int, parts: int) -> None:
    split = split_evenly(cents, parts)
    assert sum(split) == cents
    assert max(split) - min(split) <= 1


def test_weighted_split() -> None:
    assert split_by_weights(100, [1, 1, 1]) == [34, 33, 33]
    assert split_by_weights(1000, [12000, 5000, 3000]) == [600, 250, 150]
    assert split_by_weights(-5, [2, 1]) == [-3, -2]
    assert split_by_weights(10, [0, 0]) == [5, 5]
    assert split_by_weights(10, [0, 7]) == [0, 10]
    with pytest.raises(ValueError, match="negative"):
        split_by_weights(10, [1, -1])


@given(CENTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_weighted_splits_are_exact_and_within_a_cent_of_fair(cents: int, weights: list[int]) -> None:
    split = split_by_weights(cents, weights)
    assert sum(split) == cents
    for part, weight in zip(split, weights, strict=True):
        assert abs(part - Fraction(cents * weight, sum(weights))) < 1


@pytest.mark.parametrize(
    ("cents", "rate", "expected"),
    [
        (100, Fraction(1, 3), 33),
        (5, Fraction(1, 2), 2),  # halves go to the even cent
        (15, Fraction(1, 2), 8),
        (-5, Fraction(1, 2), -2),
        (12345, Fraction(8, 10), 9876),
    ],
)
def test_rates_round_half_to_even(cents: int, rate: Fraction, expected: int) -> None:
    assert multiply_rate(cents, rate) == expected


@given(CENTS, st.integers(-20_000, 20_000))
def test_basis_points_agree_with_fractions(cents: int, basis_points: int) -> None:
    assert multiply_basis_points(cents, basis_points) == multiply_rate(cents, Fraction(basis_points, 10_000))
