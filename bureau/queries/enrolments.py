"""Enrolments as a page shows them: a line per payer and clinician, and what has gone silent."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bureau.models import Filing, Remittance
from bureau.office import Office
from bureau.rules.lifecycle import State
from clients.enrolments import Remitted, find_silence
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
    """A payer whose remittances do not come as they should, and why we think so."""

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
    seen, on = _load_remitted(office, client_id), office.today(client_id)
    found = []
    for line in load_matrix(office, client_id):
        if line.clinician is None:
            texts = [find_silence(row, seen.get(line.payer.id), on) for row in line.rows.values()]
            found += [Silence(line.payer, text) for text in texts if text]
    return found


def _load_remitted(office: Office, client_id: int) -> dict[int, Remitted]:
    zone = ZoneInfo(office.client(client_id).time_zone)
    came = (
        select(Remittance.payer_id, func.count(), func.min(Remittance.received_at), func.max(Remittance.received_at))
        .where(Remittance.client_id == client_id, Remittance.payer_id.is_not(None))
        .group_by(Remittance.payer_id)
    )
    waits = (
        select(Filing.payer_id, func.count())
        .where(Filing.client_id == client_id, Filing.state.in_(WAITING))
        .group_by(Filing.payer_id)
    )
    waiting = {row[0]: row[1] for row in office.rows(waits)}
    return {
        payer_id: Remitted(count, first.astimezone(zone).date(), last.astimezone(zone).date(), waiting.get(payer_id, 0))
        for payer_id, count, first, last in office.rows(came)
    }
