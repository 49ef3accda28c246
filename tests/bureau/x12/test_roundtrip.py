"""read(write(value)) == value, for whatever claims hypothesis can think of."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from bureau.x12.claim837 import read_837, write_837
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit
from bureau.x12.values837 import ClaimSet
from tests.bureau.x12.strategies837 import claim_sets
from tests.support.effort import tries


@settings(max_examples=tries(12), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(claim_sets())
def test_claims_come_back(one: ClaimSet) -> None:
    text = write_837(make_envelope(), [one])
    sets, problems = read_837(text)
    assert sets == [one]
    assert [(problem.code, problem.element) for problem in problems if problem.code != "claim_duplicate"] == []
    assert reemit(text) == text
