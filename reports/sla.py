"""Promises kept: every clause of an agreement held against the items due in a period, idle time left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from bureau.office import Office
from clients.models import SlaClause
from clients.pauses import Pause, count_seconds, find_pauses, unite
from clients.promises import LABELS
from config.clock import BusinessCalendar
from reports.frames import Column, ColumnKind, Period, Table
from reports.spans import SOURCES, Span


class Judged(NamedTuple):
    """One item held against its limit; seconds are business seconds, `paused` of them did not count."""

    span: Span
    elapsed: int
    paused: int
    due_at: datetime
    is_running: bool  # begun and neither done nor late
    is_met: bool


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


@dataclass(frozen=True, slots=True)
class Halt:
    """A pause of the client as far as it lies in a period: first and last moment, business days, and the reason."""

    begun: datetime
    ended: datetime | None
    business_days: float
    why: str


def judge(span: Span, calendar: BusinessCalendar, limit: int, now: datetime) -> Judged:
    """Hold one item against a limit in business seconds."""
    end = span.stop or now
    paused = count_seconds(calendar, span.pauses, end)
    elapsed = calendar.business_seconds(span.start, end) - paused
    in_time = elapsed <= limit
    due_at = calendar.due_after(span.start, limit + paused)
    return Judged(span, elapsed, paused, due_at, span.stop is None and in_time, span.stop is not None and in_time)


def measure(
    spans: Iterable[Span],
    calendar: BusinessCalendar,
    clause: tuple[str, int, int],
    period: Period,
    now: datetime,
) -> Attainment:
    """Measure one clause (measure, business days, share). An item counts in the period its limit falls into."""
    name, days, share = clause
    judged = [judge(span, calendar, days * calendar.day_seconds, now) for span in spans]
    due = [one for one in judged if not one.is_running and calendar.local_date(one.due_at) in period]
    used = sorted(one.elapsed for one in due)
    return Attainment(
        name, days, share, due=len(due), met=sum(one.is_met for one in due),
        running=sum(one.is_running for one in judged), p50_seconds=percentile(used, 50),
        p90_seconds=percentile(used, 90), paused_seconds=sum(one.paused for one in due),
    )  # fmt: skip


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
    spans = {name: _load_spans(office, client_id, name) for name in {row.measure for row in clauses}}
    return [measure(spans[row[0]], calendar, (row[0], row[1], row[2]), period, office.now) for row in clauses]


def load_items(office: Office, client_id: int, clause: tuple[str, int], period: Period) -> list[Judged]:
    """The items under one clause (measure, business days) that were due in the period, and those still running.

    What was missed comes first, then what runs, then what was kept; the latest limit first in each.
    """
    name, days = clause
    calendar = office.calendar(client_id)
    limit = days * calendar.day_seconds
    judged = (judge(span, calendar, limit, office.now) for span in _load_spans(office, client_id, name))
    found = [one for one in judged if one.is_running or calendar.local_date(one.due_at) in period]
    found.sort(key=lambda one: one.due_at, reverse=True)
    return sorted(found, key=lambda one: (one.is_met, one.is_running))


def _load_spans(office: Office, client_id: int, name: str) -> list[Span]:
    """The items of a measure; while the client was paused, the clock of all of them stood still."""
    spans = SOURCES[name].load(office, client_id)
    halts = [pause.stretch for pause in _find_pauses(office, client_id)]
    if not halts:
        return spans
    return [replace(span, pauses=unite((*span.pauses, *halts), span.start)) for span in spans]


def load_halts(office: Office, client_id: int, period: Period) -> list[Halt]:
    """The pauses of the client that reach into the period, the oldest first, with what of them lies in it."""
    calendar = office.calendar(client_id)
    start, end = calendar.moment(period.start), min(calendar.moment(period.end), office.now)
    found = []
    for pause in _find_pauses(office, client_id):
        if pause.begun < end and (pause.ended is None or pause.ended > start):
            seconds = count_seconds(calendar, unite([pause.stretch], start), end)
            days = round(seconds / calendar.day_seconds, 1)
            found.append(Halt(max(pause.begun, start), pause.ended, days, pause.why))
    return found


def _find_pauses(office: Office, client_id: int) -> list[Pause]:
    return find_pauses(office.session, [client_id]).get(client_id, [])


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
    calendar = office.calendar(client_id)
    rows: list[dict[str, Any]] = [
        {
            "promise": LABELS[one.measure], "limit": one.business_days, "target": one.share_percent,
            "attained": one.percent, "due": one.due, "met": one.met,
            "p90": round(one.p90_seconds / calendar.day_seconds, 2),
        }
        for one in attainments
    ]  # fmt: skip
    kept = sum(one.is_kept for one in attainments)
    said = [_say_halt(halt, calendar) for halt in load_halts(office, client_id, period)]
    definition = (
        "Business hours of the practice's own place; the clock stands while a question lies with the practice and "
        "while the practice is paused; items count in the period in which their limit falls."
    )
    return Table(
        "sla", "Promises kept", " ".join([definition, *said]), columns, rows, office.now,
        f"{kept} of {len(rows)} promises were kept.",
    )  # fmt: skip


def _say_halt(halt: Halt, calendar: BusinessCalendar) -> str:
    first = f"{calendar.local_date(halt.begun):%d %b %Y}"
    last = f"to {calendar.local_date(halt.ended):%d %b %Y}" if halt.ended else "until now"
    return f"Not counted: {halt.business_days} business days, {first} {last} ({halt.why})."


def whole_time(today: date) -> Period:
    """A period that holds everything up to and including today and whatever is due soon after."""
    return Period(date(1900, 1, 1), date(today.year + 2, 1, 1))
