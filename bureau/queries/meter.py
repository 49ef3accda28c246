"""What a client's plan leaves undone, measured from the book without being worked: the unserved-work meter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select

from bureau.models import Claim, ClaimLine, Denial, Filing, Transfer
from bureau.models.books import Account
from bureau.office import Office
from bureau.queries.coverage import load_rates
from bureau.rules.pricing import price_line
from clients.capabilities import Capability
from clients.models import Payer
from clients.tiers import load_capabilities
from config import codes
from config.codes import Lane

DAYS = 90
ELIGIBILITY = frozenset({"26", "27", "31", "32", "33"})  # not covered on that day, or not a member
AUTHORIZATION = frozenset({"15", "197", "198"})
APPEAL_DAYS = 180  # where nothing is known of the payer (cfg)
LONGEST_APPEAL = 400
TOLERANCE_CENTS = 100  # a difference to the contract up to this is rounding, not a case (cfg)


@dataclass(frozen=True, slots=True)
class Item:
    """One denied or underpaid amount; `cause` is group and CARC (CO-197), or the procedure code paid too low."""

    claim_id: int
    served_on: date
    payer: str
    cause: str
    cents: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of work nobody does for the client, with every amount behind it, the largest first."""

    capability: Capability
    items: tuple[Item, ...]

    @property
    def cents(self) -> int:
        return sum(item.cents for item in self.items)

    @property
    def causes(self) -> list[tuple[str, int, int]]:
        """Cause, how often, cents; the costliest first."""
        found: dict[str, list[int]] = defaultdict(list)
        for item in self.items:
            found[item.cause].append(item.cents)
        return sorted(((cause, len(each), sum(each)) for cause, each in found.items()), key=lambda one: -one[2])


@dataclass(frozen=True, slots=True)
class _Denied:
    item: Item
    carc: str
    lane: str
    is_open: bool
    on: date
    appeal_until: date


def load_meter(office: Office, client_id: int) -> tuple[Measure, ...]:
    """Every kind of measured work that is no part of the client's plan today; of the last 90 days.

    The same denial may stand under two kinds: a missing authorization is also a denial nobody works.
    """
    today = office.today(client_id)
    bought = load_capabilities(office.session, {client_id: today})[client_id]
    if bought >= set(_KINDS) | {Capability.UNDERPAYMENT_RECOVER}:
        return ()
    since = today - timedelta(days=DAYS)
    denied = _find_denied(office, client_id, since)
    measures = [
        Measure(capability, _ordered(one.item for one in denied if counts(one, since, today)))
        for capability, counts in _KINDS.items()
        if capability not in bought
    ]
    if Capability.UNDERPAYMENT_RECOVER not in bought:
        underpaid = _ordered(find_underpaid(office, client_id, since))
        measures.append(Measure(Capability.UNDERPAYMENT_RECOVER, underpaid))
    return tuple(measures)


def find_underpaid(office: Office, client_id: int, since: date) -> list[Item]:
    """Lines of services since a day that the first payer allowed less for than it contracted."""
    rates = load_rates(office, client_id)
    first = and_(Filing.client_id == ClaimLine.client_id, Filing.claim_id == ClaimLine.claim_id, Filing.rank == 1)
    decided = and_(
        Transfer.client_id == ClaimLine.client_id, Transfer.claim_id == ClaimLine.claim_id,
        Transfer.line_id == ClaimLine.id, Transfer.filing_id == Filing.id, Transfer.credit == Account.INSURANCE,
        Transfer.debit.in_((Account.CASH, Account.PATIENT)),
    )  # fmt: skip
    line = (ClaimLine.code, ClaimLine.modifiers, ClaimLine.units, ClaimLine.charge_cents, ClaimLine.served_on)
    group = (ClaimLine.id, ClaimLine.claim_id, *line, Filing.payer_id, Payer.name)
    wanted = (
        select(*group, func.sum(Transfer.cents))
        .join(Filing, first)
        .join(Payer, Payer.id == Filing.payer_id)
        .join(Transfer, decided)
        .where(ClaimLine.client_id == client_id, ClaimLine.served_on >= since, Filing.payer_id.in_(rates))
        .group_by(*group)
    )
    found = []
    for _, claim_id, code, modifiers, units, charge, day, payer_id, payer, allowed in office.rows(wanted):
        rate = price_line(rates[payer_id], code, modifiers, units, day)
        missing = min(rate, charge) - int(allowed) if rate is not None else 0
        if allowed > 0 and missing > TOLERANCE_CENTS:
            found.append(Item(claim_id, day, payer, code, missing))
    return found


def _find_denied(office: Office, client_id: int, since: date) -> list[_Denied]:
    """Denials of the time, and open ones whose right to appeal may have ended in it."""
    calendar = office.calendar(client_id)
    start, earliest = (calendar.moment(day) for day in (since, since - timedelta(days=LONGEST_APPEAL)))
    wanted = (
        select(Filing.claim_id, Claim.served_on, Payer.name, Payer.code.label("payer_code"), Denial)
        .join(Filing, and_(Filing.client_id == Denial.client_id, Filing.id == Denial.filing_id))
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Payer, Payer.id == Filing.payer_id)
        .where(Denial.client_id == client_id, Denial.denied_at >= earliest)
        .where(or_(Denial.denied_at >= start, Denial.state == "OPEN"))
    )
    found = []
    for claim_id, served_on, payer, payer_code, one in office.rows(wanted):
        on = calendar.local_date(one.denied_at)
        until = on + timedelta(days=_appeal_days(payer_code))
        item = Item(claim_id, served_on, payer, f"{one.group}-{one.carc}", one.cents)
        found.append(_Denied(item, one.carc, one.lane, one.state == "OPEN", on, until))
    return found


def _appeal_days(payer_code: str) -> int:
    known = codes.payers().get(payer_code)
    return known.appeal_days if known else APPEAL_DAYS


def _ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (-item.cents, item.claim_id)))


_KINDS: dict[Capability, Callable[[_Denied, date, date], bool]] = {
    Capability.ELIGIBILITY_CHECK: lambda one, since, _: one.on >= since and one.carc in ELIGIBILITY,
    Capability.AUTHORIZATION_TRACK: lambda one, since, _: one.on >= since and one.carc in AUTHORIZATION,
    Capability.DENIAL_ROUTE: lambda one, since, _: one.on >= since and one.is_open and one.lane == Lane.ROUTE,
    Capability.DENIAL_APPEAL: lambda one, since, today: one.is_open and since <= one.appeal_until < today,
}
