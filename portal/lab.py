"""The bench behind the lab door: scenarios, runs on their shelf, and the book of each run as a sandbox."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Engine, func, select

from bureau.models import Journal
from bureau.office import Bureau, Delivery, NotFound
from clients.scope import Scope, ScopedSession
from config.clock import StoppedClock
from config.database import build_engine, require_columns
from config.problems import Problem
from config.settings import Settings
from portal.sandbox import Book, Run, Scenario
from simulator.rehearsal import owner_of
from simulator.runs import RunShelf, RunState, RunStatus
from simulator.scenarios import find_scenarios
from simulator.world import BOOK

OPEN_BOOKS = 4  # books of runs kept open at a time
READABLE = frozenset({RunStatus.DONE, RunStatus.CANCELLED})


class Bench:
    """Fulfils the portal's Lab over a shelf of runs."""

    def __init__(self, shelf: RunShelf, settings: Settings) -> None:
        self._shelf, self._settings = shelf, settings
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._lock = Lock()

    def scenarios(self) -> Sequence[Scenario]:
        return [Scenario(one.name, one.title, one.purpose, one.days, one.seed) for one in find_scenarios()]

    def runs(self) -> Sequence[Run]:
        return [_as_run(state) for state in self._shelf.find()]

    def start(self, scenario: str, *, days: int, seed: int) -> str | Problem:
        return self._shelf.start(scenario, days=days, seed=seed)

    def get_run(self, run_id: str) -> Run:
        return _as_run(self._shelf.get(run_id))

    def cancel(self, run_id: str) -> None:
        self._shelf.cancel(run_id)

    def read_summary(self, run_id: str) -> dict[str, Any]:
        return self._shelf.read_summary(run_id)

    def open_book(self, run_id: str) -> Book:
        """The book of a run that is over, its clock stopped at the run's last moment. Raises NotFound."""
        with self._lock:
            if run_id not in self._books:
                owner = owner_of(run_id)
                self._books[run_id] = self._open(run_id) if owner is None else self._open_rehearsal(run_id, owner)
                while len(self._books) > OPEN_BOOKS:
                    _oldest, book = self._books.popitem(last=False)
                    book.bureau.engine.dispose()
            self._books.move_to_end(run_id)
            return self._books[run_id]

    def _open(self, run_id: str) -> Book:
        state, path = self._shelf.get(run_id), self._shelf.folder_of(run_id) / BOOK
        if state.status not in READABLE or not path.is_file():
            raise NotFound("this run has no book yet")
        engine = build_engine(f"sqlite:///{path}", durable=False)
        require_columns(engine)
        clock = StoppedClock(state.at or _last_moment(engine))
        settings = self._settings.model_copy(update={"home": path.parent})
        title = next((one.title for one in self.scenarios() if one.name == state.scenario), state.scenario)
        return Book(Bureau(engine, clock, NoMail(), settings), run_id, title)

    def _open_rehearsal(self, run_id: str, owner: int) -> Book:
        """The book of a practice's test file. Raises NotFound for one that a later one has taken the place of."""
        path = self._settings.rehearsals_path / run_id / BOOK
        if not path.is_file():
            raise NotFound("no such rehearsal")
        engine = build_engine(f"sqlite:///{path}", durable=False)
        settings = self._settings.model_copy(update={"home": path.parent})
        return Book(Bureau(engine, StoppedClock(_last_moment(engine)), NoMail(), settings), run_id, "Test file", owner)


class NoMail:
    """The clearinghouse of a book that is only looked at."""

    def submit(self, *_file: object) -> None:
        raise RuntimeError("nothing is sent from the book of a run")

    def waiting(self, *_whose: object) -> Sequence[Delivery]:
        return ()

    def taken(self, *_names: object) -> None:
        raise RuntimeError("nothing is taken in by the book of a run")


def _last_moment(engine: Engine) -> datetime:
    """When somebody last did something in the book."""
    with ScopedSession(engine, scope=Scope.all(), read_only=True) as session:
        last: datetime | None = session.scalar(select(func.max(Journal.at)))
    if last is None:
        raise NotFound("this run has an empty book")
    return last


def _as_run(state: RunState) -> Run:
    return Run(
        id=state.id, scenario=state.scenario, state=state.status, seed=state.seed, done=state.day, total=state.days,
        started_at=state.started_at, seconds_left=state.seconds_left, claims=state.claims, at=state.at,
        submitted=state.submitted, paid=state.paid, denied=state.denied, seconds=state.seconds,
        days_per_second=state.days_per_second, reason=state.reason,
    )  # fmt: skip
