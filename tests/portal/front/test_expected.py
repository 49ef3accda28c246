"""Expected against received: counts by week or from a schedule, what is missing told at home and to the staff."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from bureau.models import Encounter, Journal, VisitCount
from bureau.queries.expected import find_missing, find_received
from clients.models import Client, Provider
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from tests.portal.back.book import HARBOR, RIDGE
from tests.portal.front.test_upload import words

MONDAY = date(2026, 3, 2)


@pytest.fixture
def provider(practice_book) -> int:
    """Harbor's provider, of whom no visit is counted and who waits three days."""
    with ScopedSession(practice_book.engine, scope=Scope.all()) as session, session.begin():
        session.execute(delete(VisitCount))
        client = session.get(Client, HARBOR)
        client.preferences = {name: kept for name, kept in client.preferences.items() if "missing" not in name}
        return session.scalars(select(Provider.id).where(Provider.client_id == HARBOR)).first()


def received(book, provider: int, day: date) -> int:
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        wanted = select(func.count()).select_from(Encounter)
        return session.scalar(wanted.where(Encounter.provider_id == provider, Encounter.served_on == day))


def stated(book) -> list[tuple]:
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        wanted = select(VisitCount.day, VisitCount.expected, VisitCount.source, VisitCount.entered_by)
        return [tuple(row) for row in session.execute(wanted.order_by(VisitCount.day))]


def missing(book, *clients: int):
    scope = Scope.of(*clients) if clients else Scope.all()
    with book.open_office(Actor(ActorKind.PERSON, "test"), scope, read_only=True) as office:
        return find_missing(office)


def test_what_was_counted_and_never_came_is_told_at_home(enter, practice_book, provider):
    owner, day = enter("owner"), date(2026, 2, 25)
    came = received(practice_book, provider, day)
    assert came > 0
    name = f"count-{provider}-{day}"
    answer = owner.post("/front/expected", week=str(day), **{name: str(came + 4)})
    assert answer.status_code == 302
    assert stated(practice_book) == [(day, came + 4, "stated", "Owner")]
    page = words(owner.get(answer.location).text)
    assert f"{came} came, 4 missing" in page
    (line,) = missing(practice_book)
    assert (line.client_id, line.provider_id, line.day, line.missing) == (HARBOR, provider, day, 4)
    assert "4 visits you counted never reached us" in words(owner.get("/front/").text)
    assert "4 visits of Doe, Jane on Wed 25 Feb 2026" in page
    one = owner.get(f"/front/expected/{provider}/{day}").text
    assert len(re.findall(r"/front/claims/\d+", one)) == came  # the number opens the list
    assert missing(practice_book, RIDGE) == []
    again = owner.post("/front/expected", week=str(day), **{name: str(came)})
    assert again.status_code == 302
    assert missing(practice_book) == []
    owner.post("/front/expected", week=str(day))  # emptied
    assert stated(practice_book) == []


def test_a_day_is_told_after_as_many_days_as_the_practice_chose(enter, practice_book, provider):
    owner = enter("owner")
    today = practice_book.clock.now().date()
    days = {today - timedelta(days=ago): 90 for ago in (0, 1, 2, 3, 4)}
    text = "date,provider,count\n" + "\n".join(f"{day},doe,{count}" for day, count in days.items())
    sent = owner.post("/front/expected/schedule", file=(io.BytesIO(text.encode()), "plan.csv"))
    assert sent.status_code == 302
    assert {row[2] for row in stated(practice_book)} == {"schedule"}
    assert [(today - line.day).days for line in missing(practice_book)] == [4, 3]
    assert owner.post("/front/expected/alert", days="1").status_code == 302
    assert [(today - line.day).days for line in missing(practice_book)] == [4, 3, 2, 1]
    owner.post("/front/expected/alert", days="31")
    assert "Choose from 0 to 30 days" in words(owner.get("/front/expected").text)
    with ScopedSession(practice_book.engine, scope=Scope.all(), read_only=True) as session:
        acts = session.scalars(select(Journal.text).where(Journal.act == "alert for missing visits"))
        assert list(acts) == ["None -> 1 days"]


def test_a_schedule_is_taken_whole_or_not_at_all(enter, practice_book, provider):
    owner = enter("owner")
    text = "date,provider,count\n2026-03-02,doe,5\n2026-03-03,nobody,5\n"
    owner.post("/front/expected/schedule", file=(io.BytesIO(text.encode()), "plan.csv"))
    said = words(owner.get("/front/expected").text)
    assert "Nothing was kept. The schedule row 3 column provider: no provider of this practice" in said
    owner.post("/front/expected/schedule")
    assert "Choose a file" in words(owner.get("/front/expected").text)
    assert stated(practice_book) == []


def test_a_wrong_count_is_told_and_nothing_is_kept(enter, practice_book, provider):
    owner = enter("owner")
    fields = {f"count-{provider}-{MONDAY}": "7", f"count-{provider}-{MONDAY + timedelta(days=1)}": "many"}
    answer = owner.post("/front/expected", week=str(MONDAY), **fields)
    assert answer.status_code == 400
    assert answer.text.count('aria-invalid="true"') == 1
    assert 'value="many"' in answer.text
    assert 'value="7"' in answer.text
    assert stated(practice_book) == []


def test_visits_taken_back_are_not_received(enter, practice_book, provider):
    day = date(2026, 2, 25)
    before = received(practice_book, provider, day)
    with ScopedSession(practice_book.engine, scope=Scope.all()) as session, session.begin():
        one = session.scalars(select(Encounter).where(Encounter.provider_id == provider, Encounter.served_on == day))
        first = one.first()
        first.undone_at = practice_book.clock.now()
    with practice_book.open_office(Actor(ActorKind.PERSON, "test"), Scope.of(HARBOR), read_only=True) as office:
        assert len(find_received(office, HARBOR, provider, day)) == before - 1
    with ScopedSession(practice_book.engine, scope=Scope.all()) as session, session.begin():
        session.get(Encounter, (HARBOR, first.id)).undone_at = None


def test_only_who_may_upload_states_counts(enter, provider):
    viewer = enter("viewer")
    assert "Keep the counts" not in viewer.get("/front/expected").text
    assert viewer.post("/front/expected", week=str(MONDAY)).status_code == 403
    owner = enter("owner")
    for odd in ("/front/expected?week=x", "/front/expected?week=0001-01-01", "/front/expected?week=9999-12-31"):
        assert owner.get(odd).status_code == 200
    assert owner.get(f"/front/expected/{provider}/x").status_code == 404
    assert enter("ridge").get(f"/front/expected/{provider}/{MONDAY}").status_code == 404
