"""The audit log: every way of writing is seen, the chain shows what was tampered with, and nothing changes it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from bureau.models import Patient
from clients.audit import watch
from clients.audit.chain import as_said, find_broken, hash_entry
from clients.audit.reading import Wanted, find_entries, iter_entries
from clients.audit.tables import AuditEntry
from clients.models import Contact, Location
from clients.scope import Scope
from clients.trail import BUREAU, Actor, ActorKind
from config.database import Base
from reports.invariants import verify
from tests.support.houses import VISIT, House

PLACE = {"name": "Annex", "place": "11", "street": "1 Elm", "city": "Salem", "region": "MA", "zip": "01970",
         "starts_on": None, "ends_on": None}  # fmt: skip


def entries(house: House, act: str = "") -> list[AuditEntry]:
    with house.office(everywhere=True) as office:
        return [one for one in iter_entries(office.session, Wanted()) if act in ("", one.act)]


def told(entry: AuditEntry) -> tuple[dict, dict]:
    return json.loads(entry.before or "{}"), json.loads(entry.after or "{}")


def test_every_table_of_the_book_is_known_to_the_audit_log():
    lists = [watch.WATCHED, watch.WATCHED_BY_HAND, watch.TOLD, watch.HISTORIES, watch.MACHINERY]
    known = [name for each in lists for name in each]
    assert len(known) == len(set(known))
    assert set(Base.metadata.tables) - set(known) == set()


def add_as_object(office, client_id):
    row = Location(client_id=client_id, id=office.reserve(Location, 1)[0], npi="", phone="", **PLACE)
    office.session.add(row)
    office.session.flush()
    return row.id


def add_by_office(office, client_id):
    return office.insert(Location, [{"client_id": client_id, "npi": "", "phone": "", **PLACE}])[0]


def change_as_object(office, client_id, row_id):
    office.get(Location, client_id, row_id).name = "Main"


def change_by_office(office, client_id, row_id):
    office.update(Location, [{"client_id": client_id, "id": row_id, "name": "Main"}])


def change_by_statement(office, client_id, row_id):
    office.session.execute(
        update(Location).where(Location.client_id == client_id, Location.id == row_id).values(name="Main")
    )


def drop_as_object(office, client_id, row_id):
    office.session.delete(office.get(Location, client_id, row_id))


def drop_by_statement(office, client_id, row_id):
    office.session.execute(delete(Location).where(Location.client_id == client_id, Location.id == row_id))


@pytest.mark.parametrize("add", [add_as_object, add_by_office])
@pytest.mark.parametrize("change", [change_as_object, change_by_office, change_by_statement])
@pytest.mark.parametrize("drop", [drop_as_object, drop_by_statement])
def test_whichever_way_a_row_is_written_it_is_told_with_before_and_after(house: House, add, change, drop):
    with house.office() as office:
        row_id = add(office, house.client.id)
    with house.office() as office:
        change(office, house.client.id, row_id)
    with house.office() as office:
        drop(office, house.client.id, row_id)
    found = [one for one in entries(house) if one.subject == "place" and one.subject_id == str(row_id)]
    assert [one.act for one in found] == ["place.added", "place.changed", "place.removed"]
    assert [one.actor for one in found] == ["Priya Shah"] * 3
    assert told(found[0])[1]["name"] == "Annex"
    assert told(found[1]) == ({"name": "Annex"}, {"name": "Main"})
    assert told(found[2])[0]["name"] == "Main"


def test_what_changes_nothing_is_not_told_and_what_is_rolled_back_neither(house: House):
    with house.office() as office:
        row_id = add_by_office(office, house.client.id)
    before = len(entries(house))
    with house.office() as office:
        office.update(Location, [{"client_id": house.client.id, "id": row_id, "name": "Annex"}])
    with house.office() as office:
        change_as_object(office, house.client.id, row_id)
        office.session.rollback()
    assert len(entries(house)) == before


def test_many_rows_of_one_statement_are_one_entry(house: House):
    with house.office() as office:
        row = {"client_id": house.client.id, "duty": "billing", "email": "", "phone": "", "is_escalation": False}
        office.insert(Contact, [row | {"name": f"P{n}"} for n in range(50)])
    assert [told(one)[1] for one in entries(house, "contact.added")] == [{"rows": 50}]


def test_a_person_correcting_a_patient_is_told_and_the_machine_at_work_is_not(house: House):
    house.upload(VISIT)
    before = {(one.client_id, one.id) for one in entries(house)}
    house.run("scrub")
    assert [one.act for one in entries(house) if (one.client_id, one.id) not in before] == ["job.ran"]
    with house.office() as office:
        office.session.scalars(select(Patient)).one().last = "Roe"
    (changed,) = entries(house, "patient.changed")
    assert told(changed) == ({"last": "Doe"}, {"last": "Roe"})


def test_the_why_of_a_form_stands_on_every_entry_of_its_request(house: House):
    actor = Actor(ActorKind.PERSON, "Priya Shah", 7, "back", "moved house")
    with house.bureau.open_office(actor, Scope.of(house.client.id)) as office:
        add_by_office(office, house.client.id)
    (entry,) = entries(house, "place.added")
    assert (entry.actor_id, entry.door, entry.why) == (7, "back", "moved house")


def test_each_client_has_its_own_chain_and_a_session_reads_only_its_own(house: House):
    with house.office() as office:
        add_by_office(office, house.client.id)
    chains = {one.client_id for one in entries(house)}
    assert chains >= {BUREAU, house.client.id, house.clients[1].id}
    with house.office() as office:
        assert {one.client_id for one in iter_entries(office.session, Wanted())} == {house.client.id}
        looked_at, broken = find_broken(office.session)
    assert (looked_at > 0, broken) == (True, [])


def test_a_page_of_the_log_goes_on_where_the_last_one_ended(house: House):
    with house.office() as office:
        for _ in range(5):
            add_by_office(office, house.client.id)
    with house.office(everywhere=True) as office:
        every = find_entries(office.session, Wanted(), 1_000)
        first = find_entries(office.session, Wanted(), 4)
        rest = find_entries(office.session, Wanted(), 1_000, (first[-1].at, first[-1].client_id, first[-1].id))
        assert [(one.client_id, one.id) for one in (*first, *rest)] == [(one.client_id, one.id) for one in every]


# ---- tampering ----
UNGUARD = (
    "DROP TRIGGER audit_entries_kept", "DROP TRIGGER audit_entries_held",
    "DROP TRIGGER audit_heads_kept", "DROP TRIGGER audit_heads_held",
)  # fmt: skip


def tamper(house: House, *statements: str) -> list[str]:
    """What verify says after raw SQL with the triggers out of the way."""
    with house.bureau.engine.begin() as connection:
        for statement in (*UNGUARD, *statements):
            connection.exec_driver_sql(statement)
    with house.office(everywhere=True) as office:
        return next(one.broken for one in verify(office) if one.id == "audit")


@pytest.fixture
def written(house: House) -> House:
    for _ in range(4):
        with house.office() as office:
            add_by_office(office, house.client.id)
    return house


def test_a_log_that_nobody_touched_is_whole(written: House):
    assert tamper(written) == []


CHANGE = "UPDATE audit_entries SET {} WHERE client_id = 1 AND id = {}"
TAKE = "DELETE FROM audit_entries WHERE client_id = 1 AND id >= {} AND id <= {}"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (CHANGE.format("after = replace(after, 'Annex', 'Annax')", "LAST"), "LAST of client 1 was changed"),
        (CHANGE.format("at = at + 1", 2), "2 of client 1 was changed"),
        (TAKE.format(2, 2), "2 of client 1 is missing"),
        (TAKE.format("LAST", "LAST"), "LAST of client 1 is missing"),
        (TAKE.format(1, "LAST"), "1 of client 1 is missing"),
        ("DELETE FROM audit_heads WHERE chain = 1", "is not known at the chain's end"),
    ],
)
def test_whoever_changes_or_takes_out_an_entry_is_found(written: House, statement: str, said: str):
    last = str(max(one.id for one in entries(written) if one.client_id == 1))
    (broken,) = tamper(written, statement.replace("LAST", last))
    assert said.replace("LAST", last) in broken


def test_an_entry_made_to_fit_its_own_hash_breaks_the_next(written: House):
    entry = next(one for one in entries(written) if one.client_id == 1 and one.id == 2)
    values = as_said({column.name: getattr(entry, column.name) for column in AuditEntry.__table__.columns})
    forged = hash_entry(values | {"at": entry.at, "actor": "Nobody"})
    change = f"UPDATE audit_entries SET actor = 'Nobody', hash = '{forged}' WHERE client_id = 1 AND id = 2"
    (broken,) = tamper(written, change)
    assert "entry 3 of client 1 does not follow" in broken


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'x'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET entries = entries - 1",
    ],
)
def test_the_database_refuses_to_change_the_log(written: House, statement: str):
    with pytest.raises(DatabaseError, match="never changed"), written.bureau.engine.begin() as connection:
        connection.exec_driver_sql(statement)
