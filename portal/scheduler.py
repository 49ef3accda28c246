"""The process that says when: it plans every client's jobs from the book, and hands over what is due."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Protocol

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.executors.pool import ThreadPoolExecutor as Beside
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bureau.jobs import run_job
from bureau.models.work import JobOrigin
from bureau.office import Bureau, Mailer
from bureau.plans import PlannedJob, load_plans
from bureau.postman import make_round
from bureau.queries.runs import find_last_slots
from bureau.rules.schedules import is_open, previous_slot
from clients.scope import Scope, ScopedSession
from config.clock import SystemClock
from config.vault import Vault

THREADS = 4
POLL = timedelta(seconds=30)  # how soon a changed plan, a new client or a clock that was set is noticed
POST_ROUND = timedelta(seconds=30)  # how long a letter waits at most
LEAST = timedelta(milliseconds=50)  # between two looks
PROMPT = timedelta(minutes=5)  # a slot begun later than this is being caught up

# In place, one after the other: the agenda belongs to one thread.
DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
Key = tuple[int, str]  # client, job
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Due:
    """A slot whose time has come."""

    client_id: int
    job: str
    slot: datetime
    origin: JobOrigin


class Dispatch(Protocol):
    """Whoever gets the work done: threads of this process, or a queue that workers read."""

    def hand_over(self, due: Due) -> None:
        """Take this on; the same job of a client that still waits there covers it."""

    def close(self) -> None:
        """Finish what is begun."""


@dataclass(slots=True)
class _Entry:
    plan: PlannedJob
    seen: datetime  # no slot up to here will be asked for again
    next_at: datetime | None


class Agenda:
    """Every planned job with its next slot; it has no clock, no thread and no database."""

    def __init__(self) -> None:
        self._entries: dict[Key, _Entry] = {}

    def learn(self, plans: Iterable[PlannedJob], last: Mapping[Key, datetime], now: datetime) -> int:
        """Follow the plans as they are now; returns how many are new or changed.

        A job without any run begins now. One that ran has its slots since then due, all of them at once.
        """
        known, self._entries = self._entries, {}
        changed = 0
        for plan in plans:
            entry = known.get(plan.key)
            if entry is None or entry.plan != plan:
                seen = [entry.seen if entry else last.get(plan.key, now), *([plan.since] if plan.since else [])]
                entry = _Entry(plan, max(seen), plan.next_slot(max(seen)))
                changed += 1
            self._entries[plan.key] = entry
        return changed + len(known.keys() - self._entries.keys())

    def take_due(self, now: datetime) -> list[Due]:
        """What is due by now, each once: of several missed slots the last, and none outside the job's window."""
        found = []
        for entry in self._entries.values():
            if entry.next_at is None or entry.next_at > now:
                continue
            slot = max(previous_slot(entry.plan.timing, now) or entry.next_at, entry.next_at)
            is_late = now - slot > PROMPT or slot > entry.next_at
            entry.seen, entry.next_at = slot, entry.plan.next_slot(slot)
            if not is_late or is_open(entry.plan.timing, now):
                origin = JobOrigin.CATCH_UP if is_late else JobOrigin.SCHEDULE
                found.append(Due(entry.plan.client_id, entry.plan.job, slot, origin))
        return sorted(found, key=lambda due: due.slot)

    def put_back(self, due: Due) -> None:
        """This one could not be handed over: it stays due."""
        self._entries[due.client_id, due.job].next_at = due.slot

    def next_at(self) -> datetime | None:
        return min((entry.next_at for entry in self._entries.values() if entry.next_at), default=None)


class Threads:
    """Runs jobs in this process: a few at once, those of one client one after the other."""

    def __init__(self, bureau: Bureau, threads: int = THREADS) -> None:
        self.bureau = bureau
        self._pool = ThreadPoolExecutor(threads, "job")
        self._lanes: dict[int, deque[Due]] = {}
        self._lock = Lock()

    def hand_over(self, due: Due) -> None:
        with self._lock:
            lane = self._lanes.get(due.client_id)
            if lane is None:
                self._lanes[due.client_id] = deque([due])
                self._pool.submit(self._work_off, due.client_id)
            elif due.job not in {waiting.job for waiting in lane}:
                lane.append(due)

    def close(self) -> None:
        with self._lock:
            for lane in self._lanes.values():
                lane.clear()  # not begun: caught up at the next start
        self._pool.shutdown()

    def _work_off(self, client_id: int) -> None:
        while due := self._next_in(client_id):
            perform(self.bureau, due)

    def _next_in(self, client_id: int) -> Due | None:
        with self._lock:
            lane = self._lanes[client_id]
            if lane:
                return lane.popleft()
            del self._lanes[client_id]
            return None


def perform(bureau: Bureau, due: Due) -> None:
    """Run one job that is due; a run that fails has left its reason in the ledger of runs."""
    about = {"job": due.job, "client": due.client_id, "slot": due.slot.isoformat()}
    try:
        tally = run_job(bureau, due.job, due.client_id, due.slot, origin=due.origin)
    except Exception as error:  # noqa: BLE001
        complain("job failed", error, **about)
    else:
        log.info("job done" if tally else "job not due", items=tally.items if tally else 0, **about)


class Scheduler:
    """Plans from the book at every poll, and hands over each slot as its time comes."""

    def __init__(self, bureau: Bureau, dispatch: Dispatch, send_letters: Callable[[], object] | None = None) -> None:
        """`send_letters` goes one round with the mail; it has a thread of its own, as a mail server may be slow."""
        self.bureau, self.dispatch, self._send_letters = bureau, dispatch, send_letters
        self.agenda = Agenda()
        self.stopping = Event()
        self._last: dict[Key, datetime] | None = None

    def plan(self) -> int:
        """Read the plans again; what ran last is asked once, at the start."""
        now = self.bureau.clock.now()
        with ScopedSession(self.bureau.engine, scope=Scope.all(), read_only=True) as session:
            if self._last is None:
                self._last = find_last_slots(session)
            return self.agenda.learn(load_plans(session, now), self._last, now)

    def step(self) -> int:
        """Hand over what is due now; returns how much that was. What cannot be handed over stays due."""
        due = self.agenda.take_due(self.bureau.clock.now())
        for one in due:
            try:
                self.dispatch.hand_over(one)
            except Exception as error:  # noqa: BLE001
                self.agenda.put_back(one)
                complain("a slot cannot be handed over", error, job=one.job, client=one.client_id)
        return len(due)

    def run(self) -> None:
        """Plan and hand over until told to stop: APScheduler keeps the time, the agenda knows what is due."""
        wall = SystemClock()
        executors = {"default": DebugExecutor(), "beside": Beside(1)}
        keeper = BackgroundScheduler(executors=executors, job_defaults=DEFAULTS, timezone=UTC)
        keeper.add_job(self._poll, IntervalTrigger(seconds=POLL.seconds, timezone=UTC), next_run_time=wall.now())
        keeper.add_job(self.step, NextSlot(self), next_run_time=wall.now())
        every = IntervalTrigger(seconds=POST_ROUND.seconds, timezone=UTC)
        keeper.add_job(self._post, every, executor="beside", next_run_time=wall.now())
        keeper.start()
        before = wall.now()
        while not self.stopping.wait(POLL.seconds):
            before = _follow(keeper, before, wall.now())
        keeper.shutdown()
        self.dispatch.close()

    def pause(self) -> timedelta:
        """How long there is nothing to do; never long, so that a clock that was set is noticed."""
        now = self.bureau.clock.now()
        ahead = (self.agenda.next_at() or now + POLL) - now
        return max(min(ahead, POLL), LEAST)

    def _poll(self) -> None:
        try:
            if changed := self.plan():
                log.info("planned", changed=changed)
        except Exception as error:  # noqa: BLE001  a database that restarts must not end the timetable
            complain("the plans cannot be read", error)

    def _post(self) -> None:
        try:
            if self._send_letters is not None:
                self._send_letters()
        except Exception as error:  # noqa: BLE001  nor must letters that cannot be sent
            complain("letters cannot be sent", error)


class NextSlot(BaseTrigger):  # type: ignore[misc]
    """Fires when the next slot of the agenda comes, and now and then."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._scheduler.pause()


def _follow(keeper: BackgroundScheduler, before: datetime, now: datetime) -> datetime:
    """After the clock was set back, what waits for a time that is far ahead again is let go at once."""
    if now < before:
        for job in keeper.get_jobs():
            job.modify(next_run_time=now)
    return now


def complain(what: str, error: Exception, **about: object) -> None:
    """An error by its kind only: its text may hold values of rows, which belong into no log."""
    log.error(what, error=type(error).__name__, **about)


def run_scheduler(bureau: Bureau, dispatch: Dispatch, mailer: Mailer, vault: Vault) -> None:
    """Keep the timetable and see to the post until SIGTERM or Ctrl-C; what is begun is finished."""

    def send_letters() -> None:
        done = make_round(bureau, mailer, vault)
        if done.written or done.sent or done.failed:
            log.info("letters", written=done.written, sent=done.sent, failed=done.failed)

    scheduler = Scheduler(bureau, dispatch, send_letters)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.stopping.set())
    scheduler.run()
    log.info("stopped")
