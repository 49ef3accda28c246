"""The practice itself: who it is, its people and places, and the stages it has gone through."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import NO_ROWID, ClientOwned
from config.database import Base


class ClientState(StrEnum):
    LEAD = "LEAD"
    CONTRACTING = "CONTRACTING"
    SETUP = "SETUP"
    ENROLLING = "ENROLLING"
    TESTING = "TESTING"
    GO_LIVE_READY = "GO_LIVE_READY"
    LIVE = "LIVE"
    PAUSED = "PAUSED"
    OFFBOARDING = "OFFBOARDING"
    CLOSED = "CLOSED"


class Client(Base):
    """A practice that outsources to the bureau; it bills under one NPI and one tax id."""

    __tablename__ = "clients"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=ClientState.LIVE)
    specialty: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="America/New_York")
    npi: Mapped[str]
    tax_id: Mapped[str]
    taxonomy: Mapped[str]
    street: Mapped[str]
    city: Mapped[str]
    region: Mapped[str]
    zip: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(unique=True)  # our sender id for this client at the clearinghouse
    is_synthetic: Mapped[bool] = mapped_column(default=True)
    opened_on: Mapped[date]
    cutover_on: Mapped[date | None]  # dates of service from here on are ours, earlier ones the former biller's
    bills_before_cutover: Mapped[bool] = mapped_column(default=False)  # agreed: earlier visits are ours too
    stop_intake_on: Mapped[date | None]  # offboarding: nothing is taken in from this day on
    run_out_until: Mapped[date | None]  # offboarding: what is open is worked until the day before
    paused_reason: Mapped[str] = mapped_column(default="")
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # see clients.preferences


class StageChange(ClientOwned, Base):
    """One step of the client's project, from onboarding to the end: who moved it, when and why."""

    __tablename__ = "stage_changes"
    from_state: Mapped[str]
    to_state: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    __table_args__ = (NO_ROWID,)


class Provider(ClientOwned, Base):
    """A clinician of the client who renders services."""

    __tablename__ = "providers"
    npi: Mapped[str]
    last: Mapped[str]
    first: Mapped[str]
    taxonomy: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date | None]  # half-open, None: always
    ends_on: Mapped[date | None]
    __table_args__ = (Index("ix_providers_npi", "client_id", "npi"), NO_ROWID)


class Location(ClientOwned, Base):
    """A place where the client sees patients; `place` is its place-of-service code."""

    __tablename__ = "locations"
    name: Mapped[str]
    place: Mapped[str]
    npi: Mapped[str] = mapped_column(default="")
    street: Mapped[str]
    city: Mapped[str]
    region: Mapped[str]
    zip: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class Contact(ClientOwned, Base):
    """A person at the practice whom the bureau may call, and for what."""

    __tablename__ = "contacts"
    name: Mapped[str]
    duty: Mapped[str]  # billing, clinical, owner, technical
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    is_escalation: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (NO_ROWID,)


class MappingProfile(ClientOwned, Base):
    """How the columns of one source of this client become our fields; versions are kept, never edited."""

    __tablename__ = "mapping_profiles"
    name: Mapped[str]
    version: Mapped[int]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("client_id", "name", "version"), NO_ROWID)


class Rehearsal(ClientOwned, Base):
    """A file of test claims sent through the whole house in a book of its own, and what became of every claim.

    `lines` are its charge lines, `priced` those the charge master has a price for; `clean` claims passed every
    edit the first time, were accepted by the payer and answered by a remittance. `fates` says it claim by claim.
    """

    __tablename__ = "rehearsals"
    at: Mapped[datetime]
    by: Mapped[str]
    file_name: Mapped[str]
    profile: Mapped[str]  # how the file was read
    run: Mapped[str]  # where its book lies
    bad_rows: Mapped[int]
    claims: Mapped[int]
    accepted: Mapped[int]
    answered: Mapped[int]
    clean: Mapped[int]
    lines: Mapped[int]
    priced: Mapped[int]
    fates: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    __table_args__ = (NO_ROWID,)
