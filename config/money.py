"""Money: whole cents inside, text only at the edges, and splits that lose nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from config.problems import Problem

MINUS = "\N{MINUS SIGN}"
# Far above any claim or payment; what lies beyond is a misread column, an identifier taken for money.
LARGEST_CENTS = 99_999_999_999

_AMOUNT = re.compile(
    r"(?P<open>\()?\s*(?P<before>[-+\u2212])?\s*\$?\s*(?P<after>[-+\u2212])?"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.(?P<part>[0-9]*))?\s*(?P<trailing>-)?\s*(?P<close>\))?",
    re.ASCII,
)


def parse_cents(text: str, where: str = "") -> int | Problem:
    """Cents of an amount as people and systems write it: `$1,234.50`, `(12.00)`, `12`, `-3.5`, `.5`, `12-`.

    More than two decimals are accepted only when the rest are zeros. Nothing is ever rounded, and an
    empty cell is a Problem and not zero, because an absent amount is not an amount of nothing.
    """
    stripped = text.strip()
    if not stripped:
        return Problem(where, "money.empty", "An amount is missing.")
    match = _AMOUNT.fullmatch(stripped)
    if match is None:
        return _unreadable(where)
    whole, part = match["whole"], match["part"] or ""
    signs = [sign for sign in (match["open"], match["before"], match["after"], match["trailing"]) if sign]
    if not (whole or part) or len(signs) > 1 or bool(match["open"]) != bool(match["close"]):
        return _unreadable(where)
    if part[2:].strip("0"):
        return Problem(where, "money.decimals", "An amount has fractions of a cent.")
    if len(whole) > 20:
        return _too_large(where)
    cents = int(whole.replace(",", "") or "0") * 100 + int(part[:2].ljust(2, "0"))
    if cents > LARGEST_CENTS:
        return _too_large(where)
    return -cents if signs and signs[0] != "+" else cents


def parse_number(number: float | Decimal, where: str = "") -> int | Problem:
    """Cents of a number that a spreadsheet or a JSON file gave as a number of dollars.

    Spreadsheets store 129.16 as the nearest binary fraction; what lies within a ten-thousandth of a cent
    is that cent, anything else (a third of a dollar) is a Problem.
    """
    exact = Decimal(number) * 100
    if not exact.is_finite():
        return _unreadable(where)
    cents = int(exact.to_integral_value())
    if abs(exact - cents) > Decimal("0.0001"):
        return Problem(where, "money.decimals", "An amount has fractions of a cent.")
    return _too_large(where) if abs(cents) > LARGEST_CENTS else cents


def format_cents(cents: int, *, true_minus: bool = False, grouped: bool = True) -> str:
    """`1,234.50`; negatives with a hyphen for machines or U+2212 for people (`true_minus`)."""
    dollars, rest = divmod(abs(cents), 100)
    digits = f"{dollars:,}.{rest:02d}" if grouped else f"{dollars}.{rest:02d}"
    if cents >= 0:
        return digits
    return (MINUS if true_minus else "-") + digits


def split_evenly(cents: int, parts: int) -> list[int]:
    """`parts` amounts that differ by at most a cent and add up to `cents` exactly; the first get more."""
    if parts < 1:
        raise ValueError("an amount is split into at least one part")
    each, left = divmod(abs(cents), parts)
    sign = -1 if cents < 0 else 1
    return [sign * (each + (place < left)) for place in range(parts)]


def split_by_weights(cents: int, weights: Sequence[int]) -> list[int]:
    """Amounts in proportion to non-negative whole weights that add up to `cents` exactly.

    Every part gets its share rounded toward zero, and the cents left over go to the largest remainders,
    the earlier part first among equals. When all weights are zero the split is even.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a share cannot be negative")
    total = sum(weights)
    if not total:
        return split_evenly(cents, len(weights))
    amount, sign = abs(cents), -1 if cents < 0 else 1
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(amount * weights[place] % total))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


def multiply_rate(cents: int, rate: Fraction | Decimal) -> int:
    """`cents` times an exact rate, rounded half to even."""
    return round(cents * Fraction(rate))


def multiply_basis_points(cents: int, basis_points: int) -> int:
    """`cents` times hundredths of a percent (650 is 6.5%), rounded half to even, without a Fraction."""
    whole, rest = divmod(cents * basis_points, 10_000)
    up = rest > 5_000 or (rest == 5_000 and whole % 2 == 1)
    return whole + up


def _unreadable(where: str) -> Problem:
    return Problem(where, "money.unreadable", "An amount is not a number of dollars.")


def _too_large(where: str) -> Problem:
    return Problem(where, "money.range", "An amount is larger than any charge or payment can be.")
