"""Saved mapping profiles: whose column is which of ours, and how its dates and values are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bureau.rules.intake.layout import COLUMNS, Reading, SheetRow, missing_columns
from config.problems import Problem

DATES = frozenset({"service_date", "line_date", "birth_date", "subscriber_birth_date"})
SEXES = {"MALE": "M", "FEMALE": "F", "M": "M", "F": "F", "U": "U", "": "", "UNKNOWN": "U"}


class Profile(BaseModel):
    """`columns` maps our field to the client's header; whatever is not named keeps its own name if it is ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "standard"
    columns: dict[str, str] = Field(default_factory=dict)
    date_format: str = "%Y-%m-%d"
    defaults: dict[str, str] = Field(default_factory=dict)
    lookups: dict[str, dict[str, str]] = Field(default_factory=dict)  # our field -> their value -> ours


STANDARD = Profile()


def read_profile(data: dict[str, Any], name: str) -> tuple[Profile | None, list[Problem]]:
    """A stored mapping as a profile, or what is wrong with it."""
    try:
        profile = Profile.model_validate({**data, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        return None, [Problem(f"profile {name}", "profile.invalid", f"{field}: {first['msg']}.")]
    unknown = sorted((set(profile.columns) | set(profile.defaults) | set(profile.lookups)) - set(COLUMNS))
    if unknown:
        return None, [Problem(f"profile {name}", "profile.field", f"Unknown field {', '.join(unknown)}.")]
    return profile, []


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """A first mapping for a new source: our fields whose names or usual spellings stand in the header."""
    spellings = {_squeeze(name): name for name in header}
    found = {}
    for field in COLUMNS:
        for spelling in (field, *USUAL_SPELLINGS.get(field, ())):
            if _squeeze(spelling) in spellings:
                found[field] = spellings[_squeeze(spelling)]
                break
    return found


USUAL_SPELLINGS: dict[str, tuple[str, ...]] = {
    "encounter_id": ("visit id", "visit", "encounter", "account number", "acct"),
    "patient_id": ("patient number", "mrn", "chart number", "patient account"),
    "last_name": ("patient last name", "last", "surname", "pt last"),
    "first_name": ("patient first name", "first", "given name", "pt first"),
    "birth_date": ("dob", "date of birth", "birthdate"),
    "sex": ("gender",),
    "street": ("address", "address 1", "address line 1"),
    "zip": ("zip code", "postal code"),
    "payer_id": ("payer", "insurance id", "primary payer", "insurance"),
    "member_id": ("subscriber id", "policy number", "insured id", "member number"),
    "group_number": ("group", "group no"),
    "provider_npi": ("rendering npi", "npi", "rendering provider npi"),
    "place_of_service": ("pos",),
    "service_date": ("dos", "date of service", "from date"),
    "dx1": ("diagnosis 1", "primary diagnosis", "icd 1", "diag1"),
    "dx2": ("diagnosis 2", "icd 2", "diag2"),
    "dx3": ("diagnosis 3", "icd 3", "diag3"),
    "dx4": ("diagnosis 4", "icd 4", "diag4"),
    "procedure": ("procedure code", "cpt", "hcpcs", "code"),
    "modifiers": ("modifier", "mod", "mod1"),
    "units": ("qty", "quantity"),
    "charge": ("charges", "amount", "fee", "charge amount"),
    "prior_auth": ("authorization", "auth number", "prior authorization"),
    "note": ("notes", "description", "procedure description"),
}


def _squeeze(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())


def map_rows(file: str, table: list[list[str]], profile: Profile) -> Reading:
    """A sheet (header first) as rows of our layout. A file without the columns we cannot do without is refused."""
    if not table or not any(table[0]):
        return Reading(problems=[Problem(file, "file.empty", "The file has no header row.")])
    header = [name.strip() for name in table[0]]
    positions = _positions(header, profile)
    missing = missing_columns({*positions, *profile.defaults})
    if missing:
        text = f"The header lacks {', '.join(missing)}; it has {', '.join(header[:12])}."
        return Reading(problems=[Problem(f"{file} row 1", "file.columns", text)])
    reading = Reading()
    plain = not profile.lookups and not profile.defaults and profile.date_format == STANDARD.date_format
    names, places, reach = list(positions), list(positions.values()), max(positions.values(), default=-1) + 1
    for number, cells in enumerate(table[1:], start=2):
        if not any(cells):
            continue
        texts = list(map(str.strip, cells))
        texts += [""] * (reach - len(texts))
        values = dict(zip(names, [texts[at] for at in places], strict=True))
        reading.rows.append(SheetRow(file, number, values if plain else _fill(values, profile)))
    if not reading.rows:
        reading.problems.append(Problem(file, "file.no_rows", "The file has a header and no rows below it."))
    return reading


def _positions(header: list[str], profile: Profile) -> dict[str, int]:
    places = {name: at for at, name in reversed(list(enumerate(header)))}
    named = {field: places[column] for field, column in profile.columns.items() if column in places}
    taken = set(profile.columns.values())
    own = {name: at for name, at in places.items() if name in COLUMNS and name not in taken}
    found = {**own, **named}
    return {name: found[name] for name in COLUMNS if name in found}  # one order, so that equal rows hash alike


def _fill(values: dict[str, str], profile: Profile) -> dict[str, str]:
    for field, value in profile.defaults.items():
        if not values.get(field):
            values[field] = value
    for field in profile.lookups:
        values.setdefault(field, "")
    return translate(values, profile)


def translate(values: dict[str, str], profile: Profile) -> dict[str, str]:
    """Values and dates as the client writes them to ours; what is ours already stays."""
    for field, lookup in profile.lookups.items():
        if field in values:
            values[field] = lookup.get(values[field], values[field])
    if profile.date_format != STANDARD.date_format:
        for field in DATES & values.keys():
            values[field] = _iso_date(values[field], profile.date_format)
    return values


def _iso_date(text: str, date_format: str) -> str:
    try:
        return datetime.strptime(text, date_format).replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return text
