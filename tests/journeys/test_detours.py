"""Claims that do not go straight: asked about, rejected, denied, uncoded, self-pay; each ends where it should."""

from __future__ import annotations

from sqlalchemy import select

from bureau.desks import coding, denials, questions
from bureau.desks.editing import ClaimEdit, edit_claim
from bureau.models import Denial, Journal, Question, ScrubHit, Transfer, UploadRow, WorkItem
from bureau.models.books import Account, Kind
from bureau.rules.lifecycle import State
from tests.support.houses import PLAIN, House, medicare_member, visit


def queue_of(house: House, encounter: str = "E1") -> tuple[str, str]:
    wanted = select(WorkItem.queue, WorkItem.turn).where(
        WorkItem.subject == "filing", WorkItem.subject_id == house.filing(encounter).id
    )
    (row,) = house.rows(wanted)
    return row.queue, row.turn


def test_a_missing_member_id_is_asked_for_answered_and_paid(house: House):
    house.upload(visit(1, member_id="", payer_id=PLAIN))
    house.run("scrub", "submit")
    assert house.state() == State.NEEDS_INFO
    assert queue_of(house) == ("Q2", "CLIENT")
    assert house.submissions() == []
    (question,) = house.rows(select(Question.id, Question.field, Question.state))
    assert (question.field, question.state) == ("member_id", "SENT")
    with house.office(by="front desk") as office:
        assert questions.answer_question(office, house.client.id, question.id, "") != []
        assert questions.answer_question(office, house.client.id, question.id, "m777777") == []
        (again,) = questions.answer_question(office, house.client.id, question.id, "M1")
    assert again.code == "question.closed"
    house.day()
    assert house.state() == State.CLOSED_PAID
    assert b"M777777" in house.mail("837P")[0][1]
    assert house.story()[:3] == ["DRAFT", "NEEDS_INFO", "DRAFT"]
    assert house.filing().clean_first_time is False
    assert house.broken_laws() == []


def test_a_rejected_claim_is_mended_sent_under_a_new_number_and_paid(house: House):
    house.upload(visit(1, member_id="SIM.REJECT.A7-164-IL", payer_id=PLAIN))
    house.run("scrub", "submit", "collect")
    assert house.state() == State.REJECTED
    assert queue_of(house) == ("Q7", "BUREAU")
    deadline = house.filing().file_by
    filing = house.filing()
    with house.office(by="biller") as office:
        edit = ClaimEdit(filing.version, coverage={"member_id": "M0000001"})
        assert edit_claim(office, house.client.id, filing.id, edit, why="read from the card") == []
    assert house.state() == State.DRAFT
    house.day()
    first, second = house.submissions()
    assert first.pcn != second.pcn
    assert (first.status, second.status, second.frequency) == ("SUPERSEDED", "ACCEPTED", "1")
    assert house.state() == State.CLOSED_PAID
    assert house.filing().file_by == deadline, "a rejection never moves the filing deadline"
    assert house.balances("E1") == {"revenue": -15_000, "cash": 12_000, "contractual": 3_000}
    assert "read from the card" in house.rows(select(Journal.text).where(Journal.act == "claim edited"))[0][0]
    assert house.broken_laws() == []


def test_a_denial_is_recorded_routed_and_never_written_off(house: House):
    house.upload(visit(1, member_id="SIM.DENY.CO197"))
    house.day()
    assert house.state() == State.DENIED
    assert queue_of(house) == ("Q11", "BUREAU")
    (denial,) = house.rows(select(Denial.group, Denial.carc, Denial.cents, Denial.state, Denial.first_touch_at))
    assert tuple(denial) == ("CO", "197", 15_000, "OPEN", None)
    assert house.balances() == {"revenue": -15_000, "insurance_ar": 15_000}
    assert house.count(Transfer, Transfer.kind.in_((Kind.CONTRACTUAL, Kind.WRITE_OFF))) == 0
    filing_id = house.filing().id
    with house.office(by="specialist") as office:
        assert denials.find_untouched(office, house.client.id) == [filing_id]
        assert denials.triage(office, house.client.id, [filing_id], lane="FIX") == 1
    first = house.rows(select(Denial.first_touch_at))[0][0]
    house.tick(hours=1)
    with house.office(by="somebody else") as office:
        assert denials.triage(office, house.client.id, [filing_id]) == 0
        assert denials.find_untouched(office, house.client.id) == []
    assert house.rows(select(Denial.first_touch_at, Denial.lane))[0] == (first, "FIX")
    assert house.broken_laws() == []


def test_an_uncoded_line_waits_for_the_coder_who_prices_it(house: House):
    house.upload(visit(1, procedure="", charge="", note="office visit, moderate", payer_id=PLAIN))
    house.run("scrub", "submit")
    assert house.state() == State.CODING
    assert queue_of(house) == ("Q5", "BUREAU")
    assert house.balances() == {}
    (line,), filing_id = house.lines(), house.filing().id
    with house.office(by="coder") as office:
        assert coding.find_uncoded(office, house.client.id) == [filing_id]
        (problem,) = coding.code_claim(office, house.client.id, filing_id, {line.id: "NOPE1"})
        assert problem.code == "procedure.invalid"
        assert coding.code_claim(office, house.client.id, filing_id, {line.id: "xv101"}) == []
    (line,) = house.lines()
    assert (line.code, line.charge_cents, line.coded_by) == ("XV101", 9_000, "coder")
    assert house.balances() == {"revenue": -9_000, "insurance_ar": 9_000}
    house.day()
    assert house.state() == State.CLOSED_PAID
    assert house.balances() == {"revenue": -9_000, "cash": 7_200, "contractual": 1_800}
    assert house.broken_laws() == []


def test_who_pays_himself_is_never_billed_to_a_payer(house: House):
    house.upload(visit(1, payer_id="SELF", member_id=""))
    house.day()
    assert house.state() == State.PATIENT_DUE
    assert house.mail("837P") == []
    assert house.balances() == {"revenue": -15_000, "patient_ar": 15_000}
    assert house.broken_laws() == []


def test_a_medicare_member_id_that_is_none_stays_in_the_house(house: House):
    house.upload(visit(1, payer_id="SIM20", member_id="M0000001"), visit(2, **medicare_member(2)))
    house.day()
    assert house.state("E1") == State.SCRUB_FAILED
    assert [row[0] for row in house.rows(select(ScrubHit.edit))] == ["member_id.form"]
    assert house.state("E2") == State.CLOSED_PAID


def test_a_repeated_visit_is_billed_once(house: House):
    house.upload(visit(1, payer_id=PLAIN))
    house.upload(visit(2, patient_id="P1", member_id="M000001", payer_id=PLAIN), name="again.csv")
    house.day()
    assert house.state("E1") == State.CLOSED_PAID
    assert house.state("E2") == State.SCRUB_FAILED
    assert [row[0] for row in house.rows(select(ScrubHit.edit))] == ["repeat"]


def test_one_bad_row_holds_its_encounter_and_nothing_else(house: House):
    taken = house.upload(visit(1, service_date="2026-02-30"), visit(2, payer_id=PLAIN))
    assert (taken.rows, taken.accepted) == (2, 1)
    house.day()
    assert house.state("E2") == State.CLOSED_PAID
    assert house.count(UploadRow, UploadRow.state == "problem") == 1
    assert house.count(WorkItem, WorkItem.queue == "Q1", WorkItem.closed_at.is_(None)) == 1
    assert house.balances()[Account.REVENUE] == -15_000
    assert house.broken_laws() == []


def test_a_claim_nobody_answers_for_wakes_up_and_is_asked_about(house: House):
    house.upload(visit(1, member_id="SIM.PEND.90", payer_id=PLAIN))
    house.run("scrub", "submit")
    house.tick(days=9)
    assert house.run("wake")[0].ok == 1
    assert house.state() == State.FOLLOW_UP
    assert queue_of(house) == ("Q8", "BUREAU")
    house.run("collect")
    house.run("post")
    assert house.state() == State.CLOSED_PAID, "the answer is taken whenever it comes"
    assert house.broken_laws() == []
