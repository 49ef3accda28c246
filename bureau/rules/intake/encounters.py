"""Rows of our layout to encounter drafts: what belongs together, what repeats, and what is wrong with each row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b

from bureau.rules.intake.layout import DIAGNOSES, EncounterDraft, LineDraft, SheetRow, encounter_key
from bureau.rules.intake.profiles import SEXES
from config.money import parse_cents
from config.problems import Problem

MAX_LINES = 50  # service lines a professional claim can carry
_PATIENT_FIELDS = (
    "patient_id", "last_name", "first_name", "birth_date", "sex", "street", "city", "state", "zip", "payer_id",
    "member_id", "group_number", "relationship", "provider_npi", "place_of_service", "service_date", "prior_auth",
)  # fmt: skip
_MOVED = frozenset({"service_date", "line_date"})
_LETTERS = "ABCDEFGHIJKL"
_USUAL_POINTERS = frozenset({"1", "2", "1 2", "1 2 3", "1 2 3 4"})
_DATES: dict[str, date | None] = {}


def read_encounters(rows: Iterable[SheetRow]) -> tuple[list[EncounterDraft], list[SheetRow]]:
    """Drafts in the order of their first row, and the rows that repeat an earlier one of the same file exactly."""
    groups: dict[str, list[SheetRow]] = {}
    seen: set[object] = set()
    repeats: list[SheetRow] = []
    for row in rows:
        values = row.values
        identity = row.identity or tuple(values.values())
        if identity in seen:
            repeats.append(row)
            continue
        seen.add(identity)
        groups.setdefault(values.get("encounter_id") or encounter_key(values), []).append(row)
    return [_read_encounter(key, members) for key, members in groups.items()], repeats


def _read_encounter(key: str, rows: list[SheetRow]) -> EncounterDraft:
    head = rows[0]
    first = head.values
    draft = EncounterDraft(
        external_id=key,
        fingerprint=_fingerprint(rows),
        values=first,
        served_on=read_date(first.get("service_date", "")),
        birth_date=read_date(first.get("birth_date", "")),
        diagnoses=_read_diagnoses(first),
        lines=[],
    )
    for row in rows:
        if row.problem is not None:  # what the source's own reader found comes first
            draft.complain(row, row.problem)
    _check_head(draft, head)
    for row in rows:
        draft.lines.append(_read_line(draft, row))
        if row is not head:
            _check_agreement(draft, head, row)
    if len(rows) > MAX_LINES:
        text = f"The encounter has {len(rows)} lines; a claim carries at most {MAX_LINES}."
        draft.complain(head, Problem(head.where(), "lines.too_many", text))
    return draft


def _read_diagnoses(values: dict[str, str]) -> str:
    return " ".join([code.replace(".", "").upper() for name in DIAGNOSES if (code := values.get(name))])


def _check_head(draft: EncounterDraft, row: SheetRow) -> None:
    values = row.values
    for name in ("patient_id", "last_name", "provider_npi"):
        if not values.get(name):
            draft.complain(row, Problem(row.where(name), f"{name}.missing", f"{name} is empty."))
    if draft.served_on is None:
        text = "expected a date as YYYY-MM-DD." if values.get("service_date") else "service_date is empty."
        draft.complain(row, Problem(row.where("service_date"), "service_date.invalid", text))
    if draft.birth_date is None and values.get("birth_date"):
        text = "expected a date as YYYY-MM-DD."
        draft.complain(row, Problem(row.where("birth_date"), "birth_date.invalid", text))
    if values.get("sex", "").upper() not in SEXES:
        draft.complain(row, Problem(row.where("sex"), "sex.invalid", "expected M, F or U."))


def _read_line(draft: EncounterDraft, row: SheetRow) -> LineDraft:
    values = row.values
    units = values.get("units", "") or "1"
    if not units.isdecimal() or not 1 <= int(units) <= 9999:
        draft.complain(row, Problem(row.where("units"), "units.invalid", "expected a whole number from 1 to 9999."))
        units = "1"
    code = values.get("procedure", "").upper()
    return LineDraft(
        row=row,
        code=code,
        modifiers=values.get("modifiers", "").upper(),
        units=int(units),
        charge_cents=_read_charge(draft, row, values.get("charge", "")),
        pointers=_read_pointers(draft, row),
        wanted="" if code else values.get("note", "") or "no procedure given",
        served_on=_read_line_date(draft, row),
    )


def _read_charge(draft: EncounterDraft, row: SheetRow, text: str) -> int | None:
    if not text:
        return None
    whole, _, part = text.partition(".")
    if len(part) == 2 and len(whole) < 9 and whole.isascii() and part.isascii() and f"{whole}{part}".isdecimal():
        return int(whole + part)  # as nearly every system writes it, and ten times faster than all other ways
    cents = parse_cents(text, row.where("charge"))
    if isinstance(cents, Problem):
        draft.complain(row, cents)
        return None
    if cents < 0:
        draft.complain(row, Problem(row.where("charge"), "charge.negative", "a charge cannot be below zero."))
    return cents


def _read_line_date(draft: EncounterDraft, row: SheetRow) -> date | None:
    text = row.values.get("line_date")
    if not text:
        return draft.served_on
    day = read_date(text)
    if day is None:
        problem = Problem(row.where("line_date"), "line_date.invalid", "expected a date as YYYY-MM-DD.")
        draft.complain(row, problem)
    return day


def _read_pointers(draft: EncounterDraft, row: SheetRow) -> str:
    """Diagnosis numbers 1-12, or the letters A-L of the paper form, apart or together."""
    text = row.values.get("pointers", "").upper().replace(",", " ").replace(":", " ") or "1"
    if text in _USUAL_POINTERS:
        return text
    parts = [str(_LETTERS.index(ch) + 1) for ch in text if ch != " "] if set(text) <= {*_LETTERS, " "} else text.split()
    if not 1 <= len(parts) <= 4 or any(not part.isdecimal() or not 1 <= int(part) <= 12 for part in parts):
        problem = Problem(row.where("pointers"), "pointers.invalid", "expected up to four numbers from 1 to 12.")
        draft.complain(row, problem)
        return "1"
    return " ".join(parts)


def _check_agreement(draft: EncounterDraft, first: SheetRow, row: SheetRow) -> None:
    ours, theirs = row.values, first.values
    if list(map(ours.get, _PATIENT_FIELDS)) == list(map(theirs.get, _PATIENT_FIELDS)):
        return
    for name in _PATIENT_FIELDS:
        if ours.get(name, "") != theirs.get(name, ""):
            text = f"{name} differs from {first.unit} {first.number} of the same encounter."
            draft.complain(row, Problem(row.where(name), "encounter.disagrees", text))
            return


def _fingerprint(rows: list[SheetRow]) -> str:
    """A hash of all that was said, wherever the columns stood; a date the profile moved counts as it was."""
    digest = blake2b(digest_size=12)
    for row in rows:
        said = row.values
        moved = said.get("reported_date")
        parts = [f"{name}={text}" for name, text in said.items() if text and not (moved and name in _MOVED)]
        digest.update("\x1f".join(parts).encode())
        digest.update(b"\x1e")
    return digest.hexdigest()


def read_date(text: str) -> date | None:
    """A date written YYYY-MM-DD, None for anything else."""
    if text not in _DATES:
        if len(_DATES) > 50_000:
            _DATES.clear()
        try:
            _DATES[text] = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            _DATES[text] = None
    return _DATES[text]
