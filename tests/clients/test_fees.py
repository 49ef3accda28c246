"""Fees: priced to the cent, never less for more work, and no share of government money that we receive."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.fees import Activity, Term, find_fee_problems, price_month
from clients.models import FeeBasis

PERCENT, CLAIM, FLAT, LEAST, MOST = FeeBasis.PERCENT, FeeBasis.PER_CLAIM, FeeBasis.FLAT, FeeBasis.MINIMUM, FeeBasis.CAP
STEPPED = Term(PERCENT, steps=((0, 700), (1_000_000, 600), (5_000_000, 450)))


def total(terms, **activity) -> int:
    return sum(line.cents for line in price_month(terms, Activity(**activity)))


@pytest.mark.parametrize(
    ("terms", "activity", "cents"),
    [
        ([Term(PERCENT, basis_points=600)], {"collected": {"commercial": 100_000, "patient": 2_500}}, 6_150),
        ([Term(PERCENT, basis_points=650)], {"collected": {"commercial": 777}}, 51),  # 50.505
        ([Term(PERCENT, basis_points=500)], {"collected": {"commercial": 10}}, 1),  # half a cent goes up
        ([STEPPED], {"collected": {"commercial": 1_000_000}}, 70_000),
        ([STEPPED], {"collected": {"commercial": 6_000_000}}, 70_000 + 240_000 + 45_000),
        ([Term(PERCENT, basis_points=600)], {"collected": {"commercial": -50_000}}, -3_000),
        ([Term(CLAIM, cents=550)], {"claims": {"commercial": 40, "medicare": 2}}, 23_100),
        ([Term(CLAIM, cents=550), Term(CLAIM, cents=300, payer_class="medicaid")],
         {"claims": {"commercial": 10, "medicaid": 10}}, 8_500),
        ([Term(FLAT, cents=100_001)], {"share": Fraction(1, 2)}, 50_001),
        ([Term(PERCENT, basis_points=600), Term(LEAST, cents=50_000)], {"collected": {"commercial": 100_000}}, 50_000),
        ([Term(PERCENT, basis_points=600), Term(MOST, cents=5_000)], {"collected": {"commercial": 100_000}}, 5_000),
        ([], {"collected": {"commercial": 100_000}}, 0),
    ],
)  # fmt: skip
def test_a_month_is_priced(terms, activity, cents):
    assert total(terms, **activity) == cents


def test_every_line_says_what_was_measured():
    terms = [Term(PERCENT, basis_points=600), Term(PERCENT, payer_class="medicaid"), Term(FLAT, cents=1_000)]
    lines = price_month(terms, Activity(collected={"commercial": 5_000, "patient": 500, "medicaid": 900}))
    assert [(line.basis, line.payer_class, line.amount, line.cents) for line in lines] == [
        (PERCENT, "", 5_500, 330), (PERCENT, "medicaid", 900, 0), (FLAT, "", 1, 1_000),
    ]  # fmt: skip


AMOUNTS = st.dictionaries(st.sampled_from(["commercial", "medicare", "patient"]), st.integers(0, 10**9))
RATES = st.lists(st.integers(0, 2_000), min_size=1, max_size=4)


@given(AMOUNTS, st.sampled_from(["commercial", "medicare", "patient"]), st.integers(0, 10**8), RATES)
def test_more_work_never_costs_less(amounts, grown, more, rates):
    steps = tuple((at * 10**6, rate) for at, rate in enumerate(rates))
    terms = [Term(PERCENT, steps=steps), Term(CLAIM, cents=500), Term(LEAST, cents=30_000), Term(MOST, cents=10**7)]
    bigger = {**amounts, grown: amounts.get(grown, 0) + more}
    assert total(terms, collected=bigger, claims=bigger) >= total(terms, collected=amounts, claims=amounts)


@given(AMOUNTS, RATES)
def test_money_given_back_gives_its_fee_back(amounts, rates):
    terms = [Term(PERCENT, steps=tuple((at * 10**6, rate) for at, rate in enumerate(rates)))]
    back = {name: -cents for name, cents in amounts.items()}
    assert total(terms, collected=amounts) == -total(terms, collected=back)


@given(AMOUNTS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_fee_lies_between_the_least_and_the_most(amounts, least, more):
    terms = [Term(PERCENT, basis_points=900), Term(LEAST, cents=least), Term(MOST, cents=least + more)]
    assert least <= total(terms, collected=amounts) <= least + more


def codes(terms, *, receives=False, classes=("commercial", "medicare", "medicaid"), region="OH") -> list[str]:
    found = find_fee_problems(terms, bureau_receives_money=receives, payer_classes=classes, region=region)
    return [problem.code for problem in found]


def test_no_share_of_government_money_that_the_bureau_receives():
    share = Term(PERCENT, basis_points=600)
    assert codes([share]) == []
    assert codes([share], receives=True) == ["fee.government", "fee.government"]
    assert codes([share], receives=True, classes=("commercial",)) == []
    assert codes([Term(PERCENT, basis_points=600, payer_class="medicare")], receives=True, classes=()) == [
        "fee.government"
    ]
    exempt = [share, Term(PERCENT, payer_class="medicare"), Term(PERCENT, payer_class="medicaid")]
    assert codes([*exempt, Term(CLAIM, cents=500, payer_class="medicare")], receives=True) == []


@pytest.mark.parametrize(
    ("terms", "code"),
    [([Term(CLAIM, cents=-1)], "fee.rate"), ([Term("hourly", cents=1)], "fee.rate"),
     ([Term(PERCENT, basis_points=2_001)], "fee.high"), ([Term(CLAIM, steps=((5, 100),))], "fee.steps"),
     ([Term(CLAIM, steps=((0, 100), (9, 90), (9, 80)))], "fee.steps"),
     ([Term(FLAT, cents=1), Term(FLAT, cents=2)], "fee.double")],
)  # fmt: skip
def test_terms_nobody_can_mean_are_said(terms, code):
    assert codes(terms) == [code]


def test_where_counsel_should_be_asked_it_is_a_warning():
    found = find_fee_problems(
        [Term(PERCENT, basis_points=600)], bureau_receives_money=False, payer_classes=(), region="NY"
    )
    assert [(problem.code, problem.is_error) for problem in found] == [("fee.ask_counsel", False)]
