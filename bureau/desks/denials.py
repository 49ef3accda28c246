"""The denial desk: every denial is recorded by posting; here it gets its lane and its first touch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from bureau import books
from bureau.models import Denial
from bureau.office import Office
from bureau.rules.plan_changes import is_worked
from clients.tiers import Capability, has, load_spans
from config.codes import Lane


class NotInPlan(Exception):
    """Work was about to be done that the client has not bought."""


def find_untouched(office: Office, client_id: int) -> list[int]:
    """Filings with an open denial nobody has looked at, oldest denial first."""
    wanted = select(Denial.filing_id, Denial.denied_at).where(
        Denial.client_id == client_id, Denial.state == "OPEN", Denial.first_touch_at.is_(None)
    )
    rows = office.rows(wanted.order_by(Denial.denied_at, Denial.id))
    return list(dict.fromkeys(row.filing_id for row in rows))


def find_lanes(office: Office, client_id: int, filing_ids: Sequence[int] = ()) -> tuple[Lane, ...]:
    """The lanes the denials of these filings may be worked in today: recorded are all, routed those of a fuller plan,
    and those that were open while there was one.
    """
    is_routed = _may_route(office, client_id, filing_ids)
    return tuple(lane for lane in Lane if is_routed or lane is not Lane.ROUTE)


def _may_route(office: Office, client_id: int, filing_ids: Sequence[int]) -> bool:
    today, calendar = office.today(client_id), office.calendar(client_id)
    if has(office.session, client_id, Capability.DENIAL_ROUTE, on=today):
        return True
    held = load_spans(office.session, client_id, Capability.DENIAL_ROUTE)
    if not held:
        return False
    wanted = select(Denial.denied_at).where(Denial.client_id == client_id, Denial.state == "OPEN")
    denied = office.rows_in(wanted, Denial.filing_id, filing_ids)
    return bool(denied) and all(is_worked(calendar.local_date(row[0]), today, held) for row in denied)


def triage(
    office: Office, client_id: int, filing_ids: Sequence[int], *, lane: str | None = None, note: str = ""
) -> int:
    """Look at the open denials of some filings for the first time: stamp it, and set the lane when given.

    Returns how many denials were stamped; a second look changes no first touch. Raises NotInPlan for a lane that
    is no part of the client's plan.
    """
    if lane is not None and lane not in find_lanes(office, client_id, filing_ids):
        raise NotInPlan(f"no denial of client {client_id} is worked in lane {lane}")
    denials = office.session.scalars(
        select(Denial).where(Denial.client_id == client_id, Denial.filing_id.in_(filing_ids), Denial.state == "OPEN")
    ).all()
    fresh = [denial for denial in denials if denial.first_touch_at is None]
    for denial in fresh:
        denial.first_touch_at = office.now
    for denial in denials:
        denial.lane = lane or denial.lane
    for filing_id in dict.fromkeys(denial.filing_id for denial in denials):
        books.record(office, client_id, "denial looked at", filing_id=filing_id, text=note)
    return len(fresh)
