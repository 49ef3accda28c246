"""People as those who manage them see them: who there is, with which roles, and every change of that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from clients.access import CLIENT_ROLES, Grant, Person, Role, may_grant, may_manage
from clients.accounts import add_membership, normal_email
from clients.models import Membership, SignIn, User
from clients.person_acts import note_act
from clients.scope import Scope, ScopedSession
from clients.second_factor import turn_off
from clients.sign_ins import end_sign_ins
from config.problems import Problem

# Of these at least one who can sign in is left: nobody else could let people in again.
KEPT = frozenset({Role.ADMIN, Role.OWNER})


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person as far as the one who looks may know: roles elsewhere are left out."""

    id: int
    name: str
    email: str
    is_active: bool
    has_second_factor: bool
    last_seen: datetime | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom somebody may see: those with one of these roles for one of these clients, and no more of them than that."""

    scope: Scope
    roles: Collection[Role] = tuple(Role)

    @property
    def is_everybody(self) -> bool:
        """Also those who have no role at all."""
        return self.scope.clients is None and len(self.roles) == len(Role)

    def holds(self, grant: Grant) -> bool:
        return grant.role in self.roles and self.scope.holds(grant.client_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people to list; `after` is the id of the last one on the page before."""

    text: str = ""
    role: Role | None = None
    is_active: bool | None = None
    after: int | None = None


def find_people(session: Session, circle: Circle, wanted: Wanted, limit: int) -> list[PersonLine]:
    """The people of a circle, by name."""
    name = func.lower(User.name)
    people = select(User).where(*_reached(circle), *_asked(wanted)).order_by(name, User.id)
    if wanted.after is not None:
        last = select(name).where(User.id == wanted.after).scalar_subquery()
        people = people.where(or_(name > last, (name == last) & (User.id > wanted.after)))
    return _as_lines(session, circle, session.scalars(people.limit(limit)).all())


def find_person(session: Session, circle: Circle, user_id: int) -> PersonLine | None:
    """One of them; None where there is nobody of that id in the circle."""
    found = session.scalars(select(User).where(User.id == user_id, *_reached(circle))).all()
    return next(iter(_as_lines(session, circle, found)), None)


def find_grants(session: Session, user_id: int) -> tuple[Grant, ...]:
    """All roles of a person, within reach or not."""
    held = session.scalars(select(Membership).where(Membership.user_id == user_id).order_by(Membership.id))
    return tuple(Grant(Role(row.role), row.membership_client_id) for row in held)


def give_role(session: ScopedSession, actor: Person, user_id: int, now: datetime, grant: Grant) -> Problem | None:
    """Give a person one role more."""
    if refused := _refuse_role(actor, user_id, grant):
        return refused
    if grant in find_grants(session, user_id):
        return _problem("held", "This person has that role already.")
    add_membership(session, user_id, grant, by=actor.name, at=now)
    _note(session, actor, now, user_id, grant, act="role given", after=grant.role)
    return None


def take_role(session: ScopedSession, actor: Person, user_id: int, now: datetime, grant: Grant) -> Problem | None:
    """Take a role from a person; it counts from their next click on."""
    if refused := _refuse_role(actor, user_id, grant) or _refuse_last(session, user_id, [grant]):
        return refused
    _drop(session, user_id, grant)
    _note(session, actor, now, user_id, grant, act="role taken", before=grant.role)
    return None


def change_role(
    session: ScopedSession, actor: Person, user_id: int, now: datetime, grants: tuple[Grant, Grant]
) -> Problem | None:
    """Change a role for another at the same client: (the one there is, the one there will be)."""
    old, new = grants
    for grant in grants:
        if refused := _refuse_role(actor, user_id, grant):
            return refused
    if old == new:
        return None
    if refused := _refuse_last(session, user_id, [old]):
        return refused
    held = find_grants(session, user_id)
    if old not in held:
        return _problem("gone", "This role was taken away meanwhile.")
    _drop(session, user_id, old)
    if new not in held:
        add_membership(session, user_id, new, by=actor.name, at=now)
    _note(session, actor, now, user_id, new, act="role changed", before=old.role, after=new.role)
    return None


def close_account(session: ScopedSession, actor: Person, user_id: int, now: datetime) -> Problem | None:
    """Let a person in no more; wherever they are signed in, it ends at once. Their roles are kept for a return."""
    held = find_grants(session, user_id)
    if refused := _refuse_account(actor, user_id, held) or _refuse_last(session, user_id, held):
        return refused
    session.get_one(User, user_id).is_active = False
    end_sign_ins(session, user_id, now)
    _note_account(session, actor, "account closed", now, user_id)
    return None


def reopen_account(session: ScopedSession, actor: Person, user_id: int, now: datetime) -> Problem | None:
    if refused := _refuse_account(actor, user_id, find_grants(session, user_id)):
        return refused
    session.get_one(User, user_id).is_active = True
    _note_account(session, actor, "account reopened", now, user_id)
    return None


def drop_second_factor(session: ScopedSession, actor: Person, user_id: int, now: datetime) -> Problem | None:
    """For somebody who lost device and recovery codes: they sign in by password, and set up a new one."""
    if refused := _refuse_account(actor, user_id, find_grants(session, user_id)):
        return refused
    turn_off(session, user_id)
    end_sign_ins(session, user_id, now)
    _note_account(session, actor, "second factor taken away", now, user_id)
    return None


def recover_second_factor(session: ScopedSession, email: str, now: datetime, *, by: str) -> User | None:
    """The same where nobody is left to ask, as for the last administrator: whoever has the machine may.

    Returns None where there is no such account.

    It is written down as every act upon an account is, under the name of who sat at the machine.
    """
    user = session.scalars(select(User).where(User.email == normal_email(email))).one_or_none()
    if user is not None:
        turn_off(session, user.id)
        end_sign_ins(session, user.id, now)
        note_act(session, by, "second factor taken away at the machine", now, user_id=user.id)
    return user


def refuse_account(session: Session, actor: Person, user_id: int) -> Problem | None:
    """What speaks against this person's changing that account; None when nothing does."""
    return _refuse_account(actor, user_id, find_grants(session, user_id))


def is_last(session: Session, user_id: int, grant: Grant) -> bool:
    """Whether nobody else who can sign in holds this role there. Locks who does, so that two cannot both leave."""
    others = (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.role == grant.role, _at(grant.client_id), User.is_active.is_(True))
        .order_by(Membership.id)
        .with_for_update()
    )
    return set(session.scalars(others)) <= {user_id}


def _refuse_role(actor: Person, user_id: int, grant: Grant) -> Problem | None:
    if actor.id == user_id:
        return _problem("self", "Nobody changes their own roles. Ask somebody else who manages people.")
    if not may_grant(actor, grant.role, grant.client_id):
        return _problem("reach", "This role reaches further than what you may give or take.")
    return None


def _refuse_account(actor: Person, user_id: int, held: Sequence[Grant]) -> Problem | None:
    if actor.id == user_id:
        return _problem("self", "Your own account is changed under your initials, or by somebody else.")
    if not may_manage(actor, held):
        return _problem("reach", "This person also has roles that you do not manage. You can take away those you do.")
    return None


def _refuse_last(session: Session, user_id: int, grants: Iterable[Grant]) -> Problem | None:
    for grant in grants:
        if grant.role in KEPT and is_last(session, user_id, grant):
            return _problem("last", "Somebody has to be left in this role. Give it to another person first.")
    return None


def _problem(code: str, text: str) -> Problem:
    return Problem("person", f"person.{code}", text)


def _drop(session: Session, user_id: int, grant: Grant) -> None:
    mine = (Membership.user_id == user_id, Membership.role == grant.role, _at(grant.client_id))
    session.execute(delete(Membership).where(*mine))


def _at(client_id: int | None) -> Any:
    here = Membership.membership_client_id
    return here.is_(None) if client_id is None else here == client_id


def _note(
    session: ScopedSession,
    actor: Person,
    now: datetime,
    user_id: int,
    grant: Grant,
    *,
    act: str,
    before: str = "",
    after: str = "",
) -> None:
    note_act(session, actor.name, act, now, user_id=user_id, client_id=grant.client_id, before=before, after=after)


def _note_account(session: ScopedSession, actor: Person, act: str, now: datetime, user_id: int) -> None:
    """An account that serves one practice only is that practice's matter."""
    clients = {grant.client_id for grant in find_grants(session, user_id)}
    only = clients.pop() if len(clients) == 1 else None
    note_act(session, actor.name, act, now, user_id=user_id, client_id=only)


def _reached(circle: Circle) -> list[Any]:
    if circle.is_everybody:
        return []
    held = select(Membership.user_id).where(Membership.role.in_(circle.roles))
    if circle.scope.clients is not None:
        held = held.where(Membership.membership_client_id.in_(circle.scope.clients))
    return [User.id.in_(held)]


def _asked(wanted: Wanted) -> list[Any]:
    asked: list[Any] = []
    if wanted.text:
        text = wanted.text.lower()
        names = (func.lower(User.name), User.email)
        asked.append(or_(*(name.contains(text, autoescape=True) for name in names)))
    if wanted.role is not None:
        asked.append(User.id.in_(select(Membership.user_id).where(Membership.role == wanted.role)))
    if wanted.is_active is not None:
        asked.append(User.is_active.is_(wanted.is_active))
    return asked


def _as_lines(session: Session, circle: Circle, users: Sequence[User]) -> list[PersonLine]:
    ids = [user.id for user in users]
    seen = select(SignIn.user_id, func.max(SignIn.seen_at)).where(SignIn.user_id.in_(ids)).group_by(SignIn.user_id)
    last_seen = {row[0]: row[1] for row in session.execute(seen)}
    grants: dict[int, list[Grant]] = {user_id: [] for user_id in ids}
    for row in session.scalars(select(Membership).where(Membership.user_id.in_(ids)).order_by(Membership.id)):
        grant = Grant(Role(row.role), row.membership_client_id)
        if circle.holds(grant):
            grants[row.user_id].append(grant)
    return [
        PersonLine(
            user.id, user.name, user.email, user.is_active, bool(user.totp_secret), last_seen.get(user.id),
            tuple(grants[user.id]),
        )
        for user in users
    ]  # fmt: skip


def end_access(session: ScopedSession, actor: str, client_id: int, now: datetime) -> int:
    """The practice has left: its people lose their roles there, and those who had no other no longer come in."""
    roles = [role.value for role in CLIENT_ROLES]
    here = (Membership.membership_client_id == client_id, Membership.role.in_(roles))
    held = session.execute(select(Membership.user_id, Membership.role).where(*here)).all()
    for user_id, role in held:
        note_act(session, actor, "role taken", now, user_id=user_id, client_id=client_id, before=role)
    session.execute(delete(Membership).where(*here))
    left = {user_id for user_id, _ in held if not find_grants(session, user_id)}
    for user_id in sorted(left):
        session.get_one(User, user_id).is_active = False
        end_sign_ins(session, user_id, now)
        note_act(session, actor, "account closed", now, user_id=user_id, client_id=client_id)
    return len({user_id for user_id, _ in held})
