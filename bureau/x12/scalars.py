"""Amounts, dates, times and quantities: text to value and back, each text worked out once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Generic, TypeVar

_LIMIT = 1 << 16
_LONGEST = 18  # digits of an X12 number
_K = TypeVar("_K")
_V = TypeVar("_V")


class Memo(dict[_K, _V], Generic[_K, _V]):
    """A bounded table of answers: `memo[key]` costs one lookup after the first time."""

    __slots__ = ("_work",)

    def __init__(self, work: Callable[[_K], _V]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: _K) -> _V:
        value = self._work(key)
        if len(self) >= _LIMIT:
            self.clear()
        self[key] = value
        return value


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def parse_cents(text: str) -> int | None:
    """Whole cents of an X12 amount ("12", "12.5", "12.50", ".5", "-3"); None when it is empty or is none."""
    whole, _, part = text.removeprefix("-").partition(".")
    size = len(part)
    if size == 2:
        digits = whole + part
    elif size == 0:
        digits = whole and whole + "00"
    elif size == 1:
        digits = f"{whole}{part}0"
    else:
        return None
    if len(text) > _LONGEST + 2 or not _is_digits(digits):
        return None
    return -int(digits) if text[0] == "-" else int(digits)


def format_cents(cents: int) -> str:
    """The amount as X12 writes it, without idle zeros: 1250 -> "12.5"."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    if not part:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{part:02d}".rstrip("0")


def parse_quantity(text: str) -> Decimal | None:
    """A count or measure; None when the text is empty or not a plain decimal number."""
    whole, _, part = text.removeprefix("-").partition(".")
    if len(text) > _LONGEST + 2 or not _is_digits(whole + part):
        return None
    return Decimal(text)


def format_quantity(quantity: Decimal) -> str:
    text = f"{quantity:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def parse_date(text: str) -> date | None:
    """CCYYMMDD (or YYMMDD, as an ISA has it); None when the text is empty or no day of the calendar."""
    if len(text) == 6:
        text = "20" + text
    if len(text) != 8 or not _is_digits(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def format_date(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def parse_time(text: str) -> time | None:
    """HHMM, HHMMSS or HHMMSSd..dd; None when the text is empty or no time of day."""
    if len(text) not in (4, 6, 7, 8) or not _is_digits(text):
        return None
    try:
        return time(int(text[:2]), int(text[2:4]), int(text[4:6] or "0"), int(text[6:].ljust(2, "0")) * 10_000)
    except ValueError:
        return None


def parse_moment(day: str, clock: str) -> datetime | None:
    """A date and a time as one naive moment; midnight when there is no time, None without a date."""
    parsed = parse_date(day)
    return None if parsed is None else datetime.combine(parsed, parse_time(clock) or time())


def format_time(moment: datetime) -> str:
    """HHMM, with seconds only where there are some."""
    return f"{moment:%H%M%S}" if moment.second else f"{moment:%H%M}"


CENTS: Memo[str, int | None] = Memo(parse_cents)
QUANTITIES: Memo[str, Decimal | None] = Memo(parse_quantity)
DATES: Memo[str, date | None] = Memo(parse_date)
AMOUNT_TEXTS: Memo[int, str] = Memo(format_cents)
DATE_TEXTS: Memo[date, str] = Memo(format_date)
QUANTITY_TEXTS: Memo[Decimal, str] = Memo(format_quantity)
