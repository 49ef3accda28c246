"""Jobs: how each stands at each client, the ledger of runs, a run by hand and another try of one that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.jobs import JOBS, Tally, run_job
from bureau.models.work import JobOrigin, JobState
from bureau.office import NotFound
from bureau.plans import ALARMING, Health, Standing, find_standings
from bureau.queries import runs
from clients.access import Permission
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_entry, current_person, door_scope, open_office, permits
from portal.rendering import plural, render_page
from portal.views.back import asked

ROWS = 50  # on one page
ALARMS = "alarms"
PRESSING = list(Health)


@back.get("/jobs")
@permits(Permission.BUREAU_READ)
def jobs_list() -> ResponseReturnValue:
    client, name = asked.asked_client(), asked.asked_text("job")
    wanted = runs.Wanted(client.id if client else None, name, asked.asked_text("state"))
    with open_office() as office:
        standings = find_standings(office, [client] if client else current_entry().clients)
        page = runs.find_runs(office, wanted, request.args.get("after", ""))
        total = runs.count_runs(office, wanted)
    health, first = asked.asked_text("health"), asked.asked_number("first") or 0
    every = sorted((one for each in standings.values() for one in each if name in ("", one.job.name)), key=_urgency)
    rows = [one for one in every if health in ("", one.health) or (health == ALARMS and one.health in ALARMING)]
    return render_page(
        "back/jobs/list.html", "back/jobs/_runs.html", jobs=JOBS, rows=rows[first : first + ROWS], first=first,
        step=ROWS, matching=len(rows), counts=_count(every), health=health, runs=page.rows, total=total,
        clients=asked.clients_by_id(), choices=asked.client_choices(), may_run=asked.can(Permission.BUREAU_JOBS),
        **asked.paging(page),
    )  # fmt: skip


def _urgency(one: Standing) -> tuple[int, str]:
    return PRESSING.index(one.health), one.client.code


def _count(every: Sequence[Standing]) -> dict[str, int]:
    """How many jobs stand how; all of them under an empty name, and those that ask for somebody."""
    counts: Counter[str] = Counter(one.health for one in every)
    alarms = sum(counts[health] for health in ALARMING)
    return {"": len(every), ALARMS: alarms, **{health.value: counts[health] for health in Health}}


@back.get("/jobs/<reference>")
@permits(Permission.BUREAU_READ)
def jobs_one(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        run = runs.get_run(office, asked.number_of("RUN", reference))
    earlier = [(datetime.fromisoformat(one["started"]), one) for one in (run.detail or {}).get("earlier", [])]
    return render_template(
        "back/jobs/one.html", run=run, earlier=earlier, job=JOBS.get(run.job),
        client=asked.clients_by_id()[run.client_id], may_run=asked.can(Permission.BUREAU_JOBS, run.client_id),
    )  # fmt: skip


@back.post("/jobs/run")
@permits(Permission.BUREAU_JOBS)
def jobs_run() -> ResponseReturnValue:
    entry, fields = current_entry(), Fields(request.form)
    name = fields.choice("job", JOBS)
    reachable = {client.code: client for client in entry.clients if door_scope().holds(client.id)}
    code = fields.choice("client", reachable)
    if fields.problems:
        flash("Choose a job and a client of yours.", "error")
    else:
        _run(name, reachable[code].id, entry.book.bureau.clock.now(), JobOrigin.HAND)
    return redirect(url_for("back.jobs_list"))


@back.post("/jobs/<reference>/retry")
@permits(Permission.BUREAU_JOBS)
def jobs_retry(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        run = runs.get_run(office, asked.number_of("RUN", reference))
    if run.job not in JOBS:
        raise NotFound("no such job")
    if run.state == JobState.DONE:
        flash("This run is done: there is nothing to try again.")
    else:
        _run(run.job, run.client_id, run.slot, JobOrigin.RETRY)
    return redirect(url_for("back.jobs_one", reference=reference))


def _run(name: str, client_id: int, slot: datetime, origin: JobOrigin) -> None:
    """Run a job in the person's name and say how it went."""
    client = asked.clients_by_id()[client_id]
    try:
        tally = run_job(current_entry().book.bureau, name, client_id, slot, origin=origin, by=current_person().name)
    except Exception:  # noqa: BLE001  (whatever the job ran into stands in its own row of the ledger)
        flash(f"{JOBS[name].label} failed for {client.name}. Its row in the ledger of runs says why.", "error")
        return
    flash(f"{JOBS[name].label}, {client.name}: {_say(tally)}", "info" if tally is None or tally.failed else "done")


def _say(tally: Tally | None) -> str:
    """The result of a run in words."""
    if tally is None:
        return "nothing was run; this client has not bought it or is not in business."
    return f"{plural(tally.items, 'item')}, {tally.ok:,} ok, {tally.failed:,} failed."
