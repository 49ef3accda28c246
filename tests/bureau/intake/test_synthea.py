"""The Synthea claims export: the one of others end to end, and small ones with every flaw."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bureau.models import Claim, ClaimLine, Coverage, Encounter, Filing, Patient
from bureau.models.intake import RowState
from bureau.rules.intake.archives import pack_folder
from bureau.rules.intake.encounters import read_encounters
from bureau.rules.intake.layout import Reading
from bureau.rules.intake.readers import build_reader
from clients.models import Payer, Provider
from config.identifiers import mbi_ok, npi_ok
from tests.bureau.intake.practice import Practice, assert_adds_up, open_practice

TODAY = date(2026, 3, 18)


@pytest.fixture(scope="module")
def export(shared_data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (shared_data / "synthea_csv_claims").glob("*.csv")}


@pytest.fixture(scope="module")
def taken(export: dict[str, bytes]) -> tuple[Practice, object]:
    practice = open_practice(now=datetime(2026, 3, 18, 15, tzinfo=UTC))
    return practice, practice.send(pack_folder(export), "synthea_csv_claims.zip", "synthea")


def rows_in(export: dict[str, bytes]) -> int:
    return sum(len(list(csv.reader(io.StringIO(text.decode())))) - 1 for text in export.values())


def test_every_row_and_every_claim_of_the_export_is_accounted_for(export, taken) -> None:
    practice, intake = taken
    accepted, problems = intake.count(RowState.ACCEPTED), intake.count(RowState.PROBLEM)
    duplicates = intake.count(RowState.DUPLICATE)
    assert intake.rows == rows_in(export) == 9_870
    assert intake.reference_rows + accepted + problems + duplicates == intake.rows
    assert (accepted, problems, duplicates) == (1_545, 0, 0)
    assert practice.count(Claim) == practice.count(Filing) == 1_267
    assert_adds_up(practice, intake)


def test_the_charges_are_those_of_the_export_to_the_cent(export, taken) -> None:
    practice, _ = taken
    rows = csv.DictReader(io.StringIO(export["claims_transactions.csv"].decode()))
    cents = sum(round(float(row["AMOUNT"]) * 100) for row in rows if row["TYPE"] == "CHARGE")
    assert sum(charge for (charge,) in practice.rows(select(Claim.charge_cents))) == cents


def test_dates_lie_in_the_weeks_before_today_and_no_two_days_of_a_patient_became_one(export, taken) -> None:
    practice, _ = taken
    rows = practice.rows(select(Encounter.patient_id, Encounter.served_on, Encounter.source))
    window = (TODAY - timedelta(weeks=12), TODAY - timedelta(days=1))
    assert all(window[0] <= served <= window[1] for _, served, _ in rows)
    pairs = {(patient, served, source["reported_date"]) for patient, served, source in rows}
    for side in (1, 2):
        assert len({(pair[0], pair[side]) for pair in pairs}) == len(pairs)
    lines = practice.rows(select(ClaimLine.served_on))
    assert max(served for (served,) in lines) < TODAY
    born = practice.rows(
        select(Patient.born_on, Encounter.served_on).join(Encounter, Encounter.patient_id == Patient.id)
    )
    assert all(birth <= served for birth, served in born)


def test_no_two_claims_were_made_equal(export) -> None:
    """Only what the export itself says twice on one day stands twice on one day."""

    def repeats(profile: str) -> int:
        reading = build_reader(profile, None, TODAY)("x.zip", pack_folder(export))
        drafts, _ = read_encounters(reading.rows)
        said = Counter(
            (draft.values["patient_id"], draft.served_on, *sorted(line.code + line.modifiers for line in draft.lines))
            for draft in drafts
        )
        return sum(count - 1 for count in said.values())

    rows = csv.DictReader(io.StringIO(export["claims_transactions.csv"].decode()))
    services: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if row["TYPE"] == "CHARGE":
            services.setdefault((row["PATIENTID"], row["CLAIMID"]), []).append(row["PROCEDURECODE"])
    days = {row["Id"]: row["SERVICEDATE"][:10] for row in csv.DictReader(io.StringIO(export["claims.csv"].decode()))}
    truly = Counter((patient, days[claim], *sorted(codes)) for (patient, claim), codes in services.items())
    assert repeats("synthea") == repeats("synthea-dated") == sum(count - 1 for count in truly.values()) == 7


def test_people_and_places_are_brought_into_our_form(taken) -> None:
    practice, intake = taken
    patients = practice.rows(select(Patient.last, Patient.first, Patient.region, Patient.sex))
    assert len(patients) == 27
    assert not any(ch.isdigit() for last, first, *_ in patients for ch in last + first)
    assert {region for *_, region, _ in patients} == {"MA"}
    assert {sex for *_, sex in patients} == {"M", "F"}
    providers = practice.rows(select(Provider.npi, Provider.external_id, Provider.last))
    added = [row for row in providers if row[1]]
    assert len(added) == len({npi for npi, *_ in added}) == len(intake.providers) == 51
    assert all(npi_ok(npi, test_ids=True) for npi, *_ in added)
    medicare = practice.rows(
        select(Coverage.member_id).join(Payer, Payer.id == Coverage.payer_id).where(Payer.kind == "medicare")
    )
    assert medicare
    assert all(mbi_ok(member, test_ids=True) for (member,) in medicare)
    assert sum(payer is None for (payer,) in practice.rows(select(Filing.payer_id))) == 216


def test_what_has_no_map_waits_for_a_coder_with_its_wording(taken) -> None:
    practice, _ = taken
    bare = practice.rows(
        select(Encounter.source).join(Claim, Claim.encounter_id == Encounter.id).where(Claim.diagnoses == "")
    )
    assert 0 < len(bare) < 127  # fewer than a tenth of the claims
    assert all("SNOMED " in source["note"] for (source,) in bare)
    assert practice.count(ClaimLine, ClaimLine.coded_by == "profile") > 1_500
    uncoded = practice.count(ClaimLine, ClaimLine.code == "")
    assert uncoded == practice.count(ClaimLine, ClaimLine.wanted != "")


def test_the_same_folder_is_refused_and_a_touched_one_only_repeats(export, taken) -> None:
    practice, _ = taken
    again = practice.send(pack_folder(export), "again.zip", "synthea")
    assert [problem.code for problem in again.problems] == ["file.duplicate"]
    practice.bureau.clock.advance(timedelta(days=20))  # the dates would be moved elsewhere by now
    touched = {**export, "organizations.csv": export["organizations.csv"].replace(b"STURDY", b"HARDY")}
    later = practice.send(pack_folder(touched), "touched.zip", "synthea")
    assert (later.count(RowState.DUPLICATE), later.drafts, later.accepted) == (1_545, [], 8_325)
    assert practice.count(Claim) == 1_267


def test_the_dated_profile_keeps_the_dates(export) -> None:
    reading = build_reader("synthea-dated", None, TODAY)("x.zip", pack_folder(export))
    days = {row.values["service_date"] for row in reading.rows}
    assert (min(days), max(days)) == ("1968-01-21", "2024-02-02")
    assert not any("reported_date" in row.values for row in reading.rows)


PATIENT = {
    "Id": "p1", "BIRTHDATE": "1980-05-17", "FIRST": "Ana12", "LAST": "Núñez900", "GENDER": "F",
    "ADDRESS": "1 Elm", "CITY": "Salem", "STATE": "Massachusetts", "ZIP": "",
}  # fmt: skip
CLAIM = {
    "Id": "c1", "PATIENTID": "p1", "PROVIDERID": "d1", "PRIMARYPATIENTINSURANCEID": "i1",
    "SECONDARYPATIENTINSURANCEID": "0", "APPOINTMENTID": "e1", "SERVICEDATE": "2019-05-06T10:00:00Z",
    "DIAGNOSIS1": "195662009", "DIAGNOSIS2": "", "DIAGNOSIS3": "",
}  # fmt: skip
CHARGE = {
    "ID": "t1", "CLAIMID": "c1", "PATIENTID": "p1", "TYPE": "CHARGE", "AMOUNT": "77.49",
    "FROMDATE": "2019-05-06T10:00:00Z", "PROCEDURECODE": "185345009", "MODIFIER1": "", "MODIFIER2": "",
    "DIAGNOSISREF1": "1", "DIAGNOSISREF2": "", "UNITS": "1", "NOTES": "Encounter for symptom",
}  # fmt: skip
UNKNOWN = "999000999"


def table(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def small(claims=(CLAIM,), charges=(CHARGE,), files=None, **more: bytes) -> Reading:
    found = {
        "patients.csv": table(PATIENT),
        "payers.csv": table({"Id": "i1", "NAME": "Aetna"}, {"Id": "i2", "NAME": "Medicaid"}),
        "providers.csv": table({"Id": "d1", "NAME": "Vic3 de4 Noriega353", "SPECIALITY": "PSYCHIATRY"}),
        "claims.csv": table(*claims),
        "claims_transactions.csv": table(*charges),
        **{f"{name}.csv": content for name, content in (more | (files or {})).items()},
    }
    return build_reader("synthea-dated", None, TODAY)("x.zip", pack_folder(found))


def test_a_charge_becomes_a_row_of_our_layout() -> None:
    reading = small(encounters=table({"Id": "e1", "ENCOUNTERCLASS": "urgentcare"}))
    (row,) = reading.rows
    assert (row.file, row.number, row.identity, row.problem) == ("claims_transactions.csv", 2, "t1", None)
    wanted = {
        "encounter_id": "c1", "patient_id": "p1", "last_name": "Núñez", "first_name": "Ana", "state": "MA", "zip": "",
        "payer_id": "SIM13", "place_of_service": "20", "service_date": "2019-05-06", "dx1": "J029",
        "procedure": "XV113", "charge": "77.49", "pointers": "1", "note": "SNOMED 185345009 Encounter for symptom",
    }  # fmt: skip
    assert {name: row.values[name] for name in wanted} == wanted
    (provider,) = reading.providers
    assert (provider.first, provider.last, provider.taxonomy) == ("Vic de", "Noriega", "2084P0800X")
    assert provider.npi == row.values["provider_npi"]
    assert reading.reference_rows == 6


@pytest.mark.parametrize(
    ("day", "member"), [("2018-06-01", "A1"), ("2019-05-06", "B2"), ("2016-01-01", "B2"), ("2025-01-01", "B2")]
)
def test_the_member_id_is_the_one_of_the_day(day: str, member: str) -> None:
    held = [
        {"PATIENT": "p1", "MEMBERID": "b-2", "START_YEAR": "2019-01-01T00:00:00Z", "END_YEAR": "", "PAYER": "i1"},
        {"PATIENT": "p1", "MEMBERID": "a-1", "START_YEAR": "2018", "END_YEAR": "2019", "PAYER": "i1"},
        {"PATIENT": "p1", "MEMBERID": "c-3", "START_YEAR": "2018", "END_YEAR": "2019", "PAYER": "i2"},
    ]
    reading = small(claims=[{**CLAIM, "SERVICEDATE": day}], payer_transitions=table(*held))
    assert reading.rows[0].values["member_id"] == member


def test_without_a_membership_the_member_id_is_made_and_stays() -> None:
    first, second = (small().rows[0].values["member_id"] for _ in range(2))
    assert first == second != ""


@pytest.mark.parametrize(("insurance", "payer"), [("0", "SELF"), ("", "SELF"), ("i2", "SIM40"), ("i9", "i9")])
def test_payers_are_found_by_name(insurance: str, payer: str) -> None:
    reading = small(claims=[{**CLAIM, "PRIMARYPATIENTINSURANCEID": insurance}])
    assert reading.rows[0].values["payer_id"] == payer


def test_pointers_follow_the_diagnoses_that_have_a_map() -> None:
    claim = {**CLAIM, "DIAGNOSIS1": UNKNOWN, "DIAGNOSIS2": "195662009", "DIAGNOSIS3": "444814009"}
    charges = [
        {**CHARGE, "DIAGNOSISREF1": "3", "DIAGNOSISREF2": "1"},
        {**CHARGE, "ID": "t2", "DIAGNOSISREF1": "1", "DIAGNOSISREF2": "9"},
    ]
    conditions = table({"CODE": UNKNOWN, "DESCRIPTION": "Something rare"})
    first, second = small(claims=[claim], charges=charges, conditions=conditions).rows
    assert (first.values["dx1"], first.values["pointers"], second.values["pointers"]) == ("J029", "2", "1")
    assert first.values["source_note"] == f"SNOMED {UNKNOWN} Something rare"


def test_what_cannot_be_mapped_keeps_system_code_and_wording() -> None:
    claim, charge = {**CLAIM, "DIAGNOSIS1": UNKNOWN}, {**CHARGE, "PROCEDURECODE": UNKNOWN, "NOTES": "Odd pill"}
    (row,) = small(claims=[claim], charges=[charge], medications=table({"CODE": UNKNOWN, "DESCRIPTION": "Pill"})).rows
    assert row.values["procedure"] == ""
    assert row.values["note"] == f"RxNorm {UNKNOWN} Odd pill"
    assert "dx1" not in row.values
    assert UNKNOWN in row.values["source_note"]


def test_different_services_of_one_day_with_one_code_are_kept_apart() -> None:
    """Two kinds of office visit have one code; what the export says twice stays a repeat."""
    terms = ("185345009", "185347001", "185345009")
    claims = [{**CLAIM, "Id": f"c{at}"} for at in range(3)]
    charges = [{**CHARGE, "ID": f"t{at}", "CLAIMID": f"c{at}", "PROCEDURECODE": term} for at, term in enumerate(terms)]
    rows = small(claims, charges).rows
    assert [(row.values["procedure"], row.values["modifiers"]) for row in rows] == [
        ("XV113", ""),
        ("XV113", "XU"),
        ("XV113", ""),
    ]


def test_a_second_payer_is_noted() -> None:
    (row,) = small(claims=[{**CLAIM, "SECONDARYPATIENTINSURANCEID": "i2"}]).rows
    assert row.values["source_note"] == "secondary payer SIM40"


@pytest.mark.parametrize(
    ("claims", "charges", "where", "code"),
    [
        ([CLAIM], [{**CHARGE, "TYPE": "PAYMENT"}], "claims.csv row 2", "claim.no_charge"),
        ([CLAIM], [{**CHARGE, "CLAIMID": "c9"}, CHARGE], "claims_transactions.csv row 2", "claim.unknown"),
        ([CLAIM], [CHARGE, {**CHARGE, "TYPE": "MAGIC"}], "claims_transactions.csv row 3", "transaction.unknown"),
        ([CLAIM], [CHARGE, {**CHARGE, "TYPE": ""}], "claims_transactions.csv row 3", "transaction.unknown"),
        ([CLAIM, CLAIM], [CHARGE], "claims.csv row 3", "claim.twice"),
        ([{**CLAIM, "PATIENTID": "p9"}], [CHARGE], "claims_transactions.csv row 2", "patient_id.unknown"),
        ([{**CLAIM, "PROVIDERID": "d9"}], [CHARGE], "claims_transactions.csv row 2", "provider_npi.unknown"),
    ],
)
def test_a_row_that_fits_nowhere_is_a_problem_and_never_lost(claims, charges, where: str, code: str) -> None:
    reading = small(claims=claims, charges=charges)
    assert (where, code) in [(row.problem.where, row.problem.code) for row in reading.rows if row.problem]
    assert len(reading.rows) + reading.reference_rows == 1 + 2 + 1 + len(claims) + len(charges)


@pytest.mark.parametrize(
    ("files", "code", "says"),
    [
        ({"claims": b"Id\n1\n"}, "file.columns", "lacks PATIENTID"),
        ({"patients": b"\xff\xfe"}, "file.csv", "UTF-8"),
        ({"conditions": b"CODE\n1\x002\n"}, "file.csv", "UTF-8"),
        ({"claims": b""}, "file.columns", "lacks Id"),
    ],
)
def test_an_export_that_cannot_be_read_is_refused(files: dict[str, bytes], code: str, says: str) -> None:
    reading = small(files=files)
    assert not reading.rows
    assert (reading.problems[0].code, says in reading.problems[0].text) == (code, True)
