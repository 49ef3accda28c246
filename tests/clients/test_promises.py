"""Promises, preferences and the words of fees: what is entered is what is kept, and what held before stays known."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from clients.fee_words import read_term, say_term, write_rate
from clients.fees import Term
from clients.models import FeeBasis, SlaClause
from clients.preferences import Preferences, find_preference_problems, read_preferences, write_preferences
from clients.promises import LABELS, Clause, find_clause_problems, load_clauses, set_clauses
from config.problems import Problem
from reports.spans import SOURCES
from tests.support.houses import OPENED, House

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
POSTED = Clause("remittance_to_posted", 2, 95, 200)


def test_only_what_is_measured_can_be_promised():
    assert set(LABELS) == set(SOURCES)
    assert [one.code for one in find_clause_problems([Clause("smiles", 1, 90)])] == ["promise.measure"]


@pytest.mark.parametrize(
    ("clause", "code"),
    [(Clause("remittance_to_posted", 0, 95), "promise.days"), (Clause("remittance_to_posted", 61, 95), "promise.days"),
     (Clause("remittance_to_posted", 2, 0), "promise.share"), (Clause("remittance_to_posted", 2, 101), "promise.share"),
     (Clause("remittance_to_posted", 2, 95, 1_001), "promise.credit")],
)  # fmt: skip
def test_a_promise_has_its_bounds(clause, code):
    assert [
        (one.where, one.code) for one in find_clause_problems([Clause("denial_to_first_touch", 2, 90), clause])
    ] == [("promise 2", code)]
    assert find_clause_problems([POSTED]) == []


def test_the_same_promise_twice_is_one_too_many():
    [problem] = find_clause_problems([POSTED, Clause("remittance_to_posted", 2, 50)])
    assert (problem.where, problem.code) == ("promise 2", "promise.double")


def test_new_promises_end_the_old_ones_and_forget_none(house: House):
    with house.office() as office:
        before = load_clauses(office.session, house.client.id, MARCH)
        set_clauses(office.session, house.client.id, [POSTED], on=APRIL)
        assert load_clauses(office.session, house.client.id, MARCH) == before
        assert load_clauses(office.session, house.client.id, APRIL) == (POSTED,)
        rows = office.session.scalars(select(SlaClause).where(SlaClause.client_id == house.client.id)).all()
    assert {(row.starts_on, row.ends_on) for row in rows} == {(OPENED, APRIL), (APRIL, None)}


# -- preferences ----------------------------------------------------------------------------------------------


@given(st.builds(
    Preferences, st.integers(0, 10_000), st.integers(1, 28), st.integers(1, 30),
    st.sets(st.dates(date(2020, 1, 1), date(2030, 1, 1))).map(lambda days: tuple(sorted(days))),
))  # fmt: skip
def test_preferences_come_back_as_they_were_kept(chosen):
    assert read_preferences(write_preferences(chosen)) == chosen
    assert find_preference_problems(chosen) == []


def test_what_was_never_chosen_has_its_default():
    assert read_preferences(None) == read_preferences({}) == Preferences()
    assert read_preferences({"statement_day": 5}) == Preferences(statement_day=5)


def test_a_preference_out_of_range_is_told_at_its_field():
    wrong = Preferences(-1, 29, 31)
    assert [one.where for one in find_preference_problems(wrong)] == [
        "write_off_cents", "statement_day", "escalate_after",
    ]  # fmt: skip


def test_no_promise_runs_on_the_practices_own_holiday(house: House):
    day, next_day = date(2026, 3, 19), date(2026, 3, 20)  # Thursday, Friday
    with house.office() as office:
        usual = office.calendar(house.client.id)
        office.client(house.client.id).preferences = write_preferences(Preferences(holidays=(day,)))
        own = office.calendar(house.client.id)
    assert usual.is_business_day(day)
    assert not own.is_business_day(day)
    assert own.add_business_days(date(2026, 3, 18), 1) == next_day
    assert own.business_seconds(*own.bounds(day)) == 0 < usual.business_seconds(*usual.bounds(day))


# -- fees in words --------------------------------------------------------------------------------------------

rates = st.integers(0, 2_000)


@st.composite
def terms(draw):
    basis = draw(st.sampled_from(FeeBasis))
    stepped = basis in (FeeBasis.PERCENT, FeeBasis.PER_CLAIM)
    payer_class = draw(st.sampled_from(["", "medicare", "commercial"])) if stepped else ""
    name = "basis_points" if basis is FeeBasis.PERCENT else "cents"
    steps = ()
    if stepped:
        more = draw(st.lists(st.tuples(st.integers(1, 10**9), rates), max_size=3, unique_by=lambda step: step[0]))
        steps = ((0, draw(rates)), *sorted(more)) if more else ()
    return Term(basis, payer_class=payer_class, steps=steps, **{name: steps[0][1] if steps else draw(rates)})


@given(terms())
def test_a_fee_reads_back_as_it_is_written(term):
    assert read_term(term.basis, term.payer_class, write_rate(term), "rate") == term
    assert say_term(term)


@pytest.mark.parametrize(
    ("basis", "text", "said"),
    [("percent", "7.5; 6.5% from $100,000", "7.5% of collections up to $100,000 a month, 6.5% above $100,000"),
     ("per_claim", "6; 5.25 from 1,000", "$6.00 a claim up to 1,000 claims a month, $5.25 above 1,000 claims"),
     ("percent", "0", "no share of collections"), ("flat", "150", "$150.00 a month"),
     ("minimum", "500", "$500.00 a month at least"), ("cap", "6,000", "$6,000.00 a month at most")],
)  # fmt: skip
def test_a_fee_is_a_phrase(basis, text, said):
    assert say_term(read_term(basis, "", text, "rate")) == said


def test_a_fee_of_some_payers_names_them():
    assert say_term(read_term("per_claim", "managed_medicaid", "6", "rate")) == "$6.00 a claim (Managed Medicaid only)"
    assert read_term("flat", "medicaid", "6", "rate") == Term(FeeBasis.FLAT, cents=600)


@pytest.mark.parametrize(
    ("basis", "text"),
    [("percent", ""), ("percent", "six"), ("percent", "6; 5"), ("percent", "6 from 10"), ("percent", "6.123"),
     ("percent", "6; 5 from much"), ("flat", "6; 5 from 10"), ("tip", "6")],
)  # fmt: skip
def test_what_is_no_fee_is_told_at_its_field(basis, text):
    problem = read_term(basis, "", text, "rate-2")
    assert isinstance(problem, Problem)
    assert problem.where == "rate-2"
