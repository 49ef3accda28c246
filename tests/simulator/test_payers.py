"""The tables behind the payers: every code in them is known, every payer has a profile of its own."""

from __future__ import annotations

import pytest

from config.codes import Labels, carcs, label, payers
from config.identifiers import ein_ok
from simulator.payers import default_profiles


@pytest.fixture(scope="module")
def profiles():
    return default_profiles()


def test_every_payer_of_the_table_but_the_patient_himself(profiles):
    assert {one.code for one in profiles} == set(payers()) - {"SELF"}
    assert len(default_profiles(demo_only=True)) == 5
    assert len({one.tax_id for one in profiles}) == len(profiles)
    assert all(ein_ok(one.tax_id, test_ids=True) and not ein_ok(one.tax_id) for one in profiles)


def test_rates_lie_round_those_of_the_table(profiles):
    for one in profiles:
        usual = payers()[one.code].denial_bp / 10_000
        assert abs(one.denial_rate - usual) <= 0.15 * usual
    assert len({one.denial_rate for one in profiles if one.kind == "commercial"}) > 5


def test_every_reason_is_a_denial_that_the_bureau_knows(profiles):
    for reason in profiles[0].reasons:
        assert reason.carc in carcs(), reason.carc
        assert carcs()[reason.carc].is_denial, reason.carc
    assert sum(one.weight for one in profiles[0].reasons) == pytest.approx(100)
    for one in profiles:
        for reason in one.reasons:
            for rarc in reason.rarcs:
                assert label(Labels.RARC, rarc), rarc


def test_every_reject_has_a_known_status(profiles):
    for one in (*profiles[0].clearinghouse_rejects, *profiles[0].payer_rejects):
        assert one.category in {"A3", "A6", "A7", "A8"}
        assert label(Labels.STATUS, one.code), one.code
        assert not one.entity or label(Labels.ENTITY, one.entity), one.entity
