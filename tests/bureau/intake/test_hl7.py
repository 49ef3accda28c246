"""HL7 v2 charges: what a message becomes, what is refused, what is heard twice, and what is answered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bureau.models import Claim, ClaimLine, Coverage, Encounter, Patient, UploadMessage
from bureau.models.intake import RowState
from bureau.queries.intake import write_acknowledgements
from bureau.rules.intake.hl7 import read_hl7
from bureau.rules.intake.hl7_syntax import Delimiters, escape, read_messages, unescape
from bureau.rules.intake.layout import Reading, SheetRow
from tests.bureau.intake.messages import message, segment, visit_message
from tests.bureau.intake.practice import (
    CLIENT,
    NPI,
    PAYER,
    SECOND_NPI,
    Practice,
    assert_adds_up,
    open_practice,
)
from tests.support.effort import tries


@pytest.fixture
def practice() -> Practice:
    return open_practice()


def read(text: str) -> Reading:
    return read_hl7("charges.hl7", text.encode())


def one(text: str) -> SheetRow:
    (row,) = read(text).rows
    return row


def flaws(reading: Reading) -> list[str]:
    return [row.problem.code if row.problem else "" for row in reading.rows]


def test_a_message_becomes_rows_with_all_it_says() -> None:
    row = one(visit_message())
    assert (row.number, row.where("charge"), row.message) == (5, "charges.hl7 segment 5 column charge", "C1")
    said = {
        "encounter_id": "V1", "patient_id": "P1", "last_name": "Doe", "first_name": "Jamie", "sex": "F",
        "birth_date": "1980-05-17", "street": "4 Oak Road Apt 2", "city": "Salem", "state": "MA", "zip": "01970",
        "payer_id": PAYER, "member_id": "M0001", "group_number": "G77", "relationship": "18", "prior_auth": "AUTH9",
        "provider_npi": NPI, "place_of_service": "11", "service_date": "2026-03-02", "dx1": "J029", "dx2": "R509",
        "procedure": "XV113", "modifiers": "25 59", "units": "2", "charge": "150.00", "pointers": "2 1",
        "note": "Office visit", "line_date": "2026-03-02",
    }  # fmt: skip
    assert row.values == said


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"charges": ({11: "99.50"},)}, "charge", "99.50"),
        ({"charges": ({25: "", 26: ""},)}, "procedure", ""),
        ({"charges": ({20: ""},)}, "provider_npi", NPI),
        ({"charges": ({10: ""},)}, "units", "1"),
        ({"charges": ({10: "3.00"},)}, "units", "3"),
        ({"charges": ({19: ""},)}, "pointers", ""),
        ({"visit": {2: "E"}}, "place_of_service", "23"),
        ({"visit": {2: "I"}}, "place_of_service", "21"),
        ({"visit": {19: ""}}, "encounter_id", "ACC1"),
        ({"visit": {19: ""}, "patient": {18: ""}}, "encounter_id", "C1"),
        ({"patient": {3: "55^^^X^PI"}}, "patient_id", "55"),
        ({"patient": {5: "O\\T\\Hara \\X4E00\\ \\F\\^Ann"}}, "last_name", "O&Hara N |"),
        ({"cover": {17: "CHD", 16: "Doe^Pat", 18: "19500101", 43: "M"}}, "subscriber_first", "Pat"),
        ({"cover": {17: "CHD"}}, "relationship", "19"),
        ({"cover": {17: "01"}}, "relationship", "01"),
        ({"cover": {17: "OTH"}}, "relationship", "G8"),
        ({"cover": {36: "", 49: "M7"}}, "member_id", "M7"),
    ],
)
def test_each_field_comes_from_its_place(changes: dict, column: str, value: str) -> None:
    assert one(visit_message(**changes)).values[column] == value


def test_a_procedure_segment_says_what_its_charge_does_not() -> None:
    parts = [segment("PID", {3: "P1", 5: "Doe^Jamie"}), segment("PV1", {19: "V1"})]
    first = segment("FT1", {4: "20260302", 6: "CG", 7: "OV3", 11: "10.00", 20: NPI})
    row, second = read(
        message(*parts, first, segment("PR1", {3: "XV113^Visit", 16: "25"}), segment("PR1", {3: "XV101"}), first)
    ).rows
    assert (row.values["procedure"], row.values["modifiers"], row.values["note"]) == ("XV113", "25", "Visit and XV101")
    assert (second.values["procedure"], second.values["note"]) == ("", "OV3")
    assert (row.values["payer_id"], row.values["member_id"]) == ("SELF", "")


def test_what_another_provider_did_is_an_encounter_of_its_own() -> None:
    other = {20: f"{SECOND_NPI}^Soto^Alex^^^^^^NPI"}
    numbers = [row.values["encounter_id"] for row in read(visit_message(charges=({}, other, {2: "T3"}))).rows]
    assert numbers == ["V1", f"V1-{SECOND_NPI}", "V1"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (visit_message().replace("DFT^P03", "ADT^A01"), "message.type"),
        (visit_message(""), "message.control"),
        (visit_message().replace("|P|2.5.1", "|P|3.0"), "message.version"),
        (visit_message().replace("|P|2.5.1", "|T|2.5.1"), "message.test"),
        (message(segment("PID", {3: "P1"})), "message.no_charge"),
        (visit_message(charges=({6: "CD"},)), "charge.taken_back"),
        (visit_message(charges=({10: "-2"},)), "charge.taken_back"),
        (visit_message(charges=({11: "-150.00"},)), "charge.taken_back"),
        (visit_message(charges=({6: "ZZ"},)), "transaction.unknown"),
        (visit_message().replace("^Fever^I10", "^Fever^I9C"), "diagnosis.icd9"),
    ],
)
def test_what_cannot_be_billed_is_a_problem_row(text: str, code: str) -> None:
    assert flaws(read(text)) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file.no_rows"),
        ("MSH", "message.head"),
        ("MSH|^^~&|A\r", "message.head"),
        ("MSHX^~\\&|A\r", "message.head"),
        ("PID|1\r" + visit_message(), "message.head"),
        ("BHS|^~\\&\r" + visit_message() + "BTS|2\r", "batch.count"),
        (visit_message() + "\x00", "file.binary"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole(text: str, code: str) -> None:
    reading = read(text)
    assert [problem.code for problem in reading.problems] == [code]
    assert not reading.rows


def test_payments_are_counted_and_a_credit_holds_back_nothing_but_itself() -> None:
    reading = read(visit_message(charges=({}, {2: "T2", 6: "PY"}, {2: "T3", 6: "AJ"}, {2: "T4", 6: "CD"})))
    assert flaws(reading) == ["", "charge.taken_back"]
    assert [row.values["encounter_id"] for row in reading.rows] == ["V1", "V1-T4"]
    assert reading.reference_rows == 2
    assert reading.kinds["FT1"] == 4


def test_batches_frames_and_other_delimiters_are_read_alike() -> None:
    plain = read(visit_message()).rows[0].values
    batch = "FHS|^~\\&\rBHS|^~\\&\r" + visit_message() + "BTS|1\rFTS|1\r"
    framed = "\x0b" + visit_message() + "\x1c\r"
    marks = str.maketrans({"|": "$", "^": "*", "~": "!", "&": "%"})
    for text in (batch, framed, visit_message().replace("\r", "\n"), visit_message().replace("\r", "\r\n"),
                 visit_message().translate(marks)):  # fmt: skip
        assert read(text).rows[0].values == plain


def test_a_message_twice_in_a_file_is_a_repeat_or_a_problem() -> None:
    same = read(visit_message() + visit_message().replace("20260302120000", "20260303080000"))
    assert same.rows[0].identity == same.rows[1].identity
    changed = read(visit_message() + visit_message(charges=({10: "3"},)))
    assert flaws(changed) == ["", "message.changed"]
    assert changed.rows[0].values["encounter_id"] != changed.rows[1].values["encounter_id"]


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=40))
def test_escaping_is_undone_by_unescaping(text: str) -> None:
    marks = Delimiters()
    assert unescape(escape(text, marks), marks) == re.sub(" +", " ", text)


@settings(max_examples=tries(80))
@given(
    st.lists(
        st.sampled_from([*visit_message().split("\r"), "MSH|^~\\&|", "FT1|\\X\\|^^~~", "BTS|x", "\\"]), max_size=12
    )
)
def test_no_text_breaks_the_reader_and_no_charge_is_lost(lines: list[str]) -> None:
    text = "\r".join(lines)
    reading = read(text)
    messages, _ = read_messages("x", text)
    charges = sum(max(1, len(each.all("FT1"))) for each in messages if each.head.get(9, 2) == "P03" and each.control)
    assert reading.problems or len(reading.rows) + reading.reference_rows >= charges


# -- taken in -----------------------------------------------------------------------------------------------


def test_messages_become_claims_and_are_heard_once(practice: Practice) -> None:
    first = practice.send(visit_message(charges=({}, {2: "T2", 25: "XV101", 12: "9.00"})).encode(), "a.hl7")
    assert (first.profile, first.count(RowState.ACCEPTED), len(first.drafts)) == ("hl7", 2, 1)
    assert practice.rows(select(Claim.diagnoses, Claim.charge_cents)) == [("J029 R509", 16_800)]
    assert practice.rows(select(Encounter.external_id)) == [("V1",)]
    assert practice.rows(select(Coverage.member_id)) == [("M0001",)]
    assert_adds_up(practice, first)

    again = visit_message(charges=({}, {2: "T2", 25: "XV101", 12: "9.00"}))
    new = visit_message("C2", visit={19: "V2"})
    second = practice.send((again + new).encode(), "b.hl7")
    assert [second.count(state) for state in (RowState.ACCEPTED, RowState.DUPLICATE)] == [1, 2]
    assert (practice.count(Claim), practice.count(UploadMessage)) == (2, 2)

    third = practice.send(visit_message(charges=({10: "5"},)).encode(), "c.hl7")
    assert [problem.code for problem in third.all_problems] == ["message.changed"]
    late = practice.send(visit_message("C3", charges=({2: "T9"},)).encode(), "d.hl7")
    assert [problem.code for problem in late.all_problems] == ["encounter.changed"]
    assert practice.count(Claim) == 2


def test_an_unknown_provider_waits_in_the_queue_and_the_rest_goes_on(practice: Practice) -> None:
    unknown = visit_message("C2", charges=({20: "1234567893^Who^Ever^^^^^^NPI"},), visit={19: "V2"})
    intake = practice.send((visit_message() + unknown).encode(), "a.hl7")
    assert [problem.code for problem in intake.all_problems] == ["provider_npi.unknown"]
    assert practice.count(Claim) == 1
    assert practice.count(ClaimLine) == 1
    assert practice.rows(select(Patient.external_id)) == [("P1",)]


def test_every_message_is_answered(practice: Practice) -> None:
    texts = [
        visit_message(),
        visit_message("C2", charges=({20: "9"},), visit={7: "9", 19: "V2"}),
        visit_message("C3").replace("DFT^P03", "ADT^A01"),
    ]
    intake = practice.send("".join(texts).encode(), "a.hl7")
    with practice.office() as office:
        acks = write_acknowledgements(office, CLIENT, intake.upload_id)
    answers, problems = read_messages("ack", acks)
    assert not problems
    assert [(one.first("MSA").get(1), one.first("MSA").get(2)) for one in answers] == [
        ("AA", "C1"), ("AE", "C2"), ("AR", "C3"),
    ]  # fmt: skip
    head = answers[0].head
    assert [head.get(at) for at in (3, 4, 5, 6)] == ["NORTHLINE", "BUREAU", "EHR", "HARBOR"]
    assert (head.get(9), head.get(9, 2), head.get(12)) == ("ACK", "P03", "2.5.1")
    assert (answers[1].first("ERR").get(2), answers[1].first("ERR").get(5)) == ("FT1", "provider_npi.unknown")
    assert "Doe" not in acks
