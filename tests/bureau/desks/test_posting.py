"""Posting whole files: once whatever they are called, all or nothing, and every cent that came has a place."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from sqlalchemy import select

from bureau.models import Denial, Mail, Remittance, RemittanceClaim, Transfer, WorkItem
from bureau.rules.lifecycle import State
from bureau.x12.values835 import ProviderAdjustment
from tests.support.houses import PLAIN, House, as_file, paid_claim, paid_line, remittance, visit

CONTRACT = ("CO", "45", 3_000)


@pytest.fixture
def sent(house: House) -> House:
    """One claim of 150.00 that was sent and accepted; its payer's own answer is not taken."""
    return send(house)


def send(house: House) -> House:
    house.upload(visit(1, payer_id=PLAIN))
    house.run("scrub", "submit", "collect")
    with house.office() as office:  # what this test's payer says comes by another way
        for mail in office.session.scalars(select(Mail).where(Mail.kind == "835")):
            office.session.delete(mail)
    return house


def a_payment(house: House, *, trace: str = "TRACE1", status: str = "1", icn: str = "ICN1"):
    (submission,), (line,) = house.submissions(), house.lines()
    claim = paid_claim(submission.pcn, paid_line(line, 12_000, CONTRACT), status=status, icn=icn)
    return remittance(house.client, claim, trace=trace, payer=PLAIN)


def reversal_of(house: House, *, trace: str = "TRACE2"):
    (submission,), (line,) = house.submissions(), house.lines()
    undone = paid_line(line, -12_000, ("CO", "45", -3_000))
    undone.charge_cents = -undone.charge_cents
    return remittance(house.client, paid_claim(submission.pcn, undone, status="22"), trace=trace, payer=PLAIN)


def states(house: House) -> list[str]:
    return [row.state for row in house.rows(select(Remittance.state).order_by(Remittance.id))]


POSTED = {"revenue": -15_000, "cash": 12_000, "contractual": 3_000}


def test_a_payment_is_posted_line_by_line(sent: House):
    sent.receive(as_file(sent.client, a_payment(sent)))
    (tally,) = sent.run("post")
    assert (tally.items, tally.failed) == (1, 0)
    assert sent.state() == State.CLOSED_PAID
    assert sent.balances("E1") == POSTED
    entries = sent.rows(
        select(Transfer.kind, Transfer.cents, Transfer.group, Transfer.carc, Transfer.line_id)
        .where(Transfer.kind != "charge").order_by(Transfer.id)
    )  # fmt: skip
    line_id = sent.lines()[0].id
    assert [tuple(row) for row in entries] == [
        ("payment", 12_000, "", "", line_id), ("contractual", 3_000, "CO", "45", line_id),
    ]  # fmt: skip
    assert sent.filing().payer_icn == "ICN1"
    assert sent.broken_laws() == []


def again_same_file(house: House, content: bytes) -> bytes:
    return content


def again_with_a_new_envelope(house: House, content: bytes) -> bytes:
    return as_file(house.client, a_payment(house), control=901)


def again_with_line_breaks(house: House, content: bytes) -> bytes:
    return content.replace(b"~", b"~\r\n")


def again_in_one_file_twice(house: House, content: bytes) -> bytes:
    return as_file(house.client, a_payment(house), a_payment(house), control=902)


@pytest.mark.parametrize(
    "again", [again_same_file, again_with_a_new_envelope, again_with_line_breaks, again_in_one_file_twice]
)
@pytest.mark.parametrize("when", ["before the first is posted", "after"])
def test_the_same_payment_comes_again_and_is_posted_once(sent: House, again, when):
    content = as_file(sent.client, a_payment(sent))
    sent.receive(content, "first.835")
    if when == "after":
        sent.run("post")
    receipt = sent.receive(again(sent, content), "renamed.835")
    assert receipt.stored + receipt.duplicates == 1
    sent.run("post")
    assert states(sent).count("posted") == 1
    assert sent.balances("E1") == POSTED
    assert sent.balances() == POSTED
    assert sent.count(Transfer) == 3
    assert sent.state() == State.CLOSED_PAID
    assert sent.broken_laws() == []


def test_a_compressed_copy_is_not_taken_for_a_remittance(sent: House):
    sent.receive(gzip.compress(as_file(sent.client, a_payment(sent))), "remit.835.gz")
    sent.run("post")
    assert sent.state() == State.ACCEPTED
    assert sent.rows(select(Mail.state).where(Mail.name == "remit.835.gz"))[0][0] == "quarantined"


@pytest.mark.parametrize("off", ["line", "claim", "payment", "adjustment"])
def test_what_does_not_balance_is_held_with_nothing_posted(sent: House, off):
    payment = a_payment(sent)
    claim = payment.claims[0]
    if off == "line":
        claim.lines[0].paid_cents += 1
    elif off == "claim":
        claim.paid_cents += 1
    elif off == "payment":
        payment.payment_cents += 1
    else:
        claim.lines[0].adjustments[0].cents -= 1
    sent.receive(as_file(sent.client, payment))
    sent.run("post")
    assert states(sent) == ["held"]
    assert sent.balances() == {"revenue": -15_000, "insurance_ar": 15_000}
    assert sent.state() == State.ACCEPTED
    (item,) = sent.rows(select(WorkItem.queue, WorkItem.reason).where(WorkItem.subject == "remittance"))
    assert item.queue == "Q9"
    assert item.reason
    assert sent.broken_laws() == []


def test_one_bad_payment_in_a_file_does_not_stop_the_good_one(sent: House):
    bad, good = a_payment(sent, trace="BAD"), a_payment(sent, trace="GOOD")
    bad.payment_cents += 100
    sent.receive(as_file(sent.client, bad, good))
    sent.run("post")
    assert states(sent) == ["held", "posted"]
    assert sent.balances() == POSTED


def test_a_payment_to_somebody_else_is_held(sent: House):
    payment = a_payment(sent)
    payment.payee = replace(payment.payee, id="1234567893", tax_id="")
    sent.receive(as_file(sent.client, payment))
    sent.run("post")
    assert states(sent) == ["held"]
    assert "another practice" in sent.rows(select(Remittance.problem))[0][0]
    assert "cash" not in sent.balances()


def test_a_file_for_an_unknown_account_is_quarantined_for_everybody(sent: House):
    stranger = replace_account(sent, "NBBNOBODY")
    receipt = sent.receive(stranger)
    assert [problem.code for problem in receipt.problems] == ["mail.unaddressed"]
    assert sent.rows(select(Mail.state, Mail.client_id).where(Mail.kind == "835"))[0] == ("quarantined", None)
    assert sent.run("post")[0].items == 0


def replace_account(house: House, account: str) -> bytes:
    return as_file(house.client, a_payment(house)).replace(
        house.client.account.ljust(15).encode(), account.ljust(15).encode()
    ).replace(f"*{house.client.account}*".encode(), f"*{account}*".encode())  # fmt: skip


def test_a_claim_nobody_knows_leaves_its_money_in_suspense(sent: House):
    payment = a_payment(sent)
    payment.claims[0].pcn = "NOT-OURS"
    sent.receive(as_file(sent.client, payment))
    sent.run("post")
    assert sent.balances() == {"revenue": -15_000, "insurance_ar": 15_000, "cash": 12_000, "suspense": -12_000}
    (item,) = sent.rows(select(WorkItem.queue, WorkItem.cents).where(WorkItem.subject == "remittance_claim"))
    assert tuple(item) == ("Q9", 12_000)
    assert sent.rows(select(RemittanceClaim.filing_id, RemittanceClaim.exception))[0] == (
        None, "no claim of ours has this control number",
    )  # fmt: skip
    assert sent.broken_laws() == []


def test_an_unknown_reason_sends_the_claim_to_a_person_and_the_money_to_suspense(sent: House):
    (submission,), (line,) = sent.submissions(), sent.lines()
    odd = paid_claim(submission.pcn, paid_line(line, 12_000, ("CO", "999", 3_000)))
    sent.receive(as_file(sent.client, remittance(sent.client, odd, payer=PLAIN)))
    sent.run("post")
    assert sent.state() == State.REMIT_REVIEW
    assert sent.balances("E1") == {"revenue": -15_000, "insurance_ar": 15_000}
    assert sent.balances()["suspense"] == -12_000
    assert sent.broken_laws() == []


def test_what_the_payer_keeps_back_is_booked_apart_from_claims(sent: House):
    payment = a_payment(sent)
    payment.provider_adjustments = [ProviderAdjustment(sent.client.npi, payment.paid_on, "FB", "OLD", 2_000)]
    payment.payment_cents -= 2_000
    sent.receive(as_file(sent.client, payment))
    sent.run("post")
    assert states(sent) == ["posted"]
    assert sent.balances("E1") == POSTED
    assert sent.balances() == POSTED | {"cash": 10_000, "suspense": 2_000}
    assert sent.broken_laws() == []


def test_a_reversal_undoes_and_its_correction_posts_anew(sent: House):
    sent.receive(as_file(sent.client, a_payment(sent)))
    sent.run("post")
    sent.receive(as_file(sent.client, reversal_of(sent), control=901), "undo.835")
    sent.run("post")
    assert sent.state() == State.REMIT_REVIEW
    assert sent.balances("E1") == {"revenue": -15_000, "insurance_ar": 15_000}
    sent.receive(as_file(sent.client, a_payment(sent, trace="TRACE3", icn="ICN2"), control=902), "anew.835")
    sent.run("post")
    assert sent.state() == State.CLOSED_PAID
    assert sent.balances("E1") == POSTED
    assert sent.count(Transfer) == 3 + 2 + 2, "nothing is changed: what was is undone by further rows"
    assert sent.broken_laws() == []


def test_a_reversal_and_its_correction_in_one_payment(sent: House):
    sent.receive(as_file(sent.client, a_payment(sent)))
    sent.run("post")
    both = reversal_of(sent)
    both.claims += a_payment(sent, icn="ICN2").claims
    both.payment_cents = sum(claim.paid_cents for claim in both.claims)
    sent.receive(as_file(sent.client, both, control=901), "both.835")
    sent.run("post")
    assert (sent.state(), sent.balances("E1")) == (State.CLOSED_PAID, POSTED)
    assert sent.filing().payer_icn == "ICN2"
    assert sent.broken_laws() == []


def test_a_reversal_before_its_payment_is_parked(sent: House):
    payment = reversal_of(sent)
    payment.provider_adjustments = [ProviderAdjustment(sent.client.npi, payment.paid_on, "FB", "X", -12_000)]
    payment.payment_cents = 0
    sent.receive(as_file(sent.client, payment))
    sent.run("post")
    assert sent.state() == State.REMIT_REVIEW
    assert sent.balances("E1") == {"revenue": -15_000, "insurance_ar": 15_000}
    assert sent.broken_laws() == []


def test_a_second_payment_of_the_same_claim_is_a_credit(sent: House):
    sent.receive(as_file(sent.client, a_payment(sent)))
    sent.run("post")
    sent.receive(as_file(sent.client, a_payment(sent, trace="TRACE9"), control=901), "second.835")
    sent.run("post")
    assert sent.state() == State.CREDIT
    assert sent.balances("E1") == {"revenue": -15_000, "cash": 24_000, "contractual": 6_000, "insurance_ar": -15_000}
    assert sent.broken_laws() == []


def test_a_denial_reversed_by_the_payer_is_closed(sent: House):
    (submission,), (line,) = sent.submissions(), sent.lines()
    denied = paid_claim(submission.pcn, paid_line(line, 0, ("CO", "197", 15_000)), status="4")
    sent.receive(as_file(sent.client, remittance(sent.client, denied, payer=PLAIN)))
    sent.run("post")
    assert sent.state() == State.DENIED
    paid = a_payment(sent, trace="TRACE2")
    sent.receive(as_file(sent.client, paid, control=901), "paid-after-all.835")
    sent.run("post")
    assert sent.state() == State.CLOSED_PAID
    assert sent.balances("E1") == POSTED
    assert sent.rows(select(Denial.state))[0][0] == "CLOSED", "a denial of a claim that was paid after all is over"
    assert sent.broken_laws() == []
