"""Threads between client and bureau: who waits for whom, since when, who has read what, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bureau.desks import messages
from bureau.desks.messages import Letter, write_letter
from bureau.models import Mail, Message, Thread, Upload
from bureau.models.talk import Side, Topic
from bureau.office import NotFound
from bureau.queries import talk
from clients.scope import Scope
from config.identifiers import reference
from tests.support.hours import open_seconds
from tests.support.houses import House, open_house, visit

STAFF, PAT, KIM = talk.Reader(1, Side.BUREAU), talk.Reader(7, Side.CLIENT), talk.Reader(8, Side.CLIENT)
ZONE = "America/New_York"


@pytest.fixture
def house() -> Iterator[House]:
    found = open_house()
    yield found
    found.close()


def write(house: House, side: Side, text: str = "Hello", client: int = 0, **more) -> int:
    one = house.clients[client]
    with house.office(client=one, by="Pat" if side is Side.CLIENT else "Bea") as office:
        thread = write_letter(office, one.id, Letter(side, text, **({"title": "A word"} | more)))
        assert isinstance(thread, Thread)
        return thread.id


def answer(house: House, thread_id: int, side: Side, text: str = "Thanks") -> None:
    with house.office(by="Pat" if side is Side.CLIENT else "Bea") as office:
        assert messages.reply(office, house.client.id, thread_id, side, text) == []


def look(house: House, reader: talk.Reader = STAFF, **more) -> list[talk.ThreadLine]:
    with house.office(everywhere=True) as office:
        return talk.find_threads(office, reader, **more)


def test_a_message_waits_until_the_bureau_answers(house: House):
    begun = house.clock.now()
    thread = write(house, Side.CLIENT)
    house.tick(days=1, hours=2)
    answer(house, thread, Side.CLIENT, "Are you there?")
    (line,) = look(house)
    assert line.waits_since == begun, "the first unanswered one counts"
    assert line.hours == round(open_seconds(begun, house.clock.now(), ZONE) / 3600, 1)
    assert line.due_at == begun + timedelta(days=1)
    answer(house, thread, Side.BUREAU)
    (line,) = look(house)
    assert (line.waits_since, line.hours, line.last_side) == (None, 0.0, "bureau")
    answered = house.rows(select(Message.side, Message.answered_at).order_by(Message.id))
    assert answered == [("client", house.clock.now()), ("client", house.clock.now()), ("bureau", None)]


def test_who_waits_longest_comes_first_then_the_latest(house: House):
    quiet = write(house, Side.BUREAU, title="quiet")
    house.tick(hours=1)
    old = write(house, Side.CLIENT, title="old")
    house.tick(hours=1)
    young = write(house, Side.CLIENT, title="young", client=1)
    house.tick(hours=1)
    latest = write(house, Side.BUREAU, title="latest")
    assert [line.id for line in look(house)] == [old, young, latest, quiet]
    assert [line.id for line in look(house, client_id=house.clients[1].id)] == [young]
    with house.office(everywhere=True) as office:
        assert talk.count_waiting(office) == 2


def test_read_is_told_person_by_person(house: House):
    thread = write(house, Side.BUREAU)
    assert [line.is_unread for line in look(house, PAT)] == [True]
    assert [line.is_unread for line in look(house)] == [False], "one's own words are no news"
    house.tick()
    for _ in range(2):
        with house.office() as office:
            messages.mark_read(office, house.client.id, thread, Side.CLIENT, PAT.user_id)
    assert [line.is_unread for line in look(house, PAT)] == [False]
    assert [line.is_unread for line in look(house, KIM)] == [True]
    with house.office() as office:
        assert talk.count_news(office) == 0, "somebody of the practice has read it"
    house.tick()
    answer(house, thread, Side.BUREAU)
    assert [line.is_unread for line in look(house, PAT)] == [True]
    with house.office() as office:
        assert talk.count_news(office) == 1


def test_about_one_claim_there_is_one_thread_until_it_is_closed(house: House):
    house.upload(visit(1))
    claim = house.filing().claim_id
    about = {"topic": Topic.CLAIM, "subject_id": claim, "title": ""}
    first = write(house, Side.CLIENT, **about)
    assert write(house, Side.BUREAU, **about) == first
    with house.office() as office:
        messages.close(office, house.client.id, first)
    assert look(house) == []
    assert [line.id for line in look(house, closed=True)] == [first]
    second = write(house, Side.CLIENT, **about)
    assert second != first
    (line,) = look(house)
    assert (line.id, line.about) == (second, f"Claim {reference('CLM', claim)}")


def test_a_closed_thread_was_answered_and_a_new_message_opens_it_again(house: House):
    thread = write(house, Side.CLIENT, "Thank you!")
    with house.office() as office:
        messages.close(office, house.client.id, thread)
        messages.assign(office, house.client.id, thread, "Bea")
    assert house.rows(select(Message.answered_at)) == [(house.clock.now(),)]
    house.tick()
    answer(house, thread, Side.CLIENT, "One more thing")
    (line,) = look(house)
    assert (line.id, line.closed_at, line.waits_since, line.assignee) == (thread, None, house.clock.now(), "Bea")


def test_files_are_talked_about_by_name(house: House):
    house.upload(visit(1))
    house.run("scrub", "submit")
    ((upload,),) = house.rows(select(Upload.id))
    mail, name = house.rows(select(Mail.id, Mail.name))[0]
    write(house, Side.CLIENT, topic=Topic.UPLOAD, subject_id=upload, title="")
    house.tick()
    write(house, Side.BUREAU, topic=Topic.MAIL, subject_id=mail, title="")
    assert [line.about for line in look(house)] == ["File visits.csv", f"File {name}"]


@pytest.mark.parametrize(("text", "title", "code"), [
    (" ", "A word", "message.empty"), ("x" * 4_001, "A word", "message.long"), ("a\x00b", "A word", "message.long"),
    ("Hello", " ", "message.title"), ("Hello", "x" * 121, "message.title_long"),
])  # fmt: skip
def test_what_cannot_be_sent_is_refused(house: House, text, title, code):
    with house.office() as office:
        (problem,) = write_letter(office, house.client.id, Letter(Side.CLIENT, text, title=title))
    assert problem.code == code
    assert house.count(Thread) == house.count(Message) == 0


def test_nothing_of_another_client_can_be_written_about_or_answered(house: House):
    house.upload(visit(1))
    claim, thread, other = house.filing().claim_id, write(house, Side.CLIENT), house.clients[1]
    with house.office(client=other) as office:
        for topic, subject in ((Topic.CLAIM, claim), (Topic.UPLOAD, 1), (Topic.MAIL, 1)):
            with pytest.raises(NotFound):
                write_letter(office, other.id, Letter(Side.CLIENT, "Hi", topic, subject))
        for client_id in (house.client.id, other.id):
            with pytest.raises(NotFound):
                messages.reply(office, client_id, thread, Side.CLIENT, "Hi")
            with pytest.raises(NotFound):
                messages.mark_read(office, client_id, thread, Side.CLIENT, 9)
    reader = house.bureau.open_office(office.actor, Scope.of(other.id), read_only=True)
    with reader as office:
        assert talk.find_threads(office, PAT) == []
        assert talk.count_waiting(office) == talk.count_news(office) == 0
