"""The read side of the old book: its lists and claims, what is left open on them, and which of them a number means."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select

from bureau.models import OpeningBadRow, OpeningClaim, OpeningLetter, OpeningList, OpeningPayment
from bureau.office import Office
from bureau.queries.paging import PAGE, Page, cut, read_cursor, whole
from bureau.rules.intake.old_visits import OldVisit
from bureau.rules.opening import COLUMNS
from clients.models import Payer
from config.cells import write_cell

REASON = "why"


class OldNumber(NamedTuple):
    """A claim of the old book, as an answer to it is matched."""

    id: int
    charge_cents: int


class OldLine(NamedTuple):
    """One old claim as a list shows it; what is open is as of now."""

    id: int
    number: str
    last: str
    first: str
    payer: str | None
    served_on: date
    charge_cents: int
    status: str
    carc: str
    last_activity_on: date | None
    payer_cents: int
    patient_cents: int
    answers: int


@dataclass(frozen=True, slots=True)
class OldBook:
    """The sums of a client's old book in cents, as taken in and since, and the letter that it must agree with."""

    claims: int
    payer_cents: int
    patient_cents: int
    answered_payer_cents: int  # paid, adjusted or gone over to the patient since
    answered_patient_cents: int  # came over to the patient since
    paid_cents: int
    letter: OpeningLetter | None

    @property
    def cents(self) -> int:
        return self.payer_cents + self.patient_cents

    @property
    def open_payer_cents(self) -> int:
        return self.payer_cents - self.answered_payer_cents

    @property
    def open_patient_cents(self) -> int:
        return self.patient_cents + self.answered_patient_cents


def taken_off() -> Any:
    """What answers took off the payer's part of an old claim."""
    return OpeningPayment.paid_cents + OpeningPayment.adjusted_cents + OpeningPayment.patient_cents


def answers_by_claim(client_id: int, *conditions: ColumnElement[bool]) -> Subquery:
    """What answers changed of each old claim in cents: `off` the payer's part, `over` to the patient's; how many."""
    return (
        select(
            OpeningPayment.opening_id, func.sum(taken_off()).label("off"),
            func.sum(OpeningPayment.patient_cents).label("over"), func.count().label("answers"),
        )
        .where(OpeningPayment.client_id == client_id, *conditions)
        .group_by(OpeningPayment.opening_id)
        .subquery()
    )  # fmt: skip


def find_old_lists(office: Office, client_id: int) -> Sequence[OpeningList]:
    """Every list that was taken in, the newest first; those taken back stay on record."""
    wanted = select(OpeningList).where(OpeningList.client_id == client_id).order_by(OpeningList.id.desc())
    return office.session.scalars(wanted).all()


def find_same_list(office: Office, client_id: int, sha256: str) -> OpeningList | None:
    """The list of the very same bytes, unless it was taken back."""
    wanted = select(OpeningList).where(OpeningList.client_id == client_id, OpeningList.sha256 == sha256)
    return office.session.scalars(wanted.where(OpeningList.undone_at.is_(None))).one_or_none()


def find_fingerprints(office: Office, client_id: int, numbers: Iterable[str]) -> dict[str, str]:
    """Claim number -> fingerprint of those numbers that the book has."""
    wanted = select(OpeningClaim.number, OpeningClaim.fingerprint).where(*_standing(client_id))
    return {row[0]: row[1] for row in office.rows_in(wanted, OpeningClaim.number, numbers)}


def find_old_numbers(office: Office, client_id: int, pcns: Iterable[str]) -> dict[str, OldNumber]:
    """Control number as a payer writes it -> the claim of the old book."""
    by_number = {pcn.strip().upper(): pcn for pcn in pcns}
    wanted = select(OpeningClaim.number, OpeningClaim.id, OpeningClaim.charge_cents).where(*_standing(client_id))
    rows = office.rows_in(wanted, OpeningClaim.number, by_number)
    return {by_number[row[0]]: OldNumber(row[1], row[2]) for row in rows}


def find_old_visits(office: Office, client_id: int, days: Iterable[date]) -> dict[date, list[OldVisit]]:
    """Date of service -> the old claims of that day."""
    wanted = (
        select(
            OpeningClaim.number, OpeningClaim.row_no, OpeningList.file_name, OpeningClaim.patient_number,
            OpeningClaim.last, OpeningClaim.first, OpeningClaim.birth_date, func.coalesce(Payer.code, ""),
            OpeningClaim.charge_cents, OpeningClaim.served_on,
        )
        .join(OpeningList, _list_of())
        .outerjoin(Payer, Payer.id == OpeningClaim.payer_id)
        .where(*_standing(client_id))
        .order_by(OpeningClaim.id)
    )  # fmt: skip
    first, last = min(days, default=None), max(days, default=None)
    if first is None:
        return {}
    found: dict[date, list[OldVisit]] = defaultdict(list)
    for row in office.rows(wanted.where(OpeningClaim.served_on >= first, OpeningClaim.served_on <= last)):
        found[row.served_on].append(OldVisit(*row[:-1]))
    return found


def sum_old_book(office: Office, client_id: int) -> OldBook:
    """The sums of the old book and the letter that counts."""
    taken = select(
        func.count(), func.coalesce(func.sum(OpeningClaim.payer_cents), 0),
        func.coalesce(func.sum(OpeningClaim.patient_cents), 0),
    ).where(*_standing(client_id))  # fmt: skip
    since = select(
        func.coalesce(func.sum(taken_off()), 0), func.coalesce(func.sum(OpeningPayment.patient_cents), 0),
        func.coalesce(func.sum(OpeningPayment.paid_cents), 0),
    ).where(OpeningPayment.client_id == client_id)  # fmt: skip
    letter = select(OpeningLetter).where(OpeningLetter.client_id == client_id).order_by(OpeningLetter.id.desc())
    claims, payer, patient = map(int, office.rows(taken)[0])
    off, over, paid = map(int, office.rows(since)[0])
    return OldBook(claims, payer, patient, off, over, paid, office.session.scalars(letter.limit(1)).one_or_none())


def find_old_claims(
    office: Office, client_id: int, text: str = "", after: str = "", limit: int = PAGE
) -> Page[OldLine]:
    """Old claims by date of service, the oldest first; `text` begins a claim number or a last name."""
    since = answers_by_claim(client_id)
    wanted = (
        select(
            OpeningClaim.id, OpeningClaim.number, OpeningClaim.last, OpeningClaim.first, Payer.name,
            OpeningClaim.served_on, OpeningClaim.charge_cents, OpeningClaim.status, OpeningClaim.carc,
            OpeningClaim.last_activity_on, OpeningClaim.payer_cents - func.coalesce(since.c.off, 0),
            OpeningClaim.patient_cents + func.coalesce(since.c.over, 0), func.coalesce(since.c.answers, 0),
        )
        .outerjoin(Payer, Payer.id == OpeningClaim.payer_id)
        .outerjoin(since, since.c.opening_id == OpeningClaim.id)
        .where(*_standing(client_id))
    )  # fmt: skip
    if text:
        begins = (OpeningClaim.number, OpeningClaim.last)
        wanted = wanted.where(or_(*(column.istartswith(text, autoescape=True) for column in begins)))
    cursor = read_cursor(after, date.fromisoformat, whole)
    if cursor:
        day, row_id = cursor
        later = and_(OpeningClaim.served_on == day, OpeningClaim.id > row_id)
        wanted = wanted.where(or_(OpeningClaim.served_on > day, later))
    rows = office.rows(wanted.order_by(OpeningClaim.served_on, OpeningClaim.id).limit(limit + 1))
    return cut([OldLine(*row) for row in rows], lambda row: (row.served_on, row.id), limit)


def count_answered(office: Office, client_id: int, list_id: int) -> int:
    """Claims of a list that something was written on."""
    wanted = (
        select(func.count(func.distinct(OpeningPayment.opening_id)))
        .join(
            OpeningClaim,
            and_(OpeningClaim.client_id == OpeningPayment.client_id, OpeningClaim.id == OpeningPayment.opening_id),
        )
        .where(OpeningPayment.client_id == client_id, OpeningClaim.list_id == list_id)
    )
    return int(office.session.scalar(wanted) or 0)


def write_bad_rows(office: Office, client_id: int, list_id: int) -> str:
    """The bad rows of a list as CSV under our column names, the reason last. Raises NotFound for a foreign list."""
    office.get(OpeningList, client_id, list_id)
    wanted = select(OpeningBadRow).where(OpeningBadRow.client_id == client_id, OpeningBadRow.list_id == list_id)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, REASON))
    for row in office.session.scalars(wanted.order_by(OpeningBadRow.row_no)):
        reason = " ".join(one["text"] for one in row.problems)
        writer.writerow([write_cell(row.raw.get(name, "")) for name in COLUMNS] + [write_cell(reason)])
    return text.getvalue()


def _standing(client_id: int) -> tuple[Any, Any]:
    return OpeningClaim.client_id == client_id, OpeningClaim.undone_at.is_(None)


def _list_of() -> Any:
    return and_(OpeningList.client_id == OpeningClaim.client_id, OpeningList.id == OpeningClaim.list_id)
