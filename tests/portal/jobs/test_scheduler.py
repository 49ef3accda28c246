"""The scheduler: one effect per slot whatever the clock does and however many run, and a plan that is followed."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from time import sleep

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select

from bureau.desks.schedules import PlanChange, change_plan
from bureau.jobs import JOBS
from bureau.models import Filing, JobRun, Submission
from bureau.models.work import JobOrigin
from bureau.plans import PlannedJob
from bureau.rules.schedules import Timing
from portal.scheduler import LEAST, POLL, Agenda, Due, NextSlot, Scheduler, Threads, _follow, perform
from tests.support.houses import PLAIN, House, connect, encounters, open_practice

MORNING = datetime(2026, 3, 18, 13, 14, 59, tzinfo=UTC)  # one second before the clients' 9:15
HOURLY = PlannedJob(1, "scrub", Timing("0 * * * *", "America/New_York"))


class Straight:
    """Runs what it is given at once, in the caller's thread."""

    def __init__(self, house: House) -> None:
        self.house, self.taken = house, []

    def hand_over(self, due: Due) -> None:
        self.taken.append(due)
        perform(self.house.bureau, due)

    def close(self) -> None:
        """Nothing is under way."""


def follow(agenda: Agenda, moments: list[datetime]) -> list[str]:
    return [f"{due.slot:%d %H:%M}" for now in moments for due in agenda.take_due(now)]


def agenda_at(now: datetime, plan: PlannedJob = HOURLY) -> Agenda:
    agenda = Agenda()
    agenda.learn([plan], {}, now)
    return agenda


def every(minutes: int, start: datetime, count: int) -> list[datetime]:
    return [start + timedelta(minutes=minutes * step) for step in range(count)]


# -- the agenda ------------------------------------------------------------------------------------------------


def test_a_clock_that_jumps_ahead_makes_missed_slots_one():
    start = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)
    agenda = agenda_at(start)
    jumped = every(10, start + timedelta(hours=2, minutes=10), 6)
    assert follow(agenda, [start, *jumped]) == ["18 14:00", "18 15:00"]


def test_a_clock_that_jumps_back_asks_for_nothing_twice():
    start = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)
    agenda = agenda_at(start)
    forth = every(10, start, 13)  # until 14:30
    again = every(10, start, 19)  # 12:30 to 15:30
    assert follow(agenda, forth) == ["18 13:00", "18 14:00"]
    assert follow(agenda, again) == ["18 15:00"]


@pytest.mark.parametrize(
    ("start", "slots"),
    [
        (datetime(2026, 3, 8, 5, 30, tzinfo=UTC), ["08 06:00", "08 07:00", "08 08:00", "08 09:00"]),
        (datetime(2026, 11, 1, 4, 30, tzinfo=UTC), ["01 05:00", "01 07:00", "01 08:00"]),  # one o'clock comes twice
    ],
)
def test_over_a_change_of_clocks_each_slot_is_asked_for_once(start, slots):
    assert follow(agenda_at(start), every(1, start, 240)) == slots


def test_what_is_missed_is_caught_up_once_unless_its_window_is_shut():
    plan = PlannedJob(1, "submit", Timing("15 9,15 * * mon-fri", "America/New_York", "", "17:00"))
    last = {plan.key: datetime(2026, 3, 13, 13, 15, tzinfo=UTC)}
    for now, due in (
        (datetime(2026, 3, 18, 20, tzinfo=UTC), ["18 19:15"]),  # 16:00: five slots are one
        (datetime(2026, 3, 18, 22, tzinfo=UTC), []),  # 18:00: behind the cut-off
    ):
        agenda = Agenda()
        agenda.learn([plan], last, now)
        found = agenda.take_due(now)
        assert [f"{one.slot:%d %H:%M}" for one in found] == due
        assert {one.origin for one in found} <= {JobOrigin.CATCH_UP}
        assert agenda.next_at() == datetime(2026, 3, 19, 13, 15, tzinfo=UTC)


def test_a_changed_plan_is_followed_from_then_on_and_a_pause_holds():
    now = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)
    agenda = agenda_at(now)
    assert agenda.learn([HOURLY], {}, now) == 0
    later = PlannedJob(1, "scrub", Timing("45 * * * *", "America/New_York"), since=now)
    assert agenda.learn([later], {}, now) == 1
    assert agenda.next_at() == datetime(2026, 3, 18, 12, 45, tzinfo=UTC)
    assert agenda.learn([PlannedJob(1, "scrub", later.timing, "holiday", since=now)], {}, now) == 1
    assert agenda.take_due(now + timedelta(days=1)) == []
    assert agenda.learn([], {}, now) == 1
    assert agenda.next_at() is None


def test_what_cannot_be_handed_over_stays_due():
    now = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)
    agenda = agenda_at(now)
    (due,) = agenda.take_due(now + timedelta(minutes=31))
    agenda.put_back(due)
    assert [one.slot for one in agenda.take_due(now + timedelta(minutes=32))] == [due.slot]
    assert agenda.take_due(now + timedelta(minutes=33)) == []


# -- the scheduler over a real book ----------------------------------------------------------------------------


def slots(house: House, job: str = "scrub") -> list[datetime]:
    wanted = select(JobRun.slot).where(JobRun.job == job, JobRun.client_id == house.client.id)
    return [row[0] for row in house.rows(wanted.order_by(JobRun.slot))]


def live(house: House, moments: list[datetime], scheduler: Scheduler | None = None) -> Scheduler:
    """Let a scheduler look at its plans and act at each of these moments."""
    scheduler = scheduler or Scheduler(house.bureau, Straight(house))
    for moment in moments:
        house.clock.set(moment)
        scheduler.plan()
        scheduler.step()
    return scheduler


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_clock_set_by_two_hours_leaves_one_run_per_slot(any_house: House, jump):
    start = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)  # 8:30; scrub is due at 9:00 and 15:00
    scheduler = live(any_house, every(20, start, 4))  # until 9:30
    live(any_house, every(20, start + timedelta(hours=1) + jump, 22), scheduler)
    expected = {datetime(2026, 3, 18, 13, tzinfo=UTC), datetime(2026, 3, 18, 19, tzinfo=UTC)}
    assert set(slots(any_house)) == ({datetime(2026, 3, 18, 13, tzinfo=UTC)} if jump < timedelta(0) else expected)
    assert len(slots(any_house)) == len(set(slots(any_house)))
    assert {row[0] for row in any_house.rows(select(JobRun.attempt))} == {1}


def test_a_new_plan_and_a_new_client_are_noticed_without_a_new_start(house: House):
    start = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)
    scheduler = live(house, [start])
    with house.office() as office:
        assert change_plan(office, house.client.id, PlanChange("scrub", "40 8 * * *")) == []
    with house.office(everywhere=True) as office:
        new = open_practice(office, 3, "NEW")
    live(house, every(5, start, 8), scheduler)
    assert slots(house) == [datetime(2026, 3, 18, 12, 40, tzinfo=UTC)]
    assert house.count(JobRun, JobRun.client_id == new.id, JobRun.job == "scrub") == 1


def test_after_a_standstill_each_job_is_caught_up_once(any_house: House):
    house = any_house
    house.run("scrub")
    house.clock.advance(timedelta(days=5))
    house.bureau.clock.set(datetime(2026, 3, 24, 15, tzinfo=UTC))
    scheduler = live(house, every(1, house.clock.now(), 5))
    caught = [due for due in scheduler.dispatch.taken if due.client_id == house.client.id]
    assert [(due.job, f"{due.slot:%d %H:%M}", str(due.origin)) for due in caught] == [("scrub", "24 13:00", "catch-up")]


def test_a_run_cut_off_is_begun_again_at_the_next_start(any_house: House):
    house = any_house
    house.run("scrub")
    slot = datetime(2026, 3, 18, 19, tzinfo=UTC)
    with house.office() as office:
        row = {
            "client_id": house.client.id, "job": "scrub", "slot": slot, "started_at": slot, "ended_at": None,
            "state": "running", "origin": "schedule", "started_by": "", "attempt": 1, "items": 0, "ok": 0, "failed": 0,
            "detail": None,
        }  # fmt: skip
        office.insert(JobRun, [row])
    live(house, [slot + timedelta(hours=1)])
    (found,) = house.rows(select(JobRun.state, JobRun.attempt).where(JobRun.slot == slot))
    assert tuple(found) == ("done", 2)


def test_jobs_of_one_client_run_one_after_the_other_and_what_is_begun_is_finished(house: House, monkeypatch):
    running, most, done = set(), [], []
    gate = Barrier(2, timeout=20)

    def act(_bureau, due: Due) -> None:
        running.add((due.client_id, due.job))
        most.append([client for client, _ in running].count(due.client_id))
        if due.job == "scrub":
            gate.wait()  # both clients are here at the same time
        done.append((due.client_id, due.job))
        running.discard((due.client_id, due.job))

    monkeypatch.setattr("portal.scheduler.perform", act)
    threads = Threads(house.bureau)
    for job in ("scrub", "submit", "submit"):
        for client in (1, 2):
            threads.hand_over(Due(client, job, MORNING, JobOrigin.SCHEDULE))
    while len(done) < 4:
        sleep(0.01)
    threads.close()
    assert set(most) == {1}
    assert [job for client, job in done if client == 1] == ["scrub", "submit"]


def _schedule(url: str, payers, gate) -> None:
    """One scheduler as a process of its own, over the second in which the slot comes."""
    house = connect(url, payers, MORNING)
    scheduler = Scheduler(house.bureau, Threads(house.bureau))
    scheduler.plan()
    runner = Thread(target=scheduler.run)
    gate.wait()
    runner.start()
    house.clock.set(MORNING + timedelta(seconds=1))
    while scheduler.agenda.next_at() <= house.clock.now() or scheduler.dispatch._lanes:
        sleep(0.01)
    scheduler.stopping.set()
    runner.join(60)
    house.close()


def test_four_schedulers_at_once_have_one_effect_per_slot(any_url: str, tmp_path):
    payers = tmp_path / "payers.sqlite"
    house = connect(any_url, payers, MORNING - timedelta(hours=1))
    house.upload(*encounters(range(1, 21), payer_id=PLAIN))
    house.run("scrub")
    house.bureau.engine.dispose()
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(4)
    processes = [context.Process(target=_schedule, args=(any_url, payers, gate)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    slot = MORNING + timedelta(seconds=1)
    rows = house.rows(select(JobRun.client_id, JobRun.state, JobRun.items).where(JobRun.slot == slot))
    assert sorted(tuple(row) for row in rows) == [(1, "done", 20), (2, "done", 0)]
    assert house.count(Submission) == len(house.record.submissions()) == 20
    assert {row.state for row in house.rows(select(Filing.state))} == {"TRANSMITTED"}
    assert house.broken_laws() == []
    house.close()


def test_every_job_of_the_catalogue_is_on_the_agenda(house: House):
    scheduler = Scheduler(house.bureau, Straight(house))
    assert scheduler.plan() == len(house.clients) * len(JOBS)
    assert scheduler.plan() == 0


def test_a_clock_set_back_does_not_make_the_timetable_wait():
    keeper = BackgroundScheduler(timezone=UTC)
    keeper.start(paused=True)
    keeper.add_job(print, IntervalTrigger(hours=1), next_run_time=MORNING + timedelta(hours=2))
    assert _follow(keeper, MORNING, MORNING + timedelta(seconds=30)) == MORNING + timedelta(seconds=30)
    assert [job.next_run_time for job in keeper.get_jobs()] == [MORNING + timedelta(hours=2)]
    assert _follow(keeper, MORNING + timedelta(hours=2), MORNING) == MORNING
    assert [job.next_run_time for job in keeper.get_jobs()] == [MORNING]
    keeper.shutdown()


def test_the_timetable_looks_again_when_the_next_slot_comes_and_now_and_then(house: House):
    scheduler = Scheduler(house.bureau, Straight(house))
    now = house.clock.now()
    assert NextSlot(scheduler).get_next_fire_time(None, now) == now + POLL
    scheduler.plan()
    house.clock.set(scheduler.agenda.next_at() - timedelta(seconds=7))
    assert NextSlot(scheduler).get_next_fire_time(None, now) == now + timedelta(seconds=7)
    house.clock.set(scheduler.agenda.next_at() + timedelta(hours=1))
    assert NextSlot(scheduler).get_next_fire_time(None, now) == now + LEAST
