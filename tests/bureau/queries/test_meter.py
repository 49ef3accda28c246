"""The unserved-work meter and the coverage of prices: figures counted by hand from a small book."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bureau.models import Denial, Mail
from bureau.queries.coverage import load_coverage
from bureau.queries.meter import Item, load_meter
from clients.models import AddOn, ContractRate, Payer
from clients.tiers import Capability
from config.codes import payers
from tests.support.houses import PLAIN, House, as_file, paid_claim, paid_line, remittance, visit

SERVED = date(2026, 3, 2)
APPEALS, ROUTE = Capability.DENIAL_APPEAL, Capability.DENIAL_ROUTE
ALL = [Capability.ELIGIBILITY_CHECK, Capability.AUTHORIZATION_TRACK, ROUTE, APPEALS, Capability.UNDERPAYMENT_RECOVER]


def measured(house: House) -> dict[Capability, tuple[Item, ...]]:
    with house.office() as office:
        return {one.capability: one.items for one in load_meter(office, house.client.id)}


def contract(house: House, cents: int, code: str = "XV113") -> None:
    with house.office() as office:
        payer = office.session.scalars(select(Payer).where(Payer.code == PLAIN)).one()
        row = {"client_id": house.client.id, "payer_id": payer.id, "code": code, "modifier": "", "cents": cents,
               "starts_on": date(2025, 1, 1)}  # fmt: skip
        office.insert(ContractRate, [row])


@pytest.fixture
def sent(house: House) -> House:
    """Two claims of 150.00, sent; what their payer says comes by the test alone."""
    house.upload(visit(1, payer_id=PLAIN), visit(2, payer_id=PLAIN))
    house.run("scrub", "submit", "collect")
    with house.office() as office:
        for mail in office.session.scalars(select(Mail).where(Mail.kind == "835")):
            office.session.delete(mail)
    return house


def answer(house: House, *carcs: str) -> None:
    """The payer pays 120.00 for a claim, or denies all of it for this reason."""
    claims = []
    for number, carc in enumerate(carcs, 1):
        (submission,), (line,) = house.submissions(f"E{number}"), house.lines(f"E{number}")
        said = (
            paid_line(line, 12_000, ("CO", "45", 3_000)) if carc == "45" else paid_line(line, 0, ("CO", carc, 15_000))
        )
        claims.append(paid_claim(submission.pcn, said, status="1" if carc == "45" else "4"))
    house.receive(as_file(house.client, remittance(house.client, *claims, payer=PLAIN)))
    house.run("post")


def test_a_plan_with_everything_leaves_nothing(house: House):
    other = house.clients[1]
    with house.office(client=other) as office:
        assert load_meter(office, other.id) == ()


def test_what_is_denied_is_measured_by_what_would_have_worked_it(sent: House):
    answer(sent, "27", "197")
    found = measured(sent)
    assert list(found) == ALL
    assert [(one.cause, one.cents, one.served_on) for one in found[Capability.ELIGIBILITY_CHECK]] == [
        ("CO-27", 15_000, SERVED)
    ]
    assert [one.cause for one in found[Capability.AUTHORIZATION_TRACK]] == ["CO-197"]
    assert [one.cause for one in found[ROUTE]] == ["CO-197"]  # 27 is a matter of the other insurer, which is worked
    assert found[APPEALS] == found[Capability.UNDERPAYMENT_RECOVER] == ()


def test_what_is_closed_is_not_left_undone(sent: House):
    answer(sent, "197", "50")
    with sent.office() as office:
        for one in office.session.scalars(select(Denial).where(Denial.carc == "50")):
            one.state = "CLOSED"
    assert [one.cause for one in measured(sent)[ROUTE]] == ["CO-197"]


def test_an_add_on_takes_its_measure_off(sent: House):
    answer(sent, "197", "50")
    with sent.office() as office:
        row = {"client_id": sent.client.id, "capability": ROUTE, "monthly_cents": 0, "ends_on": None,
               "starts_on": date(2026, 1, 1)}  # fmt: skip
        office.insert(AddOn, [row])
    assert ROUTE not in measured(sent)


def test_a_right_to_appeal_ends_on_the_payers_day_and_is_counted_for_a_time(sent: House):
    answer(sent, "197", "50")
    with sent.office() as office:
        denied_at = office.session.scalars(select(Denial.denied_at)).first()
    counted = {}
    right = payers()[PLAIN].appeal_days
    for after in (-right, 0, 1, 90, 91):
        sent.clock.set(denied_at + timedelta(days=right + after))
        counted[after] = len(measured(sent)[APPEALS])
    assert counted == {-right: 0, 0: 0, 1: 2, 90: 2, 91: 0}


@pytest.mark.parametrize(
    ("rate", "missing"), [(12_000, []), (12_100, []), (12_101, [101]), (14_000, [2_000]), (99_000, [3_000])]
)
def test_paid_below_contract_by_more_than_a_dollar_counts_and_never_past_the_charge(sent: House, rate, missing):
    contract(sent, rate)
    answer(sent, "45", "50")
    assert [one.cents for one in measured(sent)[Capability.UNDERPAYMENT_RECOVER]] == missing


def test_coverage_counts_lines_and_cents(house: House):
    rows = [visit(1), visit(2, payer_id=PLAIN), visit(3, payer_id=PLAIN, procedure="XV114", charge="50.00")]
    house.upload(*rows)
    contract(house, 10_000)
    with house.office() as office:
        found = load_coverage(office, house.client.id)
        plain = office.session.scalars(select(Payer.name).where(Payer.code == PLAIN)).one()
    assert (found.own.lines, found.own.cents, found.own.priced_lines, found.own.priced_cents) == (3, 35_000, 2, 30_000)
    assert (found.own.percent_of_lines, found.own.percent_of_cents) == (66, 85)
    assert found.missing == [("XV114", 1)]
    share = found.by_payer[plain]
    assert (share.lines, share.cents, share.priced_lines, share.priced_cents) == (2, 20_000, 1, 15_000)
    assert next(iter(found.by_payer)) == plain


def test_a_price_counts_from_its_day_on_and_old_services_do_not(house: House):
    house.upload(visit(1, service_date="2025-12-20"), visit(2, service_date="2025-12-10"))
    with house.office() as office:
        found = load_coverage(office, house.client.id)
        assert found.since == office.today(house.client.id) - timedelta(days=90)
    assert found.own.lines == 1  # the tenth is 98 days ago
    assert found.by_payer
    assert next(iter(found.by_payer.values())).priced_lines == 0


def test_nothing_billed_is_no_share(house: House):
    with house.office() as office:
        found = load_coverage(office, house.client.id)
    assert (found.own.percent_of_lines, found.by_payer, found.missing) == (0, {}, [])
