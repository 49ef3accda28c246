"""Bad rows on their way to the client and back: its own columns, a key, and each row to its own place."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from bureau.desks.intake import Intake, check_upload, commit_upload
from bureau.models import Claim, Patient, Upload
from bureau.models.intake import RowState
from bureau.queries import intake as seen
from bureau.rules.intake.readers import build_reader
from clients.profiles import save_profile
from config.cells import read_cell, write_cell
from tests.bureau.intake.practice import (
    CLIENT,
    OTHER,
    TODAY,
    Practice,
    assert_adds_up,
    open_practice,
    sheet,
    visit,
)

ACCEPTED, PROBLEM, DUPLICATE = RowState.ACCEPTED, RowState.PROBLEM, RowState.DUPLICATE


@pytest.fixture
def practice() -> Practice:
    return open_practice()


def counts(intake: Intake) -> tuple[int, int, int]:
    return intake.count(ACCEPTED), intake.count(PROBLEM), intake.count(DUPLICATE)


@pytest.mark.parametrize(
    ("text", "cell"),
    [("Doe", "Doe"), ("=1+1", "'=1+1"), ("-5", "-5"), ("-5.25", "-5.25"), ("-x", "'-x"), ("@a", "'@a")],
)
def test_a_cell_is_harmless_on_its_way_and_whole_when_it_comes_back(text: str, cell: str) -> None:
    assert write_cell(text) == cell
    assert read_cell(cell) == text


def test_bad_rows_come_back_corrected_and_go_to_their_places(practice: Practice) -> None:
    intake = practice.send(
        sheet(visit(sex="?"), visit(encounter_id="E2", patient_id="P2"), visit(encounter_id="E3", units="x"))
    )
    with practice.office() as office:
        text = seen.bad_rows_csv(office, CLIENT, intake.upload_id)
    first, second = csv.DictReader(io.StringIO(text))
    assert next(iter(first)) == "row_key"
    assert (first["reason"], second["units"]) == ("expected M, F or U.", "x")
    back = practice.send(text.replace(",?,", ",F,").encode(), "corrected.csv")
    assert (back.profile, back.upload_id) == ("corrected", intake.upload_id)
    assert [verdict.state for verdict in back.verdicts.values()] == [ACCEPTED, PROBLEM]
    assert (practice.count(Claim), practice.count(Upload)) == (2, 1)
    assert_adds_up(practice, intake)
    again = practice.send(text.replace(",x,", ",2,").encode(), "corrected.csv")
    assert (again.count(ACCEPTED), again.reference_rows, again.rows) == (1, 1, 2)
    assert practice.send(text.encode(), "corrected.csv").problems[0].code == "corrected.done"
    assert practice.count(Claim) == 3


def test_bad_rows_are_written_in_the_columns_and_dates_of_the_client(practice: Practice) -> None:
    mapping = {"columns": {"last_name": "Pt Last", "service_date": "DOS"}, "date_format": "%m/%d/%Y"}
    with practice.office() as office:
        save_profile(office.session, CLIENT, "clinic", mapping, office.now)
    row = visit(sex="?", last_name="=Doe", note="-5")
    row["Pt Last"], row["DOS"] = row.pop("last_name"), "03/02/2026"
    del row["service_date"]
    with practice.office() as office:
        read = build_reader("clinic", mapping, TODAY)
        intake = check_upload(office, CLIENT, "a.csv", sheet(row), profile="clinic", read=read)
        commit_upload(office, intake)
        text = seen.bad_rows_csv(office, CLIENT, intake.upload_id)
    (bad,) = csv.DictReader(io.StringIO(text))
    assert (bad["Pt Last"], bad["DOS"], bad["note"]) == ("'=Doe", "03/02/2026", "-5")
    assert counts(practice.send(text.replace(",?,", ",F,").encode(), "back.csv")) == (1, 0, 0)
    assert practice.rows(select(Patient.last)) == [("=Doe",)]


def test_bad_rows_go_by_the_version_of_the_mapping_that_their_upload_was_read_with(practice: Practice) -> None:
    first, later = {"columns": {"last_name": "Pt Last"}}, {"columns": {"last_name": "Surname"}}
    with practice.office() as office:
        version = save_profile(office.session, CLIENT, "clinic", first, office.now)
        row = visit(sex="?")
        row["Pt Last"] = row.pop("last_name")
        read = build_reader("clinic", first, TODAY)
        intake = check_upload(office, CLIENT, "a.csv", sheet(row), profile="clinic", read=read, version=version)
        commit_upload(office, intake)
        assert save_profile(office.session, CLIENT, "clinic", later, office.now) == 2
        text = seen.bad_rows_csv(office, CLIENT, intake.upload_id)
        assert seen.get_upload(office, CLIENT, intake.upload_id).version == 1
    assert "Pt Last" in text
    assert "Surname" not in text
    assert counts(practice.send(text.replace(",?,", ",F,").encode(), "back.csv")) == (1, 0, 0)


@pytest.mark.parametrize("key", ["", "x", "1-", "-1", "999-1", "1-2-3"])
def test_corrections_of_no_upload_are_refused(practice: Practice, key: str) -> None:
    practice.send(sheet(visit(sex="?")))
    back = practice.send(f"row_key,sex\n{key},F\n".encode(), "back.csv")
    assert back.is_refused
    assert practice.count(Claim) == 0


def test_corrections_of_another_practice_reach_nothing(practice: Practice) -> None:
    intake = practice.send(sheet(visit(sex="?")))
    with practice.office() as office:
        text = seen.bad_rows_csv(office, CLIENT, intake.upload_id).replace(",?,", ",F,")
    back = practice.send(text.encode(), "back.csv", client_id=OTHER)
    assert back.problems[0].code == "corrected.unknown"
