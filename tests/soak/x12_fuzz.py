"""Spoiled X12 by the hundred thousand: `python -m tests.soak.x12_fuzz --inputs 200000 --json`.

Every input is told by its number: `--first N --inputs 1 --keep FOLDER` makes it again and keeps it as a file.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

from tests.soak.exercise import STEPS, Step
from tests.soak.mutations import spoil
from tests.soak.seeds import load_seeds

SECONDS, SECONDS_A_MEGABYTE, HANG = 0.5, 2.0, 20.0  # of processor time; a step may go through a file several times
MOST_MEGABYTES = 512
SLICE = 500  # inputs that a process takes at a time


@dataclass
class Outcome:
    """What some inputs came to; `slowest` is in seconds a megabyte, of steps that go through 100 kB and more."""

    inputs: int = 0
    bytes: int = 0
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    longest: tuple[float, str] = (0.0, "")
    memory_mb: float = 0.0
    mutations: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.inputs += other.inputs
        self.bytes += other.bytes
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.longest = max(self.longest, other.longest)
        self.memory_mb = max(self.memory_mb, other.memory_mb)
        self.mutations += other.mutations
        self.failures += other.failures

    @property
    def is_sound(self) -> bool:
        return not self.failures and self.memory_mb < MOST_MEGABYTES


seeds = cache(load_seeds)


def make_input(number: int, seed: int = 1) -> tuple[str, bytes, list[str]]:
    """Input `number`: the file it comes from, its bytes, the mutations."""
    dice = Random(f"{seed}:{number}")
    names = list(seeds())
    name, other = dice.choice(names), dice.choice(names)
    return name, *spoil(dice, seeds()[name], seeds()[other])


def fuzz(numbers: range, seed: int = 1, steps: int = len(STEPS)) -> Outcome:
    """Take these inputs through every step, or through the check and as many others as make `steps`, in turn."""
    outcome = Outcome()
    signal.signal(signal.SIGVTALRM, _give_up)
    for number in numbers:
        name, data, mutations = make_input(number, seed)
        outcome.inputs += 1
        outcome.bytes += len(data)
        outcome.mutations.update(mutations)
        for word in _choose(number, steps):
            label = f"{number} {word} ({name}, {len(data)} bytes)"
            megabytes = STEPS[word].passes * len(data) / 1e6
            limit = SECONDS + SECONDS_A_MEGABYTE * megabytes
            seconds = _take(STEPS[word], data, label, outcome.failures)
            if seconds > limit:  # once more: the collector, or another process on the same core, may have had its share
                seconds = _take(STEPS[word], data, label, outcome.failures)
            if seconds > limit:
                outcome.failures.append(f"{label} took {seconds:.2f} s")
            _time(outcome, label, seconds, megabytes)
    outcome.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome


def _take(step: Step, data: bytes, label: str, failures: list[str]) -> float:
    """Seconds of processor time; whatever exception gets out is added to `failures`."""
    began = process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG)
    try:
        step.use(data)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        at = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error}"[:200]
        failures.append(f"{label} {said} at {Path(at.filename).name}:{at.lineno}")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return process_time() - began


def _choose(number: int, count: int) -> list[str]:
    first, *others = STEPS
    start = number * (count - 1)
    return [first, *(others[(start + at) % len(others)] for at in range(count - 1))]


def _give_up(_signal: int, _frame: object) -> None:
    raise TimeoutError("the step hangs")


def _time(outcome: Outcome, label: str, seconds: float, megabytes: float) -> None:
    outcome.seconds += seconds
    outcome.longest = max(outcome.longest, (round(seconds, 3), label))
    if megabytes > 0.1:
        outcome.slowest = max(outcome.slowest, (round(seconds / megabytes, 3), label))


def _slices(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, SLICE):
        yield range(start, min(start + SLICE, first + count))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.x12_fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="only write the inputs to this folder")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 when nothing broke, took too long or grew too large, else 1."""
    options = _parse(arguments)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number in range(options.first, options.first + options.inputs):
            (options.keep / f"{number}.x12").write_bytes(make_input(number, options.seed)[1])
        return 0
    total = Outcome()
    with ProcessPoolExecutor(options.processes) as pool:
        slices = list(_slices(options.first, options.inputs))
        for outcome in pool.map(fuzz, slices, [options.seed] * len(slices)):
            total.add(outcome)
            print(*outcome.failures, f"{total.inputs} inputs", sep="\n", file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps(vars(total) | {"is_sound": total.is_sound}, indent=1))
    else:
        _print(total)
    return 0 if total.is_sound else 1


def _print(total: Outcome) -> None:
    print(
        f"{total.inputs} inputs, {total.bytes / 1e6:.0f} MB, {total.seconds:.0f} s of processor time, "
        f"{len(total.failures)} failures, {total.memory_mb:.0f} MB of memory at most"
    )
    print(f"longest: {total.longest[0]} s, {total.longest[1]}")
    print(f"slowest of the large: {total.slowest[0]} s a megabyte, {total.slowest[1]}")


if __name__ == "__main__":
    sys.exit(main())
