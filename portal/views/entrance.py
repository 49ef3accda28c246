"""The way in and out: choosing a door, signing in by password and second factor, and signing out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from clients.access import Door, Permission
from clients.accounts import SetUpDone, confirm_code, confirm_set_up, sign_in
from clients.scope import Scope, ScopedSession
from clients.second_factor import Step, find_challenge, show_set_up
from clients.sign_ins import SignedIn, sign_out
from config.problems import Problem
from portal.entering import find_factor, go_on, half_way, own_path, take_in, this_device, way_from_here
from portal.forms import Fields
from portal.guards import current_visitor, permits
from portal.pictures import draw_qr
from portal.sandbox import live_bureau
from portal.words import DOORS

entrance = Blueprint("entrance", __name__)


@entrance.get("/")
@permits(Permission.PUBLIC)
def sign_in_page() -> ResponseReturnValue:
    if visitor := current_visitor():
        return redirect(way_from_here(visitor.person, "", request.args.get("back", "")))
    return _show_page(Fields(request.args), "", 200)


@entrance.post("/")
@permits(Permission.PUBLIC)
def sign_in_post() -> ResponseReturnValue:
    fields, bureau = Fields(request.form), live_bureau()
    email, password = fields.text("email", most=320), fields["password"]
    if fields.problems or not password:
        return _show_page(fields, "Fill in both your e-mail and your password.", 400)
    now = bureau.clock.now()
    outcome = sign_in(bureau.engine, email, password, now, factor=find_factor(), device=this_device())
    if isinstance(outcome, Problem):
        return _show_page(fields, outcome.text, _status(outcome))
    door = fields["door"] if fields["door"] in list(Door) else ""
    return go_on(outcome, door, own_path(fields["back"]))


@entrance.get("/second-step")
@permits(Permission.PUBLIC)
def second_step() -> ResponseReturnValue:
    return _show_second_step(Fields(request.args), 200)


@entrance.post("/second-step")
@permits(Permission.PUBLIC)
def second_step_post() -> ResponseReturnValue:
    fields = Fields(request.form)
    code = fields.text("code", most=40)
    outcome = _confirm(code) if not fields.problems else fields.problems[0]
    if isinstance(outcome, SignedIn):
        return go_on(outcome, *half_way()[1:])
    if isinstance(outcome, Problem):
        fields.refuse("code", outcome.code, outcome.text)
        return _show_second_step(fields, _status(outcome))
    onward = way_from_here(outcome.signed_in.person, *half_way()[1:])
    take_in(outcome.signed_in)
    return render_template("entrance/recovery_codes.html", codes=outcome.recovery_codes, onward=onward)


def _confirm(code: str) -> SignedIn | SetUpDone | Problem:
    """The code for whichever question this browser was asked."""
    bureau, token = live_bureau(), half_way()[0]
    now, factor, device = bureau.clock.now(), find_factor(), this_device()
    with ScopedSession(bureau.engine, scope=Scope.of(), read_only=True) as book:
        found = find_challenge(book, token, now)
    confirm = confirm_set_up if found and found[0].step == Step.SET_UP else confirm_code
    return confirm(bureau.engine, token, code, now, factor=factor, device=device)


def _show_second_step(fields: Fields, status: int) -> ResponseReturnValue:
    """The field for the code, with the picture to scan where the device is new; after ten minutes the first page."""
    bureau, factor = live_bureau(), find_factor()
    with ScopedSession(bureau.engine, scope=Scope.of(), read_only=True) as book:
        found = find_challenge(book, half_way()[0], bureau.clock.now())
    if found is None:
        flash("That took too long, or was done already. Sign in again.")
        return redirect(url_for("entrance.sign_in_page"))
    new = show_set_up(*found, factor) if found[0].step == Step.SET_UP else None
    picture = draw_qr(new.address) if new else ""
    return render_template("entrance/second_step.html", fields=fields, new=new, picture=picture), status


@entrance.post("/sign-out")
@permits(Permission.PUBLIC)
def sign_out_post() -> ResponseReturnValue:
    bureau, visitor = live_bureau(), current_visitor()
    if visitor is not None:
        with ScopedSession(bureau.engine, scope=Scope.of()) as book, book.begin():
            sign_out(book, visitor.token, bureau.clock.now())
    logout_user()
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("entrance.sign_in_page"))


@entrance.get("/healthz")
@permits(Permission.PUBLIC)
def health() -> ResponseReturnValue:
    with live_bureau().engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    return {"ok": True}


@entrance.get("/nowhere")
@permits(Permission.SIGNED_IN)
def nowhere() -> ResponseReturnValue:
    """For a person whose last role was taken away while they were signed in."""
    return render_template("entrance/nowhere.html")


def _show_page(fields: Fields, refusal: str, status: int) -> ResponseReturnValue:
    door = fields["door"] if fields["door"] in list(Door) else _door_of(fields["back"])
    page = render_template("entrance/sign_in.html", fields=fields, refusal=refusal, door=door, doors=DOORS)
    return page, status


def _status(problem: Problem) -> int:
    return 429 if problem.code == "sign_in.wait" else 401


def _door_of(path: str) -> str:
    """The door a person was on the way to."""
    return next((door.value for door in Door if f"/{door.value}/" in path), Door.FRONT.value)
