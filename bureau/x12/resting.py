"""Rest for the garbage collector while many values are made that hold no cycles: it would walk them again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_resting: list[None] = []  # one for each block that is open, in whatever thread


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for cycles inside; memory is still freed as soon as nothing refers to it.

    The last block that closes wakes the collector. Blocks of several threads may overlap: at worst it wakes early,
    never does it stay asleep.
    """
    _resting.append(None)
    gc.disable()
    try:
        yield
    finally:
        _resting.pop()
        if not _resting:
            gc.enable()
