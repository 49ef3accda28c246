"""Payments as payers sent them: the list of remittances, and one of them weighed against its claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Claim, Filing, Mail, Patient, Remittance, RemittanceClaim
from bureau.office import Office
from bureau.queries.exchange import read_text
from bureau.queries.paging import PAGE, Page, anyones, cut, get_by_id, read_cursor, whole
from bureau.x12.remit835 import read_835
from bureau.x12.values835 import ProviderAdjustment


@dataclass(frozen=True, slots=True)
class Wanted:
    client_id: int | None = None
    payer_id: int | None = None
    state: str = ""
    text: str = ""  # begins the trace number


class RemittanceRow(NamedTuple):
    client_id: int
    id: int
    payer_name: str
    trace: str
    payment_cents: int
    paid_on: date | None
    method: str
    state: str
    problem: str
    delta_cents: int
    claims: int
    received_at: datetime
    posted_at: datetime | None
    exceptions: int


class PaidRow(NamedTuple):
    """One claim of a remittance, and ours that it was matched to."""

    id: int
    pcn: str
    status: str
    payer_icn: str
    charge_cents: int
    paid_cents: int
    matched_by: str
    exception: str
    claim_id: int | None
    state: str | None
    served_on: date | None
    last: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """A remittance and the sums that must agree: payment = claims - provider adjustments, in cents."""

    remittance: Remittance
    mail: Mail
    claims_cents: int
    provider_adjustments: Sequence[ProviderAdjustment]
    exceptions: int

    @property
    def held_back_cents(self) -> int:
        """What adjustments beside the claims took out of the payment; negative when they added to it."""
        return sum(one.cents for one in self.provider_adjustments)

    @property
    def difference_cents(self) -> int:
        return self.remittance.payment_cents - (self.claims_cents - self.held_back_cents)


def find_remittances(office: Office, wanted: Wanted, after: str = "", limit: int = PAGE) -> Page[RemittanceRow]:
    """Remittances newest first, with how many of their claims could not be posted."""
    columns = (
        Remittance.client_id, Remittance.id, Remittance.payer_name, Remittance.trace, Remittance.payment_cents,
        Remittance.paid_on, Remittance.method, Remittance.state, Remittance.problem, Remittance.delta_cents,
        Remittance.claims, Remittance.received_at, Remittance.posted_at,
    )  # fmt: skip
    statement = select(*columns).where(*_conditions(wanted))
    cursor = read_cursor(after, whole)
    if cursor:
        statement = statement.where(Remittance.id < cursor[0])
    rows = office.rows(statement.order_by(Remittance.id.desc()).limit(limit + 1))
    counts = _count_exceptions(office, [row.id for row in rows])
    return cut([RemittanceRow._make((*row, counts.get(row.id, 0))) for row in rows], lambda row: (row.id,), limit)


def sum_remittances(office: Office, wanted: Wanted) -> tuple[int, int]:
    """(how many, cents paid) of the whole list."""
    totals = select(func.count(), func.coalesce(func.sum(Remittance.payment_cents), 0)).where(*_conditions(wanted))
    count, cents = office.rows(totals)[0]
    return int(count), int(cents)


def load_payment(office: Office, remittance_id: int) -> Payment:
    """One remittance with the sums it must keep. Raises NotFound outside the scope."""
    remittance = get_by_id(office, Remittance, remittance_id)
    mail = office.rows(select(Mail).where(Mail.id == remittance.mail_id))[0][0]
    siblings = office.session.scalars(
        select(Remittance.id)
        .where(Remittance.client_id == remittance.client_id, Remittance.mail_id == mail.id)
        .order_by(Remittance.id)
    ).all()
    parsed, _ = read_835(read_text(mail), mail.name)
    found = parsed[siblings.index(remittance.id)]
    counted = _count_exceptions(office, [remittance.id])
    return Payment(
        remittance, mail, sum(claim.paid_cents for claim in found.claims), found.provider_adjustments,
        counted.get(remittance.id, 0),
    )  # fmt: skip


def find_paid(office: Office, remittance: Remittance, after: str = "", limit: int = PAGE) -> Page[PaidRow]:
    """The claims of a remittance, those that could not be posted first."""
    first = case((RemittanceClaim.exception != "", 0), else_=1)
    columns = (
        RemittanceClaim.id, RemittanceClaim.pcn, RemittanceClaim.status, RemittanceClaim.payer_icn,
        RemittanceClaim.charge_cents, RemittanceClaim.paid_cents, RemittanceClaim.matched_by,
        RemittanceClaim.exception, Claim.id, Filing.state, Claim.served_on, Patient.last, Patient.first,
    )  # fmt: skip
    statement = (
        select(*columns)
        .outerjoin(Filing, and_(Filing.client_id == RemittanceClaim.client_id, Filing.id == RemittanceClaim.filing_id))
        .outerjoin(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .outerjoin(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .where(RemittanceClaim.client_id == remittance.client_id, RemittanceClaim.remittance_id == remittance.id)
    )
    cursor = read_cursor(after, whole, whole)
    if cursor:
        statement = statement.where(or_(first > cursor[0], and_(first == cursor[0], RemittanceClaim.id > cursor[1])))
    rows = office.rows(statement.order_by(first, RemittanceClaim.id).limit(limit + 1))
    return cut([PaidRow(*row) for row in rows], lambda row: (0 if row.exception else 1, row.id), limit)


def _count_exceptions(office: Office, ids: Sequence[int]) -> dict[int, int]:
    statement = (
        select(RemittanceClaim.remittance_id, func.count())
        .where(anyones(RemittanceClaim), RemittanceClaim.exception != "")
        .group_by(RemittanceClaim.remittance_id)
    )
    return {row[0]: int(row[1]) for row in office.rows_in(statement, RemittanceClaim.remittance_id, ids)}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    given: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.client_id is not None, Remittance.client_id == wanted.client_id),
        (wanted.payer_id is not None, Remittance.payer_id == wanted.payer_id),
        (wanted.state, Remittance.state == wanted.state),
        (wanted.text, Remittance.trace.istartswith(wanted.text, autoescape=True)),
    ]
    return [one for asked, one in given if asked]
