"""The desk of price lists: reads a sheet of prices, says what it would change, and loads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from bureau import books
from bureau.office import Office
from bureau.rules.intake.sheets import read_sheet
from clients.prices import (
    TEMPLATE,
    Price,
    compare_prices,
    find_unknown_payers,
    load_charge_master,
    load_contract_rates,
    read_prices,
)
from config.money import format_cents
from config.problems import Problem

MOST_PRICES = 10_000  # in one sheet


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """A sheet as read: its prices beside what is in the book (None: new), and what is wrong row by row."""

    name: str
    by_payer: bool
    prices: Sequence[tuple[Price, int | None]]
    problems: list[Problem] = field(default_factory=list)

    @property
    def new(self) -> int:
        return sum(before is None for _, before in self.prices)

    @property
    def changed(self) -> int:
        return sum(before not in (None, price.cents) for price, before in self.prices)

    @property
    def same(self) -> int:
        return len(self.prices) - self.new - self.changed

    @property
    def text(self) -> str:
        """The prices as a sheet again, for the page that asks whether to load them."""
        return write_sheet([price for price, _ in self.prices], by_payer=self.by_payer)


def check_prices(office: Office, client_id: int, name: str, data: bytes, *, by_payer: bool) -> PriceSheet:
    """Read a CSV or Excel sheet and hold it against the book; nothing is written."""
    rows, problems = read_sheet(name, data)
    if any(one.is_error for one in problems):
        return PriceSheet(name, by_payer, (), problems)
    prices, found = read_prices(name, rows, by_payer=by_payer)
    problems += found
    if len(prices) > MOST_PRICES:
        text = f"A sheet holds {MOST_PRICES:,} prices at most; this one has {len(prices):,}. Load it in parts."
        return PriceSheet(name, by_payer, (), [Problem(name, "prices.many", text)])
    unknown = find_unknown_payers(office.session, prices) if by_payer else []
    strangers = {one.where.removeprefix("payer ") for one in unknown}
    known = [one for one in prices if one.payer not in strangers]
    compared = compare_prices(office.session, client_id, known, by_payer=by_payer)
    return PriceSheet(name, by_payer, compared, problems + unknown)


def load_prices(office: Office, client_id: int, sheet: PriceSheet) -> int:
    """Take the prices of a checked sheet into the book, rows with problems left out; returns how many."""
    prices = [price for price, _ in sheet.prices]
    if not prices:
        return 0
    if sheet.by_payer:
        load_contract_rates(office.session, client_id, prices)
    else:
        load_charge_master(office.session, client_id, prices)
    changed = [
        f"{one.code}{f'-{one.modifier}' if one.modifier else ''} {format_cents(before)} -> {format_cents(one.cents)}"
        for one, before in sheet.prices
        if before is not None and before != one.cents
    ]
    act = "contract rates loaded" if sheet.by_payer else "prices loaded"
    text = f"{sheet.new} new, {sheet.changed} changed, {sheet.same} as before; {'; '.join(changed)}"
    books.record(office, client_id, act, items=len(prices), text=text[:500])
    return len(prices)


def write_sheet(prices: Sequence[Price], *, by_payer: bool) -> str:
    """Prices as a sheet that `check_prices` reads back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TEMPLATE[by_payer])
    for one in prices:
        own = (one.code, one.modifier, format_cents(one.cents, grouped=False), one.starts_on.isoformat())
        writer.writerow((one.payer, *own) if by_payer else own)
    return text.getvalue()
