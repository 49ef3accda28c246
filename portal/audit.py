"""What the two pages of the audit log share: what an address asks for, entries in words, and the log as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, url_for

from bureau.office import Office
from bureau.queries.audit import find_parts
from bureau.queries.paging import moment, read_cursor, whole
from clients.access import Door
from clients.audit.chain import as_said
from clients.audit.reading import Key, Sort, Wanted, iter_entries
from clients.audit.tables import AuditEntry
from clients.trail import ActorKind
from config.cells import safe_cell
from config.identifiers import read_reference, reference
from portal.guards import current_actor, current_entry
from portal.looking import KINDS
from portal.rendering import zone
from portal.words import DOORS

SORTS = ((Sort.LOOKS, "Looks"), (Sort.CHANGES, "Changes"), (Sort.ENTRANCE, "Sign-ins"))
VERBS = {
    "read": "Looked at", "listed": "Listed", "downloaded": "Downloaded", "added": "Added", "changed": "Changed",
    "removed": "Removed", "ran": "Ran",
}  # fmt: skip
SENTENCES = {
    "sign_in.succeeded": "Signed in", "sign_in.failed": "Was not let in", "sign_out.done": "Signed out",
    "sandbox.read": "Looked into a run's own book",
}  # fmt: skip
REFERENCES = {word: kind for kind, word in KINDS.items()}
PAGES = {
    "claim": "back.claims_one", "file": "back.files_one", "remittance": "back.money_one",
    "message": "back.messages_one", "upload_row": "back.work_row", "job_run": "back.jobs_one",
}  # fmt: skip
OWN_DOORS = (Door.FRONT.value, "entrance")
KEYS = ("client_id", "id")  # said by the line itself
BATCH = 500
Form = Callable[[Iterator[AuditEntry]], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a page shows it; `changes` are (column, before, after)."""

    entry: AuditEntry
    what: str
    about: str
    url: str
    door: str
    why: str
    changes: tuple[tuple[str, str, str], ...]


def read_wanted(office: Office, client_id: int | None, *, for_practice: bool = False) -> Wanted:
    """What the address asks for; anything that cannot be read narrows nothing."""
    sort, first, last = request.args.get("sort", ""), _day("from"), _day("to")
    return Wanted(
        client_id=client_id,
        actor=request.args.get("who", "").replace("\x00", "").strip()[:100],
        subjects=_subjects(office),
        sort=Sort(sort) if sort in list(Sort) else None,
        since=_begin(first) if first else None,
        until=_begin(last + timedelta(days=1)) if last else None,
        for_practice=for_practice,
    )


def read_key() -> Key | None:
    """Where the page before ended."""
    return read_cursor(request.args.get("after", ""), moment, whole, whole)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone()))


def _subjects(office: Office) -> tuple[tuple[str, str], ...]:
    """The row that the address names by its reference; of a claim all that belongs to it."""
    found = read_reference(request.args.get("about", "").strip())
    if found is None or found[0] not in KINDS:
        return ()
    kind, row_id = found
    return find_parts(office, row_id) if kind == "CLM" else ((KINDS[kind], str(row_id)),)


def describe(entries: Sequence[AuditEntry], *, for_practice: bool = False) -> list[Line]:
    """Entries in words. A practice reads who and what of the bureau's people, and no more of how they work."""
    return [
        _describe(one, is_open=not for_practice or one.door in OWN_DOORS, links=not for_practice) for one in entries
    ]


def _describe(entry: AuditEntry, *, is_open: bool, links: bool) -> Line:
    _, _, verb = entry.act.partition(".")
    what = SENTENCES.get(entry.act) or VERBS.get(verb) or _words(verb).capitalize()
    kind = REFERENCES.get(entry.subject)
    name = reference(kind, int(entry.subject_id)) if kind and entry.subject_id.isdecimal() else entry.subject_id
    url = url_for(PAGES[entry.subject], reference=name) if links and entry.subject in PAGES and entry.subject_id else ""
    return Line(
        entry, what, f"{_words(entry.subject)} {name}".strip(), url, _door(entry),
        entry.why if is_open else "", _changes(entry) if is_open else (),
    )  # fmt: skip


def _door(entry: AuditEntry) -> str:
    """By which way who did it came in; of what is no person, what it is."""
    if entry.door in list(Door):
        return DOORS[Door(entry.door)][0]
    return entry.door.capitalize() if entry.kind == ActorKind.PERSON else entry.kind.capitalize()


def _changes(entry: AuditEntry) -> tuple[tuple[str, str, str], ...]:
    before, after = (json.loads(text) if text else {} for text in (entry.before, entry.after))
    names = [name for name in dict.fromkeys((*before, *after)) if name not in KEYS]
    return tuple((_words(name), _say(before.get(name)), _say(after.get(name))) for name in names)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _say(value: Any) -> str:
    return "" if value in (None, "") else value if isinstance(value, str) else json.dumps(value)


# ---- the log as a file ----
def as_lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    """JSON lines: all that the hash is over in its order, and last the hash."""
    for entry in entries:
        yield json.dumps(_values(entry)) + "\n"


def as_csv(entries: Iterator[AuditEntry]) -> Iterator[str]:
    """The same for a spreadsheet, where a text that begins like a formula has an apostrophe before it."""
    yield _row([column.name for column in AuditEntry.__table__.columns])
    for entry in entries:
        yield _row([safe_cell(one) if isinstance(one, str) else one for one in _values(entry).values()])


def _values(entry: AuditEntry) -> dict[str, Any]:
    values = {column.name: getattr(entry, column.name) for column in AuditEntry.__table__.columns}
    return {**as_said(values), "hash": entry.hash}


def _row(values: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def send_log(wanted: Wanted, form: Form, suffix: str) -> Response:
    """The entries asked for as a file, made while it is sent."""
    entry, actor = current_entry(), current_actor()

    def pieces() -> Iterator[str]:
        with entry.book.bureau.open_office(actor, entry.scope, read_only=True) as office:
            lines = form(iter_entries(office.session, wanted))
            yield from iter(lambda: "".join(islice(lines, BATCH)), "")

    answer = Response(pieces(), mimetype="text/csv" if suffix == "csv" else "application/jsonl")
    code = f"{entry.client.code}-" if entry.client else ""
    answer.headers.set("Content-Disposition", "attachment", filename=f"{code}audit.{suffix}")
    return answer
