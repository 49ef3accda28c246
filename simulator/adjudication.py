"""How a payer decides one claim: a pure function of the claim, the profile, what it remembers, and dice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from bureau.x12.values import Adjustment
from bureau.x12.values837 import Claim, ServiceLine
from config.money import multiply_basis_points
from simulator.payers import DenialReason, PayerProfile
from simulator.streams import Dice
from simulator.triggers import Trigger, find_trigger

DENIED = "4"  # CLP02
_PROCESSED = {"P": "1", "S": "2", "T": "3"}  # by SBR01
REPLACEMENT, VOID = "7", "8"


@dataclass(frozen=True, slots=True)
class MemberMemory:
    """What the payer knows when a claim arrives.

    `deductible_used` is cents by calendar year; a year that is missing has seen nothing. `services` names
    what is paid or in process, each with the control number it came under. `attempts` counts earlier
    arrivals of this same claim, rejected or adjudicated.
    """

    deductible_used: Mapping[int, int] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 0


class LineDecision(NamedTuple):
    """The verdict on one service line: charge = paid + adjustments, to the cent."""

    line: ServiceLine
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()
    cause: str = ""  # empty unless denied
    service: str = ""

    @property
    def is_denied(self) -> bool:
        return bool(self.cause)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one claim, and what the payer must remember of it.

    `cause` says why it came out so: "clean", "trigger SIM...", "rule timely filing", "dice 16" and the like.
    `wait_days` is what a trigger or a pend imposes; None leaves the delay to the profile.
    """

    pcn: str
    status: str  # CLP02
    icn: str
    lines: tuple[LineDecision, ...]
    cause: str
    deductible_used: Mapping[int, int]
    services: tuple[str, ...]
    wait_days: int | None = None

    @property
    def charge_cents(self) -> int:
        return sum([one.line.charge_cents for one in self.lines])

    @property
    def paid_cents(self) -> int:
        return sum([one.paid_cents for one in self.lines])

    @property
    def allowed_cents(self) -> int:
        return sum([one.allowed_cents for one in self.lines])

    @property
    def patient_cents(self) -> int:
        """CLP05: everything adjusted under PR."""
        return sum([part.cents for one in self.lines for part in one.adjustments if part.group == "PR"])

    @property
    def is_denied(self) -> bool:
        return self.status == DENIED


@dataclass(frozen=True, slots=True)
class _No:
    """A denial about to be applied: to these line numbers, or to all when empty."""

    group: str
    carc: str
    rarcs: tuple[str, ...]
    cause: str
    lines: frozenset[int] = frozenset()


def service_key(claim: Claim, line: ServiceLine) -> str:
    """What makes a service the same service to a payer: provider, day, code, modifiers and charge."""
    day = line.date_from.isoformat() if line.date_from else ""
    codes = "+".join((line.code, *line.modifiers))
    patient = claim.patient or claim.subscriber
    born = patient.birth.isoformat() if patient.birth else ""
    return f"{claim.billing.id}|{born}{patient.first[:1]}|{day}|{codes}|{line.charge_cents}"


def claim_number(dice: Dice, received_on: date) -> str:
    """The payer's own number for a claim: the day it came and fifteen digits that nobody else draws."""
    return f"{received_on:%y%j}{dice.number('icn') >> 4:015X}"


def adjudicate(claim: Claim, profile: PayerProfile, memory: MemberMemory, received_on: date, dice: Dice) -> Decision:
    """Decide one claim, in the order eligibility, timely filing, duplicate, authorization, the rest, fee.

    Nothing is looked up and nothing remembered here: the caller hands in the member's memory and stores what
    the decision says of it. Every line balances by construction.
    """
    trigger = find_trigger(claim)
    keys = [service_key(claim, line) for line in claim.lines]
    refusals = _refusals(claim, profile, memory, received_on, dice)
    if trigger is not None:
        refusals = _by_trigger(trigger)
    used = dict(memory.deductible_used)
    copay = profile.copay_cents
    lines = []
    for line, key in zip(claim.lines, keys, strict=True):
        no = next((one for one in refusals if not one.lines or line.number in one.lines), None)
        if no is not None:
            lines.append(_refuse(line, no, key))
            continue
        allowed = _allowed(line, profile, trigger)
        decided = _price(line, allowed, profile, used, copay_cents=copay, service=key)
        copay -= sum([part.cents for part in decided.adjustments if part.carc == "3"])
        lines.append(decided)
    denied = bool(lines) and all(one.is_denied for one in lines)
    return Decision(
        pcn=claim.pcn,
        status=DENIED if denied else _PROCESSED.get(claim.payer_rank, "1"),
        icn=claim_number(dice, received_on),
        lines=tuple(lines),
        cause=trigger.text if trigger else (refusals[0].cause if refusals else "clean"),
        deductible_used=used,
        services=tuple(one.service for one in lines if not one.is_denied),
        wait_days=_wait(trigger, profile, dice),
    )


# -- no -------------------------------------------------------------------------------------------------


def _refusals(claim: Claim, profile: PayerProfile, memory: MemberMemory, received_on: date, dice: Dice) -> list[_No]:
    """Every reason to refuse, in the order a payer looks; a line takes the first that hits it."""
    drawn = _draw(claim, profile, memory.attempts, dice)
    eligibility = drawn is not None and drawn[0].is_eligibility
    found: list[_No] = []
    if drawn is not None and eligibility:
        found.append(drawn[1])
    first = min((line.date_from for line in claim.lines if line.date_from), default=None)
    if first is not None and received_on - first > timedelta(days=profile.filing_days):
        found.append(_No("CO", "29", (), "rule timely filing"))
    if claim.frequency not in (REPLACEMENT, VOID):
        found += _duplicates(claim, memory)
    found += _unauthorized(claim, profile)
    if drawn is not None and not eligibility:
        found.append(drawn[1])
    return found


def _draw(claim: Claim, profile: PayerProfile, attempts: int, dice: Dice) -> tuple[DenialReason, _No] | None:
    rate = profile.denial_rate * (profile.retry_denial_share if attempts else 1.0)
    if dice("denied") >= rate or not profile.reasons:
        return None
    reason = dice.pick("reason", profile.reasons, [one.weight for one in profile.reasons])
    lines: frozenset[int] = frozenset()
    if reason.line_possible and len(claim.lines) > 1 and dice("one line") < profile.line_denial_share:
        lines = frozenset({claim.lines[int(dice("which line") * len(claim.lines))].number})
    return reason, _No(reason.group, reason.carc, reason.rarcs, f"dice {reason.carc}", lines)


def _duplicates(claim: Claim, memory: MemberMemory) -> list[_No]:
    if not memory.services:
        return []
    seen = frozenset(
        line.number for line in claim.lines if memory.services.get(service_key(claim, line), claim.pcn) != claim.pcn
    )
    return [_No("CO", "18", ("N522",), "rule duplicate", seen)] if seen else []


def _unauthorized(claim: Claim, profile: PayerProfile) -> list[_No]:
    if claim.prior_auth or not profile.auth_codes:
        return []
    missing = frozenset(line.number for line in claim.lines if line.code in profile.auth_codes)
    return [_No("CO", "197", ("M62",), "rule authorization", missing)] if missing else []


def _by_trigger(trigger: Trigger) -> list[_No]:
    if trigger.verb != "DENY":
        return []
    group, carc = trigger.denial
    return [_No(group, carc, ("N290",) if carc == "16" else (), trigger.text)]


def _refuse(line: ServiceLine, no: _No, key: str) -> LineDecision:
    parts = (Adjustment(no.group, no.carc, line.charge_cents),) if line.charge_cents else ()
    return LineDecision(line, 0, 0, parts, no.rarcs, no.cause, key)


# -- yes ------------------------------------------------------------------------------------------------


def _allowed(line: ServiceLine, profile: PayerProfile, trigger: Trigger | None) -> int:
    if trigger is not None and trigger.verb == "PART":
        share = trigger.number if trigger.number is not None else 80
        return multiply_basis_points(line.charge_cents, min(share, 100) * 100)
    return profile.allowed_cents(line.code, line.units, line.charge_cents)


def _price(
    line: ServiceLine, allowed: int, profile: PayerProfile, used: dict[int, int], *, copay_cents: int, service: str
) -> LineDecision:
    """Fee first, then what the patient owes of it; `used` grows by the deductible taken here."""
    year = line.date_from.year if line.date_from else 0
    deductible = min(allowed, max(profile.deductible_cents - used.get(year, 0), 0))
    used[year] = used.get(year, 0) + deductible
    rest = allowed - deductible
    copay = min(rest, max(copay_cents, 0))
    coinsurance = multiply_basis_points(rest - copay, profile.coinsurance_basis_points)
    parts = (
        ("CO", "45", line.charge_cents - allowed),
        ("PR", "1", deductible),
        ("PR", "3", copay),
        ("PR", "2", coinsurance),
    )
    adjustments = tuple([Adjustment(group, carc, cents) for group, carc, cents in parts if cents])
    return LineDecision(line, allowed, rest - copay - coinsurance, adjustments, service=service)


# -- when -----------------------------------------------------------------------------------------------


def _wait(trigger: Trigger | None, profile: PayerProfile, dice: Dice) -> int | None:
    """Days a pended claim waits; None for one that is not."""
    if trigger is not None:
        return (trigger.number or 35) if trigger.verb == "PEND" else None
    if dice("pended") < profile.pend_share:
        return max(1, round(dice.lognormal("pend", profile.pend_median_days, profile.pend_sigma)))
    return None


def delay_days(decision: Decision, profile: PayerProfile, dice: Dice) -> int:
    """Calendar days from receipt to a decision ready for payment; the floor holds for payments only."""
    floor = 0 if decision.is_denied else profile.floor_days
    if decision.wait_days is not None:
        return max(decision.wait_days, floor)
    days = dice.lognormal("delay", profile.median_days, profile.sigma)
    if decision.is_denied:
        return max(1, round(days * profile.denial_delay_share))
    return max(1, floor, round(days))
