"""Jobs: what runs by itself at each client, when it ran last and runs next, and a run by hand."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.jobs import JOBS, run_job
from bureau.queries import runs
from clients.access import Permission
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_entry, door_scope, open_office, permits
from portal.rendering import plural, render_page
from portal.views.back import asked
from portal.views.back.schedule import find_late, plan

CLIENTS = 25  # on one page


@back.get("/jobs")
@permits(Permission.BUREAU_READ)
def jobs_list() -> ResponseReturnValue:
    client = asked.asked_client()
    clients = [client] if client else list(current_entry().clients)
    first = asked.asked_number("first") or 0
    wanted = runs.Wanted(client.id if client else None, asked.asked_text("job"), asked.asked_text("state"))
    with open_office() as office:
        slots = plan(office, clients)
        page = runs.find_runs(office, wanted, request.args.get("after", ""))
        total = runs.count_runs(office, wanted)
    return render_page(
        "back/jobs/list.html", "back/jobs/_runs.html", jobs=JOBS, slots=slots, late=find_late(slots), runs=page.rows,
        total=total, shown=clients[first : first + CLIENTS], first=first, step=CLIENTS, all_clients=clients,
        clients=asked.clients_by_id(), choices=asked.client_choices(), may_run=asked.can(Permission.BUREAU_JOBS),
        **asked.paging(page),
    )  # fmt: skip


@back.get("/jobs/<reference>")
@permits(Permission.BUREAU_READ)
def jobs_one(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        run = runs.get_run(office, asked.number_of("RUN", reference))
    return render_template(
        "back/jobs/one.html", run=run, job=JOBS.get(run.job), client=asked.clients_by_id()[run.client_id],
        may_run=asked.can(Permission.BUREAU_JOBS, run.client_id),
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
        return redirect(url_for("back.jobs_list"))
    client = reachable[code]
    try:
        tally = run_job(entry.book.bureau, name, client.id, entry.book.bureau.clock.now())
    except Exception:  # noqa: BLE001  (whatever the job ran into stands in its own row of the ledger)
        flash(f"{JOBS[name].label} failed for {client.name}. Its row in the ledger of runs says why.", "error")
        return redirect(url_for("back.jobs_list"))
    flash(f"{JOBS[name].label}, {client.name}: {_say(tally)}", "info" if tally is None or tally.failed else "done")
    return redirect(url_for("back.jobs_list"))


def _say(tally: object) -> str:
    """The result of a run in words."""
    if tally is None:
        return "nothing was run; this client has not bought it or is not in business."
    items, ok, failed = (getattr(tally, name) for name in ("items", "ok", "failed"))
    return f"{plural(items, 'item')}, {ok:,} ok, {failed:,} failed."
