"""What a practice tells of its visits besides files: how many it expects, and charges keyed but not saved yet."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


class VisitCount(ClientOwned, Base):
    """How many visits of a provider the practice expects us to receive for one day."""

    __tablename__ = "visit_counts"
    provider_id: Mapped[int]
    day: Mapped[date]
    expected: Mapped[int]
    source: Mapped[str]  # stated by a person, or the name of a schedule's file
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    __table_args__ = (
        reference_to("providers", "provider_id"),
        UniqueConstraint("client_id", "provider_id", "day"),
        NO_ROWID,
    )


class ChargeDraft(ClientOwned, Base):
    """A charge somebody is keying: the form as it stands, until it is saved as an upload of its own."""

    __tablename__ = "charge_drafts"
    form: Mapped[dict[str, str]] = mapped_column(JSON)
    opened_at: Mapped[datetime]
    kept_at: Mapped[datetime]
    kept_by: Mapped[str]
    upload_id: Mapped[int | None]  # what it became; the form is empty then
    __table_args__ = (reference_to("uploads", "upload_id"), NO_ROWID)
