"""CAS, the same in remittances and in what other payers decided: reasons of one group code, six to a segment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bureau.x12.reading import PAD, Reader
from bureau.x12.scalars import AMOUNT_TEXTS, QUANTITY_TEXTS
from bureau.x12.values import Adjustment
from bureau.x12.writing import Cleaner, trim

_REASONS = 6  # of a segment


def read_adjustments(reader: Reader[Any], e: list[str], n: int) -> tuple[list[Adjustment], bool]:
    """The reasons of one CAS, and whether all could be read: one without a readable amount is told and left out."""
    size, is_whole = len(e), True
    e += PAD
    found = []
    for at in range(2, max(size, 4), 3):
        reason, amount, quantity = e[at : at + 3]
        if not (reason or amount or quantity):
            continue
        cents = reader.cents(amount, n, f"CAS{at + 1:02d}", needed=True)
        if cents is None:
            is_whole = False
        else:
            found.append(Adjustment(e[1], reason, cents, reader.quantity(quantity, n, f"CAS{at + 2:02d}")))
    return found, is_whole


def by_group(adjustments: Iterable[Adjustment]) -> dict[str, list[Adjustment]]:
    """The adjustments of each group code, groups in the order of their first."""
    groups: dict[str, list[Adjustment]] = {}
    for one in adjustments:
        groups.setdefault(one.group, []).append(one)
    return groups


def count_segments(adjustments: Iterable[Adjustment]) -> int:
    """How many CAS they fill."""
    return sum([-(-len(members) // _REASONS) for members in by_group(adjustments).values()])


def write_adjustments(adjustments: Iterable[Adjustment], out: list[str], clean: Cleaner) -> None:
    """Append a CAS for each group code and six reasons."""
    for group, members in by_group(adjustments).items():
        out += [
            trim(f"CAS*{clean[group]}" + "".join([_triple(one, clean) for one in members[at : at + _REASONS]]))
            for at in range(0, len(members), _REASONS)
        ]


def _triple(one: Adjustment, clean: Cleaner) -> str:
    quantity = "" if one.quantity is None else QUANTITY_TEXTS[one.quantity]
    return f"*{clean[one.carc]}*{AMOUNT_TEXTS[one.cents]}*{quantity}"
