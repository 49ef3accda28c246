"""A charge as a person keys it: the form as rows of the one layout, and what its lines come to."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bureau.rules.intake.encounters import MAX_LINES, read_date
from bureau.rules.intake.layout import COLUMNS, DIAGNOSES, Reading, SheetRow
from bureau.rules.pricing import Prices, price_line
from config.money import parse_cents
from config.problems import Problem

KEYED = "keyed"  # the profile of an upload that is one keyed charge
FILE_NAME = "Keyed charge"
LINE_FIELDS = ("procedure", "modifiers", "units", "pointers", "charge", "note")
PATIENT_FIELDS = ("patient_id", "last_name", "first_name", "birth_date", "sex", "street", "city", "state", "zip")
COVERAGE_FIELDS = (
    "payer_id", "member_id", "group_number", "relationship", "subscriber_last", "subscriber_first",
    "subscriber_birth_date", "subscriber_sex",
)  # fmt: skip
VISIT_FIELDS = ("encounter_id", "service_date", "provider_npi", "place_of_service", "prior_auth", "separate_visit")
CARRIED = ("service_date", "provider_npi", "place_of_service")  # the next charge is mostly of the same day and place
NEW_COVERAGE = "new"  # `coverage` is the id of a known one, SELF, or this: what stands in the coverage fields
HEAD_FIELDS = (*PATIENT_FIELDS, *COVERAGE_FIELDS, *VISIT_FIELDS, "coverage", "diagnoses")
LONGEST = 200

Form = dict[str, str]


@dataclass(frozen=True, slots=True)
class KnownCoverage:
    """One coverage the patient has had, as it may be chosen again."""

    id: int
    payer_code: str
    payer: str
    member_id: str
    group_number: str
    relationship: str
    subscriber: dict[str, str] | None

    def as_fields(self) -> Form:
        insured = {f"subscriber_{name}": text for name, text in (self.subscriber or {}).items()}
        return insured | {
            "payer_id": self.payer_code, "member_id": self.member_id, "group_number": self.group_number,
            "relationship": self.relationship,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """A patient of the book as the form shows one, with the coverages, the latest first."""

    fields: Form
    coverages: tuple[KnownCoverage, ...]


@dataclass(frozen=True, slots=True)
class LineSum:
    """What one line comes to; `cents` is None where neither the person nor the charge master has a price."""

    number: int
    code: str
    cents: int | None


def line_field(number: int, name: str) -> str:
    """The field of a line, counted from 1."""
    return f"line-{number}-{name}"


def clean_form(sent: Mapping[str, str]) -> Form:
    """What was sent, as far as it is ours: without blanks around it, lines counted anew without empty ones."""
    form = {name: text for name in HEAD_FIELDS if (text := sent.get(name, "").strip()[:LONGEST])}
    numbers = sorted({int(part[1]) for name in sent if (part := name.split("-"))[0] == "line" and _is_line(part)})
    kept = 0
    for number in numbers:
        texts = {name: sent.get(line_field(number, name), "").strip()[:LONGEST] for name in LINE_FIELDS}
        if any(texts.values()):
            kept += 1
            form |= {line_field(kept, name): text for name, text in texts.items() if text}
    return form


def _is_line(part: list[str]) -> bool:
    return len(part) == 3 and part[1].isdecimal() and len(part[1]) < 4 and part[2] in LINE_FIELDS


def count_lines(form: Mapping[str, str]) -> int:
    """How many lines a clean form has."""
    return max((int(name.split("-")[1]) for name in form if name.startswith("line-")), default=0)


def read_diagnoses(form: Mapping[str, str]) -> list[str]:
    """The codes however a person parts them, as they were written."""
    return form.get("diagnoses", "").upper().replace(",", " ").replace(";", " ").split()


def read_charge(form: Mapping[str, str]) -> Reading:
    """The form as rows, a line each; a row carries what is wrong with its line beyond what any row is judged by."""
    diagnoses = read_diagnoses(form)
    head = {name: form.get(name, "") for name in COLUMNS} | dict(zip(DIAGNOSES, diagnoses, strict=False))
    rows = []
    for number in range(1, max(count_lines(form), 1) + 1):
        line = {name: form.get(line_field(number, name), "") for name in LINE_FIELDS}
        values = {name: line.get(name, head[name]) for name in COLUMNS}
        row = SheetRow(FILE_NAME, number, values, identity=str(number), unit="line")
        rows.append(_with_problem(row, len(diagnoses)))
    return Reading(rows=rows)


def _with_problem(row: SheetRow, diagnoses: int) -> SheetRow:
    problem = None
    if row.number == 1 and not 1 <= diagnoses <= len(DIAGNOSES):
        text = f"name one to {len(DIAGNOSES)} diagnoses, with blanks between."
        problem = Problem(row.where("diagnoses"), "diagnoses.count", text)
    elif not row.values["procedure"] and not row.values["note"]:
        text = "give a procedure code, or say in the note what was done and we code it."
        problem = Problem(row.where("procedure"), "line.empty", text)
    return SheetRow(row.file, row.number, row.values, row.identity, problem, row.unit)


def complete(form: Form, known: KnownPatient | None) -> Form:
    """The form with what the book knows: the patient's own fields, and those of the coverage that was chosen."""
    chosen = form.get("coverage", "")
    whole = form | ({name: text for name, text in known.fields.items() if text} if known else {})
    if chosen == "SELF":
        return {name: text for name, text in whole.items() if name not in COVERAGE_FIELDS} | {"payer_id": "SELF"}
    found = next((one for one in known.coverages if str(one.id) == chosen), None) if known else None
    return whole | found.as_fields() if found else whole


def find_mix_up(form: Form, known: KnownPatient | None) -> Problem | None:
    """A patient was keyed as new, but the number is already somebody else's."""
    names = ("last_name", "birth_date")
    typed = {name: form[name].casefold() for name in names if name in form}
    if known is None or all(known.fields[name].casefold() in ("", text) for name, text in typed.items()):
        return None
    text = "another patient has this number: find that patient by it, or give this one a number of their own."
    return Problem("patient_id", "patient.other", text)


def write_charge(reading: Reading) -> bytes:
    """The rows as a sheet of our layout: what is kept as the file that was sent."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.values for row in reading.rows)
    return text.getvalue().encode()


def field_of(problem: Problem) -> str:
    """The field of the form that a problem is about: of a line, or of the whole charge."""
    before, _, column = problem.where.rpartition(" column ")
    number = before.rpartition(" line ")[2]
    if column in LINE_FIELDS and number.isdecimal():
        return line_field(int(number), column)
    return column if column in HEAD_FIELDS else "charge"


def price_form(form: Mapping[str, str], prices: Prices) -> list[LineSum]:
    """What every line comes to: the charge that was keyed, else the price of the charge master on that day."""
    day = read_date(form.get("service_date", ""))
    return [_price(form, number, prices, day) for number in range(1, min(count_lines(form), MAX_LINES) + 1)]


def _price(form: Mapping[str, str], number: int, prices: Prices, day: date | None) -> LineSum:
    texts = {name: form.get(line_field(number, name), "") for name in LINE_FIELDS}
    code = texts["procedure"].upper()
    keyed = parse_cents(texts["charge"]) if texts["charge"] else None
    if isinstance(keyed, int):
        return LineSum(number, code, keyed)
    units = int(texts["units"]) if texts["units"].isdecimal() and len(texts["units"]) < 5 else 1
    priced = price_line(prices, code, texts["modifiers"].upper(), units, day) if code and day else None
    return LineSum(number, code, None if keyed is not None else priced)
