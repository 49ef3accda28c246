"""What happens by itself: the catalogue of jobs, when each is due, and the one way to run one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select

from bureau import mailroom
from bureau.desks import followup, scrubbing, submission
from bureau.models import JobRun
from bureau.office import Actor, ActorKind, Bureau, Office
from clients.models import ClientState
from clients.scope import Scope
from clients.tiers import Capability, has
from config.collector import one_sweep

WORKING_STATES = (ClientState.LIVE, ClientState.TESTING, ClientState.OFFBOARDING)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did: items looked at, done, failed."""

    items: int = 0
    ok: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.items + other.items, self.ok + other.ok, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Job:
    """A desk verb with its times and the capability it needs.

    `act` runs in the very transaction that takes the slot. What touches the world outside stands around it and
    may run twice without harm: `prepare` brings mail in and works it file by file, `deliver` carries mail out.
    """

    name: str
    label: str
    capability: Capability
    hours: str
    minute: int
    act: Callable[[Office, int], Tally] | None = None
    prepare: Callable[[Bureau, Actor, int], Tally] | None = None
    deliver: Callable[[Bureau, Actor, int], Tally] | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: which job, for whom, for which slot, begun when."""

    job: Job
    client_id: int
    slot: datetime
    started: datetime


def _scrub(office: Office, client_id: int) -> Tally:
    outcome = scrubbing.scrub_drafts(office, client_id)
    return Tally(outcome.items, outcome.ready, outcome.failed)


def _batch(office: Office, client_id: int) -> Tally:
    submission.batch_ready(office, client_id)
    return Tally(items=submission.count_outbox(office, client_id))


def _send(bureau: Bureau, actor: Actor, client_id: int) -> Tally:
    sent = mailroom.send_outbox(bureau, actor, client_id)
    return Tally(sent, sent)


def _collect(bureau: Bureau, actor: Actor, client_id: int) -> Tally:
    receipt = mailroom.collect_responses(bureau, actor, client_id)
    worked = mailroom.work_acknowledgements(bureau, actor, client_id)
    failed = len(receipt.problems) + worked.failed
    return Tally(receipt.stored, receipt.stored - failed, failed)


def _post(bureau: Bureau, actor: Actor, client_id: int) -> Tally:
    worked = mailroom.work_remittances(bureau, actor, client_id)
    return Tally(worked.claims, worked.claims, worked.failed)


def _wake(office: Office, client_id: int) -> Tally:
    woken = followup.wake_sleepers(office, client_id)
    return Tally(woken, woken)


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("wake", "Wake claims nobody answered for", Capability.STATUS_ALARM, "7", 5, act=_wake),
        Job("scrub", "Scrub claims in draft", Capability.SCRUB_RUN, "9,15", 0, act=_scrub),
        Job("submit", "Send ready claims", Capability.SUBMIT_837P, "9,15", 15, act=_batch, deliver=_send),
        Job("collect", "Collect answers", Capability.ACK_277CA, "8,12,16", 20, prepare=_collect),
        Job("post", "Post remittances", Capability.POST_835, "8,14", 40, prepare=_post),
    )
}


@cache
def get_trigger(job: str, time_zone: str) -> CronTrigger:
    """When a job is due at a client: business weekdays, in the client's own time."""
    wanted = JOBS[job]
    zone = ZoneInfo(time_zone)
    return CronTrigger(day_of_week="mon-fri", hour=wanted.hours, minute=wanted.minute, timezone=zone)


def next_slot(job: str, time_zone: str, after: datetime) -> datetime:
    """The first slot of a job strictly after a moment (UTC)."""
    found: datetime = get_trigger(job, time_zone).get_next_fire_time(None, after + TICK)
    return found.astimezone(after.tzinfo)


@one_sweep()
def run_job(bureau: Bureau, name: str, client_id: int, slot: datetime) -> Tally | None:
    """Run a job for a client, once per slot: None when that slot is done already or the client has not bought it.

    A run that fails leaves its mark on the slot and raises; the same slot can be run again.
    """
    run = _Run(JOBS[name], client_id, slot, bureau.clock.now())
    actor, scope = Actor(ActorKind.JOB, f"job {name}"), Scope.of(client_id)
    is_ours = False
    try:
        tally = Tally()
        if run.job.prepare:
            with bureau.open_office(actor, scope, read_only=True) as office:
                if _is_done(_find_run(office, run)) or not _may_run(office, run):
                    return None
            tally = run.job.prepare(bureau, actor, client_id)
        with bureau.open_office(actor, scope) as office:
            office.hold(client_id)
            earlier = _find_run(office, run)
            if _is_done(earlier) or not (run.job.prepare or _may_run(office, run)):
                return None
            if run.job.act:
                tally += run.job.act(office, client_id)
            _write(office, run, tally, earlier)
        is_ours = True
        if run.job.deliver and tally.items:
            tally = run.job.deliver(bureau, actor, client_id)
            with bureau.open_office(actor, scope) as office:
                _write(office, run, tally, _find_run(office, run))
    except Exception as error:
        with bureau.open_office(actor, scope) as office:
            earlier = _find_run(office, run)
            if is_ours or not _is_done(earlier):
                _write(office, run, Tally(), earlier, problem=f"{type(error).__name__}: {error}")
        raise
    return tally


def _is_done(earlier: JobRun | None) -> bool:
    return earlier is not None and earlier.state == "done"


def _may_run(office: Office, run: _Run) -> bool:
    """Whether the client is being worked for, and has bought it."""
    if office.client(run.client_id).state not in WORKING_STATES:
        return False
    return has(office.session, run.client_id, run.job.capability, on=office.today(run.client_id))


def _find_run(office: Office, run: _Run) -> JobRun | None:
    wanted = (JobRun.client_id == run.client_id, JobRun.job == run.job.name, JobRun.slot == run.slot)
    return office.session.scalars(select(JobRun).where(*wanted)).one_or_none()


def _write(office: Office, run: _Run, tally: Tally, earlier: JobRun | None, *, problem: str = "") -> None:
    """Take the slot, or say how the earlier run that has it ended."""
    row = {
        "client_id": run.client_id, "job": run.job.name, "slot": run.slot, "started_at": run.started,
        "ended_at": office.now, "state": "failed" if problem else "done", "items": tally.items, "ok": tally.ok,
        "failed": tally.failed, "detail": {"problem": problem[:500]} if problem else None,
    }  # fmt: skip
    if earlier is None:
        office.insert(JobRun, [row])
    else:
        office.update(JobRun, [{**row, "id": earlier.id}])
