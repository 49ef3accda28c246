"""Links that let people in: to a new account or one more role, or to a new password. Each works once, for a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, select, update
from sqlalchemy.orm import Session

from clients.access import Grant, Person, Role, may_grant
from clients.accounts import WRONG_PASSWORD, add_membership, add_user, go_in, normal_email
from clients.misses import count_try, forget_tries, try_key
from clients.models import Invitation, Membership, User
from clients.passwords import find_weakness, hash_password, matches
from clients.people import Circle, refuse_account
from clients.person_acts import note_act
from clients.scope import Scope, ScopedSession
from clients.second_factor import Challenged, SecondFactor
from clients.sign_ins import SignedIn, digest, end_sign_ins, make_token
from config.problems import Problem

LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Link:
    """A new link, to be shown once: the book holds only a hash of its token."""

    token: str
    email: str
    name: str
    expires_at: datetime
    client_id: int | None = None
    invitation_id: int = 0  # given when it is written down


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that still works, as its page shows it; `has_account`: the address is one of a person we know."""

    invitation: Invitation
    has_account: bool

    @property
    def renews_password(self) -> bool:
        return self.invitation.user_id is not None


def invite(session: ScopedSession, actor: Person, who: tuple[str, str], grant: Grant, now: datetime) -> Link | Problem:
    """Invite somebody, (e-mail, name), to a role; an open invitation of the same person to it no longer works."""
    email, name = normal_email(who[0]), who[1].strip()
    if not may_grant(actor, grant.role, grant.client_id):
        return Problem("role", "invitation.reach", "This role reaches further than what you may give.")
    if actor.email == email:
        return Problem("email", "invitation.self", "This is your own address. Nobody changes their own roles.")
    if _has_role(session, email, grant):
        return Problem("email", "invitation.held", "This person has that role already.")
    same = (Invitation.email == email, Invitation.role == grant.role, _at(grant.client_id))
    session.execute(update(Invitation).where(*same, *_open(now)).values(revoked_at=now))
    link = _write(session, actor, Link(make_token(), email, name, now + LASTS, grant.client_id), now, grant=grant)
    note_act(session, actor.name, "invited", now, client_id=grant.client_id, after=f"{email}: {grant.role}")
    return link


def offer_new_password(session: ScopedSession, actor: Person, user_id: int, now: datetime) -> Link | Problem:
    """A link by which a person chooses a new password; the old one goes on working until they do."""
    if refused := refuse_account(session, actor, user_id):
        return refused
    user = session.get_one(User, user_id)
    if not user.is_active:
        return Problem("person", "person.closed", "This account is closed. Reopen it first.")
    session.execute(update(Invitation).where(Invitation.user_id == user_id, *_open(now)).values(revoked_at=now))
    link = _write(session, actor, Link(make_token(), user.email, user.name, now + LASTS), now, user_id=user_id)
    note_act(session, actor.name, "new password offered", now, user_id=user_id)
    return link


def find_open_invitations(session: Session, circle: Circle, now: datetime) -> Sequence[Invitation]:
    """Invitations into a circle that nobody has used yet, the latest first."""
    wanted = select(Invitation).where(Invitation.user_id.is_(None), *_open(now), *_within(circle))
    return session.scalars(wanted.order_by(Invitation.id.desc())).all()


def get_open_invitation(session: Session, circle: Circle, invitation_id: int, now: datetime) -> Invitation | None:
    """One of them; None where there is none of that id in the circle."""
    return next((one for one in find_open_invitations(session, circle, now) if one.id == invitation_id), None)


def revoke(session: ScopedSession, actor: Person, invitation: Invitation, now: datetime) -> Problem | None:
    """Let the link work no longer."""
    if not may_grant(actor, Role(invitation.role), invitation.invitation_client_id):
        return Problem("invitation", "invitation.reach", "This role reaches further than what you may give.")
    invitation.revoked_at = now
    gone = f"{invitation.email}: {invitation.role}"
    note_act(session, actor.name, "invitation revoked", now, client_id=invitation.invitation_client_id, before=gone)
    return None


def send_again(session: ScopedSession, actor: Person, invitation: Invitation, now: datetime) -> Link | Problem:
    """A new link for another week; the old one no longer works."""
    grant = Grant(Role(invitation.role), invitation.invitation_client_id)
    return invite(session, actor, (invitation.email, invitation.name), grant, now)


def find_invited(session: Session, token: str, now: datetime) -> Invited | None:
    """What this token still opens; None when it is unknown, used, revoked, too old, or the account is closed."""
    wanted = select(Invitation).where(Invitation.token_hash == digest(token), *_open(now))
    invitation = session.scalars(wanted).one_or_none()
    if invitation is None:
        return None
    user = session.scalars(select(User).where(User.email == invitation.email)).one_or_none()
    if user is not None and not user.is_active:
        return None
    return Invited(invitation, user is not None)


def accept(
    engine: Engine, token: str, who: tuple[str, str], now: datetime, *, factor: SecondFactor, device: str = ""
) -> SignedIn | Challenged | Problem:
    """Use a link with (name, password): a new account is made, a known one proves its password, or gets a new one.

    As at the door, no transaction is open while the password is hashed.
    """
    with _writing(engine) as session, session.begin():
        invited = find_invited(session, token, now)
        if invited is None:
            return dead_link()
        key = try_key("password", invited.invitation.email)
        if invited.has_account and (wait := count_try(session, key, now)):
            return wait
    hashed = _check_password(engine, invited, who)
    if isinstance(hashed, Problem):
        return hashed
    with _writing(engine) as session, session.begin():
        if not _take(session, token, now):
            return dead_link()
        forget_tries(session, key)
        user = _let_in(session, invited, who[0], hashed, now)
        return dead_link() if user is None else go_in(session, user, now, factor, device=device)


def dead_link() -> Problem:
    text = "This link no longer works: it was used, replaced, taken back, or is more than a week old."
    return Problem("invitation", "invitation.dead", text)


def _check_password(engine: Engine, invited: Invited, who: tuple[str, str]) -> str | Problem:
    """The hash to keep: of the new password, or the one a known person proved to know."""
    name, password = who
    if invited.has_account and not invited.renews_password:
        with ScopedSession(engine, scope=Scope.of(), read_only=True) as session:
            stored = session.scalars(select(User.password_hash).where(User.email == invited.invitation.email)).one()
        right = matches(stored, password)
        return stored if right else Problem("password", "password.wrong", WRONG_PASSWORD)
    if weak := find_weakness(password, invited.invitation.email, name):
        return weak
    return hash_password(password)


def _let_in(session: ScopedSession, invited: Invited, name: str, hashed: str, now: datetime) -> User | None:
    """Do what the link was for; None where the account came or went in the meantime."""
    invitation = invited.invitation
    user = session.scalars(select(User).where(User.email == invitation.email)).one_or_none()
    if (user is not None) != invited.has_account or (user is not None and not user.is_active):
        return None
    if invited.renews_password:
        assert user is not None
        user.password_hash = hashed
        end_sign_ins(session, user.id, now)
        note_act(session, user.name, "new password chosen", now, user_id=user.id)
        return user
    user_id = user.id if user else add_user(session, invitation.email, name.strip(), hashed)
    grant = Grant(Role(invitation.role), invitation.invitation_client_id)
    if not _has_role(session, invitation.email, grant):
        add_membership(session, user_id, grant, by=invitation.invited_by, at=now)
    note_act(
        session, invitation.invited_by, "invitation accepted", now,
        user_id=user_id, client_id=grant.client_id, after=grant.role,
    )  # fmt: skip
    return session.get_one(User, user_id)


def _take(session: Session, token: str, now: datetime) -> bool:
    """Whether the link was still there to be used: the database decides between two who come at once."""
    mine = update(Invitation).where(Invitation.token_hash == digest(token), *_open(now)).values(accepted_at=now)
    return cast("CursorResult[Any]", session.execute(mine)).rowcount == 1


def _write(
    session: ScopedSession,
    actor: Person,
    link: Link,
    now: datetime,
    *,
    grant: Grant | None = None,
    user_id: int | None = None,
) -> Link:
    (row_id,) = session.take_ids(Invitation.__tablename__, 1)
    session.add(
        Invitation(
            id=row_id, token_hash=digest(link.token), user_id=user_id, email=link.email, name=link.name,
            role=grant.role if grant else "", invitation_client_id=grant.client_id if grant else None,
            invited_at=now, invited_by=actor.name, expires_at=link.expires_at, accepted_at=None, revoked_at=None,
        )
    )  # fmt: skip
    return replace(link, invitation_id=row_id)


def _has_role(session: Session, email: str, grant: Grant) -> bool:
    here = Membership.membership_client_id
    at = here.is_(None) if grant.client_id is None else here == grant.client_id
    held = select(Membership.id).join(User, User.id == Membership.user_id)
    return session.scalars(held.where(User.email == email, Membership.role == grant.role, at)).first() is not None


def _open(now: datetime) -> tuple[Any, ...]:
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now


def _at(client_id: int | None) -> Any:
    here = Invitation.invitation_client_id
    return here.is_(None) if client_id is None else here == client_id


def _within(circle: Circle) -> list[Any]:
    within: list[Any] = [Invitation.role.in_(circle.roles)]
    if circle.scope.clients is not None:
        within.append(Invitation.invitation_client_id.in_(circle.scope.clients))
    return within


def _writing(engine: Engine) -> ScopedSession:
    """People belong to no client: a session that reaches no client's row."""
    return ScopedSession(engine, scope=Scope.of())
