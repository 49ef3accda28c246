"""What is sent back before adjudication: the edits of the clearinghouse and of the payers' gateways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bureau.x12.values837 import Claim
from config.identifiers import npi_ok
from simulator.payers import PayerProfile, RejectReason
from simulator.streams import Dice
from simulator.triggers import find_trigger


class Source(StrEnum):
    """Who answers: NM101 of the 277CA's 2000A."""

    CLEARINGHOUSE = "AY"
    PAYER = "PR"


@dataclass(frozen=True, slots=True)
class Reject:
    """A claim sent back: the triple of the STC, and why in words a log can carry."""

    category: str
    code: str
    entity: str
    text: str
    cause: str


def find_reject(
    claim: Claim, profile: PayerProfile | None, attempts: int, today: date, dice: Dice
) -> tuple[Source, Reject] | None:
    """Who sends the claim back and why, or None for one that reaches adjudication.

    `profile` is None for a payer this clearinghouse does not serve; `attempts` counts earlier arrivals.
    """
    if profile is None:
        return Source.CLEARINGHOUSE, _rule("A7", "480", "PR", "PAYER NOT KNOWN HERE")
    wrong = _find_wrong(claim, today)
    if wrong is not None:
        return Source.CLEARINGHOUSE, wrong
    trigger = find_trigger(claim)
    if trigger is not None:
        if trigger.verb != "REJECT":
            return None
        return Source.CLEARINGHOUSE, Reject(*trigger.status, "ASKED FOR BY TRIGGER", trigger.text)
    share = profile.retry_reject_share if attempts else 1.0
    if dice("clearinghouse") < profile.clearinghouse_reject_rate * share:
        return Source.CLEARINGHOUSE, _drawn(profile.clearinghouse_rejects, "clearinghouse reason", dice)
    if dice("gateway") < profile.payer_reject_rate * share:
        return Source.PAYER, _drawn(profile.payer_rejects, "gateway reason", dice)
    return None


def _find_wrong(claim: Claim, today: date) -> Reject | None:
    """Defects that are really there; a claim that passes the bureau's scrub has none of them."""
    patient = claim.patient or claim.subscriber
    days = [line.date_from for line in claim.lines]
    if not claim.subscriber.id:
        return _rule("A6", "164", "IL", "MEMBER ID MISSING")
    if not npi_ok(claim.billing.id, test_ids=True):
        return _rule("A7", "562", "85", "BILLING PROVIDER NPI INVALID")
    if patient.birth is None or patient.birth > today:
        return _rule("A7", "158", "QC", "BIRTH DATE MISSING OR IN THE FUTURE")
    if not claim.lines or not claim.diagnoses:
        return _rule("A6", "21", "", "SERVICE LINE OR DIAGNOSIS MISSING")
    if None in days or any(day > today for day in days if day):
        return _rule("A7", "187", "", "DATE OF SERVICE MISSING OR IN THE FUTURE")
    if min(line.charge_cents for line in claim.lines) < 0:
        return _rule("A7", "178", "", "CHARGE BELOW ZERO")
    if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
        return _rule("A7", "178", "", "CLAIM TOTAL IS NOT THE SUM OF ITS LINES")
    return None


def _rule(category: str, code: str, entity: str, text: str) -> Reject:
    return Reject(category, code, entity, text, "rule")


def _drawn(reasons: tuple[RejectReason, ...], purpose: str, dice: Dice) -> Reject:
    reason = dice.pick(purpose, reasons, [one.weight for one in reasons])
    return Reject(reason.category, reason.code, reason.entity, reason.text, "dice")
