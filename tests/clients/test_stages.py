"""The table of stages: every way through a client's project, and none past it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from clients.models import ClientState
from clients.stages import GATE, STEPS, TABLE, Asked, Check, find_path, find_steps, shown_stage

S = ClientState


def test_every_stage_can_be_reached_and_left_but_the_last():
    reached = {S.LEAD}
    while more := {step.target for step in TABLE if step.source in reached} - reached:
        reached |= more
    assert reached == set(S)
    assert {step.source for step in TABLE} == set(S) - {S.CLOSED}


def test_no_move_stands_in_the_table_twice():
    assert len(STEPS) == len(TABLE)


def test_the_straight_way_needs_more_and_more():
    way = (S.LEAD, S.CONTRACTING, S.SETUP, S.ENROLLING, S.TESTING, S.GO_LIVE_READY, S.LIVE)
    needs = [STEPS[pair].needs for pair in pairwise(way)]
    assert all(earlier <= later for earlier, later in pairwise(needs))
    assert needs[-1] == GATE == frozenset(Check)


@pytest.mark.parametrize("missing", sorted(Check))
def test_a_client_in_testing_is_ready_only_while_every_check_is_done(missing):
    assert shown_stage(S.TESTING, GATE) is S.GO_LIVE_READY
    assert shown_stage(S.TESTING, GATE - {missing}) is S.TESTING
    assert shown_stage(S.LIVE, frozenset()) is S.LIVE


def test_testing_goes_live_by_way_of_ready():
    assert [step.target for step in find_path(S.TESTING, S.LIVE)] == [S.GO_LIVE_READY, S.LIVE]


@pytest.mark.parametrize(
    ("source", "target"),
    [(S.LEAD, S.LIVE), (S.SETUP, S.LIVE), (S.CLOSED, S.LIVE), (S.LIVE, S.CLOSED), (S.LIVE, S.TESTING),
     (S.LEAD, S.PAUSED)],
)  # fmt: skip
def test_nothing_skips_a_stage(source, target):
    assert find_path(source, target) == ()


def test_readiness_is_never_a_button():
    assert S.GO_LIVE_READY not in {step.target for stage in S for step in find_steps(stage)}


def test_whoever_stops_something_says_why():
    stopping = {step for step in TABLE if step.target in (S.PAUSED, S.CLOSED, S.OFFBOARDING)}
    assert all(Asked.WHY in step.asks for step in stopping)
    assert all(step.asks == frozenset(Asked) for step in stopping if step.target is S.OFFBOARDING)
