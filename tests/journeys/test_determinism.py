"""The same scenario and seed give the same bytes, another seed does not; a perfect world ends clean."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bureau.models import Filing, WorkItem
from bureau.rules.lifecycle import State
from tests.support.worlds import Lived, live

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("determinism")]
SMALL = {"days": 15, "practices": ("HARBOR", "CLEARW"), "volume": 0.5}


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Lived:
    found = live("clean", tmp_path_factory.mktemp("first"), seed=11, **SMALL)
    yield found
    found.world.close()


def test_the_same_seed_gives_the_same_bytes_and_the_same_ledger(first: Lived, tmp_path):
    second = live("clean", tmp_path, seed=11, **SMALL)
    assert sum(1 for _ in (tmp_path / "x12").rglob("*.*")) > 100
    assert second.hash_files() == first.hash_files()
    assert second.summary == first.summary
    assert second.world.chronicle.entries == first.world.chronicle.entries
    second.world.close()


def test_another_seed_gives_another_world(first: Lived, tmp_path):
    other = live("clean", tmp_path, seed=12, **SMALL)
    assert other.hash_files() != first.hash_files()
    assert other.summary["ledger_hash"] != first.summary["ledger_hash"]
    assert other.summary["ledger_ok"]
    other.world.close()


def test_where_nothing_goes_wrong_every_claim_is_paid_and_only_patients_owe(tmp_path):
    """Claims of the first days have had all the time a payer may take."""
    lived = live("perfect", tmp_path, days=34, practices=("CLEARW",), volume=0.5)
    summary = lived.summary
    assert (summary["rejected"], summary["denied"], summary["suspense_cents"]) == (0, 0, 0)
    assert summary["ledger_ok"]
    with lived.office() as office:
        queued = office.rows(select(WorkItem.queue).where(WorkItem.queue != "", WorkItem.closed_at.is_(None)))
        states = {row[0]: row[1] for row in office.rows(select(Filing.state, func.count()).group_by(Filing.state))}
        scrubbed_twice = office.rows(select(Filing.id).where(Filing.clean_first_time.is_(False)))
    assert queued == []
    assert scrubbed_twice == []
    done = {State.CLOSED_PAID, State.PATIENT_DUE}
    on_the_way = {State.DRAFT, State.READY, State.TRANSMITTED, State.ACCEPTED}
    assert set(states) <= done | on_the_way
    assert summary["adjudicated"] == summary["paid"] + _free_of_payment(lived)
    assert sum(states.get(state, 0) for state in done) > 50
    lived.world.close()


def _free_of_payment(lived: Lived) -> int:
    """Claims whose whole allowed amount was the patient's."""
    money = [lived.witness(client).add_up_money() for client in lived.clients]
    return sum(len(one.adjudicated_claims - one.paid_claims) for one in money)
