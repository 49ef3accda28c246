"""The audit log on PostgreSQL, by a role that the row-level security holds: appended to by all, changed by nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from clients.audit.chain import find_broken
from clients.audit.tables import AuditEntry
from clients.scope import Scope, ScopedSession
from clients.trail import BUREAU, Actor, ActorKind, Note

PAT = Actor(ActorKind.PERSON, "Pat", 3, "back")


def write(engine: Engine, *chains: int) -> None:
    """One session of the first client that says something in each of these chains."""
    with ScopedSession(engine, scope=Scope.of(1)) as session, session.begin():
        for chain in chains:
            session.trail.add(Note(chain, "claim.read", "claim", 7, actor=PAT))


def test_postgresql_lets_everybody_append_and_read_only_their_own_chain(guest: Engine):
    write(guest, 1, BUREAU)
    write(guest, BUREAU, 1)
    with ScopedSession(guest, scope=Scope.of(1), read_only=True) as session:
        assert set(session.scalars(select(AuditEntry.client_id))) == {1}
    with ScopedSession(guest, scope=Scope.all(), read_only=True) as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.act == "claim.read")).all()
        assert sorted(one.client_id for one in told) == [BUREAU, BUREAU, 1, 1]
        looked_at, broken = find_broken(session)
    assert (looked_at > 4, broken) == (True, [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'x'",
        "DELETE FROM audit_entries",
        "UPDATE audit_heads SET entries = entries - 1",
        "DELETE FROM audit_heads",
    ],
)
def test_postgresql_refuses_to_change_the_log(guest: Engine, statement: str):
    write(guest, 1)
    with ScopedSession(guest, scope=Scope.all()) as session, pytest.raises(DatabaseError, match="never changed"):
        session.execute(text(statement))


def test_postgresql_lets_writers_of_different_chains_not_wait_for_each_other(guest: Engine):
    write(guest, 1, 2)
    with guest.connect() as busy:
        busy.execute(text("SELECT 1 FROM audit_heads WHERE chain = 1 FOR UPDATE"))
        write(guest, 2)
        with ScopedSession(guest, scope=Scope.of(1)) as session:
            session.execute(text("SET LOCAL lock_timeout = '100ms'"))
            session.trail.add(Note(1, "claim.read", "claim", 7, actor=PAT))
            with pytest.raises(OperationalError, match="lock timeout"):
                session.commit()
