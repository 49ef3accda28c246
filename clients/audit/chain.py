"""The chain of hashes: what an entry's hash is over, writing the next ones, and finding where a chain is broken."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from clients.audit.tables import AuditEntry
from clients.trail import Note, Trail
from config.database import Base, prepare_insert

ENTRIES, HEADS = Base.metadata.tables["audit_entries"], Base.metadata.tables["audit_heads"]
HASHED = tuple(column.name for column in ENTRIES.columns if column.name != "hash")
BATCH = 1_000


def as_said(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says, as JSON can: moments as text in UTC. The hash is over these values in this order."""
    return {name: entry[name] for name in HASHED} | {"at": show_at(entry["at"])}


def show_at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def hash_entry(entry: Mapping[str, Any]) -> str:
    """SHA-256 over the JSON array of what the entry says, as Python's `json.dumps` writes it."""
    return sha256(json.dumps(list(as_said(entry).values())).encode()).hexdigest()


def write_notes(connection: Connection, trail: Trail) -> None:
    """Write what the trail holds, each chain's in one statement behind the chain's end, and let go of it.

    Who writes to a chain holds its end until the transaction is over; chains are taken in order, so that two who
    write to the same ones wait for each other but never both.
    """
    by_chain = defaultdict(list)
    for note in trail.notes:
        by_chain[note.client_id].append(note)
    trail.notes = []
    for chain, notes in sorted(by_chain.items()):
        count, last = _take_end(connection, chain)
        rows = []
        for number, note in enumerate(notes, start=count + 1):
            row = _as_row(note, trail, number, last)
            rows.append(row | {"hash": hash_entry(row)})
            last = rows[-1]["hash"]
        prepare_insert(ENTRIES, tuple(rows[0]), connection.dialect).run(connection, rows)
        connection.execute(update(HEADS).where(HEADS.c.chain == chain).values(entries=count + len(rows), hash=last))


def _take_end(connection: Connection, chain: int) -> tuple[int, str]:
    """How many entries the chain has and the last one's hash; nobody else gets it before we end."""
    wanted = select(HEADS.c.entries, HEADS.c.hash).where(HEADS.c.chain == chain).with_for_update()
    found = connection.execute(wanted).one_or_none()
    if found is None:
        new_row = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
        connection.execute(new_row(HEADS).values(chain=chain, entries=0, hash="").on_conflict_do_nothing())
        found = connection.execute(wanted).one()
    return found[0], found[1]


def _as_row(note: Note, trail: Trail, number: int, previous: str) -> dict[str, Any]:
    actor = note.actor or trail.actor
    return {
        "client_id": note.client_id, "id": number, "at": note.at or trail.now(), "kind": actor.kind,
        "actor": _plain(actor.name), "actor_id": actor.user_id, "door": actor.door, "act": note.act,
        "subject": note.subject, "subject_id": str(note.subject_id), "why": _plain(note.why or actor.why),
        "before": _as_json(note.before), "after": _as_json(note.after), "previous": previous,
    }  # fmt: skip


def _as_json(changed: dict[str, Any] | None) -> str:
    return json.dumps(changed, default=str, ensure_ascii=False).replace("\\u0000", "") if changed else ""


def _plain(text: str) -> str:
    return text.replace("\x00", "")


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where a chain does not hold."""

    chain: int
    entry: int
    what: str

    def __str__(self) -> str:
        return f"audit entry {self.entry} of {f'client {self.chain}' if self.chain else 'the bureau'} {self.what}"


def find_broken(session: Session) -> tuple[int, list[Broken]]:
    """Every entry in scope looked at, and of each chain the first place where it is broken."""
    heads = {row.chain: (row.entries, row.hash) for row in session.execute(select(HEADS))}
    known = dict.fromkeys(session.scalars(select(AuditEntry.client_id).distinct()), True)
    looked_at, broken = session.scalar(select(func.count()).select_from(AuditEntry)) or 0, []
    scope = getattr(session, "scope", None)
    for chain in sorted({*known, *(one for one in heads if scope is None or scope.holds(one))}):
        found = _follow(_read_chain(session, chain), heads.get(chain, (0, "")))
        if found:
            broken.append(Broken(chain, *found))
    return looked_at, broken


def _follow(entries: Iterator[dict[str, Any]], end: tuple[int, str]) -> tuple[int, str] | None:
    number, last = 0, ""
    for entry in entries:
        number += 1
        if entry["id"] != number:
            return number, "is missing"
        if entry["previous"] != last:
            return number, "does not follow the one before"
        if entry["hash"] != hash_entry(entry):
            return number, "was changed"
        last = entry["hash"]
    if (number, last) != end:
        return number + 1, "is missing" if number < end[0] else "is not known at the chain's end"
    return None


def _read_chain(session: Session, chain: int) -> Iterator[dict[str, Any]]:
    last, more = 0, True
    columns = [getattr(AuditEntry, column.name) for column in ENTRIES.columns]
    while more:
        wanted = select(*columns).where(AuditEntry.client_id == chain, AuditEntry.id > last)
        rows = session.execute(wanted.order_by(AuditEntry.id).limit(BATCH)).mappings().all()
        yield from map(dict, rows)
        more = len(rows) == BATCH
        last = rows[-1]["id"] if rows else last
