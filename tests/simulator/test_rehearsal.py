"""A rehearsal: everything happens as it would, in a book of its own, and the live book learns only how it went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bureau.models import Claim, Mail, Upload
from bureau.rules.intake.readers import build_reader
from clients.models import Agreement, ClientState, Enrollment, Rehearsal
from clients.trail import Actor, ActorKind
from config.problems import Problem
from simulator.rehearsal import BOOK, RehearsalFile, owner_of, rehearse
from tests.support.houses import House, connect, open_house, sheet, visit

ME = Actor(ActorKind.PERSON, "Ann Rose")


@pytest.fixture
def staged(tmp_path) -> Iterator[House]:
    house = open_house()
    settings = house.bureau.settings.model_copy(update={"home": tmp_path})
    house.bureau = replace(house.bureau, settings=settings)
    yield house
    house.close()


def run(house: House, *visits: dict[str, str]) -> Rehearsal | Problem:
    read = build_reader("standard", None, date(2026, 3, 18))
    found = rehearse(house.bureau, ME, house.client.id, RehearsalFile("test.csv", sheet(*visits), "standard", read))
    if isinstance(found, Problem):
        return found
    with house.office() as office:
        return office.get(Rehearsal, house.client.id, found)


def folders(house: House) -> list[str]:
    return sorted(path.name for path in house.bureau.settings.rehearsals_path.glob("*"))


def test_the_live_book_learns_only_how_it_went(staged: House):
    found = run(staged, visit(1), visit(2, member_id=""), visit(3, service_date="x"))
    assert (found.claims, found.accepted, found.answered, found.clean, found.bad_rows) == (2, 1, 1, 1, 1)
    assert [(fate["visit"], fate["reached"]) for fate in found.fates] == [("E2", "stopped"), ("E1", "answered")]
    assert found.fates[0]["why"] == "The member id is missing."
    assert [staged.count(model) for model in (Claim, Mail, Upload)] == [0, 0, 0]


def test_its_files_go_out_as_tests(staged: House):
    found = run(staged, visit(1))
    folder = staged.bureau.settings.rehearsals_path / found.run
    stage = connect(f"sqlite:///{folder / BOOK}")
    ((_name, content, _state),) = stage.mail("837P")
    stage.close()
    assert content.decode().split("*")[15] == "T"
    assert owner_of(found.run) == staged.client.id


def test_an_enrolment_that_is_missing_shows(staged: House):
    with staged.office() as office:
        for row in office.session.query(Enrollment).all():
            row.state = "SUBMITTED"
    found = run(staged, visit(1))
    assert (found.claims, found.clean) == (1, 0)
    assert "not enrolled" in found.fates[0]["why"]


def test_lines_without_a_price_are_counted(staged: House):
    found = run(staged, visit(1), visit(2, procedure="G0008"))
    assert (found.lines, found.priced) == (2, 1)


def test_patients_data_is_kept_once(staged: House):
    first = run(staged, visit(1))
    staged.tick()
    second = run(staged, visit(2))
    assert folders(staged) == [second.run] != [first.run]
    staged.tick()
    refused = run(staged, {"nothing": "known"})
    assert isinstance(refused, Problem)
    assert folders(staged) == [second.run]


def test_nothing_is_rehearsed_without_a_business_associate_agreement(staged: House):
    with staged.office() as office:
        for row in office.session.query(Agreement).all():
            row.ends_on = row.starts_on + timedelta(days=1)
    assert run(staged, visit(1)).code == "intake.no_agreement"
    assert folders(staged) == []


def test_a_lead_rehearses_nothing(staged: House):
    with staged.office() as office:
        office.client(staged.client.id).state = ClientState.LEAD
    assert run(staged, visit(1)).code == "test.closed"
