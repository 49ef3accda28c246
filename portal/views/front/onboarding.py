"""Getting started, for the practice: what is done, what waits for whom, its clinicians, and its test file."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from bureau.desks import setup
from bureau.models import Journal
from bureau.queries.readiness import load_readiness
from bureau.queries.rehearsals import find_rehearsals, get_rehearsal
from clients.access import Permission
from clients.models import Provider
from clients.stages import BEFORE_LIVE, Check
from clients.trail import Actor, ActorKind
from config.problems import Problem
from portal.doors import front
from portal.guards import current_person, open_office, permits
from portal.sandbox import live_bureau
from portal.views.front.place import here, this_client
from portal.views.front.rehearsing import read_test_file
from portal.views.front.upload import get_staged, staging
from simulator.rehearsal import rehearse

# Where the practice does its part of a check.
WORKED_AT: dict[Check, str] = {
    Check.CHARGE_MASTER: "front.plan_prices",
    Check.TIER: "front.plan",
    Check.MAPPING: "front.start_tests",
    Check.TEST_CLAIMS: "front.start_tests",
}


@front.get("/start")
@permits(Permission.CLIENT_READ)
def start() -> ResponseReturnValue:
    with open_office() as office:
        client = office.client(here())
        readiness = load_readiness(office, [client])[client.id]
        wanted = select(Provider).where(Provider.client_id == client.id).order_by(Provider.last, Provider.first)
        clinicians = office.session.scalars(wanted).all()
        said = select(func.max(Journal.at)).where(Journal.client_id == client.id, Journal.act == setup.CONFIRMED)
        confirmed = office.session.scalar(said)
    return render_template(
        "front/onboarding/index.html", client=client, readiness=readiness, clinicians=clinicians,
        confirmed=confirmed, places=WORKED_AT,
    )  # fmt: skip


@front.post("/start/clinicians")
@permits(Permission.CLIENT_PLAN)
def start_confirm() -> ResponseReturnValue:
    with open_office() as office:
        setup.confirm_clinicians(office, here())
    flash("Thank you. Tell us when somebody comes or leaves; claims for them go out by these dates.", "done")
    return redirect(url_for("front.start"))


@front.get("/start/tests")
@permits(Permission.CLIENT_READ)
def start_tests() -> ResponseReturnValue:
    with open_office() as office:
        found = find_rehearsals(office, here())
    return render_template(
        "front/onboarding/tests.html", rehearsals=found, limit=current_app.config["MAX_CONTENT_LENGTH"],
        is_live=this_client().state not in BEFORE_LIVE,
    )  # fmt: skip


@front.get("/start/tests/check/<token>")
@permits(Permission.CLIENT_UPLOAD)
def start_check(token: str) -> ResponseReturnValue:
    """A file that was sent in before the practice is live: it can be rehearsed and nothing else."""
    staged = get_staged(token)
    with open_office() as office:
        data = staging().read(staged)
        file = read_test_file(office, here(), staged.file_name, data, chosen=request.args.get("profile", ""))
    if isinstance(file, Problem) and file.code == "test.columns":
        return redirect(url_for("front.upload_map", token=token))
    return render_template("front/onboarding/check.html", staged=staged, file=file)


@front.post("/start/tests/check/<token>")
@permits(Permission.CLIENT_UPLOAD)
def start_run(token: str) -> ResponseReturnValue:
    staged = get_staged(token)
    with open_office() as office:
        chosen = request.form.get("profile", "")
        file = read_test_file(office, here(), staged.file_name, staging().read(staged), chosen=chosen)
    actor = Actor(ActorKind.PERSON, current_person().name)
    outcome = file if isinstance(file, Problem) else rehearse(live_bureau(), actor, here(), file)
    if isinstance(outcome, Problem):
        flash(outcome.text, "error")
        return redirect(url_for("front.start_check", token=token))
    staging().drop(token)
    return redirect(url_for("front.start_test", rehearsal_id=outcome))


@front.get("/start/tests/<int:rehearsal_id>")
@permits(Permission.CLIENT_READ)
def start_test(rehearsal_id: int) -> ResponseReturnValue:
    with open_office() as office:
        found, _ = get_rehearsal(office, here(), rehearsal_id)
    return render_template("front/onboarding/test.html", rehearsal=found)
