"""A client's project page: its stage, the gate to going live, and the pages on which each check is worked."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from bureau.desks import setup, stages
from bureau.queries.readiness import load_readiness
from clients.access import Permission
from clients.models import Client, ClientState, ExpectedVolume, Payer, StageChange
from clients.registry import PracticeIdentity
from clients.stages import Check, find_steps
from config.identifiers import clean_identifier
from portal.doors import back
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.views.back import asked
from portal.views.back.schedules import ZONES
from portal.words import state_sign

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")
IDENTITY = ("name", "npi", "tax_id", "taxonomy", "street", "city", "region", "zip")
ABOUT = ("specialty", "phone", "time_zone")
RUN_OUT = timedelta(days=90)  # what is offered as the end of a run-out; the contract says
# Where each check is worked.
WORKED_AT: dict[Check, str] = {
    Check.SERVICE_AGREEMENT: "back.clients_agreements",
    Check.BUSINESS_ASSOCIATE: "back.clients_agreements",
    Check.PROMISES: "back.clients_agreements",
    Check.FEES: "back.clients_agreements",
    Check.TIER: "back.clients_tier",
    Check.CHARGE_MASTER: "back.clients_prices",
    Check.BILLING_PROVIDER: "back.clients_practice",
    Check.RENDERING_PROVIDER: "back.clients_people",
    Check.PAYERS: "back.clients_enrolments",
    Check.MAPPING: "back.clients_tests",
    Check.TEST_CLAIMS: "back.clients_tests",
}
STEPS = (
    ("Project", "back.clients_project"),
    ("Practice", "back.clients_practice"),
    ("People and places", "back.clients_people"),
    ("Payers and volumes", "back.clients_volumes"),
    ("Enrolment", "back.clients_enrolments"),
    ("Agreement", "back.clients_agreements"),
    ("Tier", "back.clients_tier"),
    ("Prices", "back.clients_prices"),
    ("Old book", "back.clients_opening"),
    ("Test claims", "back.clients_tests"),
    ("Leaving", "back.clients_leaving"),
)


def step_tabs(client: Client) -> list[tuple[str, str, bool, None]]:
    """The pages of a client's project as tabs: word, address, whether it is this page; only those one may open."""
    views = current_app.view_functions
    return [
        (word, url_for(endpoint, code=client.code), request.endpoint == endpoint, None)
        for word, endpoint in STEPS
        if asked.can(vars(views[endpoint])["permission"], client.id)
    ]


@back.get("/clients/new")
@permits(Permission.CLIENTS_MANAGE)
def clients_new() -> ResponseReturnValue:
    return render_template("back/onboarding/new.html", fields=Fields(request.args), zones=ZONES)


@back.post("/clients/new")
@permits(Permission.CLIENTS_MANAGE)
def clients_open() -> ResponseReturnValue:
    fields = Fields(request.form)
    code = fields.text("code", most=12).upper()
    if not _CODE.fullmatch(code):
        fields.refuse("code", "client.code", "Two to twelve capitals and digits, beginning with a letter.")
    practice, about = _read_practice(fields)
    with open_office() as office:
        if not fields.problems:
            fields.problems += setup.open_lead(office, code, practice, about)
    if fields.problems:
        return render_template("back/onboarding/new.html", fields=fields, zones=ZONES), 422
    flash(f"{practice.name} is a lead now. What you leave open here can be filled in any time.", "done")
    return redirect(url_for("back.clients_project", code=code))


@back.get("/clients/<code>/project")
@permits(Permission.BUREAU_READ)
def clients_project(code: str) -> ResponseReturnValue:
    return _show_project(asked.client_of(code), Fields(request.args))


@back.post("/clients/<code>/project")
@permits(Permission.CLIENTS_MANAGE)
def clients_move(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    wish = _read_wish(fields)
    with asked.open_client(code) as (office, client):
        if wish is not None:
            fields.problems += stages.move_stage(office, client.id, wish)
    if fields.problems:
        return _show_project(client, fields), 422
    flash(f"{client.name} is now in the stage “{state_sign(fields['target']).word}”.", "done")
    return redirect(url_for("back.clients_project", code=code))


def _read_wish(fields: Fields) -> stages.Wish | None:
    target = fields.choice("target", tuple(ClientState))
    why = fields.text("why", required=False, most=300)
    dates = fields.day("stop_intake_on", required=False), fields.day("run_out_until", required=False)
    return None if fields.problems else stages.Wish(ClientState(target), why, *dates)


def _show_project(client: Client, fields: Fields) -> str:
    with open_office() as office:
        found = office.client(client.id)
        readiness = load_readiness(office, [found])[client.id]
        wanted = select(StageChange).where(StageChange.client_id == client.id)
        history = office.session.scalars(wanted.order_by(StageChange.at.desc(), StageChange.id.desc())).all()
        today = office.today(client.id)
    return render_template(
        "back/onboarding/project.html", client=found, readiness=readiness, history=history, fields=fields,
        steps=find_steps(readiness.stage), tabs=step_tabs(found), today=today, run_out=today + RUN_OUT,
        places=WORKED_AT,
        may_change=asked.can(Permission.CLIENTS_MANAGE, client.id),
    )  # fmt: skip


@back.get("/clients/<code>/practice")
@permits(Permission.CLIENTS_MANAGE)
def clients_practice(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (_office, client):
        values = {name: getattr(client, name) for name in (*IDENTITY, *ABOUT)}
    return _show_practice(client, Fields(MultiDict(values)))


@back.post("/clients/<code>/practice")
@permits(Permission.CLIENTS_MANAGE)
def clients_practice_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    practice, about = _read_practice(fields)
    with asked.open_client(code) as (office, client):
        if not fields.problems:
            fields.problems += setup.change_practice(office, client.id, practice, about)
    if fields.problems:
        return _show_practice(client, fields), 422
    flash("Saved.", "done")
    return redirect(url_for("back.clients_people", code=code))


def _show_practice(client: Client, fields: Fields) -> str:
    return render_template(
        "back/onboarding/practice.html", client=client, fields=fields, zones=ZONES, tabs=step_tabs(client)
    )


def _read_practice(fields: Fields) -> tuple[PracticeIdentity, dict[str, str]]:
    """The form as entered; identifiers without the hyphens and blanks people write into them."""
    values = {name: fields.text(name, required=name == "name", most=120) for name in IDENTITY}
    plain = {name: clean_identifier(values[name]) for name in ("npi", "tax_id", "taxonomy", "region", "zip")}
    about = {name: fields.text(name, required=False, most=80) for name in ("specialty", "phone")}
    zone = fields.choice("time_zone", ZONES, default=ZONES[0])
    return PracticeIdentity(**values | plain), about | {"time_zone": zone}


@back.get("/clients/<code>/volumes")
@permits(Permission.CLIENTS_MANAGE)
def clients_volumes(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        wanted = select(ExpectedVolume).where(ExpectedVolume.client_id == client.id)
        shown = {f"payer.{row.payer_id}": str(row.claims) for row in office.session.scalars(wanted)}
    return _show_volumes(client, Fields(MultiDict(shown)))


@back.post("/clients/<code>/volumes")
@permits(Permission.CLIENTS_MANAGE)
def clients_volumes_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    with asked.open_client(code) as (office, client):
        payers = office.session.scalars(select(Payer.id)).all()
        volumes = {payer_id: _read_count(fields, f"payer.{payer_id}") for payer_id in payers}
        if not fields.problems:
            setup.save_volumes(office, client.id, volumes)
    if fields.problems:
        return _show_volumes(client, fields), 422
    flash("Saved. Enrolment for claims and remittances has begun with each of these payers.", "done")
    return redirect(url_for("back.clients_enrolments", code=code))


def _show_volumes(client: Client, fields: Fields) -> str:
    with open_office() as office:
        payers = office.session.scalars(select(Payer).order_by(Payer.name)).all()
    return render_template(
        "back/onboarding/volumes.html", client=client, fields=fields, payers=payers, tabs=step_tabs(client)
    )


def _read_count(fields: Fields, name: str) -> int:
    text = fields[name].strip()
    if text and not (text.isdecimal() and len(text) < 7):
        fields.refuse(name, "form.number", "A whole number of claims, or nothing.")
        return 0
    return int(text or 0)
