"""How a claim is decided: by tables for each outcome, by property for the balance, by count for the rates."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.adjudication import MemberMemory, adjudicate, delay_days, service_key
from simulator.payers import build_profile, change_profile, known_kinds
from simulator.streams import Dice
from tests.simulator.claims import DAY, a_claim, a_line, a_profile

ARRIVED = date(2026, 3, 2)
MANY = 6_000


def decide(claim, profile=None, memory=None, on=ARRIVED, key="1"):
    profile = profile or a_profile()
    return adjudicate(claim, profile, memory or MemberMemory(), on, Dice(1, profile.code, key))


def parts(decision, line=0):
    return {part.group + part.carc: part.cents for part in decision.lines[line].adjustments}


def assert_balanced(decision):
    for one in decision.lines:
        assert one.line.charge_cents == one.paid_cents + sum(part.cents for part in one.adjustments)
        assert min([one.paid_cents, one.allowed_cents, *(part.cents for part in one.adjustments)], default=0) >= 0
        assert len({(part.group, part.carc) for part in one.adjustments}) == len(one.adjustments)
    assert decision.charge_cents == sum(one.line.charge_cents for one in decision.lines)


PLAIN = {"fees": {"XV101": 10_000}, "copay_cents": 0, "deductible_cents": 0, "coinsurance_basis_points": 0}


@pytest.mark.parametrize(
    ("settings", "used", "paid", "expected"),
    [
        ({}, 0, 10_000, {"CO45": 2_500}),
        ({"fees": {"XV101": 99_999}}, 0, 12_500, {}),
        ({"fees": {"XV101": 0}}, 0, 0, {"CO45": 12_500}),
        ({"copay_cents": 2_500}, 0, 7_500, {"CO45": 2_500, "PR3": 2_500}),
        ({"copay_cents": 20_000}, 0, 0, {"CO45": 2_500, "PR3": 10_000}),
        ({"deductible_cents": 50_000}, 0, 0, {"CO45": 2_500, "PR1": 10_000}),
        ({"deductible_cents": 50_000}, 46_000, 6_000, {"CO45": 2_500, "PR1": 4_000}),
        ({"deductible_cents": 50_000}, 50_000, 10_000, {"CO45": 2_500}),
        ({"coinsurance_basis_points": 2_000}, 0, 8_000, {"CO45": 2_500, "PR2": 2_000}),
        (
            {"fees": {"XV101": 10_001}, "coinsurance_basis_points": 3_333},
            0,
            6_668,
            {"CO45": 2_499, "PR2": 3_333},
        ),
        (
            {"deductible_cents": 50_000, "copay_cents": 1_000, "coinsurance_basis_points": 2_000},
            45_000,
            3_200,
            {"CO45": 2_500, "PR1": 5_000, "PR3": 1_000, "PR2": 800},
        ),
    ],
)
def test_fee_then_deductible_then_copay_then_coinsurance(settings, used, paid, expected):
    profile = change_profile(a_profile(), PLAIN | settings)
    decision = decide(a_claim(), profile, MemberMemory({2026: used}))
    assert (decision.paid_cents, parts(decision), decision.status) == (paid, expected, "1")
    assert decision.patient_cents == sum(cents for key, cents in expected.items() if key.startswith("PR"))
    assert_balanced(decision)


def test_the_deductible_runs_on_from_line_to_line_and_the_copay_is_taken_once():
    profile = change_profile(a_profile(), PLAIN | {"deductible_cents": 12_000, "copay_cents": 9_000})
    decision = decide(a_claim(lines=[a_line(), a_line(2), a_line(3)]), profile)
    assert [parts(decision, line) for line in range(3)] == [
        {"CO45": 2_500, "PR1": 10_000},
        {"CO45": 2_500, "PR1": 2_000, "PR3": 8_000},
        {"CO45": 2_500, "PR3": 1_000},
    ]
    assert decision.deductible_used == {2026: 12_000}


def test_each_calendar_year_has_its_own_deductible():
    profile = change_profile(a_profile(), PLAIN | {"deductible_cents": 10_000})
    lines = [a_line(day=date(2025, 12, 31)), a_line(2, day=date(2026, 1, 1))]
    assert decide(a_claim(lines=lines), profile).deductible_used == {2025: 10_000, 2026: 10_000}


def test_late_claims_are_denied_on_the_day_after_the_limit():
    profile = a_profile(filing_days=90)
    limit = DAY + timedelta(days=90)
    assert decide(a_claim(), profile, on=limit).status == "1"
    late = decide(a_claim(), profile, on=limit + timedelta(days=1))
    assert (late.status, parts(late), late.cause) == ("4", {"CO29": 12_500}, "rule timely filing")
    assert_balanced(late)


def test_a_service_seen_before_is_a_duplicate_line_by_line():
    claim = a_claim(lines=[a_line(), a_line(2, cents=9_900)])
    memory = MemberMemory(services={service_key(claim, claim.lines[0]): "OTHERPCN"})
    decision = decide(claim, memory=memory)
    assert parts(decision) == {"CO18": 12_500}
    assert (decision.status, decision.cause, decision.lines[1].is_denied) == ("1", "rule duplicate", False)
    assert decision.services == (service_key(claim, claim.lines[1]),)
    assert_balanced(decision)
    own = MemberMemory(services={service_key(claim, claim.lines[0]): claim.pcn})
    assert decide(claim, memory=own).cause == "clean"
    assert decide(a_claim(lines=claim.lines, frequency="7"), memory=memory).cause == "clean"


@pytest.mark.parametrize(
    "change", [{"cents": 1}, {"code": "XV102"}, {"day": DAY - timedelta(days=1)}, {"modifiers": ("25",)}]
)
def test_anything_else_is_no_duplicate(change):
    memory = MemberMemory(services={service_key(a_claim(), a_line()): "OTHERPCN"})
    assert decide(a_claim(lines=[a_line(**change)]), memory=memory).cause == "clean"


def test_listed_codes_need_an_authorization():
    profile = a_profile(auth_codes=["XV900"])
    lines = [a_line(), a_line(2, "XV900")]
    decision = decide(a_claim(lines=lines), profile)
    assert parts(decision, 1) == {"CO197": 12_500}
    assert not decision.lines[0].is_denied
    assert decide(a_claim(lines=lines, prior_auth="A1"), profile).cause == "clean"


@pytest.mark.parametrize(
    ("member", "status", "expected"),
    [
        ("SIM.DENY.CO197", "4", {"CO197": 12_500}),
        ("SIM.DENY.PR-27", "4", {"PR27": 12_500}),
        ("SIM.DENY", "4", {"CO16": 12_500}),
        ("SIM.PART.80", "1", {"CO45": 2_500}),
        ("SIM.PART.0", "1", {"CO45": 12_500}),
        ("SIM.PAY", "1", {"CO45": 2_500}),
    ],
)
def test_a_trigger_decides_before_rules_and_dice(member, status, expected):
    profile = change_profile(a_profile(denial_rate=1.0, filing_days=0), PLAIN)
    decision = decide(a_claim(member=member), profile)
    assert (decision.status, parts(decision), decision.cause) == (status, expected, member)
    assert_balanced(decision)


def test_a_trigger_can_make_a_claim_wait():
    decision = decide(a_claim(member="SIM.PEND.35D"))
    assert delay_days(decision, a_profile(), Dice(1, "x")) == 35
    assert decision.status == "1"


def test_missing_data_always_comes_with_a_remark():
    for code in ("AAA", "BBB", "CCC", "DDD"):
        reasons = {one.carc: one for one in build_profile(code, code, "commercial", "000000001").reasons}
        assert len(reasons["16"].rarcs) == 1
    remarks = {build_profile(f"P{number}", "P", "commercial", "000000001").reasons[0].rarcs for number in range(20)}
    assert len(remarks) > 3


def test_a_drawn_denial_may_hit_one_line_only():
    profile = a_profile(denial_rate=1.0)
    lines = [a_line(), a_line(2, "XV205", 3_000), a_line(3, "XV301", 999)]
    found = [decide(a_claim(lines=lines), profile, key=str(number)) for number in range(300)]
    whole = [one for one in found if one.status == "4"]
    single = [one for one in found if one.status == "1"]
    assert whole
    assert single
    assert all(sum(line.is_denied for line in one.lines) == 1 for one in single)
    assert all(len({line.cause for line in one.lines}) == 1 for one in whole)
    for one in found:
        assert_balanced(one)


def test_the_order_of_claims_does_not_matter():
    profile = a_profile(denial_rate=0.5)
    forward = {key: decide(a_claim(), profile, key=str(key)) for key in range(50)}
    assert forward == {key: decide(a_claim(), profile, key=str(key)) for key in reversed(range(50))}


@given(
    kind=st.sampled_from(sorted(known_kinds())),
    charges=st.lists(st.integers(0, 2_000_000), min_size=1, max_size=12),
    key=st.integers(0, 10_000),
    used=st.integers(0, 400_000),
    settings=st.fixed_dictionaries(
        {
            "denial_rate": st.sampled_from([0.0, 0.3, 1.0]),
            "copay_cents": st.integers(0, 10_000),
            "deductible_cents": st.integers(0, 500_000),
            "coinsurance_basis_points": st.integers(0, 10_000),
            "fee_basis_points": st.integers(0, 10_000),
        }
    ),
    rank=st.sampled_from("PST"),
)
def test_every_claim_balances(*, kind, charges, key, used, settings, rank):
    profile = build_profile("ANY", "ANY", kind, "000000001", **settings)
    lines = [a_line(number, f"XV{number:03d}", cents) for number, cents in enumerate(charges, 1)]
    decision = decide(a_claim(lines=lines, payer_rank=rank), profile, MemberMemory({2026: used}), key=str(key))
    assert_balanced(decision)
    assert decision.charge_cents == sum(charges)
    assert (decision.status == "4") == all(one.is_denied for one in decision.lines)
    assert decision.deductible_used.get(2026, 0) <= max(used, profile.deductible_cents)


def within_three_errors(count, rate, many=MANY):
    return abs(count - many * rate) <= 3 * sqrt(many * rate * (1 - rate))


def test_denials_come_at_their_rate_and_in_their_mix():
    profile = a_profile(denial_rate=0.2)
    causes = Counter(decide(a_claim(), profile, key=str(number)).cause for number in range(MANY))
    denied = MANY - causes.pop("clean")
    assert within_three_errors(denied, 0.2)
    total = sum(one.weight for one in profile.reasons)
    for reason in profile.reasons:
        assert within_three_errors(causes[f"dice {reason.carc}"], reason.weight / total, denied)


def test_a_corrected_claim_is_denied_less_often():
    profile = a_profile(denial_rate=0.5, retry_denial_share=0.4)
    again = sum(
        decide(a_claim(), profile, MemberMemory(attempts=1), key=str(number)).is_denied for number in range(MANY)
    )
    assert within_three_errors(again, 0.2)


def delays(profile, many):
    found = []
    for number in range(many):
        die = Dice(1, "P", str(number))
        found.append(delay_days(adjudicate(a_claim(), profile, MemberMemory(), ARRIVED, die), profile, die))
    return found


def test_delays_follow_the_profile():
    days = delays(a_profile(median_days=14, sigma=0.295), MANY)
    below = 0.547  # the chance of less than 14.5 days, for days are rounded
    assert within_three_errors(sum(one <= 14 for one in days), below)


def test_the_floor_holds_for_payments_and_not_for_denials():
    floor = {"median_days": 14, "floor_days": 14}
    assert min(delays(a_profile(denial_rate=1.0, **floor), 200)) < 14
    assert min(delays(a_profile(pend_share=0.5, pend_median_days=5, **floor), 200)) == 14


def test_claim_numbers_do_not_repeat():
    numbers = {decide(a_claim(), key=str(number)).icn for number in range(MANY)}
    assert len(numbers) == MANY


def test_fees_are_the_payers_own_and_stay():
    one = build_profile("AAA", "A", "commercial", "000000001")
    assert one.allowed_cents("XV101", 1, 10_000) == one.allowed_cents("XV101", 1, 10_000)
    assert len({one.allowed_cents(f"XV{number}", 1, 10_000) for number in range(50)}) > 20
    assert change_profile(one, {"fees": {"XV101": 300}}).allowed_cents("XV101", 3, 10_000) == 900
    assert change_profile(one, {"fees": {"XV101": 301}}).allowed_cents("XV101", Decimal("1.5"), 10_000) == 452


def test_settings_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="kind"):
        build_profile("A", "A", "bank", "000000001")
    with pytest.raises(TypeError):
        build_profile("A", "A", "commercial", "000000001", generosity=1)
    with pytest.raises(ValueError, match="generosity"):
        change_profile(a_profile(), {"generosity": 1})
