"""What a payer's answer to one claim means in the books: which money moves, what was denied, what follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from bureau.rules.lifecycle import Event
from bureau.x12.values import Adjustment
from bureau.x12.values835 import PaidClaim, PaidLine
from config import codes
from config.codes import CarcKind


class Means(StrEnum):
    """What becomes of an adjusted amount."""

    CONTRACTUAL = "contractual"
    PATIENT = "patient"
    DENIED = "denied"
    NOTHING = "nothing"  # information, or money another posting already moved
    UNKNOWN = "unknown"


class OurLine(NamedTuple):
    id: int
    code: str
    modifiers: str
    charge_cents: int
    served_on: date


@dataclass(frozen=True, slots=True)
class OurClaim:
    """What the books hold of the claim before this answer."""

    lines: Sequence[OurLine]
    open_cents: int  # what insurance still owes on it
    paid_cents: int = 0  # what insurance paid so far, net of reversals


class Posting(NamedTuple):
    """Cents of one line (line_id None: of the claim as a whole) and what becomes of them."""

    line_id: int | None
    means: Means | None  # None: paid
    cents: int
    group: str = ""
    carc: str = ""
    rarcs: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """Everything one CLP asks for. With an `exception` nothing is applied to the claim."""

    postings: list[Posting] = field(default_factory=list)
    events: tuple[Event, ...] = ()
    exception: str = ""

    @property
    def denials(self) -> list[Posting]:
        return [one for one in self.postings if one.means is Means.DENIED]


@cache
def read_meaning(group: str, carc: str) -> Means:
    """What an adjustment asks for. A CARC of the denial set is never written off, whatever its group code."""
    known = codes.carc(carc)
    if known is None or group not in codes.labels(codes.Labels.GROUP):
        return Means.UNKNOWN
    if known.is_denial:
        return Means.DENIED
    if known.kind in (CarcKind.PRIOR_PAYER, CarcKind.INFORMATIONAL):
        return Means.NOTHING
    if group == "PR" and known.kind in (CarcKind.PATIENT, CarcKind.CONTRACTUAL, CarcKind.REDUCTION):
        return Means.PATIENT
    if known.kind in (CarcKind.CONTRACTUAL, CarcKind.REDUCTION):
        return Means.CONTRACTUAL
    return Means.UNKNOWN


def plan_posting(paid: PaidClaim, ours: OurClaim) -> Plan:
    """Plan the posting of one adjudicated claim (not a reversal); pure, the caller has balanced the payment."""
    plan = Plan()
    if paid.charge_cents != sum(line.charge_cents for line in ours.lines):
        plan.exception = "charge differs from ours"
        return plan
    denied = 0
    left = list(ours.lines)
    for line in paid.lines:
        match = _match_line(line, left)
        if match is None:
            plan.exception = "service line matches none of ours"
            return plan
        left.remove(match)
        plan.postings.append(Posting(match.id, None, line.paid_cents))
        denied += _add(plan, match.id, line.adjustments, line.remarks or paid.remarks)
    if not paid.lines:
        plan.postings.append(Posting(None, None, paid.paid_cents))
    whole = _add(plan, None, paid.adjustments, paid.remarks)
    unknown = [one for one in plan.postings if one.means is Means.UNKNOWN]
    if unknown:
        plan.exception = f"unknown adjustment {unknown[0].group}-{unknown[0].carc}"
        return plan
    charged = sum(line.charge_cents > 0 for line in paid.lines)  # a line of nothing can neither be paid nor denied
    plan.events = _events(plan, ours, all_denied=bool(whole) or 0 < charged <= denied, any_denied=bool(denied))
    if not plan.events:
        plan.exception = "the payment leaves a balance that nothing explains"
    return plan


def plan_reversal(paid: PaidClaim, ours: OurClaim) -> Plan:
    """Plan the undoing of what was posted before (CLP02 = 22): it must be the exact opposite of the money so far."""
    if paid.paid_cents != -ours.paid_cents:
        return Plan(exception="the reversal does not match what was posted before")
    return Plan(events=(Event.REVERSED,))


def _add(plan: Plan, line_id: int | None, adjustments: Iterable[Adjustment], remarks: tuple[str, ...]) -> bool:
    """Add the postings of some adjustments; says whether one of them is a denial."""
    is_denied = False
    for one in adjustments:
        means = read_meaning(one.group, one.carc)
        is_denied |= means is Means.DENIED
        if means is not Means.NOTHING:
            plan.postings.append(Posting(line_id, means, one.cents, one.group, one.carc, remarks))
    return is_denied


def _match_line(paid: PaidLine, ours: Sequence[OurLine]) -> OurLine | None:
    """Our line by its control number, else by code as billed, date and charge if just one fits."""
    if paid.control.startswith("L") and paid.control[1:].isdecimal():
        wanted = int(paid.control[1:])
        for line in ours:
            if line.id == wanted:
                return line
    code = paid.billed_code or paid.code
    fits = [line for line in ours if line.code == code and line.charge_cents == paid.charge_cents]
    dated = [line for line in fits if paid.date_from in (None, line.served_on)]
    return dated[0] if len(dated) == 1 else None


def _events(plan: Plan, ours: OurClaim, *, all_denied: bool, any_denied: bool) -> tuple[Event, ...]:
    if all_denied:
        return (Event.POSTED_DENIED,)
    if any_denied:
        return (Event.POSTED_PART_DENIED,)
    moved = sum(one.cents for one in plan.postings)
    left = ours.open_cents - moved
    if left < 0:
        return (Event.POSTED_PAID, Event.OVERPAID)
    if left > 0:
        return ()
    if any(one.means is Means.PATIENT and one.cents for one in plan.postings):
        return (Event.POSTED_PAID, Event.PATIENT_SHARE)
    return (Event.POSTED_PAID, Event.SETTLED)
