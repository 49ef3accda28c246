"""Measures what a day of the timetable costs: reading every client's plan at each poll, and handing over each slot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import process_time
from typing import Any

from bureau.desks.schedules import PlanChange, change_plan
from bureau.office import Bureau
from clients.onboarding import NewClient, open_client
from clients.scope import Scope
from clients.tiers import Tier
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.database import build_engine, create_tables
from config.identifiers import make_test_ein, make_test_npi
from config.settings import PayerPace, Settings
from portal.scheduler import POLL, Due, Scheduler
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.payers import default_profiles
from simulator.record import PayerRecord

BEGIN = datetime(2026, 3, 18, 4, tzinfo=UTC)  # midnight of a Wednesday in New York
DAY_SECONDS = 86_400
OFTEN = PlanChange("collect", "20 8,10,12,14,16 * * mon-fri")  # makes twelve runs a day


class Counter:
    """Takes every slot and does nothing: the jobs' own work is not what is measured."""

    def __init__(self) -> None:
        self.taken = 0

    def hand_over(self, _due: Due) -> None:
        self.taken += 1

    def close(self) -> None:
        """Nothing is under way."""


def measure_schedule(clients: int) -> dict[str, Any]:
    """CPU seconds of a day of polls and slots, and their share of one core."""
    clock = StoppedClock(BEGIN)
    house = _open_house(clock, clients)
    counter = Counter()
    scheduler = Scheduler(house, counter)
    planned, planning, dispatching, polls = 0, 0.0, 0.0, 0
    while (clock.now() - BEGIN).total_seconds() < DAY_SECONDS:
        began = process_time()
        planned += scheduler.plan()
        read = process_time()
        scheduler.step()
        planning, dispatching, polls = planning + read - began, dispatching + process_time() - read, polls + 1
        clock.advance(POLL)
    house.engine.dispose()
    return {
        "clients": clients, "jobs": planned, "runs": counter.taken, "polls": polls,
        "planning_cpu_seconds": round(planning, 2), "dispatch_cpu_seconds": round(dispatching, 2),
        "percent_of_one_core": round(100 * (planning + dispatching) / DAY_SECONDS, 4),
    }  # fmt: skip


def _open_house(clock: StoppedClock, clients: int) -> Bureau:
    """A book in memory with that many clients, each with one job of its own times."""
    engine = build_engine("sqlite://", durable=False)
    create_tables(engine)
    payers = SimulatedClearinghouse(default_profiles(), PayerRecord(":memory:"), seed=1, pace=PayerPace.AT_ONCE)
    house = Bureau(engine, clock, payers, Settings(database_url="sqlite://"))
    with house.open_office(Actor(ActorKind.JOB, "bench"), Scope.all()) as office:
        for number in range(1, clients + 1):
            client = open_client(office.session, _practice(number), on=date(2026, 1, 1))
            change_plan(office, client.id, OFTEN)
    return house


def _practice(number: int) -> NewClient:
    return NewClient(
        f"BENCH{number}", f"Practice {number}", "family medicine", Tier.BILLING, make_test_npi(number),
        make_test_ein(number), "207Q00000X", "1 Main Street", "Salem", "MA", "019700001", "", "America/New_York",
        providers=(), fees=(), payers=(),
    )  # fmt: skip
