"""The read side of the practice's door: its claims, their story and their money, and what waits for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import (
    Claim,
    ClaimLine,
    Denial,
    Encounter,
    Filing,
    Patient,
    Remittance,
    Step,
    Transfer,
    WorkItem,
)
from bureau.models.books import Account, Kind
from bureau.office import NotFound, Office
from bureau.rules.lifecycle import State
from bureau.rules.routing import Queue
from clients.models import Payer, Provider


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What a list of claims is narrowed to; empty values narrow nothing. Days are dates of service, half-open."""

    states: Collection[State] = ()
    payer_id: int | None = None
    text: str = ""  # beginning of a name, or a visit number
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """The ledger of one claim (or line) in cents: the charge is the sum of all that follows it."""

    charged: int = 0
    paid: int = 0
    contractual: int = 0
    written_off: int = 0
    patient: int = 0
    insurance: int = 0
    other: int = 0  # set aside until its place is known

    @property
    def open(self) -> int:
        return self.insurance + self.patient


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim as a list shows it, in the state of its latest filing."""

    claim_id: int
    visit: str  # the practice's own number
    patient: str
    served_on: date
    payer: str  # empty: the patient pays
    state: str
    turn: str
    since: datetime
    money: Money


@dataclass(frozen=True, slots=True)
class FilingLine:
    """The claim at one payer."""

    id: int
    rank: int
    payer: str
    state: str
    turn: str
    since: datetime
    file_by: date | None
    payer_icn: str


@dataclass(frozen=True, slots=True)
class ServiceLine:
    number: int
    code: str
    modifiers: str
    units: int
    served_on: date
    wanted: str  # the practice's own words while the code is missing
    money: Money
    reasons: tuple[tuple[str, str, int], ...]  # group, CARC, cents


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """Everything a practice sees of one claim; filings and lines in order."""

    claim_id: int
    visit: str
    patient: str
    patient_number: str
    provider: str
    served_on: date
    diagnoses: tuple[str, ...]
    created_at: datetime
    money: Money
    filings: tuple[FilingLine, ...]
    lines: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One change of state of one filing of the claim."""

    id: int
    at: datetime
    event: str
    target: str
    turn: str
    payer: str


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """Money of one payer's payment that went to this claim, in cents; taken back where negative."""

    posted_on: date
    payer: str
    trace: str
    cents: int


@dataclass(frozen=True, slots=True)
class DenialLine:
    at: datetime
    group: str
    carc: str
    cents: int
    state: str


def find_claims(
    office: Office, client_id: int, wanted: ClaimFilter, *, limit: int = 50, before: int | None = None
) -> list[ClaimRow]:
    """Claims newest first; `before` is the claim id the last page ended with."""
    chosen = _claims(client_id, wanted).order_by(Claim.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(Claim.id < before)
    rows = office.rows(chosen)
    money = _load_money(office, client_id, [row.id for row in rows])
    return [
        ClaimRow(
            row.id, row.external_id, f"{row.last}, {row.first}", row.served_on, row.payer or "", row.state, row.turn,
            row.since, money.get(row.id, Money()),
        )
        for row in rows
    ]  # fmt: skip


def find_claim_payers(office: Office, client_id: int) -> list[tuple[int, str]]:
    """Id and name of every payer this client ever filed with, by name."""
    filed = select(Filing.payer_id).where(Filing.client_id == client_id).distinct()
    wanted = select(Payer.id, Payer.name).where(Payer.id.in_(filed)).order_by(Payer.name)
    return [(row.id, row.name) for row in office.rows(wanted)]


def get_claim(office: Office, client_id: int, claim_id: int) -> ClaimPage:
    """One claim with its filings, lines and money, or NotFound."""
    row = _one(
        office,
        select(
            Claim.id, Claim.served_on, Claim.diagnoses, Claim.created_at, Encounter.external_id, Patient.last,
            Patient.first, Patient.external_id.label("patient_number"), Provider.last.label("provider_last"),
            Provider.first.label("provider_first"),
        )
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .outerjoin(Provider, and_(Provider.client_id == Claim.client_id, Provider.id == Claim.provider_id))
        .where(Claim.client_id == client_id, Claim.id == claim_id),
    )  # fmt: skip
    provider = f"{row.provider_first} {row.provider_last}" if row.provider_last else ""
    return ClaimPage(
        row.id, row.external_id, f"{row.last}, {row.first}", row.patient_number, provider, row.served_on,
        tuple(row.diagnoses.split()), row.created_at,
        _load_money(office, client_id, [claim_id]).get(claim_id, Money()),
        _load_filings(office, client_id, claim_id), _load_lines(office, client_id, claim_id),
    )  # fmt: skip


def find_claim_ids(office: Office, client_id: int, encounter_ids: Iterable[int]) -> dict[int, int]:
    """Encounter id -> id of the claim made of it."""
    wanted = select(Claim.encounter_id, Claim.id).where(Claim.client_id == client_id)
    return {row[0]: row[1] for row in office.rows_in(wanted, Claim.encounter_id, encounter_ids)}


def find_steps(office: Office, client_id: int, claim_id: int) -> list[StepLine]:
    """What happened to a claim, newest first."""
    wanted = (
        select(Step.id, Step.at, Step.event, Step.target, Step.turn, Payer.name)
        .join(Filing, and_(Filing.client_id == Step.client_id, Filing.id == Step.filing_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(Step.client_id == client_id, Filing.claim_id == claim_id)
        .order_by(Step.id.desc())
    )
    return [StepLine(row[0], row[1], row[2], row[3], row[4], row[5] or "") for row in office.rows(wanted)]


def find_payments(office: Office, client_id: int, claim_id: int) -> list[PaymentLine]:
    """What reached the bank for a claim, payment by payment, newest first."""
    cents = func.sum(_signed(Account.CASH))
    wanted = (
        select(Transfer.posted_on, Remittance.payer_name, Remittance.trace, cents)
        .outerjoin(
            Remittance, and_(Remittance.client_id == Transfer.client_id, Remittance.id == Transfer.remittance_id)
        )
        .where(Transfer.client_id == client_id, Transfer.claim_id == claim_id)
        .where(or_(Transfer.debit == Account.CASH, Transfer.credit == Account.CASH))
        .group_by(Transfer.posted_on, Transfer.remittance_id, Remittance.payer_name, Remittance.trace)
        .order_by(Transfer.posted_on.desc())
    )
    return [PaymentLine(row[0], row[1] or "", row[2] or "", int(row[3])) for row in office.rows(wanted)]


def find_denials(office: Office, client_id: int, claim_id: int) -> list[DenialLine]:
    """What payers refused of a claim and why, newest first."""
    wanted = (
        select(Denial.denied_at, Denial.group, Denial.carc, Denial.cents, Denial.state)
        .join(Filing, and_(Filing.client_id == Denial.client_id, Filing.id == Denial.filing_id))
        .where(Denial.client_id == client_id, Filing.claim_id == claim_id)
        .order_by(Denial.id.desc())
    )
    return [DenialLine(*row) for row in office.rows(wanted)]


def count_rows_to_fix(office: Office) -> int:
    """Uploaded rows in scope that wait for the practice; one index entry each, however much was uploaded."""
    wanted = select(func.count()).select_from(WorkItem).where(
        WorkItem.queue == Queue.INTAKE, WorkItem.subject == "upload_row", WorkItem.closed_at.is_(None)
    )  # fmt: skip
    return int(office.session.scalar(wanted) or 0)


def _claims(client_id: int, wanted: ClaimFilter) -> Any:
    later = aliased(Filing)
    chosen = (
        select(
            Claim.id, Claim.served_on, Encounter.external_id, Patient.last, Patient.first, Filing.state, Filing.turn,
            Filing.since, Payer.name.label("payer"),
        )
        .join(Filing, and_(Filing.client_id == Claim.client_id, Filing.claim_id == Claim.id))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(Claim.client_id == client_id)
        .where(
            ~exists().where(
                later.client_id == Filing.client_id, later.claim_id == Filing.claim_id, later.rank > Filing.rank
            )
        )
    )  # fmt: skip
    return chosen.where(*_conditions(wanted))


def _conditions(wanted: ClaimFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.states:
        yield Filing.state.in_(sorted(wanted.states))
    if wanted.payer_id is not None:
        yield Filing.payer_id == (wanted.payer_id or None)
    if wanted.start is not None:
        yield Claim.served_on >= wanted.start
    if wanted.end is not None:
        yield Claim.served_on < wanted.end
    for word in wanted.text.replace(",", " ").split():
        yield or_(
            Patient.last.istartswith(word, autoescape=True),
            Patient.first.istartswith(word, autoescape=True),
            Patient.external_id == word,
            Encounter.external_id == word,
        )


def _signed(*accounts: Account) -> ColumnElement[int]:
    """Debits less credits of some accounts."""
    return case((Transfer.debit.in_(accounts), Transfer.cents), else_=0) - case(
        (Transfer.credit.in_(accounts), Transfer.cents), else_=0
    )


_FOLDED = (
    func.coalesce(-func.sum(_signed(Account.REVENUE)), 0),
    func.coalesce(func.sum(_signed(Account.CASH, Account.REFUND)), 0),
    func.coalesce(func.sum(_signed(Account.CONTRACTUAL)), 0),
    func.coalesce(func.sum(_signed(Account.WRITE_OFF)), 0),
    func.coalesce(func.sum(_signed(Account.PATIENT)), 0),
    func.coalesce(func.sum(_signed(Account.INSURANCE)), 0),
    func.coalesce(func.sum(_signed(Account.SUSPENSE)), 0),
)


def _load_money(office: Office, client_id: int, claim_ids: Collection[int]) -> dict[int, Money]:
    wanted = select(Transfer.claim_id, *_FOLDED).where(Transfer.client_id == client_id).group_by(Transfer.claim_id)
    rows = office.rows_in(wanted, Transfer.claim_id, claim_ids)
    return {row[0]: Money(*map(int, row[1:])) for row in rows}


def _load_filings(office: Office, client_id: int, claim_id: int) -> tuple[FilingLine, ...]:
    wanted = (
        select(
            Filing.id, Filing.rank, Payer.name, Filing.state, Filing.turn, Filing.since, Filing.file_by,
            Filing.payer_icn,
        )
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(Filing.client_id == client_id, Filing.claim_id == claim_id)
        .order_by(Filing.rank)
    )  # fmt: skip
    return tuple(
        FilingLine(row[0], row[1], row[2] or "", row[3], row[4], row[5], row[6], row[7]) for row in office.rows(wanted)
    )


def _load_lines(office: Office, client_id: int, claim_id: int) -> tuple[ServiceLine, ...]:
    of_claim = (Transfer.client_id == client_id, Transfer.claim_id == claim_id)
    folded = select(Transfer.line_id, *_FOLDED).where(*of_claim).group_by(Transfer.line_id)
    money = {row[0]: Money(*map(int, row[1:])) for row in office.rows(folded)}
    # A transfer out of insurance that is no payment says why the payer did not pay that part.
    cut = (
        select(Transfer.line_id, Transfer.group, Transfer.carc, -func.sum(_signed(Account.INSURANCE)))
        .where(*of_claim, Transfer.carc != "", Transfer.kind != Kind.PAYMENT)
        .group_by(Transfer.line_id, Transfer.group, Transfer.carc)
        .order_by(Transfer.group, Transfer.carc)
    )
    reasons: dict[int | None, list[tuple[str, str, int]]] = {}
    for line_id, group, carc, cents in office.rows(cut):
        if cents:
            reasons.setdefault(line_id, []).append((group, carc, int(cents)))
    lines = select(
        ClaimLine.id, ClaimLine.line_no, ClaimLine.code, ClaimLine.modifiers, ClaimLine.units, ClaimLine.served_on,
        ClaimLine.wanted,
    ).where(ClaimLine.client_id == client_id, ClaimLine.claim_id == claim_id)  # fmt: skip
    return tuple(
        ServiceLine(
            row.line_no, row.code, row.modifiers, row.units, row.served_on, row.wanted, money.get(row.id, Money()),
            tuple(reasons.get(row.id, ())),
        )
        for row in office.rows(lines.order_by(ClaimLine.line_no))
    )  # fmt: skip


def _one(office: Office, wanted: Any) -> Any:
    found = office.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("no such row")
    return found
