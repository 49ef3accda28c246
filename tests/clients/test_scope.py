"""Tenancy, wall by wall, on both databases; for each wall a probe that sees the leak once the wall is taken down."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, delete, event, exists, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import aliased

from bureau.models import Claim, ClaimLine, Encounter, Filing, Mail, Patient, Transfer
from clients import scope as scope_room
from clients.models import Client, Fee, Provider
from clients.scope import Scope, Scoped, ScopedSession, ScopeError
from config.database import Base
from tests.clients.people import SECRET
from tests.support.houses import House


def ours(house: House) -> ScopedSession:
    return ScopedSession(house.bureau.engine, scope=Scope.of(house.clients[0].id))


other = aliased(Claim)
PROBES = {
    "select": lambda s, _: s.scalars(select(Patient.last)).all(),
    "entities": lambda s, _: [one.last for one in s.scalars(select(Patient))],
    "filter": lambda s, _: s.scalars(select(Patient.last).where(Patient.last == SECRET)).all(),
    "count": lambda s, _: [s.scalar(select(func.count()).select_from(Claim)) - 1],
    "sum": lambda s, _: [s.scalar(select(func.sum(Transfer.cents))) - 15_000],
    "group": lambda s, ids: [row[0] for row in s.execute(select(Claim.client_id).group_by(Claim.client_id))
                             if row[0] == ids[1]],
    "join": lambda s, _: s.scalars(select(Patient.last).join(Claim, Claim.patient_id == Patient.id)).all(),
    "alias": lambda s, ids: s.scalars(select(other.client_id).where(other.client_id == ids[1])).all(),
    "self join": lambda s, ids: s.scalars(
        select(other.client_id).select_from(Claim).join(other, other.id != Claim.id)).all(),
    "exists": lambda s, _: [s.scalar(select(exists().where(Patient.last == SECRET)))],
    "subquery": lambda s, _: [s.scalar(select(func.count()).select_from(select(Claim.id).subquery())) - 1],
    "in subquery": lambda s, _: s.scalars(
        select(Client.code).where(Client.id.in_(select(Patient.client_id).where(Patient.last == SECRET)))).all(),
    "cte": lambda s, _: s.scalars(
        select((found := select(Patient.last.label("last")).cte()).c.last).where(found.c.last == SECRET)).all(),
    "union": lambda s, _: s.execute(
        select(Patient.last).where(Patient.last == SECRET).union(select(Provider.last).where(Provider.last == SECRET))
    ).all(),
    "get": lambda s, ids: [s.get(Patient, (ids[1], ids[2]))],
    "mail without owner": lambda s, _: s.scalars(select(Mail.name)).all(),
}  # fmt: skip


def leaks(session: ScopedSession, probe, ids) -> list:
    """What a probe sees of the other client."""
    found = [one[0] if isinstance(one, tuple) else one for one in probe(session, ids)]
    return [one for one in found if one not in (None, 0, False, "Doe1")]


def ids_of(house: House) -> tuple[int, int, int]:
    patient = house.rows(select(Patient.id).where(Patient.last == SECRET))[0][0]
    return house.clients[0].id, house.clients[1].id, patient


def test_no_way_of_asking_shows_another_clients_row(two: House):
    ids = ids_of(two)
    two.receive(b"nobody's file", "for-nobody.835")
    for name, probe in PROBES.items():
        with ours(two) as session:
            assert leaks(session, probe, ids) == [], name
        with ScopedSession(two.bureau.engine, scope=Scope.of()) as session:
            assert session.scalars(select(Patient.id)).all() == [], "no client in scope: nothing"


@pytest.mark.parametrize("name", PROBES)
def test_each_probe_sees_the_leak_where_the_wall_is_down(two: House, name, monkeypatch):
    """The proof that the test above is not blind."""
    ids = ids_of(two)
    two.receive(b"nobody's file", "for-nobody.835")
    event.remove(ScopedSession, "do_orm_execute", scope_room._keep_to_the_scope)
    try:
        with ours(two) as session:
            assert leaks(session, PROBES[name], ids), name
    finally:
        event.listen(ScopedSession, "do_orm_execute", scope_room._keep_to_the_scope)


def test_updates_and_deletes_stop_at_the_wall(two: House):
    with ours(two) as session, session.begin():
        session.execute(update(Patient).values(city="MOVED"))
        session.execute(update(Fee).values(cents=1))
        session.execute(delete(Fee).where(Fee.code == "XV101"))
    moved = two.rows(select(Patient.client_id).where(Patient.city == "MOVED"))
    assert [row[0] for row in moved] == [two.clients[0].id]
    assert two.count(Fee, Fee.client_id == two.clients[1].id, Fee.cents > 1) == 2


def test_a_new_changed_or_deleted_row_of_another_client_is_refused(two: House):
    mine, theirs, patient_id = ids_of(two)
    session = ours(two)
    session.add(Provider(client_id=theirs, id=900, npi="1", last="X", first="Y", taxonomy=""))
    with pytest.raises(ScopeError):
        session.flush()
    session.close()
    with ScopedSession(two.bureau.engine, scope=Scope.all()) as everywhere:
        stolen = everywhere.get(Patient, (theirs, patient_id))
        everywhere.expunge(stolen)
    for spoil in (lambda row: setattr(row, "last", "Changed"), None):
        with ours(two) as session:
            session.add(stolen)
            if spoil:
                spoil(stolen)
            else:
                session.delete(stolen)
            with pytest.raises(ScopeError):
                session.flush()
            session.expunge_all()
    with ours(two) as session:
        row = session.scalars(select(Patient)).one()
        row.client_id = theirs
        with pytest.raises((ScopeError, DBAPIError)):
            session.flush()
    assert two.count(Patient, Patient.client_id == mine) == 1


def test_the_pens_write_nothing_outside_the_scope(two: House):
    mine, theirs, _ = ids_of(two)
    row = {
        "client_id": theirs, "id": 901, "npi": "1", "last": "X", "first": "Y", "taxonomy": "", "external_id": "",
        "starts_on": None, "ends_on": None,
    }  # fmt: skip
    with two.office() as office:
        with pytest.raises(ScopeError, match="outside"):
            office.insert(Provider, [row])
        with pytest.raises(ScopeError, match="outside"):
            office.update(Filing, [{"client_id": theirs, "id": 2, "state": "VOIDED"}])
        with pytest.raises(ScopeError, match="outside"):
            office.insert(Provider, [row | {"client_id": mine, "id": 902}, row])
    assert two.count(Provider) == 2


@pytest.mark.parametrize(
    ("model", "column", "target"),
    [(Claim, "patient_id", Patient), (ClaimLine, "claim_id", Claim), (Transfer, "claim_id", Claim),
     (Filing, "claim_id", Claim), (Encounter, "patient_id", Patient)],
)  # fmt: skip
def test_the_database_refuses_a_reference_to_another_clients_row(two: House, model, column, target):
    """A key of two parts: even where every wall of ours is passed, the row cannot be tied to a foreign one."""
    mine, theirs, _ = ids_of(two)
    foreign = two.rows(select(target.id).where(target.client_id == theirs))[0][0]
    own = two.rows(select(model.__table__).where(model.client_id == mine))[0]._asdict()
    assert foreign != own[column]
    statement = update(model.__table__).where(model.__table__.c.client_id == mine, model.__table__.c.id == own["id"])
    with pytest.raises(IntegrityError), two.bureau.engine.begin() as connection:
        connection.execute(statement.values({column: foreign}))


def test_a_scope_narrows_and_never_widens():
    assert Scope.all().narrowed_to(3) == Scope.of(3)
    assert Scope.of(3, 4).narrowed_to(4) == Scope.of(4)
    with pytest.raises(ScopeError):
        Scope.of(3).narrowed_to(4)
    Scope.all().require([1, None])
    Scope.of(1).require([1, 1])
    for foreign in ([2], [1, 2], [None]):
        with pytest.raises(ScopeError):
            Scope.of(1).require(foreign)
    assert (Scope.all().as_setting(), Scope.of(2, 1).as_setting(), Scope.of().as_setting()) == ("*", "1,2", "")


def test_every_table_of_a_client_is_marked_so():
    """A table with a client in it that is not Scoped would pass every filter."""
    scoped = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)}
    with_client = {name for name, table in Base.metadata.tables.items() if "client_id" in table.columns}
    assert scoped == with_client
    assert len(scoped) > 25


def test_eager_loads_would_be_walled_too(two: House):
    """No model has a relationship: a lazy load could otherwise leave the scope's statement."""
    assert [mapper for mapper in Base.registry.mappers if mapper.relationships] == []


# -- PostgreSQL's own wall ------------------------------------------------------------------------------------


def providers_seen(connection) -> set[int]:
    return {row[0] for row in connection.execute(select(Provider.__table__.c.client_id))}


def test_postgresql_shows_nothing_without_a_scope_and_only_the_scopes_rows_with_one(guest: Engine):
    with guest.connect() as connection:
        assert providers_seen(connection) == set(), "a raw connection has no scope"
        connection.execute(text("SELECT set_config('app.clients', '', true)"))
        assert providers_seen(connection) == set()
        connection.execute(text("SELECT set_config('app.clients', '2', true)"))
        assert providers_seen(connection) == {2}
        connection.execute(text("SELECT set_config('app.clients', '*', true)"))
        assert providers_seen(connection) == {1, 2}
        connection.rollback()
        assert providers_seen(connection) == set(), "the scope ends with its transaction"


def test_postgresql_stops_what_a_core_statement_would_reach(guest: Engine):
    """Plain tables are what the session's own filter does not cover; the database's wall stands behind it."""
    table = Provider.__table__
    with ScopedSession(guest, scope=Scope.of(1)) as session:
        assert {row.client_id for row in session.execute(select(table))} == {1}
        assert session.execute(update(table).values(last="Changed")).rowcount == 1
        assert session.execute(delete(table).where(table.c.client_id == 2)).rowcount == 0
        row = {"client_id": 2, "id": 950, "npi": "1", "last": "X", "first": "Y", "taxonomy": "", "external_id": ""}
        with pytest.raises(DBAPIError, match="row-level security"):
            session.execute(insert(table), [row])


def test_every_table_of_a_client_has_the_wall(guest: Engine):
    wanted = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
    with guest.connect() as connection:
        walled = {row[0] for row in connection.execute(wanted)}
    assert walled == {name for name, table in Base.metadata.tables.items() if "client_id" in table.columns}
