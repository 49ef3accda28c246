"""Patients, encounters, claims, their filings with payers, and every submission and step of those."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


def unique_while_standing(name: str, column: str) -> Index:
    """No two rows of a client with the same value; what was taken back stands in the way of nothing."""
    standing = text("undone_at IS NULL")
    return Index(name, "client_id", column, unique=True, sqlite_where=standing, postgresql_where=standing)


class Patient(ClientOwned, Base):
    """A patient of one client, by that client's own number."""

    __tablename__ = "patients"
    external_id: Mapped[str]
    last: Mapped[str]
    first: Mapped[str]
    born_on: Mapped[date | None]
    sex: Mapped[str]
    street: Mapped[str]
    city: Mapped[str]
    region: Mapped[str]
    zip: Mapped[str]
    __table_args__ = (UniqueConstraint("client_id", "external_id"), NO_ROWID)


class Coverage(ClientOwned, Base):
    """One patient's membership with one payer; the subscriber is the patient unless named here."""

    __tablename__ = "coverages"
    patient_id: Mapped[int]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payers.id"))
    member_id: Mapped[str]
    group_number: Mapped[str]
    relationship: Mapped[str]  # SBR02 / PAT01; 18 = self
    subscriber: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    __table_args__ = (
        reference_to("patients", "patient_id"),
        UniqueConstraint("client_id", "patient_id", "payer_id", "member_id"),
        NO_ROWID,
    )


class Encounter(ClientOwned, Base):
    """One visit as the client reported it: what the claim is made from."""

    __tablename__ = "encounters"
    upload_id: Mapped[int]
    external_id: Mapped[str]
    fingerprint: Mapped[str]  # hash of what was reported, to tell a repeat from a change
    patient_id: Mapped[int]
    provider_id: Mapped[int | None]
    served_on: Mapped[date]
    received_at: Mapped[datetime]
    source: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undone_at: Mapped[datetime | None]  # its upload was taken back: the number may come again
    __table_args__ = (
        reference_to("patients", "patient_id"),
        reference_to("uploads", "upload_id"),
        unique_while_standing("uq_encounters_external_id", "external_id"),
        NO_ROWID,
    )  # fmt: skip


class Claim(ClientOwned, Base):
    """The receivable: one per encounter."""

    __tablename__ = "claims"
    encounter_id: Mapped[int]
    patient_id: Mapped[int]
    provider_id: Mapped[int | None]
    served_on: Mapped[date]
    place: Mapped[str]
    diagnoses: Mapped[str]  # ICD-10-CM without dots, space between, principal first
    charge_cents: Mapped[int]
    prior_auth: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        reference_to("encounters", "encounter_id"),
        reference_to("patients", "patient_id"),
        UniqueConstraint("client_id", "encounter_id"),
        Index("ix_claims_patient", "client_id", "patient_id"),
        NO_ROWID,
    )


class ClaimLine(ClientOwned, Base):
    """One charge line. `code` is empty while a coder has to find it; `wanted` then says for what."""

    __tablename__ = "claim_lines"
    claim_id: Mapped[int]
    line_no: Mapped[int]
    code: Mapped[str]
    modifiers: Mapped[str]  # up to four, space between
    units: Mapped[int]
    charge_cents: Mapped[int]
    pointers: Mapped[str]  # 1-based diagnosis numbers, space between
    served_on: Mapped[date]
    wanted: Mapped[str]  # the client's own wording or code, where ours is missing
    coded_by: Mapped[str]  # client, profile, bureau
    __table_args__ = (
        reference_to("claims", "claim_id"),
        UniqueConstraint("client_id", "claim_id", "line_no"),
        NO_ROWID,
    )


class Filing(ClientOwned, Base):
    """A claim with one payer: it carries the state, whose turn it is, and the next date."""

    __tablename__ = "filings"
    claim_id: Mapped[int]
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("payers.id"))  # None: the patient pays
    coverage_id: Mapped[int | None]
    rank: Mapped[int]  # 1 primary, 2 secondary ...
    state: Mapped[str]
    turn: Mapped[str]
    since: Mapped[datetime]  # in this state since
    file_by: Mapped[date | None]  # timely-filing deadline; never moved by a rejection
    scrubs: Mapped[int] = mapped_column(default=0)
    clean_first_time: Mapped[bool | None]
    attempt: Mapped[int] = mapped_column(default=0)  # submissions made
    payer_icn: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        reference_to("claims", "claim_id"),
        UniqueConstraint("client_id", "claim_id", "rank"),
        Index("ix_filings_state", "client_id", "state"),
        NO_ROWID,
    )


class Submission(ClientOwned, Base):
    """One 837 claim sent (or about to be): original 1, corrected 7, void 8. The text stands in its mail."""

    __tablename__ = "submissions"
    filing_id: Mapped[int]
    mail_id: Mapped[int]
    pcn: Mapped[str]  # CLM01: what every answer names
    frequency: Mapped[str]
    status: Mapped[str]  # BATCHED, SENT, FILE_ACCEPTED, ACCEPTED, REJECTED, SUPERSEDED
    charge_cents: Mapped[int]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        reference_to("filings", "filing_id"),
        UniqueConstraint("client_id", "pcn"),
        Index("ix_submissions_mail", "client_id", "mail_id"),
        Index("ix_submissions_filing", "client_id", "filing_id"),
        NO_ROWID,
    )


class Acknowledgement(ClientOwned, Base):
    """One answer short of money: a 999 verdict or a 277CA status, with who said it."""

    __tablename__ = "acknowledgements"
    submission_id: Mapped[int]
    mail_id: Mapped[int]
    source: Mapped[str]  # 999, clearinghouse, payer
    code: Mapped[str]  # A2:20:PR, R:5 ...
    text: Mapped[str]
    received_at: Mapped[datetime]
    __table_args__ = (
        reference_to("submissions", "submission_id"),
        Index("ix_acknowledgements_submission", "client_id", "submission_id"),
        NO_ROWID,
    )


class Step(ClientOwned, Base):
    """One change of a filing's state; never edited. The journal row says who did it and why."""

    __tablename__ = "steps"
    filing_id: Mapped[int]
    journal_id: Mapped[int]
    at: Mapped[datetime]
    event: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    turn: Mapped[str]
    reason: Mapped[str]
    __table_args__ = (
        reference_to("filings", "filing_id"),
        reference_to("journal", "journal_id"),
        Index("ix_steps_filing", "client_id", "filing_id"),
        NO_ROWID,
    )
