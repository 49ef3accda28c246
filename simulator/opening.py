"""Opening the book to the practices and payers of the world: the only place where a simulated one becomes a client."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date

from bureau.office import Office
from clients.models import Client
from clients.onboarding import NewClient, NewPayer, NewProvider, add_payers, open_client
from clients.prices import Price, load_contract_rates
from clients.tiers import Tier
from config.codes import payers
from simulator.payers import PayerProfile, payer_tax_id
from simulator.practices import Practice

ALARM_AFTER = 5  # days beyond the time nine of ten answers take
ALARM_FLOOR, ALARM_CEILING = 21, 45  # days: what billers use when they know nothing better (cfg)
NEGOTIATING = frozenset({"commercial", "marketplace", "medicare_advantage"})  # the others pay by a schedule of law
NINE_OF_TEN = 1.2816  # standard normal quantile


def open_payers(office: Office) -> None:
    """Make every payer of the table known to the bureau."""
    known = [
        NewPayer(
            payer.payer_id,
            payer.name,
            payer.kind,
            payer.filing_code,
            payer_tax_id(payer.payer_id),
            payer.timely_filing_days,
            _alarm_days(payer.median_pay_days, payer.sigma),
        )
        for payer in payers().values()
    ]
    add_payers(office.session, [payer for payer in known if payer.kind != "self_pay"])


def _alarm_days(median: int, sigma: float) -> int:
    slow = math.ceil(median * math.exp(NINE_OF_TEN * sigma)) + ALARM_AFTER
    return min(ALARM_CEILING, max(ALARM_FLOOR, slow))


def open_practice(office: Office, practice: Practice, profiles: Iterable[PayerProfile], *, on: date) -> Client:
    """Take a practice on, live from that day, enrolled with every one of these payers and knowing its contracts."""
    known = tuple(profiles)
    new = NewClient(
        code=practice.code,
        name=practice.name,
        specialty=practice.specialty,
        tier=Tier(practice.tier),
        npi=practice.npi,
        tax_id=practice.tax_id,
        taxonomy=practice.taxonomy,
        street=practice.street,
        city=practice.town.city,
        region=practice.town.state,
        zip=practice.town.zip,
        phone=practice.phone,
        time_zone=practice.time_zone,
        providers=[NewProvider(one.npi, one.last, one.first, one.taxonomy) for one in practice.clinicians],
        fees=sorted(practice.charge_master.items()),
        payers=[profile.code for profile in known],
        terms=practice.terms,
    )
    client = open_client(office.session, new, on=on)
    load_contract_rates(office.session, client.id, _contracts(practice, known, date(on.year - 1, 1, 1)))
    return client


def _contracts(practice: Practice, profiles: Iterable[PayerProfile], since: date) -> list[Price]:
    """What the payers that negotiate have agreed to allow for everything the practice bills."""
    return [
        Price(code, "", profile.allowed_cents(code, 1, charge), since, profile.code)
        for profile in profiles
        if profile.kind in NEGOTIATING
        for code, charge in sorted(practice.charge_master.items())
    ]
