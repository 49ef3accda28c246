"""The practice's own people, for its owner: who comes in with which role, who is invited, who no longer."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.letters import find_invitation_letters
from clients.access import CLIENT_ROLES, Grant, Permission, may_manage
from clients.invitations import find_open_invitations
from clients.people import (
    Wanted,
    change_role,
    close_account,
    drop_second_factor,
    find_grants,
    find_people,
    reopen_account,
    take_role,
)
from clients.person_acts import find_acts
from config.problems import Problem
from portal.doors import front
from portal.forms import Fields
from portal.guards import current_person, door_scope, open_office, permits
from portal.people import (
    act_on,
    circle,
    get_person,
    read_role,
    renew,
    renew_password,
    role_choices,
    send_invitation,
    show_link,
    take_back,
    tell,
)
from portal.views.front.place import here

MOST = 200  # people of one practice on its page


@front.get("/people")
@permits(Permission.CLIENT_PEOPLE)
def people() -> ResponseReturnValue:
    return _show(Fields(request.args))


@front.post("/people/invite")
@permits(Permission.CLIENT_PEOPLE)
def people_invite() -> ResponseReturnValue:
    fields = Fields(request.form)
    role = read_role(fields)
    link = send_invitation(fields, Grant(role, here())) if role else None
    return show_link("front/people/link.html", link) if link else (_show(fields), 400)


@front.get("/people/<int:user_id>")
@permits(Permission.CLIENT_PEOPLE)
def people_one(user_id: int) -> ResponseReturnValue:
    return _show_person(user_id, Fields(request.args))


@front.post("/people/<int:user_id>/role")
@permits(Permission.CLIENT_PEOPLE)
def people_role(user_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    old, new = read_role(fields, "old"), read_role(fields)
    if old is None or new is None:
        return _show_person(user_id, fields), 400
    both = Grant(old, here()), Grant(new, here())
    act_on(user_id, lambda *known: change_role(*known, both), "The role is changed.")
    return redirect(url_for("front.people_one", user_id=user_id))


@front.post("/people/<int:user_id>/remove")
@permits(Permission.CLIENT_PEOPLE)
def people_remove(user_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    role = read_role(fields)
    if role is None:
        return _show_person(user_id, fields), 400
    grant = Grant(role, here())
    act_on(user_id, lambda *known: take_role(*known, grant), "The role is taken.")
    return redirect(url_for("front.people"))


@front.post("/people/<int:user_id>/close")
@permits(Permission.CLIENT_PEOPLE)
def people_close(user_id: int) -> ResponseReturnValue:
    act_on(user_id, close_account, "The account is closed, and every sign-in of it has ended.")
    return redirect(url_for("front.people_one", user_id=user_id))


@front.post("/people/<int:user_id>/reopen")
@permits(Permission.CLIENT_PEOPLE)
def people_reopen(user_id: int) -> ResponseReturnValue:
    act_on(user_id, reopen_account, "The account is open again, with the role it had.")
    return redirect(url_for("front.people_one", user_id=user_id))


@front.post("/people/<int:user_id>/second-factor")
@permits(Permission.CLIENT_PEOPLE)
def people_factor(user_id: int) -> ResponseReturnValue:
    act_on(user_id, drop_second_factor, "The second factor is taken away, and they are signed out.")
    return redirect(url_for("front.people_one", user_id=user_id))


@front.post("/people/<int:user_id>/password")
@permits(Permission.CLIENT_PEOPLE)
def people_password(user_id: int) -> ResponseReturnValue:
    link = renew_password(user_id)
    if isinstance(link, Problem):
        tell(link, "")
        return redirect(url_for("front.people_one", user_id=user_id))
    return show_link("front/people/link.html", link, renews=True)


@front.post("/people/invitations/<int:invitation_id>/revoke")
@permits(Permission.CLIENT_PEOPLE)
def people_revoke(invitation_id: int) -> ResponseReturnValue:
    take_back(invitation_id)
    return redirect(url_for("front.people"))


@front.post("/people/invitations/<int:invitation_id>/again")
@permits(Permission.CLIENT_PEOPLE)
def people_again(invitation_id: int) -> ResponseReturnValue:
    link = renew(invitation_id)
    if isinstance(link, Problem):
        flash(link.text, "error")
        return redirect(url_for("front.people"))
    return show_link("front/people/link.html", link)


def _show(fields: Fields) -> str:
    with open_office() as office:
        found = find_people(office.session, circle(), Wanted(), MOST)
        invitations = find_open_invitations(office.session, circle(), office.now)
        letters = find_invitation_letters(office, [one.id for one in invitations])
    return render_template(
        "front/people/index.html", people=found, invitations=invitations, letters=letters, fields=fields,
        roles=role_choices(CLIENT_ROLES, here()),
    )  # fmt: skip


def _show_person(user_id: int, fields: Fields) -> str:
    with open_office() as office:
        person = get_person(office, user_id)
        acts = find_acts(office.session, user_id, door_scope())
        is_ours = may_manage(current_person(), find_grants(office.session, user_id))
    return render_template(
        "front/people/one.html", one=person, acts=acts, fields=fields, roles=role_choices(CLIENT_ROLES, here()),
        is_ours=is_ours and user_id != current_person().id, is_self=user_id == current_person().id,
    )  # fmt: skip
