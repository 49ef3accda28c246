"""The shelf of simulation runs: each a folder and a process of its own, told about by small files that outlive both."""

from __future__ import annotations

import fcntl
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, ClassVar

from bureau.office import NotFound
from config.clock import Clock, SystemClock
from config.problems import Problem
from config.settings import PROJECT
from simulator.scenarios import load_scenario

ASKED, PROGRESS, OUTCOME, CANCEL = "run.json", "progress.json", "outcome.json", "cancel"
SUMMARY, LOCK, LOG = "summary.json", "run.lock", "log.txt"
MOST_AT_ONCE = 2  # runs that may use the machine's cores at the same time
MOST_DAYS = 1100
COMMAND = (sys.executable, "-m", "simulator.runner")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class RunStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands: `day` of `days` virtual days at the virtual moment `at`, after real `seconds`."""

    id: str
    scenario: str
    seed: int
    days: int
    status: RunStatus
    started_at: datetime
    day: int = 0
    at: datetime | None = None
    seconds: float = 0.0
    claims: int = 0
    submitted: int = 0
    paid: int = 0
    denied: int = 0
    reason: str = ""  # why it failed, in one line

    @property
    def days_per_second(self) -> float:
        return self.day / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> int | None:
        """About how long the rest takes at the pace so far; None while nothing can be said."""
        if self.status is not RunStatus.RUNNING or not self.day:
            return None
        return round(self.seconds / self.day * (self.days - self.day))


class RunShelf:
    """All runs under one folder. What is known of a run stands in its files, so any process may ask or restart.

    A run's process holds the lock of its folder from its first moment to its last: a run without an outcome
    whose lock is free has died. It is asked to stop by a file, and never signalled.
    """

    # Of this whole process: a run may outlive the shelf that began it, and is waited for by whichever looks next.
    _children: ClassVar[list[subprocess.Popen[bytes]]] = []

    def __init__(self, folder: Path, clock: Clock | None = None, command: Sequence[str] = COMMAND) -> None:
        self._folder, self._clock, self._command = folder, clock or SystemClock(), tuple(command)

    def start(self, scenario: str, *, days: int, seed: int) -> str | Problem:
        """Begin a run in the background; returns its id, or what speaks against it. Raises ScenarioError."""
        load_scenario(scenario)
        if not 1 <= days <= MOST_DAYS:
            return Problem("days", "run.days", f"Choose from 1 to {MOST_DAYS:,} days.")
        if not 0 <= seed < 2**63:
            return Problem("seed", "run.seed", "A seed is a whole number from 0 on.")
        if sum(run.status is RunStatus.RUNNING for run in self.find()) >= MOST_AT_ONCE:
            text = f"{MOST_AT_ONCE} runs are under way, and more would slow each other down. Wait or cancel one."
            return Problem("runs", "run.busy", text)
        now = self._clock.now()
        run_id = f"{scenario[:40]}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        folder = self._folder / run_id
        folder.mkdir(parents=True)
        asked = {"scenario": scenario, "days": days, "seed": seed, "started_at": now.isoformat()}
        write_json(folder / ASKED, asked)
        self._spawn(folder)
        return run_id

    def find(self, limit: int = 50) -> list[RunState]:
        """The latest runs, newest first."""
        self._children[:] = [child for child in self._children if child.poll() is None]
        folders = [path for path in self._folder.glob("*") if _ID.fullmatch(path.name)]
        states = [state for path in folders if (state := _read_state(path)) is not None]
        return sorted(states, key=lambda run: (run.started_at, run.id), reverse=True)[:limit]

    def get(self, run_id: str) -> RunState:
        """One run. Raises NotFound for an unknown id."""
        state = _read_state(self.folder_of(run_id))
        if state is None:
            raise NotFound("no such run")
        return state

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop at the end of its virtual day; one that is over stays as it is."""
        if self.get(run_id).status is RunStatus.RUNNING:
            (self.folder_of(run_id) / CANCEL).touch()

    def folder_of(self, run_id: str) -> Path:
        """Raises NotFound for what cannot be the id of a run."""
        if not _ID.fullmatch(run_id):
            raise NotFound("no such run")
        return self._folder / run_id

    def read_summary(self, run_id: str) -> dict[str, Any]:
        """The figures of a finished run. Raises NotFound while there are none."""
        found = read_json(self.folder_of(run_id) / SUMMARY)
        if not found:
            raise NotFound("this run has no summary")
        return found

    def _spawn(self, folder: Path) -> None:
        """Start the process with the lock in its hand: it is taken here and inherited, so there is no gap."""
        with hold_lock(folder) as lock, (folder / LOG).open("wb") as log:
            child = subprocess.Popen(  # noqa: S603  (our own program; the id of the folder is made here)
                [*self._command, str(folder)], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(lock.fileno(),), start_new_session=True,
            )  # fmt: skip
        self._children.append(child)


@contextmanager
def hold_lock(folder: Path) -> Iterator[IO[bytes]]:
    """The lock of a run's folder; yields its file. Raises BlockingIOError when somebody else holds it."""
    with (folder / LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock


def is_held(folder: Path) -> bool:
    """Whether the run's process lives."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """All of it or nothing: whoever reads at this moment gets the former text."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(values))
    part.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The values, or nothing where there is no such file or it is not ours."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _read_state(folder: Path) -> RunState | None:
    asked, summary = read_json(folder / ASKED), read_json(folder / SUMMARY)
    if not asked:
        return _read_foreign(folder, summary) if summary else None
    held = is_held(folder)  # before the outcome: a run that ends in between is seen as ended
    outcome, progress = read_json(folder / OUTCOME), read_json(folder / PROGRESS)
    status = RunStatus(outcome["status"]) if outcome else RunStatus.RUNNING if held else RunStatus.FAILED
    lost = "" if outcome or held else "The process ended without a word; the machine may have been restarted."
    at = progress.get("at")
    return RunState(
        folder.name, asked["scenario"], asked["seed"], asked["days"], status,
        datetime.fromisoformat(asked["started_at"]), progress.get("day", 0), datetime.fromisoformat(at) if at else None,
        progress.get("seconds", 0.0), *_counts(summary or progress), outcome.get("reason", "") or lost,
    )  # fmt: skip


def _read_foreign(folder: Path, summary: Mapping[str, Any]) -> RunState:
    """A run somebody started from the command line into a folder of ours: over, and known by its summary."""
    ended = datetime.fromtimestamp((folder / SUMMARY).stat().st_mtime, UTC)
    days = int(summary.get("days", 0))
    return RunState(
        folder.name, str(summary.get("scenario", "")), int(summary.get("seed", 0)), days, RunStatus.DONE, ended, days,
        None, float(summary.get("seconds", 0)), *_counts(summary),
    )  # fmt: skip


def _counts(values: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Claims, and how many of them were submitted, paid and denied."""
    claims, submitted, paid, denied = (int(values.get(name, 0)) for name in ("claims", "submitted", "paid", "denied"))
    return claims, submitted, paid, denied
