"""Sorting by the envelope, pricing by the charge master, and what acknowledgements mean."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bureau.rules.acknowledgements import Standing, read_standing
from bureau.rules.pricing import build_prices, price_line
from bureau.rules.sorting import kind_of, read_label
from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus
from bureau.x12.envelope import Group
from bureau.x12.remit835 import write_835
from bureau.x12.values import Envelope, Party
from clients.models import Client
from tests.simulator.claims import a_claim, a_file
from tests.support.houses import remittance

# -- acknowledgements -----------------------------------------------------------------------------------------


def an_answer(source="PR", claims=(), batch=(), provider=()) -> ClaimAckSet:
    return ClaimAckSet(
        "0001", "R1", source, Party("PAYER"), Party("US"), None, "B00000001",
        batch_statuses=[ClaimStatus(one, "19") for one in batch],
        provider_statuses=[ClaimStatus(one, "19") for one in provider],
        claims=[ClaimAck(pcn, [ClaimStatus(*status) for status in statuses]) for pcn, *statuses in claims],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "category", "standing"),
    [
        ("PR", "A0", Standing.RECEIVED),
        ("PR", "A1", Standing.RECEIVED),
        ("PR", "A2", Standing.ACCEPTED),
        ("PR", "A3", Standing.REJECTED),
        ("PR", "A4", Standing.REJECTED),
        ("PR", "A6", Standing.REJECTED),
        ("PR", "A7", Standing.REJECTED),
        ("PR", "A8", Standing.REJECTED),
        ("AY", "A0", Standing.RECEIVED),
        ("AY", "A1", Standing.RECEIVED),
        ("AY", "A2", Standing.RECEIVED),  # a clearinghouse accepts for nobody but itself
        ("AY", "A3", Standing.REJECTED),
        ("AY", "A7", Standing.REJECTED),
    ],
)
def test_a_category_means_this_when_that_source_says_it(source, category, standing):
    found = read_standing(an_answer(source, [("P1", (category, "20", "PR"))]))
    assert found["P1"].standing is standing
    assert found["P1"].code == f"{category}:20:PR"
    assert found["P1"].source == {"PR": "payer", "AY": "clearinghouse"}[source]


def test_the_worst_status_of_a_claim_counts_wherever_it_stands():
    statuses = [("A2", "20"), ("A7", "562", "85", None, "", None, "NPI NOT ON FILE")]
    found = read_standing(an_answer(claims=[("P1", *statuses), ("P2", ("A2", "20"))]))
    assert (found["P1"].standing, found["P1"].code) == (Standing.REJECTED, "A7:562:85")
    assert found["P1"].text == "NPI NOT ON FILE"
    assert found["P2"].standing is Standing.ACCEPTED


def test_a_batch_rejected_without_naming_claims_rejects_every_claim_in_it():
    found = read_standing(an_answer(batch=["A3"]), ["P1", "P2"])
    assert {pcn: one.standing for pcn, one in found.items()} == {"P1": Standing.REJECTED, "P2": Standing.REJECTED}
    assert read_standing(an_answer(batch=["A1"]), ["P1"]) == {}


def test_a_provider_rejected_rejects_claims_that_have_no_status_of_their_own():
    found = read_standing(an_answer(claims=[("P1",), ("P2", ("A2", "20"))], provider=["A8"]))
    assert found["P1"].standing is Standing.REJECTED
    assert found["P2"].standing is Standing.ACCEPTED


# -- sorting --------------------------------------------------------------------------------------------------


def an_835(account: str, control: int = 7) -> str:
    client = Client(name="HARBOR", npi="1234567893", tax_id="000000001")
    return write_835(Envelope("SIM10", account, control, control, datetime(2026, 3, 18, 9, 0)), [remittance(client)])


def test_a_file_is_known_by_kind_addressee_sender_and_number():
    label, _, problems = read_label("a.835", an_835("NBBHARBOR").encode())
    assert problems == []
    assert label is not None
    assert (label.kind, label.account, label.sender, label.control, label.items) == ("835", "NBBHARBOR", "SIM10", 7, 1)
    claims, _, _ = read_label("b.837", a_file([a_claim()]))
    assert claims is not None
    assert claims.kind == "837P"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "x12.empty"),
        (b"hello", None),
        (b"\x00\x01\x02\x03", None),
        (b"\xff\xfeI\x00S\x00A\x00", None),
        (b"%PDF-1.4 and so on", None),
    ],
)
def test_what_is_no_x12_has_no_label_and_says_why(content, code):
    label, _, problems = read_label("x", content)
    assert label is None
    assert problems
    assert problems[0].text
    if code:
        assert problems[0].code


@pytest.mark.parametrize(
    ("group", "version", "kind"),
    [("HN", "005010X212", "277"), ("HN", "005010X214", "277CA"), ("HC", "005010X222A1", "837P"),
     ("HC", "005010X223A2", "837I"), ("HB", "005010X279A1", "271"), ("HI", "005010X217", "278"),
     ("BE", "005010X220", "BE")],
)  # fmt: skip
def test_one_group_code_for_two_transactions_is_told_apart_by_its_version(group, version, kind):
    assert kind_of(Group(group, "A", "B", "1", version)) == kind


def test_a_file_for_two_addressees_is_not_guessed_at():
    both = an_835("NBBHARBOR") + an_835("NBBRIDGE", 8)
    label, _, problems = read_label("both.835", both.encode())
    assert label is None
    assert problems[0].code == "x12.mixed"


# -- pricing --------------------------------------------------------------------------------------------------

PRICES = build_prices(
    [
        ("XV113", "", date(2025, 1, 1), 10_000),
        ("XV113", "", date(2026, 1, 1), 15_000),
        ("XV113", "25", date(2026, 1, 1), 17_500),
    ]
)


@pytest.mark.parametrize(
    ("code", "modifiers", "units", "on", "cents"),
    [
        ("XV113", "", 1, date(2026, 3, 1), 15_000),
        ("XV113", "", 3, date(2026, 3, 1), 45_000),
        ("XV113", "", 1, date(2026, 1, 1), 15_000),
        ("XV113", "", 1, date(2025, 12, 31), 10_000),
        ("XV113", "", 1, date(2024, 12, 31), None),
        ("XV113", "25", 1, date(2026, 3, 1), 17_500),
        ("XV113", "25", 1, date(2025, 6, 1), 10_000),  # the modifier had no price of its own then
        ("XV113", "59 25", 2, date(2026, 3, 1), 35_000),
        ("XV113", "59", 1, date(2026, 3, 1), 15_000),
        ("XV999", "", 1, date(2026, 3, 1), None),
    ],
)
def test_a_line_costs_what_was_in_force_on_its_day(code, modifiers, units, on, cents):
    assert price_line(PRICES, code, modifiers, units, on) == cents
