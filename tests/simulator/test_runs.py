"""The shelf of runs: real processes, told about by files, stopped by a file, and found again after a restart."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

import pytest

from bureau.office import NotFound
from config.clock import StoppedClock
from config.problems import Problem
from simulator.runner import run
from simulator.runs import ASKED, CANCEL, LOCK, MOST_AT_ONCE, OUTCOME, PROGRESS, RunShelf, RunStatus, hold_lock, is_held
from simulator.scenarios import ScenarioError

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
PATIENCE = 90  # seconds
SLEEPER = (
    sys.executable,
    "-c",
    "import sys, time, pathlib\nwhile not (pathlib.Path(sys.argv[1]) / 'cancel').exists(): time.sleep(.05)",
)
CRASHER = (sys.executable, "-c", "raise SystemExit(9)")


def wait_until_over(shelf: RunShelf, run_id: str):
    deadline = time.monotonic() + PATIENCE
    while (state := shelf.get(run_id)).status is RunStatus.RUNNING:
        assert time.monotonic() < deadline, "the run does not end"
        time.sleep(0.1)
    return state


@pytest.fixture
def shelf(tmp_path) -> RunShelf:
    return RunShelf(tmp_path / "runs", StoppedClock(NOW))


def test_a_run_goes_by_itself_and_leaves_its_figures(shelf):
    run_id = shelf.start("perfect", days=2, seed=7)
    assert shelf.get(run_id).status is RunStatus.RUNNING
    state = wait_until_over(RunShelf(shelf.folder_of(run_id).parent), run_id)  # another process may ask
    assert (state.status, state.day, state.days, state.reason) == (RunStatus.DONE, 2, 2, "")
    summary = shelf.read_summary(run_id)
    assert (summary["claims"], summary["ledger_ok"]) == (state.claims, True)
    assert state.started_at == NOW
    assert state.seconds_left is None
    deadline = time.monotonic() + PATIENCE
    while is_held(shelf.folder_of(run_id)):  # its process ends right after it wrote the outcome
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_run_is_stopped_at_the_end_of_its_day(shelf):
    run_id = shelf.start("perfect", days=500, seed=7)
    shelf.cancel(run_id)
    state = wait_until_over(shelf, run_id)
    assert state.status is RunStatus.CANCELLED
    assert state.day < 500
    with pytest.raises(NotFound):
        shelf.read_summary(run_id)


def test_a_process_that_dies_leaves_a_failed_run(tmp_path):
    shelf = RunShelf(tmp_path, StoppedClock(NOW), CRASHER)
    state = wait_until_over(shelf, shelf.start("perfect", days=3, seed=1))
    assert state.status is RunStatus.FAILED
    assert "ended without a word" in state.reason


def test_what_goes_wrong_inside_a_run_is_its_reason_in_one_line(tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / ASKED).write_text(json.dumps({"scenario": "gone", "days": 1, "seed": 1, "started_at": NOW.isoformat()}))
    assert run(folder) is RunStatus.FAILED
    reason = RunShelf(tmp_path).get("r").reason
    assert reason.startswith("gone: there is no such scenario")
    assert "\n" not in reason


def test_only_so_many_run_at_once(tmp_path):
    shelf = RunShelf(tmp_path, StoppedClock(NOW), SLEEPER)
    ids = [shelf.start("perfect", days=9, seed=n) for n in range(MOST_AT_ONCE)]
    try:
        refused = shelf.start("perfect", days=9, seed=9)
        assert isinstance(refused, Problem)
        assert refused.code == "run.busy"
        assert len(list(tmp_path.iterdir())) == MOST_AT_ONCE  # nothing was made for it
    finally:
        for run_id in ids:
            shelf.cancel(run_id)
        for run_id in ids:
            wait_until_over(shelf, run_id)


@pytest.mark.parametrize(("days", "seed"), [(0, 1), (1101, 1), (1, -1), (1, 2**63)])
def test_a_run_has_bounds(shelf, days, seed):
    assert isinstance(shelf.start("perfect", days=days, seed=seed), Problem)
    assert shelf.find() == []


def test_an_unknown_world_cannot_be_run(shelf):
    with pytest.raises(ScenarioError):
        shelf.start("nowhere", days=1, seed=1)
    assert shelf.find() == []


@pytest.mark.parametrize("name", ["nope", "..", "../secret", "", "a/b", "x" * 65])
def test_only_a_run_is_found(shelf, name):
    with pytest.raises(NotFound):
        shelf.get(name)
    with pytest.raises(NotFound):
        shelf.cancel(name)


def test_files_that_are_no_run_or_half_written_stop_nothing(tmp_path):
    for name in ("empty", "torn", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "torn" / ASKED).write_text('{"scenario": "cle')
    (tmp_path / "outside" / "summary.json").write_text(
        json.dumps({"scenario": "clean", "days": 3, "seed": 7, "claims": 12, "seconds": 1.5})
    )
    (found,) = RunShelf(tmp_path).find()  # one started from the command line
    assert (found.id, found.status, found.day, found.claims) == ("outside", RunStatus.DONE, 3, 12)


def test_a_run_is_known_by_its_files_alone(tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / ASKED).write_text(json.dumps({"scenario": "clean", "days": 10, "seed": 7, "started_at": NOW.isoformat()}))
    told = {"day": 4, "days": 10, "at": "2026-01-08T05:00:00+00:00", "claims": 40, "seconds": 8.0}
    (folder / PROGRESS).write_text(json.dumps(told))
    shelf = RunShelf(tmp_path)
    with hold_lock(folder):  # its process lives
        state = shelf.get("r")
        assert (state.status, state.day, state.claims, state.seconds_left) == (RunStatus.RUNNING, 4, 40, 12)
        assert state.days_per_second == 0.5
        shelf.cancel("r")
        assert (folder / CANCEL).exists()
    assert shelf.get("r").status is RunStatus.FAILED  # the machine went down
    (folder / OUTCOME).write_text(json.dumps({"status": "cancelled", "reason": ""}))
    assert shelf.get("r").status is RunStatus.CANCELLED
    assert (folder / LOCK).exists()
