"""The list of claims: narrowed by client, payer, state, words and dates, a page at a time, with its sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Claim, Encounter, Filing, Patient, Transfer
from bureau.models.books import Account
from bureau.office import AnySelect, Office
from bureau.queries.paging import PAGE, Page, anyones, cut, read_cursor, whole
from clients.models import Payer
from config.identifiers import parse_pcn, read_reference

OWED = (Account.INSURANCE, Account.PATIENT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty means all. `states` are states of the first filing."""

    client_id: int | None = None
    payer_id: int | None = None
    states: tuple[str, ...] = ()
    turn: str = ""
    text: str = ""
    served_from: date | None = None
    served_to: date | None = None  # that day included
    patient_id: int | None = None


class ClaimRow(NamedTuple):
    """One claim as the list shows it."""

    client_id: int
    id: int
    filing_id: int
    state: str
    turn: str
    since: datetime
    file_by: date | None
    served_on: date
    charge_cents: int
    last: str
    first: str
    payer: str | None  # None: the patient pays


@dataclass(frozen=True, slots=True)
class Sums:
    """Of everything the filters leave: claims, cents charged, cents still owed by insurance and patients."""

    claims: int
    charge_cents: int
    open_cents: int


def find_claims(office: Office, wanted: Wanted, after: str = "", limit: int = PAGE) -> Page[ClaimRow]:
    """Claims with the state of their first filing, newest first."""
    columns = (
        Claim.client_id, Claim.id, Filing.id, Filing.state, Filing.turn, Filing.since, Filing.file_by, Claim.served_on,
        Claim.charge_cents, Patient.last, Patient.first, Payer.name,
    )  # fmt: skip
    statement = _joined(select(*columns), wanted).outerjoin(Payer, Payer.id == Filing.payer_id)
    cursor = read_cursor(after, whole)
    if cursor:
        statement = statement.where(Claim.id < cursor[0])
    rows = office.rows(statement.order_by(Claim.id.desc()).limit(limit + 1))
    return cut([ClaimRow(*row) for row in rows], lambda row: (row.id,), limit)


def sum_claims(office: Office, wanted: Wanted) -> Sums:
    """The sums of the whole list, whatever page is shown."""
    counted = _joined(select(func.count(), func.coalesce(func.sum(Claim.charge_cents), 0)), wanted)
    count, charged = office.rows(counted)[0]
    # Not a join: without statistics SQLite would read the client's whole ledger for every claim.
    listed = _joined(select(Claim.client_id, Claim.id), wanted)
    owed = select(func.coalesce(func.sum(owed_cents()), 0)).where(
        tuple_(Transfer.client_id, Transfer.claim_id).in_(listed)
    )
    return Sums(int(count), int(charged), int(office.session.scalar(owed) or 0))


def find_balances(office: Office, claims: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Claim id -> cents that insurance and patient still owe on it; claims are named by (client, id)."""
    by_client: dict[int, list[int]] = defaultdict(list)
    for client_id, claim_id in claims:
        by_client[client_id].append(claim_id)
    found = {claim_id: 0 for ids in by_client.values() for claim_id in ids}
    for client_id, ids in by_client.items():
        # One client at a time: only so does SQLite go by the index of claims.
        mine = select(Transfer.claim_id, func.sum(owed_cents())).where(Transfer.client_id == client_id)
        rows = office.rows_in(mine.group_by(Transfer.claim_id), Transfer.claim_id, ids)
        found |= {row[0]: int(row[1]) for row in rows}
    return found


def owed_cents() -> ColumnElement[int]:
    """What one transfer adds to the money owed."""
    into = case((Transfer.debit.in_(OWED), Transfer.cents), else_=0)
    out = case((Transfer.credit.in_(OWED), Transfer.cents), else_=0)
    return into - out


def find_payers(office: Office) -> list[tuple[int, str]]:
    """Every payer as (id, name), by name."""
    return [(row.id, row.name) for row in office.rows(select(Payer.id, Payer.name).order_by(Payer.name))]


def _joined(statement: AnySelect, wanted: Wanted) -> AnySelect:
    return (
        statement.select_from(Claim)
        .join(Filing, and_(Filing.client_id == Claim.client_id, Filing.claim_id == Claim.id, Filing.rank == 1))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .where(*_conditions(wanted))
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    given: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.client_id is not None, Claim.client_id == wanted.client_id),
        (wanted.payer_id is not None, Filing.payer_id == wanted.payer_id),
        (wanted.states, Filing.state.in_(wanted.states)),
        (wanted.turn, Filing.turn == wanted.turn),
        (wanted.served_from, Claim.served_on >= (wanted.served_from or date.min)),
        (wanted.served_to, Claim.served_on <= (wanted.served_to or date.max)),
        (wanted.patient_id is not None, Claim.patient_id == wanted.patient_id),
    ]
    conditions = [condition for asked, condition in given if asked]
    return [*conditions, *_matching(wanted.text)] if wanted.text else conditions


def _matching(text: str) -> list[ColumnElement[bool]]:
    """A reference or control number names one claim; anything else is a patient's or a visit's number, or a name."""
    reference, control = read_reference(text), parse_pcn(text)
    if reference and reference[0] == "CLM":
        return [anyones(Claim), Claim.id == reference[1]]
    if control:
        return [Claim.client_id == control.client, Filing.id == control.filing]
    visits = select(Encounter.id).where(
        Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id, Encounter.external_id == text
    )
    return [or_(Patient.external_id == text, visits.exists(), match_name(text))]


def match_name(text: str) -> ColumnElement[bool]:
    """Every word begins the patient's last or first name."""
    words = text.replace(",", " ").split()[:4]
    return and_(
        True,
        *(
            or_(Patient.last.istartswith(word, autoescape=True), Patient.first.istartswith(word, autoescape=True))
            for word in words
        ),
    )
