"""Scenarios: what a run of the world is made of, as TOML files beside this one; unknown keys are errors."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bureau.jobs import JOBS
from bureau.rules.schedules import Timing, find_problems
from config.problems import Problem
from simulator.payers import PayerProfile, change_profile, default_profiles
from simulator.practices import Practice, demo_practices

FOLDER = Path(__file__).parent


class ScenarioError(Exception):
    """A scenario that cannot be run; carries the one Problem that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.where}: {problem.text}")
        self.problem = problem


class Staff(BaseModel):
    """How many items a working day of each role holds, over all clients."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rejections_per_day: int = Field(default=60, ge=0)
    codes_per_day: int = Field(default=60, ge=0)
    denials_per_day: int = Field(default=60, ge=0)
    follow_ups_per_day: int = Field(default=60, ge=0)


class Pause(BaseModel):
    """A time in which the bureau lets everything rest for one practice, from noon to noon at its place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    practice: str
    after_days: int = Field(ge=0)  # from the start of the world
    days: int = Field(ge=1)
    why: str = Field(default="by agreement", min_length=1)


class Scenario(BaseModel):
    """One world: which practices, how busy, how the payers behave, how quickly people act."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = Field(1, alias="schema")
    name: str = ""
    title: str
    purpose: str
    days: int = Field(default=60, ge=1, le=1100)
    seed: int = Field(default=20260105, ge=0)
    start: date = date(2026, 1, 5)
    practices: tuple[str, ...] = ()  # codes; empty: all of the demo
    volume: float = Field(default=1.0, gt=0, le=100)  # times each practice's own encounters a day
    defect_rate: float = Field(default=0.03, ge=0, le=1)
    answer_days: tuple[int, int] = (1, 3)  # business days a practice takes to answer a question
    staff: Staff = Staff()
    pauses: tuple[Pause, ...] = ()
    schedule: dict[str, str] = Field(default_factory=dict)  # job -> cron, where it differs from the template
    payers: dict[str, dict[str, Any]] = Field(default_factory=dict)  # payer kind or code -> settings

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.schema_version != 1:
            raise ValueError(f"schema {self.schema_version} is not known here")
        low, high = self.answer_days
        if not 0 <= low <= high:
            raise ValueError("answer_days must be a range such as [1, 3]")
        self.profiles()
        self._check_schedule()
        named = {*self.practices, *(pause.practice for pause in self.pauses)}
        unknown = named - {practice.code for practice in self._all_practices()}
        if unknown:
            raise ValueError(f"no practice is called {', '.join(sorted(unknown))}")
        return self

    def _check_schedule(self) -> None:
        if set(self.schedule) - set(JOBS):
            raise ValueError(f"no job is called {', '.join(sorted(set(self.schedule) - set(JOBS)))}")
        for job, cron in self.schedule.items():
            for problem in find_problems(Timing(cron, "UTC")):
                raise ValueError(f"{job}: {problem.text}")

    def profiles(self) -> tuple[PayerProfile, ...]:
        """The payers of this world, with the scenario's changes by kind, then by code."""
        found = []
        for profile in default_profiles(demo_only=True):
            changes = {**self.payers.get(profile.kind, {}), **self.payers.get(profile.code, {})}
            found.append(change_profile(profile, changes) if changes else profile)
        known = {key for profile in found for key in (profile.kind, profile.code)}
        if set(self.payers) - known:
            raise ValueError(f"no payer or kind is called {', '.join(sorted(set(self.payers) - known))}")
        return tuple(found)

    def chosen_practices(self) -> tuple[Practice, ...]:
        """The practices that take part, at this scenario's volume."""
        return tuple(
            replace(practice, encounters_per_day=practice.encounters_per_day * self.volume)
            for practice in self._all_practices()
            if not self.practices or practice.code in self.practices
        )

    def _all_practices(self) -> tuple[Practice, ...]:
        return demo_practices(self.profiles(), self.start)


def find_scenarios() -> list[Scenario]:
    """Every scenario that comes with the product, by name."""
    return [load_scenario(path.stem) for path in sorted(FOLDER.glob("*.toml"))]


def load_scenario(name: str) -> Scenario:
    """A shipped scenario by name, or one of your own by path; raises ScenarioError."""
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
        raise ScenarioError(Problem(name, "scenario.unknown", f"there is no such scenario; these come along: {known}."))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Scenario.model_validate({**data, "name": path.stem})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(Problem(path.name, "scenario.toml", f"not valid TOML: {error}.")) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "scenario"
        raise ScenarioError(Problem(f"{path.name} {where}", "scenario.invalid", f"{first['msg']}.")) from None
