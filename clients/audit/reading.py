"""The audit log read: newest first for a page, oldest first and whole for an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from clients.audit.tables import AuditEntry
from clients.audit.watch import WATCHED_BY_HAND
from clients.trail import ActorKind

BATCH = 1_000
FRONT = "front"
_LOOKS = ("%.read", "%.listed", "%.downloaded")


class Sort(StrEnum):
    """Which entries to list."""

    LOOKS = "looks"
    CHANGES = "changes"
    ENTRANCE = "entrance"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: in a chain, by whose name, about what, of which sort, in a half-open span of time.

    `for_practice`: without what the bureau does inside (see `_for_practice`).
    """

    client_id: int | None = None
    actor: str = ""
    subjects: tuple[tuple[str, str], ...] = ()
    sort: Sort | None = None
    since: datetime | None = None
    until: datetime | None = None
    for_practice: bool = False


Key = tuple[datetime, int, int]


def key_of(entry: AuditEntry) -> Key:
    """The place of an entry in the list."""
    return entry.at, entry.client_id, entry.id


def find_entries(session: Session, wanted: Wanted, limit: int, before: Key | None = None) -> Sequence[AuditEntry]:
    """Entries within the session's scope, newest first; `before` is the key of the last one on the page before."""
    found = select(AuditEntry).where(*_conditions(wanted))
    if before is not None:
        at, chain, number = before
        same = and_(AuditEntry.client_id == chain, AuditEntry.id < number)
        earlier = and_(AuditEntry.at == at, or_(AuditEntry.client_id < chain, same))
        found = found.where(or_(AuditEntry.at < at, earlier))
    newest = (AuditEntry.at.desc(), AuditEntry.client_id.desc(), AuditEntry.id.desc())
    return session.scalars(found.order_by(*newest).limit(limit)).all()


def iter_entries(session: Session, wanted: Wanted) -> Iterator[AuditEntry]:
    """All of them, chain by chain in their order, a batch at a time."""
    chain, number, more = -1, 0, True
    while more:
        later = or_(AuditEntry.client_id > chain, and_(AuditEntry.client_id == chain, AuditEntry.id > number))
        found = select(AuditEntry).where(*_conditions(wanted), later)
        rows = session.scalars(found.order_by(AuditEntry.client_id, AuditEntry.id).limit(BATCH)).all()
        yield from rows
        more = len(rows) == BATCH
        chain, number = (rows[-1].client_id, rows[-1].id) if rows else (chain, number)
        session.expunge_all()


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = _for_practice() if wanted.for_practice else []
    if wanted.client_id is not None:
        found.append(AuditEntry.client_id == wanted.client_id)
    if wanted.actor:
        found.append(AuditEntry.actor.icontains(wanted.actor, autoescape=True))
    if wanted.subjects:
        about = [and_(AuditEntry.subject == word, AuditEntry.subject_id == row_id) for word, row_id in wanted.subjects]
        found.append(or_(*about))
    if wanted.since is not None:
        found.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        found.append(AuditEntry.at < wanted.until)
    return found + _of_sort(wanted.sort)


def _of_sort(sort: Sort | None) -> list[Any]:
    looks = or_(*(AuditEntry.act.like(end) for end in _LOOKS))
    entrance = AuditEntry.act.like("sign_%")
    if sort is Sort.LOOKS:
        return [looks]
    if sort is Sort.ENTRANCE:
        return [entrance]
    return [~looks, ~entrance] if sort is Sort.CHANGES else []


def _for_practice() -> list[Any]:
    """What a practice may see: who looked, what its own people did, and what a person changed of patients' data."""
    looks = or_(*(AuditEntry.act.like(end) for end in _LOOKS))
    own = AuditEntry.door.in_((FRONT, "entrance"))
    return [
        AuditEntry.kind == ActorKind.PERSON,
        or_(looks, own, AuditEntry.subject.in_([*WATCHED_BY_HAND.values(), "person"])),
    ]
