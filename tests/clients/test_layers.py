"""Each wall between clients taken down alone: the test that guards it then fails, so none of them is decoration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import DDL, Engine, create_engine, event, inspect

from bureau.models import Claim, Encounter, Patient
from bureau.office import Office
from clients import scope as scope_room
from clients.scope import Scope, ScopedSession
from config.database import Base
from tests.clients import test_scope as guards
from tests.support.houses import House

FAILED = (AssertionError, pytest.fail.Exception)


@contextmanager
def without_listener(name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.remove(ScopedSession, name, listener)
    try:
        yield
    finally:
        event.listen(ScopedSession, name, listener)


def test_without_the_filter_on_every_statement(two: House):
    guards.test_no_way_of_asking_shows_another_clients_row(two)
    with without_listener("do_orm_execute", scope_room._keep_to_the_scope), pytest.raises(FAILED):
        guards.test_no_way_of_asking_shows_another_clients_row(two)


def test_without_the_filter_on_updates(two: House):
    with without_listener("do_orm_execute", scope_room._keep_to_the_scope), pytest.raises(FAILED):
        guards.test_updates_and_deletes_stop_at_the_wall(two)


def test_without_the_guard_of_the_flush(two: House):
    with without_listener("before_flush", scope_room._guard_the_flush), pytest.raises(FAILED):
        guards.test_a_new_changed_or_deleted_row_of_another_client_is_refused(two)


def test_without_the_check_of_the_pens(two: House, monkeypatch):
    monkeypatch.setattr(Office, "scope", property(lambda _office: Scope.all()))
    with pytest.raises(FAILED):
        guards.test_the_pens_write_nothing_outside_the_scope(two)


@pytest.mark.parametrize("model", [Claim, Encounter])
def test_without_the_keys_of_two_parts(two: House, model):
    with without_foreign_keys(two.bureau.engine, model.__tablename__), pytest.raises(FAILED):
        guards.test_the_database_refuses_a_reference_to_another_clients_row(two, model, "patient_id", Patient)


@contextmanager
def without_foreign_keys(engine: Engine, table: str) -> Iterator[None]:
    """SQLite stops checking them; on PostgreSQL those of the table are dropped from this test's own database."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "checkout")
        def stop_checking(connection, _record, _proxy) -> None:
            connection.execute("PRAGMA foreign_keys=OFF")

        engine.dispose()
        yield
        event.remove(engine, "checkout", stop_checking)
        return
    preparer = engine.dialect.identifier_preparer
    with engine.begin() as connection:
        for key in inspect(connection).get_foreign_keys(table):
            names = {"table": preparer.quote(table), "key": preparer.quote(key["name"])}
            connection.execute(DDL("ALTER TABLE %(table)s DROP CONSTRAINT %(key)s", context=names))
    yield


@pytest.mark.parametrize(
    "guard",
    [guards.test_postgresql_shows_nothing_without_a_scope_and_only_the_scopes_rows_with_one,
     guards.test_postgresql_stops_what_a_core_statement_would_reach, guards.test_every_table_of_a_client_has_the_wall],
)  # fmt: skip
def test_without_the_databases_own_wall(guest: Engine, guard):
    guard(guest)
    owner = create_engine(guest.url.set(username="bureau_owner"))
    with owner.begin() as connection:
        for name, table in Base.metadata.tables.items():
            if "client_id" in table.columns:
                connection.execute(DDL("ALTER TABLE %(name)s DISABLE ROW LEVEL SECURITY", context={"name": name}))
    owner.dispose()
    with pytest.raises(FAILED):
        guard(guest)
