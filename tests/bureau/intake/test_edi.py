"""837P as a client's own system exports it: one row per service line, nothing of a broken set billed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bureau.desks.intake import fix_rows
from bureau.models import Claim, ClaimLine, Coverage, Encounter, Patient, Upload
from bureau.models.intake import RowState
from bureau.queries import intake as seen
from bureau.rules.intake.encounters import read_encounters
from bureau.rules.intake.layout import Reading
from bureau.rules.intake.readers import build_reader, detect_profile
from bureau.x12.claim837 import write_837
from bureau.x12.values import Envelope, Party
from bureau.x12.values837 import Claim as X12Claim
from bureau.x12.values837 import ClaimSet, ServiceLine
from config.identifiers import make_test_npi
from tests.bureau.intake.practice import CLIENT, NPI, PAYER, SECOND_NPI, TODAY, assert_adds_up, open_practice
from tests.support.samples import find_samples, sample_name

MOMENT = datetime(2026, 3, 10, 9, 30)
BILLING = Party(
    "HARBOR MEDICINE", id_kind="XX", id=make_test_npi(1), street="1 Main St", city="Salem", state="MA",
    zip="019700001", tax_id="000000001", contact="Desk", phone="6175550100",
)  # fmt: skip
PERSON = Party(
    "DOE", "JAMIE", is_person=True, id_kind="MI", id="M0001", street="4 Oak Road", city="Salem", state="MA",
    zip="01970", birth=date(1980, 5, 17), sex="F",
)  # fmt: skip
CHILD = replace(PERSON, first="ROBIN", id="", id_kind="", birth=date(2015, 2, 3), sex="M")


def line(number: int = 1, code: str = "XV113", cents: int = 15_000, **changes: object) -> ServiceLine:
    return replace(ServiceLine(number, code, cents, Decimal(1), date(2026, 3, 2), pointers=(1,)), **changes)


def claim(pcn: str = "A100", *lines: ServiceLine, **changes: object) -> X12Claim:
    held = list(lines or (line(),))
    return replace(
        X12Claim(
            pcn, sum(one.charge_cents for one in held), "11", "1", BILLING, PERSON,
            Party("NORTHLAKE", id_kind="PI", id=PAYER), filing_code="CI", diagnoses=("J029", "E119"), lines=held,
            rendering=Party("REED", "ALEX", is_person=True, id_kind="XX", id=NPI, taxonomy="207Q00000X"),
        ),
        **changes,
    )  # fmt: skip


def file_of(*sets: list[X12Claim]) -> str:
    held = [
        ClaimSet(f"{number:04d}", f"B{number}", MOMENT, Party("HARBOR", id_kind="46", id="HARBOR", contact="Desk",
                 phone="6175550100"), Party("BUREAU", id_kind="46", id="BUREAU"), claims)
        for number, claims in enumerate(sets, start=1)
    ]  # fmt: skip
    return write_837(Envelope("HARBOR", "BUREAU", 1, 1, MOMENT), held)


def read(text: str) -> Reading:
    return build_reader("837p", None, TODAY)("out.837", text.encode())


def test_a_service_line_becomes_a_row_at_its_segment() -> None:
    text = file_of([claim("A100", line(), line(2, "XV101", 9_000, modifiers=("25", "59"), pointers=(1, 2)))])
    first, second = read(text).rows
    segments = [segment.strip() for segment in text.split("~")]
    assert [segments[row.number - 1] for row in (first, second)] == ["LX*1", "LX*2"]
    wanted = {
        "encounter_id": "A100", "last_name": "DOE", "first_name": "JAMIE", "birth_date": "1980-05-17", "sex": "F",
        "payer_id": PAYER, "member_id": "M0001", "relationship": "18", "provider_npi": NPI, "place_of_service": "11",
        "service_date": "2026-03-02", "dx1": "J029", "dx2": "E119", "procedure": "XV101", "modifiers": "25 59",
        "units": "1", "charge": "90.00", "pointers": "1 2",
    }  # fmt: skip
    assert {name: second.values[name] for name in wanted} == wanted


def test_claims_of_a_file_are_taken_in() -> None:
    practice = open_practice()
    dependent = claim("A101", relationship="19", patient=CHILD, prior_auth="PA77", group_number="G9")
    later = claim("A102", line(), line(2, "XV101", 9_000, date_from=date(2026, 3, 4)), rendering=None)
    later.billing = replace(BILLING, id=SECOND_NPI)
    intake = practice.send(file_of([claim(), dependent], [later]).encode(), "out.837")
    assert intake.profile == "837p"
    assert intake.all_problems == []
    assert_adds_up(practice, intake)
    assert practice.rows(select(Encounter.external_id)) == [("A100",), ("A101",), ("A102",)]
    assert practice.rows(select(Claim.prior_auth, Claim.charge_cents)) == [("", 15_000), ("PA77", 15_000), ("", 24_000)]
    assert practice.rows(select(Patient.first, Patient.born_on)) == [
        ("JAMIE", date(1980, 5, 17)),
        ("ROBIN", date(2015, 2, 3)),
    ]
    subscriber = {"last": "DOE", "first": "JAMIE"}
    (own, theirs) = practice.rows(select(Coverage.relationship, Coverage.group_number, Coverage.subscriber))
    assert own == ("18", "", None)
    assert theirs[:2] == ("19", "G9")
    assert theirs[2].items() >= subscriber.items()
    days = practice.rows(select(ClaimLine.served_on).where(ClaimLine.code == "XV101"))
    assert days == [(date(2026, 3, 4),)]
    again = practice.send(file_of([claim(), dependent]).encode(), "again.837")
    assert again.count(RowState.DUPLICATE) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"frequency": "7", "payer_icn": "ICN1"}, "claim.frequency"),
        ({"payer_rank": "S"}, "claim.secondary"),
        ({"lines": [line(date_to=date(2026, 3, 5))]}, "service_date.range"),
        ({"lines": [line(unit="MJ", units=Decimal(30))]}, "units.unit"),
        ({"lines": [line(units=Decimal("1.5"))]}, "units.invalid"),
        ({"rendering": Party("X", "Y", is_person=True, id_kind="XX", id="1234567893")}, "provider_npi.unknown"),
        ({"payer": Party("ELSE", id_kind="PI", id="ELSE")}, "payer_id.unknown"),
    ],
)
def test_what_cannot_be_billed_as_it_stands_is_a_problem(change: dict[str, object], code: str) -> None:
    practice = open_practice()
    intake = practice.send(file_of([claim(**change)]).encode(), "out.837")
    assert [problem.code for problem in intake.all_problems] == [code]
    assert practice.count(Claim) == 0
    assert_adds_up(practice, intake)


def test_icd9_is_told_apart() -> None:
    text = file_of([claim()]).replace("ABK:", "BK:").replace("ABF:", "BF:")
    (row,) = read(text).rows
    assert row.problem is not None
    assert row.problem.code == "diagnosis.icd9"


def test_a_broken_set_holds_its_claims_and_no_others() -> None:
    practice = open_practice()
    text = file_of([claim("A1"), claim("A2", line(), line(2))], [claim("B1")], [claim("C1")])
    broken = text.replace("SE*", "SE*9", 1)
    intake = practice.send(broken.encode(), "out.837")
    assert [verdict.state for verdict in intake.verdicts.values()] == ["problem"] * 3 + ["accepted"] * 2
    assert "SE01" in intake.all_problems[0].text
    assert practice.rows(select(Encounter.external_id)) == [("B1",), ("C1",)]
    assert_adds_up(practice, intake)


def test_a_broken_claim_holds_itself_and_no_others() -> None:
    text = file_of([claim("A1"), claim("A2")]).replace("CLM*A1*150", "CLM*A1*151")
    first, second = read(text).rows
    assert first.problem is not None
    assert first.problem.code == "charge_sum"
    assert second.problem is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("IEA*1", "IEA*3", "IEA"),
        ("005010X222A1", "004010X098A1", "Version"),
        ("ST*837", "ST*835", "no 837 transaction set"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(old: str, new: str, says: str) -> None:
    reading = read(file_of([claim()]).replace(old, new))
    assert not reading.rows
    assert any(says in problem.text for problem in reading.problems)
    assert all(problem.where.startswith("out.837") for problem in reading.problems)


def test_a_file_that_stops_short_is_refused() -> None:
    text = file_of([claim()])
    assert read(text[: text.index("IEA")]).is_refused


def test_utf16_is_refused() -> None:
    reading = build_reader("837p", None, TODAY)("out.837", b"ISA*" + "ISA*00*".encode("utf-16-le") * 20)
    assert "UTF-16" in reading.problems[0].text


def test_what_is_not_carried_is_said() -> None:
    text = file_of([claim()]).replace("HI*", "NTE*ADD*KEEP*~HI*", 1).replace("SE*", "SE*", 1)
    count = text[text.index("ST*") : text.index("SE*")].count("~") + 1
    text = text.replace(text[text.index("SE*") : text.index("GE*")], f"SE*{count}*0001~")
    (row,) = read(text).rows
    assert "NTE" in row.values["source_note"]


def test_one_number_on_several_claims_never_runs_them_together() -> None:
    practice = open_practice()
    other = claim("A100", line(date_from=date(2026, 3, 3)))
    intake = practice.send(file_of([claim(), other, claim()], [claim()]).encode(), "out.837")
    assert [verdict.state for verdict in intake.verdicts.values()] == ["accepted", "problem", "duplicate", "duplicate"]
    assert [problem.code for problem in intake.all_problems] == ["claim.number"]
    assert " segment " in intake.all_problems[0].where
    assert practice.rows(select(Encounter.external_id, Encounter.served_on)) == [("A100", date(2026, 3, 2))]
    with practice.office() as office:
        (row,) = seen.find_rows(office, CLIENT, intake.upload_id, state=RowState.PROBLEM)
        fix_rows(office, office.get(Upload, CLIENT, intake.upload_id), {row.id: {"encounter_id": "A100-B"}})
    assert practice.count(Claim) == 2
    assert_adds_up(practice, intake)


@pytest.mark.parametrize("path", find_samples("x12/**/*"), ids=sample_name)
def test_every_sample_of_others_is_read_or_refused_and_counted(path: Path) -> None:
    data = path.read_bytes()
    reading = build_reader(detect_profile(path.name, data), None, TODAY)(path.name, data)
    claims = len(re.findall(rb"[~\n]\s*CLM\*", data)) if b"*837*" in data and b"005010X222" in data else 0
    assert reading.rows or reading.is_refused
    drafts, repeats = read_encounters(reading.rows)
    repeated = {row.identity.partition(" ")[0] for row in repeats}
    assert len(drafts) + len(repeated) == (claims if reading.rows else 0)
    assert len({(row.file, row.number) for row in reading.rows}) == len(reading.rows)
