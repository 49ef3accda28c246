"""What was agreed: contracts, tier and add-ons, fees and promises, each with its dates (half-open)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import NO_ROWID, ClientOwned
from config.database import Base


class AgreementKind(StrEnum):
    SERVICE = "service"
    BUSINESS_ASSOCIATE = "business_associate"  # HIPAA, 45 CFR 164.504(e)


class Agreement(ClientOwned, Base):
    """A signed contract: in force from `starts_on` to the day before `ends_on`; the paper is known by its hash."""

    __tablename__ = "agreements"
    kind: Mapped[str]
    signed_on: Mapped[date]
    signed_by: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    document_name: Mapped[str] = mapped_column(default="")
    document_sha256: Mapped[str] = mapped_column(default="")
    bureau_receives_money: Mapped[bool] = mapped_column(default=False)  # bars percentage fees on government payers
    credit_cap_percent: Mapped[int] = mapped_column(default=20)  # SLA credits, of the month's fee
    note: Mapped[str] = mapped_column(default="")
    __table_args__ = (NO_ROWID,)


class TierPeriod(ClientOwned, Base):
    """The service tier of a client from one date to another (half-open; no end = still running)."""

    __tablename__ = "tier_periods"
    tier: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class AddOn(ClientOwned, Base):
    """One capability bought beside the tier."""

    __tablename__ = "add_ons"
    capability: Mapped[str]
    monthly_cents: Mapped[int] = mapped_column(default=0)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class TierRequestState(StrEnum):
    REQUESTED = "REQUESTED"
    QUOTED = "QUOTED"
    ACCEPTED = "ACCEPTED"  # by the client; the bureau approves last
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class TierRequest(ClientOwned, Base):
    """A wish of the client for another tier or other add-ons, and how it went: asked, quoted, accepted, approved."""

    __tablename__ = "tier_requests"
    tier: Mapped[str]
    add_ons: Mapped[list[str]] = mapped_column(JSON)
    starts_on: Mapped[date]
    open_cases: Mapped[str] = mapped_column(default="finish")  # on a downgrade: finish, or hand_back
    state: Mapped[str]
    quote: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # fee terms as offered
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    __table_args__ = (NO_ROWID,)


class FeeBasis(StrEnum):
    PERCENT = "percent"  # of collections
    PER_CLAIM = "per_claim"
    FLAT = "flat"  # a month
    MINIMUM = "minimum"  # of the month's fee
    CAP = "cap"  # of the month's fee


class FeeTerm(ClientOwned, Base):
    """One fee the client pays us: a share of collections, a price a claim or a month, a minimum or a cap.

    `payer_class` is a payer kind, or empty for all that no other term of this basis names. `steps` are volume
    tiers: (from this many claims, or cents of collections, a month; the rate there), lowest first.
    """

    __tablename__ = "fee_terms"
    basis: Mapped[str]
    payer_class: Mapped[str] = mapped_column(default="")
    cents: Mapped[int] = mapped_column(default=0)
    basis_points: Mapped[int] = mapped_column(default=0)  # 600 = 6%
    steps: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)


class SlaClause(ClientOwned, Base):
    """One promise of the agreement: a measure, its limit in business days, the share that must meet it."""

    __tablename__ = "sla_clauses"
    measure: Mapped[str]
    business_days: Mapped[int]
    share_percent: Mapped[int]
    credit_basis_points: Mapped[int] = mapped_column(default=0)  # of the month's fee for each 1% missed
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    __table_args__ = (NO_ROWID,)
