"""Where chance comes from: dice that depend on names alone, never on the order in which they are thrown."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from math import exp, log
from statistics import NormalDist
from typing import TypeVar

_NORMAL = NormalDist()
_UNIT = 2.0**-53
_T = TypeVar("_T")


def _key(seed: int, *names: str) -> bytes:
    # The separator keeps ("ab", "c") and ("a", "bc") apart.
    return "\x1f".join((str(seed), *names)).encode()


def stream(seed: int, *names: str) -> random.Random:
    """A sequence of its own for every name; drawing from one moves no other."""
    return random.Random(int.from_bytes(blake2b(_key(seed, *names), digest_size=16).digest()))


class Dice:
    """Uniforms for one thing (one claim at one payer), one for each purpose, the same whenever asked."""

    __slots__ = ("_stem",)

    def __init__(self, seed: int, *names: str) -> None:
        self._stem = blake2b(_key(seed, *names), digest_size=8)

    def number(self, purpose: str) -> int:
        """64 bits."""
        thrown = self._stem.copy()
        thrown.update(b"\x1f" + purpose.encode())
        return int.from_bytes(thrown.digest())

    def __call__(self, purpose: str) -> float:
        """A uniform in [0, 1)."""
        return (self.number(purpose) >> 11) * _UNIT

    def lognormal(self, purpose: str, median: float, sigma: float) -> float:
        return lognormal(self(purpose), median, sigma)

    def pick(self, purpose: str, items: Sequence[_T], weights: Sequence[float]) -> _T:
        return pick(self(purpose), items, weights)


def dice(seed: int, payer: str, claim: str, purpose: str) -> float:
    """One uniform in [0, 1) of a payer for a claim, by names; `Dice` is quicker for several of one claim."""
    return Dice(seed, payer, claim)(purpose)


def lognormal(uniform: float, median: float, sigma: float) -> float:
    """The quantile of a lognormal; by inversion, so that one uniform gives one value in every scenario."""
    return exp(log(median) + sigma * _NORMAL.inv_cdf(min(max(uniform, _UNIT), 1.0 - _UNIT)))


def pick(uniform: float, items: Sequence[_T], weights: Sequence[float]) -> _T:
    """The item at that height of the stacked weights. Raises ValueError where no weight is positive."""
    heights = list(accumulate(weights))
    if not heights or heights[-1] <= 0:
        raise ValueError("nothing can be picked where nothing weighs anything")
    return items[min(bisect_right(heights, uniform * heights[-1]), len(items) - 1)]
