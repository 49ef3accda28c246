"""Reports: the catalogue, and one report with its sentence, table, definition and download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from bureau.office import NotFound, Office
from bureau.queries.claims import find_payers
from clients.access import Permission
from clients.models import Client
from clients.tiers import has
from portal.doors import back
from portal.guards import current_entry, open_office, permits
from portal.rendering import local, now
from portal.views.back import asked
from reports.catalog import REPORTS, Report, default_period
from reports.frames import Period, Table, write_csv


@dataclass(frozen=True, slots=True)
class Made:
    """A report of one client, None in `table` where the client's tier does not have it."""

    report: Report
    client: Client
    period: Period
    table: Table | None


@back.get("/reports")
@permits(Permission.BUREAU_READ)
def reports_list() -> ResponseReturnValue:
    return render_template("back/reports/list.html", reports=REPORTS.values())


@back.get("/reports/<report_id>")
@permits(Permission.BUREAU_READ)
def reports_one(report_id: str) -> ResponseReturnValue:
    with open_office() as office:
        made = _make(office, report_id, current_entry().clients)
        payers = {name: payer_id for payer_id, name in find_payers(office)}
    return render_template(
        "back/reports/one.html", made=made, payers=payers, choices=asked.client_choices(), kinds=REPORTS,
        last_day=made.period.end - timedelta(days=1),
    )  # fmt: skip


@back.get("/reports/<report_id>.csv")
@permits(Permission.BUREAU_READ)
def reports_csv(report_id: str) -> ResponseReturnValue:
    with open_office() as office:
        made = _make(office, report_id, current_entry().clients)
    if made.table is None:
        raise NotFound("no such report for this client")
    answer = Response(write_csv(made.table), mimetype="text/csv")
    sandbox = "sandbox-" if current_entry().book.is_sandbox else ""
    name = f"{sandbox}{made.client.code}-{report_id}-{made.period.start}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _make(office: Office, report_id: str, clients: Sequence[Client]) -> Made:
    """The report of the client asked for, else of the first. Raises NotFound for an unknown one."""
    report = REPORTS.get(report_id)
    client = asked.asked_client() or next(iter(clients), None)
    if report is None or client is None or (request.args.get("client") and asked.asked_client() is None):
        raise NotFound("no such report")
    usual = default_period(local(now()).date())
    first, last = asked.asked_day("from"), asked.asked_day("to")
    end = last + timedelta(days=1) if last else usual.end
    period = Period(min(first or usual.start, end - timedelta(days=1)), end)
    allowed = report.capability is None or has(office.session, client.id, report.capability, on=office.today(client.id))
    return Made(report, client, period, report.load(office, client.id, period) if allowed else None)
