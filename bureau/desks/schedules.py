"""The desk of the timetable: what staff change in a client's plan of jobs, and the way back to the template."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import delete, select

from bureau import books
from bureau.office import Office
from bureau.rules.schedules import Timing, find_problems
from clients.models import JobPlan
from config.problems import Problem

ACT = "schedule changed"
TEMPLATE = "as the template says"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """How one job of a client is to run from now on; an empty zone is the client's own, a reason pauses it."""

    job: str
    cron: str
    time_zone: str = ""
    opens: str = ""
    closes: str = ""
    paused_reason: str = ""
    is_paused: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        window = f", {self.opens or '00:00'} to {self.closes or '24:00'}" if self.opens or self.closes else ""
        zone = f", {self.time_zone}" if self.time_zone else ""
        return f"{self.cron}{window}{zone}{f', paused: {self.paused_reason}' if self.is_paused else ''}"


def change_plan(office: Office, client_id: int, change: PlanChange) -> list[Problem]:
    """Keep a job's plan and write down what it was; writes nothing where the new one cannot be kept."""
    zone = change.time_zone or office.client(client_id).time_zone
    problems = find_problems(Timing(change.cron, zone, change.opens, change.closes))
    if change.is_paused and not change.paused_reason:
        problems.append(Problem("paused_reason", "schedule.reason", "Say why it is paused."))
    if problems:
        return problems
    row = {
        "client_id": client_id, "job": change.job, "cron": change.cron, "time_zone": change.time_zone,
        "opens": change.opens, "closes": change.closes, "is_paused": change.is_paused,
        "paused_reason": change.paused_reason if change.is_paused else "", "changed_at": office.now,
        "changed_by": str(office.actor),
    }  # fmt: skip
    before = _find_own(office, client_id, change.job)
    if before is None:
        office.insert(JobPlan, [row])
    else:
        office.update(JobPlan, [{**row, "id": before.id}])
    books.record(office, client_id, ACT, text=f"{change.job}: {_say(before)} -> {change}")
    return []


def reset_plan(office: Office, client_id: int, job: str) -> None:
    """Let the job run as the tier's template says; nothing to do where it does already."""
    before = _find_own(office, client_id, job)
    if before is not None:
        office.session.execute(delete(JobPlan).where(JobPlan.client_id == client_id, JobPlan.id == before.id))
        books.record(office, client_id, ACT, text=f"{job}: {_say(before)} -> {TEMPLATE}")


def _find_own(office: Office, client_id: int, job: str) -> JobPlan | None:
    wanted = select(JobPlan).where(JobPlan.client_id == client_id, JobPlan.job == job)
    return office.session.scalars(wanted).one_or_none()


def _say(own: JobPlan | None) -> str:
    if own is None:
        return TEMPLATE
    return str(
        PlanChange(own.job, own.cron, own.time_zone, own.opens, own.closes, own.paused_reason, is_paused=own.is_paused)
    )
