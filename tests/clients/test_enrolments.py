"""Enrolments: what may follow what, whom the gate lets through on which day, and when silence is an alarm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.enrolments import (
    FIRST_ERA,
    MOVES,
    TRANSACTIONS,
    WAITS_FOR,
    Remitted,
    build_gate,
    find_silence,
    may_become,
)
from clients.models import Enrollment, EnrollmentState

S = EnrollmentState
DAY = date(2026, 3, 1)


def row(state=S.LIVE, *, payer=1, provider=0, kind="837P", live=DAY, ends=None) -> Enrollment:
    return Enrollment(payer_id=payer, provider_id=provider, transaction=kind, state=state, live_on=live, ends_on=ends)


def test_every_state_has_a_way_on_and_somebody_who_waits():
    assert set(MOVES) == set(WAITS_FOR) == set(S)
    assert all(MOVES.values())
    assert all(state not in MOVES[state] for state in S)


@pytest.mark.parametrize("kind", TRANSACTIONS)
def test_only_remittances_wait_for_a_first_one(kind):
    assert may_become(kind, S.SUBMITTED, S.PENDING_FIRST_ERA) is (kind == "835")
    assert may_become(kind, S.SUBMITTED, S.LIVE) is (kind != "835")
    assert may_become(kind, S.PENDING_FIRST_ERA, S.LIVE)
    assert not may_become(kind, S.DRAFT, S.LIVE)


@pytest.mark.parametrize(
    ("rows", "provider", "goes"),
    [
        ([row()], None, True),
        ([row()], 7, True),
        ([row(S.NOT_REQUIRED, live=None)], None, True),
        ([row(S.SUBMITTED)], None, False),
        ([], None, False),
        ([row(live=DAY + timedelta(1))], None, False),
        ([row(ends=DAY)], None, False),
        ([row(ends=DAY + timedelta(1))], None, True),
        ([row(kind="837P", payer=2)], None, False),
        ([row(), row(S.IN_PROGRESS, provider=7)], 7, False),
        ([row(), row(S.IN_PROGRESS, provider=7)], 8, True),
        ([row(), row(S.LIVE, provider=7)], 7, True),
        ([row(), row(S.LIVE, provider=7, ends=DAY)], 7, False),
        ([row(S.LIVE, provider=7)], 7, False),
    ],
)
def test_the_gate_asks_for_the_practice_and_for_the_clinician(rows, provider, goes):
    assert build_gate(rows, DAY).may_send(1, provider) is goes


def test_a_first_remittance_may_take_its_time_but_not_for_ever():
    waiting = row(S.PENDING_FIRST_ERA, kind="835")
    assert not find_silence(waiting, None, DAY + FIRST_ERA)
    assert "46 days" in find_silence(waiting, None, DAY + FIRST_ERA + timedelta(1))
    assert not find_silence(row(S.SUBMITTED, kind="835"), None, DAY + timedelta(900))


@pytest.mark.parametrize(("quiet", "waiting", "count", "alarms"), [
    (20, 3, 5, False), (21, 3, 5, True), (90, 0, 5, False), (90, 3, 1, False),
])  # fmt: skip
def test_remittances_have_stopped_after_twice_their_cadence_while_claims_wait(quiet, waiting, count, alarms):
    seen = Remitted(count, DAY - timedelta(40), DAY, waiting)  # every ten days
    assert bool(find_silence(row(kind="835"), seen, DAY + timedelta(quiet))) is alarms
