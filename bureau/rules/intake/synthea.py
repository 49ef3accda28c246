"""The Synthea claims export as rows of our layout: one row per charge, every other row counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bureau.rules.intake.encounters import read_date
from bureau.rules.intake.layout import Reading, SheetRow
from bureau.rules.intake.moving import move_with, plan_days
from bureau.rules.intake.synthea_tables import Lookups, Table, build_lookups, number_of, read_tables
from config import synthea as maps
from config.codes import ICD10_BEGINS, SELF_PAY, payers
from config.identifiers import make_test_mbi
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
_PLACES = {
    "ambulatory": "11", "wellness": "11", "outpatient": "22", "urgentcare": "20", "emergency": "23",
    "inpatient": "21", "virtual": "02", "snf": "31", "hospice": "34", "home": "12",
}  # fmt: skip
_DISTINCT = ("", "XU", "XS", "XE", "XP")
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
    tables, problems = read_tables(name, files)
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
    days: dict[str, set[date]] = {}
    for claim in claims.values():
        if claim.reported is not None:
            days.setdefault(claim.row["PATIENTID"], set()).add(claim.reported)
    return {
        patient: plan_days(seen, today, read_date(book.patients.get(patient, {}).get("birth_date", "")))
        for patient, seen in days.items()
    }


def _keep_apart(claim: _Claim, said: _Said) -> None:
    """Give the claim a modifier when an earlier one of that day has other services that are billed alike."""
    on = claim.billed or ICD10_BEGINS
    codes = sorted(row["PROCEDURECODE"] for _, row in claim.charges)
    billed = sorted(mapped.procedure if (mapped := maps.map_procedure(code, on)) else code for code in codes)
    alike = said.setdefault((claim.row["PATIENTID"], claim.row["SERVICEDATE"][:10], *billed), [])
    if codes not in alike:
        alike.append(codes)
    place = alike.index(codes)
    claim.modifier = _DISTINCT[place] if place < len(_DISTINCT) else ""


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
        head, problem = self._head()
        if not claim.charges:
            file = names["claims.csv"].name
            lack = Problem(f"{file} row {claim.number}", "claim.no_charge", "The claim has no CHARGE transaction.")
            yield SheetRow(file, claim.number, head, f"claim {claim.number}", problem or lack)
        file = names["claims_transactions.csv"].name
        for number, row in claim.charges:
            found = None
            if problem is not None:
                found = Problem(f"{file} row {number}", problem.code, problem.text)
            yield SheetRow(file, number, head | self._line(row), row["ID"] or f"row {number}", found)

    def _head(self) -> tuple[dict[str, str], Problem | None]:
        claim, book = self.claim, self.book
        row, patient = claim.row, book.patients.get(claim.row["PATIENTID"])
        provider = book.providers.get(row["PROVIDERID"])
        problem = None
        if patient is None:
            problem = Problem("", "patient_id.unknown", "patients.csv has no patient with that id.")
        elif provider is None:
            problem = Problem("", "provider_npi.unknown", "providers.csv has no provider with that id.")
        payer = self._payer(row["PRIMARYPATIENTINSURANCEID"])
        head = {
            "encounter_id": row["Id"],
            **(patient or {"patient_id": row["PATIENTID"]}),
            "payer_id": payer,
            "member_id": "" if payer == SELF_PAY else self._member_id(payer),
            "provider_npi": provider.npi if provider else "",
            "place_of_service": _PLACES.get(book.classes.get(row["APPOINTMENTID"], ""), "11"),
            "service_date": claim.billed.isoformat() if claim.billed else row["SERVICEDATE"],
            **self._diagnoses(),
        }
        if self.today is not None and claim.reported is not None:
            head["reported_date"] = claim.reported.isoformat()
        second = self._payer(row["SECONDARYPATIENTINSURANCEID"])
        if second != SELF_PAY:
            self.notes.append(f"secondary payer {second}")
        if self.notes:
            head["source_note"] = "; ".join(self.notes)
        return head, problem

    def _payer(self, insurance: str) -> str:
        name = self.book.payers.get(insurance, insurance)
        return SELF_PAY if name in ("", "0") else maps.payer_id_for(name) or name

    def _member_id(self, payer: str) -> str:
        """The member id of the day of service; Medicare has its own form, and who has none gets a stable one."""
        row, day = self.claim.row, self.claim.row["SERVICEDATE"][:10]
        known = payers().get(payer)
        if known is not None and known.kind == "medicare":
            return make_test_mbi(number_of(row["PATIENTID"]) % 10**11)
        held = self.book.memberships.get((row["PATIENTID"], row["PRIMARYPATIENTINSURANCEID"]), [])
        current = [one for one in held if one.starts <= day] or held
        if current:
            return current[-1].member_id.replace("-", "").upper()
        return f"M{number_of(row['PATIENTID'] + payer) % 10**10:010d}"

    def _diagnoses(self) -> dict[str, str]:
        """ICD-10-CM in the claim's order; what has no map is kept as wording."""
        on = self.claim.billed or ICD10_BEGINS
        found: list[str] = []
        for term in self._terms():
            mapped = maps.map_diagnosis(term, on)
            if mapped is None or not mapped.icd10:
                self.notes.append(self.book.describe(term))
            elif mapped.icd10 not in found:
                found.append(mapped.icd10)
        if not found:
            reasons = (maps.map_procedure(row["PROCEDURECODE"], on) for _, row in self.claim.charges)
            found = [mapped.reason_icd10 for mapped in reasons if mapped and mapped.reason_icd10][:1]
        return {f"dx{number}": code for number, code in enumerate(found, start=1)}

    def _terms(self) -> list[str]:
        terms = (self.claim.row[f"DIAGNOSIS{number}"] for number in range(1, 9))
        return [term for term in terms if term]

    def _line(self, row: Mapping[str, str]) -> dict[str, str]:
        mapped = maps.map_procedure(row["PROCEDURECODE"], self.claim.billed or ICD10_BEGINS)
        values = {
            "procedure": mapped.procedure if mapped else "",
            "modifiers": " ".join(filter(None, (row["MODIFIER1"], row["MODIFIER2"], self.claim.modifier))),
            "units": row["UNITS"].removesuffix(".0"),
            "charge": row["AMOUNT"],
            "pointers": self._pointers(row),
            "note": self.book.describe(row["PROCEDURECODE"], row["NOTES"]),
            "coded_by": "profile",
        }
        day, anchor = read_date(row["FROMDATE"][:10]), self.claim.reported
        if day is not None and anchor is not None and day > anchor:
            moved = move_with(self.plan, anchor, day, self.today) if self.today else day
            values["line_date"] = moved.isoformat()
        return values

    def _pointers(self, row: Mapping[str, str]) -> str:
        """Numbers of the mapped diagnoses this line refers to; the first one where none of its own is mapped."""
        on, terms = self.claim.billed or ICD10_BEGINS, self._terms()
        order: dict[str, int] = {}
        for term in terms:
            mapped = maps.map_diagnosis(term, on)
            if mapped is not None and mapped.icd10:
                order.setdefault(mapped.icd10, len(order) + 1)
        found: list[str] = []
        for ref in (row[name] for name in _REFS):
            if ref.isdecimal() and 1 <= int(ref) <= len(terms):
                mapped = maps.map_diagnosis(terms[int(ref) - 1], on)
                place = str(order.get(mapped.icd10, "")) if mapped else ""
                if place and place not in found:
                    found.append(place)
        return " ".join(found) or "1"
