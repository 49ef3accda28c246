"""The book a request opens: the live one, or that of a simulation run entered by the prefix /run/<id>."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import current_app, request, url_for

from bureau.office import Bureau, NotFound
from config.problems import Problem

RUN_KEY = "bureau.run"
_ENTERED = re.compile(r"/run/([A-Za-z0-9][A-Za-z0-9_-]{0,63})(/(?:front|back)(?:/.*)?)")


@dataclass(frozen=True, slots=True)
class Book:
    """What the portal has open in front of a person; `run_id` and `scenario` are empty for the live book."""

    bureau: Bureau
    run_id: str = ""
    scenario: str = ""
    owner: int | None = None  # the client of the live book whose test file this is; None: a run of the lab

    @property
    def is_sandbox(self) -> bool:
        return bool(self.run_id)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One world a tester can choose: its name on the command line, its title, and what it is for."""

    name: str
    title: str
    purpose: str
    days: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation run; `state` is waiting, running, done, failed or cancelled, `done` of `total` days."""

    id: str
    scenario: str
    state: str
    seed: int
    done: int
    total: int
    started_at: datetime
    seconds_left: int | None
    claims: int
    at: datetime | None = None  # the virtual moment
    submitted: int = 0
    paid: int = 0
    denied: int = 0
    seconds: float = 0.0
    days_per_second: float = 0.0
    reason: str = ""  # why it failed


class Lab(Protocol):
    """The bench behind the lab door."""

    def scenarios(self) -> Sequence[Scenario]: ...

    def runs(self) -> Sequence[Run]:
        """The latest runs, newest first."""

    def start(self, scenario: str, *, days: int, seed: int) -> str | Problem:
        """Begin a run in the background; returns its id, or what speaks against it."""

    def get_run(self, run_id: str) -> Run:
        """One run. Raises NotFound for an unknown id."""

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; one that is over stays as it is. Raises NotFound for an unknown id."""

    def read_summary(self, run_id: str) -> dict[str, Any]:
        """The figures of a finished run. Raises NotFound while there are none."""

    def open_book(self, run_id: str) -> Book:
        """The finished run's own book. Raises NotFound for a run that is unknown or has no book yet."""


class RunPrefix:
    """Moves /run/<id> from the path to the script name: every address made inside a run stays inside it."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        match = _ENTERED.fullmatch(environ.get("PATH_INFO", ""))
        if match:
            environ[RUN_KEY], environ["PATH_INFO"] = match.groups()
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/run/{match[1]}"
        return self._wsgi(environ, start_response)


def run_id() -> str:
    """The run this request is inside of, or nothing for the live book."""
    return str(request.environ.get(RUN_KEY, ""))


def live_bureau() -> Bureau:
    """The bureau of the live book: people and their sign-ins are always looked up there."""
    bureau: Bureau = current_app.extensions["bureau"]
    return bureau


def find_lab() -> Lab | None:
    lab: Lab | None = current_app.extensions["lab"]
    return lab


def open_book() -> Book:
    """The book this request is about. Raises NotFound for an unknown run."""
    entered = run_id()
    if not entered:
        return Book(live_bureau())
    lab = find_lab()
    if lab is None:
        raise NotFound("no lab")
    return lab.open_book(entered)


def live_url(endpoint: str, **values: Any) -> str:
    """The address of a page outside any run."""
    return url_for(endpoint, **values).removeprefix(f"/run/{run_id()}") if run_id() else url_for(endpoint, **values)
