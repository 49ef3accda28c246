"""The command that measures: the claim pipeline, and X12 beside other readers."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from time import perf_counter
from typing import Any

from bureau.x12.balance import balance
from bureau.x12.claim837 import read_837
from bureau.x12.remit835 import read_835
from bureau.x12.samples import generate_835, generate_837
from portal.cli.output import Exit, say, show_json
from simulator.pipeline import measure_pipeline

PIPELINE_CLAIMS = 20_000
X12_CLAIMS = 10_000
ORACLE_CLAIMS = 300  # the oracle is some fifty times slower
ROUNDS = 3


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
    """Segments per second, the median of three rounds: typed read, raw split, the oracle; all in this one run."""
    claims = options.claims or X12_CLAIMS
    say(f"x12: {claims:,} claims, read and split ...")
    results: dict[str, Any] = {"claims": claims}
    for kind, make, read in (("835", generate_835, _read_835), ("837", generate_837, _read_837)):
        text = make(claims)
        segments = text.count("~")
        results[f"segments_{kind}"] = segments
        results[f"read_{kind}_segments_per_second"] = round(segments / _median(lambda t=text, r=read: r(t)))
        results[f"split_{kind}_segments_per_second"] = round(segments / _median(lambda t=text: _split(t)))
        small = make(ORACLE_CLAIMS)
        oracle = _measure_oracle(small)
        results[f"pyx12_{kind}_segments_per_second"] = round(small.count("~") / oracle) if oracle else None
    return results


def _read_835(text: str) -> None:
    remittances, problems = read_835(text)
    assert not problems
    for remittance in remittances:
        balance(remittance)


def _read_837(text: str) -> None:
    _, problems = read_837(text)
    assert not problems


def _split(text: str) -> list[list[str]]:
    return [segment.split("*") for segment in text.split("~")]


def _median(act: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        act()
        times.append(perf_counter() - began)
    return sorted(times)[ROUNDS // 2]


def _measure_oracle(text: str) -> float | None:
    """Seconds pyx12 takes to validate a text; None where it is not installed (it is a tool of the tests)."""
    try:
        from pyx12.params import params
        from pyx12.x12n_document import x12n_document
    except ImportError:
        return None
    began = perf_counter()
    x12n_document(params(), io.StringIO(text), None, None, None)  # its 999 for an 835 is a known fault
    return perf_counter() - began


BENCHES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"pipeline": _pipeline, "x12": _x12}
