"""What came of a client's test files, the latest first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from bureau.office import Office
from clients.models import Rehearsal

MOST = 20


def find_rehearsals(office: Office, client_id: int) -> Sequence[Rehearsal]:
    wanted = select(Rehearsal).where(Rehearsal.client_id == client_id)
    return office.session.scalars(wanted.order_by(Rehearsal.id.desc()).limit(MOST)).all()


def get_rehearsal(office: Office, client_id: int, rehearsal_id: int) -> tuple[Rehearsal, bool]:
    """One of them, and whether it is the latest, whose book is kept. Raises NotFound."""
    found = office.get(Rehearsal, client_id, rehearsal_id)
    latest = office.session.scalar(select(func.max(Rehearsal.id)).where(Rehearsal.client_id == client_id))
    return found, found.id == latest
