"""Cells of sheets we write for people: text that no spreadsheet takes for a formula, and back."""

from __future__ import annotations

import re
from datetime import date, datetime

_DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_STARTS = ("=", "+", "-", "@")


def safe_cell(text: str) -> str:
    """Text on one line that a spreadsheet will not run as a formula."""
    line = " ".join(text.splitlines())
    return f"'{line}" if line.lstrip()[:1] in _STARTS else line


def write_cell(text: str) -> str:
    """A value as it goes into a sheet that comes back: numbers stay numbers, a negative one too."""
    return text if _NUMBER.fullmatch(text) else safe_cell(text)


def read_cell(text: str) -> str:
    """A value without the mark that kept a spreadsheet from running it."""
    return text[1:] if text[:1] == "'" and safe_cell(text[1:]) == text else text


def read_day(text: str) -> date | None:
    """A day as people and spreadsheets write it, with or without a time behind it; None for anything else."""
    for form in _DAYS:
        try:
            return datetime.strptime(text.partition(" ")[0], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
