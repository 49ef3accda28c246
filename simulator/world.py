"""The world around the bureau, on its own clock: SimPy moves time, the bureau's own code does the work."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from pathlib import Path
from time import perf_counter
from typing import Any

import simpy
from sqlalchemy import func, select

from bureau import jobs
from bureau.desks.schedules import PlanChange, change_plan
from bureau.desks.stages import Wish, move_stage
from bureau.models import Denial, Filing, Journal, Mail
from bureau.office import Bureau
from bureau.plans import PlannedJob, load_plans
from bureau.rules.lifecycle import State
from bureau.rules.schedules import find_slots
from clients.models import ClientState
from clients.scope import Scope, ScopedSession, enable_row_security
from clients.trail import Actor, ActorKind
from config.clock import BusinessCalendar, StoppedClock
from config.database import EPOCH, build_engine, create_tables, refresh_statistics, require_columns
from config.settings import PayerPace, Settings
from reports import adjudication, invariants, sla
from simulator.chronicle import Chronicle, Happening
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.clock import VirtualClock
from simulator.opening import open_payers, open_practice
from simulator.payers import default_profiles
from simulator.record import PayerRecord
from simulator.scenarios import Pause, Scenario
from simulator.staff import Desk, PracticeLife
from simulator.visits import Diary

Steps = Generator[simpy.Event, object, None]
UNSENT = frozenset({State.DRAFT, State.NEEDS_INFO, State.CODING, State.SCRUB_FAILED, State.READY, State.BATCHED})
PLAN_AHEAD = timedelta(hours=6)
BOOK, PAYERS, X12 = "book.sqlite", "payers.sqlite", "x12"


class Cancelled(Exception):
    """Whoever watches the run has had enough."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: virtual days done of all, the virtual moment, and counts so far."""

    day: int
    days: int
    at: datetime
    claims: int
    submitted: int
    paid: int
    denied: int


Tell = Callable[[Progress], bool]  # False: stop


class World:
    """Practices, staff, jobs and payers in one virtual time; everything it makes lies in one folder."""

    def __init__(self, scenario: Scenario, folder: Path, *, days: int, seed: int, settings: Settings) -> None:
        self.scenario, self.folder, self.days, self.seed = scenario, folder, days, seed
        folder.mkdir(parents=True, exist_ok=True)
        self.env = simpy.Environment()
        self.clock = VirtualClock(self.env, datetime.combine(scenario.start, time(5), UTC))
        engine = build_engine(f"sqlite:///{folder / BOOK}", durable=False)
        create_tables(engine)
        enable_row_security(engine)
        self.record = PayerRecord(folder / PAYERS)
        payers = SimulatedClearinghouse(default_profiles(), self.record, seed=seed, pace=PayerPace.REALISTIC)
        payers.profiles.update({profile.code: profile for profile in scenario.profiles()})
        self.bureau = Bureau(engine, self.clock, payers, settings)
        self.chronicle = Chronicle()
        self.lives = self._open_practices()
        self.desk = Desk(self.bureau, self.lives, self.chronicle)

    def _open_practices(self) -> dict[int, PracticeLife]:
        lives = {}
        with self.bureau.open_office(Actor(ActorKind.PERSON, "bureau"), Scope.all()) as office:
            open_payers(office)
            for practice in self.scenario.chosen_practices():
                client = open_practice(office, practice, default_profiles(), on=self.scenario.start)
                for job, cron in self.scenario.schedule.items():
                    change_plan(office, client.id, PlanChange(job, cron))
                diary = Diary(practice, self.seed, self.scenario.start, defect_rate=self.scenario.defect_rate)
                lives[client.id] = PracticeLife(self.bureau, client, diary, self.chronicle, self.seed)
        return lives

    def run(self, tell: Tell | None = None) -> None:
        """Let the days pass; raises Cancelled when `tell` says stop."""
        for life in self.lives.values():
            self.env.process(self._practice_days(life))
            for pause in self.scenario.pauses:
                if pause.practice == life.client.code:
                    self.env.process(self._rest(life, pause))
        self.env.process(self._timetable())
        self.env.process(self._staff_days())
        for day in range(1, self.days + 1):
            self.env.run(until=day * 86_400)
            if tell is not None and not tell(self._progress(day)):
                raise Cancelled(f"stopped on day {day} of {self.days}")

    def _timetable(self) -> Steps:
        """Every job when it is due; the plans are read again and again, as the scheduler of a live book does."""
        while True:
            start, end = self.clock.now(), self.clock.now() + PLAN_AHEAD
            due = [(slot, plan) for plan in self._plans() for slot in find_slots(plan.timing, start, end)]
            for slot, plan in sorted(due, key=itemgetter(0)):
                yield self.clock.until(slot)
                self._run_job(plan, slot)
            yield self.clock.until(end)

    def _plans(self) -> list[PlannedJob]:
        with self.bureau.open_office(Actor(ActorKind.JOB, "timetable"), Scope.all(), read_only=True) as office:
            return [plan for plan in load_plans(office.session, office.now) if not plan.halt]

    def _run_job(self, plan: PlannedJob, slot: datetime) -> None:
        life = self.lives[plan.client_id]
        if jobs.run_job(self.bureau, plan.job, plan.client_id, slot) is None:
            return
        if plan.job == "post":
            self.chronicle.note(self.clock.now(), Happening.POSTED, life.client.code)
        if plan.job == "scrub":
            life.notice_questions()

    def _practice_days(self, life: PracticeLife) -> Steps:
        calendar = BusinessCalendar(life.client.time_zone)
        for day in self._days():
            if calendar.is_business_day(day):
                yield self.clock.until(calendar.moment(day, time(9, 30)))
                life.correct_rows()
                yield self.clock.until(calendar.moment(day, time(10, 5)))
                life.answer_questions(calendar, self.scenario.answer_days)
            yield self.clock.until(calendar.moment(day, time(17, 30)))
            life.upload(day)

    def _rest(self, life: PracticeLife, pause: Pause) -> Steps:
        """The account manager pauses a practice, and takes it up again."""
        calendar, start = BusinessCalendar(life.client.time_zone), self.scenario.start
        first = start + timedelta(days=pause.after_days)
        moves = ((first, Happening.PAUSED, Wish(ClientState.PAUSED, pause.why)),
                 (first + timedelta(days=pause.days), Happening.RESUMED, Wish(ClientState.LIVE)))  # fmt: skip
        for day, what, wish in moves:
            yield self.clock.until(calendar.moment(day, time(12)))
            with self.bureau.open_office(Actor(ActorKind.PERSON, "account manager"), life.scope) as office:
                problems = move_stage(office, life.client.id, wish)
                assert not problems, problems
            self.chronicle.note(self.clock.now(), what, life.client.code)

    def _staff_days(self) -> Steps:
        calendar, staff = BusinessCalendar(self.bureau.settings.time_zone), self.scenario.staff
        for day in self._days():
            if not calendar.is_business_day(day):
                continue
            for at, act, most in (
                (time(10, 30), self.desk.code, staff.codes_per_day),
                (time(11, 30), self.desk.fix_rejections, staff.rejections_per_day),
                (time(13, 30), self.desk.look_at_denials, staff.denials_per_day),
                (time(15, 40), self.desk.follow_up, staff.follow_ups_per_day),
            ):
                yield self.clock.until(calendar.moment(day, at))
                act(most)

    def _days(self) -> list[date]:
        return [self.scenario.start + timedelta(days=ahead) for ahead in range(self.days)]

    def _progress(self, day: int) -> Progress:
        """Counts of the moment; claims that the patient pays from the beginning count as claims only."""
        with self.bureau.open_office(Actor(ActorKind.JOB, "watch"), Scope.all(), read_only=True) as office:
            claims = office.rows(select(func.count()).select_from(Filing))[0][0]
            insured = select(Filing.state, func.count()).where(Filing.payer_id.is_not(None)).group_by(Filing.state)
            states = {row[0]: row[1] for row in office.rows(insured)}
            denied = office.rows(select(func.count(func.distinct(Denial.filing_id))))[0][0]
        sent = sum(count for state, count in states.items() if state not in UNSENT)
        paid = sum(states.get(state, 0) for state in (State.CLOSED_PAID, State.PATIENT_DUE, State.PAID))
        return Progress(day, self.days, self.clock.now(), claims, sent, paid, denied)

    def summarize(self) -> dict[str, Any]:
        """The figures of the run, from the book; `ledger_ok` says that every law of the books holds."""
        with self.bureau.open_office(Actor(ActorKind.JOB, "summary"), Scope.all(), read_only=True) as office:
            totals = adjudication.load_totals(office)
            period = sla.whole_time(self.clock.now().date())
            attained = {
                life.client.code: {
                    f"{one.measure}_{one.business_days}d": {
                        "due": one.due, "met": one.met, "percent": one.percent, "promised": one.share_percent,
                        "p90_seconds": one.p90_seconds, "paused_seconds": one.paused_seconds,
                    }
                    for one in sla.load_attainment(office, client_id, period)
                }
                for client_id, life in self.lives.items()
            }  # fmt: skip
            findings = invariants.verify(office)
            ledger_hash = invariants.hash_ledger(office)
        conserved = totals["charges_cents"] == sum(
            totals[name] for name in ("paid_cents", "adjusted_cents", "patient_cents", "open_cents", "suspense_cents")
        )
        return {
            **totals,
            "sla": attained,
            "ledger_ok": conserved and all(finding.is_kept for finding in findings),
            "broken_laws": [finding.id for finding in findings if not finding.is_kept],
            "ledger_hash": ledger_hash,
        }

    def write_files(self) -> int:
        """Put every X12 file exchanged under x12/, sent and received apart; returns how many."""
        with self.bureau.open_office(Actor(ActorKind.JOB, "archive"), Scope.all(), read_only=True) as office:
            rows = office.session.execute(select(Mail.outgoing, Mail.name, Mail.content).order_by(Mail.id))
            count = 0
            for outgoing, name, content in rows:
                folder = self.folder / X12 / ("sent" if outgoing else "received")
                folder.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(zlib.decompress(content))
                count += 1
        return count

    def close(self) -> None:
        """Fold the write-ahead logs into the files, so that the folder can be moved."""
        refresh_statistics(self.bureau.engine)
        with self.bureau.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        self.bureau.engine.dispose()
        self.record.close()


def run_scenario(
    scenario: Scenario,
    folder: Path,
    *,
    days: int | None = None,
    seed: int | None = None,
    tell: Tell | None = None,
    settings: Settings | None = None,
) -> dict[str, Any]:
    """Run a scenario in a book of its own under `folder`; returns and writes the summary.

    The same scenario, days and seed give the same bytes and the same ledger. Raises Cancelled.
    """
    days = scenario.days if days is None else days
    seed = scenario.seed if seed is None else seed
    began = perf_counter()
    world = World(scenario, folder, days=days, seed=seed, settings=settings or Settings(home=folder))
    try:
        world.run(tell)
        files = world.write_files()
        summary = world.summarize()
    finally:
        world.close()
    seconds = perf_counter() - began
    summary |= {
        "scenario": scenario.name, "days": days, "seed": seed, "files": files, "seconds": round(seconds, 2),
        "claims_per_second": round(summary["claims"] / seconds, 1),
    }  # fmt: skip
    world.chronicle.save(folder / "chronicle.csv")
    (folder / "summary.json").write_text(json.dumps(summary, indent=2))
    return summary


def open_run(book: Path) -> Bureau:
    """The bureau of a finished run, to be read; its clock stands at the last thing that happened. May raise OldBook."""
    engine = build_engine(f"sqlite:///{book}", durable=False)
    require_columns(engine)
    with ScopedSession(engine, scope=Scope.all(), read_only=True) as session:
        end = session.scalar(select(func.max(Journal.at)))
    kept = book.parent / PAYERS
    record = PayerRecord(kept if kept.is_file() else ":memory:")
    payers = SimulatedClearinghouse(default_profiles(), record, seed=0, pace=PayerPace.REALISTIC)
    return Bureau(engine, StoppedClock(end or EPOCH), payers, Settings(home=book.parent))
