"""Filings as they stand: what a move of one needs to know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select

from bureau.models import Claim, Filing
from bureau.office import AnySelect, Office
from bureau.rules.lifecycle import State
from clients.models import Payer

STATES = {str(state): state for state in State}  # by the text in the book


class FilingAt(NamedTuple):
    """A filing as it was read: what a move needs to know of it."""

    client_id: int
    id: int
    claim_id: int
    state: State
    version: int
    cents: int
    alarm_days: int | None


def filings_at() -> AnySelect:
    """A query whose rows are FilingAt values, to be narrowed by the caller."""
    return (
        select(
            Filing.client_id,
            Filing.id,
            Filing.claim_id,
            Filing.state,
            Filing.version,
            Claim.charge_cents,
            Payer.alarm_days,
        )
        .join(Claim, (Claim.client_id == Filing.client_id) & (Claim.id == Filing.claim_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
    )


def load_filings(office: Office, filing_ids: Iterable[int]) -> dict[int, FilingAt]:
    """The filings with these ids as they stand now; ids outside the scope are missing."""
    rows = office.rows_in(filings_at(), Filing.id, filing_ids)
    return {row.id: as_filing(row) for row in rows}


def as_filing(row: Any) -> FilingAt:
    """A row of `filings_at` as the value a Move takes."""
    client_id, filing_id, claim_id, state, version, cents, alarm_days = row
    return FilingAt(client_id, filing_id, claim_id, STATES[state], version, cents, alarm_days)
