"""Visits a practice says it had against those that came in: by provider and day, and what is missing for too long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, select

from bureau.models import Claim, Encounter, Patient, VisitCount
from bureau.office import NotFound, Office
from bureau.rules.visit_schedule import alert_after
from clients.models import Client, Provider

LOOK_BACK = timedelta(days=90)  # a visit missing for longer is past most that anybody still looks up


@dataclass(frozen=True, slots=True)
class DayCount:
    """One provider's day; `expected` is None where nobody said how many."""

    day: date
    expected: int | None
    received: int

    @property
    def missing(self) -> int:
        return max((self.expected or 0) - self.received, 0)

    @property
    def arrived(self) -> int:
        """Of those expected; what came beyond them makes up for no other day."""
        return min(self.received, self.expected or 0)


@dataclass(frozen=True, slots=True)
class ProviderWeek:
    provider_id: int
    name: str
    days: tuple[DayCount, ...]

    @property
    def expected(self) -> int:
        return sum(each.expected or 0 for each in self.days)

    @property
    def arrived(self) -> int:
        return sum(each.arrived for each in self.days)

    @property
    def missing(self) -> int:
        return sum(each.missing for each in self.days)


class Missing(NamedTuple):
    """Visits that were to come and did not, past the days the practice waits."""

    client_id: int
    provider_id: int
    provider: str
    day: date
    expected: int
    received: int

    @property
    def missing(self) -> int:
        return self.expected - self.received


class ReceivedVisit(NamedTuple):
    claim_id: int
    patient: str
    number: str
    cents: int


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def find_week(office: Office, client_id: int, monday: date) -> list[ProviderWeek]:
    """Every provider of the client with the seven days from that Monday on, by name."""
    days = [monday + timedelta(days=number) for number in range(7)]
    wanted = select(VisitCount.provider_id, VisitCount.day, VisitCount.expected).where(
        VisitCount.client_id == client_id, VisitCount.day >= days[0], VisitCount.day <= days[-1]
    )
    expected = {(row[0], row[1]): row[2] for row in office.rows(wanted)}
    received = _count_received(office, [client_id], days[0], days[-1])
    return [
        ProviderWeek(provider_id, name, tuple(
            DayCount(day, expected.get((provider_id, day)), received.get((client_id, provider_id, day), 0))
            for day in days
        ))
        for provider_id, name in find_providers(office, client_id)
    ]  # fmt: skip


def find_providers(office: Office, client_id: int) -> list[tuple[int, str]]:
    wanted = select(Provider.id, Provider.last, Provider.first).where(Provider.client_id == client_id)
    return [(row[0], f"{row[1]}, {row[2]}") for row in office.rows(wanted.order_by(Provider.last, Provider.first))]


def find_provider_names(office: Office, client_id: int) -> dict[str, int]:
    """Ids by what a schedule may call a provider: the NPI, and the last name (in small letters) that only one has."""
    wanted = select(Provider.id, Provider.npi, Provider.last).where(Provider.client_id == client_id)
    rows = office.rows(wanted)
    lasts = [row.last.casefold() for row in rows]
    names = {row.last.casefold(): row.id for row in rows if lasts.count(row.last.casefold()) == 1}
    return names | {row.npi: row.id for row in rows}


def find_missing(office: Office) -> list[Missing]:
    """Of all clients in the scope what is missing for longer than the client waits, the oldest day first."""
    earliest = office.now.date() - LOOK_BACK
    wanted = (
        select(
            VisitCount.client_id, VisitCount.provider_id, Provider.last, Provider.first, VisitCount.day,
            VisitCount.expected, Client.preferences,
        )
        .join(Provider, and_(Provider.client_id == VisitCount.client_id, Provider.id == VisitCount.provider_id))
        .join(Client, Client.id == VisitCount.client_id)
        .where(VisitCount.day >= earliest, VisitCount.day < office.now.date(), VisitCount.expected > 0)
        .order_by(VisitCount.day, Provider.last, VisitCount.id)
    )  # fmt: skip
    stated = office.rows(wanted)
    if not stated:
        return []
    received = _count_received(office, {row[0] for row in stated}, stated[0].day, stated[-1].day)
    lines = [
        (Missing(row[0], row[1], f"{row[2]}, {row[3]}", row[4], row[5], received.get((row[0], row[1], row[4]), 0)), row)
        for row in stated
    ]
    return [line for line, row in lines if line.missing > 0 and _is_due(office, line, alert_after(row.preferences))]


def _is_due(office: Office, line: Missing, after: int) -> bool:
    return line.day <= office.now.date() - timedelta(days=after)


def count_missing(office: Office) -> int:
    """Visits missing for too long, of all clients in the scope."""
    return sum(line.missing for line in find_missing(office))


def find_received(office: Office, client_id: int, provider_id: int, day: date) -> list[ReceivedVisit]:
    """What came in of a provider's day. Raises NotFound for a provider the client does not have."""
    office.get(Provider, client_id, provider_id)
    wanted = (
        select(Claim.id, Patient.last, Patient.first, Encounter.external_id, Claim.charge_cents)
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .where(
            Encounter.client_id == client_id, Encounter.provider_id == provider_id, Encounter.served_on == day,
            Encounter.undone_at.is_(None),
        )
        .order_by(Patient.last, Patient.first, Claim.id)
    )  # fmt: skip
    return [ReceivedVisit(row[0], f"{row[1]}, {row[2]}", row[3], row[4]) for row in office.rows(wanted)]


def get_day(office: Office, client_id: int, provider_id: int, day: date) -> tuple[str, DayCount]:
    """The provider's name and how the day stands. Raises NotFound for a provider the client does not have."""
    week = find_week(office, client_id, monday_of(day))
    found = next((line for line in week if line.provider_id == provider_id), None)
    if found is None:
        raise NotFound("no such provider")
    return found.name, found.days[day.weekday()]


def _count_received(
    office: Office, clients: Collection[int], first: date, last: date
) -> dict[tuple[int, int, date], int]:
    """(client, provider, day) -> encounters that stand."""
    wanted = (
        select(Encounter.client_id, Encounter.provider_id, Encounter.served_on, func.count())
        .where(
            Encounter.client_id.in_(sorted(clients)), Encounter.served_on >= first, Encounter.served_on <= last,
            Encounter.undone_at.is_(None),
        )
        .group_by(Encounter.client_id, Encounter.provider_id, Encounter.served_on)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): row[3] for row in office.rows(wanted)}
