"""Every kind of answer the simulated payers write is accepted by the independent judge."""

from __future__ import annotations

import pytest

from config.settings import PayerPace
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.payers import build_profile
from simulator.record import PayerRecord
from tests.bureau.x12.oracle import judge
from tests.simulator.claims import ACCOUNT, MONDAY, a_claim, a_file, a_line

KINDS = ("commercial", "medicare", "medicaid", "marketplace")


@pytest.fixture(scope="module")
def answers():
    """A sample with every outcome: rejects of both sources, denials, zero pays, a refused and a torn file."""
    profiles = [
        build_profile(
            f"PAYER{n}", f"PLAN {n}", kind, "000000001", denial_rate=0.5, payer_reject_rate=0.2,
            clearinghouse_reject_rate=0.2,
        )
        for n, kind in enumerate(KINDS)
    ]  # fmt: skip
    house = SimulatedClearinghouse(profiles, PayerRecord(":memory:"), seed=3, pace=PayerPace.AT_ONCE)
    claims = [
        a_claim(n, [a_line(), a_line(2, "XV205", 7_777, modifiers=("25",))], payer=f"PAYER{n % 4}") for n in range(60)
    ]
    good = a_file(claims).decode()
    house.submit(ACCOUNT, "a.x12", good.encode(), MONDAY)
    house.submit(ACCOUNT, "b.x12", good.replace("SV1*HC:XV101*125", "SV1*HC:XV101*12X5", 1).encode(), MONDAY)
    house.submit(ACCOUNT, "c.x12", good.replace("*0*T*:", "*1*T*:", 1).encode(), MONDAY)
    return [(one.name, one.content.decode()) for one in house.waiting(ACCOUNT, MONDAY)]


def test_the_sample_holds_every_kind(answers):
    kinds = [name.split("_")[0] for name, _ in answers]
    assert set(kinds) == {"ta1", "999", "277ca", "835"}
    assert "BPR*H*0" in "".join(text for _, text in answers) or kinds.count("835") >= 4
    assert any("IK5*R" in text for _, text in answers)


def test_all_are_accepted(answers):
    for name, text in answers:
        if not name.startswith("ta1"):
            accepted, found = judge(text)
            assert accepted, (name, found[:5])
