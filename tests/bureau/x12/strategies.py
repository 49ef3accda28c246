"""What hypothesis makes of the small pieces that every transaction holds: codes, words, days, sums, parties."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from hypothesis import strategies as st

from bureau.x12.values import Party
from bureau.x12.writing import clean_text

_T = TypeVar("_T")

CODE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=5)
WORD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '-./&()#", min_size=1, max_size=20).map(clean_text).filter(bool)
MAYBE = st.just("") | CODE
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(microsecond=0))
CENTS = st.integers(0, 10**9)
SIGNED = st.integers(-(10**9), 10**9)
UNITS = st.decimals("0.001", 9999, places=3)
REFS = st.lists(st.tuples(st.sampled_from(["G2", "0B", "LU"]), WORD), max_size=2).map(tuple)


def some(one: st.SearchStrategy[_T], most: int = 3) -> st.SearchStrategy[tuple[_T, ...]]:
    """A tuple of up to `most` of them."""
    return st.lists(one, max_size=most).map(tuple)


def parties(**more: st.SearchStrategy[object]) -> st.SearchStrategy[Party]:
    """A party with a name and an id, and whatever else the place allows."""
    kinds = st.sampled_from(["XX", "MI", "PI", "46"])
    return st.builds(Party, **({"name": WORD, "id_kind": kinds, "id": WORD} | more))


PERSON = {"first": MAYBE, "middle": MAYBE, "suffix": MAYBE, "is_person": st.just(True)}
PLACE = {"street": WORD, "street2": MAYBE, "city": WORD, "state": CODE, "zip": CODE}
BORN = {"birth": DAYS, "sex": st.sampled_from(["F", "M", "U"])}
