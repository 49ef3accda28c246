"""The items under each promise: what began when, when it was done, and when the practice had the ball."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from bureau.models import Claim, Denial, Encounter, Filing, Message, Remittance, Step
from bureau.models.post import RemittanceState
from bureau.models.talk import Side
from bureau.office import Office
from bureau.rules.lifecycle import Event, State, Turn
from clients.pauses import Stretch


@dataclass(frozen=True, slots=True)
class Span:
    """One item under a promise: from start to stop (None: still running), less the pauses, which do not overlap.

    `about` is the id of what it is an item of: a claim, a remittance, a thread.
    """

    start: datetime
    stop: datetime | None
    pauses: tuple[Stretch, ...] = ()
    about: int = 0


def load_encounter_spans(office: Office, client_id: int) -> list[Span]:
    """Every insured encounter: received, first sent to the payer; paused while a question lies with the client."""
    rows = office.rows(
        select(Filing.id, Encounter.received_at, Filing.claim_id)
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .where(Filing.client_id == client_id, Filing.rank == 1, Filing.payer_id.is_not(None))
        .where(Filing.state != State.CLOSED_NOT_BILLABLE)
        .order_by(Filing.id)
    )
    first_sent = select(Step.filing_id, func.min(Step.at)).where(Step.client_id == client_id, Step.event == Event.SENT)
    sent = {row[0]: row[1] for row in office.rows(first_sent.group_by(Step.filing_id))}
    asked = _find_asked(office, client_id)
    return [
        Span(received, sent.get(filing_id), tuple(asked.get(filing_id, ())), claim_id)
        for filing_id, received, claim_id in rows
    ]


def _find_asked(office: Office, client_id: int) -> dict[int, list[Stretch]]:
    """When each claim lay with the client: however many questions were open at once, the clock stood still once."""
    rows = office.rows(
        select(Step.filing_id, Step.at, Step.target, Step.turn)
        .where(Step.client_id == client_id)
        .where(or_(Step.target == State.NEEDS_INFO, Step.source == State.NEEDS_INFO))
        .order_by(Step.filing_id, Step.id)
    )
    pauses: dict[int, list[Stretch]] = defaultdict(list)
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
    wanted = select(Remittance.received_at, Remittance.posted_at, Remittance.id).where(
        Remittance.client_id == client_id, Remittance.state != RemittanceState.DUPLICATE
    )
    return [Span(start, stop, about=row_id) for start, stop, row_id in office.rows(wanted)]


def load_denial_spans(office: Office, client_id: int) -> list[Span]:
    """Every denied amount, from its posting to the first look at it, or to its end where the payer was quicker."""
    touched = func.coalesce(Denial.first_touch_at, Denial.closed_at)
    wanted = (
        select(Denial.denied_at, touched, Filing.claim_id)
        .join(Filing, and_(Filing.client_id == Denial.client_id, Filing.id == Denial.filing_id))
        .where(Denial.client_id == client_id)
    )
    return [Span(start, stop, about=claim_id) for start, stop, claim_id in office.rows(wanted)]


def load_message_spans(office: Office, client_id: int) -> list[Span]:
    """Every message of the practice, from its writing until the bureau answered it or closed the thread over it."""
    wanted = select(Message.at, Message.answered_at, Message.thread_id).where(
        Message.client_id == client_id, Message.side == Side.CLIENT
    )
    return [Span(start, stop, about=thread_id) for start, stop, thread_id in office.rows(wanted)]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the items of a measure come from, and the kind of reference each is known by."""

    load: Callable[[Office, int], list[Span]]
    kind: str


SOURCES: dict[str, Source] = {
    "encounter_to_submitted": Source(load_encounter_spans, "CLM"),
    "remittance_to_posted": Source(load_remittance_spans, "REM"),
    "denial_to_first_touch": Source(load_denial_spans, "CLM"),
    "message_to_answered": Source(load_message_spans, "THR"),
}
