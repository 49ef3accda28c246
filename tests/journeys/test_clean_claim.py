"""The whole business in one claim: a practice uploads a visit, the bureau bills it, the payer pays, the books agree."""

from __future__ import annotations

from sqlalchemy import select

from bureau.models import Acknowledgement, JobRun, Remittance, WorkItem
from bureau.rules.lifecycle import State
from config.identifiers import PatientControlNumber, parse_pcn
from reports.billing import load_aging, load_claim_status, load_daily_postings
from reports.catalog import default_period
from tests.support.houses import House, visit


def test_a_clean_claim_from_upload_to_posted_payment(house: House):
    # The practice uploads one visit of 150.00. It becomes a claim, priced line by line, and a charge in the ledger.
    taken = house.upload(visit(1))
    assert (taken.rows, taken.accepted, len(taken.drafts)) == (1, 1, 1)
    assert house.state() == State.DRAFT
    assert house.balances() == {"revenue": -15_000, "insurance_ar": 15_000}

    # The scrub job looks at it, finds nothing, and the submit job sends it as an 837P under a control number of ours.
    house.run("scrub")
    assert house.state() == State.READY
    house.run("submit")
    assert house.state() == State.TRANSMITTED
    (sent,) = house.submissions()
    assert parse_pcn(sent.pcn) == PatientControlNumber(client=house.client.id, filing=house.filing().id, attempt=1)
    assert sent.pcn.encode() in house.mail("837P")[0][1]

    # The clearinghouse accepts the file (999), takes the claim (277CA), and the payer accepts it (277CA).
    house.run("collect")
    assert house.state() == State.ACCEPTED
    answers = house.rows(select(Acknowledgement.source).order_by(Acknowledgement.id))
    assert [row.source for row in answers] == ["999", "clearinghouse", "payer"]

    # The payer allows 120.00 and leaves 25.00 to the patient. Posting moves the money, and the patient's turn begins.
    house.run("post")
    assert house.story() == ["DRAFT", "READY", "BATCHED", "TRANSMITTED", "ACCEPTED", "PAID", "PATIENT_DUE"]
    assert house.balances() == {"revenue": -15_000, "cash": 9_500, "contractual": 3_000, "patient_ar": 2_500}
    assert [mail[2] for mail in house.mail("835")] == ["done"]
    assert house.count(Remittance, Remittance.state == "posted") == 1

    # Nothing waits for anybody: the claim sleeps until a statement is due, and every job ran once.
    assert house.count(WorkItem, WorkItem.queue != "", WorkItem.closed_at.is_(None)) == 0
    assert house.count(JobRun, JobRun.state == "done") == 4
    assert house.broken_laws() == []

    # The practice's three reports say the same.
    with house.office() as office:
        period = default_period(office.today(house.client.id))
        status, aging, postings = (
            load(office, house.client.id, period) for load in (load_claim_status, load_aging, load_daily_postings)
        )
    assert [(row["state"], row["claims"], row["open"]) for row in status.rows] == [("PATIENT_DUE", 1, 2_500)]
    assert aging.total["total"] == 2_500
    assert aging.total["0-30"] == 2_500
    (posted,) = postings.rows
    assert (posted["charges"], posted["payments"], posted["contractual"], posted["patient_share"]) == (
        15_000, 9_500, 3_000, 2_500,
    )  # fmt: skip

    # And the payers' own record, which the bureau never sees, holds the same figures.
    assert house.record.paid_total() == 9_500
    assert {(one.group, one.carc, one.cents) for one in house.record.totals_by_carc()} == {
        ("CO", "45", 3_000), ("PR", "3", 2_500),
    }  # fmt: skip
