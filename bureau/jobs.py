"""What happens by itself: the catalogue of jobs with the times of their template, and the one way to run one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bureau import mailroom, notices
from bureau.desks import enrolments, followup, questions, scrubbing, submission, tiers
from bureau.models import JobRun
from bureau.models.talk import NoticeKind
from bureau.models.work import JobOrigin, JobState
from bureau.office import Bureau, Office
from clients.models import ClientState
from clients.scope import Scope
from clients.tiers import Capability, has
from clients.trail import Actor, ActorKind
from clients.trail import Note as AuditNote
from config.collector import one_sweep

WORKING_STATES = (ClientState.LIVE, ClientState.OFFBOARDING)
STUCK = timedelta(minutes=30)  # a run that has not ended by then hangs, or was cut off
REMEMBERED = 10  # attempts of one slot


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
    """A desk verb with the times of its template and the capability it needs.

    `act` runs in the very transaction that takes the slot. What touches the world outside stands around it and
    may run twice without harm: `prepare` brings mail in and works it file by file, `deliver` carries mail out.
    A tier's template is made of the jobs whose capability the tier has, each in the client's own time.
    """

    name: str
    label: str
    capability: Capability
    cron: str
    closes: str = ""  # the cut-off after which it may not start any more that day
    act: Callable[[Office, int], Tally] | None = None
    prepare: Callable[[Bureau, Actor, int], Tally] | None = None
    deliver: Callable[[Bureau, Actor, int], Tally] | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: which job, for whom, for which slot, begun when, and what set it off."""

    job: Job
    client_id: int
    slot: datetime
    started: datetime
    origin: JobOrigin
    by: str

    def open(self, bureau: Bureau) -> AbstractContextManager[Office]:
        return bureau.open_office(self.actor, Scope.of(self.client_id))

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.JOB, f"job {self.job.name}")


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


def _hear(office: Office, client_id: int) -> Tally:
    enrolments.note_first_remittances(office, client_id)
    return Tally()


def _wake(office: Office, client_id: int) -> Tally:
    woken = followup.wake_sleepers(office, client_id)
    return Tally(woken, woken)


def _settle(office: Office, client_id: int) -> Tally:
    given = tiers.hand_back(office, client_id)
    return Tally(given, given)


def _chase(office: Office, client_id: int) -> Tally:
    chased = questions.chase_questions(office, client_id)
    return Tally(chased.open, chased.reminded + chased.expired)


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("plan", "Let a smaller plan begin", Capability.DENIAL_RECORD, "15 0 * * *", act=_settle),
        Job("wake", "Wake claims nobody answered for", Capability.STATUS_ALARM, "5 7 * * mon-fri", act=_wake),
        Job(
            "chase", "Remind practices of open questions", Capability.INTAKE_QUERY_CLIENT, "30 8 * * mon-fri",
            act=_chase,
        ),
        Job("scrub", "Scrub claims in draft", Capability.SCRUB_RUN, "0 9,15 * * mon-fri", act=_scrub),
        Job(
            "submit", "Send ready claims", Capability.SUBMIT_837P, "15 9,15 * * mon-fri", "17:00",
            act=_batch, deliver=_send,
        ),
        Job("collect", "Collect answers", Capability.ACK_277CA, "20 8,12,16 * * mon-fri", prepare=_collect),
        Job("post", "Post remittances", Capability.POST_835, "40 8,14 * * mon-fri", prepare=_post, act=_hear),
    )
}  # fmt: skip


@one_sweep()
def run_job(
    bureau: Bureau,
    name: str,
    client_id: int,
    slot: datetime,
    *,
    origin: JobOrigin = JobOrigin.SCHEDULE,
    by: str = "",
) -> Tally | None:
    """Run a job for a client, once per slot: None when that slot is done already or the client has not bought it.

    A run that fails leaves its mark on the slot and raises; the same slot can be run again. Who runs a slot that
    another one is at work on waits, and finds it done.
    """
    run = _Run(JOBS[name], client_id, slot, bureau.clock.now(), origin, by)
    if not _begin(bureau, run):
        return None
    is_ours = False
    try:
        tally = run.job.prepare(bureau, run.actor, client_id) if run.job.prepare else Tally()
        with run.open(bureau) as office:
            office.hold(client_id)
            mark = _find_mark(office, run)
            if mark.state == JobState.DONE:
                return None
            if run.job.act:
                tally += run.job.act(office, client_id)
            _end(office, mark, tally)
            if not (run.job.deliver and tally.items):
                _note(office, run, mark, tally)
        is_ours = True
        if run.job.deliver and tally.items:
            tally = run.job.deliver(bureau, run.actor, client_id)
            with run.open(bureau) as office:
                mark = _find_mark(office, run)
                _end(office, mark, tally)
                _note(office, run, mark, tally)
    except Exception as error:
        with run.open(bureau) as office:
            mark = _find_mark(office, run)
            if is_ours or mark.state != JobState.DONE:
                _end(office, mark, Tally(), problem=_say(error))
                _note(office, run, mark, Tally(), problem=type(error).__name__)
                notices.tell(office, client_id, NoticeKind.JOB_FAILED)
        raise
    return tally


def _begin(bureau: Bureau, run: _Run) -> bool:
    """Mark the slot as begun, where the client is being worked for, has bought it, and it is not done yet."""
    with run.open(bureau) as office:
        office.hold(run.client_id)
        if not _may_run(office, run):
            return False
        earlier = _find_run(office, run)
        if earlier is None:
            office.insert(JobRun, [_as_row(run, 1, None)])
        elif earlier.state == JobState.DONE:
            return False
        elif _begins_anew(earlier, run):
            office.update(JobRun, [{"id": earlier.id, **_as_row(run, earlier.attempt + 1, _remember(earlier))}])
        return True


def _may_run(office: Office, run: _Run) -> bool:
    """Whether the client is being worked for, and has bought it."""
    if office.client(run.client_id).state not in WORKING_STATES:
        return False
    return has(office.session, run.client_id, run.job.capability, on=office.today(run.client_id))


def _begins_anew(earlier: JobRun, run: _Run) -> bool:
    """Whether this is another attempt, and not a second one at work on the slot at the same time."""
    if earlier.state == JobState.FAILED or run.origin == JobOrigin.RETRY:
        return True
    return earlier.started_at < run.started - STUCK


def _remember(earlier: JobRun) -> dict[str, Any]:
    """The attempts before this one, the last of them with what became of it."""
    detail = earlier.detail or {}
    last = {
        "started": earlier.started_at.isoformat(), "origin": earlier.origin, "by": earlier.started_by,
        "problem": detail.get("problem", "It was cut off."),
    }  # fmt: skip
    return {"earlier": [*detail.get("earlier", []), last][-REMEMBERED:]}


def _as_row(run: _Run, attempt: int, detail: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "client_id": run.client_id, "job": run.job.name, "slot": run.slot, "started_at": run.started, "ended_at": None,
        "state": JobState.RUNNING, "origin": run.origin, "started_by": run.by, "attempt": attempt, "items": 0, "ok": 0,
        "failed": 0, "detail": detail,
    }  # fmt: skip


def _find_run(office: Office, run: _Run) -> JobRun | None:
    wanted = (JobRun.client_id == run.client_id, JobRun.job == run.job.name, JobRun.slot == run.slot)
    return office.session.scalars(select(JobRun).where(*wanted)).one_or_none()


def _find_mark(office: Office, run: _Run) -> JobRun:
    """The row that `_begin` made sure of."""
    found = _find_run(office, run)
    assert found is not None
    return found


def _end(office: Office, mark: JobRun, tally: Tally, *, problem: str = "") -> None:
    """Say on the slot's row how the run ended."""
    detail = {key: value for key, value in (mark.detail or {}).items() if key != "problem"}
    row = {
        "client_id": mark.client_id, "id": mark.id, "state": JobState.FAILED if problem else JobState.DONE,
        "ended_at": office.now, "items": tally.items, "ok": tally.ok, "failed": tally.failed,
        "detail": (detail | {"problem": problem} if problem else detail) or None,
    }  # fmt: skip
    office.update(JobRun, [row])


def _note(office: Office, run: _Run, mark: JobRun, tally: Tally, *, problem: str = "") -> None:
    """One entry of the audit log for a run that did something, or that somebody asked for."""
    if tally.items or problem or run.origin != JobOrigin.SCHEDULE:
        said = {"job": run.job.name, "by": run.by, "items": tally.items, "failed": tally.failed, "problem": problem}
        after = {name: value for name, value in said.items() if value}
        office.session.trail.add(AuditNote(run.client_id, "job.ran", "job_run", mark.id, after=after))


def _say(error: Exception) -> str:
    """The kind of error and its first line: what follows in those of a database are the values of rows."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]
