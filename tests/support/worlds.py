"""Simulated worlds that several tests look at: each is run once per worker and asked many times."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bureau.office import Office
from clients.models import Client
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.settings import Settings
from simulator.record import PayerRecord
from simulator.scenarios import Scenario, load_scenario
from simulator.truth import Witness
from simulator.world import PAYERS, World, open_run


@dataclass
class Lived:
    """A world after its last day."""

    world: World
    folder: Path
    summary: dict

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def clients(self) -> list[Client]:
        return [life.client for life in self.world.lives.values()]

    @contextmanager
    def office(self, client: Client | None = None) -> Iterator[Office]:
        scope = Scope.of(client.id) if client else Scope.all()
        with self.world.bureau.open_office(Actor(ActorKind.JOB, "reader"), scope, read_only=True) as office:
            yield office

    def witness(self, client: Client) -> Witness:
        visits = self.world.lives[client.id].uploaded
        self_pay = {number for number, visit in visits.items() if visit.patient.is_self_pay}
        return Witness(self.world.record, self.world.chronicle, client.code, client.account, self_pay)

    def hash_files(self) -> str:
        """One hash over the names and bytes of every X12 file exchanged."""
        digest = hashlib.sha256()
        for path in sorted((self.folder / "x12").rglob("*.*")):
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\x00" + path.read_bytes())
        return digest.hexdigest()


def live(name: str, folder: Path, *, days: int, seed: int | None = None, **changes: object) -> Lived:
    """Run a scenario, changed where the test says so."""
    scenario = load_scenario(name)
    if changes:
        plain = scenario.model_dump(by_alias=True) | changes
        scenario = Scenario.model_validate(plain)
    settings = Settings(home=folder, _env_file=None)
    world = World(scenario, folder, days=days, seed=scenario.seed if seed is None else seed, settings=settings)
    world.run()
    world.write_files()
    return Lived(world, folder, world.summarize())


__all__ = ["PAYERS", "Lived", "PayerRecord", "live", "open_run"]
