"""A practice's schedule as counts of visits: which provider sees how many patients on which day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from config.problems import Problem

LARGEST = 500  # visits of one provider in a day; more is a slip of the finger
ALERT_AFTER = 3  # days after the visit until a missing one is told, where the practice chose nothing else
ALERT_KEY = "missing_visits_after"  # among a client's preferences
LONGEST_ALERT = 30
_COLUMNS = {
    "day": ("date", "day", "service_date", "date of service", "dos", "appointment date"),
    "provider": ("provider", "provider_npi", "npi", "provider npi", "clinician", "doctor"),
    "count": ("count", "visits", "expected", "patients", "appointments"),
}
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%Y%m%d")

Counts = dict[tuple[int, date], int]  # (provider id, day) -> visits


def alert_after(preferences: Mapping[str, object]) -> int:
    """Days after a visit until it is told as missing."""
    kept = preferences.get(ALERT_KEY, ALERT_AFTER)
    return kept if isinstance(kept, int) else ALERT_AFTER


def read_count(text: str) -> int | None:
    """A count as a person writes it, None for what is none."""
    return int(text) if text.isdecimal() and len(text) < 5 and int(text) <= LARGEST else None


def read_schedule(
    file: str, table: Sequence[Sequence[str]], providers: Mapping[str, int]
) -> tuple[Counts, list[Problem]]:
    """A sheet with a row per provider and day with its count, or without that column a row per visit.

    `providers` are ids by NPI and by last name in small letters. With a problem in any row nothing should be kept.
    """
    places = _find_places(table[0]) if table else {}
    lacking = [name for name in ("day", "provider") if name not in places]
    if lacking:
        text = f"The header lacks a column for the {' and the '.join(lacking)}; it needs date, provider and count."
        return {}, [Problem(f"{file} row 1", "schedule.columns", text)]
    counts: Counts = {}
    problems: list[Problem] = []
    for number, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            texts = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
            problems += _add(counts, texts, providers, f"{file} row {number}")
    if not counts and not problems:
        problems.append(Problem(file, "schedule.empty", "The file has a header and no rows below it."))
    return counts, problems


def _find_places(header: Sequence[str]) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in header]
    return {
        name: at
        for name, spellings in _COLUMNS.items()
        for at in [next((names.index(each) for each in spellings if each in names), None)]
        if at is not None
    }


def _add(counts: Counts, texts: Mapping[str, str], providers: Mapping[str, int], where: str) -> list[Problem]:
    day, provider = _read_day(texts["day"]), providers.get(texts["provider"].casefold())
    count = read_count(texts["count"]) if "count" in texts else 1
    problems = []
    if day is None:
        problems.append(Problem(f"{where} column date", "schedule.day", "expected a date as YYYY-MM-DD."))
    if provider is None:
        text = "no provider of this practice has that NPI or last name."
        problems.append(Problem(f"{where} column provider", "schedule.provider", text))
    if count is None:
        text = f"expected a whole number from 0 to {LARGEST}."
        problems.append(Problem(f"{where} column count", "schedule.count", text))
    if day is not None and provider is not None and count is not None:
        counts[provider, day] = counts.get((provider, day), 0) + count
    return problems


def _read_day(text: str) -> date | None:
    for spelling in _DATES:
        try:
            return datetime.strptime(text, spelling).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    return None
