"""The command that measures: the claim pipeline, and X12 beside other readers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from portal.cli.bench_schedule import measure_schedule
from portal.cli.bench_x12 import measure_x12
from portal.cli.output import Exit, say, show_json
from simulator.pipeline import measure_pipeline

PIPELINE_CLAIMS = 20_000
SCHEDULE_CLIENTS = 200
X12_CLAIMS = 10_000


def bench(options: argparse.Namespace) -> Exit:
    names = [options.name] if options.name else sorted(BENCHES)
    results = {name: BENCHES[name](options) for name in names}
    if options.json:
        show_json(results[options.name] if options.name else results)
        return Exit.OK
    for name, figures in results.items():
        print(name)
        for label, value in figures.items():
            print(f"  {label:<34} {value:,}" if isinstance(value, int | float) else f"  {label:<34} {value}")
    return Exit.OK


def _pipeline(options: argparse.Namespace) -> dict[str, Any]:
    claims = options.claims or PIPELINE_CLAIMS
    say(f"pipeline: {claims:,} claims from upload to posted 835 ...")
    return measure_pipeline(claims)


def _x12(options: argparse.Namespace) -> dict[str, Any]:
    claims = options.claims or X12_CLAIMS
    say(f"x12: {claims:,} claims read, written and split, and a long stream ...")
    return measure_x12(claims)


def _schedule(options: argparse.Namespace) -> dict[str, Any]:
    clients = options.clients or SCHEDULE_CLIENTS
    say(f"schedule: a day of the timetable of {clients:,} clients ...")
    return measure_schedule(clients)


BENCHES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "pipeline": _pipeline,
    "schedule": _schedule,
    "x12": _x12,
}
