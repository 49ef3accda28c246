"""The ledger and the journal: append-only, a mistake is undone by a further row."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session

from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


class Account(StrEnum):
    """The accounts of each client's ledger."""

    REVENUE = "revenue"
    INSURANCE = "insurance_ar"
    PATIENT = "patient_ar"
    CASH = "cash"
    CONTRACTUAL = "contractual"
    WRITE_OFF = "write_off"
    SUSPENSE = "suspense"
    REFUND = "refund"
    OLD_BOOK = "old_book"  # cash for claims of the former biller: it passes through, none of it is ours


class Kind(StrEnum):
    """Why money moved."""

    CHARGE = "charge"
    PAYMENT = "payment"
    CONTRACTUAL = "contractual"
    PATIENT_SHARE = "patient_share"
    WRITE_OFF = "write_off"
    PROVIDER_ADJUSTMENT = "provider_adjustment"
    UNAPPLIED = "unapplied"
    REVERSAL = "reversal"
    OLD_BOOK = "old_book"


class AppendOnly:
    """Marks tables whose rows are never changed or deleted."""


class Transfer(AppendOnly, ClientOwned, Base):
    """Whole cents from the credited account to the debited one: money can move, never appear."""

    __tablename__ = "transfers"
    at: Mapped[datetime]
    posted_on: Mapped[date]  # business day in the client's time zone
    kind: Mapped[str]
    debit: Mapped[str]
    credit: Mapped[str]
    cents: Mapped[int]
    group: Mapped[str]
    carc: Mapped[str]
    claim_id: Mapped[int | None]
    line_id: Mapped[int | None]
    filing_id: Mapped[int | None]
    remittance_id: Mapped[int | None]
    source: Mapped[str]  # what makes a second posting of the same thing impossible
    __table_args__ = (
        reference_to("claims", "claim_id"),
        UniqueConstraint("client_id", "source"),
        Index("ix_transfers_claim", "client_id", "claim_id"),
        NO_ROWID,
    )


class Journal(AppendOnly, ClientOwned, Base):
    """One act: who did what, to how many, why, and with which file."""

    __tablename__ = "journal"
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    items: Mapped[int]
    text: Mapped[str]
    mail_id: Mapped[int | None]
    filing_id: Mapped[int | None]
    __table_args__ = (Index("ix_journal_filing", "client_id", "filing_id"), NO_ROWID)


class BookError(Exception):
    """Something tried to change what must never change, or to post what does not add up."""


@event.listens_for(Session, "do_orm_execute")
def _forbid_edits(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, AppendOnly):
        raise BookError(f"{mapper.class_.__name__} rows are never changed; undo by a further row")


@event.listens_for(Session, "before_flush")
def _forbid_dirty(session: Session, _context: object, _instances: object) -> None:
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, AppendOnly):
            raise BookError(f"{type(row).__name__} rows are never changed; undo by a further row")
