"""The work queues: every open case lies in exactly one, or sleeps until a date; the pens that move it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import or_, select

from bureau.models import WorkItem
from bureau.office import NotFound, Office
from bureau.rules.lifecycle import Turn
from bureau.rules.routing import Alarm, Place, Queue

LEASE = timedelta(minutes=30)
ALARM_DAYS = {Alarm.CROSSOVER: 30, Alarm.STATEMENT: 30, Alarm.PAYER_ANSWER: 30}  # calendar days (cfg)
ALARM_BUSINESS_DAYS = {Alarm.NEXT_RUN: 1, Alarm.ACKNOWLEDGEMENT: 5}


class Subject(StrEnum):
    """What a work item is about; its subject_id is that table's row id."""

    FILING = "filing"
    REMITTANCE = "remittance"
    REMITTANCE_CLAIM = "remittance_claim"
    MAIL = "mail"
    UPLOAD_ROW = "upload_row"


class Placing(NamedTuple):
    """Where one case goes. `alarm_days` (calendar) overrides the default of its alarm."""

    client_id: int
    subject_id: int
    place: Place | None  # None: closed
    turn: Turn
    reason: str = ""
    cents: int = 0
    alarm_days: int | None = None


def put(office: Office, subject: Subject, placings: Sequence[Placing]) -> None:
    """Open new cases, each in its first place."""
    office.insert(WorkItem, _as_rows(office, subject, placings))


def move(office: Office, subject: Subject, placings: Sequence[Placing]) -> None:
    """Lay known cases in another place, or close them (place None): the only way one leaves its queue."""
    office.update_where(WorkItem, ("client_id", "subject", "subject_id"), _as_rows(office, subject, placings))


def take(office: Office, queue: Queue, *, by: str, client_id: int | None = None) -> WorkItem:
    """Lease the next free item of a queue for 30 minutes; raises NotFound when none is free.

    Between clients the one whose oldest item is due first comes first; within it, the earliest due, then the
    largest amount.
    """
    wanted = select(WorkItem).where(
        WorkItem.queue == queue,
        WorkItem.closed_at.is_(None),
        or_(WorkItem.lease_until.is_(None), WorkItem.lease_until <= office.now, WorkItem.assignee == by),
    )
    if client_id is not None:
        wanted = wanted.where(WorkItem.client_id == client_id)
    item = office.session.scalars(
        wanted.order_by(WorkItem.due_at, WorkItem.cents.desc(), WorkItem.id).limit(1).with_for_update(skip_locked=True)
    ).one_or_none()
    if item is None:
        raise NotFound("nothing free in this queue")
    item.assignee, item.lease_until = by, office.now + LEASE
    return item


def find_due(office: Office, client_id: int, subject: Subject) -> Iterable[int]:
    """Subject ids of cases asleep whose alarm has passed."""
    return office.session.scalars(
        select(WorkItem.subject_id)
        .where(
            WorkItem.client_id == client_id,
            WorkItem.queue == "",
            WorkItem.wakes_at <= office.now,
            WorkItem.subject == subject,
            WorkItem.closed_at.is_(None),
        )
        .order_by(WorkItem.subject_id)
    ).all()


def _as_rows(office: Office, subject: Subject, placings: Sequence[Placing]) -> list[dict[str, object]]:
    now = office.now
    clocks: dict[tuple[int, Place | None, int | None], dict[str, object]] = {}
    rows: list[dict[str, object]] = []
    for placing in placings:
        client_id, subject_id, place, turn, reason, cents, alarm_days = placing
        clock = clocks.get((client_id, place, alarm_days))
        if clock is None:
            clock = clocks[client_id, place, alarm_days] = _clock(office, placing)
        rows.append(
            {
                "client_id": client_id, "subject": subject, "subject_id": subject_id, "turn": turn, "reason": reason,
                "cents": cents, "entered_at": now, "assignee": "", "lease_until": None, **clock,
            }
        )  # fmt: skip
    return rows


def _clock(office: Office, placing: Placing) -> dict[str, object]:
    """The queue of a placing and when it is due, wakes or was closed: alike for all that go to one place."""
    place = placing.place
    return {
        "queue": place.queue if place is not None and place.queue is not None else "",
        "due_at": _due_at(office, placing),
        "wakes_at": _wakes_at(office, placing),
        "closed_at": office.now if place is None else None,
    }


def _due_at(office: Office, placing: Placing) -> datetime | None:
    place = placing.place
    if place is None or place.queue is None:
        return None
    return office.calendar(placing.client_id).due(office.now, place.business_days)


def _wakes_at(office: Office, placing: Placing) -> datetime | None:
    place = placing.place
    if place is None or place.alarm is None:
        return None
    if place.alarm in ALARM_BUSINESS_DAYS:
        return office.calendar(placing.client_id).due(office.now, ALARM_BUSINESS_DAYS[place.alarm])
    days = ALARM_DAYS[place.alarm]
    if place.alarm is Alarm.PAYER_ANSWER and placing.alarm_days is not None:
        days = placing.alarm_days
    return office.now + timedelta(days=days)
