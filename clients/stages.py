"""The stages of a client's project, from the first talk to the last file: what may follow what, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clients.models import ClientState


class Check(StrEnum):
    """What has to be true of a client; each is computed from the book, none is ticked."""

    SERVICE_AGREEMENT = "service_agreement"
    BUSINESS_ASSOCIATE = "business_associate"
    TIER = "tier"
    BILLING_PROVIDER = "billing_provider"
    RENDERING_PROVIDER = "rendering_provider"
    PAYERS = "payers"
    CHARGE_MASTER = "charge_master"
    MAPPING = "mapping"
    TEST_CLAIMS = "test_claims"
    PROMISES = "promises"
    FEES = "fees"


class Asked(StrEnum):
    """What a person has to say for a step."""

    WHY = "why"
    STOP_INTAKE = "stop_intake_on"
    RUN_OUT = "run_out_until"


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed move: the words of its button, the checks it needs, and what is asked of whoever makes it."""

    source: ClientState
    target: ClientState
    label: str
    needs: frozenset[Check] = frozenset()
    asks: frozenset[Asked] = frozenset()


S, C = ClientState, Check
GATE = frozenset(Check)
CONTRACTS = frozenset({C.SERVICE_AGREEMENT, C.BUSINESS_ASSOCIATE})
_PRACTICE = CONTRACTS | {C.TIER, C.BILLING_PROVIDER, C.RENDERING_PROVIDER}
_WHY = frozenset({Asked.WHY})
_DATES = frozenset(Asked)
BEFORE_LIVE = (S.LEAD, S.CONTRACTING, S.SETUP, S.ENROLLING, S.TESTING, S.GO_LIVE_READY)

TABLE: tuple[Step, ...] = (
    Step(S.LEAD, S.CONTRACTING, "Start contracting"),
    Step(S.CONTRACTING, S.SETUP, "Start the set-up", CONTRACTS),
    Step(S.SETUP, S.ENROLLING, "Start enrolling", _PRACTICE),
    Step(S.ENROLLING, S.TESTING, "Start testing", _PRACTICE | {C.PAYERS}),
    Step(S.TESTING, S.GO_LIVE_READY, "Every check is done", GATE),
    Step(S.GO_LIVE_READY, S.LIVE, "Go live", GATE),
    Step(S.CONTRACTING, S.LEAD, "Back to lead", asks=_WHY),
    Step(S.SETUP, S.CONTRACTING, "Back to contracting", asks=_WHY),
    Step(S.ENROLLING, S.SETUP, "Back to the set-up", asks=_WHY),
    Step(S.TESTING, S.ENROLLING, "Back to enrolling", asks=_WHY),
    *(Step(source, S.CLOSED, "Give it up", asks=_WHY) for source in BEFORE_LIVE if source is not S.GO_LIVE_READY),
    Step(S.LIVE, S.PAUSED, "Pause", asks=_WHY),
    Step(S.PAUSED, S.LIVE, "Resume", CONTRACTS),
    Step(S.LIVE, S.OFFBOARDING, "Offboard", asks=_DATES),
    Step(S.PAUSED, S.OFFBOARDING, "Offboard", asks=_DATES),
    Step(S.OFFBOARDING, S.LIVE, "Keep the client after all", CONTRACTS, _WHY),
    Step(S.OFFBOARDING, S.CLOSED, "Close the client", asks=_WHY),
)
STEPS: dict[tuple[ClientState, ClientState], Step] = {(step.source, step.target): step for step in TABLE}


def shown_stage(state: str, done: frozenset[Check]) -> ClientState:
    """The stage a client is in: a client in testing is ready to go live as long as, and only while, the gate is open.

    Readiness is never stored, so that it cannot outlive an agreement that ran out.
    """
    stage = ClientState(state)
    return S.GO_LIVE_READY if stage is S.TESTING and done >= GATE else stage


def find_steps(stage: ClientState) -> tuple[Step, ...]:
    """What a person may do next; readiness comes by itself."""
    return tuple(step for step in TABLE if step.source is stage and step.target is not S.GO_LIVE_READY)


def find_path(state: str, target: ClientState) -> tuple[Step, ...]:
    """The steps from a stored stage to another, empty when none leads there; testing goes live by way of ready."""
    stage = ClientState(state)
    if stage is S.TESTING and target is S.LIVE:
        return (STEPS[S.TESTING, S.GO_LIVE_READY], STEPS[S.GO_LIVE_READY, S.LIVE])
    step = STEPS.get((stage, target))
    return (step,) if step else ()
