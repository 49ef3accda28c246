"""What a client has, had and asked for: its plan on one page, for the client and for the bureau."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from bureau.office import Office
from clients.agreements import EXPIRES_SOON, find_agreements
from clients.capabilities import Capability
from clients.fees import Term, as_term, load_terms
from clients.models import AddOn, Agreement, AgreementKind, Contact, FeeTerm, SlaClause, TierPeriod, TierRequest
from clients.preferences import Preferences, read_preferences
from clients.promises import Clause, load_clauses
from clients.tier_changes import Quote, find_add_ons, find_requests, find_running, read_quote
from clients.tiers import Tier, get_tier, load_capabilities


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of today, how it came about, and the change that is being talked about."""

    today: date
    tier: Tier | None
    capabilities: frozenset[Capability]
    add_ons: Mapping[Capability, int]  # monthly cents
    terms: Sequence[Term]
    periods: Sequence[TierPeriod]  # the newest first
    extras: Sequence[AddOn]
    running: TierRequest | None
    quote: Quote | None
    requests: Sequence[TierRequest]

    @property
    def since(self) -> date | None:
        """The first day of the period that runs today."""
        return next((one.starts_on for one in self.periods if one.starts_on <= self.today), None)


def load_plan(office: Office, client_id: int) -> Plan:
    """The plan of one client of the scope."""
    session, today = office.session, office.today(client_id)
    running = find_running(session, client_id)
    return Plan(
        today,
        get_tier(session, client_id, today),
        load_capabilities(session, {client_id: today})[client_id],
        find_add_ons(session, client_id, today),
        load_terms(session, client_id, today),
        _newest(office, TierPeriod, client_id),
        _newest(office, AddOn, client_id),
        running,
        read_quote(running) if running else None,
        find_requests(session, client_id),
    )


@dataclass(frozen=True, slots=True)
class Contract:
    """What was signed and agreed with one client, with what went before."""

    today: date
    agreements: Sequence[Agreement]
    terms: Sequence[Term]
    older_terms: Sequence[tuple[date, date | None, Sequence[Term]]]  # from, to before; also what is still to come
    clauses: Sequence[Clause]
    older_clauses: Sequence[SlaClause]
    preferences: Preferences
    contacts: Sequence[Contact]

    def holds(self, one: Agreement) -> bool:
        return one.starts_on <= self.today and (one.ends_on is None or one.ends_on > self.today)

    @property
    def ending(self) -> list[Agreement]:
        """Contracts in force that run out within sixty days with nothing to follow them."""
        return [
            one
            for one in self.agreements
            if one.ends_on and self.holds(one) and one.ends_on <= self.today + EXPIRES_SOON and not self._follows(one)
        ]

    @property
    def missing(self) -> list[AgreementKind]:
        held = {one.kind for one in self.agreements if self.holds(one)}
        return [kind for kind in AgreementKind if kind not in held]

    def _follows(self, ending: Agreement) -> bool:
        last = ending.ends_on or self.today
        return any(
            one.kind == ending.kind and one.starts_on <= last and (one.ends_on is None or one.ends_on > last)
            for one in self.agreements
        )


def load_contract(office: Office, client_id: int) -> Contract:
    """The contracts, fees, promises and wishes of one client of the scope."""
    session, today = office.session, office.today(client_id)
    older: dict[tuple[date, date | None], list[Term]] = {}
    for row in _newest(office, FeeTerm, client_id):
        if not (row.starts_on <= today and (row.ends_on is None or row.ends_on > today)):
            older.setdefault((row.starts_on, row.ends_on), []).append(as_term(row))
    past_clauses = [one for one in _newest(office, SlaClause, client_id) if one.ends_on or one.starts_on > today]
    contacts = session.scalars(select(Contact).where(Contact.client_id == client_id).order_by(Contact.name)).all()
    return Contract(
        today,
        find_agreements(session, client_id),
        load_terms(session, client_id, today),
        [(start, end, terms) for (start, end), terms in older.items()],
        load_clauses(session, client_id, today),
        past_clauses,
        read_preferences(office.client(client_id).preferences),
        contacts,
    )


def _newest(office: Office, model: Any, client_id: int) -> Sequence[Any]:
    wanted = select(model).where(model.client_id == client_id).order_by(model.starts_on.desc(), model.id)
    return office.session.scalars(wanted).all()
