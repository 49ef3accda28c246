"""When jobs are due at clients, and which are late: the plan of the catalogue laid beside what has run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bureau.jobs import JOBS, Job, next_slot
from bureau.models import JobRun
from bureau.office import Office
from bureau.queries.runs import find_last_runs
from clients.models import Client, ClientState

GRACE = timedelta(hours=1)  # a run may take its time before it is called late
WORKING = frozenset({ClientState.LIVE, ClientState.TESTING, ClientState.OFFBOARDING})


@dataclass(frozen=True, slots=True)
class Slot:
    """One job at one client: its last run, its next time, and since when it is overdue, if it is."""

    client: Client
    job: Job
    last: JobRun | None
    next_at: datetime | None  # None: nothing runs for a client in this state
    late_since: datetime | None


def plan(office: Office, clients: Sequence[Client]) -> dict[int, list[Slot]]:
    """Client id -> every job of the catalogue in its order."""
    runs = find_last_runs(office, [client.id for client in clients])
    return {client.id: [_slot(client, job, runs, office.now) for job in JOBS.values()] for client in clients}


def find_late(slots: Mapping[int, Sequence[Slot]]) -> list[Slot]:
    """What should have run and has not, the longest overdue first."""
    late = [slot for each in slots.values() for slot in each if slot.late_since]
    return sorted(late, key=lambda slot: (slot.late_since, slot.client.code))


def _slot(client: Client, job: Job, runs: Mapping[tuple[int, str], JobRun], now: datetime) -> Slot:
    last = runs.get((client.id, job.name))
    if client.state not in WORKING:
        return Slot(client, job, last, None, None)
    expected = next_slot(job.name, client.time_zone, last.slot) if last else None
    late = expected if expected and expected < now - GRACE else None
    return Slot(client, job, last, next_slot(job.name, client.time_zone, now), late)
