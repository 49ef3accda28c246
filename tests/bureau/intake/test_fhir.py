"""FHIR R4 bundles: those of others of two vintages end to end, and small ones with every flaw."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bureau.models import Claim, ClaimLine, Encounter, Patient, Upload
from bureau.models.intake import RowState
from bureau.rules.intake.archives import pack_folder
from bureau.rules.intake.fhir import read_fhir
from bureau.rules.intake.fhir_bundle import Shelf, read_bundle
from bureau.rules.intake.layout import Reading
from clients.models import Provider
from config.identifiers import make_test_npi, npi_ok
from tests.bureau.intake.practice import NPI, PAYER, TODAY, Practice, assert_adds_up, open_practice
from tests.support.effort import tries

VINTAGES = ("fhir_r4_2019", "fhir_r4_2024")
ACCEPTED, PROBLEM, DUPLICATE = RowState.ACCEPTED, RowState.PROBLEM, RowState.DUPLICATE


def bundles(shared_data: Path, vintage: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((shared_data / vintage).glob("*.json"))}


def resources(files: dict[str, bytes]) -> Counter[str]:
    return Counter(entry["resource"]["resourceType"] for data in files.values() for entry in json.loads(data)["entry"])


@pytest.fixture(scope="module", params=VINTAGES)
def taken(request, shared_data: Path) -> tuple[Practice, dict[str, bytes], Any]:
    practice = open_practice()
    files = bundles(shared_data, request.param)
    return practice, files, practice.send(pack_folder(files), f"{request.param}.zip")


def test_every_resource_and_every_claim_is_accounted_for(taken) -> None:
    practice, files, intake = taken
    held = resources(files)
    assert intake.profile == "folder"
    assert intake.kinds == dict(sorted(held.items()))
    assert intake.reference_rows == held.total() - held["Claim"]
    rows = intake.verdicts.values()
    assert {verdict.row.values["encounter_id"] for verdict in rows} == {
        entry["resource"]["id"]
        for data in files.values()
        for entry in json.loads(data)["entry"]
        if entry["resource"]["resourceType"] == "Claim"
    }
    ends = {verdict.row.values["encounter_id"]: verdict.state for verdict in rows}
    count = Counter(ends.values())
    assert (count[ACCEPTED], count[PROBLEM]) == {173: (173, 0), 62: (56, 6)}[len(ends)]
    assert practice.count(Claim) == count[ACCEPTED]
    assert practice.rows(select(Upload.kinds)) == [(intake.kinds,)]
    assert_adds_up(practice, intake)


def test_a_claim_charges_its_total_to_the_cent(taken) -> None:
    practice, files, _ = taken
    charged = dict(
        practice.rows(select(Encounter.external_id, Claim.charge_cents).join(Claim, Claim.encounter_id == Encounter.id))
    )
    for data in files.values():
        for entry in json.loads(data)["entry"]:
            claim = entry["resource"]
            if claim["id"] in charged and claim["resourceType"] == "Claim":
                assert charged[claim["id"]] == round(claim["total"]["value"] * 100)


def test_people_are_brought_into_our_form_and_days_before_today(taken) -> None:
    practice, _, _ = taken
    names = practice.rows(select(Patient.last, Patient.first, Patient.sex, Patient.region))
    assert names
    assert not any(ch.isdigit() for last, first, *_ in names for ch in last + first)
    assert {sex for *_, sex, _ in names} <= {"M", "F"}
    providers = practice.rows(select(Provider.npi, Provider.last))
    assert all(npi_ok(npi, test_ids=True) and not any(ch.isdigit() for ch in last) for npi, last in providers)
    served = practice.rows(select(Encounter.served_on, Encounter.source))
    assert all((TODAY - day).days in range(1, 85) and source["reported_date"] for day, source in served)


def test_what_a_pharmacy_claims_and_what_has_no_map_waits_for_a_coder(taken) -> None:
    practice, files, _ = taken
    wanted = [wanted for code, wanted in practice.rows(select(ClaimLine.code, ClaimLine.wanted)) if not code]
    drugs = [text for text in wanted if text.startswith("pharmacy claim: RxNorm ")]
    kinds = Counter(
        entry["resource"]["type"]["coding"][0]["code"]
        for data in files.values()
        for entry in json.loads(data)["entry"]
        if entry["resource"]["resourceType"] == "Claim"
    )
    assert len(drugs) == kinds["pharmacy"]
    assert all(text.startswith(("pharmacy", "SNOMED", "LOINC", "CVX")) for text in wanted)


def test_the_same_bundles_again_one_by_one_add_nothing(taken) -> None:
    practice, files, _ = taken
    before = practice.count(Claim), practice.count(ClaimLine), practice.count(Provider), practice.count(Patient)
    for name, data in files.items():
        again = practice.send(data, name)
        assert again.count(ACCEPTED) == 0
        assert {problem.code for problem in again.all_problems} <= {
            "claim.total", "claim.institutional", "charge.no_price", "encounter.held",
        }  # fmt: skip
    after = practice.count(Claim), practice.count(ClaimLine), practice.count(Provider), practice.count(Patient)
    assert after == before


def test_a_claim_with_another_body_is_a_problem_that_names_it(taken) -> None:
    practice, files, _ = taken
    before = practice.count(Claim)
    name, data = next((name, data) for name, data in files.items() if b'"Claim"' in data)
    bundle = json.loads(data)
    known = {row[0] for row in practice.rows(select(Encounter.external_id))}
    claim = next(entry["resource"] for entry in bundle["entry"] if entry["resource"].get("id") in known)
    claim["total"]["value"] += 1
    again = practice.send(json.dumps(bundle).encode(), name)
    changed = [problem for problem in again.all_problems if problem.code == "encounter.changed"]
    assert [problem.where.split(" item")[0] for problem in changed] == [f"{name} Claim/{claim['id']}"]
    assert "received before" in changed[0].text
    assert practice.count(Claim) == before


def test_reference_bundles_lend_their_practitioners_to_bundles_that_come_later(shared_data: Path) -> None:
    practice = open_practice()
    files = bundles(shared_data, "fhir_r4_2024")
    people = next(name for name in files if name.startswith("practitioner"))
    first = practice.send(files.pop(people), people)
    assert (first.rows, first.accepted, len(first.drafts)) == (94, 94, 0)
    known = practice.rows(select(Provider.npi, Provider.taxonomy))
    for name, data in files.items():
        later = practice.send(data, name)
        assert not later.providers
    assert practice.rows(select(Provider.npi, Provider.taxonomy)) == known
    assert practice.count(Claim) == 56


def test_a_patient_bundle_alone_names_its_practitioners_too(shared_data: Path) -> None:
    practice = open_practice()
    path = next((shared_data / "fhir_r4_2024").glob("Temika*.json"))
    intake = practice.send(path.read_bytes(), path.name)
    assert len(intake.drafts) == practice.count(Claim) == 28
    assert {draft.npi for draft in intake.providers} >= {draft.values["provider_npi"] for draft in intake.drafts}
    assert all(draft.last and not draft.last.startswith("Dr.") for draft in intake.providers)


# -- small bundles of made-up people ------------------------------------------------------------------------

SNOMED, ICD10, HCPCS = (
    "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
)  # fmt: skip


def concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


PATIENT = {
    "resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-05-17",
    "name": [{"use": "official", "family": "Doe", "given": ["Jamie", "Q"]}],
    "identifier": [{"type": concept("", "MR"), "value": "MRN1"}],
    "address": [{"line": ["4 Oak Road"], "city": "Salem", "state": "Massachusetts", "postalCode": "01970"}],
}  # fmt: skip
PRACTITIONER = {
    "resourceType": "Practitioner", "id": "d1", "name": [{"family": "Reed", "given": ["Alex"]}],
    "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": NPI}],
}  # fmt: skip
COVERAGE = {
    "resourceType": "Coverage", "id": "c1", "subscriberId": "M0001", "relationship": concept("", "child"),
    "payor": [{"reference": "Organization/o1"}], "class": [{"type": concept("", "group"), "value": "G77"}],
}  # fmt: skip
PAYOR = {"resourceType": "Organization", "id": "o1", "name": "Northlake", "identifier": [{"value": PAYER}]}
VISIT = {"resourceType": "Encounter", "id": "e1", "class": {"code": "EMER"}, "reasonCode": [concept(ICD10, "R50.9")]}
CLAIM = {
    "resourceType": "Claim", "id": "k1", "status": "active", "use": "claim", "type": concept("", "professional"),
    "patient": {"reference": "Patient/p1"}, "provider": {"reference": "https://ehr.example/fhir/Practitioner/d1"},
    "billablePeriod": {"start": "2026-03-02T10:00:00-05:00"},
    "insurance": [{"focal": True, "coverage": {"reference": "Coverage/c1"}, "preAuthRef": ["AUTH9"]}],
    "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": concept(ICD10, "J02.9")},
                  {"sequence": 2, "diagnosisCodeableConcept": concept(SNOMED, "1", "Something new")}],
    "item": [{
        "sequence": 1, "productOrService": concept(HCPCS, "XV113", "Visit"), "modifier": [concept("", "25")],
        "quantity": {"value": 2}, "net": {"value": 150.0}, "diagnosisSequence": [1],
        "encounter": [{"reference": "Encounter/e1"}],
    }],
    "total": {"value": 150.0},
}  # fmt: skip


def bundle(*changed: dict[str, Any], without: str = "", **claim: Any) -> bytes:
    parts = [PATIENT, PRACTITIONER, COVERAGE, PAYOR, VISIT, {**deepcopy(CLAIM), **claim}, *changed]
    kept = [part for part in parts if part["resourceType"] != without]
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in kept]}
    ).encode()


def read(data: bytes) -> Reading:
    return read_fhir({"x.json": data}, TODAY)


def test_a_real_record_becomes_rows_with_all_it_says_and_keeps_its_days() -> None:
    (row,) = read(bundle()).rows
    assert row.where("charge") == "x.json Claim/k1 item 1 column charge"
    assert {name: value for name, value in row.values.items() if value} == {
        "encounter_id": "k1", "patient_id": "MRN1", "last_name": "Doe", "first_name": "Jamie", "sex": "F",
        "birth_date": "1980-05-17", "street": "4 Oak Road", "city": "Salem", "state": "MA", "zip": "01970",
        "payer_id": PAYER, "member_id": "M0001", "group_number": "G77", "relationship": "19", "prior_auth": "AUTH9",
        "provider_npi": NPI, "place_of_service": "23", "service_date": "2026-03-02", "dx1": "J029", "dx2": "R509",
        "source_note": "SNOMED 1 Something new", "procedure": "XV113", "modifiers": "25", "units": "2",
        "charge": "150.00", "pointers": "1", "note": "XV113 Visit", "coded_by": "client",
    }  # fmt: skip


def test_a_single_claim_with_all_inside_is_enough() -> None:
    inside = {**CLAIM, "contained": [PATIENT, PRACTITIONER, COVERAGE, PAYOR]}
    text = json.dumps(inside)
    for kind in ("Patient", "Coverage", "Organization", "https://ehr.example/fhir/Practitioner"):
        text = text.replace(f'"{kind}/', '"#')
    (row,) = read(text.encode()).rows
    assert (row.values["patient_id"], row.values["provider_npi"], row.values["member_id"]) == ("MRN1", NPI, "M0001")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bundle(status="cancelled"), "claim.status"),
        (bundle(use="preauthorization"), "claim.status"),
        (bundle(related=[{"claim": {"reference": "Claim/k0"}}]), "claim.frequency"),
        (bundle(without="Patient"), "patient_id.unknown"),
        (bundle(id="", identifier=[]), "encounter_id.missing"),
        (bundle(item=[]), "claim.no_item"),
        (bundle(total={"value": 149.0}), "claim.total"),
        (bundle(total={"value": 151.0}), "claim.total"),
        (bundle(total={"value": "a lot"}), "money.unreadable"),
        (bundle({**VISIT, "id": "e2", "class": {"code": "IMP"}}, type=concept("", "institutional"),
                item=[{**CLAIM["item"][0], "encounter": [{"reference": "Encounter/e2"}]}]), "claim.institutional"),
    ],
)  # fmt: skip
def test_what_cannot_be_billed_is_a_problem_that_names_the_claim(data: bytes, code: str) -> None:
    reading = read(data)
    (problem,) = [row.problem for row in reading.rows if row.problem]
    assert problem.code == code
    assert problem.where.startswith("x.json Claim/")


def test_an_item_without_an_amount_has_what_the_total_leaves() -> None:
    bare = {"sequence": 2, "productOrService": concept(HCPCS, "XV101")}
    reading = read(bundle(item=[CLAIM["item"][0], bare], total={"value": 212.5}))
    assert [row.values["charge"] for row in reading.rows] == ["150.00", "62.50"]


def test_a_claim_twice_is_a_repeat_and_one_under_its_id_a_problem() -> None:
    same = read(bundle(CLAIM))
    assert same.rows[0].identity == same.rows[1].identity
    other = read(bundle({**CLAIM, "total": {"value": 150.0}, "billablePeriod": {"start": "2026-03-03"}}))
    assert [row.problem.code if row.problem else "" for row in other.rows] == ["", "claim.number"]
    assert len({row.values["encounter_id"] for row in other.rows}) == 2


def test_only_numbers_that_cannot_be_real_make_providers() -> None:
    short = {**PRACTITIONER, "id": "d2", "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "270"}]}
    real = {
        **PRACTITIONER,
        "id": "d3",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
    }
    assert [draft.npi for draft in read(bundle(short, real)).providers] == [NPI, make_test_npi(20_270)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*CLAIM, *PATIENT, "coding"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=tries(50), deadline=None)
@given(st.sampled_from([*CLAIM, *PATIENT]), JSON)
def test_no_shape_breaks_the_reader(name: str, value: Any) -> None:
    for data in (bundle(**{name: value, "resourceType": "Claim"}), bundle({**PATIENT, name: value})):
        reading = read(data)
        assert reading.problems or len(reading.rows) >= 1


@settings(max_examples=tries(50), deadline=None)
@given(st.data())
def test_no_shape_deep_inside_breaks_the_reader(data: st.DataObject) -> None:
    whole = json.loads(bundle())
    node: Any = whole["entry"][data.draw(st.integers(0, 5))]["resource"]
    for _ in range(data.draw(st.integers(0, 5))):
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key]:
            break
        node = node[key]
    else:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
    node[key] = data.draw(JSON)
    reading = read(json.dumps(whole).encode())
    assert reading.rows or reading.reference_rows or [each.code for each in reading.problems] == ["file.binary"]


@settings(max_examples=tries(40), deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_bytes_break_the_reader(noise: bytes, at: int) -> None:
    data = bundle()
    read_bundle(Shelf(), "x", data[:at] + noise + data[at + len(noise) :])
