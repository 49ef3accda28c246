"""Taking an upload back: what goes, what stays on record, what stands in the way, and that it can come again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from bureau.desks.scrubbing import scrub_drafts
from bureau.desks.undoing import find_undo_problems, undo_upload
from bureau.models import Claim, Encounter, Filing, Question, Transfer, Upload, UploadRow, WorkItem
from bureau.office import NotFound
from bureau.queries.intake import get_upload
from bureau.rules.intake.undoing import Standing, find_obstacles
from bureau.rules.lifecycle import State
from reports.invariants import verify
from tests.bureau.intake.messages import visit_message
from tests.bureau.intake.practice import CLIENT, OTHER, Practice, assert_adds_up, open_practice, sheet, visit
from tests.support.houses import House
from tests.support.houses import visit as plain_visit

ROWS = (
    visit(),
    visit(encounter_id="E2", patient_id="P2", payer_id="SELF"),
    visit(encounter_id="E3", patient_id="P3", member_id=""),
    visit(encounter_id="E4", patient_id="P4", procedure="", note="a shot"),
    visit(encounter_id="E5", patient_id="P5", sex="?"),
)


@pytest.fixture
def practice() -> Practice:
    return open_practice()


def undo(practice: Practice, upload_id: int, client_id: int = CLIENT) -> list[str]:
    with practice.office(client_id) as office:
        return [problem.code for problem in undo_upload(office, CLIENT, upload_id, why="wrong month")]


def broken_laws(practice: Practice) -> list[str]:
    with practice.office() as office:
        return [finding.id for finding in verify(office) if not finding.is_kept]


def test_an_upload_is_taken_back_whole_and_can_come_again(practice: Practice) -> None:
    first = practice.send(sheet(*ROWS))
    with practice.office() as office:
        scrub_drafts(office, CLIENT)
    states = {state for (state,) in practice.rows(select(Filing.state))}
    assert {State.PATIENT_DUE, State.NEEDS_INFO, State.CODING} <= states
    assert undo(practice, first.upload_id) == []
    assert {state for (state,) in practice.rows(select(Filing.state))} == {State.CLOSED_NOT_BILLABLE}
    assert practice.rows(select(func.sum(Transfer.cents))) == [(0,)]
    assert practice.rows(select(func.sum(Claim.charge_cents))) == [(0,)]
    assert practice.count(WorkItem, WorkItem.closed_at.is_(None)) == 0
    assert practice.count(UploadRow, UploadRow.state == "undone") == len(ROWS)
    assert {state for (state,) in practice.rows(select(Question.state))} == {"WITHDRAWN"}
    assert broken_laws(practice) == []
    assert undo(practice, first.upload_id) == ["undo.done"]

    again = practice.send(sheet(*ROWS))
    assert not again.is_refused
    assert again.upload_id != first.upload_id
    assert (len(again.drafts), practice.count(Encounter), practice.count(Upload)) == (4, 8, 2)
    assert practice.send(sheet(*ROWS)).problems[0].code == "file.duplicate"
    assert broken_laws(practice) == []
    assert undo(practice, again.upload_id) == []
    assert practice.rows(select(func.sum(Transfer.cents))) == [(0,)]


def test_an_upload_with_edited_or_corrected_charges_is_taken_back_to_the_cent(practice: Practice) -> None:
    first = practice.send(sheet(visit(charge="0.00"), visit(procedure="XV101", charge="12.34")))
    assert undo(practice, first.upload_id) == []
    assert practice.rows(select(func.sum(Transfer.cents))) == [(0,)]
    second = practice.send(sheet(visit(charge="0.00"), visit(procedure="XV101", charge="12.34")))
    assert_adds_up(practice, second)


def test_messages_taken_back_may_be_sent_again(practice: Practice) -> None:
    first = practice.send(visit_message().encode(), "a.hl7")
    assert undo(practice, first.upload_id) == []
    again = practice.send((visit_message() + "\r").encode(), "b.hl7")
    assert len(again.drafts) == 1


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (Standing("E1", State.READY, 1, has_money=False), "was sent"),
        (Standing("E1", State.PATIENT_DUE, 0, has_money=True), "has payments"),
        (Standing("E1", State.BATCHED, 0, has_money=False), "no longer new"),
        (Standing("E1", State.CLOSED_PAID, 0, has_money=False), "no longer new"),
    ],
)
def test_what_left_the_house_stands_in_the_way(standing: Standing, says: str) -> None:
    (problem,) = find_obstacles([standing, Standing("E2", State.DRAFT, 0, has_money=False)])
    assert says in problem.text
    assert "E1" in problem.where


def test_one_claim_that_was_batched_keeps_the_whole_upload(practice: Practice) -> None:
    first = practice.send(sheet(visit(), visit(encounter_id="E2", patient_id="P2", service_date=str(date(2026, 3, 3)))))
    with practice.office() as office:
        filing = office.session.scalars(select(Filing).order_by(Filing.id)).first()
        filing.attempt = 1
    before = practice.rows(select(func.sum(Transfer.cents)))
    assert undo(practice, first.upload_id) == ["undo.too_late"]
    assert practice.rows(select(func.sum(Transfer.cents))) == before
    with practice.office() as office:
        assert len(find_undo_problems(office, CLIENT, first.upload_id)) == 1
        assert get_upload(office, CLIENT, first.upload_id).undone_at is None


def test_an_upload_of_another_practice_is_not_there(practice: Practice) -> None:
    first = practice.send(sheet(visit()))
    with pytest.raises(NotFound):
        undo(practice, first.upload_id, OTHER)


def test_both_databases_let_the_same_file_and_its_visits_come_again(any_house: House) -> None:
    first = any_house.upload(plain_visit(1), plain_visit(2, sex="?"))
    assert any_house.upload(plain_visit(1), plain_visit(2, sex="?")).problems[0].code == "file.duplicate"
    with any_house.office() as office:
        assert undo_upload(office, any_house.client.id, first.upload_id or 0) == []
    again = any_house.upload(plain_visit(1), plain_visit(2, sex="?"))
    assert again.upload_id not in (None, first.upload_id)
    with any_house.office(everywhere=True) as office:
        assert [finding.id for finding in verify(office) if not finding.is_kept] == []
        assert office.session.scalar(select(func.count()).select_from(Encounter)) == 2
