"""The pens on both databases: books take no edit, a stale move changes nothing, each case goes to one person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from bureau import books, progress, worklist
from bureau.books import Entry
from bureau.models import Filing, Journal, Step, Transfer, WorkItem
from bureau.models.books import Account, BookError, Kind
from bureau.office import NotFound
from bureau.progress import Move, StaleRow
from bureau.queries.filings import load_filings
from bureau.rules.lifecycle import Event, IllegalTransition, State, Turn
from bureau.rules.routing import Place, Queue
from bureau.worklist import Placing, Subject
from tests.support.houses import PLAIN, House, encounters, visit


def entry(house: House, source: str, cents: int = 500, **changes) -> Entry:
    values = {"kind": Kind.PAYMENT, "debit": Account.CASH, "credit": Account.SUSPENSE} | changes
    return Entry(house.client.id, values["kind"], values["debit"], values["credit"], cents, source)


# -- books ----------------------------------------------------------------------------------------------------


def test_the_same_source_twice_is_one_entry(any_house: House):
    house = any_house
    for _ in range(2):
        with house.office() as office:
            books.enter(office, [entry(house, "x:1"), entry(house, "x:2")])
    assert house.count(Transfer) == 2
    with pytest.raises(IntegrityError), house.office() as office:
        books.enter(office, [entry(house, "x:3"), entry(house, "x:1")], fresh=True)
    assert house.count(Transfer) == 2, "a promise of freshness that was wrong takes its whole office with it"


def test_nothing_is_entered_for_nothing_or_from_an_account_to_itself(any_house: House):
    with any_house.office() as office:
        assert books.enter(office, [entry(any_house, "zero", 0)]) == 0
        with pytest.raises(BookError, match="to itself"):
            books.enter(office, [entry(any_house, "self", credit=Account.CASH)])
    assert any_house.count(Transfer) == 0


@pytest.mark.parametrize("model", [Transfer, Journal])
def test_a_book_row_is_never_changed_or_deleted(any_house: House, model):
    house = any_house
    with house.office() as office:
        books.enter(office, [entry(house, "x:1")])
        books.record(office, house.client.id, "looked at")
    column = "cents" if model is Transfer else "items"
    for statement in (update(model).values({column: 1}), delete(model)):
        with pytest.raises(BookError, match="never changed"), house.office() as office:
            office.session.execute(statement)
    for spoil in (lambda _, row: setattr(row, column, 99), lambda session, row: session.delete(row)):
        with house.office() as office:
            spoil(office.session, office.session.scalars(select(model)).first())
            with pytest.raises(BookError, match="never changed"):
                office.session.flush()
            office.session.expunge_all()
    assert house.count(model, getattr(model, column).in_([1, 99])) == (model is Journal)


# -- progress -------------------------------------------------------------------------------------------------


def test_a_move_writes_state_step_queue_and_journal_together(any_house: House):
    house = any_house
    house.upload(visit(1))
    filing_id, journal = house.filing().id, house.count(Journal)
    with house.office(by="Ada") as office:
        filings = load_filings(office, [filing_id])
        moves = [Move(filings[filing_id], (Event.SCRUB_FAILED,), "pointers")]
        assert progress.advance(office, moves, act="scrubbed", why="test") == [State.SCRUB_FAILED]
    filing = house.filing()
    assert (filing.state, filing.turn, filing.version) == ("SCRUB_FAILED", "BUREAU", 2)
    (item,) = house.rows(select(WorkItem.queue, WorkItem.reason, WorkItem.due_at, WorkItem.wakes_at))
    assert (item.queue, item.reason, item.wakes_at) == ("Q6", "pointers", None)
    assert item.due_at > house.clock.now()
    step = house.rows(select(Step.event, Step.source, Step.target).order_by(Step.id.desc()))[0]
    assert tuple(step) == ("scrub failed", "DRAFT", "SCRUB_FAILED")
    (row,) = house.rows(select(Journal.actor, Journal.act, Journal.text).where(Journal.id > journal))
    assert tuple(row) == ("Ada", "scrubbed", "test")


def test_an_illegal_move_in_a_batch_moves_nothing(any_house: House):
    house = any_house
    house.upload(*encounters([1, 2]))
    ids = [house.filing("E1").id, house.filing("E2").id]
    before = house.count(Journal), house.count(Step)
    with house.office() as office:
        filings = load_filings(office, ids)
        moves = [Move(filings[ids[0]], (Event.SCRUB_PASSED,)), Move(filings[ids[1]], (Event.SENT,))]
        with pytest.raises(IllegalTransition):
            progress.advance(office, moves, act="wrong")
    assert (house.state("E1"), house.state("E2")) == (State.DRAFT, State.DRAFT)
    assert (house.count(Journal), house.count(Step)) == before


def test_who_read_an_older_version_changes_nothing(any_house: House):
    """Two people open the same claim; the second to save is told, and the first one's work stands."""
    house = any_house
    house.upload(visit(1))
    filing_id = house.filing().id
    with house.office() as office:
        read_by_both = load_filings(office, [filing_id])[filing_id]
    with house.office() as office:
        progress.advance(office, [Move(read_by_both, (Event.SCRUB_PASSED,))], act="first")
    with pytest.raises(StaleRow, match="1 of 1"), house.office() as office:
        progress.advance(office, [Move(read_by_both, (Event.SCRUB_FAILED,))], act="second")
    assert house.state() == State.READY
    assert house.count(Journal, Journal.act == "second") == 0
    assert house.broken_laws() == []


# -- worklist -------------------------------------------------------------------------------------------------


def fill_queue(house: House, count: int = 3) -> list[int]:
    """Claims that failed the scrub, one a minute, dearest last."""
    rows = [visit(n, payer_id=PLAIN, place_of_service="00", charge=f"{100 * n}.00") for n in range(1, count + 1)]
    with house.office() as office:
        placings = [
            Placing(house.client.id, 1_000 + n, Place(Queue.SCRUB, 1), Turn.BUREAU, "test", 100 * n)
            for n, _ in enumerate(rows, start=1)
        ]
        worklist.put(office, Subject.MAIL, placings)
    return [placing.subject_id for placing in placings]


def taken(house: House, by: str) -> int:
    with house.office() as office:
        return worklist.take(office, Queue.SCRUB, by=by).subject_id


def test_each_case_is_handed_to_one_person_until_the_lease_ends(any_house: House):
    house = any_house
    fill_queue(house)
    assert taken(house, "ada") == 1_003, "of what is due at the same time the largest comes first"
    assert taken(house, "bea") == 1_002
    assert taken(house, "ada") == 1_003, "one's own lease is renewed"
    assert taken(house, "cole") == 1_001
    with pytest.raises(NotFound, match="nothing free"):
        taken(house, "dan")
    house.clock.advance(worklist.LEASE - timedelta(seconds=1))
    with pytest.raises(NotFound):
        taken(house, "dan")
    house.clock.advance(timedelta(seconds=2))
    assert taken(house, "dan") == 1_003


def test_what_is_due_first_comes_first(any_house: House):
    house = any_house
    place = Place(Queue.SCRUB, 1)
    for subject_id, cents in ((1, 100), (2, 900_000)):
        with house.office() as office:
            worklist.put(office, Subject.MAIL, [Placing(house.client.id, subject_id, place, Turn.BUREAU, "", cents)])
        house.tick(hours=1)
    assert taken(house, "ada") == 1


def test_a_closed_case_and_a_sleeping_one_are_not_handed_out(any_house: House):
    house = any_house
    first, second, _ = fill_queue(house)
    with house.office() as office:
        worklist.move(office, Subject.MAIL, [Placing(house.client.id, first, None, Turn.NONE)])
        worklist.move(office, Subject.MAIL, [Placing(house.client.id, second, Place(Queue.DENIALS, 2), Turn.BUREAU)])
    assert taken(house, "ada") == 1_003
    with pytest.raises(NotFound):
        taken(house, "bea")


def test_a_case_lies_in_one_queue_only(any_house: House):
    house = any_house
    (first, *_) = fill_queue(house, 1)
    with pytest.raises(IntegrityError), house.office() as office:
        worklist.put(office, Subject.MAIL, [Placing(house.client.id, first, Place(Queue.CODING, 1), Turn.BUREAU)])
    assert [row.queue for row in house.rows(select(WorkItem.queue))] == ["Q6"]


def test_a_filing_that_is_moved_leaves_its_old_queue(any_house: House):
    house = any_house
    house.upload(visit(1, payer_id=PLAIN, member_id="SIM.REJECT.A7-164-IL"))
    house.run("scrub", "submit", "collect")
    rows = select(WorkItem.queue, WorkItem.closed_at).where(WorkItem.subject == "filing")
    assert [tuple(row) for row in house.rows(rows)] == [("Q7", None)]
    assert house.count(Filing) == house.count(WorkItem, WorkItem.subject == "filing")
