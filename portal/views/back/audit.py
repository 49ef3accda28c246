"""The audit log for auditors and those who lead: who did and who looked at what, and the same as a file."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from bureau.queries.paging import PAGE, cut
from clients.access import Permission
from clients.audit.reading import find_entries, key_of
from portal import audit
from portal.doors import back
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.views.back import asked


@back.get("/audit")
@permits(Permission.AUDIT_READ)
def audit_list() -> ResponseReturnValue:
    with open_office() as office:
        wanted = audit.read_wanted(office, asked.asked_client_id())
        page = cut(find_entries(office.session, wanted, PAGE + 1, audit.read_key()), key_of)
    return render_page(
        "back/audit/list.html", "audit/_rows.html", lines=audit.describe(page.rows), rows=page.rows,
        clients=asked.clients_by_id(), choices=asked.client_choices(), sorts=audit.SORTS, **asked.paging(page),
    )  # fmt: skip


@back.get("/audit.jsonl")
@permits(Permission.AUDIT_READ)
def audit_lines() -> ResponseReturnValue:
    return _send(audit.as_lines, "jsonl")


@back.get("/audit.csv")
@permits(Permission.AUDIT_READ)
def audit_csv() -> ResponseReturnValue:
    return _send(audit.as_csv, "csv")


def _send(form: audit.Form, suffix: str) -> Response:
    with open_office() as office:
        wanted = audit.read_wanted(office, asked.asked_client_id())
    return audit.send_log(wanted, form, suffix)
