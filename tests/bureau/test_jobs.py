"""Jobs: one effect per (job, client, slot) whoever asks, a failure that shows and can be repaired, nothing unbought."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bureau import jobs
from bureau.jobs import JOBS, STUCK, Tally, run_job
from bureau.models import Filing, JobRun, Mail, Submission
from bureau.models.work import JobOrigin
from bureau.rules.lifecycle import State
from clients.models import Client, ClientState, TierPeriod
from clients.tiers import Capability
from tests.support.houses import NOW, PLAIN, House, connect, encounters, visit

SLOT = datetime(2026, 3, 18, 13, 15, tzinfo=UTC)


def runs(house: House) -> list[tuple]:
    wanted = select(JobRun.job, JobRun.state, JobRun.items, JobRun.ok).order_by(JobRun.id)
    return [tuple(row) for row in house.rows(wanted)]


def test_a_slot_is_worked_once(any_house: House):
    house = any_house
    house.upload(*encounters([1, 2]))
    slot = house.clock.now()
    assert run_job(house.bureau, "scrub", house.client.id, slot) == Tally(2, 2, 0)
    house.upload(visit(3), name="later.csv")
    assert run_job(house.bureau, "scrub", house.client.id, slot) is None
    assert house.state("E3") == State.DRAFT
    assert run_job(house.bureau, "scrub", house.client.id, slot + timedelta(hours=6)) == Tally(1, 1, 0)
    assert runs(house) == [("scrub", "done", 2, 2), ("scrub", "done", 1, 1)]


def test_each_client_has_slots_of_its_own(house: House):
    house.upload(visit(1))
    house.upload(visit(2), client=house.clients[1])
    slot = house.clock.now()
    for client in house.clients:
        assert run_job(house.bureau, "scrub", client.id, slot) == Tally(1, 1, 0)


def test_a_run_that_raises_leaves_its_mark_and_no_half_work_and_can_be_run_again(any_house: House, monkeypatch):
    house = any_house
    house.upload(*encounters([1, 2]))
    house.run("scrub")
    slot = house.clock.now()
    write = jobs.submission.write_837
    monkeypatch.setattr(jobs.submission, "write_837", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_job(house.bureau, "submit", house.client.id, slot)
    assert runs(house)[-1] == ("submit", "failed", 0, 0)
    (problem,) = house.rows(select(JobRun.detail).where(JobRun.state == "failed"))[0]
    assert problem == {"problem": "ZeroDivisionError: division by zero"}
    assert (house.count(Mail), house.count(Submission), house.state("E1")) == (0, 0, State.READY)
    monkeypatch.setattr(jobs.submission, "write_837", write)
    assert run_job(house.bureau, "submit", house.client.id, slot) == Tally(2, 2, 0)
    assert runs(house)[-1] == ("submit", "done", 2, 2)
    assert house.broken_laws() == []


def test_a_line_that_is_down_when_sending_delays_and_doubles_nothing(any_house: House, monkeypatch):
    house = any_house
    house.upload(visit(1, payer_id=PLAIN))
    house.run("scrub")
    slot = house.clock.now()
    submit = house.payers.submit

    def broken(*_args):
        raise ConnectionError("no route to the clearinghouse")

    house.payers.submit = broken  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        run_job(house.bureau, "submit", house.client.id, slot)
    assert house.state() == State.BATCHED
    house.payers.submit = submit  # type: ignore[method-assign]
    assert run_job(house.bureau, "submit", house.client.id, slot) == Tally(1, 1, 0)
    house.run("collect", "post")
    assert house.state() == State.CLOSED_PAID
    assert len(house.submissions()) == 1
    assert len(house.record.submissions()) == 1


def _fail_once(house: House, slot: datetime, monkeypatch, **how) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(jobs.submission, "batch_ready", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_job(house.bureau, "submit", house.client.id, slot, **how)


def test_the_ledger_keeps_who_began_a_slot_and_every_attempt(any_house: House, monkeypatch):
    house = any_house
    slot = house.clock.now()
    _fail_once(house, slot, monkeypatch)
    house.tick(minutes=5)
    _fail_once(house, slot, monkeypatch, origin=JobOrigin.RETRY, by="Priya Shah")
    house.tick(minutes=5)
    assert run_job(house.bureau, "submit", house.client.id, slot, origin=JobOrigin.HAND, by="Sam Lee") == Tally()
    (row,) = house.rows(select(JobRun.state, JobRun.origin, JobRun.started_by, JobRun.attempt, JobRun.detail))
    assert row[:4] == ("done", "hand", "Sam Lee", 3)
    assert [(one["origin"], one["by"]) for one in row.detail["earlier"]] == [("schedule", ""), ("retry", "Priya Shah")]
    assert {one["problem"] for one in row.detail["earlier"]} == {"ZeroDivisionError: division by zero"}


def test_a_run_is_seen_while_it_lasts_and_one_that_was_cut_off_begins_anew(any_house: House, monkeypatch):
    house, seen = any_house, []
    slot = house.clock.now()

    def look(*_args):
        seen.append(house.rows(select(JobRun.state, JobRun.ended_at))[0])
        raise SystemExit  # as a process that ends here: nothing is written any more

    with monkeypatch.context() as patched:
        patched.setitem(JOBS, "post", replace(JOBS["post"], prepare=look))
        with pytest.raises(SystemExit):
            run_job(house.bureau, "post", house.client.id, slot)
    assert [tuple(row) for row in seen] == [("running", None)]
    house.clock.advance(STUCK + timedelta(minutes=1))
    assert run_job(house.bureau, "post", house.client.id, slot) == Tally()
    (row,) = house.rows(select(JobRun.state, JobRun.attempt, JobRun.detail))
    assert row[:2] == ("done", 2)
    assert row.detail["earlier"][0]["problem"] == "It was cut off."


def test_a_problem_of_the_database_shows_its_kind_and_none_of_the_rows(house: House, monkeypatch):
    def broken(*_args):
        raise IntegrityError("INSERT INTO patients VALUES (?)", ("Doe, Jamie",), Exception("UNIQUE constraint failed"))

    with monkeypatch.context() as patched:
        patched.setattr(jobs.submission, "batch_ready", broken)
        with pytest.raises(IntegrityError):
            run_job(house.bureau, "submit", house.client.id, house.clock.now())
    (problem,) = house.rows(select(JobRun.detail))[0]
    assert "UNIQUE constraint failed" in problem["problem"]
    assert "Doe" not in problem["problem"]


@pytest.mark.parametrize("state", [ClientState.PAUSED, ClientState.CLOSED, ClientState.SETUP])
def test_nothing_runs_for_a_client_that_is_not_being_worked_for(house: House, state):
    house.upload(visit(1))
    with house.office(everywhere=True) as office:
        office.session.execute(update(Client).where(Client.id == house.client.id).values(state=state))
    assert house.run("scrub") == [None]
    assert house.state() == State.DRAFT
    assert house.count(JobRun) == 0


@pytest.mark.parametrize("job", JOBS)
def test_what_is_not_bought_is_not_done(house: House, job):
    house.upload(visit(1))
    with house.office() as office:
        office.session.execute(update(TierPeriod).values(ends_on=datetime(2026, 2, 1).date()))
    assert house.run(job) == [None]
    assert (house.count(JobRun), house.count(Mail)) == (0, 0)


def test_every_job_names_a_capability_and_does_something():
    assert all(isinstance(job.capability, Capability) for job in JOBS.values())
    assert all(job.act or job.prepare or job.deliver for job in JOBS.values())


# -- four schedulers ------------------------------------------------------------------------------------------


def _run_slot(url: str, payers: Path, name: str, gate, answers) -> None:
    house = connect(url, payers, NOW + timedelta(hours=1))
    gate.wait()
    try:
        tally = run_job(house.bureau, name, house.client.id, SLOT)
        answers.put(("done", tally.ok) if tally is not None else ("not due", 0))
    except Exception as error:  # noqa: BLE001  the parent judges what went wrong
        answers.put((type(error).__name__, str(error)[:200]))
    finally:
        house.close()


@pytest.mark.parametrize("name", ["scrub", "submit", "collect", "post"])
def test_four_processes_at_the_same_slot_have_one_effect(any_url: str, tmp_path, name):
    payers = tmp_path / "payers.sqlite"
    house = connect(any_url, payers)
    house.upload(*encounters(range(1, 41), payer_id=PLAIN))
    house.run(*("scrub", "submit", "collect")[: ("scrub", "submit", "collect", "post").index(name)])
    house.bureau.engine.dispose()
    house.record.close()
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_run_slot, args=(any_url, payers, name, gate, answers)) for _ in range(4)]
    for process in processes:
        process.start()
    found = sorted(answers.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(timeout=30)
    assert [what for what, _ in found].count("done") == 1, found
    assert {what for what, _ in found} == {"done", "not due"}
    slots = house.rows(select(JobRun.state).where(JobRun.slot == SLOT))
    assert [row.state for row in slots] == ["done"], found
    after = {"scrub": "READY", "submit": "TRANSMITTED", "collect": "ACCEPTED", "post": "CLOSED_PAID"}
    assert {row.state for row in house.rows(select(Filing.state))} == {after[name]}
    if name != "scrub":
        assert house.count(Submission) == len(house.record.submissions()) == 40
        assert house.count(Mail, Mail.outgoing) == 1
        house.tick(hours=2)
        house.run("collect", "post")
        assert house.balances()["cash"] == 40 * 12_000
    assert house.broken_laws() == []
    house.close()
