"""The practice of the demo that is not live yet: how far it is, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bureau.queries.readiness import load_readiness
from clients.models import StageChange
from clients.stages import Check
from simulator.prospect import open_prospect
from tests.support.houses import NOW, House, open_house


@pytest.fixture
def house() -> Iterator[House]:
    house = open_house()
    yield house
    house.close()


def test_the_prospect_tests_and_waits_for_its_own_part(house: House):
    client = open_prospect(house.bureau)
    with house.office(everywhere=True) as office:
        readiness = load_readiness(office, [office.client(client.id)])[client.id]
    assert readiness.stage == "TESTING"
    left = {one.check: str(one.turn) for one in readiness.findings if not one.is_done}
    assert left == {Check.CHARGE_MASTER: "client", Check.MAPPING: "client", Check.TEST_CLAIMS: "client"}
    assert house.broken_laws() == []


def test_it_went_from_stage_to_stage_over_ten_days(house: House):
    client = open_prospect(house.bureau)
    wanted = select(StageChange.to_state, StageChange.at).where(StageChange.client_id == client.id)
    days = [(state, (NOW - at) // timedelta(days=1)) for state, at in house.rows(wanted.order_by(StageChange.id))]
    assert days == [("LEAD", 10), ("CONTRACTING", 9), ("SETUP", 9), ("ENROLLING", 6), ("TESTING", 1)]
