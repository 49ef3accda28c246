"""The Synthea export without claims files: the one of others end to end, and a small one with every flaw."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bureau.models import Claim, ClaimLine, Encounter, Filing
from bureau.models.intake import RowState
from bureau.rules.intake.archives import pack_folder
from bureau.rules.intake.layout import Reading
from bureau.rules.intake.readers import build_reader
from tests.bureau.intake.practice import TODAY, Practice, assert_adds_up, open_practice


@pytest.fixture(scope="module")
def export(shared_data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (shared_data / "synthea_csv_clinical").glob("*.csv")}


@pytest.fixture(scope="module")
def taken(export: dict[str, bytes]) -> tuple[Practice, object]:
    practice = open_practice()
    return practice, practice.send(pack_folder(export), "synthea_csv_clinical.zip")


def records(export: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export[name].decode())))


def test_every_row_and_every_encounter_of_the_export_is_accounted_for(export, taken) -> None:
    practice, intake = taken
    counts = [intake.count(state) for state in (RowState.ACCEPTED, RowState.PROBLEM, RowState.DUPLICATE)]
    assert intake.profile == "synthea-clinical"
    assert intake.rows == sum(len(records(export, name)) for name in export) == 20_744
    assert intake.reference_rows + sum(counts) == intake.rows
    assert counts == [12_539, 283, 0]
    assert practice.count(Claim) == practice.count(Filing) == 4_578
    held = {verdict.row.values["encounter_id"] for verdict in intake.verdicts.values() if verdict.problems}
    assert practice.count(Claim) + len(held) == len(records(export, "encounters.csv"))
    assert {problem.code for problem in intake.all_problems} == {"lines.too_many", "encounter.held"}
    assert_adds_up(practice, intake)


def test_a_claim_charges_what_its_encounter_cost(export, taken) -> None:
    practice, _ = taken
    costs: dict[str, int] = {}
    for name in ("procedures.csv", "immunizations.csv"):
        for row in records(export, name):
            costs[row["ENCOUNTER"]] = costs.get(row["ENCOUNTER"], 0) + round(float(row["BASE_COST"]) * 100)
    charged = dict(
        practice.rows(select(Encounter.external_id, Claim.charge_cents).join(Claim, Claim.encounter_id == Encounter.id))
    )
    for row in records(export, "encounters.csv"):
        if row["Id"] in charged:
            listed = round(float(row["BASE_ENCOUNTER_COST"]) * 100) + costs.get(row["Id"], 0)
            assert charged[row["Id"]] == max(round(float(row["TOTAL_CLAIM_COST"]) * 100), listed)


def test_what_has_no_map_waits_for_a_coder_and_dates_lie_before_today(taken) -> None:
    practice, _ = taken
    lines = practice.rows(select(ClaimLine.code, ClaimLine.wanted, ClaimLine.served_on))
    uncoded = [wanted for code, wanted, _ in lines if not code]
    assert len(uncoded) / len(lines) < 0.03
    assert all(wanted.startswith("SNOMED ") for wanted in uncoded)
    assert max(served for _, _, served in lines) < TODAY


def test_the_export_again_with_one_row_changed_adds_that_encounter_only_as_a_problem(export, taken) -> None:
    practice, _ = taken
    before = practice.count(Claim)
    assert practice.send(pack_folder(export)).problems[0].code == "file.duplicate"
    first = export["encounters.csv"].decode().replace(",83.87,897.65,", ",83.87,997.65,", 1)
    again = practice.send(pack_folder(export | {"encounters.csv": first.encode()}))
    assert practice.count(Claim) == before
    assert again.count(RowState.ACCEPTED) == 0
    assert sum(problem.code == "encounter.changed" for problem in again.all_problems) == 1


SMALL = {
    "patients.csv": "Id,BIRTHDATE,FIRST,LAST,GENDER,ADDRESS,CITY,STATE,ZIP\n"
    "P1,1980-05-17,Jamie12,Doe34,F,4 Oak Road,Salem,Massachusetts,01970\n",
    "payers.csv": "Id,NAME\nY1,Humana\nY0,NO_INSURANCE\n",
    "providers.csv": "Id,NAME,SPECIALITY\nD1,Ann1 Reed2,GENERAL PRACTICE\n",
    "payer_transitions.csv": "PATIENT,MEMBERID,START_DATE,END_DATE,PAYER\nP1,ab-12,2020-01-01,2030-01-01,Y1\n",
    "encounters.csv": "Id,START,PATIENT,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,"
    "TOTAL_CLAIM_COST,REASONCODE\n"
    "E1,2024-03-05T10:00:00Z,P1,D1,Y1,ambulatory,185345009,Visit,80.00,100.00,195662009\n"
    "E1,2024-03-05T10:00:00Z,P1,D1,Y1,ambulatory,185345009,Visit,80.00,100.00,195662009\n"
    "E2,2024-03-06T10:00:00Z,P9,D1,Y0,ambulatory,185345009,Visit,80.00,80.00,\n"
    "E3,2024-03-07T10:00:00Z,P1,D9,Y0,inpatient,185345009,Visit,80.00,80.00,\n",
    "procedures.csv": "START,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,REASONCODE\n"
    "2024-03-05T10:00:00Z,P1,E1,430193006,Medication Reconciliation,15.00,195662009\n"
    "2024-03-07T10:00:00Z,P1,E1,1,Something new,2.50,\n"
    "2024-03-05T10:00:00Z,P1,E7,430193006,Medication Reconciliation,15.00,\n",
    "conditions.csv": "ENCOUNTER,CODE,DESCRIPTION\nE1,195662009,Sore throat\nE1,2,Something else\n",
}


def read_small(**changes: str) -> Reading:
    files = {name: text.encode() for name, text in (SMALL | changes).items() if text}
    return build_reader("synthea-clinical", None, TODAY)("x.zip", pack_folder(files))


def test_a_small_export_becomes_rows_with_all_it_says() -> None:
    reading = read_small()
    visit, known, new = [row for row in reading.rows if row.values["encounter_id"] == "E1" and row.problem is None]
    assert (visit.file, visit.number, visit.values["charge"]) == ("encounters.csv", 2, "82.50")
    assert (visit.values["payer_id"], visit.values["member_id"]) == ("SIM16", "AB12")
    assert (visit.values["last_name"], visit.values["state"], visit.values["dx1"]) == ("Doe", "MA", "J029")
    assert visit.values["reported_date"] == "2024-03-05"
    assert "SNOMED 2" in visit.values["source_note"]
    assert (known.values["procedure"] != "", known.values["charge"], known.values["pointers"]) == (True, "15.00", "1")
    assert (new.values["procedure"], new.values["note"]) == ("", "SNOMED 1 Something new")
    served = date.fromisoformat(visit.values["service_date"])
    assert served < TODAY
    assert date.fromisoformat(new.values["line_date"]) - served == timedelta(days=2)


def test_no_row_of_a_small_export_is_lost() -> None:
    reading = read_small()
    flaws = {(row.file, row.number): row.problem.code for row in reading.rows if row.problem}
    assert flaws == {
        ("encounters.csv", 3): "encounter.twice",
        ("encounters.csv", 4): "patient_id.unknown",
        ("encounters.csv", 5): "provider_npi.unknown",
        ("procedures.csv", 4): "encounter.unknown",
    }
    rows = sum(text.count("\n") - 1 for text in SMALL.values())
    assert len(reading.rows) + reading.reference_rows == rows


def test_an_export_that_lacks_a_file_or_a_column_is_refused() -> None:
    assert "conditions.csv" in read_small(**{"conditions.csv": ""}).problems[0].text
    lacking = SMALL["procedures.csv"].replace("BASE_COST", "COST")
    assert "BASE_COST" in read_small(**{"procedures.csv": lacking}).problems[0].text
