"""The shape every report comes in: named columns, rows of plain values, a sentence, a cut-off."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from config.cells import safe_cell
from config.money import format_cents

if TYPE_CHECKING:
    import pandas as pd


class ColumnKind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    CENTS = "cents"
    PERCENT = "percent"
    DATE = "date"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """A finished report. Money is in whole cents; `total` holds the sums of count and cents columns."""

    id: str
    title: str
    definition: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    cut_off: datetime
    takeaway: str = ""
    total: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from the first to before the last (half-open)."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def add_up(columns: tuple[Column, ...], rows: list[dict[str, Any]]) -> dict[str, int]:
    """Sums of the columns that can be summed."""
    summed = [column.name for column in columns if column.kind in (ColumnKind.COUNT, ColumnKind.CENTS)]
    return {name: sum(row[name] for row in rows) for name in summed}


def load_frame(table: Table) -> pd.DataFrame:
    """The rows as a DataFrame, columns in order."""
    import pandas as pd

    return pd.DataFrame(table.rows, columns=[column.name for column in table.columns])


def write_csv(table: Table) -> str:
    """One header row, real dates, money as decimal amounts; the sums equal the ledger's."""
    frame = load_frame(table)
    for column in table.columns:
        if column.kind is ColumnKind.CENTS:
            frame[column.name] = [format_cents(cents, grouped=False) for cents in frame[column.name]]
        elif column.kind is ColumnKind.TEXT:
            frame[column.name] = [safe_cell(str(value)) for value in frame[column.name]]
    return str(frame.to_csv(index=False, lineterminator="\n"))
