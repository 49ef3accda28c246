"""Visits the practice had against those that reached us: counts by week, schedules, and what is missing."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks.visits import set_alert, state_counts
from bureau.office import NotFound
from bureau.queries import expected as visits
from bureau.queries.expected import monday_of
from bureau.rules.visit_schedule import LARGEST, Counts, alert_after, read_count, read_schedule
from clients.access import Permission
from config.problems import Problem
from portal.doors import front
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.quarantine import open_sheet
from portal.rendering import local, now, plural
from portal.views.front.place import here, this_client

WEEK = timedelta(days=7)
MOST_TOLD = 5


@front.get("/expected")
@permits(Permission.CLIENT_READ)
def expected() -> ResponseReturnValue:
    return _show(_asked_week(request.args.get("week", "")), Fields(request.args))


@front.post("/expected")
@permits(Permission.CLIENT_UPLOAD)
def expected_save() -> ResponseReturnValue:
    fields, monday = Fields(request.form), _asked_week(request.form.get("week", ""))
    with open_office() as office:
        counts = _read_week(fields, [line.provider_id for line in visits.find_week(office, here(), monday)], monday)
        if not fields.problems:
            state_counts(office, here(), counts, source="stated")
    if fields.problems:
        return _show(monday, fields), 400
    flash("The counts of this week are kept.", "done")
    return redirect(url_for("front.expected", week=monday))


@front.post("/expected/schedule")
@permits(Permission.CLIENT_UPLOAD)
def expected_schedule() -> ResponseReturnValue:
    """A schedule file: all of it is kept, or with a problem nothing."""
    sent = request.files.get("file")
    data, name = (sent.read(), sent.filename or "schedule") if sent else (b"", "schedule")
    table, problems = open_sheet("schedule", data) if data else ([], [Problem(name, "file.empty", "Choose a file.")])
    counts: Counts = {}
    with open_office() as office:
        if not problems:
            counts, problems = read_schedule("The schedule", table, visits.find_provider_names(office, here()))
        if not problems:
            state_counts(office, here(), counts, source="schedule")
    if problems:
        flash(_say(problems), "error")
        return redirect(url_for("front.expected"))
    flash(f"{plural(sum(counts.values()), 'visit')} on {plural(len({day for _, day in counts}), 'day')} kept.", "done")
    return redirect(url_for("front.expected", week=monday_of(min(day for _, day in counts))))


@front.post("/expected/alert")
@permits(Permission.CLIENT_UPLOAD)
def expected_alert() -> ResponseReturnValue:
    days = read_count(request.form.get("days", ""))
    with open_office() as office:
        problems = set_alert(office, here(), -1 if days is None else days)
    flash(*((problems[0].text, "error") if problems else (f"You are told after {plural(days or 0, 'day')}.", "done")))
    return redirect(url_for("front.expected"))


@front.get("/expected/<int:provider_id>/<day>")
@permits(Permission.CLIENT_READ)
def expected_day(provider_id: int, day: str) -> ResponseReturnValue:
    on = _read_day(day)
    if on is None:
        raise NotFound("no such day")
    with open_office() as office:
        name, count = visits.get_day(office, here(), provider_id, on)
        found = visits.find_received(office, here(), provider_id, on)
    return render_template("front/expected/day.html", name=name, count=count, visits=found, monday=monday_of(on))


def _show(monday: date, fields: Fields) -> str:
    with open_office() as office:
        week = visits.find_week(office, here(), monday)
        missing, after = visits.find_missing(office), alert_after(this_client().preferences)
    today = local(now()).date()
    return render_template(
        "front/expected/index.html", week=week, monday=monday, before=monday - WEEK, following=monday + WEEK,
        days=[monday + timedelta(days=number) for number in range(7)], fields=fields,
        missing=missing, most=MOST_TOLD, after=after, today=today, this_week=monday_of(today), largest=LARGEST,
    )  # fmt: skip


def _read_week(fields: Fields, providers: list[int], monday: date) -> dict[tuple[int, date], int | None]:
    counts: dict[tuple[int, date], int | None] = {}
    for provider_id in providers:
        for day in (monday + timedelta(days=number) for number in range(7)):
            name = f"count-{provider_id}-{day}"
            text = fields[name].strip()
            counts[provider_id, day] = read_count(text) if text else None
            if text and counts[provider_id, day] is None:
                fields.refuse(name, "count", f"A whole number up to {LARGEST}.")
    return counts


def _say(problems: list[Problem]) -> str:
    more = f" And {plural(len(problems) - 1, 'further problem')}." if len(problems) > 1 else ""
    return f"Nothing was kept. {problems[0].where}: {problems[0].text}{more}"


def _asked_week(text: str) -> date:
    return monday_of(_read_day(text) or local(now()).date())


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
