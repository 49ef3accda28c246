"""Contracts: in force by the day, followed or running out, and the law on taking data in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.agreements import NewAgreement, find_expiring, in_force, may_take_in, set_fee_terms, sign
from clients.fees import Term, load_terms
from clients.models import Agreement, AgreementKind, ClientState, FeeBasis
from config.problems import Problem
from tests.support.houses import House

BAA, SERVICE = AgreementKind.BUSINESS_ASSOCIATE, AgreementKind.SERVICE
DAY = date(2027, 3, 1)


@pytest.fixture
def bare(house: House) -> House:
    """A client whose contracts are gone."""
    with house.office() as office:
        for row in office.session.query(Agreement).all():
            office.session.delete(row)
    return house


def sign_it(house: House, kind=BAA, starts=DAY, ends=None, **more):
    with house.office() as office:
        return sign(office.session, house.client.id, NewAgreement(kind, starts, "Dr. Rose", starts, ends, **more))


def test_a_contract_holds_from_its_first_day_to_the_one_before_its_end(bare: House):
    sign_it(bare, ends=DAY + timedelta(30))
    with bare.office() as office:
        held = [
            in_force(office.session, bare.client.id, BAA, DAY + timedelta(days)) is not None for days in (-1, 0, 29, 30)
        ]
        assert held == [False, True, True, False]
        assert in_force(office.session, bare.client.id, SERVICE, DAY) is None


@pytest.mark.parametrize(
    ("changes", "code"), [({"ends": DAY}, "agreement.dates"), ({"note": "x", "signed_by": " "}, "agreement.signer")]
)
def test_a_contract_nobody_could_have_signed_is_refused(bare: House, changes, code):
    with bare.office() as office:
        new = NewAgreement(BAA, DAY, changes.get("signed_by", "Dr. Rose"), DAY, changes.get("ends"))
        found = sign(office.session, bare.client.id, new)
    assert isinstance(found, Problem)
    assert found.code == code


def test_what_runs_out_is_named_unless_it_is_followed(bare: House):
    sign_it(bare, BAA, ends=DAY + timedelta(30))
    sign_it(bare, SERVICE, ends=DAY + timedelta(30))
    sign_it(bare, SERVICE, starts=DAY + timedelta(30))
    with bare.office() as office:
        assert [one.kind for one in find_expiring(office.session, DAY)] == [BAA]
        assert not find_expiring(office.session, DAY - timedelta(31))


def taken_in(house: House, on=DAY, **changes) -> str:
    with house.office() as office:
        client = office.client(house.client.id)
        for name, value in changes.items():
            setattr(client, name, value)
        found = may_take_in(office.session, client, on)
        office.session.rollback()
    return found.code if found else ""


def test_nothing_is_taken_in_without_a_business_associate_agreement(bare: House):
    assert taken_in(bare) == "intake.no_agreement"
    sign_it(bare, SERVICE)
    assert taken_in(bare) == "intake.no_agreement"
    sign_it(bare, BAA)
    assert taken_in(bare) == ""
    assert taken_in(bare, DAY - timedelta(1)) == "intake.no_agreement"


@pytest.mark.parametrize(
    ("state", "code"),
    [(ClientState.LEAD, "intake.closed"), (ClientState.PAUSED, "intake.closed"), (ClientState.CLOSED, "intake.closed"),
     (ClientState.TESTING, "intake.closed"), (ClientState.LIVE, ""), (ClientState.OFFBOARDING, "")],
)  # fmt: skip
def test_the_stage_decides_too(house: House, state, code):
    assert taken_in(house, state=state) == code


def test_from_the_last_day_of_intake_on_nothing_comes_in(house: House):
    changes = {"state": ClientState.OFFBOARDING, "stop_intake_on": DAY}
    assert taken_in(house, DAY - timedelta(1), **changes) == ""
    assert taken_in(house, DAY, **changes) == "intake.stopped"


def test_new_terms_end_the_old_ones_and_keep_them(house: House):
    client, later = house.client.id, DAY + timedelta(31)
    first, second = Term(FeeBasis.PERCENT, basis_points=600), Term(FeeBasis.PER_CLAIM, steps=((0, 600), (500, 450)))
    with house.office() as office:
        set_fee_terms(office.session, client, [first], on=DAY)
        set_fee_terms(office.session, client, [Term(FeeBasis.FLAT, cents=1)], on=later)
        set_fee_terms(office.session, client, [second], on=later)
    with house.office() as office:
        assert load_terms(office.session, client, later - timedelta(1)) == (first,)
        assert load_terms(office.session, client, later) == (second,)
        assert load_terms(office.session, client, DAY - timedelta(1)) != (first,)
