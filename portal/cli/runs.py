"""The command that runs a scenario."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from portal.cli.output import Exit, Stop, say, show_json
from portal.cli.progress import watch_days
from simulator.scenarios import ScenarioError, load_scenario
from simulator.world import Cancelled, Progress, run_scenario


def simulate(options: argparse.Namespace) -> Exit:
    try:
        scenario = load_scenario(options.scenario)
    except ScenarioError as error:
        unknown = error.problem.code == "scenario.unknown"
        raise Stop(Exit.NOT_FOUND if unknown else Exit.PROBLEMS, str(error)) from None
    seed = scenario.seed if options.seed is None else options.seed
    days = options.days or scenario.days
    folder = options.out or options.settings.runs_path / f"{scenario.name}-{days}d-{seed}"
    if folder.is_file() or (folder.is_dir() and (folder / "book.sqlite").exists()):
        raise Stop(Exit.CONFLICT, f"{folder}: a run lies here already; name another folder with --out")
    with watch_days(f"{scenario.name}, seed {seed}") as tell:
        try:
            summary = run_scenario(
                scenario, folder, days=days, seed=seed, tell=_both(tell, options.progress), settings=options.settings
            )
        except Cancelled as stopped:
            raise Stop(Exit.FAILURE, str(stopped)) from None
    if options.json:
        show_json(summary)
    say(
        f"{summary['claims']:,} claims, {summary['submitted']:,} submitted, {summary['adjudicated']:,} adjudicated, "
        f"{summary['denied']:,} denied in {summary['seconds']:.1f} s; ledger "
        f"{'holds' if summary['ledger_ok'] else 'DOES NOT HOLD'}; book in {folder}"
    )
    return Exit.OK if summary["ledger_ok"] else Exit.FAILURE


def _both(tell: Callable[[Progress], bool], file: Path | None) -> Callable[[Progress], bool]:
    """Tell the terminal, and the file that the lab's pages read; a file that is gone means: stop."""
    if file is None:
        return tell

    def write(progress: Progress) -> bool:
        if not file.parent.is_dir() or (file.parent / "cancel").exists():
            return False
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(progress), default=str))
        new.replace(file)
        return tell(progress)

    return write
