"""The process of one run: reads what was asked from its folder, lets the world turn, and tells how it goes."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from time import perf_counter

from simulator.runs import ASKED, CANCEL, OUTCOME, PROGRESS, RunStatus, read_json, write_json
from simulator.scenarios import ScenarioError, load_scenario
from simulator.world import Cancelled, Progress, run_scenario

NICE = 5  # a run takes what the people at the portal leave


def run(folder: Path) -> RunStatus:
    """Run what the folder asks for and write the outcome; whatever goes wrong ends up there in one line."""
    status, reason = RunStatus.DONE, ""
    asked = read_json(folder / ASKED)
    try:
        scenario = load_scenario(asked["scenario"])
        run_scenario(scenario, folder, days=asked["days"], seed=asked["seed"], tell=Teller(folder).tell)
    except Cancelled:
        status = RunStatus.CANCELLED
    except ScenarioError as error:
        status, reason = RunStatus.FAILED, str(error)
    except Exception as error:  # noqa: BLE001  (the outcome is the only place where anybody would look)
        traceback.print_exc()
        status, reason = RunStatus.FAILED, f"{type(error).__name__}: {error}".splitlines()[0][:300]
    write_json(folder / OUTCOME, {"status": status, "reason": reason})
    return status


class Teller:
    """Writes the progress of each virtual day, and hears whether somebody wants the run to stop."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._began = folder, perf_counter()

    def tell(self, progress: Progress) -> bool:
        counts = {name: getattr(progress, name) for name in ("day", "days", "claims", "submitted", "paid", "denied")}
        seconds = round(perf_counter() - self._began, 3)
        write_json(self._folder / PROGRESS, counts | {"at": progress.at.isoformat(), "seconds": seconds})
        return not (self._folder / CANCEL).exists()


if __name__ == "__main__":
    os.nice(NICE)
    sys.exit(run(Path(sys.argv[1])) is RunStatus.FAILED)
