"""What clients upload, kept as it came, and what became of every row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bureau.models.claims import unique_while_standing
from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


class RowState(StrEnum):
    ACCEPTED = "accepted"
    PROBLEM = "problem"
    DUPLICATE = "duplicate"
    DISCARDED = "discarded"
    UNDONE = "undone"  # the whole upload was taken back


class Upload(ClientOwned, Base):
    """One file (or one export folder, zipped) as the client sent it; unless undone, the same bytes are taken once."""

    __tablename__ = "uploads"
    sha256: Mapped[str]
    file_name: Mapped[str]
    profile: Mapped[str]
    profile_version: Mapped[int | None]  # of the saved mapping it was read with; None: a shipped profile
    received_at: Mapped[datetime]
    sent_by: Mapped[str]
    rows: Mapped[int]
    accepted: Mapped[int]
    problems: Mapped[int]
    duplicates: Mapped[int]
    encounters: Mapped[int]
    kinds: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))  # resources or segments by kind
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(server_default="")
    content: Mapped[bytes] = mapped_column(LargeBinary)  # last: SQLite steps over it to reach what follows
    __table_args__ = (unique_while_standing("uq_uploads_content", "sha256"),)


class UploadMessage(ClientOwned, Base):
    """A message that was taken in, by its sender's control id: the same id again is a repeat or a problem."""

    __tablename__ = "upload_messages"
    upload_id: Mapped[int]
    control: Mapped[str]
    fingerprint: Mapped[str]
    undone_at: Mapped[datetime | None]
    __table_args__ = (
        reference_to("uploads", "upload_id"),
        unique_while_standing("uq_upload_messages_control", "control"),
        NO_ROWID,
    )  # fmt: skip


class UploadRow(ClientOwned, Base):
    """What became of one row: accepted into an encounter, a problem to fix, or a duplicate of an earlier one."""

    __tablename__ = "upload_rows"
    upload_id: Mapped[int]
    file_name: Mapped[str]
    row_no: Mapped[int]  # as a person counts in the file: the header is row 1
    state: Mapped[str]
    encounter_id: Mapped[int | None]
    raw: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # kept for problem rows only
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    __table_args__ = (
        reference_to("uploads", "upload_id"),
        UniqueConstraint("client_id", "upload_id", "id"),
        NO_ROWID,
    )
