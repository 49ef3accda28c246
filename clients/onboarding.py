"""Opening a client: the practice, its tier and promises, people who render services, payers and prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from clients.agreements import add_standard_contract
from clients.fees import Term
from clients.models import Client, ClientState, Enrollment, Fee, FeeBasis, Payer, Provider, SlaClause, TierPeriod
from clients.rows import add_rows
from clients.scope import ScopedSession
from clients.tiers import Tier


@dataclass(frozen=True, slots=True)
class NewProvider:
    npi: str
    last: str
    first: str
    taxonomy: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class NewPayer:
    """A payer as the bureau knows it; days are calendar days (cfg)."""

    code: str
    name: str
    kind: str
    filing_code: str
    tax_id: str
    filing_days: int
    alarm_days: int


@dataclass(frozen=True, slots=True)
class NewClient:
    """Everything needed to open a practice for business at once; fees are (code, cents)."""

    code: str
    name: str
    specialty: str
    tier: Tier
    npi: str
    tax_id: str
    taxonomy: str
    street: str
    city: str
    region: str
    zip: str
    phone: str
    time_zone: str
    providers: Sequence[NewProvider]
    fees: Sequence[tuple[str, int]]
    payers: Sequence[str]
    terms: Sequence[Term] = ()  # what it pays us; none: DEFAULT_FEES of its tier


# Measure, limit in business days, share that must meet it: the defaults an agreement starts from (cfg).
DEFAULT_CLAUSES = (
    ("encounter_to_submitted", 1, 90),
    ("encounter_to_submitted", 5, 100),
    ("remittance_to_posted", 2, 100),
    ("denial_to_first_touch", 2, 100),
    ("message_to_answered", 1, 100),
)
# What a client that is opened whole pays us (cfg); the middle of what the trade publishes.
DEFAULT_FEES = {
    Tier.BILLING: (Term(FeeBasis.PERCENT, basis_points=550), Term(FeeBasis.MINIMUM, cents=50_000)),
    Tier.FULL_RCM: (
        Term(FeeBasis.PERCENT, steps=((0, 750), (10_000_000, 650))),
        Term(FeeBasis.PERCENT, basis_points=0, payer_class="medicaid"),
        Term(FeeBasis.PER_CLAIM, cents=600, payer_class="medicaid"),
        Term(FeeBasis.MINIMUM, cents=150_000),
    ),
}


def add_payers(session: ScopedSession, payers: Sequence[NewPayer]) -> dict[str, int]:
    """Add the payers not known yet; returns code -> id of all of them."""
    known = {row.code: row.id for row in session.execute(select(Payer.code, Payer.id))}
    new = [payer for payer in payers if payer.code not in known]
    ids = session.take_ids(Payer.__tablename__, len(new))
    for payer, row_id in zip(new, ids, strict=True):
        session.add(
            Payer(
                id=row_id, code=payer.code, name=payer.name, kind=payer.kind, filing_code=payer.filing_code,
                tax_id=payer.tax_id, filing_days=payer.filing_days, alarm_days=payer.alarm_days,
            )
        )  # fmt: skip
        known[payer.code] = row_id
    session.flush()
    return known


def open_client(session: ScopedSession, new: NewClient, *, on: date) -> Client:
    """Open a practice that is live from this day on, with every named payer enrolled and the default promises."""
    client_id = session.take_ids(Client.__tablename__, 1)[0]
    client = Client(
        id=client_id, code=new.code, name=new.name, state=ClientState.LIVE, specialty=new.specialty,
        time_zone=new.time_zone, npi=new.npi, tax_id=new.tax_id, taxonomy=new.taxonomy, street=new.street,
        city=new.city, region=new.region, zip=new.zip, phone=new.phone, account=f"NBB{new.code}"[:15],
        is_synthetic=True, opened_on=on,
    )  # fmt: skip
    session.add(client)
    session.flush()
    payers = {row.code: row.id for row in session.execute(select(Payer.code, Payer.id))}
    add_rows(session, TierPeriod, client_id, [{"tier": new.tier, "starts_on": on, "ends_on": None}])
    add_rows(
        session, SlaClause, client_id,
        [
            {"measure": measure, "business_days": days, "share_percent": share, "starts_on": on, "ends_on": None}
            for measure, days, share in DEFAULT_CLAUSES
        ],
    )  # fmt: skip
    add_rows(
        session, Enrollment, client_id,
        [
            {"payer_id": payers[code], "transaction": kind, "state": "LIVE", "live_on": on}
            for code in new.payers
            for kind in ("837P", "835")
        ],
    )  # fmt: skip
    add_standard_contract(session, client_id, new.terms or DEFAULT_FEES[new.tier], on=on)
    add_providers(session, client_id, new.providers)
    begin = date(on.year - 2, 1, 1)
    fees = [{"code": code, "modifier": "", "cents": cents, "starts_on": begin} for code, cents in new.fees]
    add_rows(session, Fee, client_id, fees)
    return client


def add_providers(session: ScopedSession, client_id: int, providers: Sequence[NewProvider]) -> None:
    """Add clinicians to a client."""
    rows: list[dict[str, object]] = [
        {
            "npi": one.npi,
            "last": one.last,
            "first": one.first,
            "taxonomy": one.taxonomy,
            "external_id": one.external_id,
        }
        for one in providers
    ]
    add_rows(session, Provider, client_id, rows)
