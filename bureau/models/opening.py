"""The old book: what was still open at the former biller at the cutover, kept apart from claims and ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bureau.models.books import AppendOnly
from bureau.models.claims import unique_while_standing
from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


class OpeningList(ClientOwned, Base):
    """One file of old claims as it was taken in; unless undone, the same bytes are taken once."""

    __tablename__ = "opening_lists"
    sha256: Mapped[str]
    file_name: Mapped[str]
    received_at: Mapped[datetime]
    sent_by: Mapped[str]
    rows: Mapped[int]
    accepted: Mapped[int]
    problems: Mapped[int]
    duplicates: Mapped[int]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        unique_while_standing("uq_opening_lists_content", "sha256"),
        NO_ROWID,
    )  # fmt: skip


class OpeningBadRow(ClientOwned, Base):
    """A row of a list that was not taken in: its cells under our column names, and what is wrong with them."""

    __tablename__ = "opening_bad_rows"
    list_id: Mapped[int]
    row_no: Mapped[int]  # as a person counts in the file: the header is row 1
    raw: Mapped[dict[str, str]] = mapped_column(JSON)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    __table_args__ = (
        reference_to("opening_lists", "list_id"),
        Index("ix_opening_bad_rows_list", "client_id", "list_id"),
        NO_ROWID,
    )


class OpeningClaim(ClientOwned, Base):
    """A claim of the former biller as it stood at the cutover; what came since are OpeningPayments."""

    __tablename__ = "opening_claims"
    list_id: Mapped[int]
    row_no: Mapped[int]
    number: Mapped[str]  # at the former biller, in capitals: what its payers call it by
    fingerprint: Mapped[str]  # of all that its row says
    patient_number: Mapped[str]
    last: Mapped[str]
    first: Mapped[str]
    birth_date: Mapped[date | None]
    payer_id: Mapped[int | None]  # None: only the patient owes
    served_on: Mapped[date]
    charge_cents: Mapped[int]  # = paid + adjusted + payer + patient
    paid_cents: Mapped[int]
    adjusted_cents: Mapped[int]
    payer_cents: Mapped[int]  # open
    patient_cents: Mapped[int]  # open
    last_activity_on: Mapped[date | None]
    status: Mapped[str]
    carc: Mapped[str]
    undone_at: Mapped[datetime | None]
    __table_args__ = (
        reference_to("opening_lists", "list_id"),
        unique_while_standing("uq_opening_claims_number", "number"),
        Index("ix_opening_claims_served", "client_id", "served_on"),
        NO_ROWID,
    )  # fmt: skip


class OpeningPayment(AppendOnly, ClientOwned, Base):
    """What a remittance of today said of an old claim: cents that the payer owes no more."""

    __tablename__ = "opening_payments"
    opening_id: Mapped[int]
    remittance_id: Mapped[int]
    remittance_claim_id: Mapped[int]
    at: Mapped[datetime]
    posted_on: Mapped[date]  # business day in the client's time zone
    paid_cents: Mapped[int]
    adjusted_cents: Mapped[int]
    patient_cents: Mapped[int]  # went over to the patient
    carcs: Mapped[str]  # of what was denied; that stays open with the payer
    __table_args__ = (
        reference_to("opening_claims", "opening_id"),
        reference_to("remittance_claims", "remittance_claim_id"),
        UniqueConstraint("client_id", "remittance_claim_id"),
        Index("ix_opening_payments_opening", "client_id", "opening_id"),
        NO_ROWID,
    )


class OpeningLetter(ClientOwned, Base):
    """What the former biller's own letter says is open: claims and cents. The latest one counts."""

    __tablename__ = "opening_letters"
    at: Mapped[datetime]
    by: Mapped[str]
    dated: Mapped[date]
    claims: Mapped[int]
    cents: Mapped[int]
    __table_args__ = (NO_ROWID,)
