"""Dice keyed by names: the same in every order, uniform, independent, quick enough to be thrown for all."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, median, pstdev
from time import perf_counter

import pytest

from simulator.streams import Dice, dice, lognormal, pick, stream

MANY = 20_000


def test_a_draw_depends_on_its_names_only():
    alone = dice(7, "PAYER", "4711", "denied")
    Dice(7, "PAYER", "4710")("denied")
    own = Dice(7, "PAYER", "4711")
    own("delay")
    assert own("denied") == alone == own("denied")


@pytest.mark.parametrize(
    "other",
    [(8, "P", "1", "a"), (7, "Q", "1", "a"), (7, "P", "2", "a"), (7, "P", "1", "b"), (7, "P1", "", "a")],
)
def test_any_other_name_is_another_draw(other):
    assert dice(7, "P", "1", "a") != dice(*other)


def test_draws_are_fixed_for_ever():
    """A stored run must come out the same with the next release."""
    assert dice(7, "PAYER", "4711", "denied") == pytest.approx(0.9854674373635304, abs=1e-15)
    assert stream(7, "visits").random() == pytest.approx(0.8297542229676362, abs=1e-15)


def test_draws_are_uniform_and_uncorrelated():
    one = [Dice(1, "P", str(number))("denied") for number in range(MANY)]
    other = [Dice(1, "P", str(number))("delay") for number in range(MANY)]
    error = 1 / sqrt(12 * MANY)
    assert abs(fmean(one) - 0.5) < 3 * error
    assert abs(pstdev(one) - 1 / sqrt(12)) < 3 * error
    products = fmean((x - 0.5) * (y - 0.5) for x, y in zip(one, other, strict=True))
    assert abs(products * 12) < 3 / sqrt(MANY)
    tenths = [sum(number / 10 <= x < (number + 1) / 10 for x in one) for number in range(10)]
    chi_squared = sum((count - MANY / 10) ** 2 / (MANY / 10) for count in tenths)
    assert chi_squared < 27.9  # 99.9% of nine degrees of freedom


def test_lognormal_by_inversion():
    drawn = [lognormal((number + 0.5) / MANY, 14, 0.295) for number in range(MANY)]
    assert median(drawn) == pytest.approx(14, rel=1e-3)
    assert drawn == sorted(drawn)
    assert fmean(drawn) == pytest.approx(14 * 2.718281828 ** (0.295**2 / 2), rel=1e-3)
    assert 0 < lognormal(0.0, 14, 0.3) < lognormal(1.0, 14, 0.3) < 1_000_000


def test_pick_follows_the_weights():
    counts = dict.fromkeys("abc", 0)
    for number in range(MANY):
        counts[pick((number + 0.5) / MANY, "abc", [1, 0, 3])] += 1
    assert counts == {"a": MANY // 4, "b": 0, "c": 3 * MANY // 4}
    with pytest.raises(ValueError, match="weighs"):
        pick(0.5, "ab", [0, 0])


def test_three_hundred_thousand_draws_a_second():
    own, start = Dice(1, "P", "1"), perf_counter()
    for _ in range(30_000):
        own("denied")
    # A sixth of the speed on a quiet core: this is for a slip of an order of magnitude, not for the weather.
    assert 30_000 / (perf_counter() - start) > 50_000
