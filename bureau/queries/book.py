"""The book of clients: how each stands in one line, and all there is to know of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from bureau.models import Filing, Transfer, WorkItem
from bureau.models.books import Account
from bureau.office import Office
from bureau.queries.claims import owed_cents
from bureau.rules.lifecycle import CLOSED, State
from bureau.rules.routing import Queue
from clients.access import Role
from clients.enrolments import PRACTICE
from clients.models import Client, Enrollment, Membership, Payer, Provider, SlaClause, TierPeriod, User

UNSENT = (State.DRAFT, State.NEEDS_INFO, State.CODING, State.SCRUB_FAILED, State.READY, State.BATCHED)


@dataclass(frozen=True, slots=True)
class ClientLine:
    """One client among the others; cents are what insurance and patients owe it."""

    client: Client
    tier: str
    open_claims: int
    owed_cents: int
    unsent: int
    denials: int
    late: int


def find_lines(office: Office, clients: Sequence[Client], on: date) -> list[ClientLine]:
    """The clients as they stand, one statement per figure for all of them."""
    ids = [client.id for client in clients]
    tiers = find_tiers(office, ids, on)
    open_claims = _counts(office, Filing, ids, Filing.rank == 1, Filing.state.not_in(CLOSED))
    unsent = _counts(office, Filing, ids, Filing.rank == 1, Filing.state.in_(UNSENT))
    queued = (WorkItem.closed_at.is_(None), WorkItem.queue != "")
    denials = _counts(office, WorkItem, ids, *queued, WorkItem.queue == Queue.DENIALS)
    late = _counts(office, WorkItem, ids, *queued, WorkItem.due_at < office.now)
    owed = find_owed(office, ids)
    return [
        ClientLine(
            client, tiers.get(client.id, ""), open_claims.get(client.id, 0), owed.get(client.id, 0),
            unsent.get(client.id, 0), denials.get(client.id, 0), late.get(client.id, 0),
        )
        for client in clients
    ]  # fmt: skip


def find_tiers(office: Office, client_ids: Sequence[int], on: date) -> dict[int, str]:
    """Client id -> its tier in force on a day; clients without one are missing."""
    wanted = select(TierPeriod.client_id, TierPeriod.tier).where(
        TierPeriod.client_id.in_(client_ids),
        TierPeriod.starts_on <= on,
        or_(TierPeriod.ends_on.is_(None), TierPeriod.ends_on > on),
    )
    return dict(_pairs(office, wanted))


def find_managers(office: Office, client_ids: Sequence[int]) -> dict[int, str]:
    """Client id -> who looks after it by name, the first appointed where there are several."""
    wanted = (
        select(Membership.membership_client_id, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.role == Role.ACCOUNT_MANAGER, Membership.membership_client_id.in_(client_ids))
        .where(User.is_active.is_(True))
        .order_by(Membership.id.desc())
    )
    return dict(_pairs(office, wanted))


def find_owed(office: Office, client_ids: Sequence[int]) -> dict[int, int]:
    """Client id -> cents that insurance and patients owe it by the ledger."""
    accounts = (Account.INSURANCE, Account.PATIENT)
    wanted = select(Transfer.client_id, func.sum(owed_cents())).where(
        Transfer.client_id.in_(client_ids), or_(Transfer.debit.in_(accounts), Transfer.credit.in_(accounts))
    )
    return {client_id: int(cents) for client_id, cents in _pairs(office, wanted.group_by(Transfer.client_id))}


@dataclass(frozen=True, slots=True)
class ClientPage:
    client: Client
    tiers: Sequence[TierPeriod]
    clauses: Sequence[SlaClause]
    providers: Sequence[Provider]
    payers: Sequence[tuple[str, str, dict[str, Enrollment]]]  # code, name, transaction -> enrolment
    people: Sequence[tuple[str, str, str, bool]]  # name, e-mail, role, active

    @property
    def transactions(self) -> list[str]:
        return sorted({kind for _, _, each in self.payers for kind in each})


def load_client(office: Office, client_id: int) -> ClientPage:
    """One client of the scope with its agreement, clinicians, enrolments and people."""
    client = office.client(client_id)
    return ClientPage(
        client,
        _all_of(office, TierPeriod, client_id, TierPeriod.starts_on),
        _all_of(office, SlaClause, client_id, SlaClause.measure, SlaClause.business_days),
        _all_of(office, Provider, client_id, Provider.last, Provider.first),
        _find_enrolments(office, client_id),
        _find_people(office, client_id),
    )


def _find_enrolments(office: Office, client_id: int) -> list[tuple[str, str, dict[str, Enrollment]]]:
    rows = office.rows(
        select(Enrollment, Payer.code, Payer.name)
        .join(Payer, Payer.id == Enrollment.payer_id)
        .where(Enrollment.client_id == client_id, Enrollment.provider_id == PRACTICE)
        .order_by(Payer.name)
    )
    found: dict[str, tuple[str, str, dict[str, Enrollment]]] = {}
    for enrolment, code, name in rows:
        found.setdefault(code, (code, name, {}))[2][enrolment.transaction] = enrolment
    return list(found.values())


def _find_people(office: Office, client_id: int) -> list[tuple[str, str, str, bool]]:
    """Who is appointed for this client by name; those who serve all clients are not listed one by one."""
    rows = office.rows(
        select(User.name, User.email, Membership.role, User.is_active)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.membership_client_id == client_id)
        .order_by(User.name, Membership.role)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _all_of(office: Office, model: Any, client_id: int, *order: Any) -> Sequence[Any]:
    return office.session.scalars(select(model).where(model.client_id == client_id).order_by(*order)).all()


def _counts(office: Office, model: Any, ids: Sequence[int], *where: Any) -> dict[int, int]:
    wanted = select(model.client_id, func.count()).where(and_(model.client_id.in_(ids), *where))
    return dict(_pairs(office, wanted.group_by(model.client_id)))


def _pairs(office: Office, wanted: Any) -> list[tuple[int, Any]]:
    return [(row[0], row[1]) for row in office.rows(wanted)]
