"""Payers, what the client may exchange with them, and prices: the charge master and what payers contracted."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import NO_ROWID, ClientOwned
from config.database import Base


class Payer(Base):
    """Whoever pays claims; shared by all clients. `code` is the payer id on the wire (NM109)."""

    __tablename__ = "payers"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    filing_code: Mapped[str]  # SBR09
    tax_id: Mapped[str]
    filing_days: Mapped[int]  # timely filing, days from date of service (cfg)
    alarm_days: Mapped[int]  # calendar days without an answer before the claim is followed up (cfg)


class EnrollmentState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    IN_PROGRESS = "IN_PROGRESS"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    PENDING_FIRST_ERA = "PENDING_FIRST_ERA"  # approved, but no remittance has come yet
    LIVE = "LIVE"
    NOT_REQUIRED = "NOT_REQUIRED"
    REJECTED = "REJECTED"
    CANCELED = "CANCELED"


class Enrollment(ClientOwned, Base):
    """That a client (or one of its clinicians) may exchange one kind of transaction with a payer, and since when."""

    __tablename__ = "enrollments"
    payer_id: Mapped[int] = mapped_column(ForeignKey("payers.id"))
    provider_id: Mapped[int] = mapped_column(default=0)  # 0: the billing provider, which is the practice
    transaction: Mapped[str]
    state: Mapped[str]
    live_on: Mapped[date | None]
    submitted_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    waits_for: Mapped[str] = mapped_column(default="")  # bureau, client or payer
    note: Mapped[str] = mapped_column(default="")
    __table_args__ = (UniqueConstraint("client_id", "payer_id", "provider_id", "transaction"), NO_ROWID)


class ExpectedVolume(ClientOwned, Base):
    """How many claims a month the practice expects to send to a payer: what counts until its own claims are seen."""

    __tablename__ = "expected_volumes"
    payer_id: Mapped[int] = mapped_column(ForeignKey("payers.id"))
    claims: Mapped[int]
    __table_args__ = (UniqueConstraint("client_id", "payer_id"), NO_ROWID)


class Fee(ClientOwned, Base):
    """One price of the client's charge master; the latest one on or before the date of service counts."""

    __tablename__ = "fees"
    code: Mapped[str]
    modifier: Mapped[str] = mapped_column(default="")
    cents: Mapped[int]
    starts_on: Mapped[date]
    __table_args__ = (UniqueConstraint("client_id", "code", "modifier", "starts_on"), NO_ROWID)


class ContractRate(ClientOwned, Base):
    """What a payer agreed to allow this client for a procedure from a day on; the latest one before service counts."""

    __tablename__ = "contract_rates"
    payer_id: Mapped[int] = mapped_column(ForeignKey("payers.id"))
    code: Mapped[str]
    modifier: Mapped[str] = mapped_column(default="")
    cents: Mapped[int]
    starts_on: Mapped[date]
    __table_args__ = (UniqueConstraint("client_id", "payer_id", "code", "modifier", "starts_on"), NO_ROWID)
