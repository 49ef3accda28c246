"""What payers pay by: 835 values from what was decided, and the wrapping of every answer file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bureau.x12.values import Adjustment, Envelope, Party
from bureau.x12.values835 import PaidClaim, PaidLine, Remittance
from config.clock import BANK_CALENDAR
from simulator.payers import PayerProfile

CLEARINGHOUSE = "SIMCLEAR"
CLEARINGHOUSE_NAME = "PRACTICE CLEARINGHOUSE"
_ZONE = ZoneInfo(BANK_CALENDAR.time_zone)


def local_time(at: datetime) -> datetime:
    """The moment as the clearinghouse writes it: its own time without a zone."""
    return at.astimezone(_ZONE).replace(tzinfo=None, microsecond=0)


def envelope(sender: str, account: str, control: int, at: datetime) -> Envelope:
    """The wrapping of one answer file; one number serves as interchange and group control."""
    local = local_time(at)
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
