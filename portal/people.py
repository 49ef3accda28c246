"""What the two rooms for people share: who is meant, which role is given, and what became of an act."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from flask import flash, render_template, url_for

from bureau.letters import write_invitation
from bureau.office import NotFound, Office
from clients.access import CLIENT_ROLES, Door, Grant, Person, Role, may_grant
from clients.invitations import Link, get_open_invitation, invite, offer_new_password, revoke, send_again
from clients.models import Invitation
from clients.people import Circle, PersonLine, find_person
from clients.scope import ScopedSession
from config.problems import Problem
from portal.entering import find_factor
from portal.forms import Fields
from portal.guards import current_entry, current_person, door_scope, open_office
from portal.words import ROLES

Act = Callable[[ScopedSession, Person, int, datetime], Problem | None]


def circle() -> Circle:
    """Whom this page may show: a practice sees its own people, not who works for it at the bureau."""
    at_front = current_entry().door is Door.FRONT
    return Circle(door_scope(), CLIENT_ROLES) if at_front else Circle(door_scope())


def get_person(office: Office, user_id: int) -> PersonLine:
    """A person of this page's circle. Raises NotFound."""
    found = find_person(office.session, circle(), user_id)
    if found is None:
        raise NotFound("no such person")
    return found


def get_invitation(office: Office, invitation_id: int) -> Invitation:
    """An invitation into this page's circle that still works. Raises NotFound."""
    found = get_open_invitation(office.session, circle(), invitation_id, office.now)
    if found is None:
        raise NotFound("no such invitation")
    return found


def act_on(user_id: int, act: Act, done: str) -> None:
    """Do something to a person within reach, and say what became of it on the next page."""
    with open_office() as office:
        get_person(office, user_id)
        problem = act(office.session, current_person(), user_id, office.now)
    tell(problem, done)


def tell(problem: Problem | None, done: str) -> None:
    if problem:
        flash(problem.text, "error")
    else:
        flash(done, "done")


def role_choices(among: Collection[Role], client_id: int | None) -> list[tuple[str, str]]:
    """The roles this person may give there, with their words."""
    person = current_person()
    return [(role.value, ROLES[role]) for role in Role if role in among and may_grant(person, role, client_id)]


def read_role(fields: Fields, name: str = "role") -> Role | None:
    value = fields.choice(name, [role.value for role in Role])
    return Role(value) if value in list(Role) else None


def send_invitation(fields: Fields, grant: Grant) -> Link | None:
    """Invite whom the form names; what is wrong with it is left in `fields`."""
    email, name = fields.text("email", most=320), fields.text("name", most=120)
    if "@" not in email.strip("@") or " " in email:
        fields.refuse("email", "form.email", "Write an e-mail address, for example dana@practice.example.")
    if fields.problems:
        return None
    with open_office() as office:
        link = _mail(office, invite(office.session, current_person(), (email, name), grant, office.now))
    if isinstance(link, Problem):
        fields.problems.append(link)
        return None
    return link


def take_back(invitation_id: int) -> None:
    with open_office() as office:
        problem = revoke(office.session, current_person(), get_invitation(office, invitation_id), office.now)
    tell(problem, "The invitation is taken back. Its link no longer works.")


def renew(invitation_id: int) -> Link | Problem:
    with open_office() as office:
        invitation = get_invitation(office, invitation_id)
        return _mail(office, send_again(office.session, current_person(), invitation, office.now))


def renew_password(user_id: int) -> Link | Problem:
    with open_office() as office:
        person = get_person(office, user_id)
        link = offer_new_password(office.session, current_person(), person.id, office.now)
        return _mail(office, link, renews=True)


def _mail(office: Office, link: Link | Problem, *, renews: bool = False) -> Link | Problem:
    """Have the new link sent as well."""
    if isinstance(link, Link):
        office.session.flush()
        write_invitation(office, find_factor().vault, link, renews=renews)
    return link


def show_link(template: str, link: Link, *, renews: bool = False) -> str:
    """Answers the post itself: what is shown once is kept nowhere, not even in the cookie for the next page."""
    address = url_for("entrance.invitation", token=link.token, client_code=None, _external=True)
    return render_template(template, link=link, address=address, renews=renews)
