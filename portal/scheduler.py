"""The one process that fires jobs on the wall clock: APScheduler keeps the time, the book keeps the truth."""

from __future__ import annotations

from datetime import datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import func, select

from bureau.jobs import JOBS, next_slot, run_job
from bureau.models import JobRun
from bureau.office import Bureau
from clients.models import Client
from clients.scope import Scope, ScopedSession

WORKERS = 4
LATE = 3_600  # seconds after which a missed slot is caught up by the next one instead

log = structlog.get_logger()


class JobScheduler:
    """Plans the next slot of every job of every client; when one fires, plans the one after it."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.engine = BlockingScheduler(
            executors={"default": ThreadPoolExecutor(WORKERS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE},
            timezone="UTC",
        )

    def plan(self) -> int:
        """Plan every job of every client; a slot missed while nobody was running is done at once, one time."""
        clients = self.bureau.find_clients(Scope.all())
        last = self._last_slots()
        for client in clients:
            for name in JOBS:
                self._plan_one(client, name, self._first_slot(client, name, last.get((client.id, name))))
        return len(clients) * len(JOBS)

    def _last_slots(self) -> dict[tuple[int, str], datetime]:
        with ScopedSession(self.bureau.engine, scope=Scope.all(), read_only=True) as session:
            wanted = select(JobRun.client_id, JobRun.job, func.max(JobRun.slot)).group_by(JobRun.client_id, JobRun.job)
            return {(row[0], row[1]): row[2] for row in session.execute(wanted)}

    def _first_slot(self, client: Client, name: str, last: datetime | None) -> datetime:
        now = self.bureau.clock.now()
        slot = next_slot(name, client.time_zone, last or now)
        if slot > now:
            return slot
        while (following := next_slot(name, client.time_zone, slot)) <= now:
            slot = following
        return slot

    def _plan_one(self, client: Client, name: str, slot: datetime) -> None:
        # No misfire grace here: a slot found late is still this job's one chance to catch up.
        self.engine.add_job(
            self._fire, DateTrigger(slot), args=(client, name, slot), id=f"{client.id}:{name}",
            replace_existing=True, misfire_grace_time=None,
        )  # fmt: skip

    def _fire(self, client: Client, name: str, slot: datetime) -> None:
        try:
            tally = run_job(self.bureau, name, client.id, slot)
            log.info("job done", job=name, client=client.code, slot=slot.isoformat(), items=tally.items if tally else 0)
        except Exception:  # a failed run is on its slot already; the next slot must be planned all the same
            log.exception("job failed", job=name, client=client.code, slot=slot.isoformat())
        finally:
            self._plan_one(client, name, next_slot(name, client.time_zone, max(slot, self.bureau.clock.now())))

    def run(self) -> None:
        log.info("planned", jobs=self.plan())
        self.engine.start()


def run_scheduler(bureau: Bureau) -> None:
    """Fire jobs until told to stop."""
    try:
        JobScheduler(bureau).run()
    except (KeyboardInterrupt, SystemExit):
        log.info("stopped")
