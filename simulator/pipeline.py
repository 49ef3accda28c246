"""How fast the bureau is: claims from upload to posted 835 through the very code that a live day runs."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import insert, select

from bureau import jobs
from bureau.desks import intake
from bureau.office import Bureau, Delivery
from bureau.rules.intake.layout import COLUMNS
from bureau.rules.intake.readers import build_reader
from clients.models import Client
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.database import Base, build_engine, create_tables
from config.identifiers import make_test_mbi
from config.settings import PayerPace, Settings
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.opening import open_payers, open_practice
from simulator.payers import default_profiles
from simulator.practices import Practice, demo_practices
from simulator.record import PayerRecord
from simulator.streams import stream

FILE = 5_000  # encounters per uploaded file
TODAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
DAY_JOBS = ("scrub", "submit", "collect", "post")


class TimedClearinghouse:
    """The practice payers, with a stopwatch: their work is not the bureau's."""

    def __init__(self, inner: SimulatedClearinghouse) -> None:
        self.inner, self.seconds = inner, 0.0

    def submit(self, account: str, name: str, content: bytes, at: datetime) -> None:
        began = perf_counter()
        self.inner.submit(account, name, content, at)
        self.seconds += perf_counter() - began

    def waiting(self, account: str, at: datetime) -> list[Delivery]:
        began = perf_counter()
        found = list(self.inner.waiting(account, at))
        self.seconds += perf_counter() - began
        return found

    def taken(self, account: str, names: list[str]) -> None:
        began = perf_counter()
        self.inner.taken(account, names)
        self.seconds += perf_counter() - began


@dataclass(frozen=True, slots=True)
class Lap:
    """One file of claims through the whole pipeline."""

    claims: int
    seconds: float
    payer_seconds: float


def measure_pipeline(claims: int) -> dict[str, Any]:
    """Send that many claims through intake, scrub, 837P, payers, acknowledgements and posting on a SQLite file.

    Returns claims per second with and without the payers' own time, the cost per claim at the end against the
    first 10,000, peak memory, and the ceiling: the same rows written by plain executemany.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        house, client, payers = _open_house(folder)
        practice = demo_practices(default_profiles(demo_only=True), TODAY.date())[0]
        laps = [
            _run_lap(house, client, payers, _write_claims(practice, start, min(FILE, claims - start)))
            for start in range(0, claims, FILE)
        ]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        house.engine.dispose()
        rows, ceiling = measure_ceiling(folder / "book.sqlite", folder / "ceiling.sqlite")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = sum(lap.seconds for lap in laps)
    own = sum(lap.seconds - lap.payer_seconds for lap in laps)
    done = sum(lap.claims for lap in laps)
    return {
        "claims": done,
        "seconds": round(seconds, 2),
        "claims_per_second": round(done / seconds, 1),
        "bureau_claims_per_second": round(done / own, 1),
        "payers_seconds": round(seconds - own, 2),
        "cost_ratio_to_first_10000": _cost_ratio(laps),
        "peak_memory_mb": peak,
        "rows_written": rows,
        "rows_per_claim": round(rows / done, 1),
        "ceiling_seconds": round(ceiling, 2),
        "ceiling_claims_per_second": round(done / ceiling, 1),
        "share_of_ceiling": round(ceiling / seconds, 3),
    }


def _cost_ratio(laps: list[Lap]) -> float | None:
    """Seconds per claim of all claims against the first 10,000; None where there are no more than those."""
    first = laps[: 10_000 // FILE]
    if len(laps) <= len(first):
        return None
    at_first = sum(lap.seconds for lap in first) / sum(lap.claims for lap in first)
    overall = sum(lap.seconds for lap in laps) / sum(lap.claims for lap in laps)
    return round(overall / at_first, 3)


def _open_house(folder: Path) -> tuple[Bureau, Client, TimedClearinghouse]:
    engine = build_engine(f"sqlite:///{folder / 'book.sqlite'}")
    create_tables(engine)
    profiles = default_profiles(demo_only=True)
    record = PayerRecord(folder / "payers.sqlite")
    payers = TimedClearinghouse(SimulatedClearinghouse(profiles, record, seed=1, pace=PayerPace.AT_ONCE))
    house = Bureau(engine, StoppedClock(TODAY), payers, Settings(home=folder))  # type: ignore[arg-type]
    with house.open_office(Actor(ActorKind.JOB, "bench"), Scope.all()) as office:
        open_payers(office)
        practice = demo_practices(profiles, TODAY.date())[0]
        client = open_practice(office, practice, profiles, on=TODAY.date() - timedelta(days=400))
    return house, client, payers


def _run_lap(house: Bureau, client: Client, payers: TimedClearinghouse, data: bytes) -> Lap:
    clock = house.clock
    assert isinstance(clock, StoppedClock)
    began, before = perf_counter(), payers.seconds
    actor, scope = Actor(ActorKind.PERSON, "practice"), Scope.of(client.id)
    with house.open_office(actor, scope) as office:
        reader = build_reader("standard", None, office.today(client.id))
        taken = intake.check_upload(office, client.id, "charges.csv", data, profile="standard", read=reader)
        intake.commit_upload(office, taken)
    for name in DAY_JOBS:
        jobs.run_job(house, name, client.id, clock.advance(timedelta(seconds=1)))
    return Lap(len(taken.drafts), perf_counter() - began, payers.seconds - before)


def _write_claims(practice: Practice, start: int, count: int) -> bytes:
    """A file of encounters with two to three lines each; three visits to a patient."""
    chance = stream(1, "bench", str(start))
    codes = sorted(practice.charge_master)
    payers = sorted(code for code in practice.community.payer_mix if code != "SELF")
    lines = [",".join(COLUMNS)]
    empty = dict.fromkeys(COLUMNS, "")
    for number in range(start, start + count):
        who = number // 3
        payer = payers[who % len(payers)]
        member = _member(payer, who, practice)
        day = date(2026, 2, 27) - timedelta(days=number % 30)
        for line, code in enumerate(chance.sample(codes, 2 + number % 2)):
            row = empty | {
                "encounter_id": f"E{number}", "patient_id": f"P{who}", "last_name": f"Roe{who}", "first_name": "Pat",
                "birth_date": "1980-01-02", "sex": "F", "street": "1 Elm St", "city": "Boston", "state": "MA",
                "zip": "02110", "payer_id": payer, "member_id": member, "group_number": "G1", "relationship": "18",
                "provider_npi": practice.clinicians[who % len(practice.clinicians)].npi, "place_of_service": "11",
                "service_date": day.isoformat(), "dx1": "J069", "procedure": code,
                "charge": f"{practice.charge_master[code] // 100}.{practice.charge_master[code] % 100:02d}",
                "units": "1", "pointers": "1", "note": f"line {line + 1}",
            }  # fmt: skip
            lines.append(",".join(row.values()))
    return "\n".join(lines).encode()


def _member(payer: str, who: int, practice: Practice) -> str:
    return make_test_mbi(who) if payer in practice.community.with_mbi else f"M{who:07d}"


def measure_ceiling(book: Path, copy: Path) -> tuple[int, float]:
    """Write every row of a book into an empty one of the same schema by plain executemany: (rows, seconds)."""
    engine = build_engine(f"sqlite:///{copy}")
    create_tables(engine)
    source, target = sqlite3.connect(book), sqlite3.connect(copy)
    target.execute("PRAGMA synchronous=FULL")
    rows, seconds = 0, 0.0
    for table in Base.metadata.sorted_tables:
        cursor = source.execute(str(select(table).compile(engine)))
        statement = str(insert(table).compile(engine))
        while batch := cursor.fetchmany(20_000):
            began = perf_counter()
            target.executemany(statement, batch)
            target.commit()
            seconds += perf_counter() - began
            rows += len(batch)
    engine.dispose()
    return rows, seconds
