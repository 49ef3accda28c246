"""Each law of the books: kept by a house at work, and reported when one row is made to break it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from reports import invariants
from reports.invariants import LAWS
from tests.support.houses import PLAIN, House, visit

# Law, and the one statement behind the back of every pen that breaks it.
BREACHES = {
    "entries": "UPDATE transfers SET credit = debit WHERE kind = 'payment'",
    "charges": "UPDATE claim_lines SET charge_cents = charge_cents + 1 WHERE line_no = 1",
    "conservation": "UPDATE transfers SET credit = 'suspense' WHERE kind = 'contractual'",
    "remittances": "UPDATE remittances SET payment_cents = payment_cents + 1",
    "denials": "UPDATE transfers SET carc = '197' WHERE kind = 'contractual'",
    "histories": "UPDATE filings SET state = 'READY'",
    "orphans": "UPDATE work_items SET wakes_at = NULL, queue = '' WHERE closed_at IS NULL",
    "submissions": "INSERT INTO submissions (client_id, id, filing_id, mail_id, pcn, frequency, status, charge_cents, "
    "created_at) SELECT client_id, id + 500, filing_id, mail_id, pcn || 'X', frequency, status, charge_cents, "
    "created_at FROM submissions",
    "balances": "UPDATE filings SET state = 'CLOSED_PAID' WHERE state = 'DENIED'",
    "files": "UPDATE mail SET state = 'quarantined', problem = ''",
    "rows": "UPDATE uploads SET accepted = accepted - 1",
    "answers": "UPDATE remittance_claims SET filing_id = NULL",
    "audit": "UPDATE audit_heads SET entries = entries + 1",
}
MORE = {
    "entries": ["UPDATE transfers SET cents = 0 WHERE kind = 'payment'",
                "UPDATE transfers SET cents = -cents WHERE kind = 'charge'",
                "UPDATE transfers SET debit = 'petty cash' WHERE kind = 'payment'"],
    "charges": ["UPDATE claims SET charge_cents = charge_cents - 1", "DELETE FROM transfers WHERE kind = 'charge'"],
    "remittances": ["UPDATE remittances SET state = 'held'", "DELETE FROM transfers WHERE kind = 'payment'"],
    "histories": ["UPDATE steps SET target = 'DENIED' WHERE target = 'PAID'",
                  "DELETE FROM steps WHERE target = 'READY'"],
    "orphans": ["DELETE FROM work_items", "UPDATE work_items SET closed_at = entered_at WHERE closed_at IS NULL",
                "UPDATE work_items SET queue = 'Q9' WHERE wakes_at IS NOT NULL"],
    "files": ["UPDATE mail SET done_at = NULL", "UPDATE mail SET state = 'lost'"],
    "rows": ["UPDATE upload_rows SET state = 'problem'"],
}  # fmt: skip


@pytest.fixture
def worked(house: House) -> House:
    """A paid claim, one for the patient, a denied one, a bad row."""
    house.upload(
        visit(1, payer_id=PLAIN), visit(2), visit(3, member_id="SIM.DENY.CO197"), visit(4, service_date="2026-02-30")
    )
    house.day()
    return house


def broken(house: House) -> set[str]:
    with house.office(everywhere=True) as office:
        return {one.id for one in invariants.verify(office) if not one.is_kept}


def test_a_house_at_work_keeps_every_law(worked: House):
    with worked.office(everywhere=True) as office:
        findings = invariants.verify(office)
    assert [one for one in findings if not one.is_kept] == []
    assert all(one.looked_at > 0 for one in findings), "a law nothing was held against proves nothing"


def test_every_law_has_a_breach_here():
    assert set(BREACHES) == {name for name, *_ in LAWS}


@pytest.mark.parametrize(
    ("law", "statement"), [*BREACHES.items(), *((law, one) for law, several in MORE.items() for one in several)]
)
def test_a_breach_is_reported_under_its_law(worked: House, law, statement):
    with worked.bureau.engine.begin() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        assert connection.execute(text(statement)).rowcount, "the breach touched nothing"
    assert law in broken(worked)


def test_the_hash_of_the_ledger_sees_a_single_cent(worked: House):
    before = worked.ledger_hash()
    assert worked.ledger_hash() == before
    with worked.bureau.engine.begin() as connection:
        connection.execute(text("UPDATE transfers SET cents = cents + 1 WHERE kind = 'payment'"))
    assert worked.ledger_hash() != before
