"""The pens of the append-only books: `enter` moves money in the ledger, `record` writes the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from bureau.models import Journal, Transfer
from bureau.models.books import Account, BookError, Kind
from bureau.office import Office


class Entry(NamedTuple):
    """Cents to move from the credited account to the debited one; negative cents undo an earlier entry.

    `source` names the one cause of this entry within the client ("charge:812", "era:55:3:2"): a second entry
    with the same source is not made.
    """

    client_id: int
    kind: Kind
    debit: Account
    credit: Account
    cents: int
    source: str
    claim_id: int | None = None
    line_id: int | None = None
    filing_id: int | None = None
    remittance_id: int | None = None
    group: str = ""
    carc: str = ""


def enter(office: Office, entries: Sequence[Entry], *, fresh: bool = False) -> int:
    """Post to the ledger; returns how many were new. `fresh` promises that no source can have been seen before
    (its id was made in this office), which saves the look-up; the unique key still stands behind it.
    """
    moved = [entry for entry in entries if entry.cents]
    for entry in moved:
        if entry.debit == entry.credit:
            raise BookError(f"{entry.source}: money cannot move from {entry.debit} to itself")
    if not fresh:
        known = _known_sources(office, moved)
        moved = [entry for entry in moved if (entry.client_id, entry.source) not in known]
    days: dict[int, date] = {}
    rows, now = [], office.now
    for entry in moved:
        if entry.client_id not in days:
            days[entry.client_id] = office.today(entry.client_id)
        rows.append(_as_row(entry, now, days[entry.client_id]))
    office.insert(Transfer, rows)
    return len(rows)


def record(
    office: Office,
    client_id: int,
    act: str,
    *,
    items: int = 1,
    text: str = "",
    mail_id: int | None = None,
    filing_id: int | None = None,
) -> int:
    """Write down who did what; returns the journal row's id, which every step of the act names."""
    row = {
        "client_id": client_id,
        "at": office.now,
        "actor": str(office.actor),
        "act": act,
        "items": items,
        "text": text,
        "mail_id": mail_id,
        "filing_id": filing_id,
    }
    return office.insert(Journal, [row])[0]


def _known_sources(office: Office, entries: Sequence[Entry]) -> set[tuple[int, str]]:
    statement = select(Transfer.client_id, Transfer.source)
    clients = {entry.client_id for entry in entries}
    statement = statement.where(Transfer.client_id.in_(clients))
    found = office.rows_in(statement, Transfer.source, [entry.source for entry in entries])
    return {(row.client_id, row.source) for row in found}


def _as_row(entry: Entry, at: datetime, day: date) -> dict[str, object]:
    return {
        "client_id": entry.client_id,
        "at": at,
        "posted_on": day,
        "kind": entry.kind,
        "debit": entry.debit,
        "credit": entry.credit,
        "cents": entry.cents,
        "group": entry.group,
        "carc": entry.carc,
        "claim_id": entry.claim_id,
        "line_id": entry.line_id,
        "filing_id": entry.filing_id,
        "remittance_id": entry.remittance_id,
        "source": entry.source,
    }
