"""Test claims of a client, for staff: send a file through the house in a book of its own, and see each claim's fate."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.queries.rehearsals import find_rehearsals, get_rehearsal
from clients.access import Permission
from clients.trail import Actor, ActorKind
from config.problems import Problem
from portal.doors import back
from portal.guards import current_person, permits
from portal.sandbox import find_lab, live_bureau
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs
from portal.views.front.rehearsing import read_test_file
from simulator.rehearsal import rehearse


@back.get("/clients/<code>/tests")
@permits(Permission.BUREAU_READ)
def clients_tests(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        found = find_rehearsals(office, client.id)
    return render_template(
        "back/rehearsals/list.html", client=client, rehearsals=found, tabs=step_tabs(client),
        may_change=asked.can(Permission.CLIENTS_MANAGE, client.id),
    )  # fmt: skip


@back.post("/clients/<code>/tests")
@permits(Permission.CLIENTS_MANAGE)
def clients_tests_run(code: str) -> ResponseReturnValue:
    name, data = _read_upload()
    with asked.open_client(code) as (office, client):
        file = read_test_file(office, client.id, name, data)
    actor = Actor(ActorKind.PERSON, current_person().name)
    outcome = file if isinstance(file, Problem) else rehearse(live_bureau(), actor, client.id, file)
    if isinstance(outcome, Problem):
        flash(outcome.text, "error")
        return redirect(url_for("back.clients_tests", code=code))
    return redirect(url_for("back.clients_test", code=code, rehearsal_id=outcome))


@back.get("/clients/<code>/tests/<int:rehearsal_id>")
@permits(Permission.BUREAU_READ)
def clients_test(code: str, rehearsal_id: int) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        found, is_latest = get_rehearsal(office, client.id, rehearsal_id)
    may_enter = is_latest and find_lab() is not None and asked.can(Permission.CLIENTS_MANAGE, client.id)
    return render_template("back/rehearsals/one.html", client=client, rehearsal=found, may_enter=may_enter)


def _read_upload() -> tuple[str, bytes]:
    sent = request.files.get("file")
    return (sent.filename or "", sent.read()) if sent else ("", b"")
