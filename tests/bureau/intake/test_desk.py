"""The intake desk on a real database: what is taken, what is held, what is fixed, and that nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from bureau.desks.intake import Intake, check_upload, commit_upload, discard_row, fix_rows
from bureau.models import (
    Claim,
    ClaimLine,
    Coverage,
    Encounter,
    Filing,
    Patient,
    Transfer,
    Upload,
    UploadRow,
    WorkItem,
)
from bureau.models.intake import RowState
from bureau.office import NotFound
from bureau.queries import intake as seen
from bureau.rules.intake.readers import build_reader
from bureau.rules.lifecycle import State
from clients.scope import ScopeError
from tests.bureau.intake.practice import (
    CLIENT,
    NPI,
    OTHER,
    PAYER,
    SECOND_NPI,
    TODAY,
    Practice,
    assert_adds_up,
    open_practice,
    sheet,
    visit,
)
from tests.support.statements import counted

ACCEPTED, PROBLEM, DUPLICATE = RowState.ACCEPTED, RowState.PROBLEM, RowState.DUPLICATE


@pytest.fixture
def practice() -> Practice:
    return open_practice()


def codes_of(intake: Intake) -> list[str]:
    return [problem.code for problem in intake.all_problems]


def counts(intake: Intake) -> tuple[int, int, int]:
    return intake.count(ACCEPTED), intake.count(PROBLEM), intake.count(DUPLICATE)


def fix(practice: Practice, intake: Intake, changes: dict[int, dict[str, str]]) -> Intake:
    """Correct problem rows by their number in the file."""
    with practice.office() as office:
        upload = office.get(Upload, CLIENT, intake.upload_id)
        ids = {row.row_no: row.id for row in seen.find_rows(office, CLIENT, upload.id)}
        return fix_rows(office, upload, {ids[number]: values for number, values in changes.items()})


def discard(practice: Practice, intake: Intake, number: int) -> Intake | None:
    with practice.office() as office:
        rows = seen.find_rows(office, CLIENT, intake.upload_id)
        row = office.get(UploadRow, CLIENT, next(row.id for row in rows if row.row_no == number))
        return discard_row(office, row, why="a test patient")


def states(practice: Practice, intake: Intake) -> list[str]:
    with practice.office() as office:
        return [row.state for row in seen.find_rows(office, CLIENT, intake.upload_id)]


def test_a_visit_becomes_a_claim_with_its_charges(practice: Practice) -> None:
    intake = practice.send(sheet(visit(dx2="E11.9", note="cough"), visit(procedure="XV101", charge="", units="2")))
    assert_adds_up(practice, intake)
    assert counts(intake) == (2, 0, 0)
    assert practice.rows(select(Claim.charge_cents, Claim.diagnoses, Claim.place)) == [(33_000, "J029 E119", "11")]
    lines = select(ClaimLine.line_no, ClaimLine.code, ClaimLine.units, ClaimLine.charge_cents, ClaimLine.coded_by)
    assert practice.rows(lines) == [(1, "XV113", 1, 15_000, "client"), (2, "XV101", 2, 18_000, "client")]
    assert practice.rows(select(Filing.state, Filing.file_by)) == [(State.DRAFT, date(2026, 8, 29))]
    assert practice.rows(select(Coverage.member_id, Coverage.relationship)) == [("M0001", "18")]
    assert practice.rows(select(Encounter.source)) == [({"note": "cough"},)]
    assert practice.rows(select(Transfer.debit, Transfer.cents)) == [("insurance_ar", 15_000), ("insurance_ar", 18_000)]


def test_who_pays_alone_has_no_payer_and_no_limit(practice: Practice) -> None:
    practice.send(sheet(visit(payer_id="SELF"), visit(encounter_id="E2", payer_id="", member_id="")))
    found = practice.rows(select(Filing.payer_id, Filing.coverage_id, Filing.file_by))
    assert found == [(None, None, None)] * 2
    assert practice.count(Coverage) == 0
    assert practice.rows(select(Transfer.debit)) == [("patient_ar",)] * 2


def test_a_dependent_keeps_the_subscriber(practice: Practice) -> None:
    row = visit(relationship="19", subscriber_last="Doe", subscriber_first="Kim", subscriber_birth_date="1950-01-02")
    practice.send(sheet(row))
    subscriber = {"last": "Doe", "first": "Kim", "birth_date": "1950-01-02"}
    assert practice.rows(select(Coverage.relationship, Coverage.subscriber)) == [("19", subscriber)]


def test_a_line_may_have_a_day_of_its_own(practice: Practice) -> None:
    practice.send(sheet(visit(), visit(procedure="XV101", line_date="2026-03-04")))
    assert practice.rows(select(ClaimLine.served_on)) == [(date(2026, 3, 2),), (date(2026, 3, 4),)]
    assert practice.rows(select(Claim.served_on)) == [(date(2026, 3, 2),)]


def test_a_service_without_a_code_goes_on_and_says_what_is_wanted(practice: Practice) -> None:
    practice.send(sheet(visit(procedure="", charge="80.00", note="long talk"), visit(procedure="", charge="")))
    found = practice.rows(select(ClaimLine.code, ClaimLine.wanted, ClaimLine.coded_by, ClaimLine.charge_cents))
    assert found == [("", "long talk", "", 8_000), ("", "no procedure given", "", 0)]


def test_a_modifier_has_its_own_price(practice: Practice) -> None:
    practice.send(sheet(visit(charge="", modifiers="25")))
    assert practice.rows(select(Claim.charge_cents)) == [(17_500,)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"provider_npi": "1234567893"}, "provider_npi.unknown"),
        ({"payer_id": "NOBODY"}, "payer_id.unknown"),
        ({"service_date": "2026-03-19"}, "service_date.future"),
        ({"line_date": "2026-03-19"}, "service_date.future"),
        ({"procedure": "XV999", "charge": ""}, "charge.no_price"),
        ({"service_date": "2025-12-31", "charge": ""}, "charge.no_price"),
    ],
)
def test_what_the_book_does_not_know_is_a_problem(practice: Practice, change: dict[str, str], code: str) -> None:
    intake = practice.send(sheet(visit(**change)))
    assert codes_of(intake) == [code]
    assert practice.count(Claim) == 0
    assert practice.rows(select(WorkItem.queue, WorkItem.turn)) == [("Q1", "CLIENT")]
    assert_adds_up(practice, intake)


def test_checking_writes_nothing(practice: Practice) -> None:
    with practice.office() as office:
        read = build_reader("standard", None, TODAY)
        intake = check_upload(office, CLIENT, "a.csv", sheet(visit()), profile="standard", read=read)
    assert counts(intake) == (1, 0, 0)
    assert practice.count(Upload) == practice.count(Patient) == 0


def test_the_same_file_twice_points_to_the_first(practice: Practice) -> None:
    first = practice.send(sheet(visit()))
    again = practice.send(sheet(visit()), "renamed.csv")
    assert codes_of(again) == ["file.duplicate"]
    assert "visits.csv on 18 Mar 2026 (upload 1)" in again.problems[0].text
    assert again.upload_id == first.upload_id
    assert practice.count(Upload) == practice.count(Claim) == 1
    with practice.office() as office, pytest.raises(ValueError, match="refused"):
        commit_upload(office, again)
    assert practice.send(sheet(visit()), client_id=OTHER).problems == []


def test_a_file_over_the_cap_is_refused(practice: Practice) -> None:
    row = sheet(visit())
    intake = practice.send(row + b" " * 25_000_001)
    assert codes_of(intake) == ["file.too_big"]
    assert practice.count(Upload) == 0


def test_the_same_encounter_again_is_a_duplicate_and_a_changed_one_a_problem(practice: Practice) -> None:
    practice.send(sheet(visit(), visit(encounter_id="E2")))
    again = practice.send(
        sheet(visit(), visit(encounter_id="E2", charge="1.00"), visit(encounter_id="E3", patient_id="P3"))
    )
    assert counts(again) == (1, 1, 1)
    assert codes_of(again) == ["encounter.changed"]
    assert practice.count(Claim) == 3
    assert_adds_up(practice, again)
    (duplicate,) = (verdict for verdict in again.verdicts.values() if verdict.state is DUPLICATE)
    assert practice.rows(select(Encounter.external_id).where(Encounter.id == duplicate.encounter_id)) == [("E1",)]


def test_a_repeat_within_a_file_is_billed_once(practice: Practice) -> None:
    intake = practice.send(sheet(visit(), visit(), visit(encounter_id="E2")))
    assert counts(intake) == (2, 0, 1)
    assert practice.count(ClaimLine) == 2


def test_known_patients_and_coverages_are_found_again(practice: Practice) -> None:
    practice.send(sheet(visit()))
    practice.send(sheet(visit(encounter_id="E2"), visit(encounter_id="E3", payer_id="SIM11", member_id="Z9")))
    assert practice.count(Patient) == 1
    assert practice.count(Coverage) == 2
    assert practice.count(Claim) == 3


def test_one_bad_row_holds_its_encounter_and_no_other(practice: Practice) -> None:
    intake = practice.send(sheet(visit(), visit(procedure="XV101", units="x"), visit(encounter_id="E2")))
    assert codes_of(intake) == ["encounter.held", "units.invalid"]
    assert counts(intake) == (1, 2, 0)
    assert practice.count(Claim) == 1
    assert_adds_up(practice, intake)


def test_two_bad_rows_of_which_one_is_fixed(practice: Practice) -> None:
    intake = practice.send(
        sheet(
            visit(sex="?"), visit(encounter_id="E2", patient_id="P2", service_date="yesterday"),
            visit(encounter_id="E3", patient_id="P3"),
        )
    )  # fmt: skip
    assert counts(intake) == (1, 2, 0)
    fixed = fix(practice, intake, {2: {"sex": "F"}})
    assert counts(fixed) == (1, 0, 0)
    assert states(practice, intake) == [ACCEPTED, PROBLEM, ACCEPTED]
    assert practice.count(Claim) == 2
    assert_adds_up(practice, intake)
    with practice.office() as office:
        upload = seen.get_upload(office, CLIENT, intake.upload_id)
    assert (upload.rows, upload.accepted, upload.problems, upload.encounters) == (3, 2, 1, 2)


def test_both_bad_rows_of_one_encounter_must_be_good(practice: Practice) -> None:
    rows = [visit(units="x"), visit(procedure="XV101", units="y"), visit(procedure="XV113", modifiers="25")]
    intake = practice.send(sheet(*rows))
    half = fix(practice, intake, {2: {"units": "1"}})
    assert counts(half) == (0, 3, 0)
    assert practice.count(Claim) == 0
    with practice.office() as office:
        kept = seen.find_rows(office, CLIENT, intake.upload_id)
    assert [row.values["units"] for row in kept] == ["1", "y", "1"]
    assert [row.problems[0]["code"] for row in kept] == ["encounter.held", "units.invalid", "encounter.held"]
    whole = fix(practice, intake, {3: {"units": "2"}})
    assert counts(whole) == (3, 0, 0)
    assert practice.rows(select(Claim.charge_cents)) == [(45_000,)]
    assert practice.count(WorkItem, WorkItem.subject == "upload_row", WorkItem.closed_at.is_(None)) == 0
    assert_adds_up(practice, intake)


def test_a_row_without_encounter_number_is_fixed_with_its_siblings(practice: Practice) -> None:
    rows = [visit(encounter_id="", procedure=code, units=units) for code, units in (("XV113", "x"), ("XV101", "1"))]
    intake = practice.send(sheet(*rows))
    assert counts(fix(practice, intake, {2: {"units": "1"}})) == (2, 0, 0)
    assert practice.count(ClaimLine) == 2


def test_a_row_fixed_twice_changes_nothing_the_second_time(practice: Practice) -> None:
    intake = practice.send(sheet(visit(sex="?")))
    assert counts(fix(practice, intake, {2: {"sex": "F"}})) == (1, 0, 0)
    again = fix(practice, intake, {2: {"sex": "M"}})
    assert codes_of(again) == ["row.not_open"]
    assert not again.verdicts
    assert practice.rows(select(Patient.sex)) == [("F",)]
    assert_adds_up(practice, intake)


def test_a_fix_that_is_wrong_again_keeps_the_row_and_what_was_typed(practice: Practice) -> None:
    intake = practice.send(sheet(visit(sex="?")))
    assert codes_of(fix(practice, intake, {2: {"sex": "female?"}})) == ["sex.invalid"]
    with practice.office() as office:
        (row,) = seen.find_rows(office, CLIENT, intake.upload_id, state=PROBLEM)
    assert row.values["sex"] == "female?"
    assert_adds_up(practice, intake)


def test_a_fixed_row_is_the_same_encounter_as_a_corrected_file(practice: Practice) -> None:
    intake = practice.send(sheet(visit(sex="?")))
    fix(practice, intake, {2: {"sex": "F"}})
    assert counts(practice.send(sheet(visit()))) == (0, 0, 1)


def test_a_fix_may_turn_a_row_into_a_duplicate(practice: Practice) -> None:
    practice.send(sheet(visit()))
    intake = practice.send(sheet(visit(sex="?")))
    assert counts(fix(practice, intake, {2: {"sex": "F"}})) == (0, 0, 1)
    assert states(practice, intake) == [DUPLICATE]
    assert practice.count(Claim) == 1
    assert_adds_up(practice, intake)


def test_a_discarded_row_leaves_and_lets_the_waiting_ones_go(practice: Practice) -> None:
    intake = practice.send(sheet(visit(), visit(procedure="XV101", units="x"), visit(encounter_id="E2", sex="?")))
    released = discard(practice, intake, 3)
    assert released is not None
    assert counts(released) == (1, 0, 0)
    assert discard(practice, intake, 3) is None
    assert discard(practice, intake, 4) is None
    assert states(practice, intake) == [ACCEPTED, RowState.DISCARDED, RowState.DISCARDED]
    assert practice.rows(select(Claim.charge_cents)) == [(15_000,)]
    assert_adds_up(practice, intake)
    with practice.office() as office:
        upload = seen.get_upload(office, CLIENT, intake.upload_id)
    assert (upload.rows, upload.accepted, upload.problems, upload.discarded) == (3, 1, 0, 2)


def test_rows_of_another_client_are_neither_seen_nor_fixed(practice: Practice) -> None:
    intake = practice.send(sheet(visit(sex="?")))
    with practice.office(OTHER) as office:
        assert seen.find_uploads(office) == []
        assert seen.find_rows(office, CLIENT, intake.upload_id) == []
        with pytest.raises(NotFound):
            seen.get_upload(office, CLIENT, intake.upload_id)
        with pytest.raises(NotFound):
            seen.get_row(office, CLIENT, 1)
    with practice.office(OTHER) as office:
        read = build_reader("standard", None, TODAY)
        other = check_upload(office, OTHER, "a.csv", sheet(visit()), profile="standard", read=read)
        commit_upload(office, other)
        with pytest.raises(NotFound):
            office.get(Upload, OTHER, intake.upload_id)
    assert practice.count(Patient) == 0


class Stop(Exception):
    """Something goes wrong after the file was taken in and before the transaction stands."""


def _take_and_stop(practice: Practice) -> None:
    with practice.office() as office:
        read = build_reader("standard", None, TODAY)
        commit_upload(office, check_upload(office, CLIENT, "a.csv", sheet(visit()), profile="standard", read=read))
        raise Stop


def test_a_failure_on_the_way_leaves_nothing_behind(practice: Practice) -> None:
    with pytest.raises(Stop):
        _take_and_stop(practice)
    for model in (Upload, UploadRow, Patient, Encounter, Claim, Transfer, WorkItem):
        assert practice.count(model) == 0


def test_the_history_of_uploads_and_their_causes(practice: Practice) -> None:
    first = practice.send(sheet(visit()), "monday.csv")
    bad = [visit(encounter_id=f"E{n}", patient_id=f"P{n}", sex="?") for n in range(2, 7)]
    second = practice.send(sheet(*bad, visit(encounter_id="E9", patient_id="P9", units="x")), "tuesday.csv")
    with practice.office() as office:
        uploads = seen.find_uploads(office, CLIENT)
        assert [(upload.file_name, upload.rows, upload.problems) for upload in uploads] == [
            ("tuesday.csv", 6, 6),
            ("monday.csv", 1, 0),
        ]
        assert [one.id for one in seen.find_uploads(office, before=uploads[0].id)] == [first.upload_id]
        assert seen.get_content(office, CLIENT, first.upload_id) == sheet(visit())
        causes = seen.find_causes(office, CLIENT, second.upload_id)
        assert [(cause.code, cause.rows) for cause in causes] == [("sex.invalid", 5), ("units.invalid", 1)]
        assert causes[0].examples[0] == "tuesday.csv row 2 column sex: expected M, F or U."
        assert len(causes[0].examples) == seen.EXAMPLES
        assert seen.count_states(office, CLIENT, second.upload_id)[PROBLEM] == 6
        pages = seen.find_rows(office, CLIENT, second.upload_id, limit=4)
        rest = seen.find_rows(office, CLIENT, second.upload_id, after=pages[-1].id)
        assert [row.row_no for row in (*pages, *rest)] == [2, 3, 4, 5, 6, 7]
        assert seen.get_row(office, CLIENT, rest[-1].id).values["units"] == "x"


def test_the_cost_is_statements_not_claims(practice: Practice) -> None:
    """A hundred encounters take no more statements than three."""

    def statements_for(first: int, count: int) -> int:
        rows = [
            visit(encounter_id=f"N{n}", patient_id=f"Q{n}", provider_npi=(NPI, SECOND_NPI)[n % 2], payer_id=PAYER)
            for n in range(first, first + count)
        ]
        with counted(practice.bureau.engine) as made:
            practice.send(sheet(*rows))
        return len(made)

    statements_for(0, 2)
    assert statements_for(1_000, 100) <= statements_for(2_000, 3)


def _take_for_a_client_outside(practice: Practice) -> None:
    with practice.office(OTHER) as office:
        read = build_reader("standard", None, TODAY)
        commit_upload(office, check_upload(office, CLIENT, "a.csv", sheet(visit()), profile="standard", read=read))


def test_nothing_is_taken_for_a_client_outside_the_scope(practice: Practice) -> None:
    with pytest.raises((ScopeError, NotFound)):
        _take_for_a_client_outside(practice)
    assert practice.count(Upload) == 0
