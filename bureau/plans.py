"""The timetable: each client's plan of jobs, merged from the tier's template and what staff changed, and its health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from bureau.jobs import JOBS, STUCK, WORKING_STATES, Job
from bureau.models import JobRun
from bureau.models.work import JobState
from bureau.office import Office
from bureau.queries.runs import find_last_runs
from bureau.rules.schedules import Timing, next_slot
from clients.models import Client, ClientState, JobPlan
from clients.scope import ScopedSession
from clients.tiers import load_capabilities

GRACE = timedelta(hours=1)  # a run may take its time before it is called late


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One job of one client: when it is due, or why it is not (`halt`)."""

    client_id: int
    job: str
    timing: Timing
    halt: str = ""
    paused: str = ""  # the reason staff gave for this job alone
    is_own: bool = False  # staff changed it for this client
    since: datetime | None = None  # when they did: what was missed before is nobody's business

    @property
    def key(self) -> tuple[int, str]:
        return self.client_id, self.job

    def next_slot(self, after: datetime) -> datetime | None:
        return None if self.halt else next_slot(self.timing, after)


class Health(StrEnum):
    """How a job stands at a client, the most pressing first."""

    SILENT = "silent"  # dead man: it has not run for longer than its cadence
    FAILED = "failed"
    STUCK = "stuck"
    LATE = "late"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    NEVER = "never"  # not due yet


ALARMING = frozenset({Health.SILENT, Health.FAILED, Health.STUCK, Health.LATE})


@dataclass(frozen=True, slots=True)
class Standing:
    """One job at one client: its plan, its last run, its next time, and since when it is overdue, if it is."""

    client: Client
    job: Job
    plan: PlannedJob
    last: JobRun | None
    next_at: datetime | None
    late_since: datetime | None
    health: Health


def template_of(job: Job, time_zone: str) -> Timing:
    return Timing(job.cron, time_zone, "", job.closes)


def load_plans(session: ScopedSession, now: datetime, client_ids: Iterable[int] | None = None) -> list[PlannedJob]:
    """The plan of every client in scope (or of these), in the order of the catalogue; a statement per table.

    A job that the client has not bought is in no plan, nor is a job that the catalogue does not know.
    """
    wanted = select(Client, JobPlan).outerjoin(JobPlan, and_(JobPlan.client_id == Client.id))
    allowed = session.scope.clients if client_ids is None else client_ids
    if allowed is not None:
        wanted = wanted.where(Client.id.in_(list(allowed)))
    clients: dict[int, Client] = {}
    changed: dict[tuple[int, str], JobPlan] = {}
    for client, own in session.execute(wanted.order_by(Client.code)):
        clients[client.id] = client
        if own is not None:
            changed[client.id, own.job] = own
    bought = load_capabilities(
        session, {one.id: now.astimezone(ZoneInfo(one.time_zone)).date() for one in clients.values()}
    )
    return [
        _merge(client, job, changed.get((client.id, job.name)))
        for client in clients.values()
        for job in JOBS.values()
        if job.capability in bought[client.id]
    ]


def _merge(client: Client, job: Job, own: JobPlan | None) -> PlannedJob:
    halt = _halt_of(client)
    if own is None:
        return PlannedJob(client.id, job.name, template_of(job, client.time_zone), halt)
    timing = Timing(own.cron, own.time_zone or client.time_zone, own.opens, own.closes)
    paused = own.paused_reason if own.is_paused else ""
    return PlannedJob(client.id, job.name, timing, halt or paused, paused, is_own=True, since=own.changed_at)


def _halt_of(client: Client) -> str:
    """Why nothing runs for the client, nothing where it does."""
    if client.state in WORKING_STATES:
        return ""
    if client.state == ClientState.PAUSED:
        return f"The client is paused: {client.paused_reason or 'no reason given'}"
    return "Nothing runs for a client in this state"


def find_standings(office: Office, clients: Sequence[Client]) -> dict[int, list[Standing]]:
    """Client id -> each job of its plan, in the order of the catalogue."""
    runs = find_last_runs(office, [client.id for client in clients])
    by_id = {client.id: client for client in clients}
    found: dict[int, list[Standing]] = {client.id: [] for client in clients}
    for plan in load_plans(office.session, office.now, by_id):
        found[plan.client_id].append(judge(by_id[plan.client_id], plan, runs.get(plan.key), office.now))
    return found


def find_alarms(standings: Mapping[int, Sequence[Standing]]) -> list[Standing]:
    """What should have run and has not, the longest overdue first."""
    late = [one for each in standings.values() for one in each if one.late_since]
    return sorted(late, key=lambda one: (one.late_since or one.plan.since, one.client.code))


def judge(client: Client, plan: PlannedJob, last: JobRun | None, now: datetime) -> Standing:
    """How a job stands: late when a slot and an hour of grace have passed, silent when the next one has as well."""
    due = None if plan.halt else next_slot(plan.timing, _seen_until(client, plan, last))
    late_since = due if due and due < now - GRACE else None
    after = next_slot(plan.timing, late_since) if late_since else None
    is_silent = after is not None and after < now - GRACE
    health = _judge_health(plan, last, now, is_late=late_since is not None, is_silent=is_silent)
    return Standing(client, JOBS[plan.job], plan, last, plan.next_slot(now), late_since, health)


def _seen_until(client: Client, plan: PlannedJob, last: JobRun | None) -> datetime:
    """Up to when nothing can be missing: the last run, a change of the plan, or the opening of the client."""
    opened = datetime.combine(client.opened_on, time(), ZoneInfo(client.time_zone)).astimezone(UTC)
    seen = [opened, *([plan.since] if plan.since else []), *([last.slot, last.started_at] if last else [])]
    return max(seen)


def _judge_health(plan: PlannedJob, last: JobRun | None, now: datetime, *, is_late: bool, is_silent: bool) -> Health:
    if plan.halt:
        return Health.PAUSED
    if last and last.state == JobState.RUNNING:
        return Health.STUCK if last.started_at < now - STUCK else Health.RUNNING
    if is_silent:
        return Health.SILENT
    if last and last.state == JobState.FAILED:
        return Health.FAILED
    if is_late:
        return Health.LATE
    return Health.DONE if last else Health.NEVER
