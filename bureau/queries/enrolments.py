"""Enrolments as a page shows them: a line per payer and clinician, and what has gone silent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from bureau.models import Filing, Remittance
from bureau.office import Office
from bureau.rules.lifecycle import State
from clients.enrolments import PRACTICE, REMITTANCES, Remitted, find_silence
from clients.models import Enrollment, Payer, Provider

WAITING = (State.TRANSMITTED, State.ACCEPTED, State.PENDED, State.FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One payer with one clinician, or (clinician None) with the practice itself; rows by transaction."""

    payer: Payer
    clinician: Provider | None
    rows: dict[str, Enrollment]


@dataclass(frozen=True, slots=True)
class Silence:
    """A payer whose remittances to a client do not come as they should, and why we think so."""

    client_id: int
    payer: Payer
    why: str


def load_matrix(office: Office, client_id: int) -> list[MatrixLine]:
    """Every payer there is an enrolment with, by name; the practice before its clinicians."""
    wanted = select(Enrollment, Payer).join(Payer, Payer.id == Enrollment.payer_id)
    people = office.session.scalars(select(Provider).where(Provider.client_id == client_id))
    clinicians = {one.id: one for one in people}
    lines: dict[tuple[int, int], MatrixLine] = {}
    rows = office.rows(wanted.where(Enrollment.client_id == client_id).order_by(Payer.name, Enrollment.provider_id))
    for row, payer in rows:
        key = (payer.id, row.provider_id)
        if key not in lines:
            lines[key] = MatrixLine(payer, clinicians.get(row.provider_id), {})
        lines[key].rows[row.transaction] = row
    return list(lines.values())


def find_silent(office: Office, client_id: int) -> list[Silence]:
    """Payers whose first remittance is overdue, or whose remittances have stopped, by name."""
    return find_silent_everywhere(office, [client_id])


def find_silent_everywhere(office: Office, client_ids: Iterable[int]) -> list[Silence]:
    """The same of several clients, each by its own calendar and its payers' own cadence; a statement per table."""
    ids = list(client_ids)
    wanted = (
        select(Enrollment, Payer)
        .join(Payer, Payer.id == Enrollment.payer_id)
        .where(Enrollment.client_id.in_(ids), Enrollment.transaction == REMITTANCES)
        .where(Enrollment.provider_id == PRACTICE)
        .order_by(Payer.name, Enrollment.client_id)
    )
    seen, found = _load_remitted(office, ids), []
    for row, payer in office.rows(wanted):
        why = find_silence(row, seen.get((row.client_id, payer.id)), office.today(row.client_id))
        if why:
            found.append(Silence(row.client_id, payer, why))
    return found


def _load_remitted(office: Office, client_ids: list[int]) -> dict[tuple[int, int], Remitted]:
    """What came of remittances, by client and payer."""
    by_payer = (Remittance.client_id, Remittance.payer_id)
    came = (
        select(*by_payer, func.count(), func.min(Remittance.received_at), func.max(Remittance.received_at))
        .where(Remittance.client_id.in_(client_ids), Remittance.payer_id.is_not(None))
        .group_by(*by_payer)
    )
    waits = (
        select(Filing.client_id, Filing.payer_id, func.count())
        .where(Filing.client_id.in_(client_ids), Filing.state.in_(WAITING))
        .group_by(Filing.client_id, Filing.payer_id)
    )
    waiting = {(row[0], row[1]): row[2] for row in office.rows(waits)}
    found = {}
    for client_id, payer_id, count, first, last in office.rows(came):
        day_of, key = office.calendar(client_id).local_date, (client_id, payer_id)
        found[key] = Remitted(count, day_of(first), day_of(last), waiting.get(key, 0))
    return found
