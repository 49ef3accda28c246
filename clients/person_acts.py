"""The journal of accounts and roles: who did what to whom, with what was before and after. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session

from clients.models import PersonAct
from clients.scope import Scope, ScopedSession
from clients.trail import BUREAU, Actor, ActorKind, Note

MOST = 100  # acts shown of one person


class ActError(Exception):
    """Something tried to change an act that was written down."""


def note_act(
    session: Session,
    actor: str,
    act: str,
    now: datetime,
    *,
    user_id: int | None = None,
    client_id: int | None = None,
    before: str = "",
    after: str = "",
) -> None:
    """Write down an act upon an account; `client_id` where it is about one practice's people."""
    assert isinstance(session, ScopedSession)
    (row_id,) = session.take_ids(PersonAct.__tablename__, 1)
    row = PersonAct(id=row_id, at=now, actor=actor, user_id=user_id, act_client_id=client_id, act=act)
    row.before, row.after = before, after
    session.add(row)
    who = session.trail.actor if session.trail.actor.name == actor else Actor(ActorKind.PERSON, actor)
    said = ({"said": before} if before else None), ({"said": after} if after else None)
    word = f"person.{act.replace(' ', '_')}"
    session.trail.add(Note(client_id or BUREAU, word, "person", user_id or "", "", *said, actor=who, at=now))


def find_acts(session: Session, user_id: int, scope: Scope) -> Sequence[PersonAct]:
    """What was done to this account, latest first: all of it for those who serve all, else what is about their own."""
    wanted = select(PersonAct).where(PersonAct.user_id == user_id)
    if scope.clients is not None:
        wanted = wanted.where(PersonAct.act_client_id.in_(scope.clients))
    return session.scalars(wanted.order_by(PersonAct.id.desc()).limit(MOST)).all()


@event.listens_for(Session, "do_orm_execute")
def _forbid_bulk_edits(state: ORMExecuteState) -> None:
    if (state.is_update or state.is_delete) and state.bind_mapper and state.bind_mapper.class_ is PersonAct:
        raise ActError("an act is never changed")


@event.listens_for(Session, "before_flush")
def _forbid_edits(session: Session, _context: object, _instances: object) -> None:
    if any(isinstance(row, PersonAct) for row in (*session.dirty, *session.deleted)):
        raise ActError("an act is never changed")
