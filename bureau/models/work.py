"""Open work: items in queues, cases of denial and question, scrub hits, and the runs of jobs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


class WorkItem(ClientOwned, Base):
    """One open case: in exactly one queue, or (no queue) asleep until `wakes_at`."""

    __tablename__ = "work_items"
    subject: Mapped[str]  # filing, remittance, remittance_claim, mail, upload_row
    subject_id: Mapped[int]
    queue: Mapped[str]  # Q1 .. Q15, or empty
    turn: Mapped[str]
    reason: Mapped[str]
    cents: Mapped[int]
    entered_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    wakes_at: Mapped[datetime | None]
    assignee: Mapped[str]
    lease_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("client_id", "subject", "subject_id"),
        Index("ix_work_items_queue", "client_id", "queue", "wakes_at"),
        NO_ROWID,
    )


class ScrubHit(ClientOwned, Base):
    """One edit that a claim failed at its last scrub."""

    __tablename__ = "scrub_hits"
    filing_id: Mapped[int]
    edit: Mapped[str]
    severity: Mapped[str]
    where: Mapped[str]
    text: Mapped[str]
    fix: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        reference_to("filings", "filing_id"),
        Index("ix_scrub_hits_filing", "client_id", "filing_id"),
        NO_ROWID,
    )


class Denial(ClientOwned, Base):
    """One denied amount: group, CARC and RARC of a line (or of the whole claim), and how it is worked."""

    __tablename__ = "denials"
    filing_id: Mapped[int]
    line_id: Mapped[int | None]
    remittance_id: Mapped[int]
    group: Mapped[str]
    carc: Mapped[str]
    rarcs: Mapped[str]
    cents: Mapped[int]
    lane: Mapped[str]
    state: Mapped[str]  # OPEN, CLOSED
    denied_at: Mapped[datetime]  # when it was posted
    first_touch_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str]
    __table_args__ = (
        reference_to("filings", "filing_id"),
        reference_to("remittances", "remittance_id"),
        Index("ix_denials_filing", "client_id", "filing_id"),
        NO_ROWID,
    )


class QuestionState(StrEnum):
    """While a question is SENT it is the practice's turn; while it is ANSWERED or EXPIRED the bureau's."""

    SENT = "SENT"
    ANSWERED = "ANSWERED"  # somebody of the bureau has to look at the answer
    ACCEPTED = "ACCEPTED"
    REOPENED = "REOPENED"  # the answer would not do; another question follows this one
    EXPIRED = "EXPIRED"  # no answer in two terms
    WITHDRAWN = "WITHDRAWN"


class Question(ClientOwned, Base):
    """Something only the client can tell: while it is open the bureau's clock stands still.

    `before` is what stood where the answer went; `follows_id` the question of which this one is a repetition.
    """

    __tablename__ = "questions"
    filing_id: Mapped[int]
    category: Mapped[str]
    field: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(server_default="")
    due_on: Mapped[date | None]
    answer: Mapped[str]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str]
    before: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")  # why it was decided so
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(server_default="")
    follows_id: Mapped[int | None]
    reminders: Mapped[int] = mapped_column(server_default="0")
    expiries: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        reference_to("filings", "filing_id"),
        Index("ix_questions_filing", "client_id", "filing_id"),
        NO_ROWID,
    )


class JobOrigin(StrEnum):
    """What set a run off."""

    SCHEDULE = "schedule"
    CATCH_UP = "catch-up"  # its slot passed while nothing was running
    RETRY = "retry"  # of a run of the same slot that failed or was cut off
    HAND = "hand"


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(ClientOwned, Base):
    """One slot of a job for a client: marked when it begins, and done in the same transaction as the effect.

    `attempt` counts how often the slot was begun; `detail` keeps why it failed and the attempts before this one.
    """

    __tablename__ = "job_runs"
    job: Mapped[str]
    slot: Mapped[datetime]  # planned; of a run by hand the moment of asking
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[str]
    origin: Mapped[str]
    started_by: Mapped[str]  # the person, or empty: the scheduler
    attempt: Mapped[int]
    items: Mapped[int]
    ok: Mapped[int]
    failed: Mapped[int]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    __table_args__ = (UniqueConstraint("client_id", "job", "slot"), NO_ROWID)
