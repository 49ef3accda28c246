"""The Synthea claims export as rows of our layout: one row per charge, every other row counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bureau.rules.intake.encounters import read_date
from bureau.rules.intake.layout import Reading, SheetRow
from bureau.rules.intake.moving import move_with, plan_visits
from bureau.rules.intake.synthea_tables import CLAIMS, PLACES, Lookups, Table, build_lookups, read_tables
from bureau.rules.intake.terms import DISTINCT, Diagnoses
from config import synthea as maps
from config.codes import ICD10_BEGINS, SELF_PAY
from config.problems import Problem

DESCRIPTION = (
    "Synthea claims export (a folder or a zip of it). Every claim becomes an encounter, every CHARGE row a line; "
    "payments and transfers of the export are history and only counted. A lifetime of claims would be past every "
    "filing limit, so each day a patient was seen is moved into the 12 weeks before today, by whole weeks while "
    "the weeks have room for one more day on that weekday, else to the nearest free working day; no two days "
    "become one. The date of the export stays on record with the encounter. Different services of one day that "
    "our map gives one code carry a modifier for distinct services, or payers would take them for repeats."
)
DESCRIPTION_DATED = "Synthea claims export with the dates of service as they stand in the export."
_CLAIM_COLUMNS = (
    "Id", "PATIENTID", "PROVIDERID", "PRIMARYPATIENTINSURANCEID", "SECONDARYPATIENTINSURANCEID", "APPOINTMENTID",
    "SERVICEDATE", *(f"DIAGNOSIS{number}" for number in range(1, 9)),
)  # fmt: skip
_REFS = tuple(f"DIAGNOSISREF{number}" for number in range(1, 5))
_CHARGE_COLUMNS = (
    "ID", "CLAIMID", "PATIENTID", "TYPE", "AMOUNT", "FROMDATE", "PROCEDURECODE", "MODIFIER1", "MODIFIER2", *_REFS,
    "UNITS", "NOTES",
)  # fmt: skip
_HISTORY = frozenset({"PAYMENT", "TRANSFERIN", "TRANSFEROUT", "ADJUSTMENT", "INTEREST", "REFUND"})
_Record = tuple[int, dict[str, str]]
_Said = dict[tuple[str, ...], list[list[str]]]  # patient, day, billed codes -> the export's codes, claim by claim


@dataclass(slots=True)
class _Claim:
    """One row of claims.csv with what its charges need to know."""

    number: int
    row: dict[str, str]
    reported: date | None
    billed: date | None
    charges: list[_Record] = field(default_factory=list)
    modifier: str = ""


def read_synthea(name: str, files: Mapping[str, bytes], today: date | None) -> Reading:
    """Read an export; with `today` the dates of service are moved to the weeks before it, else they are kept."""
    tables, problems = read_tables(name, files, CLAIMS)
    if problems:
        return Reading(problems=problems)
    book = build_lookups(tables)
    claims, twice = _read_claims(tables["claims.csv"])
    reading = Reading(rows=twice)
    reading.rows += _sort_charges(tables["claims_transactions.csv"], claims)
    plans = _plan(claims, book, today) if today else {}
    said: _Said = {}
    for claim in claims.values():
        plan = plans.get(claim.row["PATIENTID"], {})
        claim.billed = plan.get(claim.reported, claim.reported) if claim.reported else None
        _keep_apart(claim, said)
        reading.rows += _Rows(claim, book, tables, plan, today).build()
    used = {row.values.get("provider_npi") for row in reading.rows}
    reading.providers = [draft for draft in book.providers.values() if draft.npi in used]
    reading.reference_rows = sum(len(table.rows) for table in tables.values()) - len(reading.rows)
    return reading


def _read_claims(table: Table) -> tuple[dict[str, _Claim], list[SheetRow]]:
    claims: dict[str, _Claim] = {}
    twice = []
    for number, row in table.records(_CLAIM_COLUMNS):
        if row["Id"] in claims:
            problem = Problem(f"{table.name} row {number}", "claim.twice", "The export holds this claim id twice.")
            twice.append(SheetRow(table.name, number, {"encounter_id": row["Id"]}, f"claim {number}", problem))
        else:
            day = read_date(row["SERVICEDATE"][:10])
            claims[row["Id"]] = _Claim(number, row, day, day)
    return claims, twice


def _sort_charges(table: Table, claims: Mapping[str, _Claim]) -> list[SheetRow]:
    """Give each charge to its claim; returns the rows that belong to none or cannot be understood."""
    lost = []
    for number, row in table.records(_CHARGE_COLUMNS):
        kind = row["TYPE"].upper()
        if kind in _HISTORY:
            continue
        claim = claims.get(row["CLAIMID"])
        if kind == "CHARGE" and claim is not None:
            claim.charges.append((number, row))
            continue
        code, text = "claim.unknown", "claims.csv has no claim with that id."
        if kind != "CHARGE":
            said = row["TYPE"] or "An empty type"
            code, text = "transaction.unknown", f"{said} is no kind of transaction known here."
        values = {"encounter_id": row["CLAIMID"], "patient_id": row["PATIENTID"], "charge": row["AMOUNT"]}
        problem = Problem(f"{table.name} row {number}", code, text)
        lost.append(SheetRow(table.name, number, values, row["ID"] or f"row {number}", problem))
    return lost


def _plan(claims: Mapping[str, _Claim], book: Lookups, today: date) -> dict[str, dict[date, date]]:
    seen = ((claim.row["PATIENTID"], claim.reported) for claim in claims.values())
    return plan_visits(seen, {number: patient["birth_date"] for number, patient in book.patients.items()}, today)


def _keep_apart(claim: _Claim, said: _Said) -> None:
    """Give the claim a modifier when an earlier one of that day has other services that are billed alike."""
    on = claim.billed or ICD10_BEGINS
    codes = sorted(row["PROCEDURECODE"] for _, row in claim.charges)
    billed = sorted(mapped.procedure if (mapped := maps.map_procedure(code, on)) else code for code in codes)
    alike = said.setdefault((claim.row["PATIENTID"], claim.row["SERVICEDATE"][:10], *billed), [])
    if codes not in alike:
        alike.append(codes)
    place = alike.index(codes)
    claim.modifier = DISTINCT[place] if place < len(DISTINCT) else ""


@dataclass(slots=True)
class _Rows:
    """Makes the rows of one claim."""

    claim: _Claim
    book: Lookups
    tables: Mapping[str, Table]
    plan: Mapping[date, date]
    today: date | None
    notes: list[str] = field(default_factory=list)

    def build(self) -> Iterator[SheetRow]:
        claim, names = self.claim, self.tables
        diagnoses = self._diagnoses()
        head, problem = self._head(diagnoses)
        if not claim.charges:
            file = names["claims.csv"].name
            lack = Problem(f"{file} row {claim.number}", "claim.no_charge", "The claim has no CHARGE transaction.")
            yield SheetRow(file, claim.number, head, f"claim {claim.number}", problem or lack)
        file = names["claims_transactions.csv"].name
        for number, row in claim.charges:
            found = None
            if problem is not None:
                found = Problem(f"{file} row {number}", problem.code, problem.text)
            yield SheetRow(file, number, head | self._line(row, diagnoses), row["ID"] or f"row {number}", found)

    def _head(self, diagnoses: Diagnoses) -> tuple[dict[str, str], Problem | None]:
        claim, book = self.claim, self.book
        row, patient = claim.row, book.patients.get(claim.row["PATIENTID"])
        provider = book.providers.get(row["PROVIDERID"])
        problem = None
        if patient is None:
            problem = Problem("", "patient_id.unknown", "patients.csv has no patient with that id.")
        elif provider is None:
            problem = Problem("", "provider_npi.unknown", "providers.csv has no provider with that id.")
        insurance = row["PRIMARYPATIENTINSURANCEID"]
        head = {
            "encounter_id": row["Id"],
            **(patient or {"patient_id": row["PATIENTID"]}),
            "payer_id": book.payer(insurance),
            "member_id": book.member_id(row["PATIENTID"], insurance, row["SERVICEDATE"][:10]),
            "provider_npi": provider.npi if provider else "",
            "place_of_service": PLACES.get(book.classes.get(row["APPOINTMENTID"], ""), "11"),
            "service_date": claim.billed.isoformat() if claim.billed else row["SERVICEDATE"],
            **diagnoses.columns(),
        }
        if self.today is not None and claim.reported is not None:
            head["reported_date"] = claim.reported.isoformat()
        second = book.payer(row["SECONDARYPATIENTINSURANCEID"])
        if second != SELF_PAY:
            self.notes.append(f"secondary payer {second}")
        if self.notes:
            head["source_note"] = "; ".join(self.notes)
        return head, problem

    def _diagnoses(self) -> Diagnoses:
        """ICD-10-CM in the claim's order; what has no map is kept as wording."""
        found = Diagnoses(self.claim.billed or ICD10_BEGINS)
        found.add_terms(self._terms())
        self.notes += map(self.book.describe, found.unmapped)
        found.add_reason(row["PROCEDURECODE"] for _, row in self.claim.charges)
        return found

    def _terms(self) -> list[str]:
        terms = (self.claim.row[f"DIAGNOSIS{number}"] for number in range(1, 9))
        return [term for term in terms if term]

    def _line(self, row: Mapping[str, str], diagnoses: Diagnoses) -> dict[str, str]:
        mapped = maps.map_procedure(row["PROCEDURECODE"], self.claim.billed or ICD10_BEGINS)
        values = {
            "procedure": mapped.procedure if mapped else "",
            "modifiers": " ".join(filter(None, (row["MODIFIER1"], row["MODIFIER2"], self.claim.modifier))),
            "units": row["UNITS"].removesuffix(".0"),
            "charge": row["AMOUNT"],
            "pointers": diagnoses.point(self._refers_to(row)),
            "note": self.book.describe(row["PROCEDURECODE"], row["NOTES"]),
            "coded_by": "profile",
        }
        day, anchor = read_date(row["FROMDATE"][:10]), self.claim.reported
        if day is not None and anchor is not None and day > anchor:
            moved = move_with(self.plan, anchor, day, self.today) if self.today else day
            values["line_date"] = moved.isoformat()
        return values

    def _refers_to(self, row: Mapping[str, str]) -> list[str]:
        """The terms a charge names as its reasons."""
        terms, refs = self._terms(), [row[name] for name in _REFS]
        return [terms[int(ref) - 1] for ref in refs if ref.isdecimal() and 1 <= int(ref) <= len(terms)]
