"""The old book at work: taken in once, held apart, never billed twice, and paid without a cent in our own ledger."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from bureau.desks import opening as desk
from bureau.desks.intake import fix_rows
from bureau.desks.setup import set_cutover
from bureau.models import (
    Claim,
    Journal,
    OpeningBadRow,
    OpeningClaim,
    OpeningPayment,
    RemittanceClaim,
    Transfer,
    Upload,
    UploadRow,
)
from bureau.models.books import BookError, Kind
from bureau.models.intake import RowState
from bureau.office import NotFound
from bureau.queries.opening import find_old_claims, sum_old_book, write_bad_rows
from bureau.queries.today import sum_collected
from bureau.rules.intake.sheets import read_sheet
from bureau.x12.values import Adjustment
from bureau.x12.values835 import PaidClaim, PaidLine
from clients.models import Agreement
from reports.catalog import REPORTS
from reports.frames import Period, write_csv
from tests.support.houses import COPAY, House, as_file, remittance, visit

HEAD = "claim_number,patient_id,last_name,first_name,birth_date,payer_id,service_date,charge,paid,adjusted,payer_open,patient_open"  # noqa: E501
A17 = f"A-17,P1,Doe1,Jamie,1980-05-17,{COPAY},2026-03-02,150.00,0,0,150.00,0"
B02 = f"B-02,P2,Doe2,Jamie,1980-05-17,{COPAY},2025-11-03,200.00,100.00,40.00,35.00,25.00"
BAD = f"C-03,P3,Doe3,Jamie,1980-05-17,{COPAY},2025-11-03,200.00,100.00,40.00,35.00,0"
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def take(house: House, *lines: str, name: str = "old.csv", client=None) -> desk.Opening:
    client = client or house.client
    data = "\n".join((HEAD, *lines)).encode()
    with house.office(client=client) as office:
        found = desk.check_opening(office, client.id, name, data, open_sheet=read_sheet)
        if not found.is_refused:
            desk.commit_opening(office, found)
    return found


def answer(house: House, *claims: PaidClaim, trace: str = "OLD1", control: int = 900) -> None:
    house.receive(as_file(house.client, remittance(house.client, *claims, trace=trace), control=control), trace)
    house.run("post")


def a_paid(number: str, charge: int, paid: int, *adjustments: tuple[str, str, int], status: str = "1") -> PaidClaim:
    line = PaidLine(
        "XV113", charge, paid, date_from=date(2026, 3, 2), adjustments=[Adjustment(*a) for a in adjustments]
    )
    share = sum(cents for group, _, cents in adjustments if group == "PR")
    return PaidClaim(number, status, charge, paid, patient_cents=share, filing_code="CI", payer_icn="X1", lines=[line])


def report(house: House, name: str, period: Period = YEAR):
    with house.office() as office:
        return REPORTS[name].load(office, house.client.id, period)


def test_a_list_is_taken_once_row_by_row_and_touches_nothing_of_ours(house: House):
    taken = take(house, A17, B02, BAD, A17)
    reading = taken.reading
    assert (reading.rows, len(reading.claims), len(reading.bad), reading.duplicates) == (4, 2, 1, 1)
    assert (house.count(OpeningClaim), house.count(OpeningBadRow)) == (2, 1)
    assert (house.count(Claim), house.count(Transfer), house.count(Upload)) == (0, 0, 0)
    again = take(house, A17, B02, BAD, A17, name="again.csv")
    assert (again.list_id, again.reading.problems[0].code) == (taken.list_id, "file.duplicate")
    assert take(house, A17, B02).reading.duplicates == 2
    with house.office() as office:
        text = write_bad_rows(office, house.client.id, taken.list_id)
    assert "C-03" in text
    assert "come to 175.00, not to 200.00" in text
    assert take(house, text.splitlines()[1].replace(",0,,,,", ",25.00,,,,")).reading.rows == 1


def test_bad_rows_come_back_as_they_were_downloaded(house: House):
    taken = take(house, BAD)
    with house.office() as office:
        text = write_bad_rows(office, house.client.id, taken.list_id).replace("35.00,0,", "35.00,25.00,")
        found = desk.check_opening(office, house.client.id, "back.csv", text.encode(), open_sheet=read_sheet)
    assert [one.number for one in found.reading.claims] == ["C-03"]


def test_files_that_are_none_and_clients_without_a_contract_are_refused(house: House):
    with house.office() as office:
        check = partial(desk.check_opening, office, house.client.id, "x", open_sheet=read_sheet)
        assert check(data=b"%PDF-1.7 ...").reading.problems[0].code == "file.kind"
        assert check(data=b"").reading.problems[0].code == "file.empty"
        large = b"x" * (office.settings.max_upload_bytes + 1)
        assert check(data=large).reading.problems[0].code == "file.too_big"
        for one in office.session.scalars(select(Agreement)):
            office.session.delete(one)
        office.session.flush()
        assert check(data=b"a,b\n").reading.problems[0].code == "intake.no_agreement"
        office.session.rollback()


def test_a_visit_of_the_old_book_waits_until_somebody_says_that_it_is_another(house: House):
    take(house, A17)
    taken = house.upload(visit(1), visit(2))
    (held,) = [one for one in taken.verdicts.values() if one.state is RowState.PROBLEM]
    assert held.problems[0].code == "encounter.in_old_book"
    assert "claim A-17 of the old book (row 2 of old.csv)" in held.problems[0].text
    assert (len(taken.drafts), house.count(Claim)) == (1, 1)
    other = house.upload(visit(3, patient_id="P1", last_name="Doe1"), client=house.clients[1])
    assert other.count(RowState.PROBLEM) == 0  # another practice's old book is none of its business
    with house.office() as office:
        upload = office.get(Upload, house.client.id, taken.upload_id)
        row_id = office.session.scalars(select(UploadRow.id).where(UploadRow.state == RowState.PROBLEM)).one()
        fixed = fix_rows(office, upload, {row_id: {"separate_visit": "yes"}})
    assert fixed.count(RowState.ACCEPTED) == 1
    assert house.broken_laws() == []


@pytest.mark.parametrize(("bills_earlier", "problems"), [(False, 1), (True, 0)])
def test_visits_before_the_cutover_are_refused_unless_agreed(house: House, problems: int, *, bills_earlier: bool):
    with house.office() as office:
        set_cutover(office, house.client.id, date(2026, 3, 3), bills_earlier=bills_earlier)
    taken = house.upload(visit(1, service_date="2026-03-02"), visit(2, service_date="2026-03-03"))
    assert [one.code for one in taken.all_problems] == ["service_date.before_cutover"] * problems
    assert all("before 03 Mar 2026" in one.text for one in taken.all_problems)
    with house.office() as office:
        said = office.session.scalars(select(Journal.text).where(Journal.act == "cutover")).one()
    assert said == f"none -> 2026-03-03{', earlier visits too' if bills_earlier else ''}"


def test_money_for_an_old_claim_is_seen_balanced_and_none_of_ours(house: House):
    take(house, A17, B02)
    answer(house, a_paid("A-17", 15_000, 12_000, ("CO", "45", 1_000), ("PR", "3", 2_000)))
    (row,) = house.rows(select(RemittanceClaim.matched_by, RemittanceClaim.exception))
    assert tuple(row) == ("old_book", "")
    assert house.balances() == {"cash": 12_000, "old_book": -12_000}
    assert report(house, "daily_postings").total["old_book"] == 12_000
    assert report(house, "daily_postings").total["payments"] == 0
    assert report(house, "aging").rows == []
    with house.office() as office:
        assert sum_collected(office, YEAR.start, YEAR.end) == 0
        book = sum_old_book(office, house.client.id)
        paid, other = sorted(find_old_claims(office, house.client.id).rows, key=lambda row: row.number)
    assert (book.cents, book.open_payer_cents, book.open_patient_cents, book.paid_cents) == (
        21_000,
        3_500,
        4_500,
        12_000,
    )
    assert (paid.payer_cents, paid.patient_cents, paid.answers) == (0, 2_000, 1)
    assert (other.payer_cents, other.patient_cents, other.answers) == (3_500, 2_500, 0)
    assert house.broken_laws() == []


def test_the_same_payment_again_changes_nothing_and_a_reversal_opens_it(house: House):
    take(house, A17)
    paid = a_paid("a-17", 15_000, 12_000, ("CO", "45", 3_000))
    answer(house, paid)
    answer(house, paid, control=901)
    assert house.count(OpeningPayment) == 1
    undone = a_paid("A-17", -15_000, -12_000, ("CO", "45", -3_000), status="22")
    answer(house, undone, a_paid("A-17", 15_000, 14_000, ("CO", "45", 1_000)), trace="OLD2", control=902)
    assert house.balances() == {"cash": 14_000, "old_book": -14_000}
    assert report(house, "opening-aging").total["total"] == 0
    assert house.broken_laws() == []


def test_another_charge_is_an_exception_that_points_to_the_old_book(house: House):
    take(house, A17)
    answer(house, a_paid("A-17", 14_000, 12_000, ("CO", "45", 2_000)))
    (row,) = house.rows(select(RemittanceClaim.exception))
    assert "old book" in row.exception
    assert house.balances() == {"cash": 12_000, "suspense": -12_000}
    assert house.broken_laws() == []


def test_a_list_is_taken_back_until_a_payer_has_answered(house: House):
    first, second = take(house, A17), take(house, B02, name="second.csv")
    answer(house, a_paid("A-17", 15_000, 0, ("CO", "16", 15_000)))
    with house.office() as office:
        (late,) = desk.undo_opening(office, house.client.id, first.list_id, why="wrong file")
        assert desk.undo_opening(office, house.client.id, second.list_id, why="wrong file") == []
        (twice,) = desk.undo_opening(office, house.client.id, second.list_id, why="wrong file")
    assert (late.code, twice.code) == ("undo.too_late", "undo.done")
    assert report(house, "opening-aging").total["total"] == 15_000  # what was denied is open still
    assert len(take(house, B02, name="second.csv").reading.claims) == 1
    with house.office(client=house.clients[1]) as office, pytest.raises(NotFound):
        desk.undo_opening(office, house.clients[1].id, first.list_id, why="not theirs")


def test_an_answer_is_never_changed(house: House):
    take(house, A17)
    answer(house, a_paid("A-17", 15_000, 15_000))
    with house.office() as office:
        row = office.session.scalars(select(OpeningPayment)).one()
        row.paid_cents = 1
        with pytest.raises(BookError):
            office.session.flush()
        office.session.rollback()


def test_the_aging_of_the_old_book_adds_up_to_the_cent_and_to_the_letter(house: House):
    take(house, A17, B02)
    with house.office() as office:
        desk.keep_letter(office, house.client.id, date(2026, 1, 31), 2, 21_000)
        book = sum_old_book(office, house.client.id)
    assert (book.claims, book.cents) == (book.letter.claims, book.letter.cents)
    table = report(house, "opening-aging", Period(date(2026, 1, 1), date(2026, 3, 19)))
    rows = {row["payer"]: row for row in table.rows}
    assert [rows[who]["total"] for who in sorted(rows)] == [18_500, 2_500]
    assert (table.total["0-30"], table.total["over 120"], table.total["total"]) == (15_000, 6_000, 21_000)
    assert write_csv(table).count("\n") == 3
    before = report(house, "opening-aging", Period(date(2025, 1, 1), date(2026, 3, 18)))
    answer(house, a_paid("A-17", 15_000, 15_000))
    assert report(house, "opening-aging", Period(date(2025, 1, 1), date(2026, 3, 18))).total == before.total
    assert house.count(Transfer, Transfer.kind != Kind.OLD_BOOK) == 0
