"""Files in any order, doubled, delayed or damaged: the same books in the end."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from bureau.models import Acknowledgement, Filing, Mail, Submission, WorkItem
from bureau.models.post import MailState
from bureau.office import Delivery
from bureau.rules.lifecycle import State
from bureau.x12.ackcodes import INTERCHANGE_NOTES
from bureau.x12.envelope import InterchangeAck
from bureau.x12.locate import locate_claims
from bureau.x12.samples import make_claim_sets, make_envelope
from bureau.x12.ta1 import write_ta1
from bureau.x12.values import Envelope
from bureau.x12.write837 import write_837
from tests.support.houses import COPAY, PLAIN, House, encounters, open_house, visit

SETTLED = {"revenue": -15_000, "cash": 12_000, "contractual": 3_000}


def answers_of(house: House) -> dict[str, tuple[str, bytes]]:
    """The answer files to what was sent, as the clearinghouse has them ready: 999, its 277CA, the payer's, 835."""
    waiting = house.payers.waiting(house.client.account, house.clock.now())
    names = ("999", "277CA clearinghouse", "277CA payer", "835")
    assert len(waiting) == len(names)
    return {name: (one.name, one.content) for name, one in zip(names, waiting, strict=True)}


def a_sent_claim(**changes: str) -> House:
    house = open_house()
    house.upload(visit(1, payer_id=PLAIN, **changes))
    house.run("scrub", "submit")
    return house


def work(house: House) -> None:
    """Sort and post what lies there, taking nothing from the clearinghouse."""
    house.payers.waiting = lambda *_: []  # type: ignore[method-assign]
    house.run("collect", "post")


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_the_answers_may_come_in_any_order(order):
    """An 835 before every acknowledgement, a 277CA before the 999: each is a matter of chance, none of the outcome."""
    house = a_sent_claim()
    answers = list(answers_of(house).values())
    for place in order:
        name, content = answers[place]
        house.receive(content, name)
        work(house)
    assert house.state() == State.CLOSED_PAID
    assert house.balances() == SETTLED
    assert house.count(Acknowledgement) == 3
    assert house.count(WorkItem, WorkItem.closed_at.is_(None)) == 0
    assert house.broken_laws() == []
    house.close()


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
def test_a_rejection_stands_in_any_order(order):
    """The 999 says the file was readable, the clearinghouse sends the claim back: rejected, whichever comes first."""
    house = a_sent_claim(member_id="SIM.REJECT.A7-164-IL")
    waiting = list(house.payers.waiting(house.client.account, house.clock.now()))
    files = [waiting[0], waiting[1], waiting[0]]
    for place in order:
        house.receive(files[place].content, files[place].name)
        work(house)
    assert house.state() == State.REJECTED
    assert house.submissions()[0].status == "REJECTED"
    assert house.broken_laws() == []
    house.close()


@pytest.mark.parametrize("kind", ["999", "277CA clearinghouse", "277CA payer", "835"])
def test_a_file_that_comes_twice_is_known(kind):
    house = a_sent_claim()
    name, content = answers_of(house)[kind]
    assert (house.receive(content, name).stored, house.receive(content, "again").duplicates) == (1, 1)
    work(house)
    assert house.receive(content, "and-again").duplicates == 1
    assert house.count(Mail, Mail.outgoing.is_(False)) == 1
    house.close()


@pytest.mark.parametrize("kind", ["999", "277CA clearinghouse", "277CA payer", "835"])
@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8, 0.99])
def test_a_truncated_file_changes_no_claim_and_is_kept_with_its_reason(kind, cut):
    house = a_sent_claim()
    name, content = answers_of(house)[kind]
    house.receive(content[: int(len(content) * cut)], name)
    work(house)
    assert house.state() in (State.TRANSMITTED, State.ACCEPTED, State.CLOSED_PAID)
    state, problem = house.rows(select(Mail.state, Mail.problem).where(Mail.name == name))[0]
    assert problem, "a damaged file says so even where the rest of it could be used"
    if kind == "835" and cut < 0.9:
        assert "cash" not in house.balances()
        waiting = WorkItem.subject.in_(("mail", "remittance"))
        assert house.count(WorkItem, waiting, WorkItem.queue == "Q9", WorkItem.closed_at.is_(None)) == 1
    elif kind == "999" and cut < 0.9:
        assert (state, house.state()) == ("quarantined", State.TRANSMITTED), "no verdict is no rejection"
    assert house.broken_laws() == []
    house.close()


def test_a_reused_interchange_number_with_another_content_is_looked_at():
    house = a_sent_claim()
    name, content = answers_of(house)["999"]
    house.receive(content, name)
    receipt = house.receive(content.replace(b"*A*1*1*1~", b"*R*1*1*0~"), "another.999")
    assert [problem.code for problem in receipt.problems] == ["mail.control_reused"]
    work(house)
    assert house.state() == State.TRANSMITTED
    house.close()


def test_a_file_that_no_desk_works_waits_for_a_person():
    house = open_house()
    envelope = replace(make_envelope(), receiver=house.client.account)
    receipt = house.receive(write_837(envelope, make_claim_sets(1)).encode(), "strange.837")
    assert [problem.code for problem in receipt.problems] == ["mail.no_desk"]
    assert house.count(Mail, Mail.kind == "837P", Mail.state == MailState.QUARANTINED) == 1
    assert house.count(WorkItem, WorkItem.closed_at.is_(None)) == 1
    house.close()


def test_a_file_of_one_practice_moves_nothing_of_another(any_house: House):
    house = any_house
    harbor, ridge = house.clients
    for client in (harbor, ridge):
        house.upload(visit(1, payer_id=PLAIN), client=client, name=f"{client.code}.csv")
    house.run("scrub", "submit")
    house.run("scrub", "submit", client=ridge)
    house.run("collect", "post")
    states = dict(house.rows(_states_by_client()))
    assert states == {harbor.id: "CLOSED_PAID", ridge.id: "TRANSMITTED"}
    house.run("collect", "post", client=ridge)
    assert set(dict(house.rows(_states_by_client())).values()) == {"CLOSED_PAID"}
    assert house.broken_laws() == []


def test_a_mailbox_may_hold_what_is_another_practices_or_nobodys(any_house: House):
    """One such file stops neither the collecting nor the files beside it."""
    house = any_house
    harbor, ridge = house.clients
    for client in (harbor, ridge):
        house.upload(visit(1, payer_id=PLAIN), client=client, name=f"{client.code}.csv")
        house.run("scrub", "submit", client=client)
    now = house.clock.now()
    [mine, *_], [theirs, *_] = (house.payers.waiting(one.account, now) for one in house.clients)
    nobodys = Delivery("nobodys.999", mine.content.replace(harbor.account.encode(), b"9" * len(harbor.account)))
    box = [Delivery("noise.txt", b"\x00\x01 no X12"), nobodys, theirs, mine]
    house.payers.waiting = lambda *_: box  # type: ignore[method-assign]
    house.run("collect")
    kept = house.rows(select(Mail.name, Mail.client_id, Mail.state).where(~Mail.outgoing).order_by(Mail.name))
    assert {name: (client_id, state) for name, client_id, state in kept} == {
        mine.name: (harbor.id, MailState.DONE), theirs.name: (ridge.id, MailState.RECEIVED),
        "nobodys.999": (None, MailState.QUARANTINED), "noise.txt": (None, MailState.QUARANTINED),
    }  # fmt: skip
    house.run("collect", client=ridge)  # the same files in its own box are known
    assert house.count(Mail, ~Mail.outgoing) == len(kept)
    assert house.broken_laws() == []


def _states_by_client():
    return select(Filing.client_id, Filing.state)


def test_control_numbers_of_two_clients_never_meet(any_house: House):
    """Group numbers are the book's: a 999 for one client's group cannot hit the other's."""
    for client in any_house.clients:
        any_house.upload(visit(1, payer_id=PLAIN), client=client, name=f"{client.code}.csv")
        any_house.run("scrub", "submit", client=client)
    numbers = any_house.rows(select(Mail.control, Mail.group_control, Mail.reference).where(Mail.outgoing))
    assert len(set(numbers)) == len({row[0] for row in numbers}) == 2


def test_a_day_of_many_claims_ends_with_every_one_accounted_for(any_house: House):
    house = any_house
    house.upload(
        *encounters(range(1, 31), payer_id=PLAIN), *encounters(range(31, 41), payer_id=COPAY),
        *(visit(n, member_id=f"SIM.DENY.CO{carc}") for n, carc in ((41, 197), (42, 16), (43, 29))),
    )  # fmt: skip
    house.day()
    found: dict[str, int] = {}
    for row in house.rows(_states_by_client()):
        found[row.state] = found.get(row.state, 0) + 1
    assert found == {"CLOSED_PAID": 30, "PATIENT_DUE": 10, "DENIED": 3}
    assert house.balances() == {
        "revenue": -43 * 15_000, "cash": 30 * 12_000 + 10 * 9_500, "contractual": 40 * 3_000, "patient_ar": 25_000,
        "insurance_ar": 3 * 15_000,
    }  # fmt: skip
    assert house.broken_laws() == []


def test_a_file_refused_as_a_whole_comes_back_ready_and_goes_out_under_a_new_number():
    house = a_sent_claim()
    _, content = answers_of(house)["999"]
    refused = content.replace(b"IK5*A~", b"IK5*R*5~").replace(b"AK9*A*1*1*1~", b"AK9*R*1*1*0~")
    assert refused != content
    house.receive(refused, "refused.999")
    work(house)
    assert house.state() == State.READY
    assert house.submissions()[0].status == "FILE_REJECTED"
    house.tick(hours=1)
    house.run("submit")
    first, second = house.submissions()
    assert first.pcn != second.pcn
    assert (house.state(), second.status) == (State.TRANSMITTED, "SENT")
    assert house.broken_laws() == []
    house.close()


def test_what_was_not_sent_before_the_alarm_is_not_forgotten(house: House):
    """A file that stays in the outbox is sent by the next run, however long that takes."""
    house.upload(visit(1, payer_id=PLAIN))
    house.run("scrub")
    submit = house.payers.submit
    house.payers.submit = lambda *_: (_ for _ in ()).throw(OSError("no line"))  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no line"):
        house.run("submit")
    house.payers.submit = submit  # type: ignore[method-assign]
    house.clock.advance(timedelta(days=3))
    (tally,) = house.run("submit")
    assert tally.ok == 1
    house.run("collect", "post")
    assert house.state() == State.CLOSED_PAID


def test_an_answer_to_a_superseded_submission_moves_nothing(house: House):
    house.upload(visit(1, payer_id=PLAIN))
    house.run("scrub", "submit")
    answers = answers_of(house)
    with house.office() as office:
        office.session.execute(update(Submission).values(status="SUPERSEDED"))
    house.receive(answers["277CA payer"][1], "late.277")
    work(house)
    assert house.state() == State.TRANSMITTED
    assert house.submissions()[0].status == "SUPERSEDED"
    assert house.count(Acknowledgement) == 1, "it is kept all the same"


@pytest.mark.parametrize("verdict", ["A", "E", "R"])
def test_an_interchange_that_is_refused_as_a_whole_brings_its_claims_back(verdict: str):
    house = a_sent_claim()
    [(control,)] = house.rows(select(Mail.control).where(Mail.outgoing))
    envelope = Envelope("CLEARHOUSE", house.client.account, 77, 77, datetime(2026, 3, 2, 9, 0))
    ack = InterchangeAck(f"{control:09d}", verdict, "023")
    house.receive(write_ta1(envelope, [ack]).encode(), "answer.ta1")
    work(house)
    refused = verdict == "R"
    assert house.state() == (State.READY if refused else State.TRANSMITTED)
    assert house.submissions()[0].status == ("FILE_REJECTED" if refused else "SENT")
    told = house.rows(select(Acknowledgement.source, Acknowledgement.code, Acknowledgement.text))
    assert [tuple(row) for row in told] == ([("TA1", "R", INTERCHANGE_NOTES["023"])] if refused else [])
    assert house.broken_laws() == []
    house.close()


def test_a_claim_of_a_refused_file_comes_back_with_what_was_found_at_it():
    house = open_house()
    house.upload(visit(1, payer_id=PLAIN), visit(2, payer_id=PLAIN))
    house.run("scrub", "submit")
    [(content,)] = house.rows(select(Mail.content).where(Mail.outgoing))
    claims = locate_claims(zlib.decompress(content).decode())
    _, content = answers_of(house)["999"]
    fault, other = claims
    note = f"IK3*CLM*{claims[fault][0] - 2}*2300*8~\nIK4*5:3**7~\nIK5*R*5~".encode()
    house.receive(content.replace(b"IK5*A~", note).replace(b"AK9*A*1*1*1~", b"AK9*R*1*1*0~"), "refused.999")
    work(house)
    joined = select(Submission.pcn, Acknowledgement.text).join(
        Acknowledgement, Acknowledgement.submission_id == Submission.id
    )
    rows = house.rows(joined)
    assert {row.pcn: row.text for row in rows} == {
        fault: "CLM05-3: the code is not valid",
        other: "segments are in error",
    }
    assert {one.status for one in house.submissions()} == {"FILE_REJECTED"}
    house.close()
