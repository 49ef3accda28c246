"""Jobs on as many machines as one likes: a queue in PostgreSQL that the scheduler fills and workers empty."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, make_url

from bureau.models.work import JobOrigin
from bureau.office import Bureau
from portal.scheduler import Due, complain, perform

SCHEMA = "bureau_queue"  # the queue's own tables stand apart from the book's
QUEUE = "jobs"
TASK = "run_job"
CONCURRENCY = 4  # jobs at once in one worker, of as many clients
STALLED_AFTER = 30.0  # seconds without a sign of life after which another worker takes a job over

log = structlog.get_logger()


def can_queue(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def prepare_queue(engine: Engine) -> None:
    """Make the queue's tables where they are missing; whoever starts first does it, the others wait."""
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('bureau_queue'))")
        if connection.exec_driver_sql("SELECT to_regclass('bureau_queue.procrastinate_jobs')").scalar() is None:
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS bureau_queue")
            connection.exec_driver_sql("SET LOCAL search_path TO bureau_queue")
            connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def build_queue(bureau: Bureau) -> App:
    """The queue in the bureau's database, with the one task there is: run a job."""
    prepare_queue(bureau.engine)
    url = make_url(bureau.settings.database_url).set(drivername="postgresql")
    connector = PsycopgConnector(
        conninfo=url.render_as_string(hide_password=False),
        kwargs={"options": f"-c search_path={SCHEMA}"},
        min_size=1,
        max_size=CONCURRENCY + 2,
    )
    app = App(connector=connector)

    @app.task(name=TASK, queue=QUEUE, pass_context=True)
    def run(context: JobContext, job: str, client_id: int, slot: str, origin: str) -> None:
        how = JobOrigin.RETRY if context.job.attempts else JobOrigin(origin)  # its worker died
        perform(bureau, Due(client_id, job, datetime.fromisoformat(slot), how))

    return app


class Queue:
    """Hands a slot to the workers; the jobs of one client run one after the other."""

    def __init__(self, bureau: Bureau) -> None:
        self._app = build_queue(bureau).open()

    def hand_over(self, due: Due) -> None:
        task = self._app.configure_task(
            TASK, queue=QUEUE, lock=f"client {due.client_id}", queueing_lock=f"{due.job} {due.client_id}"
        )
        try:
            task.defer(job=due.job, client_id=due.client_id, slot=due.slot.isoformat(), origin=str(due.origin))
        except AlreadyEnqueued:
            log.info("still waiting", job=due.job, client=due.client_id)

    def close(self) -> None:
        self._app.close()


def run_worker(bureau: Bureau, *, concurrency: int = CONCURRENCY, stalled_after: float = STALLED_AFTER) -> None:
    """Work the queue off until SIGTERM or Ctrl-C; what is begun is finished."""
    asyncio.run(_work(build_queue(bureau), concurrency, stalled_after))


async def _work(app: App, concurrency: int, stalled_after: float) -> None:
    async with app.open_async():
        rescue = asyncio.create_task(_rescue(app, stalled_after))
        try:
            await app.run_worker_async(
                queues=[QUEUE], concurrency=concurrency, delete_jobs="successful",
                update_heartbeat_interval=stalled_after / 3, stalled_worker_timeout=stalled_after,
            )  # fmt: skip
        finally:
            rescue.cancel()


async def _rescue(app: App, stalled_after: float) -> None:
    """Bring back, again and again, what workers that died were at."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=stalled_after):
                await _bring_back(app, job)
        except ConnectorException as error:
            complain("the queue cannot be looked after", error)
        await asyncio.sleep(stalled_after / 3)


async def _bring_back(app: App, job: Job) -> None:
    """Queue a job of a dead worker again, unless a later slot of it waits there, which does its work."""
    assert job.id is not None
    try:
        await app.job_manager.retry_job(job)
        log.info("taken over", **job.task_kwargs)
    except UniqueViolation:
        await app.job_manager.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=True)
