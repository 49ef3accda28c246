"""The way in and out: choosing a door, signing in and out, and how a person likes the screens."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from clients.access import Door, Permission, Person, doors_of
from clients.accounts import SignedIn, Throttle, Visit, set_preference, sign_in, sign_out
from clients.scope import Scope, ScopedSession
from portal.forms import Fields
from portal.guards import Visitor, current_person, current_visitor, permits
from portal.navigation import HOMES
from portal.sandbox import live_bureau
from portal.words import DOORS

entrance = Blueprint("entrance", __name__)
PREFERENCES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("compact", "comfortable"),
    "keys": ("on", "off"),
}


@entrance.get("/")
@permits(Permission.PUBLIC)
def sign_in_page() -> ResponseReturnValue:
    if visitor := current_visitor():
        return redirect(_way_from_here(visitor.person, "", request.args.get("back", "")))
    return _show_page(Fields(request.args), "", 200)


@entrance.post("/")
@permits(Permission.PUBLIC)
def sign_in_post() -> ResponseReturnValue:
    fields, bureau = Fields(request.form), live_bureau()
    email, password = fields.text("email", most=320), fields["password"]
    if fields.problems or not password:
        return _show_page(fields, "Fill in both your e-mail and your password.", 400)
    outcome = sign_in(bureau.engine, email, password, bureau.clock.now(), throttle=_throttle())
    if not isinstance(outcome, SignedIn):
        return _show_page(fields, outcome.text, 429 if outcome.code == "sign_in.wait" else 401)
    session.clear()
    login_user(Visitor(outcome.token, Visit(outcome.person, bureau.clock.now())))
    return redirect(_way_from_here(outcome.person, fields["door"], fields["back"]))


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


@entrance.post("/me/preferences")
@permits(Permission.SIGNED_IN)
def set_preferences() -> ResponseReturnValue:
    fields = Fields(request.form)
    name = fields.choice("name", PREFERENCES)
    value = fields.choice("value", PREFERENCES.get(name, ()))
    if not fields.problems:
        with ScopedSession(live_bureau().engine, scope=Scope.of()) as book, book.begin():
            set_preference(book, current_person().id, name, value)
    return redirect(_safe(fields["back"]) or url_for("entrance.sign_in_page"))


@entrance.get("/healthz")
@permits(Permission.PUBLIC)
def health() -> ResponseReturnValue:
    with live_bureau().engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    return {"ok": True}


def _throttle() -> Throttle:
    throttle: Throttle = current_app.extensions["throttle"]
    return throttle


def _show_page(fields: Fields, refusal: str, status: int) -> ResponseReturnValue:
    door = fields["door"] if fields["door"] in list(Door) else _door_of(fields["back"])
    page = render_template("entrance/sign_in.html", fields=fields, refusal=refusal, door=door, doors=DOORS)
    return page, status


def _door_of(path: str) -> str:
    """The door a person was on the way to."""
    return next((door.value for door in Door if f"/{door.value}/" in path), Door.FRONT.value)


def _way_from_here(person: Person, wanted: str, back: str) -> str:
    """Where the person was going; else the door they chose if it opens for them; else one that does."""
    doors = doors_of(person)
    if not doors:
        return url_for("entrance.nowhere")
    if _safe(back):
        return _safe(back)
    door = next((door for door in doors if door == wanted), doors[0])
    if wanted and door != wanted:
        flash(f"The {DOORS[Door(wanted)][0].lower()} door does not open for you. This is the one that does.")
    return url_for(HOMES[door])


@entrance.get("/nowhere")
@permits(Permission.SIGNED_IN)
def nowhere() -> ResponseReturnValue:
    """For a person whose last role was taken away while they were signed in."""
    return render_template("entrance/nowhere.html")


def _safe(address: str) -> str:
    """The address when it is a path of this very site, else nothing."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain and "\\" not in address else ""
