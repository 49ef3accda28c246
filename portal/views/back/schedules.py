"""A client's schedule: its plan of jobs as a table and a week, and the form in which one of them is changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from operator import itemgetter
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import schedules
from bureau.jobs import JOBS, Job
from bureau.office import NotFound
from bureau.plans import Standing, find_standings, template_of
from bureau.rules.schedule_words import say_times, say_timing
from bureau.rules.schedules import Timing, find_problems, find_slots
from clients.access import Permission
from clients.models import Client
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_entry, open_office, permits
from portal.rendering import now, render_page
from portal.views.back import asked

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
SHOWN = 5  # slots of a preview
AHEAD = timedelta(days=400)  # how far a preview looks


@back.get("/clients/<code>/schedule")
@permits(Permission.BUREAU_READ)
def schedules_one(code: str) -> ResponseReturnValue:
    client = _client(code)
    with open_office() as office:
        standings = find_standings(office, [client])[client.id]
    return render_template(
        "back/schedules/one.html", client=client, standings=standings, week=_week(client, standings), say=say_timing,
        may_change=asked.can(Permission.BUREAU_JOBS, client.id), at=_say_at,
    )  # fmt: skip


@back.get("/clients/<code>/schedule/<name>")
@permits(Permission.BUREAU_JOBS)
def schedules_edit(code: str, name: str) -> ResponseReturnValue:
    client, job = _client(code), _job(name)
    with open_office() as office:
        office.client(client.id)
        standing = _standing(find_standings(office, [client])[client.id], job)
    sent = request.args if "cron" in request.args else _as_form(client, standing)
    return _show(client, job, Fields(sent), is_own=standing.plan.is_own)


@back.post("/clients/<code>/schedule/<name>")
@permits(Permission.BUREAU_JOBS)
def schedules_save(code: str, name: str) -> ResponseReturnValue:
    client, job, fields = _client(code), _job(name), Fields(request.form)
    change = _read(fields, job)
    if fields["step"] == "show":
        return _show(client, job, fields)
    with open_office() as office:
        office.client(client.id)
        if not fields.problems:
            fields.problems += schedules.change_plan(office, client.id, change)
    if fields.problems:
        return _show(client, job, fields, 422)
    flash(f"{job.label} now runs {say_timing(_timing(client, fields))}.", "done")
    return redirect(url_for("back.schedules_one", code=code))


@back.post("/clients/<code>/schedule/<name>/reset")
@permits(Permission.BUREAU_JOBS)
def schedules_reset(code: str, name: str) -> ResponseReturnValue:
    client, job = _client(code), _job(name)
    with open_office() as office:
        office.client(client.id)
        schedules.reset_plan(office, client.id, job.name)
    flash(f"{job.label} runs as the template says.", "done")
    return redirect(url_for("back.schedules_one", code=code))


def _client(code: str) -> Client:
    entry = current_entry()
    reachable = (entry.client,) if entry.client else entry.clients
    found = next((one for one in reachable if one.code == code), None)
    if found is None:
        raise NotFound("no such client")
    return found


def _job(name: str) -> Job:
    if name not in JOBS:
        raise NotFound("no such job")
    return JOBS[name]


def _standing(standings: Sequence[Standing], job: Job) -> Standing:
    """The job of a client's plan. Raises NotFound for one that the client has not bought."""
    found = next((one for one in standings if one.job is job), None)
    if found is None:
        raise NotFound("no such job in this plan")
    return found


def _as_form(client: Client, standing: Standing) -> MultiDict[str, str]:
    timing, plan = standing.plan.timing, standing.plan
    zone = "" if timing.time_zone == client.time_zone else timing.time_zone
    values = {"cron": timing.cron, "time_zone": zone, "opens": timing.opens, "closes": timing.closes}
    return MultiDict(values | ({"paused": "yes", "paused_reason": plan.paused} if plan.paused else {}))


def _read(fields: Fields, job: Job) -> schedules.PlanChange:
    return schedules.PlanChange(
        job.name, " ".join(fields.text("cron", most=100).split()), fields.choice("time_zone", ("", *ZONES)),
        fields.text("opens", required=False, most=5), fields.text("closes", required=False, most=5),
        fields.text("paused_reason", required=False, most=200), is_paused=fields["paused"] == "yes",
    )  # fmt: skip


def _timing(client: Client, fields: Fields) -> Timing:
    """What the form asks for, before anybody has looked whether it can be kept."""
    return Timing(fields["cron"], fields["time_zone"] or client.time_zone, fields["opens"], fields["closes"])


def _show(client: Client, job: Job, fields: Fields, status: int = 200, *, is_own: bool = True) -> ResponseReturnValue:
    timing = _timing(client, fields)
    problems = find_problems(timing)
    slots = [] if problems else islice(find_slots(timing, now(), now() + AHEAD), SHOWN)
    context = {"client": client, "job": job, "fields": fields, "problems": problems, "slots": list(slots)}
    page = render_page(
        "back/schedules/edit.html", "back/schedules/_preview.html", words=say_timing(timing), timing=timing,
        zones=ZONES, at=_say_at, usual=say_timing(template_of(job, client.time_zone)), is_own=is_own, **context,
    )  # fmt: skip
    return page, status


def _say_at(slot: datetime, zone: str) -> str:
    """Thu 19 Mar 2026, 9:15 as on the wall in that zone."""
    local = slot.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y}, {local.hour}:{local:%M}"


def _week(client: Client, standings: Sequence[Standing]) -> list[tuple[date, list[tuple[Job, str]]]]:
    """The next seven days at the client's place: each job that is due, and at what times, the earliest first."""
    zone = ZoneInfo(client.time_zone)
    today = now().astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(7)]
    running = [one for one in standings if not one.plan.halt]
    return [(day, _due_on(day, zone, running)) for day in days]


def _due_on(day: date, zone: ZoneInfo, running: Sequence[Standing]) -> list[tuple[Job, str]]:
    start, end = (datetime.combine(day + timedelta(days=ahead), time(), zone) for ahead in (0, 1))
    found = []
    for one in running:
        times = [slot.astimezone(zone).time() for slot in find_slots(one.plan.timing, start, end)]
        if times:
            found.append((times[0], one.job, say_times(times)))
    return [(job, words) for _, job, words in sorted(found, key=itemgetter(0))]
