"""Corrected and void claims: taken back to the cent, decided anew, and never a payment below zero."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bureau.x12.balance import Verdict, balance
from bureau.x12.remit835 import read_835
from config.settings import PayerPace
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.record import PayerRecord
from tests.simulator.claims import ACCOUNT, MONDAY, a_claim, a_file, a_line, a_profile

FEES = {"XV101": 10_000, "XV102": 4_000}
LATER = MONDAY + timedelta(days=120)


class World:
    """One payer, one account, files one after the other."""

    def __init__(self, pace=PayerPace.AT_ONCE, **settings):
        plain = {"fees": FEES, "copay_cents": 0, "deductible_cents": 0, "coinsurance_basis_points": 0}
        self.record = PayerRecord(":memory:")
        profile = a_profile(**(plain | settings))
        self.house = SimulatedClearinghouse([profile], self.record, seed=1, pace=pace)
        self.files = 0

    def send(self, *claims, at=MONDAY):
        self.files += 1
        self.house.submit(ACCOUNT, f"{self.files}.x12", a_file(claims, control=self.files), at)

    def collect(self, at=LATER):
        found = self.house.waiting(ACCOUNT, at)
        self.house.taken(ACCOUNT, [one.name for one in found])
        remits = []
        for one in found:
            if one.name.startswith("835"):
                values, problems = read_835(one.content.decode())
                assert not problems
                remits += values
        assert all(balance(one).verdict is Verdict.BALANCED for one in remits)
        return remits

    def icn(self, pcn):
        return next(one.icn for one in self.record.decisions() if one.pcn == pcn)


def paid(remits):
    return [(claim.status, claim.pcn, claim.paid_cents) for one in remits for claim in one.claims]


def corrected(world, original, attempt=2, frequency="7", lines=None, **changes):
    lines = original.lines if lines is None else lines
    return a_claim(1, lines, attempt=attempt, frequency=frequency, payer_icn=world.icn(original.pcn), **changes)


def test_a_paid_claim_is_reversed_and_paid_anew_in_one_payment():
    world, first = World(), a_claim()
    world.send(first)
    assert paid(world.collect()) == [("1", first.pcn, 10_000)]
    second = corrected(world, first, lines=[a_line(), a_line(2, "XV102", 5_000)])
    world.send(second)
    (one,) = world.collect()
    assert paid([one]) == [("22", first.pcn, -10_000), ("1", second.pcn, 14_000)]
    assert one.payment_cents == 4_000
    reversal = one.claims[0]
    assert reversal.payer_icn == world.icn(first.pcn)
    assert [(part.carc, part.cents) for part in reversal.lines[0].adjustments] == [("45", -2_500)]
    assert world.record.paid_total() == 14_000
    assert {(part.carc, part.cents) for part in world.record.totals_by_carc()} == {("45", 3_500)}


def test_a_void_claim_is_taken_back_and_the_service_may_be_billed_again():
    world, first, other = World(), a_claim(), a_claim(5)
    world.send(first, other)
    world.collect()
    world.send(corrected(world, first, frequency="8"))
    assert paid(world.collect()) == [("22", first.pcn, -10_000)]
    assert world.record.submissions()[-1].fate == "voided"
    again = a_claim(1, attempt=3)
    world.send(again)
    assert paid(world.collect()) == [("1", again.pcn, 10_000)]


def test_what_a_payment_cannot_bear_is_forwarded_until_it_can():
    world = World()
    claims = [a_claim(number) for number in range(1, 4)]
    world.send(*claims)
    world.collect()
    voids = [
        a_claim(number, attempt=2, frequency="8", payer_icn=world.icn(claim.pcn))
        for number, claim in enumerate(claims, 1)
    ]
    world.send(*voids)
    (one,) = world.collect()
    assert (one.payment_cents, one.method, one.handling) == (0, "NON", "H")
    assert [(part.reason, part.cents) for part in one.provider_adjustments] == [("FB", -30_000)]
    world.send(a_claim(11), a_claim(12))
    (two,) = world.collect()
    assert [part.cents for part in two.provider_adjustments] == [30_000, -10_000]
    world.send(a_claim(13), a_claim(14))
    (three,) = world.collect()
    assert (three.payment_cents, [part.cents for part in three.provider_adjustments]) == (10_000, [10_000])
    world.send(a_claim(15))
    (four,) = world.collect()
    assert (four.payment_cents, four.provider_adjustments) == (10_000, [])
    truth = world.record.remits()
    assert sum(one.forwarded_cents for one in truth) == 0
    assert sum(one.cents + one.forwarded_cents for one in truth) == sum(
        line.paid_cents for line in world.record.decisions()
    )


def test_a_denied_claim_is_replaced_without_a_reversal():
    world = World(denial_rate=1.0, retry_denial_share=0.0)
    first = a_claim()
    world.send(first)
    assert [status for status, *_ in paid(world.collect())] == ["4"]
    second = corrected(world, first)
    world.send(second)
    assert paid(world.collect()) == [("1", second.pcn, 10_000)]


def test_the_deductible_comes_back_with_the_claim():
    world = World(deductible_cents=30_000)
    first = a_claim(1, [a_line(), a_line(2), a_line(3), a_line(4), a_line(5)])
    world.send(first)
    before = paid(world.collect())[0][2]
    second = corrected(world, first)
    world.send(second)
    assert paid(world.collect()) == [("22", first.pcn, -before), ("1", second.pcn, before)]


@pytest.mark.parametrize(("icn", "reason"), [("", "A6:464:PR"), ("NOSUCHCLAIM", "A7:464:PR")])
def test_a_correction_of_nothing_goes_back(icn, reason):
    world = World()
    world.send(a_claim(frequency="7", payer_icn=icn))
    assert world.collect() == []
    assert [(one.fate, one.reason) for one in world.record.submissions()] == [("payer-rejected", reason)]


def test_a_claim_can_be_replaced_once():
    world, first = World(), a_claim()
    world.send(first)
    world.send(corrected(world, first))
    world.send(corrected(world, first, attempt=3))
    assert [one.fate for one in world.record.submissions()] == [
        "adjudicated",
        "adjudicated",
        "payer-rejected",
    ]


def test_the_correction_never_overtakes_the_original():
    world = World(pace=PayerPace.REALISTIC, median_days=20)
    first = a_claim(member="SIM.PEND.60")
    world.send(first)
    second = corrected(world, first, member="SIM.PAY")
    world.send(second, at=MONDAY + timedelta(days=1))
    assert paid(world.collect(MONDAY + timedelta(days=50))) == []
    assert [status for status, *_ in paid(world.collect())] == ["1", "22", "1"]
