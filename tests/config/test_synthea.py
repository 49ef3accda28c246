"""The Synthea map: every code it gives is real, and it covers the exports it is meant for."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from config.codes import CodeStatus, diagnosis_status, payers, procedure_status, read_table
from config.synthea import map_diagnosis, map_procedure, payer_id_for

TODAY = date(2026, 1, 5)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_diagnosis_it_gives_is_billable_then_and_now() -> None:
    for row in read_table("synthea_diagnoses.csv"):
        for on in (date(2016, 1, 4), date(2019, 6, 3), date(2022, 1, 3), TODAY):
            found = map_diagnosis(row["snomed"], on)
            assert found is not None
            if found.icd10:
                assert diagnosis_status(found.icd10, on) is CodeStatus.VALID, (row, on)
            assert found.note


def test_every_procedure_it_gives_is_billable() -> None:
    for row in read_table("synthea_procedures.csv"):
        found = map_procedure(row["code"], TODAY)
        assert found is not None
        assert procedure_status(found.procedure, TODAY) is CodeStatus.VALID, row
        if found.reason_icd10:
            assert diagnosis_status(found.reason_icd10, TODAY) is CodeStatus.VALID, row


@pytest.mark.parametrize(
    ("snomed", "on", "icd10"),
    [
        ("59621000", TODAY, "I10"),
        ("44054006", TODAY, "E119"),
        ("278860009", date(2019, 1, 2), "M545"),
        ("278860009", TODAY, "M5450"),
        ("160903007", TODAY, ""),  # a full-time job is known, and is no reason for a visit
    ],
)
def test_diagnoses(snomed: str, on: date, icd10: str) -> None:
    found = map_diagnosis(snomed, on)
    assert found is not None
    assert found.icd10 == icd10


def test_unknown_terms_are_none() -> None:
    assert map_diagnosis("1", TODAY) is None
    assert map_procedure("1", TODAY) is None
    assert payer_id_for("Acme") is None


def test_payers_of_the_export_are_mapped(shared_data: Path) -> None:
    for folder in ("synthea_csv_claims", "synthea_csv_clinical"):
        for row in rows(shared_data / folder / "payers.csv"):
            assert payer_id_for(row["NAME"]) in payers(), row["NAME"]


def test_nineteen_of_twenty_claims_of_the_export_can_be_billed(shared_data: Path) -> None:
    folder = shared_data / "synthea_csv_claims"
    charges = defaultdict(list)
    for row in rows(folder / "claims_transactions.csv"):
        if row["TYPE"] == "CHARGE":
            charges[row["CLAIMID"]].append(row["PROCEDURECODE"])
    whole, left = 0, 0
    for row in rows(folder / "claims.csv"):
        on = date.fromisoformat(row["SERVICEDATE"][:10])
        terms = [row[f"DIAGNOSIS{place}"] for place in range(1, 9) if row[f"DIAGNOSIS{place}"]]
        diagnoses = [map_diagnosis(term, on) for term in terms]
        procedures = [map_procedure(code, on) for code in charges[row["Id"]]]
        known = all(diagnoses) and all(procedures)
        reason = any(found and found.icd10 for found in diagnoses)
        reason = reason or any(found and found.reason_icd10 for found in procedures)
        whole += known and reason
        left += not (known and reason)
    assert whole + left == 1267
    assert 0.95 < whole / 1267 < 1  # some truly say nothing, and go to a coder


@pytest.mark.parametrize(
    ("folder", "table", "share"),
    [
        ("synthea_csv_clinical", "conditions", 1.0),
        ("synthea_csv_claims", "conditions", 1.0),
        ("synthea_csv_clinical", "encounters", 1.0),
        ("synthea_csv_clinical", "immunizations", 1.0),
        ("synthea_csv_clinical", "procedures", 0.95),
    ],
)
def test_clinical_exports_are_covered(shared_data: Path, folder: str, table: str, share: float) -> None:
    codes = [row["CODE"] for row in rows(shared_data / folder / f"{table}.csv")]
    find = map_diagnosis if table == "conditions" else map_procedure
    assert sum(find(code, TODAY) is not None for code in codes) / len(codes) >= share
