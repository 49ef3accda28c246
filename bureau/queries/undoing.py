"""What an upload led to, for whoever wants to take it back."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, func, select

from bureau.models import Claim, Encounter, Filing, Transfer
from bureau.models.books import Account, Kind
from bureau.office import Office
from bureau.queries.filings import FilingAt, as_filing, filings_at


class MadeClaim(NamedTuple):
    """A filing of a claim that an upload made, and whether anything was done with it."""

    filing: FilingAt
    encounter_id: int
    number: str  # the client's own of the encounter
    attempts: int
    has_money: bool  # anything but charges was posted


def find_made_claims(office: Office, client_id: int, upload_id: int) -> list[MadeClaim]:
    """All filings of the claims an upload made, in order."""
    wanted = (
        filings_at()
        .add_columns(Encounter.id, Encounter.external_id, Filing.attempt)
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .where(Encounter.client_id == client_id, Encounter.upload_id == upload_id)
    )
    rows = office.rows(wanted.order_by(Filing.id))
    paid = select(Transfer.claim_id).where(Transfer.client_id == client_id, Transfer.kind != Kind.CHARGE).distinct()
    moved = {row[0] for row in office.rows_in(paid, Transfer.claim_id, [row[2] for row in rows])}
    return [
        MadeClaim(as_filing(row[:7]), row[7], row[8], row[9], has_money=row[2] in moved) for row in rows
    ]  # fmt: skip


class Charged(NamedTuple):
    """What one claim line is charged at the moment, account by account."""

    claim_id: int
    line_id: int
    filing_id: int
    debit: Account
    credit: Account
    cents: int


def find_charged(office: Office, client_id: int, claim_ids: list[int]) -> list[Charged]:
    """The charges that stand, all corrections of them counted in."""
    by = (Transfer.claim_id, Transfer.line_id, Transfer.filing_id, Transfer.debit, Transfer.credit)
    wanted = (
        select(*by, func.sum(Transfer.cents))
        .where(Transfer.client_id == client_id, Transfer.kind == Kind.CHARGE)
        .group_by(*by)
        .having(func.sum(Transfer.cents) != 0)
        .order_by(*by)
    )
    rows = office.rows_in(wanted, Transfer.claim_id, claim_ids)
    return [Charged(row[0], row[1], row[2], Account(row[3]), Account(row[4]), int(row[5])) for row in rows]
