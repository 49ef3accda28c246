"""Reports against the ledger: every total is a sum of entries, every file is data a spreadsheet cannot run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bureau.models import Transfer
from bureau.models.books import Kind
from bureau.office import NotFound
from bureau.rules.lifecycle import CLOSED
from reports.adjudication import load_adjustments, load_totals
from reports.billing import BUCKETS, POSTED, find_bucket, load_aging, load_claim_status, load_daily_postings
from reports.catalog import REPORTS, default_period
from reports.frames import Column, ColumnKind, Period, Table, write_csv
from tests.support.houses import COPAY, PLAIN, House, encounters, visit

EVER = Period(date(2020, 1, 1), date(2030, 1, 1))


@pytest.fixture
def worked(house: House) -> House:
    """Claims of several ages and payers over two days: paid, shared, denied, self-pay, not yet sent."""
    house.upload(
        *encounters(range(1, 8), payer_id=PLAIN), *encounters(range(8, 12), payer_id=COPAY),
        *(visit(n, member_id="SIM.DENY.CO197", service_date=f"2026-0{n - 11}-05") for n in (12, 13)),
        visit(14, payer_id="SELF", member_id="", service_date="2025-10-01"),
    )  # fmt: skip
    house.day()
    house.tick(days=1)
    house.upload(*encounters([20, 21], payer_id=PLAIN), name="next.csv")
    house.day()
    house.upload(visit(30, payer_id=PLAIN), name="waiting.csv")
    house.upload(visit(40, payer_id=PLAIN), client=house.clients[1], name="theirs.csv")
    house.day(house.clients[1])
    return house


def load(house: House, name: str, period: Period = EVER) -> Table:
    with house.office() as office:
        return REPORTS[name].load(office, house.client.id, period)


def ledger(house: House, *accounts: str) -> int:
    """Debits less credits of the first client, added up one by one."""
    wanted = select(Transfer.debit, Transfer.credit, Transfer.cents).where(Transfer.client_id == house.client.id)
    return sum(cents * ((debit in accounts) - (credit in accounts)) for debit, credit, cents in house.rows(wanted))


def test_aging_adds_up_to_what_insurance_and_patients_owe(worked: House):
    table = load(worked, "aging")
    assert table.total["total"] == ledger(worked, "insurance_ar", "patient_ar") > 0
    assert sum(table.total[label] for *_, label in BUCKETS) == table.total["total"]
    patients = [row for row in table.rows if row["payer"] == "Patient"]
    assert sum(row["total"] for row in patients) == ledger(worked, "patient_ar") == 4 * 2_500 + 15_000
    assert all(row["total"] == sum(row[label] for *_, label in BUCKETS) for row in table.rows)


def test_aging_on_an_earlier_day_knows_nothing_of_what_came_later(worked: House):
    today = date(2026, 3, 18)
    first = load(worked, "aging", Period(date(2026, 1, 1), date(2026, 3, 19)))
    wanted = select(Transfer.debit, Transfer.credit, Transfer.cents).where(
        Transfer.posted_on <= today, Transfer.client_id == worked.client.id
    )
    owing = {"insurance_ar", "patient_ar"}
    by_hand = sum(cents * ((debit in owing) - (credit in owing)) for debit, credit, cents in worked.rows(wanted))
    assert first.total["total"] == by_hand != load(worked, "aging").total["total"]
    (self_pay,) = [row for row in first.rows if row["payer"] == "Patient"]
    assert self_pay["over 120"] == 15_000


@pytest.mark.parametrize(
    ("days", "label"),
    [(-5, "0-30"), (0, "0-30"), (30, "0-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
     (91, "91-120"), (120, "91-120"), (121, "over 120"), (4_000, "over 120")],
)  # fmt: skip
def test_a_day_more_is_the_next_bucket(days, label):
    assert find_bucket(days) == label


def test_daily_postings_are_the_ledger_by_kind_and_day(worked: House):
    table = load(worked, "daily_postings")
    assert [row["day"] for row in table.rows] == ["2026-03-18", "2026-03-19"]
    for name, _, kind in POSTED:
        wanted = select(func.coalesce(func.sum(Transfer.cents), 0))
        found = worked.rows(wanted.where(Transfer.kind == kind, Transfer.client_id == worked.client.id))[0][0]
        assert table.total[name] == found
    assert table.total["payments"] == 9 * 12_000 + 4 * 9_500
    one_day = load(worked, "daily_postings", Period(date(2026, 3, 19), date(2026, 3, 20)))
    assert one_day.rows == [row for row in table.rows if row["day"] == "2026-03-19"]
    assert {kind for *_, kind in POSTED} == set(Kind) - {Kind.WRITE_OFF}


def test_claim_status_counts_every_claim_once_and_what_is_open(worked: House):
    table = load(worked, "claim_status")
    assert table.total["claims"] == 17
    assert table.total["charges"] == 17 * 15_000
    assert table.total["open"] == ledger(worked, "insurance_ar", "patient_ar")
    assert all(row["open"] == 0 for row in table.rows if row["state"] in CLOSED)
    assert {(row["state"], row["claims"]) for row in table.rows} == {
        ("CLOSED_PAID", 9), ("PATIENT_DUE", 4), ("PATIENT_DUE", 1), ("DENIED", 2), ("DRAFT", 1),
    }  # fmt: skip


def test_adjustments_hold_what_was_moved_and_what_was_denied(worked: House):
    table = load(worked, "adjustments")
    rows = {(row["group"], row["carc"]): (row["cents"], row["denials"]) for row in table.rows}
    assert rows == {("CO", "45"): (13 * 3_000, 0), ("PR", "3"): (4 * 2_500, 0), ("CO", "197"): (30_000, 2)}


def test_charges_are_paid_adjusted_the_patients_open_or_in_suspense(worked: House):
    with worked.office(everywhere=True) as office:
        totals = load_totals(office)
    parts = ("paid_cents", "adjusted_cents", "patient_cents", "open_cents", "suspense_cents")
    assert totals["charges_cents"] == sum(totals[part] for part in parts) == 18 * 15_000
    assert (totals["claims"], totals["submitted"], totals["adjudicated"], totals["paid"], totals["denied"]) == (
        18, 16, 16, 14, 2,
    )  # fmt: skip


def test_a_report_holds_nothing_of_another_client(worked: House):
    with worked.office(client=worked.clients[1]) as office:
        for name in ("aging", "claim_status", "daily_postings"):
            assert REPORTS[name].load(office, worked.client.id, EVER).rows == [], name
        for name in ("adjustments", "sla"):
            with pytest.raises(NotFound):
                REPORTS[name].load(office, worked.client.id, EVER)
        own = load_claim_status(office, worked.clients[1].id, EVER)
    assert own.total["claims"] == 1


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.id)
def test_every_report_says_what_it_is_even_when_there_is_nothing(house: House, report):
    with house.office() as office:
        table = report.load(office, house.client.id, default_period(office.today(house.client.id)))
    assert table.id == report.id
    assert table.definition
    assert table.takeaway
    assert table.cut_off == house.clock.now()
    assert write_csv(table).splitlines()[0] == ",".join(column.name for column in table.columns)


# -- files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["aging", "claim_status", "daily_postings", "adjustments"])
def test_a_csv_is_one_header_and_numbers_that_add_up_to_the_total(worked: House, name):
    table = load(worked, name)
    rows = list(csv.DictReader(io.StringIO(write_csv(table))))
    assert len(rows) == len(table.rows)
    for column in table.columns:
        if column.kind is ColumnKind.CENTS:
            assert all(row[column.name].count(".") == 1 for row in rows)
            cents = sum(round(float(row[column.name]) * 100) for row in rows)
            assert cents == table.total[column.name]
        if column.kind is ColumnKind.COUNT:
            assert sum(int(row[column.name]) for row in rows) == table.total[column.name]
        if column.kind is ColumnKind.DATE:
            assert [date.fromisoformat(row[column.name]) for row in rows]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\r\n=1", '=HYPERLINK("http://x")']
)
def test_no_text_in_a_file_runs_as_a_formula(text):
    columns = (Column("payer", "Payer"), Column("cents", "Amount", ColumnKind.CENTS))
    at = datetime(2026, 3, 18, tzinfo=UTC)
    table = Table("t", "T", "d", columns, [{"payer": text, "cents": -123_456}], at + timedelta(0))
    (row,) = csv.DictReader(io.StringIO(write_csv(table), newline=""))
    assert row["payer"].startswith("'")
    assert row["cents"] == "-1234.56", "a negative amount stays a number"


def test_the_loaders_named_in_the_catalogue_are_those_tested_here():
    loaders = {name: report.load for name, report in REPORTS.items()}
    assert loaders["aging"] is load_aging
    assert loaders["daily_postings"] is load_daily_postings
    assert loaders["adjustments"] is load_adjustments
