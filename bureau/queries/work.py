"""The queues as people read them: items narrowed and paged in the order they are worked, each with its subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Claim, Filing, Mail, Patient, Remittance, RemittanceClaim, UploadRow, WorkItem
from bureau.office import AnySelect, Office
from bureau.queries.paging import PAGE, Page, anyones, cut, moment, read_cursor, whole
from clients.models import Payer

LATE, SOON = "late", "soon"
FILING, REMITTANCE, REMITTANCE_CLAIM = "filing", "remittance", "remittance_claim"
MAIL, UPLOAD_ROW = "mail", "upload_row"
NEVER = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a queue is narrowed to; empty means all. `due` is late or soon (within a day)."""

    queue: str = ""
    client_id: int | None = None
    payer_id: int | None = None
    min_days: int | None = None  # in the queue at least that long
    min_cents: int | None = None
    due: str = ""
    assignee: str = ""


class Item(NamedTuple):
    """One open case; the columns of the claim are empty when it is about a file, a payment or a row."""

    client_id: int
    id: int
    subject: str
    subject_id: int
    queue: str
    turn: str
    reason: str
    cents: int
    entered_at: datetime
    due_at: datetime | None
    assignee: str
    lease_until: datetime | None
    claim_id: int | None
    state: str | None
    served_on: date | None
    last: str | None
    first: str | None
    payer: str | None


@dataclass(frozen=True, slots=True)
class Sums:
    items: int
    cents: int
    late: int


@dataclass(frozen=True, slots=True)
class About:
    """What an item that is no claim is about: its words, and the row whose page shows it."""

    text: str
    subject: str
    row_id: int


def find_items(office: Office, wanted: Wanted, after: str = "", limit: int = PAGE) -> Page[Item]:
    """Items by due time, then the larger amount first, as `worklist.take` hands them out."""
    due = func.coalesce(WorkItem.due_at, NEVER)
    columns = (
        WorkItem.client_id, WorkItem.id, WorkItem.subject, WorkItem.subject_id, WorkItem.queue, WorkItem.turn,
        WorkItem.reason, WorkItem.cents, WorkItem.entered_at, WorkItem.due_at, WorkItem.assignee, WorkItem.lease_until,
        Claim.id, Filing.state, Claim.served_on, Patient.last, Patient.first, Payer.name,
    )  # fmt: skip
    statement = (
        _joined(select(*columns))
        .outerjoin(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .outerjoin(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(*_conditions(office, wanted))
    )
    cursor = read_cursor(after, moment, whole, whole)
    if cursor:
        at, cents, item_id = cursor
        later = (due > at, and_(due == at, WorkItem.cents < cents))
        statement = statement.where(or_(*later, and_(due == at, WorkItem.cents == cents, WorkItem.id > item_id)))
    rows = office.rows(statement.order_by(due, WorkItem.cents.desc(), WorkItem.id).limit(limit + 1))
    return cut([Item(*row) for row in rows], lambda item: (item.due_at or NEVER, item.cents, item.id), limit)


def sum_items(office: Office, wanted: Wanted) -> Sums:
    late = case((WorkItem.due_at < office.now, 1), else_=0)
    totals = select(func.count(), func.coalesce(func.sum(WorkItem.cents), 0), func.coalesce(func.sum(late), 0))
    count, cents, overdue = office.rows(_joined(totals).where(*_conditions(office, wanted)))[0]
    return Sums(int(count), int(cents), int(overdue))


def find_abouts(office: Office, subjects: Iterable[tuple[str, int]]) -> dict[tuple[str, int], About]:
    """(subject, its id) -> what the item is about, for the items that are no claims; one statement per subject."""
    found: dict[tuple[str, int], About] = {}
    asked = list(subjects)
    for subject, (statement, column, words) in _SUBJECTS.items():
        ids = [row_id for kind, row_id in asked if kind == subject]
        for row in office.rows_in(statement, column, ids):
            found[subject, row[0]] = words(row)
    return found


_SUBJECTS: dict[str, tuple[Any, Any, Any]] = {
    REMITTANCE: (
        select(Remittance.id, Remittance.payer_name, Remittance.trace).where(anyones(Remittance)),
        Remittance.id,
        lambda row: About(f"Payment {row[2]} of {row[1]}", REMITTANCE, row[0]),
    ),
    REMITTANCE_CLAIM: (
        select(RemittanceClaim.id, RemittanceClaim.remittance_id, RemittanceClaim.pcn).where(anyones(RemittanceClaim)),
        RemittanceClaim.id,
        lambda row: About(f"Claim {row[2]} in a remittance", REMITTANCE, row[1]),
    ),
    MAIL: (
        select(Mail.id, Mail.name, Mail.kind),
        Mail.id,
        lambda row: About(f"File {row[1]}", MAIL, row[0]),
    ),
    UPLOAD_ROW: (
        select(UploadRow.id, UploadRow.file_name, UploadRow.row_no).where(anyones(UploadRow)),
        UploadRow.id,
        lambda row: About(f"{row[1]} row {row[2]}", UPLOAD_ROW, row[0]),
    ),
}


def _joined(statement: AnySelect) -> AnySelect:
    about = and_(
        WorkItem.subject == FILING,
        Filing.client_id == WorkItem.client_id,
        Filing.id == WorkItem.subject_id,
    )
    return statement.select_from(WorkItem).outerjoin(Filing, about)


def _conditions(office: Office, wanted: Wanted) -> list[ColumnElement[bool]]:
    oldest = office.now - timedelta(days=wanted.min_days or 0)
    given: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.queue, WorkItem.queue == wanted.queue),
        (wanted.client_id is not None, WorkItem.client_id == wanted.client_id),
        (wanted.payer_id is not None, Filing.payer_id == wanted.payer_id),
        (wanted.min_days, WorkItem.entered_at <= oldest),
        (wanted.min_cents, WorkItem.cents >= (wanted.min_cents or 0)),
        (wanted.due == LATE, WorkItem.due_at < office.now),
        (wanted.due == SOON, WorkItem.due_at.between(office.now, office.now + timedelta(days=1))),
        (wanted.assignee, WorkItem.assignee == wanted.assignee),
    ]
    return [WorkItem.closed_at.is_(None), WorkItem.queue != "", *(one for asked, one in given if asked)]


def find_filings_in(office: Office, queue: str, filing_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(client, filing) of those filings that lie in a queue now."""
    here = (WorkItem.subject == FILING, WorkItem.queue == queue, WorkItem.closed_at.is_(None))
    wanted = select(WorkItem.client_id, WorkItem.subject_id).where(anyones(WorkItem), *here)
    return [(row[0], row[1]) for row in office.rows_in(wanted, WorkItem.subject_id, filing_ids)]
