"""What a service costs at this client: its charge master, by code, modifier and date of service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

Prices = Mapping[tuple[str, str], list[tuple[date, int]]]  # (code, modifier) -> (from, cents), oldest first


def build_prices(fees: Iterable[tuple[str, str, date, int]]) -> Prices:
    """The charge master as a look-up; rows are (code, modifier, starts_on, cents)."""
    prices: dict[tuple[str, str], list[tuple[date, int]]] = {}
    for code, modifier, starts_on, cents in sorted(fees, key=lambda fee: fee[2]):
        prices.setdefault((code, modifier), []).append((starts_on, cents))
    return prices


def price_line(prices: Prices, code: str, modifiers: str, units: int, on: date) -> int | None:
    """Cents for a line, the modifier's own price first; None when no price was in force on that day."""
    for modifier in (*modifiers.split(), ""):
        for starts_on, cents in reversed(prices.get((code, modifier), ())):
            if starts_on <= on:
                return cents * units
    return None
