"""The visits desk: writes down how many visits a practice expects us to receive, and when it wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, tuple_

from bureau import books
from bureau.models import VisitCount
from bureau.office import Office
from bureau.rules.visit_schedule import ALERT_KEY, LONGEST_ALERT
from config.problems import Problem


def state_counts(office: Office, client_id: int, counts: Mapping[tuple[int, date], int | None], *, source: str) -> int:
    """Write counts by (provider id, day) in place of what was stated for these days; None takes one away.

    Returns how many stand.
    """
    if not counts:
        return 0
    named = tuple_(VisitCount.provider_id, VisitCount.day).in_(list(counts))
    office.session.execute(delete(VisitCount).where(VisitCount.client_id == client_id, named))
    rows = [
        {
            "client_id": client_id, "provider_id": provider_id, "day": day, "expected": expected, "source": source,
            "entered_by": str(office.actor), "entered_at": office.now,
        }
        for (provider_id, day), expected in counts.items()
        if expected is not None
    ]  # fmt: skip
    office.insert(VisitCount, rows)
    books.record(office, client_id, "visits expected", items=len(rows), text=source)
    return len(rows)


def set_alert(office: Office, client_id: int, days: int) -> list[Problem]:
    """Tell missing visits that many days after the day they were expected on."""
    if not 0 <= days <= LONGEST_ALERT:
        return [Problem("days", "alert.range", f"Choose from 0 to {LONGEST_ALERT} days.")]
    client = office.client(client_id)
    before = client.preferences.get(ALERT_KEY)
    if before != days:
        client.preferences = {**client.preferences, ALERT_KEY: days}
        office.session.flush()
        books.record(office, client_id, "alert for missing visits", text=f"{before} -> {days} days")
    return []
