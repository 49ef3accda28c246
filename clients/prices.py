"""Prices by date: the client's charge master and what payers contracted, read from a sheet and kept by version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from clients.models import ContractRate, Fee, Payer
from clients.rows import Row, add_rows
from clients.scope import ScopedSession
from config.cells import read_day
from config.money import parse_cents
from config.problems import Problem

_Key = tuple[str, str, str, date]  # payer code, procedure, modifier, first day
_R = TypeVar("_R", Fee, ContractRate)
TEMPLATE = (("code", "modifier", "price", "from"), ("payer", "code", "modifier", "rate", "from"))
HEADINGS = {
    "code": "code", "procedure": "code", "procedure code": "code", "hcpcs": "code", "cpt": "code",
    "modifier": "modifier", "mod": "modifier", "price": "price", "fee": "price", "charge": "price", "rate": "price",
    "allowed": "price", "amount": "price", "from": "from", "effective": "from", "effective date": "from",
    "starts on": "from", "payer": "payer", "payer id": "payer",
}  # fmt: skip
_CODE = re.compile(r"[A-Z0-9]{4,7}")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
HIGHEST_CENTS = 10_000_000  # $100,000 for one service: past that a column was taken for another


@dataclass(frozen=True, slots=True)
class Price:
    """One price in cents, from a day on; `payer` is the payer's code, empty in a charge master."""

    code: str
    modifier: str
    cents: int
    starts_on: date
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a sheet did: prices that were not there, that differ from what was there, that did not change."""

    added: int
    changed: int
    same: int


def read_prices(name: str, rows: Sequence[Sequence[str]], *, by_payer: bool) -> tuple[list[Price], list[Problem]]:
    """The prices of a sheet whose first row names its columns, and a problem for every row that is none.

    Rows that give the same price twice count once; two prices for one service from one day on are a problem.
    """
    if not rows:
        return [], [Problem(name, "prices.empty", "The sheet is empty.")]
    columns = {HEADINGS[key]: at for at, cell in enumerate(rows[0]) if (key := _plain(cell)) in HEADINGS}
    needed = ("code", "price", "from", *(("payer",) if by_payer else ()))
    missing = [heading for heading in needed if heading not in columns]
    if missing:
        said = f"The first row has no column called {' or '.join(missing)}."
        return [], [Problem(f"{name} row 1", "prices.columns", said)]
    found: dict[tuple[str, str, str, date], Price] = {}
    problems: list[Problem] = []
    for number, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        price = _read_row(f"{name} row {number}", _Cells(cells, columns), by_payer=by_payer)
        if isinstance(price, Problem):
            problems.append(price)
            continue
        before = found.setdefault((price.payer, price.code, price.modifier, price.starts_on), price)
        if before.cents != price.cents:
            said = "Another row gives another price for this service from the same day on."
            problems.append(Problem(f"{name} row {number}", "prices.double", said))
    return list(found.values()), problems


@dataclass(frozen=True, slots=True)
class _Cells:
    row: Sequence[str]
    columns: Mapping[str, int]

    def __call__(self, heading: str) -> str:
        at = self.columns.get(heading, -1)
        return self.row[at].strip() if 0 <= at < len(self.row) else ""


def _plain(heading: str) -> str:
    return " ".join(heading.replace("_", " ").casefold().split())


def _read_row(where: str, cell: _Cells, *, by_payer: bool) -> Price | Problem:
    code, modifier, payer = cell("code").upper(), cell("modifier").upper(), cell("payer").upper() if by_payer else ""
    if not _CODE.fullmatch(code):
        return Problem(f"{where} column code", "prices.code", "A procedure code has four to seven letters and digits.")
    if modifier and not _MODIFIER.fullmatch(modifier):
        return Problem(f"{where} column modifier", "prices.modifier", "A modifier has two letters or digits.")
    if by_payer and not payer:
        return Problem(f"{where} column payer", "prices.payer", "The payer's id is missing.")
    cents = parse_cents(cell("price"), f"{where} column price")
    if isinstance(cents, Problem):
        return cents
    if not 0 < cents <= HIGHEST_CENTS:
        said = "A price is more than zero and at most $100,000."
        return Problem(f"{where} column price", "prices.price", said)
    day = read_day(cell("from"))
    if day is None:
        return Problem(f"{where} column from", "prices.date", "The day is not a date like 2026-01-31.")
    return Price(code, modifier, cents, day, payer)


def find_unknown_payers(session: Session, prices: Sequence[Price]) -> list[Problem]:
    """A problem for each payer that is named and that nobody knows; `where` is `payer` and its code."""
    known = set(session.scalars(select(Payer.code)))
    unknown = sorted({one.payer for one in prices} - known)
    return [Problem(f"payer {code}", "prices.payer", "No payer has this id.") for code in unknown]


def name_payers(session: Session) -> dict[str, str]:
    """Every payer's id on the wire -> its name."""
    return {row.code: row.name for row in session.execute(select(Payer.code, Payer.name))}


def compare_prices(
    session: Session, client_id: int, prices: Sequence[Price], *, by_payer: bool
) -> list[tuple[Price, int | None]]:
    """Each price with the cents that are in the book for the same day, None where there are none."""
    there: Mapping[_Key, Fee | ContractRate]
    there = _find_rates(session, client_id) if by_payer else _find_fees(session, client_id)
    return [(one, there[key].cents if (key := _key(one)) in there else None) for one in prices]


def load_charge_master(session: ScopedSession, client_id: int, prices: Sequence[Price]) -> Loaded:
    """Add prices to the client's charge master; one that is there for the same day is replaced."""
    new, loaded = _merge(_find_fees(session, client_id), prices)
    rows = [_as_row(one) for one in new]
    add_rows(session, Fee, client_id, rows)
    return loaded


def load_contract_rates(
    session: ScopedSession, client_id: int, prices: Sequence[Price]
) -> tuple[Loaded, list[Problem]]:
    """Add what payers contracted; prices of payers nobody knows are left out, with a problem for each such payer."""
    payers = {row.code: row.id for row in session.execute(select(Payer.code, Payer.id))}
    problems = find_unknown_payers(session, prices)
    new, loaded = _merge(_find_rates(session, client_id), [one for one in prices if one.payer in payers])
    add_rows(session, ContractRate, client_id, [_as_row(one) | {"payer_id": payers[one.payer]} for one in new])
    return loaded, problems


def find_prices(session: Session, client_id: int, *, by_payer: bool) -> list[Price]:
    """Every price of a client with its first day, by payer and code, the newest version first."""
    there: Mapping[_Key, Fee | ContractRate]
    there = _find_rates(session, client_id) if by_payer else _find_fees(session, client_id)
    found = [Price(code, modifier, row.cents, day, payer) for (payer, code, modifier, day), row in there.items()]
    found.sort(key=lambda one: one.starts_on, reverse=True)
    return sorted(found, key=lambda one: (one.payer, one.code, one.modifier))


def _key(price: Price) -> _Key:
    return price.payer, price.code, price.modifier, price.starts_on


def _find_fees(session: Session, client_id: int) -> dict[_Key, Fee]:
    rows = session.scalars(select(Fee).where(Fee.client_id == client_id))
    return {("", row.code, row.modifier, row.starts_on): row for row in rows}


def _find_rates(session: Session, client_id: int) -> dict[_Key, ContractRate]:
    payers = {row.id: row.code for row in session.execute(select(Payer.code, Payer.id))}
    rows = session.scalars(select(ContractRate).where(ContractRate.client_id == client_id))
    return {(payers[row.payer_id], row.code, row.modifier, row.starts_on): row for row in rows}


def _as_row(price: Price) -> Row:
    return {"code": price.code, "modifier": price.modifier, "cents": price.cents, "starts_on": price.starts_on}


def _merge(there: Mapping[_Key, _R], prices: Sequence[Price]) -> tuple[list[Price], Loaded]:
    """The prices that are new; one that is there already is set to what is said now."""
    new = [one for one in prices if _key(one) not in there]
    changed = [one for one in prices if _key(one) in there and there[_key(one)].cents != one.cents]
    for one in changed:
        there[_key(one)].cents = one.cents
    return new, Loaded(len(new), len(changed), len(prices) - len(new) - len(changed))
