"""One claim whole: who, where filed, its lines with what became of every cent, and its ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, select

from bureau.models import (
    Claim,
    ClaimLine,
    Coverage,
    Denial,
    Encounter,
    Filing,
    Patient,
    Question,
    Remittance,
    ScrubHit,
    Transfer,
    WorkItem,
)
from bureau.models.books import Account
from bureau.office import NotFound, Office
from bureau.queries.paging import anyones, get_by_id
from clients.models import Payer, Provider

ADJUSTING = (Account.CONTRACTUAL, Account.WRITE_OFF)


class Adjusted(NamedTuple):
    """One reason of one line: what was taken off, laid on the patient, or (denied) only refused and still open."""

    group: str
    carc: str
    cents: int
    is_denied: bool
    rarcs: str = ""


@dataclass(slots=True)
class LineMoney:
    """One charge line and what became of it; charge = paid + adjusted + insurance + patient, in cents."""

    id: int
    number: int
    code: str
    modifiers: str
    units: int
    pointers: str
    wanted: str
    charge_cents: int
    paid_cents: int = 0
    adjusted_cents: int = 0
    insurance_cents: int = 0
    patient_cents: int = 0
    reasons: list[Adjusted] = field(default_factory=list)
    is_answered: bool = False

    @property
    def allowed_cents(self) -> int | None:
        """What the payer lets the practice be paid, from all sides; None while it has not said."""
        denied = sum(one.cents for one in self.reasons if one.is_denied)
        return self.charge_cents - self.adjusted_cents - denied if self.is_answered else None

    @property
    def open_cents(self) -> int:
        return self.insurance_cents + self.patient_cents


class LedgerRow(NamedTuple):
    """One transfer of the claim, with what insurance and patient owe on it afterwards."""

    id: int
    at: datetime
    posted_on: date
    kind: str
    debit: str
    credit: str
    cents: int
    group: str
    carc: str
    line_no: int | None
    remittance_id: int | None
    insurance_after: int
    patient_after: int


class FilingLine(NamedTuple):
    """The claim at one payer, with its place in the work list."""

    filing: Filing
    payer: Payer | None
    coverage: Coverage | None
    item: WorkItem | None


@dataclass(slots=True)
class ClaimPage:
    """Everything the page of a claim shows but its story and its files."""

    claim: Claim
    patient: Patient
    encounter: Encounter
    provider: Provider | None
    filings: list[FilingLine]
    lines: list[LineMoney]
    unassigned_cents: int  # moved for the claim as a whole, not for one of its lines
    hits: Sequence[ScrubHit]
    questions: Sequence[Question]
    denials: Sequence[Denial]

    @property
    def current(self) -> FilingLine:
        """The filing that has the ball: the last one opened."""
        return self.filings[-1]

    @property
    def open_cents(self) -> int:
        return sum(line.open_cents for line in self.lines) + self.unassigned_cents


def load_claim(office: Office, claim_id: int) -> ClaimPage:
    """One claim by its id. Raises NotFound outside the scope."""
    claim = get_by_id(office, Claim, claim_id)
    client_id = claim.client_id
    filings = _load_filings(office, claim)
    ids = [one.filing.id for one in filings]
    lines, rest = _load_lines(office, claim)
    by_filing = (Denial.client_id == client_id, Denial.filing_id.in_(ids))
    denials = office.session.scalars(select(Denial).where(*by_filing).order_by(Denial.id)).all()
    _add_denials(lines, denials)
    return ClaimPage(
        claim=claim,
        patient=office.get(Patient, client_id, claim.patient_id),
        encounter=office.get(Encounter, client_id, claim.encounter_id),
        provider=office.get(Provider, client_id, claim.provider_id) if claim.provider_id else None,
        filings=filings,
        lines=list(lines.values()),
        unassigned_cents=rest,
        hits=office.session.scalars(
            select(ScrubHit).where(ScrubHit.client_id == client_id, ScrubHit.filing_id.in_(ids)).order_by(ScrubHit.id)
        ).all(),
        questions=office.session.scalars(
            select(Question).where(Question.client_id == client_id, Question.filing_id.in_(ids)).order_by(Question.id)
        ).all(),
        denials=denials,
    )


def _load_filings(office: Office, claim: Claim) -> list[FilingLine]:
    about = and_(WorkItem.client_id == Filing.client_id, WorkItem.subject == "filing", WorkItem.subject_id == Filing.id)
    rows = office.rows(
        select(Filing, Payer, Coverage, WorkItem)
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .outerjoin(Coverage, and_(Coverage.client_id == Filing.client_id, Coverage.id == Filing.coverage_id))
        .outerjoin(WorkItem, about)
        .where(Filing.client_id == claim.client_id, Filing.claim_id == claim.id)
        .order_by(Filing.rank)
    )
    if not rows:
        raise NotFound("no such claim")
    return [FilingLine(*row) for row in rows]


def _load_lines(office: Office, claim: Claim) -> tuple[dict[int, LineMoney], int]:
    wanted = select(ClaimLine).where(ClaimLine.client_id == claim.client_id, ClaimLine.claim_id == claim.id)
    lines = {
        line.id: LineMoney(
            line.id, line.line_no, line.code, line.modifiers, line.units, line.pointers, line.wanted, line.charge_cents
        )
        for line in office.session.scalars(wanted.order_by(ClaimLine.line_no))
    }
    rest = 0
    reasons: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for transfer in find_transfers(office, claim):
        line = lines.get(transfer.line_id or 0)
        if line is None:
            rest += _into(transfer, Account.INSURANCE) + _into(transfer, Account.PATIENT)
            continue
        _fold(line, transfer)
        if transfer.carc:
            reasons[line.id][transfer.group, transfer.carc] += transfer.cents
    for line_id, counted in reasons.items():
        found = (Adjusted(*reason, cents, is_denied=False) for reason, cents in counted.items() if cents)
        lines[line_id].reasons.extend(found)
    return lines, rest


def _fold(line: LineMoney, transfer: Transfer) -> None:
    line.insurance_cents += _into(transfer, Account.INSURANCE)
    line.patient_cents += _into(transfer, Account.PATIENT)
    line.paid_cents += _into(transfer, Account.CASH)
    line.adjusted_cents += sum(_into(transfer, account) for account in ADJUSTING)
    line.is_answered |= transfer.remittance_id is not None


def _into(transfer: Transfer, account: Account) -> int:
    """What a transfer adds to an account, in cents."""
    return transfer.cents * ((transfer.debit == account) - (transfer.credit == account))


def _add_denials(lines: dict[int, LineMoney], denials: Iterable[Denial]) -> None:
    for denial in denials:
        line = lines.get(denial.line_id or 0) or next(iter(lines.values()), None)
        if line is not None:
            line.reasons.append(Adjusted(denial.group, denial.carc, denial.cents, is_denied=True, rarcs=denial.rarcs))
            line.is_answered = True


def find_transfers(office: Office, claim: Claim) -> Sequence[Transfer]:
    """The ledger of one claim, oldest first."""
    wanted = select(Transfer).where(Transfer.client_id == claim.client_id, Transfer.claim_id == claim.id)
    return office.session.scalars(wanted.order_by(Transfer.at, Transfer.id)).all()


def load_ledger(office: Office, page: ClaimPage) -> list[LedgerRow]:
    """Every transfer of the claim with the running balances, oldest first."""
    numbers = {line.id: line.number for line in page.lines}
    rows, insurance, patient = [], 0, 0
    for one in find_transfers(office, page.claim):
        insurance += _into(one, Account.INSURANCE)
        patient += _into(one, Account.PATIENT)
        rows.append(
            LedgerRow(
                one.id, one.at, one.posted_on, one.kind, one.debit, one.credit, one.cents, one.group, one.carc,
                numbers.get(one.line_id or 0), one.remittance_id, insurance, patient,
            )
        )  # fmt: skip
    return rows


def find_remittances(office: Office, ids: Iterable[int]) -> dict[int, Remittance]:
    """Remittance rows by id."""
    statement = select(Remittance).where(anyones(Remittance))
    return {row[0].id: row[0] for row in office.rows_in(statement, Remittance.id, set(ids))}
