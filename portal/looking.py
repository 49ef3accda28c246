"""Writes down who looked at what: every page behind the doors of practice and bureau that can show patients' data.

Nothing is asked of a view: a page is recorded unless its section is listed here as one that shows no patient. What it
is about is read from its address, where rows are named by a reference or by an argument called after them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import Flask, Response, current_app, g, request, template_rendered

from bureau.office import Bureau
from bureau.queries.audit import find_owner
from clients.scope import Scope
from clients.trail import BUREAU, Actor, Note
from config.identifiers import read_reference
from portal.guards import Entry, current_actor, current_entry
from portal.sandbox import live_bureau

# The longest entry that an endpoint begins with, whole words only, says whether its pages can show a patient.
SHOWS_PATIENTS: dict[str, bool] = {
    "back": True, "front": True,
    **dict.fromkeys((
        "back.today", "back.notices", "back.jobs", "back.schedules", "back.people", "back.messages_new",
        "back.files_receive", "back.reports_list", "back.clients_list", "back.clients_one", "back.clients_new",
        "back.clients_open", "back.clients_agreements", "back.clients_certificate", "back.clients_contact",
        "back.clients_enrolment", "back.clients_enrolments", "back.clients_entry", "back.clients_leaving",
        "back.clients_move", "back.clients_people", "back.clients_practice", "back.clients_prices",
        "back.clients_project", "back.clients_tier", "back.clients_volumes", "front.home", "front.notices",
        "front.people", "front.plan", "front.messages_new", "front.start",
    ), False),
    "back.clients_tier_unserved": True, "front.home_promises": True, "front.plan_unserved": True,
    "front.start_check": True, "front.start_run": True, "front.start_test": True, "front.start_tests": True,
}  # fmt: skip
KINDS = {
    "CLM": "claim", "FIL": "file", "REM": "remittance", "QST": "question", "THR": "message", "ROW": "upload_row",
    "RUN": "job_run", "USR": "person", "INV": "invitation",
}  # fmt: skip
# What a bare number in an address names.
NUMBERS = {
    "claim_id": "claim", "thread_id": "message", "question_id": "question", "upload_id": "upload",
    "row_id": "upload_row", "draft_id": "charge", "rehearsal_id": "rehearsal", "provider_id": "clinician",
}  # fmt: skip
FREE_TEXT = frozenset({"q", "text", "back", "after", "before", "name", "trace", "client_code"})
SAFE = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
LISTS = ("rows", "claims", "uploads", "items", "runs", "threads", "questions", "people", "entries", "files")


def register(app: Flask) -> None:
    """Record every page of this app as it is sent."""
    app.after_request(note_look)
    template_rendered.connect(_count_rows, app)


def shows_patients(endpoint: str) -> bool:
    """Whether a page can show a patient; one behind no door cannot."""
    fits = [name for name in SHOWS_PATIENTS if re.match(rf"{re.escape(name)}(?:$|[._])", endpoint)]
    return SHOWS_PATIENTS[max(fits, key=len)] if fits else False


def note_look(response: Response) -> Response:
    """After a page was made: once it is on its way, say in the audit log who looked at what."""
    view = current_app.view_functions.get(request.endpoint or "")
    is_page = response.status_code in (200, 206) and request.method != "OPTIONS"
    if "entry" not in g or view is None or not is_page or vars(view)["polls"]:
        return response
    if shows_patients(request.endpoint or ""):
        bureau, actor, note = live_bureau(), current_actor(), _as_note(current_entry(), response)
        response.call_on_close(lambda: _write(bureau, actor, note))
    return response


def _as_note(entry: Entry, response: Response) -> Note:
    subject, row_id = _subject()
    verb = "downloaded" if "Content-Disposition" in response.headers else "read" if row_id else "listed"
    page = (request.endpoint or "").partition(".")[2]
    after = {"page": page, **_filters()}
    if verb == "listed" and "rows_shown" in g:
        after["rows"] = g.rows_shown
    if entry.book.is_sandbox:
        after["of"] = f"{subject} {row_id}".strip()
        return Note(entry.book.owner or BUREAU, "sandbox.read", "run", entry.book.run_id, after=after)
    return Note(_client_named(entry), f"{subject}.{verb}", subject, row_id, after=after)


def _subject() -> tuple[str, str | int]:
    """The last row that the address names; a page that names none is a list under its own name."""
    named: dict[str, Any] = request.view_args or {}
    found = [(NUMBERS[name], named[name]) for name in named if name in NUMBERS]
    reference = read_reference(str(named.get("reference", "")))
    if reference and reference[0] in KINDS:
        found.append((KINDS[reference[0]], reference[1]))
    if "report_id" in named:
        found.append(("report", named["report_id"]))
    section = (request.endpoint or "").partition(".")[2].split("_")[0]
    return found[-1] if found else (section, "")


def _filters() -> dict[str, Any]:
    """What a list was narrowed to, without anything a person has typed freely."""
    asked = {name: value for name, value in request.args.items() if value and name not in FREE_TEXT}
    kept: dict[str, Any] = {name: value for name, value in asked.items() if SAFE.fullmatch(value)}
    return kept | ({"searched": True} if request.args.get("q") else {})


def _client_named(entry: Entry) -> int:
    """The client the page is about by its address, BUREAU where that is only known by the row."""
    code = (request.view_args or {}).get("code") or request.args.get("client")
    named = next((one.id for one in entry.clients if one.code == code), BUREAU)
    return entry.client.id if entry.client else named


def _count_rows(_app: Flask, context: dict[str, Any], **_more: object) -> None:
    """How many rows the list of a page has, for the record of who listed what."""
    found = [context[name] for name in LISTS if isinstance(context.get(name), list | tuple)]
    if found:
        g.rows_shown = len(found[0])


def _write(bureau: Bureau, actor: Actor, note: Note) -> None:
    """In a short transaction of its own: a page that only reads never waits for the book's writer."""
    with bureau.open_office(actor, Scope.all()) as office:
        owner = find_owner(office, note.subject, note.subject_id) if note.client_id == BUREAU else note.client_id
        office.session.trail.add(replace(note, client_id=owner or BUREAU))
