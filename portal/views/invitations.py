"""Where a link leads: to a new account, to one role more, or to a new password."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bureau import notices
from bureau.models.talk import NoticeKind
from clients.access import Door, Permission, Role, door_of
from clients.invitations import Invited, accept, dead_link, find_invited
from clients.models import Client
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.problems import Problem
from portal.entering import find_factor, go_on, this_device
from portal.forms import Fields
from portal.guards import permits
from portal.sandbox import live_bureau
from portal.views.entrance import entrance
from portal.words import ROLES

ARRIVALS = Actor(ActorKind.JOB, "arrivals")


@entrance.get("/invitation/<token>")
@permits(Permission.PUBLIC)
def invitation(token: str) -> ResponseReturnValue:
    invited = _find(token)
    if invited is None:
        return _show_dead_link()
    return _show(invited, token, Fields(request.args), 200)


@entrance.post("/invitation/<token>")
@permits(Permission.PUBLIC)
def invitation_accept(token: str) -> ResponseReturnValue:
    invited, fields, bureau = _find(token), Fields(request.form), live_bureau()
    if invited is None:
        return _show_dead_link()
    name = _read_name(invited, fields)
    if fields.problems:
        return _show(invited, token, fields, 400)
    who, now = (name, fields["password"]), bureau.clock.now()
    outcome = accept(bureau.engine, token, who, now, factor=find_factor(), device=this_device())
    if isinstance(outcome, Problem):
        fields.refuse("password", outcome.code, outcome.text)
        return _show(invited, token, fields, 429 if outcome.code == "sign_in.wait" else 400)
    _tell_of(invited)
    return go_on(outcome, _door_of(invited), "")


def _tell_of(invited: Invited) -> None:
    """Whoever invited somebody to a practice hears that they came in; a role at the bureau is no practice's news."""
    asked, bureau = invited.invitation, live_bureau()
    if asked.invitation_client_id is None:
        return
    with bureau.open_office(ARRIVALS, Scope.of(asked.invitation_client_id)) as office:
        for kind in (NoticeKind.COLLEAGUE_JOINED, NoticeKind.INVITATION_ACCEPTED):
            notices.tell(office, asked.invitation_client_id, kind, only=asked.invited_by)


def _read_name(invited: Invited, fields: Fields) -> str:
    """A new account says its name; whoever chooses a new password types it twice."""
    is_known = invited.has_account and not invited.renews_password
    if not is_known and fields["password"] != fields["again"]:
        fields.refuse("again", "password.again", "The two are not the same. Type your new password twice.")
    return invited.invitation.name if invited.has_account else fields.text("name", most=120)


def _find(token: str) -> Invited | None:
    bureau = live_bureau()
    with ScopedSession(bureau.engine, scope=Scope.of(), read_only=True) as book:
        return find_invited(book, token, bureau.clock.now())


def _show(invited: Invited, token: str, fields: Fields, status: int) -> ResponseReturnValue:
    asked = invited.invitation
    with ScopedSession(live_bureau().engine, scope=Scope.of(), read_only=True) as book:
        client = book.get(Client, asked.invitation_client_id) if asked.invitation_client_id else None
    return render_template(
        "entrance/invitation.html", invited=invited, token=token, fields=fields, client=client,
        role=ROLES[Role(asked.role)] if asked.role else "",
    ), status  # fmt: skip


def _show_dead_link() -> ResponseReturnValue:
    return render_template("entrance/dead_link.html", why=dead_link().text), 404


def _door_of(invited: Invited) -> str:
    """The door of the new role; "" where there is none, and the first that opens is taken."""
    role = invited.invitation.role
    return Door(door_of(Role(role))).value if role else ""
