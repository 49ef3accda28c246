"""Schedules and the health of jobs on the pages: look, preview, change, pause, reset, try again; and who may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bureau.jobs import JOBS
from bureau.models import JobRun, Journal
from clients.accounts import create_user
from clients.models import Client, JobPlan
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from portal.app import build_app
from tests.portal.back.book import HARBOR, RIDGE, build_simulated
from tests.portal.back.conftest import PEOPLE
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

PLAN = {"cron": "0 10 * * mon,thu", "time_zone": "", "opens": "09:00", "closes": "12:00"}
SUBMIT = "/back/clients/HARBOR/schedule/submit"


@pytest.fixture(scope="module")
def own_book(tmp_path_factory, quick_hashes):
    """A book of this module's own: here the pages write."""
    bureau = build_simulated(tmp_path_factory.mktemp("planned"))
    with ScopedSession(bureau.engine, scope=Scope.of()) as session, session.begin():
        for who, grants in PEOPLE.items():
            create_user(session, email(who), who.capitalize(), PASSWORD, grants)
    return bureau


@pytest.fixture(scope="module")
def portal(own_book):
    return build_app(own_book, own_book.settings)


@pytest.fixture
def enter(portal):
    def sign_in(who: str):
        client = portal.test_client()
        sent = {"email": email(who), "password": PASSWORD, "door": "back", "csrf_token": token_of(client)}
        assert client.post("/", data=sent).status_code == 302
        token = token_of(client, "/back/")
        client.send = lambda path, **fields: client.post(path, data={"csrf_token": token, **fields})
        client.text = lambda path, **how: _plain(client.get(path, **how).get_data(as_text=True))
        return client

    return sign_in


def _plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2] or page))


@pytest.fixture
def office(own_book):
    def open_it():
        return own_book.open_office(Actor(ActorKind.PERSON, "test"), Scope.all())

    return open_it


@pytest.fixture(autouse=True)
def as_before(office):
    yield
    with office() as opened:
        for row in opened.session.scalars(select(JobPlan)):
            opened.session.delete(row)


def plans(office) -> list[tuple]:
    with office() as opened:
        wanted = select(JobPlan.client_id, JobPlan.job, JobPlan.cron, JobPlan.is_paused, JobPlan.changed_by)
        return [tuple(row) for row in opened.rows(wanted)]


def test_the_schedule_says_in_words_when_each_job_runs_and_what_the_week_holds(enter):
    page = enter("auditor").text("/back/clients/HARBOR/schedule")
    for job in JOBS.values():
        assert job.label in page
    assert "weekdays at 9:15 and 15:15, only until 17:00" in page
    assert "as the template" in page
    assert page.count("Let a smaller plan begin") == 1 + 7, "in the plan, and every day of the week ahead"
    assert page.count("Send ready claims") == 1 + 5, "not on Saturday and Sunday"
    assert "Change" not in page, "who only looks is offered nothing"


def test_a_plan_is_shown_in_words_before_it_is_saved(enter, office):
    client = enter("harbor")
    page = client.get(SUBMIT, query_string=PLAN, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in page
    assert "Mondays and Thursdays at 10:00, only between 09:00 and 12:00." in _plain(page)
    assert len(re.findall(r"<li>(Mon|Thu) \d+ \w+ 20\d\d, 10:00</li>", page)) == 5
    shown = client.send(SUBMIT, **PLAN, step="show")  # the way without script
    assert shown.status_code == 200
    assert "Mondays and Thursdays" in shown.get_data(as_text=True)
    assert plans(office) == []


def test_a_plan_is_changed_and_journaled_and_goes_back_to_the_template(enter, office):
    client = enter("harbor")
    assert client.send(SUBMIT, **PLAN).location == "/back/clients/HARBOR/schedule"
    assert plans(office) == [(HARBOR, "submit", PLAN["cron"], False, "Harbor")]
    page = client.text("/back/clients/HARBOR/schedule")
    assert "Send ready claims now runs Mondays and Thursdays at 10:00" in page
    assert "changed" in page
    assert client.send(f"{SUBMIT}/reset").status_code == 302
    assert plans(office) == []
    with office() as opened:
        texts = opened.session.scalars(select(Journal.text).where(Journal.act == "schedule changed")).all()
    own = f"{PLAN['cron']}, 09:00 to 12:00"
    assert texts[-2:] == [f"submit: as the template says -> {own}", f"submit: {own} -> as the template says"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cron": "0 0 * * 0"}, "Write days of the week by name"),
        ({"cron": ""}, "Fill this in"),
        ({"time_zone": "Mars/Olympus"}, "Choose one of the list"),
        ({"opens": "noon"}, "HH:MM"),
        ({"paused": "yes"}, "Say why it is paused"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(enter, office, changes, says):
    answer = enter("harbor").send(SUBMIT, **(PLAN | changes))
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert plans(office) == []


def test_a_pause_shows_its_reason_on_the_health_page(enter):
    client = enter("harbor")
    client.send(SUBMIT, **PLAN, paused="yes", paused_reason="The gateway moves")
    page = client.text("/back/jobs?health=paused")
    assert "The gateway moves" in page
    assert "not planned" in page
    form = client.get(SUBMIT).get_data(as_text=True)
    assert 'value="The gateway moves"' in form
    assert " checked" in form


def test_a_paused_client_says_so_everywhere(enter, office):
    with office() as opened:
        change = update(Client).where(Client.id == HARBOR)
        opened.session.execute(change.values(state="PAUSED", paused_reason="unpaid invoice"))
    client = enter("harbor")
    assert "The client is paused: unpaid invoice" in client.text("/back/clients/HARBOR/schedule")
    assert client.text("/back/jobs").count("The client is paused: unpaid invoice") == len(JOBS)
    with office() as opened:
        opened.session.execute(update(Client).where(Client.id == HARBOR).values(state="LIVE", paused_reason=""))


def test_a_foreign_client_and_an_unknown_job_are_the_same_nothing(enter):
    client = enter("harbor")
    answers = {
        (path, send): (client.send(path, **PLAN) if send else client.get(path)).status_code
        for path in ("/back/clients/RIDGE/schedule", "/back/clients/NOBODY/schedule")
        for path in (path, f"{path}/submit", "/back/clients/HARBOR/schedule/nothing")
        for send in (False, True)
        if not (send and path.endswith("schedule"))
    }
    assert set(answers.values()) == {404}


@pytest.mark.parametrize("path", [SUBMIT, f"{SUBMIT}/reset", "/back/jobs/RUN-1-1/retry"])
def test_who_only_looks_changes_no_plan(enter, office, path):
    assert enter("auditor").send(path, **PLAN).status_code == 403
    assert plans(office) == []


def _failed(office, client_id: int, own_book) -> str:
    """A failed run of the scrubber an hour ago, by its reference."""
    at = own_book.clock.now() - timedelta(hours=1)
    row = {
        "client_id": client_id, "job": "scrub", "slot": at, "started_at": at, "ended_at": at, "state": "failed",
        "origin": "schedule", "started_by": "", "attempt": 1, "items": 0, "ok": 0, "failed": 0,
        "detail": {"problem": "ConnectionError: no route"},
    }  # fmt: skip
    with office() as opened:
        (number,) = opened.insert(JobRun, [row])
    return reference("RUN", number)


def test_a_failed_run_is_tried_again_in_the_same_slot_and_keeps_its_story(enter, office, own_book):
    ref = _failed(office, HARBOR, own_book)
    client = enter("harbor")
    assert "ConnectionError: no route" in client.text(f"/back/jobs/{ref}")
    assert "Try again" in client.text("/back/jobs?health=failed")
    assert client.send(f"/back/jobs/{ref}/retry").location == f"/back/jobs/{ref}"
    page = client.text(f"/back/jobs/{ref}")
    assert "Another try of this slot , by Harbor" in page or "Another try of this slot, by Harbor" in page
    assert "Earlier attempts of this slot" in page
    assert "ConnectionError: no route" in page
    client.send(f"/back/jobs/{ref}/retry")
    assert "nothing to try again" in client.text(f"/back/jobs/{ref}")


def test_a_foreign_run_is_not_tried_again(enter, office, own_book):
    ref = _failed(office, RIDGE, own_book)
    assert enter("harbor").send(f"/back/jobs/{ref}/retry").status_code == 404


def test_what_has_not_run_for_longer_than_its_cadence_raises_an_alarm_here_and_on_the_first_page(enter):
    client = enter("ridge")  # its answers are never collected
    page = client.text("/back/jobs?health=silent")
    assert "Collect answers" in page
    assert "look whether the scheduler runs" in page
    assert "Collect answers" in client.text("/back/")
