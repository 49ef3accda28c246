"""The figures of the first pages: what came in, where claims stand, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Claim, Filing, JobRun, Mail, Question, Transfer, UploadRow, WorkItem
from bureau.models.books import Account, Kind
from bureau.models.intake import RowState
from bureau.models.post import MailState
from bureau.office import Office
from bureau.rules.lifecycle import State

STAGES: tuple[tuple[str, str, frozenset[State]], ...] = (
    ("Being prepared", "We check and complete them before they go out.",
     frozenset({State.DRAFT, State.CODING, State.SCRUB_FAILED, State.READY, State.BATCHED})),
    ("Waiting for you", "We asked you something and wait for the answer.", frozenset({State.NEEDS_INFO})),
    ("With the payer", "Sent, and the payer has not decided yet.",
     frozenset({State.TRANSMITTED, State.ACCEPTED, State.PENDED, State.APPEALED, State.AWAIT_NEXT_PAYER})),
    ("Being worked on", "Rejected, denied or unclear: we are on it.",
     frozenset({State.REJECTED, State.FOLLOW_UP, State.REMIT_REVIEW, State.PAID_VARIANCE, State.PART_DENIED,
                State.DENIED, State.CORRECTING, State.CREDIT})),
    ("Patient owes", "The payers are done; the rest is the patient's.", frozenset({State.PATIENT_DUE})),
    ("Paid", "Paid or closed with nothing open.", frozenset({State.PAID, State.CLOSED_PAID})),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    means: str
    claims: int
    cents: int  # charged


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue: open items, how many of them are late or mine, and when the oldest came."""

    queue: str
    items: int
    cents: int
    overdue: int
    mine: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One client's promises: items past due, and items due within a day."""

    client_id: int
    overdue: int
    soon: int
    first_due: datetime


def sum_collected(office: Office, start: date, end: date) -> int:
    """Cents that reached the bank less what was taken back, by business day, start <= day < end.

    What came for the old book is none of ours.
    """
    paid = case(
        (Transfer.debit == Account.CASH, Transfer.cents),
        (Transfer.credit == Account.CASH, -Transfer.cents),
        else_=0,
    )
    wanted = select(func.coalesce(func.sum(paid), 0)).where(
        Transfer.posted_on >= start, Transfer.posted_on < end, Transfer.kind != Kind.OLD_BOOK
    )
    return int(office.session.scalar(wanted) or 0)


def find_stages(office: Office) -> list[Stage]:
    """Every claim once, by the stage of its latest filing; written-off and voided ones are left out."""
    last = select(Filing.client_id, Filing.claim_id, func.max(Filing.rank).label("rank")).group_by(
        Filing.client_id, Filing.claim_id
    )
    latest = last.subquery()
    wanted = (
        select(Filing.state, func.count(), func.sum(Claim.charge_cents))
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(
            latest,
            and_(
                latest.c.client_id == Filing.client_id,
                latest.c.claim_id == Filing.claim_id,
                latest.c.rank == Filing.rank,
            ),
        )
        .group_by(Filing.state)
    )
    found = {row[0]: (row[1], row[2]) for row in _rows(office, wanted)}
    return [
        Stage(
            name,
            means,
            sum(found.get(s, (0, 0))[0] for s in states),
            sum(found.get(s, (0, 0))[1] for s in states),
        )
        for name, means, states in STAGES
    ]


def find_queues(office: Office, person: str) -> list[QueueLine]:
    """Queues that hold something, the one with the most late items first."""
    late = case((WorkItem.due_at < office.now, 1), else_=0)
    mine = case((WorkItem.assignee == person, 1), else_=0)
    wanted = (
        select(
            WorkItem.queue, func.count(), func.sum(WorkItem.cents), func.sum(late), func.sum(mine),
            func.min(WorkItem.entered_at),
        )
        .where(*_in_a_queue())
        .group_by(WorkItem.queue)
    )  # fmt: skip
    lines = [QueueLine(*row) for row in _rows(office, wanted)]
    return sorted(lines, key=lambda line: (-line.overdue, line.oldest))


def find_at_risk(office: Office, within: timedelta = timedelta(days=1)) -> list[AtRisk]:
    """Clients with items that are late or soon will be, the most pressing first."""
    late = case((WorkItem.due_at < office.now, 1), else_=0)
    wanted = (
        select(WorkItem.client_id, func.sum(late), func.sum(1 - late), func.min(WorkItem.due_at))
        .where(*_in_a_queue(), WorkItem.due_at < office.now + within)
        .group_by(WorkItem.client_id)
    )
    return sorted((AtRisk(*row) for row in _rows(office, wanted)), key=lambda line: line.first_due)


def find_failed_jobs(office: Office, since: datetime) -> Sequence[JobRun]:
    """Runs that failed since then, newest first."""
    failed = select(JobRun).where(JobRun.state == "failed", JobRun.started_at >= since)
    return office.session.scalars(failed.order_by(JobRun.started_at.desc()).limit(20)).all()


def count_quarantined(office: Office) -> int:
    return _count(office, select(func.count()).select_from(Mail).where(Mail.state == MailState.QUARANTINED))


def count_overdue(office: Office) -> int:
    """Items in a queue whose promise is broken."""
    return _count(
        office, select(func.count()).select_from(WorkItem).where(*_in_a_queue(), WorkItem.due_at < office.now)
    )


def count_overdue_questions(office: Office) -> int:
    """Questions that clients should have answered by now."""
    late = select(func.count()).select_from(Question).where(Question.state == "SENT")
    return _count(office, late.where(Question.due_on < office.now.date()))


def count_problem_rows(office: Office) -> int:
    return _count(office, select(func.count()).select_from(UploadRow).where(UploadRow.state == RowState.PROBLEM))


def _rows(office: Office, wanted: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in office.rows(wanted)]


def _in_a_queue() -> tuple[ColumnElement[bool], ...]:
    return (WorkItem.closed_at.is_(None), WorkItem.queue != "")


def _count(office: Office, wanted: Any) -> int:
    return int(office.session.scalar(wanted) or 0)
