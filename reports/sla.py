"""Promises kept: every clause of an agreement measured on the items due in a period, the client's turn left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from bureau.models import Claim, Denial, Encounter, Filing, Remittance, Step
from bureau.models.post import RemittanceState
from bureau.office import Office
from bureau.rules.lifecycle import Event, State, Turn
from clients.models import SlaClause
from clients.promises import LABELS
from config.clock import BusinessCalendar
from reports.frames import Column, ColumnKind, Period, Table


@dataclass(frozen=True, slots=True)
class Span:
    """One item under a promise: from start to stop (None: still running), less the pauses (client's turn)."""

    start: datetime
    stop: datetime | None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Attainment:
    """How one clause was kept, on the items due in the period; seconds are business seconds."""

    measure: str
    business_days: int
    share_percent: int
    due: int
    met: int
    running: int  # begun but not due yet
    p50_seconds: int
    p90_seconds: int
    paused_seconds: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.met / self.due, 2) if self.due else None

    @property
    def is_kept(self) -> bool:
        return 100 * self.met >= self.share_percent * self.due


def measure(
    spans: Iterable[Span],
    calendar: BusinessCalendar,
    clause: tuple[str, int, int],
    period: Period,
    now: datetime,
) -> Attainment:
    """Measure one clause (measure, business days, share). An item counts in the period its limit falls into."""
    name, days, share = clause
    limit = days * calendar.day_seconds
    used: list[int] = []
    due = met = running = paused_total = 0
    for span in spans:
        end = span.stop or now
        paused = sum(calendar.business_seconds(begin, min(until or end, end)) for begin, until in span.pauses)
        elapsed = calendar.business_seconds(span.start, end) - paused
        if span.stop is None and elapsed <= limit:
            running += 1
            continue
        if calendar.local_date(calendar.due_after(span.start, limit + paused)) not in period:
            continue
        due += 1
        met += span.stop is not None and elapsed <= limit
        used.append(elapsed)
        paused_total += paused
    used.sort()
    return Attainment(name, days, share, due, met, running, percentile(used, 50), percentile(used, 90), paused_total)


def percentile(ordered: Sequence[int], percent: int) -> int:
    """The smallest value that at least `percent` of the values do not exceed; 0 of nothing."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else 0


def load_attainment(office: Office, client_id: int, period: Period) -> list[Attainment]:
    """Every clause in force at the end of the period, measured."""
    clauses = office.rows(
        select(SlaClause.measure, SlaClause.business_days, SlaClause.share_percent)
        .where(
            SlaClause.client_id == client_id,
            SlaClause.starts_on < period.end,
            or_(SlaClause.ends_on.is_(None), SlaClause.ends_on >= period.end),
        )
        .order_by(SlaClause.measure.desc(), SlaClause.business_days)
    )
    calendar = office.calendar(client_id)
    spans = {name: LOADERS[name](office, client_id) for name in {row.measure for row in clauses}}
    return [measure(spans[row[0]], calendar, (row[0], row[1], row[2]), period, office.now) for row in clauses]


def load_encounter_spans(office: Office, client_id: int) -> list[Span]:
    """Every insured encounter: received, first sent to the payer; paused while a question lies with the client."""
    rows = office.rows(
        select(Filing.id, Encounter.received_at)
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .where(Filing.client_id == client_id, Filing.rank == 1, Filing.payer_id.is_not(None))
        .where(Filing.state != State.CLOSED_NOT_BILLABLE)
        .order_by(Filing.id)
    )
    first_sent = select(Step.filing_id, func.min(Step.at)).where(Step.client_id == client_id, Step.event == Event.SENT)
    sent = {row[0]: row[1] for row in office.rows(first_sent.group_by(Step.filing_id))}
    pauses = _find_pauses(office, client_id)
    return [Span(received, sent.get(filing_id), tuple(pauses.get(filing_id, ()))) for filing_id, received in rows]


def _find_pauses(office: Office, client_id: int) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """When each claim lay with the client: however many questions were open at once, the clock stood still once."""
    rows = office.rows(
        select(Step.filing_id, Step.at, Step.target, Step.turn)
        .where(Step.client_id == client_id)
        .where(or_(Step.target == State.NEEDS_INFO, Step.source == State.NEEDS_INFO))
        .order_by(Step.filing_id, Step.id)
    )
    pauses: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for filing_id, at, target, turn in rows:
        found = pauses[filing_id]
        is_paused = bool(found) and found[-1][1] is None
        if target == State.NEEDS_INFO and turn == Turn.CLIENT:
            if not is_paused:
                found.append((at, None))
        elif is_paused:
            found[-1] = (found[-1][0], at)
    return pauses


def load_remittance_spans(office: Office, client_id: int) -> list[Span]:
    """Every payment received, posted or held; a duplicate was promised nothing."""
    wanted = select(Remittance.received_at, Remittance.posted_at).where(
        Remittance.client_id == client_id, Remittance.state != RemittanceState.DUPLICATE
    )
    return [Span(*row) for row in office.rows(wanted)]


def load_denial_spans(office: Office, client_id: int) -> list[Span]:
    """Every denied amount, from its posting to the first look at it, or to its end where the payer was quicker."""
    touched = func.coalesce(Denial.first_touch_at, Denial.closed_at)
    wanted = select(Denial.denied_at, touched).where(Denial.client_id == client_id)
    return [Span(*row) for row in office.rows(wanted)]


LOADERS: dict[str, Callable[[Office, int], list[Span]]] = {
    "encounter_to_submitted": load_encounter_spans,
    "remittance_to_posted": load_remittance_spans,
    "denial_to_first_touch": load_denial_spans,
}


def load_sla(office: Office, client_id: int, period: Period) -> Table:
    """The promises of the agreement as a report."""
    columns = (
        Column("promise", "Promise"),
        Column("limit", "Within", ColumnKind.DAYS),
        Column("target", "Promised", ColumnKind.PERCENT),
        Column("attained", "Kept", ColumnKind.PERCENT),
        Column("due", "Items due", ColumnKind.COUNT),
        Column("met", "In time", ColumnKind.COUNT),
        Column("p90", "90% took at most", ColumnKind.DAYS),
    )
    attainments = load_attainment(office, client_id, period)
    day = office.calendar(client_id).day_seconds
    rows: list[dict[str, Any]] = [
        {
            "promise": LABELS[one.measure], "limit": one.business_days, "target": one.share_percent,
            "attained": one.percent, "due": one.due, "met": one.met, "p90": round(one.p90_seconds / day, 2),
        }
        for one in attainments
    ]  # fmt: skip
    kept = sum(one.is_kept for one in attainments)
    return Table(
        "sla", "Promises kept", "Business hours of the practice's own place; the clock stands while a question lies "
        "with the practice; items count in the period in which their limit falls.", columns, rows, office.now,
        f"{kept} of {len(rows)} promises were kept.",
    )  # fmt: skip


def whole_time(today: date) -> Period:
    """A period that holds everything up to and including today and whatever is due soon after."""
    return Period(date(1900, 1, 1), date(today.year + 2, 1, 1))
