"""Who is told of what: those who can do something about it at that client, once each, and nobody of another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bureau import jobs, notices
from bureau.desks import messages, questions
from bureau.desks.messages import Letter, write_letter
from bureau.models import Notice, Question
from bureau.models.talk import NoticeKind, Side
from bureau.x12.samples import make_claim_sets, make_envelope
from bureau.x12.write837 import write_837
from clients.access import Grant, Role
from clients.models import Membership, User
from tests.support.houses import House, as_file, open_house, remittance, visit


@pytest.fixture
def house() -> Iterator[House]:
    found = open_house()
    harbor, ridge = (client.id for client in found.clients)
    people: list[tuple[str, Grant, dict[str, Any]]] = [
        ("Admin", Grant(Role.ADMIN, None), {}),
        ("Biller", Grant(Role.BILLER, harbor), {}),
        ("Auditor", Grant(Role.AUDITOR, None), {}),
        ("Owner", Grant(Role.OWNER, harbor), {}),
        ("Manager", Grant(Role.PRACTICE_MANAGER, harbor), {}),
        ("Viewer", Grant(Role.VIEWER, harbor), {}),
        ("Gone", Grant(Role.OWNER, harbor), {"is_active": False}),
        ("Ridge owner", Grant(Role.OWNER, ridge), {}),
        ("Ridge biller", Grant(Role.BILLER, ridge), {}),
    ]
    with found.office(everywhere=True) as office:
        for number, (name, grant, more) in enumerate(people, start=1):
            user = User(id=number, email=f"{number}@example.test", name=name, password_hash="-", **more)
            office.session.add(user)
            office.session.flush()
            role = Membership(id=number, user_id=number, role=grant.role, membership_client_id=grant.client_id)
            role.granted_at = None
            office.session.add(role)
    yield found
    found.close()


def told(house: House, *, unread: bool = True) -> dict[str, list[tuple[str, int]]]:
    """Name -> (kind, count) of what they have not looked at."""
    wanted = select(User.name, Notice.kind, Notice.count).join(Notice, Notice.user_id == User.id)
    if unread:
        wanted = wanted.where(Notice.read_at.is_(None))
    found: dict[str, list[tuple[str, int]]] = {}
    for name, kind, count in house.rows(wanted.order_by(Notice.id)):
        found.setdefault(name, []).append((kind, count))
    return found


def test_questions_of_a_scrub_are_one_notice_for_who_may_answer(house: House):
    house.upload(visit(1, member_id=""), visit(2, member_id="", birth_date=""))
    house.run("scrub")
    assert told(house) == {"Owner": [("question asked", 3)], "Manager": [("question asked", 3)]}


def test_from_answer_to_expiry_each_side_hears_of_its_turn(house: House):
    house.upload(visit(1))
    filing = house.filing()
    for field in ("phone", "procedure"):
        with house.office(by="Biller") as office:
            assert questions.ask_question(office, house.client.id, filing.id, field) == []
    assert told(house)["Owner"] == [("question asked", 2)], "counted up, not piled up"
    ((number,), _) = house.rows(select(Question.id).order_by(Question.id))
    with house.office(by="Owner") as office:
        assert questions.answer_question(office, house.client.id, number, "617 555 0111") == []
    assert told(house)["Biller"] == told(house)["Admin"] == [("question answered", 1)]
    house.tick(days=2)
    house.run("chase")
    assert told(house)["Manager"] == [("question asked", 2), ("question overdue", 1)]
    house.tick(days=30)
    house.run("chase")
    assert told(house)["Biller"] == [("question answered", 1), ("question expired", 1)]
    assert not set(told(house)) & {"Auditor", "Viewer", "Gone", "Ridge owner", "Ridge biller"}


def test_a_message_is_news_for_the_other_side_but_not_for_who_wrote_it(house: House):
    with house.office(by="Owner") as office:
        thread = write_letter(office, house.client.id, Letter(Side.CLIENT, "Hello", title="A word"))
        assert not isinstance(thread, list)
    assert told(house) == {"Admin": [("message to bureau", 1)], "Biller": [("message to bureau", 1)]}
    with house.office(by="Biller") as office:
        assert messages.reply(office, house.client.id, thread.id, Side.BUREAU, "Yes?") == []
    assert set(told(house)) == {"Admin", "Biller", "Owner", "Manager"}


def test_a_job_that_fails_is_told_to_who_runs_jobs(house: House, monkeypatch):
    def fail(*_args: object) -> None:
        raise RuntimeError("out of paper")

    monkeypatch.setitem(jobs.JOBS, "scrub", replace(jobs.JOBS["scrub"], act=fail))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            house.run("scrub")
    assert told(house) == {"Admin": [("job failed", 2)], "Biller": [("job failed", 2)]}


def test_files_in_quarantine_are_told_to_who_works_at_that_client(house: House):
    """One that no desk works, one that cannot be read to its end, and one that is nobody's."""
    envelope = replace(make_envelope(), receiver=house.client.account)
    house.receive(write_837(envelope, make_claim_sets(1)).encode(), "strange.837")
    assert told(house) == {"Admin": [("file quarantined", 1)], "Biller": [("file quarantined", 1)]}
    damaged = as_file(house.client, remittance(house.client)).decode()
    house.receive(damaged[: damaged.index("835*0001")].encode(), "cut.835")
    assert told(house)["Biller"] == [("file quarantined", 1)], "it is sorted, and not looked into yet"
    house.run("collect", "post")
    house.receive(b"nobody's", "nobodys.txt")
    assert told(house)["Biller"] == [("file quarantined", 2)]


def test_a_notice_is_seen_by_its_own_person_only(house: House):
    with house.office(by="job") as office:
        assert notices.tell(office, house.client.id, NoticeKind.JOB_FAILED) == 2
        assert notices.tell(office, house.client.id, NoticeKind.JOB_FAILED, count=0) == 0
    ((number,),) = house.rows(select(Notice.id).where(Notice.user_id == 1))
    with house.office(by="Biller") as office:
        notices.mark_seen(office, 2, number)
    assert set(told(house)) == {"Admin", "Biller"}, "another's notice stays as it is"
    with house.office(client=house.clients[1]) as office:
        notices.mark_seen(office, 1)
    assert set(told(house)) == {"Admin", "Biller"}, "another client's office does not reach it"
    with house.office() as office:
        notices.mark_seen(office, 1)
    assert set(told(house)) == {"Biller"}


def test_what_is_rolled_back_is_told_to_nobody(house: House):
    def tell_and_fail() -> None:
        with house.office(by="job") as office:
            notices.tell(office, house.client.id, NoticeKind.JOB_FAILED)
            raise RuntimeError("and then the lights went out")

    with pytest.raises(RuntimeError):
        tell_and_fail()
    assert told(house) == {}
