"""Every X12 file that came or went, and the remittances inside."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from clients.models import NO_ROWID
from clients.scope import ClientOwned, Scoped
from config.database import Base, reference_to


class MailState(StrEnum):
    TO_SEND = "to_send"
    SENT = "sent"
    RECEIVED = "received"
    DONE = "done"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


class RemittanceState(StrEnum):
    POSTED = "posted"
    HELD = "held"  # out of balance: nothing posted
    DUPLICATE = "duplicate"


class Mail(Scoped, Base):
    """One file sent or received, bytes as they were. No client: nobody could be found it is meant for."""

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outgoing: Mapped[bool]
    kind: Mapped[str]  # 837P, 999, 277CA, 835, TA1, unknown
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    partner: Mapped[str]  # who it goes to or came from, as ISA names them
    control: Mapped[int | None]  # ISA13
    group_control: Mapped[int | None]  # GS06 of ours: what a 999 answers
    reference: Mapped[str]  # BHT03 of ours: what a 277CA answers
    state: Mapped[str]
    problem: Mapped[str]
    items: Mapped[int]  # claims inside
    cents: Mapped[int]
    received_at: Mapped[datetime]  # created, for ours
    done_at: Mapped[datetime | None]  # sent, or sorted and worked
    content: Mapped[bytes] = mapped_column(LargeBinary)  # deflated; last: SQLite steps over it to reach others
    __table_args__ = (
        Index("ix_mail_state", "client_id", "state", "kind"),
        Index("ix_mail_control", "control"),
        Index("ix_mail_group_control", "group_control"),
        Index("ix_mail_reference", "reference"),
    )


class Remittance(ClientOwned, Base):
    """One ST of an 835: a payment. The same payment is known by payer, trace, date and amount."""

    __tablename__ = "remittances"
    mail_id: Mapped[int]
    payer_id: Mapped[int | None]
    payer_name: Mapped[str]
    trace: Mapped[str]  # TRN02
    payment_cents: Mapped[int]  # BPR02
    paid_on: Mapped[date | None]  # BPR16
    method: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str]
    delta_cents: Mapped[int]
    claims: Mapped[int]
    received_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_remittances_trace", "client_id", "trace"), NO_ROWID)


class RemittanceClaim(ClientOwned, Base):
    """One CLP: what the payer says of one claim, and how it was matched to ours."""

    __tablename__ = "remittance_claims"
    remittance_id: Mapped[int]
    filing_id: Mapped[int | None]
    pcn: Mapped[str]
    status: Mapped[str]  # CLP02
    payer_icn: Mapped[str]
    charge_cents: Mapped[int]
    paid_cents: Mapped[int]
    matched_by: Mapped[str]  # pcn, old_book, or empty
    exception: Mapped[str]  # why it was not posted, or empty
    __table_args__ = (
        reference_to("remittances", "remittance_id"),
        Index("ix_remittance_claims_filing", "client_id", "filing_id"),
        Index("ix_remittance_claims_remittance", "client_id", "remittance_id"),
        NO_ROWID,
    )
