"""The Synthea export without claims files as rows of our layout: an encounter with its services becomes a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bureau.rules.intake.encounters import read_date
from bureau.rules.intake.layout import Reading, SheetRow
from bureau.rules.intake.moving import move_with, plan_visits
from bureau.rules.intake.synthea_tables import CLINICAL, PLACES, Lookups, Table, build_lookups, read_tables
from bureau.rules.intake.terms import Diagnoses, tell_apart
from config import synthea as maps
from config.codes import ICD10_BEGINS
from config.money import format_cents, parse_cents
from config.problems import Problem

DESCRIPTION = (
    "Synthea export without claims files (a folder or a zip of it). Every encounter becomes a claim: the visit is its "
    "first line, each procedure and immunization a further one at its own cost. Where TOTAL_CLAIM_COST is more than "
    "the lines, the rest (tests and supplies the export prices nowhere) is charged with the visit. What the payer "
    "covered is history and only counted; dates are moved as for the claims export."
)
_VISIT_COLUMNS = (
    "Id", "START", "PATIENT", "PROVIDER", "PAYER", "ENCOUNTERCLASS", "CODE", "DESCRIPTION", "BASE_ENCOUNTER_COST",
    "TOTAL_CLAIM_COST", "REASONCODE",
)  # fmt: skip
_SERVICE_COLUMNS = ("START", "DATE", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION", "BASE_COST", "REASONCODE")
_SERVICES = ("procedures.csv", "immunizations.csv")


@dataclass(slots=True)
class _Service:
    """One row of the export that becomes a line."""

    file: str
    number: int
    row: dict[str, str]
    cost: str  # the column that holds its cost

    @property
    def cents(self) -> int:
        found = parse_cents(self.row[self.cost], self.file)
        return found if isinstance(found, int) else 0


@dataclass(slots=True)
class _Visit:
    """One row of encounters.csv with what belongs to it."""

    itself: _Service
    reported: date | None
    services: list[_Service] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    @property
    def row(self) -> dict[str, str]:
        return self.itself.row


def read_clinical(name: str, files: Mapping[str, bytes], today: date) -> Reading:
    """Read an export; the dates of service are moved to the weeks before `today`."""
    tables, problems = read_tables(name, files, CLINICAL)
    if problems:
        return Reading(problems=problems)
    book, reading = build_lookups(tables), Reading()
    visits, reading.rows = _read_visits(tables["encounters.csv"])
    for file in _SERVICES:
        reading.rows += _sort_services(tables[file], visits) if file in tables else []
    for _, row in tables["conditions.csv"].records(("ENCOUNTER", "CODE")):
        if row["ENCOUNTER"] in visits:
            visits[row["ENCOUNTER"]].conditions.append(row["CODE"])
    born = {number: patient["birth_date"] for number, patient in book.patients.items()}
    plans = plan_visits(((visit.row["PATIENT"], visit.reported) for visit in visits.values()), born, today)
    for visit in visits.values():
        reading.rows += _Rows(visit, book, plans.get(visit.row["PATIENT"], {}), today).build()
    used = {row.values.get("provider_npi") for row in reading.rows}
    reading.providers = [draft for draft in book.providers.values() if draft.npi in used]
    reading.reference_rows = sum(len(table.rows) for table in tables.values()) - len(reading.rows)
    return reading


def _read_visits(table: Table) -> tuple[dict[str, _Visit], list[SheetRow]]:
    visits: dict[str, _Visit] = {}
    twice = []
    for number, row in table.records(_VISIT_COLUMNS):
        if row["Id"] in visits:
            problem = Problem(f"{table.name} row {number}", "encounter.twice", "The export holds this encounter twice.")
            twice.append(SheetRow(table.name, number, {"encounter_id": row["Id"]}, f"visit {number}", problem))
        else:
            itself = _Service(table.name, number, row, "BASE_ENCOUNTER_COST")
            visits[row["Id"]] = _Visit(itself, read_date(row["START"][:10]))
    return visits, twice


def _sort_services(table: Table, visits: Mapping[str, _Visit]) -> list[SheetRow]:
    """Give each service to its encounter; returns the rows that belong to none."""
    lost = []
    for number, row in table.records(_SERVICE_COLUMNS):
        visit = visits.get(row["ENCOUNTER"])
        if visit is not None:
            visit.services.append(_Service(table.name, number, row, "BASE_COST"))
            continue
        values = {"encounter_id": row["ENCOUNTER"], "patient_id": row["PATIENT"], "charge": row["BASE_COST"]}
        problem = Problem(f"{table.name} row {number}", "encounter.unknown", "encounters.csv has no such encounter.")
        lost.append(SheetRow(table.name, number, values, f"{table.name} {number}", problem))
    return lost


@dataclass(slots=True)
class _Rows:
    """Makes the rows of one encounter."""

    visit: _Visit
    book: Lookups
    plan: Mapping[date, date]
    today: date

    @property
    def _billed(self) -> date | None:
        reported = self.visit.reported
        return self.plan.get(reported, reported) if reported else None

    def build(self) -> Iterator[SheetRow]:
        visit, on = self.visit, self._billed or ICD10_BEGINS
        services = [visit.itself, *visit.services]
        codes = [service.row["CODE"] for service in services]
        diagnoses = Diagnoses(on)
        diagnoses.add_terms(self._terms(services))
        diagnoses.add_reason(codes)
        head, problem = self._head(diagnoses), self._find_problem()
        for service, modifier in zip(services, tell_apart(codes, on), strict=True):
            values = head | self._line(service, on) | {"modifiers": modifier}
            values["pointers"] = diagnoses.point([service.row["REASONCODE"]])
            where = f"{service.file} row {service.number}"
            found = Problem(where, problem.code, problem.text) if problem else None
            yield SheetRow(service.file, service.number, values, f"{service.file} {service.number}", found)

    def _terms(self, services: list[_Service]) -> list[str]:
        """Why the patient came, the visit's own reason first."""
        said = [*(service.row["REASONCODE"] for service in services), *self.visit.conditions]
        return [term for term in said if term]

    def _find_problem(self) -> Problem | None:
        row = self.visit.row
        if row["PATIENT"] not in self.book.patients:
            return Problem("", "patient_id.unknown", "patients.csv has no patient with that id.")
        if row["PROVIDER"] not in self.book.providers:
            return Problem("", "provider_npi.unknown", "providers.csv has no provider with that id.")
        return None

    def _head(self, diagnoses: Diagnoses) -> dict[str, str]:
        visit, book = self.visit, self.book
        row, day = visit.row, visit.row["START"][:10]
        provider = book.providers.get(row["PROVIDER"])
        head = {
            "encounter_id": row["Id"],
            **(book.patients.get(row["PATIENT"]) or {"patient_id": row["PATIENT"]}),
            "payer_id": book.payer(row["PAYER"]),
            "member_id": book.member_id(row["PATIENT"], row["PAYER"], day),
            "provider_npi": provider.npi if provider else "",
            "place_of_service": PLACES.get(row["ENCOUNTERCLASS"], "11"),
            "service_date": self._billed.isoformat() if self._billed else day,
            **diagnoses.columns(),
        }
        if visit.reported is not None:
            head["reported_date"] = visit.reported.isoformat()
        notes = [book.describe(term) for term in diagnoses.unmapped]
        return head | ({"source_note": "; ".join(notes)} if notes else {})

    def _line(self, service: _Service, on: date) -> dict[str, str]:
        mapped = maps.map_procedure(service.row["CODE"], on)
        values = {
            "procedure": mapped.procedure if mapped else "",
            "units": "1",
            "charge": self._visit_charge() if service is self.visit.itself else service.row["BASE_COST"],
            "note": self.book.describe(service.row["CODE"], service.row["DESCRIPTION"]),
            "coded_by": "profile",
        }
        day, anchor = read_date((service.row.get("START") or service.row.get("DATE", ""))[:10]), self.visit.reported
        if day is not None and anchor is not None and day > anchor:
            values["line_date"] = move_with(self.plan, anchor, day, self.today).isoformat()
        return values

    def _visit_charge(self) -> str:
        """The visit's own cost, and of the encounter's total whatever no other line accounts for."""
        own, total = self.visit.row["BASE_ENCOUNTER_COST"], parse_cents(self.visit.row["TOTAL_CLAIM_COST"], "")
        rest = total - sum(service.cents for service in self.visit.services) if isinstance(total, int) else 0
        return format_cents(rest, grouped=False) if rest > self.visit.itself.cents else own
