"""The practice's reports: each with its sentence, its table, its definition, and the same as CSV."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from bureau.office import NotFound, Office
from clients.access import Permission
from clients.tiers import has
from portal.doors import front
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.sandbox import run_id
from portal.views.front.place import here, this_client
from reports.catalog import BILLING_REPORTS, REPORTS, Report, default_period
from reports.frames import Period, Table, write_csv

OFFERED = (*BILLING_REPORTS, "opening-aging", "handed_back", "sla")
LONGEST = 3 * 366  # days a report may span


@front.get("/reports")
@permits(Permission.CLIENT_READ)
def reports() -> ResponseReturnValue:
    with open_office() as office:
        found = [REPORTS[name] for name in OFFERED if _is_ours(office, REPORTS[name])]
    return render_template("front/reports/index.html", reports=found)


@front.get("/reports/<report_id>")
@permits(Permission.CLIENT_READ)
def reports_one(report_id: str) -> ResponseReturnValue:
    fields = Fields(request.args)
    with open_office() as office:
        report = _get_report(office, report_id)
        period = _read_period(fields, office.today(here()))
        table = report.load(office, here(), period)
        spans = _spans(office.today(here()))
    last = period.end - timedelta(days=1)
    return render_page(
        "front/reports/one.html", "front/reports/_table.html", report=report, table=table, fields=fields,
        first=period.start, last=last, spans=spans,
    )  # fmt: skip


@front.get("/reports/<report_id>.csv")
@permits(Permission.CLIENT_READ)
def reports_csv(report_id: str) -> ResponseReturnValue:
    with open_office() as office:
        report = _get_report(office, report_id)
        period = _read_period(Fields(request.args), office.today(here()))
        table = report.load(office, here(), period)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(table, period)}"'}
    return Response(write_csv(table), mimetype="text/csv", headers=headers)


def _file_name(table: Table, period: Period) -> str:
    """A sandbox says so in the name of what leaves it."""
    mark = f"sandbox-{run_id()}-" if run_id() else ""
    return f"{mark}{this_client().code}-{table.id}-{period.start}-{period.end - timedelta(days=1)}.csv"


def _get_report(office: Office, report_id: str) -> Report:
    report = REPORTS.get(report_id) if report_id in OFFERED else None
    if report is None or not _is_ours(office, report):
        raise NotFound("no such report")
    return report


def _is_ours(office: Office, report: Report) -> bool:
    return report.capability is None or has(office.session, here(), report.capability, on=office.today(here()))


def _read_period(fields: Fields, today: date) -> Period:
    """From the first to the last day asked for; the last 90 days where that cannot be read."""
    usual = default_period(today)
    start, last = fields.day("from", required=False), fields.day("to", required=False)
    if start and not last:
        last = max(start, usual.end - timedelta(days=1))
    if last and not start:
        start = last - timedelta(days=89)
    if start is None or last is None:
        return usual
    if last < start:
        fields.refuse("to", "period.turned", "The last day lies before the first.")
        return usual
    if (last - start).days > LONGEST:
        fields.refuse("to", "period.long", "A report spans three years at most.")
        return usual
    return Period(start, last + timedelta(days=1))


def _spans(today: date) -> list[tuple[str, date, date]]:
    """The periods people ask for most."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return [
        ("This month", month, today),
        ("Last month", before.replace(day=1), before),
        ("Last 90 days", today - timedelta(days=89), today),
        ("This year", today.replace(month=1, day=1), today),
    ]
