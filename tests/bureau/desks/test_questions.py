"""Questions from being asked to their end: whose turn it is, what is written where, and the clock of the bureau."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bureau.desks import questions
from bureau.models import Coverage, Journal, Patient, Question, WorkItem
from bureau.models.work import QuestionState
from bureau.rules.lifecycle import State
from reports.spans import load_encounter_spans
from tests.support.hours import open_seconds
from tests.support.houses import House, open_house, visit

ZONE = "America/New_York"


@pytest.fixture
def house() -> Iterator[House]:
    found = open_house()
    yield found
    found.close()


def ask(house: House, field: str, text: str = "", encounter: str = "E1") -> int:
    filing = house.filing(encounter)
    with house.office() as office:
        assert questions.ask_question(office, filing.client_id, filing.id, field, text) == []
        return office.session.scalars(select(Question.id).order_by(Question.id.desc()).limit(1)).one()


def answer(house: House, question_id: int, text: str) -> list[str]:
    with house.office(by="Pat Gray") as office:
        return [one.code for one in questions.answer_question(office, house.client.id, question_id, text)]


def act(house: House, verb, question_id: int, *why: str) -> list[str]:
    with house.office() as office:
        return [one.code for one in verb(office, house.client.id, question_id, *why)]


def questions_of(house: House) -> list[Question]:
    with house.office(everywhere=True) as office:
        return list(office.session.scalars(select(Question).order_by(Question.id)))


def states(house: House) -> list[str]:
    return [one.state for one in questions_of(house)]


def turn_of(house: House, encounter: str = "E1") -> str:
    filing = house.filing(encounter)
    wanted = select(WorkItem.turn, WorkItem.queue).where(WorkItem.subject_id == filing.id, WorkItem.subject == "filing")
    ((turn, queue),) = house.rows(wanted)
    assert (turn == filing.turn, queue if filing.state == State.NEEDS_INFO else "Q2") == (True, "Q2")
    return filing.turn


def pauses(house: House) -> int:
    """Seconds for which the promise of the one claim stood still."""
    with house.office() as office:
        (span,) = load_encounter_spans(office, house.client.id)
        return sum(office.calendar(house.client.id).business_seconds(a, b or office.now) for a, b in span.pauses)


# -- answers ---------------------------------------------------------------------------------------------------


def test_an_answer_with_a_place_is_written_there_with_who_when_and_what_was_before(house: House):
    house.upload(visit(1, member_id=""))
    house.run("scrub")
    (question,) = questions_of(house)
    assert (question.category, question.asked_by, question.field) == ("Insurance", "job scrub", "member_id")
    house.tick(hours=2)
    assert answer(house, question.id, "m7654321") == []
    (question,) = questions_of(house)
    assert (question.state, question.answer, question.before) == ("ACCEPTED", "M7654321", "")
    assert (question.answered_by, question.answered_at) == ("Pat Gray", house.clock.now())
    assert house.rows(select(Coverage.member_id)) == [("M7654321",)]
    (text,) = house.rows(select(Journal.text).where(Journal.act == "question answered"))[0]
    assert text == "Member number: nothing -> M7654321"
    assert house.state() == State.DRAFT


def test_what_only_a_person_can_judge_comes_back_to_the_bureau(house: House):
    house.upload(visit(1))
    number = ask(house, "procedure", "Which arm?")
    assert (house.state(), turn_of(house)) == (State.NEEDS_INFO, "CLIENT")
    assert answer(house, number, "the left one") == []
    assert (house.state(), turn_of(house), states(house)) == (State.NEEDS_INFO, "BUREAU", ["ANSWERED"])
    assert act(house, questions.accept_answer, number) == []
    assert (house.state(), states(house)) == (State.DRAFT, ["ACCEPTED"])
    assert act(house, questions.accept_answer, number) == ["question.moved"]
    assert house.broken_laws() == []


def test_several_questions_on_one_claim_are_waited_for_together(house: House):
    house.upload(visit(1))
    first, second = ask(house, "birth_date"), ask(house, "phone")
    third = ask(house, "prior_auth")
    assert answer(house, first, "1979-01-02") == []
    assert (house.state(), turn_of(house)) == (State.NEEDS_INFO, "CLIENT")
    assert answer(house, second, "617 555 0111") == []
    assert answer(house, third, "auth-1") == []
    assert (house.state(), turn_of(house)) == (State.NEEDS_INFO, "BUREAU"), "the phone number is not looked at yet"
    assert act(house, questions.accept_answer, second) == []
    assert house.state() == State.DRAFT
    assert house.rows(select(Patient.born_on))[0][0].isoformat() == "1979-01-02"
    assert house.rows(select(Question.before).where(Question.id == first)) == [("1980-05-17",)]
    house.day()
    assert house.state() == State.PATIENT_DUE
    assert b"AUTH-1" in house.mail("837P")[0][1]


def test_the_same_fact_is_asked_once_and_answered_for_every_claim(house: House):
    same = {"patient_id": "P1", "last_name": "Doe", "member_id": "M1"}
    house.upload(visit(1, **same), visit(2, service_date="2026-03-03", **same))
    first = ask(house, "address")
    ask(house, "address", encounter="E2")
    filing = house.filing()
    with house.office() as office:
        (double,) = questions.ask_question(office, house.client.id, filing.id, "address")
    assert double.code == "question.double"
    assert answer(house, first, "9 Ash Ln; Salem; MA; 01970") == []
    assert states(house) == ["ACCEPTED", "ACCEPTED"]
    assert (house.state("E1"), house.state("E2")) == (State.DRAFT, State.DRAFT)


def test_a_wrong_answer_changes_nothing(house: House):
    house.upload(visit(1))
    number = ask(house, "birth_date")
    assert answer(house, number, "2026-03-03") == ["answer.late"]
    assert states(house) == ["SENT"]
    assert house.rows(select(Patient.born_on))[0][0].isoformat() == "1980-05-17"


@pytest.mark.parametrize(("field", "text", "code"), [
    ("nonsense", "", "question.field"), ("other", "", "question.empty"), ("other", "x" * 501, "question.long"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(house: House, field, text, code):
    house.upload(visit(1))
    filing = house.filing()
    with house.office() as office:
        assert [one.code for one in questions.ask_question(office, house.client.id, filing.id, field, text)] == [code]
    assert questions_of(house) == []
    assert house.state() == State.DRAFT


def test_a_claim_that_was_sent_is_not_called_back_by_a_question(house: House):
    house.upload(visit(1))
    house.run("scrub", "submit")
    number = ask(house, "phone")
    assert house.state() == State.TRANSMITTED
    assert answer(house, number, "617 555 0111") == []
    assert act(house, questions.accept_answer, number) == []
    assert house.state() == State.TRANSMITTED


# -- again, or not at all --------------------------------------------------------------------------------------


def test_asking_again_needs_a_reason_and_starts_a_new_term(house: House):
    house.upload(visit(1))
    number = ask(house, "procedure", "Which arm?")
    house.tick(days=2)
    assert answer(house, number, "yes") == []
    assert act(house, questions.reopen_question, number, " ") == ["question.why"]
    assert act(house, questions.reopen_question, number, "Left or right?") == []
    old, new = questions_of(house)
    assert (old.state, old.reason, new.follows_id) == ("REOPENED", "Left or right?", old.id)
    assert (new.state, new.text, new.asked_at) == ("SENT", "Which arm? Left or right?", house.clock.now())
    assert turn_of(house) == "CLIENT"
    assert answer(house, new.id, "left") == []
    assert act(house, questions.accept_answer, new.id) == []
    assert house.state() == State.DRAFT


def test_a_question_taken_back_lets_the_claim_go(house: House):
    house.upload(visit(1))
    number = ask(house, "phone")
    assert act(house, questions.withdraw_question, number, "found it") == []
    assert (house.state(), states(house)) == (State.DRAFT, ["WITHDRAWN"])
    assert answer(house, number, "617 555 0111") == ["question.closed"]


def test_reminders_then_expiry_then_a_decision(house: House):
    """Asked on Wednesday 18 March: reminders on the 20th, 25th and 1 April; the waiting ends after 6 April."""
    house.upload(visit(1))
    ask(house, "phone")
    seen = []
    for _ in range(21):
        house.tick(days=1)
        (tally,) = house.run("chase")
        (question,) = questions_of(house)
        if tally.ok:
            seen.append((house.clock.now().strftime("%m-%d"), question.reminders, question.expiries, question.state))
    assert seen == [
        ("03-20", 1, 0, "SENT"), ("03-25", 2, 1, "SENT"), ("04-01", 3, 1, "SENT"), ("04-07", 3, 2, "EXPIRED"),
    ]  # fmt: skip
    assert turn_of(house) == "BUREAU"
    assert house.count(Journal, Journal.act == "practice reminded") == 3
    assert act(house, questions.close_unanswered, question.id) == []
    assert house.state() == State.CLOSED_NOT_BILLABLE
    assert house.story()[-1] == "CLOSED_NOT_BILLABLE"
    assert house.balances("E1") == {"revenue": -15_000, "write_off": 15_000}
    assert house.broken_laws() == []
    assert act(house, questions.close_unanswered, question.id) == ["question.moved"]


def test_an_expired_question_can_be_asked_again(house: House):
    house.upload(visit(1))
    number = ask(house, "phone")
    house.tick(days=30)
    house.run("chase")
    assert states(house) == ["EXPIRED"]
    assert answer(house, number, "617 555 0111") == ["question.closed"]
    assert act(house, questions.reopen_question, number, "We called you about it.") == []
    assert states(house) == ["REOPENED", "SENT"]
    assert turn_of(house) == "CLIENT"


def test_chasing_twice_a_day_reminds_once(house: House):
    house.upload(visit(1))
    ask(house, "phone")
    house.tick(days=2)
    assert [tally.ok for tally in house.run("chase", "chase")] == [1, 0]


# -- the clock -------------------------------------------------------------------------------------------------


def test_the_clock_stands_still_while_it_is_the_practices_turn_and_not_a_second_longer(house: House):
    """Two questions that overlap count once; from the last answer to its being asked again the clock runs."""
    house.upload(visit(1))
    spans: list[tuple[datetime, datetime]] = []
    house.tick(hours=1)
    begun, first = house.clock.now(), ask(house, "phone")
    house.tick(hours=3, seconds=7)
    second = ask(house, "procedure", "Which arm?")
    house.tick(days=1, hours=2)
    assert answer(house, first, "617 555 0111") == []
    house.tick(days=2, minutes=11)
    assert answer(house, second, "yes") == []
    spans.append((begun, house.clock.now()))
    house.tick(days=3, hours=1)  # somebody of the bureau takes their time
    assert act(house, questions.accept_answer, first) == []
    begun = house.clock.now()
    assert act(house, questions.reopen_question, second, "Left or right?") == []
    house.tick(days=1, seconds=13)
    assert pauses(house) == sum(open_seconds(*span, ZONE) for span in [*spans, (begun, house.clock.now())])
    assert answer(house, second + 1, "left") == []
    spans.append((begun, house.clock.now()))
    house.tick(hours=5)
    assert act(house, questions.accept_answer, second + 1) == []
    house.tick(days=1)
    expected = sum(open_seconds(*span, ZONE) for span in spans)
    assert pauses(house) == expected
    assert expected > timedelta(hours=20).total_seconds()


def test_an_expired_question_stops_the_pause(house: House):
    house.upload(visit(1))
    begun = house.clock.now()
    ask(house, "phone")
    house.tick(days=30)
    house.run("chase")
    ended = house.clock.now()
    house.tick(days=2)
    assert pauses(house) == open_seconds(begun, ended, ZONE)
    assert states(house) == [QuestionState.EXPIRED]
