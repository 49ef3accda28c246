"""Runs of jobs: the last of each job and client, and the ledger of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import JobRun
from bureau.models.work import JobState
from bureau.office import Office
from bureau.queries.paging import PAGE, Page, cut, get_by_id, read_cursor, whole
from clients.scope import ScopedSession


@dataclass(frozen=True, slots=True)
class Wanted:
    client_id: int | None = None
    job: str = ""
    state: str = ""


def find_last_runs(office: Office, client_ids: Iterable[int]) -> dict[tuple[int, str], JobRun]:
    """(client, job) -> its run with the latest slot."""
    latest = (
        select(JobRun.client_id, JobRun.job, func.max(JobRun.slot).label("slot"))
        .where(JobRun.client_id.in_(list(client_ids)))
        .group_by(JobRun.client_id, JobRun.job)
        .subquery()
    )
    same = (JobRun.client_id == latest.c.client_id) & (JobRun.job == latest.c.job) & (JobRun.slot == latest.c.slot)
    return {(run.client_id, run.job): run for run in office.session.scalars(select(JobRun).join(latest, same))}


def find_last_slots(session: ScopedSession) -> dict[tuple[int, str], datetime]:
    """(client, job) -> the latest slot that came to an end, be it a bad one; a run that was cut off does not count."""
    ended = select(JobRun.client_id, JobRun.job, func.max(JobRun.slot)).where(JobRun.state != JobState.RUNNING)
    rows = session.execute(ended.group_by(JobRun.client_id, JobRun.job))
    return {(row[0], row[1]): row[2] for row in rows}


def find_runs(office: Office, wanted: Wanted, after: str = "", limit: int = PAGE) -> Page[JobRun]:
    """Runs newest first."""
    statement = select(JobRun).where(*_conditions(wanted))
    cursor = read_cursor(after, whole)
    if cursor:
        statement = statement.where(JobRun.id < cursor[0])
    runs = office.session.scalars(statement.order_by(JobRun.id.desc()).limit(limit + 1)).all()
    return cut(runs, lambda run: (run.id,), limit)


def count_runs(office: Office, wanted: Wanted) -> int:
    return int(office.session.scalar(select(func.count()).select_from(JobRun).where(*_conditions(wanted))) or 0)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    given: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.client_id is not None, JobRun.client_id == wanted.client_id),
        (wanted.job, JobRun.job == wanted.job),
        (wanted.state, JobRun.state == wanted.state),
    ]
    return [one for asked, one in given if asked]


def get_run(office: Office, run_id: int) -> JobRun:
    """One run. Raises NotFound outside the scope."""
    return get_by_id(office, JobRun, run_id)
