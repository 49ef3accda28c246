"""What the clearinghouse and the payers write back: 999, 277CA and 835 values from what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus
from bureau.x12.values import Adjustment, Envelope, Party
from bureau.x12.values835 import PaidClaim, PaidLine, Remittance
from bureau.x12.values837 import Claim, ClaimSet
from config.clock import BANK_CALENDAR
from simulator.frontdoor import Reject, Source
from simulator.payers import PayerProfile

CLEARINGHOUSE = "SIMCLEAR"
CLEARINGHOUSE_NAME = "PRACTICE CLEARINGHOUSE"
_ZONE = ZoneInfo(BANK_CALENDAR.time_zone)


@dataclass(frozen=True, slots=True)
class Answered:
    """One claim and what one source says of it: rejected, or accepted, with the payer's number if theirs."""

    claim: Claim
    reject: Reject | None
    icn: str = ""


def envelope(sender: str, account: str, control: int, at: datetime) -> Envelope:
    """The wrapping of one answer file; one number serves as interchange and group control."""
    local = at.astimezone(_ZONE).replace(tzinfo=None, microsecond=0)
    return Envelope(sender[:15], account[:15], control, control, local)


def payer_party(profile: PayerProfile) -> Party:
    return Party(
        name=profile.name,
        id_kind="PI",
        id=profile.code,
        street="1 Payer Plaza",
        city="Hartford",
        state="CT",
        zip="061030001",
        contact="Provider Services",
        phone="8005550100",
    )


# -- 277CA ----------------------------------------------------------------------------------------------


def ack_set(
    batch: ClaimSet,
    source: Source,
    speaker: Party,
    answered: Sequence[Answered],
    *,
    control: int,
    at: datetime,
) -> ClaimAckSet:
    """What one source says of the claims of one ST that came through one billing provider."""
    today = at.astimezone(_ZONE).date()
    taken = [one for one in answered if one.reject is None]
    refused = [one for one in answered if one.reject is not None]
    accepted_cents = sum(one.claim.charge_cents for one in taken)
    rejected_cents = sum(one.claim.charge_cents for one in refused)
    entity = "PR" if source is Source.PAYER else "AY"
    return ClaimAckSet(
        control=f"{control:04d}",
        reference=f"{control:09d}",
        source_kind=source.value,
        source=speaker,
        receiver=Party(name=batch.submitter.name, id_kind="46", id=batch.submitter.id),
        provider=_provider(answered[0].claim.billing),
        batch_reference=batch.reference,
        batch_statuses=[ClaimStatus("A1", "19", entity, today, "WQ", accepted_cents + rejected_cents)],
        claims=[_claim_ack(one, source, today) for one in answered],
        accepted=len(taken),
        rejected=len(refused),
        accepted_cents=accepted_cents,
        rejected_cents=rejected_cents,
        provider_reference=f"{control:09d}",
        provider_statuses=[ClaimStatus("A1", "19", entity, today, "WQ", accepted_cents + rejected_cents)],
    )


def _provider(billing: Party) -> Party:
    return Party(billing.name, billing.first, is_person=billing.is_person, id_kind="XX", id=billing.id)


def _claim_ack(one: Answered, source: Source, today: date) -> ClaimAck:
    claim, reject = one.claim, one.reject
    if reject is not None:
        status = ClaimStatus(reject.category, reject.code, reject.entity, today, "U", claim.charge_cents, reject.text)
    elif source is Source.PAYER:
        status = ClaimStatus("A2", "20", "PR", today, "WQ", claim.charge_cents)
    else:
        status = ClaimStatus("A1", "19", "PR", today, "WQ", claim.charge_cents)
    days = [line.date_from for line in claim.lines if line.date_from]
    first, last = min(days, default=None), max(days, default=None)
    patient = claim.patient or claim.subscriber
    return ClaimAck(
        pcn=claim.pcn,
        statuses=[status],
        payer_icn=one.icn,
        trace=claim.trace,
        date_from=first,
        patient=Party(
            patient.name,
            patient.first,
            is_person=True,
            id_kind="MI" if claim.subscriber.id else "",
            id=claim.subscriber.id,
        ),
        date_to=last if last != first else None,
    )


# -- 835 ------------------------------------------------------------------------------------------------


def remittance(profile: PayerProfile, payee: Party, claims: list[PaidClaim], trace: str, run_on: date) -> Remittance:
    """One payment before its amount is known: what is owed from earlier runs may go off it."""
    return Remittance(
        control="0001",
        payment_cents=0,
        method="NON",
        paid_on=BANK_CALENDAR.add_business_days(run_on, profile.eft_lag_days),
        trace=trace,
        payer_tax_id=f"1{profile.tax_id}",
        payer=payer_party(profile),
        payee=payee,
        produced=run_on,
        claims=claims,
        handling="H",
    )


def payee_party(row: Sequence[Any]) -> Party:
    """A payee as kept: npi, name, first, tax id, street, city, state, zip."""
    npi, name, first, tax_id, street, city, state, zip_code = row
    full = f"{first} {name}".strip()
    return Party(full, id_kind="XX", id=npi, street=street, city=city, state=state, zip=zip_code, tax_id=tax_id)


def paid_claim(row: Sequence[Any], lines: list[PaidLine]) -> PaidClaim:
    """A claim as decided, from its row: pcn, status, charge and so on, as paying.load_claims asks."""
    (pcn, status, charge, paid, patient_cents, filing, icn, place, frequency) = row[:9]
    member, last, first, own_last, own_first, rendering, received = row[9:16]
    patient = Party(last, first, is_person=True, id_kind="MI", id=member)
    subscriber = None
    if own_last:
        patient = Party(last, first, is_person=True)
        subscriber = Party(own_last, own_first, is_person=True, id_kind="MI", id=member)
    return PaidClaim(
        pcn=pcn,
        status=status,
        charge_cents=charge,
        paid_cents=paid,
        patient_cents=patient_cents,
        filing_code=filing,
        payer_icn=icn,
        place=place,
        frequency=frequency,
        patient=patient,
        subscriber=subscriber,
        rendering=Party("", is_person=True, id_kind="XX", id=rendering) if rendering else None,
        received=date.fromisoformat(received),
        lines=lines,
    )


def paid_line(row: Sequence[Any], adjustments: Iterable[tuple[str, str, int]]) -> PaidLine:
    """A line as decided, from its row in `decision_lines` without the claim's id and the cause."""
    _, code, qualifier, modifiers, units, first, last, control, charge, allowed, paid, remarks = row
    return PaidLine(
        code=code,
        charge_cents=charge,
        paid_cents=paid,
        qualifier=qualifier,
        modifiers=tuple(modifiers.split()),
        units=Decimal(units),
        date_from=date.fromisoformat(first) if first else None,
        date_to=date.fromisoformat(last) if last else None,
        control=control,
        adjustments=[Adjustment(*part) for part in adjustments],
        allowed_cents=allowed or None,
        remarks=tuple(remarks.split()),
    )
