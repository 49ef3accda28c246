"""Everybody with an account, for those who manage people: list, invite, give and take roles, close, renew."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.letters import find_invitation_letters
from clients.access import CLIENT_ROLES, Grant, Permission, Role, may_manage
from clients.invitations import find_open_invitations
from clients.models import Client
from clients.people import (
    Wanted,
    close_account,
    drop_second_factor,
    find_grants,
    find_people,
    give_role,
    reopen_account,
    take_role,
)
from clients.person_acts import find_acts
from clients.sign_ins import find_open_sign_ins
from config.problems import Problem
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_entry, current_person, door_scope, open_office, permits
from portal.people import (
    act_on,
    circle,
    get_person,
    read_role,
    renew,
    renew_password,
    send_invitation,
    show_link,
    take_back,
    tell,
)
from portal.people import role_choices as choices_of
from portal.rendering import render_page
from portal.views.back.asked import asked_number, asked_text, client_choices, clients_by_id, number_of

PEOPLE = 50  # on one page
STATES = {"open": True, "closed": False}
ALL = "all"  # clients


@back.get("/people")
@permits(Permission.PEOPLE_MANAGE)
def people_list() -> ResponseReturnValue:
    role, state = request.args.get("role", ""), STATES.get(request.args.get("state", ""))
    wanted = Wanted(asked_text(), Role(role) if role in list(Role) else None, state, asked_number("after"))
    with open_office() as office:
        found = find_people(office.session, circle(), wanted, PEOPLE + 1)
        invitations = find_open_invitations(office.session, circle(), office.now)
        letters = find_invitation_letters(office, [one.id for one in invitations])
    return render_page(
        "back/people/list.html", "back/people/_rows.html", people=found[:PEOPLE], invitations=invitations,
        letters=letters, clients=clients_by_id(), after=found[PEOPLE - 1].id if len(found) > PEOPLE else None,
    )  # fmt: skip


@back.get("/people/invite")
@permits(Permission.PEOPLE_MANAGE)
def people_invite() -> ResponseReturnValue:
    return _show_form(Fields(request.args))


@back.post("/people/invite")
@permits(Permission.PEOPLE_MANAGE)
def people_invite_post() -> ResponseReturnValue:
    fields = Fields(request.form)
    grant = _read_grant(fields)
    link = send_invitation(fields, grant) if grant else None
    return show_link("back/people/link.html", link) if link else (_show_form(fields), 400)


@back.get("/people/<reference>")
@permits(Permission.PEOPLE_MANAGE)
def people_one(reference: str) -> ResponseReturnValue:
    return _show_person(reference, Fields(request.args))


@back.post("/people/<reference>/roles")
@permits(Permission.PEOPLE_MANAGE)
def people_give(reference: str) -> ResponseReturnValue:
    fields, user_id = Fields(request.form), number_of("USR", reference)
    grant = _read_grant(fields)
    if grant is None:
        return _show_person(reference, fields), 400
    act_on(user_id, lambda *known: give_role(*known, grant), "The role is given.")
    return redirect(url_for("back.people_one", reference=reference))


@back.post("/people/<reference>/roles/take")
@permits(Permission.PEOPLE_MANAGE)
def people_take(reference: str) -> ResponseReturnValue:
    fields, user_id = Fields(request.form), number_of("USR", reference)
    grant = _read_grant(fields)
    if grant is None:
        return _show_person(reference, fields), 400
    act_on(user_id, lambda *known: take_role(*known, grant), "The role is taken.")
    return redirect(url_for("back.people_list"))


@back.post("/people/<reference>/close")
@permits(Permission.PEOPLE_MANAGE)
def people_close(reference: str) -> ResponseReturnValue:
    act_on(number_of("USR", reference), close_account, "The account is closed, and every sign-in of it has ended.")
    return redirect(url_for("back.people_one", reference=reference))


@back.post("/people/<reference>/reopen")
@permits(Permission.PEOPLE_MANAGE)
def people_reopen(reference: str) -> ResponseReturnValue:
    act_on(number_of("USR", reference), reopen_account, "The account is open again, with the roles it had.")
    return redirect(url_for("back.people_one", reference=reference))


@back.post("/people/<reference>/second-factor")
@permits(Permission.PEOPLE_MANAGE)
def people_factor(reference: str) -> ResponseReturnValue:
    act_on(number_of("USR", reference), drop_second_factor, "The second factor is taken away, and they are signed out.")
    return redirect(url_for("back.people_one", reference=reference))


@back.post("/people/<reference>/password")
@permits(Permission.PEOPLE_MANAGE)
def people_password(reference: str) -> ResponseReturnValue:
    link = renew_password(number_of("USR", reference))
    if isinstance(link, Problem):
        tell(link, "")
        return redirect(url_for("back.people_one", reference=reference))
    return show_link("back/people/link.html", link, renews=True)


@back.post("/people/invitations/<reference>/revoke")
@permits(Permission.PEOPLE_MANAGE)
def people_revoke(reference: str) -> ResponseReturnValue:
    take_back(number_of("INV", reference))
    return redirect(url_for("back.people_list"))


@back.post("/people/invitations/<reference>/again")
@permits(Permission.PEOPLE_MANAGE)
def people_again(reference: str) -> ResponseReturnValue:
    link = renew(number_of("INV", reference))
    if isinstance(link, Problem):
        flash(link.text, "error")
        return redirect(url_for("back.people_list"))
    return show_link("back/people/link.html", link)


def _show_form(fields: Fields) -> str:
    return render_template(
        "back/people/invite.html",
        fields=fields,
        roles=_role_choices(),
        clients=[(ALL, "All clients"), *client_choices()],
    )


def _show_person(reference: str, fields: Fields) -> str:
    user_id = number_of("USR", reference)
    with open_office() as office:
        person = get_person(office, user_id)
        sign_ins = find_open_sign_ins(office.session, user_id, office.now)
        acts = find_acts(office.session, user_id, door_scope())
        is_ours = may_manage(current_person(), find_grants(office.session, user_id))
    return render_template(
        "back/people/one.html", one=person, sign_ins=sign_ins, acts=acts, fields=fields, roles=_role_choices(),
        is_ours=is_ours and user_id != current_person().id, is_self=user_id == current_person().id,
        clients=clients_by_id(), client_choices=[(ALL, "All clients"), *client_choices()],
    )  # fmt: skip


def _role_choices() -> list[tuple[str, str]]:
    """Every role this person may give somewhere: for all clients, or for one of theirs."""
    places = [None, *(client.id for client in current_entry().clients)]
    found = {choice for place in places for choice in choices_of(list(Role), place)}
    return [(role.value, word) for role in Role for value, word in found if value == role]


def _read_grant(fields: Fields) -> Grant | None:
    """The role of the form and whom it is for; None with the reason in `fields`."""
    role, code = read_role(fields), fields["client"]
    client = next((one for one in current_entry().clients if one.code == code), None)
    if client is None and code != ALL:
        fields.refuse("client", "form.choice", "Choose for which client.")
    elif role in CLIENT_ROLES and client is None:
        fields.refuse("client", "form.choice", "A practice's role is for one practice: choose which.")
    if role is None or any(problem.where in ("client", "role") for problem in fields.problems):
        return None
    return Grant(role, _id_of(client))


def _id_of(client: Client | None) -> int | None:
    return client.id if client else None
