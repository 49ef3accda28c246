"""Tenancy, all of it: which clients a session may see, and the walls that hold it to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from sqlalchemy import BigInteger, Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    mapped_column,
    with_loader_criteria,
)

from clients.trail import Trail
from config.database import Base, Numbers

NO_ROWID = {"sqlite_with_rowid": False}  # of tables whose key is all that finds their rows


class ScopeError(Exception):
    """Something reached for a row of a client outside the session's scope: a bug, never an input."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Some clients, or all of them (`clients` is None)."""

    clients: frozenset[int] | None

    @classmethod
    def all(cls) -> Self:
        return cls(None)

    @classmethod
    def of(cls, *clients: int) -> Self:
        return cls(frozenset(clients))

    def holds(self, client_id: int | None) -> bool:
        return self.clients is None or client_id in self.clients

    def narrowed_to(self, client_id: int) -> Scope:
        """This scope cut down to one client; raises ScopeError when that client is not in it."""
        if not self.holds(client_id):
            raise ScopeError(f"client {client_id} is outside the scope")
        return Scope.of(client_id)

    def require(self, client_ids: Iterable[int | None]) -> None:
        """Raise ScopeError unless every one of these rows may be written here."""
        if self.clients is None:
            return
        foreign = set(client_ids) - self.clients
        if foreign:
            raise ScopeError(f"rows of clients {sorted(map(str, foreign))} are outside the scope")

    def as_setting(self) -> str:
        """What PostgreSQL's row-level security reads: ids with commas, or * for all."""
        return "*" if self.clients is None else ",".join(map(str, sorted(self.clients)))


class Scoped:
    """Marks a table whose rows belong to a client; the session filters every one of them."""

    client_id: Mapped[int | None] = mapped_column(BigInteger)


class ClientOwned(Scoped):
    """A client's row: its key starts with the client, and ids are unique in the whole book."""

    client_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ScopedSession(Session):
    """A session that cannot be opened without a scope, nor read or write outside it."""

    def __init__(self, engine: Engine, *, scope: Scope, read_only: bool = False) -> None:
        super().__init__(_reading(engine) if read_only else engine, expire_on_commit=False)
        self.scope = scope
        self.numbers = Numbers()
        self.trail = Trail()

    def take_ids(self, table: str, count: int) -> list[int]:
        """Ids for new rows of a table."""
        return self.numbers.take_ids(self.connection(), table, count) if count else []


@lru_cache(maxsize=32)
def _reading(engine: Engine) -> Engine:
    """The engine for transactions that only read; made once, for it takes longer to make than to ask a question."""
    return engine.execution_options(read_only=True)


@lru_cache(maxsize=256)
def _wall(scope: Scope) -> LoaderCriteriaOption:
    """Only rows of these clients, in whatever statement of the session and under whatever name."""
    ids = sorted(scope.clients or ())
    return with_loader_criteria(Scoped, lambda cls: cls.client_id.in_(ids), include_aliases=True)


@event.listens_for(ScopedSession, "do_orm_execute")
def _keep_to_the_scope(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, ScopedSession)
    if session.scope.clients is None or state.is_column_load or state.is_relationship_load:
        return
    state.statement = state.statement.options(_wall(session.scope))


@event.listens_for(ScopedSession, "before_commit")
def _save_the_numbers(session: ScopedSession) -> None:
    if session.in_transaction():
        session.numbers.save(session.connection())


@event.listens_for(ScopedSession, "after_soft_rollback")
def _forget_the_numbers(session: ScopedSession, _previous: SessionTransaction) -> None:
    session.numbers.forget()


@event.listens_for(ScopedSession, "before_flush")
def _guard_the_flush(session: ScopedSession, _context: object, _instances: object) -> None:
    rows = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, Scoped)]
    session.scope.require(row.client_id for row in rows)


@event.listens_for(ScopedSession, "after_begin")
def _tell_the_database(session: ScopedSession, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT set_config('app.clients', :clients, true)"), {"clients": session.scope.as_setting()}
        )


ROW_SECURITY = """
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS clients_in_scope ON "{table}";
CREATE POLICY clients_in_scope ON "{table}" USING (
    current_setting('app.clients', true) = '*'
    OR {column} = ANY(
        string_to_array(NULLIF(NULLIF(current_setting('app.clients', true), ''), '*'), ',')::bigint[]
    )
)
"""


def enable_row_security(engine: Engine) -> None:
    """Add the database's own wall on PostgreSQL: without a scope set in the transaction no row is seen.

    A transaction per table: a process that starts while others work must not hold one table and wait for the next.
    """
    if engine.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        if "client_id" in table.columns:
            with engine.begin() as connection:
                connection.exec_driver_sql(ROW_SECURITY.format(table=table.name, column="client_id"))
