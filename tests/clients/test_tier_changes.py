"""A change of plan: asked, quoted, accepted, approved; periods that never overlap and never leave a gap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from clients import tier_changes as changes
from clients.capabilities import Capability
from clients.fees import Term, load_terms
from clients.models import FeeBasis, TierPeriod, TierRequest, TierRequestState
from clients.tiers import Tier, get_tier, has
from config.problems import Problem
from tests.support.effort import tries
from tests.support.houses import House

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TODAY, NEXT = date(2026, 11, 20), date(2026, 12, 1)
APPEAL = Capability.DENIAL_APPEAL
PRICE = changes.Quote((Term(FeeBasis.PERCENT, steps=((0, 700), (100, 600))),), {})


def ask(office, house, tier=Tier.BILLING, add_ons=(), starts_on=NEXT):
    wish = changes.Wish(tier, add_ons, starts_on)
    return changes.ask(office.session, house.client.id, wish, by="Owner", at=NOW, today=TODAY)


def other_tier(office, house) -> Tier:
    return Tier.FULL_RCM if get_tier(office.session, house.client.id, TODAY) is Tier.BILLING else Tier.BILLING


def go_on(office, request_id, quote=PRICE) -> TierRequest:
    request = office.session.scalars(select(TierRequest).where(TierRequest.id == request_id)).one()
    assert changes.offer(request, quote, by="Staff", at=NOW) is None
    assert changes.move(request, TierRequestState.ACCEPTED, by="Owner", at=NOW) is None
    assert changes.approve(office.session, request, by="Staff", at=NOW) is None
    return request


def test_the_first_of_next_month():
    assert [changes.first_of_next_month(day) for day in (TODAY, date(2026, 12, 31), date(2027, 1, 31))] == [
        NEXT, date(2027, 1, 1), date(2027, 2, 1),
    ]  # fmt: skip


def test_an_approved_change_holds_from_its_day_on(house: House):
    client = house.client.id
    with house.office() as office:
        before, after = get_tier(office.session, client, TODAY), other_tier(office, house)
        go_on(office, ask(office, house, after))
        office.session.flush()
        assert [get_tier(office.session, client, NEXT - timedelta(days)) for days in (1, 0)] == [before, after]
        assert load_terms(office.session, client, NEXT) == PRICE.terms
        assert load_terms(office.session, client, NEXT - timedelta(1)) != PRICE.terms
        assert changes.split_by_tier(office.session, client, date(2026, 11, 15), date(2026, 12, 15)) == [
            (date(2026, 11, 15), NEXT, before), (NEXT, date(2026, 12, 15), after),
        ]  # fmt: skip


def test_an_add_on_comes_and_goes_with_its_request(house: House):
    client, later = house.client.id, date(2027, 2, 1)
    with house.office() as office:
        changes.set_tier(office.session, client, Tier.BILLING, on=TODAY)
        go_on(office, ask(office, house, Tier.BILLING, (APPEAL,)), changes.Quote((), {APPEAL: 20_000}))
        go_on(office, ask(office, house, Tier.BILLING, (), later))
        held = [has(office.session, client, APPEAL, on=day) for day in (TODAY, NEXT, later - timedelta(1), later)]
        assert held == [False, True, True, False]
        assert changes.find_add_ons(office.session, client, NEXT) == {APPEAL: 20_000}


@pytest.mark.parametrize(
    ("wish", "code"),
    [({"tier": Tier.FULL_RCM, "starts_on": TODAY - timedelta(1)}, "tier.past"),
     ({"tier": Tier.FULL_RCM, "add_ons": (APPEAL,)}, "tier.included"), ({"tier": Tier.BILLING}, "tier.same")],
)  # fmt: skip
def test_a_wish_that_makes_no_sense_is_refused(house: House, wish, code):
    with house.office() as office:
        changes.set_tier(office.session, house.client.id, Tier.BILLING, on=date(2026, 1, 1))
        found = ask(office, house, **wish)
    assert isinstance(found, Problem)
    assert found.code == code


def test_one_request_runs_at_a_time(house: House):
    with house.office() as office:
        wanted = other_tier(office, house)
        first = ask(office, house, wanted)
        assert ask(office, house, wanted).code == "tier.running"
        request = changes.find_running(office.session, house.client.id)
        assert request.id == first
        assert changes.move(request, TierRequestState.WITHDRAWN, by="Owner", at=NOW) is None
        assert isinstance(ask(office, house, wanted), int)


@pytest.mark.parametrize("to", TierRequestState)
@pytest.mark.parametrize("state", TierRequestState)
def test_a_request_moves_only_as_the_table_says(state, to):
    request = TierRequest(state=state, note="")
    moved = changes.move(request, to, by="x", at=NOW) is None
    assert moved == (to in changes.MOVES.get(state, ()))
    assert request.state == (to if moved else state)


def test_nothing_takes_effect_that_was_not_quoted_and_accepted(house: House):
    with house.office() as office:
        ask(office, house, other_tier(office, house))
        request = changes.find_running(office.session, house.client.id)
        assert changes.approve(office.session, request, by="Staff", at=NOW).code == "tier.state"
        wrong = changes.Quote((), {APPEAL: 1})
        assert changes.offer(request, wrong, by="Staff", at=NOW).code == "tier.quote"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=tries(25), deadline=None)
@given(st.lists(st.tuples(st.integers(-40, 400), st.sampled_from(Tier)), min_size=1, max_size=6))
def test_periods_never_overlap_and_never_leave_a_gap(house: House, plan):
    client = house.client.id
    with house.office() as office:
        for days, tier in plan:
            changes.set_tier(office.session, client, tier, on=TODAY + timedelta(days))
        rows = office.session.scalars(
            select(TierPeriod).where(TierPeriod.client_id == client).order_by(TierPeriod.starts_on)
        ).all()
        assert [row.ends_on for row in rows[:-1]] == [row.starts_on for row in rows[1:]]
        assert rows[-1].ends_on is None
        assert get_tier(office.session, client, TODAY + timedelta(plan[-1][0])) is plan[-1][1]
