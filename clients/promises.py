"""What is promised to a client: the measures that can be watched, and its clauses by date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clients.models import SlaClause
from clients.rows import add_rows, end_from
from clients.scope import ScopedSession
from config.problems import Problem

# Every measure that reports can follow on the items themselves; nothing else may be promised.
LABELS = {
    "encounter_to_submitted": "Encounter received to claim submitted",
    "remittance_to_posted": "Remittance received to posted",
    "denial_to_first_touch": "Denial posted to first touch",
    "message_to_answered": "Message written to answered",
}
LONGEST_DAYS = 60
HIGHEST_CREDIT = 1_000  # basis points of the month's fee for one percent missed


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise: `share_percent` of the items within so many business days, a credit for each percent missed."""

    measure: str
    business_days: int
    share_percent: int
    credit_basis_points: int = 0


def load_clauses(session: Session, client_id: int, on: date) -> tuple[Clause, ...]:
    """The clauses in force on a day."""
    wanted = select(SlaClause).where(
        SlaClause.client_id == client_id,
        SlaClause.starts_on <= on,
        or_(SlaClause.ends_on.is_(None), SlaClause.ends_on > on),
    )
    rows = session.scalars(wanted.order_by(SlaClause.measure.desc(), SlaClause.business_days))
    return tuple(Clause(row.measure, row.business_days, row.share_percent, row.credit_basis_points) for row in rows)


def load_limits(session: Session, measure: str, days: Mapping[int, date]) -> dict[int, int]:
    """The shortest limit in business days that each client (id -> the day at its place) has for a measure, if any."""
    wanted = select(SlaClause).where(SlaClause.client_id.in_(list(days)), SlaClause.measure == measure)
    found: dict[int, int] = {}
    for row in session.scalars(wanted):
        on = days[row.client_id]
        if row.starts_on <= on and (row.ends_on is None or row.ends_on > on):
            found[row.client_id] = min(row.business_days, found.get(row.client_id, LONGEST_DAYS))
    return found


def find_clause_problems(clauses: Sequence[Clause]) -> list[Problem]:
    """What keeps these clauses from being promised, each at its number, counted from 1."""
    problems, seen = [], set()
    for at, one in enumerate(clauses, 1):
        where = f"promise {at}"
        if one.measure not in LABELS:
            problems.append(Problem(where, "promise.measure", "This cannot be measured."))
        if not 1 <= one.business_days <= LONGEST_DAYS:
            problems.append(Problem(where, "promise.days", f"A limit is 1 to {LONGEST_DAYS} business days."))
        if not 1 <= one.share_percent <= 100:
            problems.append(Problem(where, "promise.share", "A share is 1 to 100 percent."))
        if not 0 <= one.credit_basis_points <= HIGHEST_CREDIT:
            problems.append(Problem(where, "promise.credit", "A credit is 0 to 10% of the month's fee."))
        if (one.measure, one.business_days) in seen:
            problems.append(Problem(where, "promise.double", "This is promised twice for the same limit."))
        seen.add((one.measure, one.business_days))
    return problems


def set_clauses(session: ScopedSession, client_id: int, clauses: Sequence[Clause], *, on: date) -> None:
    """Let these clauses hold from a day on; what held before is kept for the days it held."""
    end_from(session, SlaClause, client_id, on)
    rows = [
        {
            "measure": one.measure, "business_days": one.business_days, "share_percent": one.share_percent,
            "credit_basis_points": one.credit_basis_points, "starts_on": on, "ends_on": None,
        }
        for one in clauses
    ]  # fmt: skip
    add_rows(session, SlaClause, client_id, rows)
