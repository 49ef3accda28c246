"""What a client has bought and who may do what: tiers by date, grants by client, nothing that was not given."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from clients.access import (
    CLIENT_ROLES,
    GRANTS,
    OPEN_TO_ALL,
    Door,
    Grant,
    Permission,
    Person,
    Role,
    door_of,
    doors_of,
    may,
)
from clients.capabilities import FEATURES
from clients.models import AddOn, Client, Enrollment, Fee, Payer, Provider, SlaClause, TierPeriod
from clients.onboarding import DEFAULT_CLAUSES, add_payers
from clients.scope import Scope, ScopeError
from clients.tiers import CAPABILITIES, Capability, Tier, get_tier, has
from tests.support.houses import FEES, OPENED, House, open_practice

# -- tiers ----------------------------------------------------------------------------------------------------


def tier_rows(house: House, *periods: tuple[str, date, date | None]) -> None:
    with house.office() as office:
        for row in office.session.scalars(select(TierPeriod)):
            office.session.delete(row)
        office.session.flush()
        rows = [
            {"client_id": house.client.id, "tier": tier, "starts_on": starts, "ends_on": ends}
            for tier, starts, ends in periods
        ]
        office.insert(TierPeriod, rows)


def has_it(house: House, capability: Capability, on: date) -> bool:
    with house.office() as office:
        return has(office.session, house.client.id, capability, on=on)


def test_a_tier_counts_from_its_first_day_to_before_its_last(house: House):
    tier_rows(house, ("billing", date(2026, 1, 1), date(2026, 3, 1)), ("full-rcm", date(2026, 3, 1), None))
    for day, tier in (
        (date(2025, 12, 31), None), (date(2026, 1, 1), Tier.BILLING), (date(2026, 2, 28), Tier.BILLING),
        (date(2026, 3, 1), Tier.FULL_RCM), (date(2030, 1, 1), Tier.FULL_RCM),
    ):  # fmt: skip
        with house.office() as office:
            assert get_tier(office.session, house.client.id, day) is tier
    assert not has_it(house, Capability.DENIAL_APPEAL, date(2026, 2, 28))
    assert has_it(house, Capability.DENIAL_APPEAL, date(2026, 3, 1))
    assert not has_it(house, Capability.POST_835, date(2025, 12, 31))


def test_an_add_on_gives_one_thing_for_its_time(house: House):
    tier_rows(house, ("billing", date(2026, 1, 1), None))
    with house.office() as office:
        office.insert(
            AddOn,
            [{"client_id": house.client.id, "capability": "denial.appeal", "monthly_cents": 0,
              "starts_on": date(2026, 2, 1), "ends_on": date(2026, 3, 1)}],
        )  # fmt: skip
    assert [has_it(house, Capability.DENIAL_APPEAL, date(2026, month, 1)) for month in (1, 2, 3)] == [
        False,
        True,
        False,
    ]
    assert not has_it(house, Capability.DENIAL_ROUTE, date(2026, 2, 1))


def test_every_denial_is_recorded_for_everyone_and_worked_for_full_service_only():
    assert Capability.DENIAL_RECORD in CAPABILITIES[Tier.BILLING]
    assert {Capability.DENIAL_ROUTE, Capability.DENIAL_APPEAL}.isdisjoint(CAPABILITIES[Tier.BILLING])
    assert CAPABILITIES[Tier.FULL_RCM] == set(Capability)
    assert CAPABILITIES[Tier.BILLING] < CAPABILITIES[Tier.FULL_RCM]


def test_every_capability_is_one_line_of_the_comparison():
    assert sorted(feature.capability for feature in FEATURES) == sorted(Capability)
    assert len({feature.label for feature in FEATURES}) == len(FEATURES)
    reports = [feature.in_billing for feature in FEATURES if feature.step == "Reports"]
    assert (reports.count(True), reports.count(False)) == (3, 5)


# -- access ---------------------------------------------------------------------------------------------------


def person(*grants: Grant) -> Person:
    return Person(1, "Dana Reyes", "dana@example.test", grants)


@pytest.mark.parametrize("role", Role)
def test_a_grant_for_one_client_says_nothing_of_another(role):
    of_one = person(Grant(role, 1))
    for permission in Permission:
        granted = permission in GRANTS[role] or permission in OPEN_TO_ALL
        assert may(of_one, permission, 1) is granted
        assert may(of_one, permission) is granted
        assert may(of_one, permission, 2) is (permission in OPEN_TO_ALL)
    assert of_one.scope(door_of(role)) == Scope.of(1)


@pytest.mark.parametrize("role", Role)
def test_a_grant_for_all_is_for_all(role):
    assert person(Grant(role, None)).scope(door_of(role)) == Scope.all()
    assert all(may(person(Grant(role, None)), permission, 7) for permission in GRANTS[role])


def test_a_door_shows_only_what_its_own_roles_reach():
    both = person(Grant(Role.BILLER, 1), Grant(Role.OWNER, 2))
    assert both.scope(Door.BACK) == Scope.of(1)
    assert both.scope(Door.FRONT) == Scope.of(2)
    assert both.scope(Door.LAB) == Scope.of()
    assert not may(both, Permission.BUREAU_WORK, 2)
    assert not may(both, Permission.CLIENT_UPLOAD, 1)


def test_no_role_of_a_practice_opens_the_bureau_and_nobody_opens_nothing():
    for role in CLIENT_ROLES:
        assert doors_of(person(Grant(role, 1))) == (Door.FRONT,)
    assert doors_of(person()) == ()
    assert doors_of(person(Grant(Role.TESTER, None))) == (Door.LAB,)
    assert not any(may(person(), permission) for permission in set(Permission) - OPEN_TO_ALL)
    assert set(GRANTS) == set(Role)


def test_who_only_reads_never_works():
    for role in (Role.AUDITOR, Role.VIEWER, Role.TESTER):
        assert not GRANTS[role] & {
            Permission.BUREAU_WORK, Permission.BUREAU_CODE, Permission.BUREAU_JOBS, Permission.CLIENT_UPLOAD,
            Permission.CLIENT_ANSWER,
        }  # fmt: skip


# -- onboarding -----------------------------------------------------------------------------------------------


def test_a_client_that_is_opened_is_complete(house: House):
    client = house.client
    assert (client.state, client.account, client.opened_on) == ("LIVE", "NBBHARBOR", OPENED)
    one = TierPeriod.client_id == client.id
    assert house.count(TierPeriod, one) == 1
    clauses = house.rows(
        select(SlaClause.measure, SlaClause.business_days, SlaClause.share_percent)
        .where(SlaClause.client_id == client.id).order_by(SlaClause.id)
    )  # fmt: skip
    assert [tuple(row) for row in clauses] == list(DEFAULT_CLAUSES)
    assert house.count(Enrollment, Enrollment.client_id == client.id) == 2 * house.count(Payer)
    assert house.count(Provider, Provider.client_id == client.id) == 1
    fees = house.rows(select(Fee.code, Fee.cents).where(Fee.client_id == client.id).order_by(Fee.id))
    assert [tuple(row) for row in fees] == list(FEES)
    assert len({one.account for one in house.clients}) == house.count(Client) == 2


def test_payers_are_added_once(house: House):
    before = house.count(Payer)
    with house.office(everywhere=True) as office:
        assert len(add_payers(office.session, [])) == before
    assert house.count(Payer) == before


def test_opening_needs_the_whole_bureau(house: House):
    """A scope of one client cannot make another."""
    with pytest.raises(ScopeError), house.office() as office:
        open_practice(office, 3, "THIRD")
    assert house.count(Client) == 2
