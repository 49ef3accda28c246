"""How much of what a client bills has a price: of its own charge master, and of what each payer contracted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import and_, func, select

from bureau.models import ClaimLine, Filing
from bureau.office import AnySelect, Office
from bureau.rules.pricing import Prices, build_prices, price_line
from clients.models import ContractRate, Fee, Payer

DAYS = 90


@dataclass(slots=True)
class Share:
    """Charge lines and their cents, and those of them that have a price."""

    lines: int = 0
    cents: int = 0
    priced_lines: int = 0
    priced_cents: int = 0

    def add(self, lines: int, cents: int, *, is_priced: bool) -> None:
        self.lines += lines
        self.cents += cents
        self.priced_lines += lines * is_priced
        self.priced_cents += cents * is_priced

    @property
    def percent_of_lines(self) -> int:
        return 100 * self.priced_lines // self.lines if self.lines else 0

    @property
    def percent_of_cents(self) -> int:
        return 100 * self.priced_cents // self.cents if self.cents else 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Services of the last 90 days by the prices in force on their day; the code of each line is known."""

    since: date
    own: Share = field(default_factory=Share)
    by_payer: dict[str, Share] = field(default_factory=dict)  # payer's name, the largest first
    missing: list[tuple[str, int]] = field(default_factory=list)  # code without a price of ours, lines


def load_coverage(office: Office, client_id: int) -> Coverage:
    """What part of the charges has a price, by count and by amount."""
    since = office.today(client_id) - timedelta(days=DAYS)
    fees, rates = load_fees(office, client_id), load_rates(office, client_id)
    own, by_payer, missing = Share(), defaultdict[str, Share](Share), Counter[str]()
    for code, modifiers, day, payer_id, payer, lines, cents in office.rows(_lines(client_id, since)):
        is_priced = price_line(fees, code, modifiers, 1, day) is not None
        own.add(lines, int(cents), is_priced=is_priced)
        if not is_priced:
            missing[code] += lines
        if payer_id is not None:
            is_rated = price_line(rates.get(payer_id, {}), code, modifiers, 1, day) is not None
            by_payer[payer].add(lines, int(cents), is_priced=is_rated)
    largest = dict(sorted(by_payer.items(), key=lambda item: -item[1].cents))
    return Coverage(since, own, largest, missing.most_common(10))


def load_fees(office: Office, client_id: int) -> Prices:
    """The client's charge master."""
    wanted = select(Fee.code, Fee.modifier, Fee.starts_on, Fee.cents).where(Fee.client_id == client_id)
    return build_prices((row[0], row[1], row[2], row[3]) for row in office.rows(wanted))


def load_rates(office: Office, client_id: int) -> Mapping[int, Prices]:
    """What each payer (by id) contracted with the client."""
    rates = ContractRate
    wanted = select(rates.payer_id, rates.code, rates.modifier, rates.starts_on, rates.cents)
    found: dict[int, list[tuple[str, str, date, int]]] = defaultdict(list)
    for payer_id, code, modifier, starts_on, cents in office.rows(wanted.where(rates.client_id == client_id)):
        found[payer_id].append((code, modifier, starts_on, cents))
    return {payer_id: build_prices(rows) for payer_id, rows in found.items()}


def _lines(client_id: int, since: date) -> AnySelect:
    first = and_(Filing.client_id == ClaimLine.client_id, Filing.claim_id == ClaimLine.claim_id, Filing.rank == 1)
    group = (ClaimLine.code, ClaimLine.modifiers, ClaimLine.served_on, Filing.payer_id, Payer.name)
    return (
        select(*group, func.count(), func.sum(ClaimLine.charge_cents))
        .join(Filing, first)
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(ClaimLine.client_id == client_id, ClaimLine.served_on >= since, ClaimLine.code != "")
        .group_by(*group)
    )
