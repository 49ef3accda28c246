"""The files of a Synthea export as look-ups: who is who, who was insured where, and what each code is called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from bureau.rules.intake.layout import ProviderDraft
from config.codes import SELF_PAY, payers
from config.identifiers import make_test_mbi, make_test_npi
from config.problems import Problem
from config.synthea import payer_id_for

_PEOPLE = {
    "patients.csv": ("Id", "BIRTHDATE", "FIRST", "LAST", "GENDER", "ADDRESS", "CITY", "STATE", "ZIP"),
    "payers.csv": ("Id", "NAME"),
    "providers.csv": ("Id", "NAME"),
}
CLAIMS = _PEOPLE | {
    "claims.csv": ("Id", "PATIENTID", "PROVIDERID", "PRIMARYPATIENTINSURANCEID", "SERVICEDATE", "DIAGNOSIS1"),
    "claims_transactions.csv": ("ID", "CLAIMID", "PATIENTID", "TYPE", "AMOUNT", "FROMDATE", "PROCEDURECODE"),
}
CLINICAL = _PEOPLE | {
    "encounters.csv": (
        "Id", "START", "PATIENT", "PROVIDER", "PAYER", "ENCOUNTERCLASS", "CODE", "BASE_ENCOUNTER_COST",
        "TOTAL_CLAIM_COST",
    ),
    "procedures.csv": ("START", "PATIENT", "ENCOUNTER", "CODE", "BASE_COST"),
    "conditions.csv": ("ENCOUNTER", "CODE"),
}  # fmt: skip
Needed = Mapping[str, tuple[str, ...]]
PLACES = {
    "ambulatory": "11", "wellness": "11", "outpatient": "22", "urgentcare": "20", "emergency": "23",
    "inpatient": "21", "virtual": "02", "snf": "31", "hospice": "34", "home": "12",
}  # fmt: skip
_PAIRS = ("CODE", "DESCRIPTION"), ("REASONCODE", "REASONDESCRIPTION")
_SYSTEMS = {"medications.csv": "RxNorm", "immunizations.csv": "CVX"}
GENERAL_PRACTICE = "208D00000X"
_NPIS = 20_000, 80_000  # from where and how many of the NPIs nobody can hold are given to an export
_TAXONOMIES = {
    "GENERAL PRACTICE": GENERAL_PRACTICE, "FAMILY PRACTICE": "207Q00000X", "INTERNAL MEDICINE": "207R00000X",
    "NURSE PRACTITIONER": "363L00000X", "PHYSICIAN ASSISTANT": "363A00000X", "PHYSICAL THERAPY": "225100000X",
    "EMERGENCY MEDICINE": "207P00000X", "AUDIOLOGIST": "231H00000X", "CLINICAL PSYCHOLOGIST": "103TC0700X",
    "CLINICAL SOCIAL WORKER": "1041C0700X", "PSYCHIATRY": "2084P0800X", "OPTOMETRY": "152W00000X",
    "CHIROPRACTIC": "111N00000X", "DERMATOLOGY": "207N00000X", "PEDIATRIC MEDICINE": "208000000X",
    "ORTHOPEDIC SURGERY": "207X00000X", "CARDIOVASCULAR DISEASE (CARDIOLOGY)": "207RC0000X",
}  # fmt: skip
STATES = dict(
    pair.split("=")
    for pair in """
Alabama=AL,Alaska=AK,Arizona=AZ,Arkansas=AR,California=CA,Colorado=CO,Connecticut=CT,Delaware=DE,
District of Columbia=DC,Florida=FL,Georgia=GA,Hawaii=HI,Idaho=ID,Illinois=IL,Indiana=IN,Iowa=IA,Kansas=KS,
Kentucky=KY,Louisiana=LA,Maine=ME,Maryland=MD,Massachusetts=MA,Michigan=MI,Minnesota=MN,Mississippi=MS,
Missouri=MO,Montana=MT,Nebraska=NE,Nevada=NV,New Hampshire=NH,New Jersey=NJ,New Mexico=NM,New York=NY,
North Carolina=NC,North Dakota=ND,Ohio=OH,Oklahoma=OK,Oregon=OR,Pennsylvania=PA,Puerto Rico=PR,
Rhode Island=RI,South Carolina=SC,South Dakota=SD,Tennessee=TN,Texas=TX,Utah=UT,Vermont=VT,Virginia=VA,
Washington=WA,West Virginia=WV,Wisconsin=WI,Wyoming=WY""".replace("\n", "").split(",")
)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(slots=True)
class Table:
    """One file: its header by name and its rows with the number a person counts."""

    name: str
    columns: dict[str, int]
    rows: list[tuple[int, list[str]]]

    def records(self, names: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows as dicts of these columns; a column the file lacks is empty."""
        places = [(name, self.columns.get(name, -1)) for name in names]
        for number, cells in self.rows:
            width = len(cells)
            yield number, {name: cells[at] if 0 <= at < width else "" for name, at in places}


@dataclass(slots=True)
class Membership:
    starts: str  # YYYY-MM-DD or a year, as written
    member_id: str


@dataclass(slots=True)
class Lookups:
    """What the reference files say, by the export's own ids."""

    patients: dict[str, dict[str, str]] = field(default_factory=dict)  # in our layout
    payers: dict[str, str] = field(default_factory=dict)  # id -> name
    providers: dict[str, ProviderDraft] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)  # encounter -> its class
    memberships: dict[tuple[str, str], list[Membership]] = field(default_factory=dict)  # patient, payer
    wording: dict[str, str] = field(default_factory=dict)  # code -> what it is called
    systems: dict[str, str] = field(default_factory=dict)  # code -> RxNorm, CVX; SNOMED unless listed

    def payer(self, insurance: str) -> str:
        """Our payer for the export's id of one; SELF where the patient pays, its own name where we have none."""
        name = self.payers.get(insurance, insurance)
        return SELF_PAY if name in ("", "0") else payer_id_for(name) or name

    def member_id(self, patient: str, insurance: str, day: str) -> str:
        """The member id on a day (YYYY-MM-DD), made up where the export names none."""
        held = self.memberships.get((patient, insurance), [])
        current = [one for one in held if one.starts <= day] or held
        return make_member_id(patient, self.payer(insurance), current[-1].member_id if current else "")

    def describe(self, code: str, wording: str = "") -> str:
        """A code without a map as a coder reads it: system, code, wording."""
        return f"{self.systems.get(code, 'SNOMED')} {code} {wording or self.wording.get(code, '')}".strip()


def read_tables(name: str, files: Mapping[str, bytes], needed: Needed) -> tuple[dict[str, Table], list[Problem]]:
    """Every CSV of the export by lower-case name, and what keeps it from being read.

    `needed` names the files and columns without which this kind of export is of no use.
    """
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for file, content in files.items():
        if not file.lower().endswith(".csv"):
            continue
        cells = _read_cells(content)
        if cells is None:
            problems.append(Problem(file, "file.csv", "The file is not valid CSV in UTF-8."))
            continue
        header = cells[0] if cells else []
        rows = [(number, row) for number, row in enumerate(cells[1:], start=2) if row]
        tables[file.lower()] = Table(file, {column: at for at, column in enumerate(header)}, rows)
    missing = [file for file in needed if file not in tables]
    if missing and not problems:
        text = f"Such a Synthea export also holds {', '.join(missing)}."
        problems.append(Problem(name, "file.missing", text))
    for file, columns in needed.items():
        lacking = [column for column in columns if file in tables and column not in tables[file].columns]
        if lacking:
            text = f"The header lacks {', '.join(lacking)}."
            problems.append(Problem(f"{tables[file].name} row 1", "file.columns", text))
    return tables, problems


def _read_cells(content: bytes) -> list[list[str]] | None:
    if b"\x00" in content:
        return None
    try:
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return None


def build_lookups(tables: Mapping[str, Table]) -> Lookups:
    found = Lookups()
    for _, row in tables["patients.csv"].records(_PEOPLE["patients.csv"]):
        found.patients[row["Id"]] = _patient(row)
    zips = _find_zips(tables)
    for patient in found.patients.values():
        patient["zip"] = patient["zip"] or zips.get(patient["city"].upper(), "")
    found.payers = {row["Id"]: row["NAME"] for _, row in tables["payers.csv"].records(("Id", "NAME"))}
    found.providers = _providers(tables["providers.csv"])
    if "encounters.csv" in tables:
        for _, row in tables["encounters.csv"].records(("Id", "ENCOUNTERCLASS")):
            found.classes[row["Id"]] = row["ENCOUNTERCLASS"]
    if "payer_transitions.csv" in tables:
        _read_memberships(tables["payer_transitions.csv"], found)
    for file, table in tables.items():
        _read_wording(file, table, found)
    return found


def _find_zips(tables: Mapping[str, Table]) -> dict[str, str]:
    """City -> ZIP as other addresses of the export have it; newer exports leave many patients without one."""
    found: dict[str, str] = {}
    for file in ("organizations.csv", "providers.csv", "patients.csv"):
        if file in tables:
            for _, row in tables[file].records(("CITY", "ZIP")):
                if row["ZIP"]:
                    found.setdefault(row["CITY"].upper(), row["ZIP"][:5])
    return found


def _patient(row: Mapping[str, str]) -> dict[str, str]:
    return {
        "patient_id": row["Id"], "last_name": plain_name(row["LAST"]), "first_name": plain_name(row["FIRST"]),
        "birth_date": row["BIRTHDATE"][:10], "sex": row["GENDER"], "street": row["ADDRESS"], "city": row["CITY"],
        "state": STATES.get(row["STATE"], row["STATE"]), "zip": row["ZIP"],
    }  # fmt: skip


def plain_name(text: str) -> str:
    """The name without the digits Synthea puts behind each part to show that nobody is meant."""
    return _DIGITS.sub("", text).strip()


def _providers(table: Table) -> dict[str, ProviderDraft]:
    """Every provider with an NPI of its own, the same for the same export."""
    first, count = _NPIS
    taken: set[int] = set()
    found: dict[str, ProviderDraft] = {}
    rows = {row["Id"]: row for _, row in table.records(("Id", "NAME", "SPECIALITY"))}
    for provider in sorted(rows)[:count]:
        place = number_of(provider) % count
        while place in taken:
            place = (place + 1) % count
        taken.add(place)
        given, _, family = plain_name(rows[provider]["NAME"]).rpartition(" ")
        taxonomy = _TAXONOMIES.get(rows[provider]["SPECIALITY"].upper(), GENERAL_PRACTICE)
        found[provider] = ProviderDraft(make_test_npi(first + place), family, given, taxonomy, provider)
    return found


def make_member_id(patient: str, payer: str, said: str = "") -> str:
    """A member id that stays the same for patient and payer; Medicare has its own form, whatever was said."""
    known = payers().get(payer)
    if payer == SELF_PAY:
        return ""
    if known is not None and known.kind == "medicare":
        return make_test_mbi(number_of(patient) % 10**11)
    return said.replace("-", "").upper() or f"M{number_of(patient + payer) % 10**10:010d}"


def number_of(text: str) -> int:
    """A whole number that depends on nothing but the text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _read_memberships(table: Table, found: Lookups) -> None:
    for _, row in table.records(("PATIENT", "PAYER", "MEMBERID", "START_YEAR", "START_DATE")):
        if row["MEMBERID"]:
            since = Membership((row["START_YEAR"] or row["START_DATE"])[:10], row["MEMBERID"])
            found.memberships.setdefault((row["PATIENT"], row["PAYER"]), []).append(since)
    for memberships in found.memberships.values():
        memberships.sort(key=lambda one: one.starts)


def _read_wording(file: str, table: Table, found: Lookups) -> None:
    for code_column, text_column in _PAIRS:
        if code_column not in table.columns or text_column not in table.columns:
            continue
        for _, row in table.records((code_column, text_column)):
            if row[code_column]:
                found.wording.setdefault(row[code_column], row[text_column])
                if code_column == "CODE" and file in _SYSTEMS:
                    found.systems.setdefault(row[code_column], _SYSTEMS[file])
