"""The timetable: the template merged with what staff changed, in few statements, and how each job stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bureau.desks.schedules import PlanChange, change_plan, reset_plan
from bureau.jobs import JOBS, STUCK, run_job
from bureau.models import JobRun, Journal
from bureau.plans import GRACE, Health, PlannedJob, Standing, find_alarms, find_standings, load_plans
from clients.models import Client, ClientState, JobPlan, TierPeriod
from clients.scope import Scope, ScopeError
from clients.trail import Actor, ActorKind
from tests.support.houses import House, open_practice
from tests.support.statements import counted


def plans(house: House) -> dict[str, PlannedJob]:
    with house.office() as office:
        return {plan.job: plan for plan in load_plans(office.session, house.clock.now())}


def standing(house: House, job: str = "scrub") -> Standing:
    with house.office() as office:
        (found,) = [one for one in find_standings(office, [house.client])[house.client.id] if one.job.name == job]
    return found


def change(house: House, *fields: str, **more) -> list:
    with house.office() as office:
        return change_plan(office, house.client.id, PlanChange(*fields, **more))


def test_without_a_row_the_template_holds_in_the_clients_own_time(any_house: House):
    found = plans(any_house)
    assert list(found) == list(JOBS)
    assert [(plan.timing.cron, plan.timing.closes) for plan in found.values()] == [
        (job.cron, job.closes) for job in JOBS.values()
    ]
    assert not any(plan.is_own or plan.halt for plan in found.values())


def test_a_change_is_merged_journaled_and_undone(any_house: House):
    house = any_house
    assert change(house, "submit", "0 10 * * mon", "America/Denver", "09:00", "12:00") == []
    assert change(house, "submit", "0 11 * * mon", "America/Denver") == []
    plan = plans(house)["submit"]
    assert (plan.timing.cron, plan.timing.time_zone, plan.is_own) == ("0 11 * * mon", "America/Denver", True)
    assert plan.next_slot(house.clock.now()) == datetime(2026, 3, 23, 17, tzinfo=UTC)
    with house.office() as office:
        reset_plan(office, house.client.id, "submit")
        reset_plan(office, house.client.id, "submit")
    assert plans(house)["submit"].timing.cron == JOBS["submit"].cron
    texts = [row[0] for row in house.rows(select(Journal.text).where(Journal.act == "schedule changed"))]
    assert texts == [
        "submit: as the template says -> 0 10 * * mon, 09:00 to 12:00, America/Denver",
        "submit: 0 10 * * mon, 09:00 to 12:00, America/Denver -> 0 11 * * mon, America/Denver",
        "submit: 0 11 * * mon, America/Denver -> as the template says",
    ]


def test_what_cannot_be_kept_is_not_written(house: House):
    assert [one.where for one in change(house, "submit", "0 0 * * 0")] == ["cron"]
    assert [one.where for one in change(house, "submit", "0 9 * * *", is_paused=True)] == ["paused_reason"]
    assert house.count(JobPlan) == house.count(Journal, Journal.act == "schedule changed") == 0
    with pytest.raises(ScopeError), house.office(client=house.clients[1]) as office:
        change_plan(office, house.client.id, PlanChange("submit", "0 9 * * *", "America/Denver"))


def test_a_pause_stops_one_job_and_a_paused_client_all(house: House):
    assert change(house, "submit", "0 9 * * *", paused_reason="payer is down", is_paused=True) == []
    found = plans(house)
    assert (found["submit"].halt, found["submit"].next_slot(house.clock.now())) == ("payer is down", None)
    assert found["scrub"].halt == ""
    with house.office(everywhere=True) as office:
        values = {"state": ClientState.PAUSED, "paused_reason": "unpaid invoice"}
        office.session.execute(update(Client).where(Client.id == house.client.id).values(**values))
    assert {plan.halt for plan in plans(house).values()} == {"The client is paused: unpaid invoice"}


def test_what_is_not_bought_is_in_no_plan(house: House):
    with house.office() as office:
        office.session.execute(update(TierPeriod).values(ends_on=date(2026, 3, 18)))
    assert plans(house) == {}


def test_plans_of_all_clients_cost_two_statements(house: House):
    with house.office(everywhere=True) as office:
        for number in range(3, 13):
            open_practice(office, number, f"MORE{number}")
    actor = Actor(ActorKind.JOB, "reader")
    with counted(house.bureau.engine) as said, house.bureau.open_office(actor, Scope.all(), read_only=True) as office:
        found = load_plans(office.session, house.clock.now())
    assert len(found) == 12 * len(JOBS)
    assert len([text for text in said if text.startswith("SELECT")]) == 2


def test_a_job_that_ran_is_fine_then_late_then_silent(house: House):
    house.run("scrub")  # at 11:01; due again at 15:00, and at 9:00 the next day
    assert standing(house).health == Health.DONE
    house.clock.set(datetime(2026, 3, 18, 19, tzinfo=UTC) + GRACE)
    assert standing(house).health == Health.DONE
    house.tick()
    late = standing(house)
    assert (late.health, late.late_since) == (Health.LATE, datetime(2026, 3, 18, 19, tzinfo=UTC))
    house.clock.set(datetime(2026, 3, 19, 13, tzinfo=UTC) + GRACE + timedelta(minutes=1))
    silent = standing(house)
    assert silent.health == Health.SILENT
    assert find_alarms({1: [late, silent]}) == [late, silent]
    house.run("scrub")
    assert standing(house).health == Health.DONE


def test_a_job_that_never_ran_is_silent_once_it_should_have(house: House):
    assert standing(house).health == Health.SILENT
    assert change(house, "scrub", "0 9 * * *") == []  # from now on
    assert standing(house).health == Health.NEVER


def test_failed_running_stuck_and_paused(house: House):
    house.run("scrub")

    def make(state: str) -> Health:
        with house.office() as office:
            office.session.execute(update(JobRun).values(state=state))
        return standing(house).health

    assert make("failed") == Health.FAILED
    assert make("running") == Health.RUNNING
    house.clock.advance(STUCK + timedelta(minutes=1))
    assert make("running") == Health.STUCK
    assert change(house, "scrub", "0 9 * * *", paused_reason="holiday", is_paused=True) == []
    assert standing(house).health == Health.PAUSED


def test_a_clients_plan_says_nothing_about_another(house: House):
    assert change(house, "scrub", "0 1 * * *") == []
    with house.office(client=house.clients[1]) as office:
        own = load_plans(office.session, house.clock.now())
    assert {plan.client_id for plan in own} == {house.clients[1].id}
    assert not any(plan.is_own for plan in own)
    assert run_job(house.bureau, "scrub", house.clients[1].id, house.clock.now()) is not None
