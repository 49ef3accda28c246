"""The scrub desk: runs every edit over claims in draft and sends each where its findings say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, delete, or_, select

from bureau import notices, progress
from bureau.models import Claim, ClaimLine, Filing, Question, ScrubHit
from bureau.models.talk import NoticeKind
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.snapshots import Snapshot, iter_snapshots
from bureau.rules.lifecycle import Event, State
from bureau.rules.questions import FIRST_TERM, Asking, draft_question
from bureau.rules.scrub import Facts, Hit, find_hits
from clients.enrolments import load_gate
from clients.models import Payer, Provider

BATCH = 1_000

Service = tuple[str, str, int]  # code, modifiers, units
Span = tuple[date | None, date | None]


@dataclass(slots=True)
class Outcome:
    """How many claims went where."""

    ready: int = 0
    failed: int = 0
    coding: int = 0
    asked: int = 0

    @property
    def items(self) -> int:
        return self.ready + self.failed + self.coding + self.asked


@dataclass(slots=True)
class _Findings:
    moves: list[Move] = field(default_factory=list)
    hits: list[dict[str, object]] = field(default_factory=list)
    questions: list[dict[str, object]] = field(default_factory=list)


def scrub_drafts(office: Office, client_id: int) -> Outcome:
    """Scrub every claim of a client that is in draft, a batch at a time."""
    outcome = Outcome()
    for batch in iter_snapshots(office, client_id, Filing.state == State.DRAFT, size=BATCH):
        _scrub(office, client_id, batch, outcome)
    return outcome


def _scrub(office: Office, client_id: int, batch: Sequence[Snapshot], outcome: Outcome) -> None:
    found = _Findings()
    facts = _facts(office, client_id, batch)
    for snapshot in batch:
        _judge(office, snapshot, facts[snapshot.filing.id], found, outcome)
    again = [snapshot.filing.id for snapshot in batch if snapshot.scrubs]
    if again:
        office.session.execute(delete(ScrubHit).where(ScrubHit.client_id == client_id, ScrubHit.filing_id.in_(again)))
    office.insert(ScrubHit, found.hits)
    office.insert(Question, found.questions)
    notices.tell(office, client_id, NoticeKind.QUESTION_ASKED, count=len(found.questions))
    progress.advance(office, found.moves, act="scrubbed")


def _judge(office: Office, snapshot: Snapshot, facts: Facts, found: _Findings, outcome: Outcome) -> None:
    if snapshot.wanted or not snapshot.claim.diagnoses:
        outcome.coding += 1
        what = "; ".join(snapshot.wanted) or f"no diagnosis: {snapshot.note or 'none given'}"
        found.moves.append(Move(snapshot.filing, (Event.NEEDS_CODING,), what[:200]))
        return
    result = find_hits(snapshot.claim, facts)
    found.hits += [_hit_row(office, snapshot, hit) for hit in result.hits]
    changes = {"scrubs": snapshot.scrubs + 1}
    first_time = {"clean_first_time": not result.errors} if snapshot.scrubs == 0 else {}
    reason = ", ".join(hit.edit for hit in result.errors)[:200]
    if result.questions:
        outcome.asked += 1
        found.questions += [_question_row(office, snapshot, hit) for hit in result.questions]
        event = Event.INFO_MISSING
    elif result.errors:
        outcome.failed += 1
        event = Event.SCRUB_FAILED
    else:
        outcome.ready += 1
        event = Event.SCRUB_PASSED
    found.moves.append(Move(snapshot.filing, (event,), reason, changes | first_time))


def _facts(office: Office, client_id: int, batch: Sequence[Snapshot]) -> dict[int, Facts]:
    today = office.today(client_id)
    gate = load_gate(office.session, client_id, today)
    spans = _find_spans(office, client_id)
    kinds = {row.id: row.kind for row in office.rows(select(Payer.id, Payer.kind))}
    repeats = _find_repeats(office, client_id, batch)
    return {
        snapshot.filing.id: Facts(
            today=today,
            enrolled=gate.may_send(snapshot.payer_id, snapshot.provider_id),
            file_by=snapshot.file_by,
            is_repeat=snapshot.filing.id in repeats,
            payer_kind=kinds[snapshot.payer_id],
            test_ids=office.settings.test_ids_allowed,
            is_rendered_outside=_is_outside(spans.get(snapshot.provider_id), snapshot),
        )
        for snapshot in batch
    }


def _find_spans(office: Office, client_id: int) -> dict[int | None, Span]:
    """Clinicians who are not the practice's for ever: from when to when (half-open)."""
    wanted = select(Provider.id, Provider.starts_on, Provider.ends_on).where(
        Provider.client_id == client_id, or_(Provider.starts_on.is_not(None), Provider.ends_on.is_not(None))
    )
    return {row[0]: (row[1], row[2]) for row in office.rows(wanted)}


def _is_outside(span: Span | None, snapshot: Snapshot) -> bool:
    if span is None:
        return False
    starts_on, ends_on = span
    days = [line.date_from for line in snapshot.claim.lines if line.date_from is not None]
    return any((starts_on and day < starts_on) or (ends_on and day >= ends_on) for day in days)


def _find_repeats(office: Office, client_id: int, batch: Sequence[Snapshot]) -> set[int]:
    """Filings whose claim says the same as an earlier live claim: patient, date, every service."""
    # Two narrow statements: joined with their lines, SQLite would read every line of the client per claim.
    visits = (
        select(Claim.id, Claim.patient_id, Claim.served_on)
        .join(Filing, and_(Filing.client_id == Claim.client_id, Filing.claim_id == Claim.id, Filing.rank == 1))
        .where(Claim.client_id == client_id, Filing.state != State.CLOSED_NOT_BILLABLE)
    )
    patients = {snapshot.patient_id for snapshot in batch}
    claims = {row[0]: (row[1], row[2]) for row in office.rows_in(visits, Claim.patient_id, patients)}
    lines = select(ClaimLine.claim_id, ClaimLine.code, ClaimLine.modifiers, ClaimLine.units)
    services: dict[int, list[Service]] = defaultdict(list)
    for claim_id, *service in office.rows_in(lines.where(ClaimLine.client_id == client_id), ClaimLine.claim_id, claims):
        services[claim_id].append((service[0], service[1], service[2]))
    first: dict[tuple[object, ...], int] = {}
    for claim_id in sorted(claims):
        first.setdefault((*claims[claim_id], tuple(sorted(services[claim_id]))), claim_id)
    originals = set(first.values())
    return {
        snapshot.filing.id
        for snapshot in batch
        if snapshot.filing.claim_id in claims and snapshot.filing.claim_id not in originals
    }


def _hit_row(office: Office, snapshot: Snapshot, hit: Hit) -> dict[str, object]:
    return {
        "client_id": snapshot.filing.client_id, "filing_id": snapshot.filing.id, "edit": hit.edit,
        "severity": hit.severity, "where": hit.where, "text": hit.text, "fix": hit.fix, "at": office.now,
    }  # fmt: skip


def _question_row(office: Office, snapshot: Snapshot, hit: Hit) -> dict[str, object]:
    client_id = snapshot.filing.client_id
    due_on = office.calendar(client_id).add_business_days(office.today(client_id), FIRST_TERM)
    return draft_question(Asking(client_id, snapshot.filing.id, hit.asks), office.now, due_on, str(office.actor))
