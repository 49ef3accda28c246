"""The one layout every source is brought into: a row per charge line, encounters side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from config.problems import Problem

DIAGNOSES = tuple(f"dx{number}" for number in range(1, 13))
SUBSCRIBER = ("subscriber_last", "subscriber_first", "subscriber_birth_date", "subscriber_sex")
COLUMNS = (
    "encounter_id", "patient_id", "last_name", "first_name", "birth_date", "sex", "street", "city", "state", "zip",
    "payer_id", "member_id", "group_number", "relationship", "provider_npi", "place_of_service", "service_date",
    *DIAGNOSES, "procedure", "modifiers", "units", "charge", "pointers", "prior_auth", "note", "line_date",
    *SUBSCRIBER, "separate_visit",
)  # fmt: skip
# Filled by our own readers, never by a column of a sheet: what the source said of the whole encounter beside the
# fields, its own date of service where the profile moved it, and who chose the code if not the client.
SOURCE_COLUMNS = ("source_note", "reported_date", "coded_by")
ALL_COLUMNS = COLUMNS + SOURCE_COLUMNS
REQUIRED = ("patient_id", "last_name", "service_date", "provider_npi")
SheetRowKey = tuple[str, int]  # file, row number
SELF_PAY = frozenset({"", "SELF"})


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row in our layout; `number` as a person counts in the file it came from (the header is row 1).

    `identity` is the source's own name of the line: without one, a row that says the same as an earlier row of
    its file is its duplicate. `problem` is what the reader already found wrong with the row.
    """

    file: str
    number: int
    values: dict[str, str]
    identity: str = ""
    problem: Problem | None = None
    unit: str = "row"  # what the number counts: "segment" in X12, "item" in FHIR
    place: str = ""  # the source's own words for where it stands, if a number says little
    message: str = ""  # the control id of the message it came in, where a source sends messages

    @property
    def at(self) -> str:
        return self.place or f"{self.unit} {self.number}"

    def where(self, column: str = "") -> str:
        return f"{self.file} {self.at}" + (f" column {column}" if column else "")


@dataclass(slots=True)
class LineDraft:
    row: SheetRow
    code: str
    modifiers: str
    units: int
    charge_cents: int | None  # None: to be priced from the charge master
    pointers: str
    wanted: str
    served_on: date | None


@dataclass(slots=True)
class EncounterDraft:
    """One encounter as it was reported; with any problem it is not committed."""

    external_id: str
    fingerprint: str
    values: dict[str, str]  # of its first row: patient, coverage, provider
    served_on: date | None
    birth_date: date | None
    diagnoses: str
    lines: list[LineDraft]
    problems: dict[SheetRowKey, list[Problem]] = field(default_factory=dict)

    def complain(self, row: SheetRow, problem: Problem) -> None:
        self.problems.setdefault((row.file, row.number), []).append(problem)

    def row_keys(self) -> list[SheetRowKey]:
        return [(line.row.file, line.row.number) for line in self.lines]


@dataclass(frozen=True, slots=True)
class ProviderDraft:
    """A provider the source describes in full, to be added where the client lacks that NPI."""

    npi: str
    last: str
    first: str
    taxonomy: str
    external_id: str


@dataclass(slots=True)
class Reading:
    """What a source held: rows in our layout, rows that carry no charge, and problems of whole files."""

    rows: list[SheetRow] = field(default_factory=list)
    reference_rows: int = 0  # read and used or knowingly passed over: patients, payers, past payments ...
    problems: list[Problem] = field(default_factory=list)
    providers: list[ProviderDraft] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)  # control id -> hash of what the message says
    kinds: dict[str, int] = field(default_factory=dict)  # how much of what the source held, where it has many kinds

    @property
    def is_refused(self) -> bool:
        return any(problem.is_error for problem in self.problems)

    def add(self, part: Reading, file: str) -> None:
        """Take in what one file of a folder held; equal names of lines in two files are not the same line."""
        self.rows += [replace(row, identity=f"{file} {row.identity}") if row.identity else row for row in part.rows]
        self.reference_rows += part.reference_rows
        self.problems += part.problems
        self.messages |= part.messages


def refusal(where: str, code: str, text: str) -> Reading:
    """A source of which nothing is taken, and why."""
    return Reading(problems=[Problem(where, code, text)])


def encounter_key(values: dict[str, str]) -> str:
    """What makes rows one encounter: its number, else patient, provider and date of service."""
    return values.get("encounter_id") or "|".join(
        values.get(name, "") for name in ("patient_id", "provider_npi", "service_date")
    )


def missing_columns(columns: Iterable[str]) -> list[str]:
    """Columns without which a file cannot be read at all."""
    present = set(columns)
    return [name for name in REQUIRED if name not in present]
