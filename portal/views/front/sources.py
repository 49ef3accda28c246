"""How an uploaded file is read: as one of the shipped kinds, by a saved mapping, or by a mapping still to be made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bureau.office import Office
from bureau.rules.intake.archives import is_zip
from bureau.rules.intake.encounters import read_encounters
from bureau.rules.intake.layout import COLUMNS, missing_columns
from bureau.rules.intake.profiles import DATES, guess_columns, map_rows, read_profile
from bureau.rules.intake.readers import SHEET, Reader, detect_profile
from clients.profiles import find_profile, find_profiles
from config.problems import Problem
from portal.fields import label_of
from portal.quarantine import build_reader, open_sheet

HEAD = 200_000  # bytes of a text file that hold its header and enough rows to show
PREVIEW = 20
MOST_NAMES = 40
DATE_FORMATS = {
    "%Y-%m-%d": "2026-03-14",
    "%m/%d/%Y": "03/14/2026",
    "%m/%d/%y": "03/14/26",
    "%m-%d-%Y": "03-14-2026",
    "%Y%m%d": "20260314",
    "%d/%m/%Y": "14/03/2026",
    "%d-%b-%Y": "14-Mar-2026",
    "%b %d, %Y": "Mar 14, 2026",
}


@dataclass(frozen=True, slots=True)
class Source:
    """How a file will be read; with `missing` columns it cannot be until somebody maps them."""

    profile: str
    mapping: Mapping[str, Any] | None = None
    missing: tuple[str, ...] = ()
    is_sheet: bool = False
    version: int | None = None  # of the saved mapping

    def reader(self, today: date) -> Reader:
        return build_reader(self.profile, self.mapping, today)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    number: int
    values: dict[str, str]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as a mapping would read them; `problem` when it cannot read the file at all."""

    fields: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    problem: str = ""


def find_source(office: Office, client_id: int, name: str, data: bytes, *, chosen: str = "") -> Source:
    """The shipped kind the bytes show; for a sheet with foreign columns the saved profile that knows them."""
    kind = detect_profile(name, data)
    if kind != SHEET:
        return Source(kind)
    saved = find_profile(office.session, client_id, chosen) if chosen else None
    if saved is not None:
        return Source(saved.name, saved.mapping, is_sheet=True, version=saved.version)
    cut = _head(data)
    refusals = build_reader(SHEET, None, office.today(client_id))(name, cut).problems
    if all(problem.code != "file.columns" for problem in refusals):
        return Source(SHEET, is_sheet=not refusals)
    header = [cell.strip() for cell in read_head(name, data)[0]]
    for one in find_profiles(office.session, client_id):
        if _fits(one.mapping, header):
            return Source(one.name, one.mapping, is_sheet=True, version=one.version)
    return Source(SHEET, None, tuple(missing_columns(header)), is_sheet=True)


def read_head(name: str, data: bytes) -> list[list[str]]:
    """The header and the rows in the first bytes of a sheet; empty when it cannot be read as one."""
    table, problems = open_sheet(name, _head(data))
    return [] if problems else table


def find_unused(source: Source, name: str, data: bytes) -> list[str]:
    """Columns of a sheet that nobody reads, in order: perhaps one of them was meant to be read."""
    table = read_head(name, data) if source.is_sheet and not source.missing else []
    mapped = set(source.mapping.get("columns", {}).values()) if source.mapping else set()
    header = [cell.strip() for cell in table[0]] if table else []
    return [each for each in header if each and each not in mapped and each not in COLUMNS]


def find_names(table: Sequence[Sequence[str]], column: str, known: Collection[str]) -> list[str]:
    """What the first rows write in a column where that is nothing we know, in order."""
    header = [cell.strip() for cell in table[0]] if table else []
    if column not in header:
        return []
    at = header.index(column)
    found = {row[at].strip() for row in table[1:] if at < len(row)}
    return sorted(text for text in found if text and text.upper() not in known)[:MOST_NAMES]


def guess_mapping(table: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A first mapping for a new source: columns by their names, dates by how the first ones are written."""
    header = [cell.strip() for cell in table[0]]
    columns = guess_columns(header)
    dated = [header.index(columns[name]) for name in sorted(DATES & columns.keys())]
    texts = [row[at].strip() for row in table[1 : PREVIEW + 1] for at in dated if at < len(row) and row[at].strip()]
    return {"columns": columns, "date_format": _guess_format(texts), "defaults": {}, "lookups": {}}


def preview(name: str, table: list[list[str]], mapping: Mapping[str, Any]) -> Preview:
    """The first rows as the mapping reads them, with what is wrong in each by itself."""
    if not table:
        return Preview((), (), "The file has no rows.")
    profile, problems = read_profile(dict(mapping), "preview")
    if profile is None:
        return Preview((), (), problems[0].text)
    lacking = missing_columns({*profile.columns, *profile.defaults, *(cell.strip() for cell in table[0])})
    if lacking:
        return Preview((), (), f"Say where to find: {', '.join(label_of(each).lower() for each in lacking)}.")
    reading = map_rows(name, table[: PREVIEW + 1], profile)
    if reading.is_refused:
        return Preview((), (), reading.problems[0].text)
    drafts, _repeats = read_encounters(reading.rows)
    found: dict[tuple[str, int], list[Problem]] = {}
    for draft in drafts:
        for key, wrong in draft.problems.items():
            found.setdefault(key, []).extend(wrong)
    fields = tuple(field for field in COLUMNS if any(row.values.get(field) for row in reading.rows))
    rows = tuple(
        PreviewRow(row.number, row.values, tuple(one.text for one in found.get((row.file, row.number), ())))
        for row in reading.rows
    )
    return Preview(fields, rows)


def _head(data: bytes) -> bytes:
    return data if is_zip(data) or len(data) <= HEAD else data[:HEAD].rpartition(b"\n")[0]


def _fits(mapping: Mapping[str, Any], header: Sequence[str]) -> bool:
    """Whether every column the mapping names is there, and nothing we cannot do without is lacking."""
    columns = mapping.get("columns", {})
    known = {*columns, *mapping.get("defaults", {}), *header}
    return set(columns.values()) <= set(header) and not missing_columns(known)


def _guess_format(texts: Sequence[str]) -> str:
    return next((each for each in DATE_FORMATS if texts and all(_parses(text, each) for text in texts)), "%Y-%m-%d")


def _parses(text: str, date_format: str) -> bool:
    try:
        datetime.strptime(text, date_format)  # noqa: DTZ007  (only whether it can be read)
    except ValueError:
        return False
    return True
