"""A person's own page: password, second factor, where they are signed in, and how they like the screens."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from bureau.office import NotFound
from clients.access import Permission
from clients.accounts import (
    change_password,
    drop_own_second_factor,
    needs_second_factor,
    renew_own_recovery_codes,
    set_preference,
    set_up_second_factor,
)
from clients.models import User
from clients.scope import Scope, ScopedSession
from clients.second_factor import Step, challenge, count_recovery_codes, drop_challenge, find_challenge, show_set_up
from clients.sign_ins import digest, end_sign_ins, find_open_sign_ins
from config.problems import Problem
from portal.entering import find_factor, own_path
from portal.forms import Fields
from portal.guards import current_person, current_visitor, permits
from portal.pictures import draw_qr
from portal.sandbox import live_bureau
from portal.views.entrance import entrance

NEW_DEVICE = "new_device"  # in the cookie: the token of the second factor being set up
PREFERENCES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("compact", "comfortable"),
    "keys": ("on", "off"),
}


@entrance.get("/me")
@permits(Permission.SIGNED_IN)
def me() -> ResponseReturnValue:
    return _show(Fields(request.args))


@entrance.post("/me/password")
@permits(Permission.SIGNED_IN)
def me_password() -> ResponseReturnValue:
    fields, bureau = Fields(request.form), live_bureau()
    if fields["new"] != fields["again"]:
        fields.refuse("again", "password.again", "The two are not the same. Type your new password twice.")
        return _show(fields), 400
    old, new, now = fields["old"], fields["new"], bureau.clock.now()
    problem = change_password(bureau.engine, current_person().id, old, new, now, token=_token())
    if problem:
        fields.refuse("old" if problem.code in OF_THE_OLD else "new", problem.code, problem.text)
        return _show(fields), 400
    flash("Your password is changed. Everywhere else you are signed out.", "done")
    return redirect(url_for("entrance.me"))


OF_THE_OLD = ("password.wrong", "sign_in.wait")


@entrance.post("/me/second-factor")
@permits(Permission.SIGNED_IN)
def me_factor_begin() -> ResponseReturnValue:
    with _book() as book, book.begin():
        user = book.get_one(User, current_person().id)
        if user.totp_secret:
            flash("Your second factor is set up already. Turn it off first to move it to another device.", "error")
            return redirect(url_for("entrance.me"))
        session[NEW_DEVICE] = challenge(book, user, Step.SET_UP, live_bureau().clock.now(), find_factor()).token
    return redirect(url_for("entrance.me_factor"))


@entrance.get("/me/second-factor")
@permits(Permission.SIGNED_IN)
def me_factor() -> ResponseReturnValue:
    return _show_set_up(Fields(request.args), 200)


@entrance.post("/me/second-factor/confirm")
@permits(Permission.SIGNED_IN)
def me_factor_confirm() -> ResponseReturnValue:
    fields, token, now = Fields(request.form), session.get(NEW_DEVICE, ""), live_bureau().clock.now()
    code = fields.text("code", most=40)
    with _book() as book, book.begin():
        codes = set_up_second_factor(book, token, code, now, find_factor())
        if not isinstance(codes, Problem):
            drop_challenge(book, token)
    if isinstance(codes, Problem):
        fields.refuse("code", codes.code, codes.text)
        return _show_set_up(fields, 400)
    session.pop(NEW_DEVICE)
    return _show_codes(codes)


@entrance.post("/me/second-factor/off")
@permits(Permission.SIGNED_IN)
def me_factor_off() -> ResponseReturnValue:
    fields, bureau = Fields(request.form), live_bureau()
    password, now = fields["password"], bureau.clock.now()
    problem = drop_own_second_factor(bureau.engine, current_person().id, password, now, factor=find_factor())
    if problem:
        fields.refuse("password", problem.code, problem.text)
        return _show(fields), 400
    flash("Your second factor is off. Your password alone opens the door now.", "done")
    return redirect(url_for("entrance.me"))


@entrance.post("/me/second-factor/codes")
@permits(Permission.SIGNED_IN)
def me_factor_codes() -> ResponseReturnValue:
    fields, bureau = Fields(request.form), live_bureau()
    codes = renew_own_recovery_codes(bureau.engine, current_person().id, fields["password"], bureau.clock.now())
    if isinstance(codes, Problem):
        fields.refuse("password", codes.code, codes.text)
        return _show(fields), 400
    return _show_codes(codes)


@entrance.post("/me/sign-ins/end")
@permits(Permission.SIGNED_IN)
def me_end_others() -> ResponseReturnValue:
    with _book() as book, book.begin():
        end_sign_ins(book, current_person().id, live_bureau().clock.now(), but=_token())
    flash("Everywhere else you are signed out.", "done")
    return redirect(url_for("entrance.me"))


@entrance.post("/me/preferences")
@permits(Permission.SIGNED_IN)
def set_preferences() -> ResponseReturnValue:
    fields = Fields(request.form)
    name = fields.choice("name", PREFERENCES)
    value = fields.choice("value", PREFERENCES.get(name, ()))
    if not fields.problems:
        with _book() as book, book.begin():
            set_preference(book, current_person().id, name, value)
    return redirect(own_path(fields["back"]) or url_for("entrance.sign_in_page"))


def _show(fields: Fields) -> str:
    person, now = current_person(), live_bureau().clock.now()
    with _book(read_only=True) as book:
        user = book.get_one(User, person.id)
        sign_ins = find_open_sign_ins(book, person.id, now)
        codes = count_recovery_codes(book, person.id)
    return render_template(
        "entrance/me.html", fields=fields, person=person, has_factor=bool(user.totp_secret), codes=codes,
        is_needed=needs_second_factor(person.grants, find_factor()), sign_ins=sign_ins, here=digest(_token()),
    )  # fmt: skip


def _show_set_up(fields: Fields, status: int) -> ResponseReturnValue:
    """The picture to scan, as long as it is this person's own and not older than ten minutes."""
    with _book(read_only=True) as book:
        found = find_challenge(book, session.get(NEW_DEVICE, ""), live_bureau().clock.now())
    if found is None or found[1].id != current_person().id:
        flash("That took too long. Start again.", "error")
        return redirect(url_for("entrance.me"))
    new = show_set_up(*found, find_factor())
    page = render_template("entrance/me_second_factor.html", fields=fields, new=new, picture=draw_qr(new.address))
    return page, status


def _show_codes(codes: list[str]) -> str:
    """Answers the post itself: what is shown once is kept nowhere, not even in the cookie for the next page."""
    return render_template("entrance/recovery_codes.html", codes=codes, onward=url_for("entrance.me"))


def _token() -> str:
    visitor = current_visitor()
    if visitor is None:
        raise NotFound("nobody is signed in")
    return visitor.token


def _book(*, read_only: bool = False) -> ScopedSession:
    """People are always looked up in the live book; they belong to no client."""
    return ScopedSession(live_bureau().engine, scope=Scope.of(), read_only=read_only)
