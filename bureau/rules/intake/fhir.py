"""FHIR R4 bundles as rows of our layout: a Claim becomes an encounter, each item that was done a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bureau.rules.intake.fhir_bundle import Shelf, read_bundle, text_of
from bureau.rules.intake.fhir_claim import FoundClaim
from bureau.rules.intake.fhir_people import Providers
from bureau.rules.intake.fhir_rows import ClaimRows
from bureau.rules.intake.layout import Reading, SheetRow
from bureau.rules.intake.moving import plan_visits
from bureau.rules.intake.terms import Diagnoses
from config.codes import ICD10_BEGINS
from config.problems import Problem

DESCRIPTION = (
    "FHIR R4 (a bundle, or a folder of bundles). Each Claim becomes an encounter under its own identifier; patients, "
    "practitioners, encounters, conditions and coverages of all bundles together say the rest and are counted. "
    "HCPCS, CPT and ICD-10-CM codes are taken as they are, SNOMED CT terms by our map; what has none, and what a "
    "pharmacy claims, waits for a coder. Of made-up records (Synthea) the days are moved as for its claims export."
)
DESCRIPTION_DATED = "FHIR R4 with the dates of service as they stand in the bundles."


def read_fhir(files: Mapping[str, bytes], today: date | None) -> Reading:
    """Read bundles together; with `today` the days of made-up patients are moved to the weeks before it."""
    shelf = Shelf()
    problems = [read_bundle(shelf, name, data) for name, data in files.items()]
    reading = Reading(problems=[problem for problem in problems if problem is not None])
    if not shelf.counts and not reading.problems:
        reading.problems.append(Problem(next(iter(files), ""), "file.no_rows", "The bundle holds no resource."))
    if reading.problems:
        return reading
    providers = Providers(shelf)
    claims = [FoundClaim.find(shelf, providers, place) for place in range(len(shelf.claims))]
    plans: dict[str, dict[date, date]] = {}
    if today is not None:
        made_up = [claim for claim in claims if claim.is_made_up]
        born = {claim.patient_id: text_of(claim.patient, "birthDate") for claim in made_up}
        plans = plan_visits(((claim.patient_id, claim.reported) for claim in made_up), born, today)
    counted: dict[str, int] = {}
    for claim in claims:
        plan = plans.get(claim.patient_id, {})
        billed = plan.get(claim.reported, claim.reported) if claim.reported else None
        for row in ClaimRows(claim, billed, Diagnoses(billed or ICD10_BEGINS), is_moved=bool(plan)).build():
            counted[row.file] = counted.get(row.file, 0) + 1
            reading.rows.append(replace(row, number=counted[row.file]))
    reading.rows = _tell_apart(reading.rows)
    reading.providers = providers.drafts()
    reading.kinds = dict(sorted(shelf.counts.items()))
    reading.reference_rows = shelf.counts.total() - len(claims)
    return reading


def _tell_apart(rows: list[SheetRow]) -> list[SheetRow]:
    """Claims under one id: said twice the later is a repeat, else it needs an id of its own."""
    claims: dict[tuple[str, str], list[SheetRow]] = {}
    for row in rows:
        claims.setdefault((row.values["encounter_id"], row.identity.partition(" ")[0]), []).append(row)
    first: dict[str, list[SheetRow]] = {}
    found: list[SheetRow] = []
    for (number, _), lines in claims.items():
        earlier = first.setdefault(number, lines)
        if earlier is lines:
            found += lines
        elif [row.values for row in earlier] == [row.values for row in lines]:
            found += [replace(row, identity=one.identity) for row, one in zip(lines, earlier, strict=True)]
        else:
            text = "Another Claim with other content has this id; give this one an encounter id of its own."
            problem = Problem(lines[0].where(), "claim.number", text)
            moved = [replace(row, values=row.values | {"encounter_id": f"{number}-{lines[0].number}"}) for row in lines]
            found += [replace(moved[0], problem=problem), *moved[1:]]
    return found
