"""Workers on PostgreSQL: real processes that share a queue; one that is killed in the middle of a job is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import NullPool, create_engine, make_url, select, text

from bureau.models import Filing, JobRun, Mail, Submission
from bureau.models.work import JobOrigin
from bureau.office import Bureau
from config.clock import SystemClock
from config.settings import Settings
from portal.cli import main
from portal.scheduler import Due
from portal.workers import Queue, prepare_queue
from tests.support.houses import PLAIN, House, connect, encounters

SLOT = datetime(2026, 3, 18, 19, 15, tzinfo=UTC)
CLAIMS = 12
PATIENCE = 60  # seconds


@pytest.fixture
def postgres_book(postgres_server, postgres_template) -> Iterator[str]:
    url = postgres_server.new_database(template=postgres_template)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def home(tmp_path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def ready(postgres_book, home) -> Iterator[House]:
    """A house on PostgreSQL with claims that wait to be sent, today: a worker lives by the wall clock."""
    now = SystemClock().now()
    with closing(connect(postgres_book, home / "payers.sqlite", now)) as house:
        served = (now - timedelta(days=10)).date().isoformat()
        house.upload(*encounters(range(1, CLAIMS + 1), payer_id=PLAIN, service_date=served))
        house.run("scrub")
        yield house


@contextmanager
def working(url: str, home: Path) -> Iterator[subprocess.Popen]:
    """A worker as a process of its own, which is gone at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BUREAU_")}
    given = {"BUREAU_HOME": str(home), "BUREAU_DATABASE_URL": url, "BUREAU_SECRET_KEY": "for tests only"}
    command = [sys.executable, "-m", "portal.cli", "work", "--jobs", "2", "--stalled-after", "2"]
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, env=kept | given, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def wait_for(what: Callable[[], object], home: Path) -> None:
    until = monotonic() + PATIENCE
    while not what():
        assert monotonic() < until, (home / "worker.log").read_text()[-3000:]
        sleep(0.05)


def states(house: House) -> list[tuple]:
    wanted = select(JobRun.state, JobRun.attempt, JobRun.origin, JobRun.items).where(JobRun.job == "submit")
    return [tuple(row) for row in house.rows(wanted.order_by(JobRun.slot))]


def queued(house: House) -> int:
    with house.bureau.engine.connect() as connection:
        return int(connection.scalar(text("select count(*) from bureau_queue.procrastinate_jobs")) or 0)


def submit(house: House, slot: datetime = SLOT) -> Due:
    return Due(house.client.id, "submit", slot, JobOrigin.SCHEDULE)


def assert_sent_once(house: House) -> None:
    assert house.count(Submission) == len(house.record.submissions()) == CLAIMS
    assert house.count(Mail, Mail.outgoing) == 1
    assert {row.state for row in house.rows(select(Filing.state))} == {"TRANSMITTED"}
    assert house.broken_laws() == []


def test_a_worker_killed_in_the_middle_of_a_job_is_replaced_and_the_slot_has_one_effect(ready, postgres_book, home):
    with closing(Queue(ready.bureau)) as queue, ready.bureau.engine.connect() as holder:
        with working(postgres_book, home) as first:
            wait_for(lambda: "waiting for jobs" in (home / "worker.log").read_text(), home)
            holder.execute(text("lock table submissions in access exclusive mode"))  # the job stops half-way
            queue.hand_over(submit(ready))
            wait_for(lambda: _waits_for_a_lock(ready), home)
            first.send_signal(signal.SIGKILL)
            first.wait(20)
        assert states(ready) == [("running", 1, "schedule", 0)]
        with working(postgres_book, home):
            holder.rollback()
            wait_for(lambda: queued(ready) == 0, home)
            assert states(ready) == [("done", 2, "retry", CLAIMS)]
            queue.hand_over(submit(ready))  # by a second scheduler, late
            wait_for(lambda: queued(ready) == 0, home)
    assert states(ready) == [("done", 2, "retry", CLAIMS)]
    assert_sent_once(ready)


def _waits_for_a_lock(house: House) -> bool:
    asked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%submissions%'"
    with house.bureau.engine.connect() as connection:
        return bool(connection.scalar(text(asked)))


def test_two_workers_share_the_slots_and_each_is_done_once(ready, postgres_book, home):
    with closing(Queue(ready.bureau)) as queue, working(postgres_book, home), working(postgres_book, home):
        for hour in range(3):
            for _scheduler in range(4):
                queue.hand_over(submit(ready, SLOT + timedelta(hours=hour)))
            wait_for(lambda: queued(ready) == 0, home)
    assert [(state, attempt, items) for state, attempt, _, items in states(ready)] == [
        ("done", 1, CLAIMS), ("done", 1, 0), ("done", 1, 0),
    ]  # fmt: skip
    assert_sent_once(ready)


def test_a_backlog_of_one_job_becomes_one_run_and_a_worker_told_to_stop_finishes(ready, postgres_book, home):
    with closing(Queue(ready.bureau)) as queue:
        for hour in range(3):
            queue.hand_over(submit(ready, SLOT + timedelta(hours=hour)))
        assert queued(ready) == 1
        with working(postgres_book, home) as worker:
            wait_for(lambda: queued(ready) == 0, home)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0
    assert_sent_once(ready)


ALLOWING = "do $$ begin execute format('grant create on database %I to queue_tester', current_database()); end $$"


def test_the_queue_is_made_once_and_for_a_role_that_owns_nothing_else(ready, postgres_book):
    with ready.bureau.engine.begin() as connection:
        connection.execute(text("drop role if exists queue_tester"))
        connection.execute(text("create role queue_tester login"))
        connection.execute(text(ALLOWING))
    url = make_url(postgres_book).set(username="queue_tester").render_as_string(hide_password=False)
    engine = create_engine(url)
    settings = ready.bureau.settings.model_copy(update={"database_url": url})
    prepare_queue(engine)
    prepare_queue(engine)
    house = Bureau(engine, ready.clock, ready.payers, settings)
    with closing(Queue(house)) as queue:
        queue.hand_over(submit(ready))
    assert queued(ready) == 1
    engine.dispose()
    with create_engine(postgres_book, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql("drop owned by queue_tester cascade")
        connection.exec_driver_sql("drop role queue_tester")


def test_an_embedded_book_has_no_workers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BUREAU_DATABASE_URL", raising=False)
    assert Settings().database_url.startswith("sqlite")
    assert main(["work"]) == 2
    assert "workers need PostgreSQL" in capsys.readouterr().err
