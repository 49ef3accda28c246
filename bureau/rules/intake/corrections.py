"""Bad rows on their way to the client and back: a sheet in its own columns, with a key that leads each row home."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from bureau.rules.intake.layout import COLUMNS, Reading, SheetRow
from bureau.rules.intake.profiles import DATES, STANDARD, Profile, translate
from config.cells import read_cell, write_cell
from config.problems import Problem

DESCRIPTION = "The rows to fix of an upload, sent back corrected: each goes to its own place."
KEY, REASON = "row_key", "reason"


@dataclass(frozen=True, slots=True)
class BadRow:
    """One stored row that is a problem, with what is wrong with it."""

    id: int
    values: Mapping[str, str]  # in our layout
    reason: str


def write_sheet(upload_id: int, rows: Sequence[BadRow], profile: Profile) -> str:
    """The rows as CSV under the client's own column names and dates, the reason last."""
    said = {name for row in rows for name, value in row.values.items() if value}
    fields = [name for name in COLUMNS if name in said or name in profile.columns] or list(COLUMNS)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([KEY, *(profile.columns.get(name, name) for name in fields), REASON])
    for row in rows:
        cells = [_as_client_writes(name, row.values.get(name, ""), profile) for name in fields]
        writer.writerow([f"{upload_id}-{row.id}", *map(write_cell, cells), write_cell(row.reason)])
    return text.getvalue()


def _as_client_writes(name: str, value: str, profile: Profile) -> str:
    if name not in DATES or profile.date_format == STANDARD.date_format:
        return value
    try:
        return datetime.combine(date.fromisoformat(value), time()).strftime(profile.date_format)
    except ValueError:
        return value


def is_corrected(data: bytes) -> bool:
    """Whether a file is such a sheet: its first line has our key."""
    return KEY.encode() in data[:20_000].partition(b"\n")[0]


def read_corrected(name: str, table: list[list[str]]) -> Reading:
    """The rows of such a sheet as they stand in it; the identity of each is its key."""
    header = [cell.strip() for cell in table[0]] if table else []
    if KEY not in header:
        return Reading(problems=[Problem(name, "file.columns", f"The file has no column {KEY}.")])
    place = header.index(KEY)
    reading = Reading()
    for number, cells in enumerate(table[1:], start=2):
        if any(cells) and place < len(cells):
            values = dict(zip(header, (read_cell(cell.strip()) for cell in cells), strict=False))
            reading.rows.append(SheetRow(name, number, values, cells[place].strip()))
    if not reading.rows:
        reading.problems.append(Problem(name, "file.no_rows", "The file has a header and no rows below it."))
    return reading


@dataclass(slots=True)
class Corrections:
    """What came back: by row id the values in our layout."""

    upload_id: int | None  # None: the rows are of no upload, or of several
    values: dict[int, dict[str, str]] = field(default_factory=dict)


def sort_corrections(rows: Sequence[SheetRow]) -> Corrections:
    """The rows by their keys; they must all be of one upload."""
    found = Corrections(None)
    uploads = set()
    for row in rows:
        upload, _, number = row.identity.partition("-")
        uploads.add(int(upload) if upload.isdecimal() and number.isdecimal() else None)
        if number.isdecimal():
            found.values[int(number)] = dict(row.values)
    if len(uploads) == 1:
        found.upload_id = uploads.pop()
    return found


def as_layout(values: Mapping[str, str], profile: Profile) -> dict[str, str]:
    """A row under the client's column names as fields of ours; what is no column of a sheet is passed over."""
    names = {name: profile.columns.get(name, name) for name in COLUMNS}
    return translate({name: values[theirs] for name, theirs in names.items() if theirs in values}, profile)
