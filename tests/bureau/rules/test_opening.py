"""Rows of a former biller's list: what is read, what adds up, what repeats, and what an answer takes off a claim."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from bureau.rules.intake.encounters import read_encounters
from bureau.rules.intake.layout import SheetRow
from bureau.rules.intake.old_visits import OldVisit, find_old_visit
from bureau.rules.opening import OldPayment, OpeningReading, part_known, plan_old_payment, read_opening
from bureau.x12.values import Adjustment
from bureau.x12.values835 import PaidClaim, PaidLine

TODAY = date(2026, 3, 18)
PAYERS = {"sim10": 7, "northlake mutual": 7}
HEAD = "claim_number,patient_id,last_name,first_name,birth_date,payer_id,service_date,charge,paid,adjusted,payer_open,patient_open,last_activity,status,carc"  # noqa: E501
GOOD = "a-17,P1,Doe,Jamie,1980-05-17,SIM10,2025-11-03,150.00,20.00,10.00,95.00,25.00,2026-01-09,denied,CO-16"


def read(*lines: str, head: str = HEAD) -> OpeningReading:
    return read_opening("old.csv", list(csv.reader(io.StringIO("\n".join((head, *lines))))), PAYERS, TODAY)


def test_a_row_is_read_whole():
    (one,) = read(GOOD).claims
    assert (one.number, one.payer_id, one.served_on, one.carc) == ("A-17", 7, date(2025, 11, 3), "16")
    cents = (one.charge_cents, one.paid_cents, one.adjusted_cents, one.payer_cents, one.patient_cents)
    assert cents == (15_000, 2_000, 1_000, 9_500, 2_500)


def test_columns_go_by_the_names_old_systems_give_them():
    head = "Account Number,MRN,Patient Last Name,DOS,Insurance,Total Charge,Insurance Balance,Patient Balance"
    (one,) = read("b1,P1,Doe,11/03/2025,Northlake Mutual,150,150.00,0", head=head).claims
    assert (one.number, one.patient_number, one.served_on, one.payer_cents) == ("B1", "P1", date(2025, 11, 3), 15_000)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("20.00", "20.01", "opening.sum"),
        ("95.00,25.00", "95.00,0", "opening.sum"),
        ("20.00,10.00,95.00,25.00", "140.00,10.00,0,0", "opening.nothing_open"),
        ("150.00", "", "money.empty"),
        ("150.00", "lots", "money.unreadable"),
        ("150.00,20.00", "-150.00,-280.00", "opening.amount"),
        ("SIM10", "SIM99", "opening.payer"),
        ("SIM10", "", "opening.payer"),
        ("2025-11-03", "", "opening.date"),
        ("2025-11-03", "2025-11-31", "opening.date"),
        ("2025-11-03", "2026-03-19", "opening.future"),
        ("P1,Doe,Jamie,1980-05-17", ",Doe,Jamie,", "opening.patient"),
        ("a-17,", ",", "opening.empty"),
        ("CO-16", "CO-9999", "opening.carc"),
        ("denied", "x" * 101, "opening.text"),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, code: str):
    reading = read(GOOD.replace(old, new))
    assert (len(reading.claims), [one.code for one in reading.bad[0].problems]) == (0, [code])
    assert reading.rows == 1


def test_a_sheet_without_what_cannot_be_missing_is_refused():
    assert "charge" in read("A1,Doe", head="claim_number,last_name").problems[0].text
    assert read().problems[0].code == "file.no_rows"
    assert read_opening("old.csv", [], PAYERS, TODAY).problems[0].code == "file.columns"


def test_a_repeat_is_a_duplicate_and_a_contradiction_is_a_problem():
    other = GOOD.replace("a-17", "B-2")
    reading = read(GOOD, other, GOOD, GOOD.replace("denied", "open"))
    part_known("old.csv", reading, {"B-2": reading.claims[1].fingerprint})
    assert [one.row_no for one in reading.claims] == [2]
    assert (reading.duplicates, [one.row_no for one in reading.bad], reading.rows) == (2, [5], 4)
    changed = read(GOOD)
    part_known("old.csv", changed, {"A-17": "something else"})
    assert [one.problems[0].code for one in changed.bad] == ["opening.number_twice"]


DAY = date(2026, 3, 2)
OLD = OldVisit("A-17", 2, "old.csv", "P1", "Doe", "Jamie", date(1980, 5, 17), "SIM10", 15_000)
VISIT = {
    "patient_id": "P1", "last_name": "DOE", "first_name": "Jamie", "birth_date": "1980-05-17", "payer_id": "SIM10",
    "service_date": "2026-03-02", "charge": "150.00", "provider_npi": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "is_old"),
    [
        ({}, True),
        ({"charge": ""}, True),
        ({"patient_id": "OTHER"}, True),  # the name and the date of birth say it
        ({"last_name": "Smith"}, True),  # the number says it
        ({"patient_id": "OTHER", "birth_date": ""}, False),
        ({"patient_id": "OTHER", "first_name": "Kim"}, False),
        ({"charge": "150.01"}, False),
        ({"payer_id": "SIM20"}, False),
        ({"payer_id": "SELF"}, False),
        ({"service_date": "2026-03-03"}, False),
    ],
)
def test_a_visit_is_known_by_patient_day_payer_and_charge(changes: dict[str, str], *, is_old: bool):
    (draft,), _ = read_encounters([SheetRow("a.csv", 2, VISIT | changes)])
    assert find_old_visit(draft, {DAY: [OLD]}) == (OLD if is_old else None)


def test_an_answer_takes_off_what_was_paid_adjusted_and_given_to_the_patient():
    adjustments = [Adjustment("CO", "45", 1_000), Adjustment("PR", "2", 500), Adjustment("CO", "16", 2_500)]
    line = PaidLine("XV113", 15_000, 11_000, adjustments=adjustments)
    paid = PaidClaim("A-17", "1", 15_000, 11_000, lines=[line])
    assert plan_old_payment(paid) == OldPayment(11_000, 1_000, 500, "CO-16")
