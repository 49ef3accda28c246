"""Diagnosis and procedure codes: what is billable on which day, and nothing licensed on board."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from config import codes
from config.codes import (
    CodeStatus,
    diagnosis_as_of,
    diagnosis_status,
    diagnosis_text,
    icd10_status,
    is_demo,
    procedure_name,
    procedure_status,
    procedures,
)

TABLES = Path(codes.__file__).parent / "tables"


# -- diagnoses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("I10", CodeStatus.VALID),
        ("E119", CodeStatus.VALID),
        ("S93409A", CodeStatus.VALID),
        ("U071", CodeStatus.VALID),
        ("E11", CodeStatus.HEADER),
        ("S9340", CodeStatus.HEADER),
        ("M545", CodeStatus.HEADER),
        ("E11.9", CodeStatus.UNKNOWN),
        ("i10", CodeStatus.UNKNOWN),
        ("Q999999", CodeStatus.UNKNOWN),
        ("40190", CodeStatus.UNKNOWN),
        ("", CodeStatus.UNKNOWN),
    ],
)
def test_diagnoses_of_the_release(code: str, status: CodeStatus) -> None:
    assert icd10_status(code) is status


@pytest.mark.parametrize(
    ("code", "on", "status"),
    [
        ("I10", "2026-01-05", CodeStatus.VALID),
        ("I10", "2015-10-01", CodeStatus.VALID),
        ("I10", "2015-09-30", CodeStatus.NOT_YET),
        ("U071", "2020-03-31", CodeStatus.NOT_YET),
        ("U071", "2020-04-01", CodeStatus.VALID),
        ("M545", "2021-09-30", CodeStatus.VALID),
        ("M545", "2021-10-01", CodeStatus.HEADER),
        ("M5450", "2021-09-30", CodeStatus.NOT_YET),
        ("M5450", "2021-10-01", CodeStatus.VALID),
        ("R05", "2020-01-01", CodeStatus.VALID),
        ("R05", "2024-01-01", CodeStatus.HEADER),
        ("E66811", "2024-09-30", CodeStatus.NOT_YET),
        ("E11", "2024-09-30", CodeStatus.HEADER),
        ("XYZ", "2024-09-30", CodeStatus.UNKNOWN),
        ("XYZ", "2010-09-30", CodeStatus.UNKNOWN),
    ],
)
def test_diagnoses_by_date_of_service(code: str, on: str, status: CodeStatus) -> None:
    assert diagnosis_status(code, date.fromisoformat(on)) is status


@pytest.mark.parametrize(
    ("code", "on", "then"),
    [
        ("M5450", "2019-01-01", "M545"),
        ("M545", "2024-01-01", "M5450"),
        ("M5450", "2024-01-01", "M5450"),
        ("Z5982", "2022-01-01", "Z5989"),
        ("Z5982", "2019-01-01", "Z598"),
        ("I10", "2019-01-01", "I10"),
    ],
)
def test_diagnoses_as_they_stood(code: str, on: str, then: str) -> None:
    assert diagnosis_as_of(code, date.fromisoformat(on)) == then
    assert diagnosis_status(then, date.fromisoformat(on)) is CodeStatus.VALID


def test_descriptions_are_there_for_display() -> None:
    assert diagnosis_text("I10") == "Essential (primary) hypertension"
    assert diagnosis_text("S93409A").endswith("initial encounter")
    assert diagnosis_text("E11") == ""


def test_diagnoses_agree_with_the_package_they_came_from() -> None:
    """The two compressed files are what make_icd10 would write today."""
    script = "import simple_icd_10_cm as p, sys; sys.stdout.write('\\n'.join(p.get_all_codes(with_dots=False)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    listed = {code for code in done.stdout.split("\n") if len(code) >= 3 and "-" not in code}
    ours = {code for code in listed if icd10_status(code) is not CodeStatus.UNKNOWN}
    assert ours == listed
    assert 70_000 < sum(icd10_status(code) is CodeStatus.VALID for code in listed) < len(listed)


def test_diagnoses_load_only_when_asked_and_fast() -> None:
    script = """
import time, sys
from config import codes
assert codes._icd10.cache_info().currsize == 0
begun = time.perf_counter()
codes.icd10_status("I10")
print(time.perf_counter() - begun)
assert codes._icd10_texts.cache_info().currsize == 0
assert "simple_icd_10_cm" not in sys.modules
"""
    root = TABLES.parents[1]
    best = min(
        float(
            subprocess.run(
                [sys.executable, "-c", script],
                capture_output=True,
                text=True,
                check=True,
                cwd=root,
                timeout=60,
            ).stdout
        )
        for _ in range(3)
    )
    assert best < 0.1
    assert sum(file.stat().st_size for file in TABLES.glob("icd10cm.*")) < 1_500_000


# -- procedures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "on", "status"),
    [
        ("G0439", "2026-01-05", CodeStatus.VALID),
        ("G0439", "2010-12-31", CodeStatus.NOT_YET),
        ("J3301", "2026-01-05", CodeStatus.VALID),
        ("G0136", "2023-12-31", CodeStatus.NOT_YET),
        ("G0136", "2025-12-31", CodeStatus.VALID),
        ("G0136", "2026-01-01", CodeStatus.EXPIRED),
        ("G2012", "2025-01-01", CodeStatus.EXPIRED),
        ("G0557", "2025-01-01", CodeStatus.VALID),
        ("XV113", "2026-01-05", CodeStatus.VALID),
        ("XV999", "2026-01-05", CodeStatus.UNKNOWN),
        ("99999", "2026-01-05", CodeStatus.LICENSED),
        ("0000T", "2026-01-05", CodeStatus.LICENSED),
        ("D0001", "2026-01-05", CodeStatus.LICENSED),
        ("G9999X", "2026-01-05", CodeStatus.UNKNOWN),
        ("Z0001", "2026-01-05", CodeStatus.UNKNOWN),
        ("g0439", "2026-01-05", CodeStatus.UNKNOWN),
        ("", "2026-01-05", CodeStatus.UNKNOWN),
    ],
)
def test_procedures_by_date_of_service(code: str, on: str, status: CodeStatus) -> None:
    assert procedure_status(code, date.fromisoformat(on)) is status


def test_the_hcpcs_list_is_the_published_one_and_holds_nothing_licensed(shared_data: Path) -> None:
    with (shared_data / "reference/hcpcs_level_2.csv").open(encoding="utf-8-sig", newline="") as file:
        theirs = {row["hcpcs"] for row in csv.DictReader(file) if len(row["hcpcs"]) == 5}
    ours = codes._hcpcs()
    assert theirs <= ours
    assert len(ours - theirs) < 60  # what came after 2022
    assert not any(code.startswith("D") or code[0].isdigit() for code in ours)


def test_no_table_holds_a_licensed_code() -> None:
    shape = re.compile(r"\b(?:[0-9]{4}[0-9TFUMA]|D[0-9]{4})\b")
    for name in ("demo_procedures.csv", "hcpcs_names.csv", "hcpcs.txt"):
        for line in (TABLES / name).read_text().splitlines():
            first = line.split(",")[0] if name.endswith(".csv") else line
            tokens = re.sub(r"-[0-9]{4}", "", first)  # the second end of a range
            assert not shape.search(tokens), (name, line)
    for row in codes.read_table("synthea_procedures.csv"):
        assert not shape.fullmatch(row["procedure"]), row


def test_demo_procedures_serve_every_demo_practice() -> None:
    demo = [found for found in procedures().values() if found.system == "DEMO"]
    assert len(demo) >= 80
    for found in demo:
        assert is_demo(found.code)
        assert procedure_status(found.code, date(2026, 1, 5)) is CodeStatus.VALID
        assert found.price_cents > 0
        assert found.minutes > 0
    for specialty in ("family", "orthopedics", "behavioral", "dermatology", "therapy", "pediatrics"):
        assert sum(specialty in found.specialties for found in demo) >= 10, specialty


def test_named_hcpcs_codes_are_on_the_list() -> None:
    named = [found for found in procedures().values() if found.system == "HCPCS"]
    assert len(named) >= 150
    for found in named:
        assert found.code in codes._hcpcs(), found
    assert procedure_name("G0439") == "Further yearly wellness visit"
    assert procedure_name("99999") == ""


def test_status_look_ups_are_cheap_enough_for_every_line() -> None:
    on = date(2026, 1, 5)
    diagnosis_status("I10", on)
    procedure_status("G0439", on)
    begun = time.perf_counter()
    for _ in range(20_000):
        diagnosis_status("I10", on)
        procedure_status("G0439", on)
    assert 40_000 / (time.perf_counter() - begun) > 200_000
