"""CSV and XLSX bytes to rows of text, without trusting them."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any

from config.problems import Problem

MAX_ENTRIES, MAX_UNPACKED, MAX_RATIO = 200, 100_000_000, 100
MAX_DIRECTORY = MAX_ENTRIES * 1_000  # bytes: room for that many entries with long names
DELIMITERS = ",;|\t"


def read_sheet(name: str, data: bytes) -> tuple[list[list[str]], list[Problem]]:
    """All rows of a CSV or XLSX file as text, header first; blank rows come back as empty lists."""
    if data[:4] == b"PK\x03\x04":
        return _read_xlsx(name, data)
    return _read_csv(name, data)


def read_directory(data: bytes) -> list[zipfile.ZipInfo] | None:
    """The directory of an archive; None when it cannot be opened. One too long to be ours is not even read."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or int.from_bytes(data[end + 12 : end + 16], "little") > MAX_DIRECTORY:
        return None
    try:
        return zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return None


def find_zip_problem(name: str, data: bytes) -> Problem | None:
    """What is wrong with an archive from outside, found from its directory before anything is unpacked."""
    entries = read_directory(data)
    if entries is None:
        text = f"The file looks like a ZIP archive but cannot be opened, or holds far more than {MAX_ENTRIES} entries."
        return Problem(name, "file.not_a_zip", text)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(data), 1_000):
        return Problem(
            name, "file.too_big_unpacked",
            f"The archive unpacks to {unpacked / 1e6:,.0f} MB in {len(entries)} entries; "
            f"{MAX_UNPACKED / 1e6:,.0f} MB, {MAX_ENTRIES} entries and {MAX_RATIO} times its size are the limits.",
        )  # fmt: skip
    for entry in entries:
        link = entry.external_attr >> 28 == 0xA
        if link or entry.filename.startswith("/") or ".." in entry.filename.replace("\\", "/").split("/"):
            return Problem(name, "file.bad_entry", "The archive holds a link or a path that leads outside it.")
        if entry.filename.lower().endswith("vbaproject.bin"):
            return Problem(name, "file.macro", "The workbook holds a macro; save it without and send it again.")
    return None


def _read_csv(name: str, data: bytes) -> tuple[list[list[str]], list[Problem]]:
    if b"\x00" in data:
        return [], [Problem(name, "file.binary", "The file is not text: expected CSV, XLSX or X12.")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    header = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), []
    except csv.Error as error:
        return [], [Problem(name, "file.csv", f"The file is not valid CSV: {error}.")]


def _read_xlsx(name: str, data: bytes) -> tuple[list[list[str]], list[Problem]]:
    from python_calamine import CalamineError, CalamineWorkbook

    problem = find_zip_problem(name, data)
    if problem:
        return [], [problem]
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError):
        return [], [Problem(name, "file.xlsx", "The workbook cannot be read; save it as .xlsx or CSV and try again.")]
    return [[_as_text(cell) for cell in row] for row in rows], []


def _as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
