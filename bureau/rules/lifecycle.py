"""The life of a filing: one table of what may follow what, and whose turn it is then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    NEW = "NEW"  # before the first step; never stored
    DRAFT = "DRAFT"
    NEEDS_INFO = "NEEDS_INFO"
    CODING = "CODING"
    SCRUB_FAILED = "SCRUB_FAILED"
    READY = "READY"
    BATCHED = "BATCHED"
    TRANSMITTED = "TRANSMITTED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    PENDED = "PENDED"
    FOLLOW_UP = "FOLLOW_UP"
    REMIT_REVIEW = "REMIT_REVIEW"
    PAID = "PAID"
    PAID_VARIANCE = "PAID_VARIANCE"
    PART_DENIED = "PART_DENIED"
    DENIED = "DENIED"
    CORRECTING = "CORRECTING"
    APPEALED = "APPEALED"
    AWAIT_NEXT_PAYER = "AWAIT_NEXT_PAYER"
    PATIENT_DUE = "PATIENT_DUE"
    CREDIT = "CREDIT"
    CLOSED_PAID = "CLOSED_PAID"
    CLOSED_WRITTEN_OFF = "CLOSED_WRITTEN_OFF"
    CLOSED_NOT_BILLABLE = "CLOSED_NOT_BILLABLE"
    CLOSED_TRANSFERRED = "CLOSED_TRANSFERRED"
    VOIDED = "VOIDED"


class Turn(StrEnum):
    """Who has to act next."""

    BUREAU = "BUREAU"
    CLIENT = "CLIENT"
    PAYER = "PAYER"
    PATIENT = "PATIENT"
    NONE = "NONE"


class Event(StrEnum):
    COMMITTED = "encounter committed"
    COMMITTED_SELF_PAY = "self-pay encounter committed"
    INFO_MISSING = "information missing"
    ANSWERED = "question answered"
    UNANSWERED = "question expired"
    HANDED_BACK = "question handed back to the bureau"
    NEEDS_CODING = "needs coding"
    CODED = "coded"
    SCRUB_FAILED = "scrub failed"
    SCRUB_PASSED = "scrub passed"
    EDITED = "edited"
    BATCHED = "batched"
    SENT = "file sent"
    BATCH_CANCELLED = "batch cancelled"
    FILE_REJECTED = "999 rejected"
    FILE_ACCEPTED = "999 accepted"
    RECEIVED = "277CA received"
    PAYER_ACCEPTED = "277CA accepted by payer"
    PAYER_REJECTED = "277CA rejected"
    FIXED = "fixed"
    FIXED_CORRECTION = "fixed, again as correction"
    NO_ACK = "no acknowledgement in time"
    PENDED = "pended by payer"
    NO_ANSWER = "no answer in time"
    IN_PROCESS = "status: in process"
    NOT_ON_FILE = "status: not on file"
    POSTED_UNCLEAR = "remittance needs a look"
    POSTED_PAID = "remittance paid"
    POSTED_VARIANCE = "remittance paid off contract"
    POSTED_PART_DENIED = "remittance denied some lines"
    POSTED_DENIED = "remittance denied"
    CROSSED_OVER = "crossed over to next payer"
    NEXT_PAYER = "next payer to bill"
    CORRECT = "to be corrected"
    APPEALED = "appeal filed"
    UPHELD = "appeal upheld"
    OVERTURNED = "appeal overturned"
    APPEAL_OVERDUE = "appeal response overdue"
    WRITTEN_OFF = "write-off approved"
    PATIENT_SHARE = "patient owes the rest"
    PATIENT_SETTLED = "patient settled"
    BAD_DEBT = "bad debt approved"
    OVERPAID = "balance below zero"
    CREDIT_SETTLED = "credit settled"
    CREDIT_SETTLED_CLOSED = "credit settled, nothing open"
    REVERSED = "payer reversed"
    SETTLED = "nothing open"
    VOID_ACCEPTED = "void accepted"
    OFFBOARDED = "client offboarded"
    GIVEN_BACK = "handed back to the practice"
    REOPENED = "reopened for review"
    REOPENED_TO_BILL = "reopened to bill"
    NEXT_PAYER_FINAL = "next payer final"
    CROSSOVER_LATE = "crossover alarm"
    VARIANCE_CLOSED = "variance case closed"
    DENIALS_CLOSED = "denial cases closed"
    NOT_BILLABLE = "not billable"
    UNDONE = "upload taken back"


@dataclass(frozen=True, slots=True)
class Transition:
    target: State
    turn: Turn


class IllegalTransition(Exception):
    """An event came to a state in which it has no meaning."""


S, E, T = State, Event, Turn
CLOSED = frozenset({S.CLOSED_PAID, S.CLOSED_WRITTEN_OFF, S.CLOSED_NOT_BILLABLE, S.CLOSED_TRANSFERRED, S.VOIDED})
_CLOSED_NOT_VOID = sorted(CLOSED - {S.VOIDED})
SUBMITTED = frozenset(  # an 835 may come in any of these, whatever came before it
    {
        S.TRANSMITTED, S.ACCEPTED, S.PENDED, S.FOLLOW_UP, S.APPEALED, S.REJECTED, S.CORRECTING, S.DENIED,
        S.PART_DENIED, S.PAID, S.PAID_VARIANCE, S.AWAIT_NEXT_PAYER, S.PATIENT_DUE, *_CLOSED_NOT_VOID,
    }
)  # fmt: skip
# Nothing was sent in any of these, if nothing was sent before; of PATIENT_DUE that holds for who pays in person.
UNDOABLE = frozenset({S.DRAFT, S.NEEDS_INFO, S.CODING, S.SCRUB_FAILED, S.READY, S.PATIENT_DUE})
_ADJUDICABLE = sorted(SUBMITTED | {S.REMIT_REVIEW})
_OPEN = sorted(set(S) - CLOSED - {S.NEW})

# One row per transition of the domain's table; the first column is its number there.
TABLE: tuple[tuple[str, tuple[State, ...], Event, State, Turn], ...] = (
    ("T01", (S.NEW,), E.COMMITTED, S.DRAFT, T.BUREAU),
    ("T01p", (S.NEW,), E.COMMITTED_SELF_PAY, S.PATIENT_DUE, T.PATIENT),
    ("T02", (S.DRAFT, S.CODING, S.SCRUB_FAILED), E.INFO_MISSING, S.NEEDS_INFO, T.CLIENT),
    ("T02a", (S.NEEDS_INFO,), E.INFO_MISSING, S.NEEDS_INFO, T.CLIENT),
    ("T02b", (S.NEEDS_INFO,), E.HANDED_BACK, S.NEEDS_INFO, T.BUREAU),
    ("T03", (S.NEEDS_INFO,), E.ANSWERED, S.DRAFT, T.BUREAU),
    ("T04", (S.NEEDS_INFO,), E.UNANSWERED, S.CLOSED_NOT_BILLABLE, T.NONE),
    ("T05", (S.DRAFT,), E.NEEDS_CODING, S.CODING, T.BUREAU),
    ("T06", (S.CODING,), E.CODED, S.DRAFT, T.BUREAU),
    ("T07", (S.DRAFT,), E.SCRUB_FAILED, S.SCRUB_FAILED, T.BUREAU),
    ("T07b", (S.SCRUB_FAILED,), E.SCRUB_FAILED, S.SCRUB_FAILED, T.BUREAU),
    ("T08", (S.DRAFT, S.SCRUB_FAILED), E.SCRUB_PASSED, S.READY, T.BUREAU),
    ("T09", (S.READY, S.SCRUB_FAILED), E.EDITED, S.DRAFT, T.BUREAU),
    ("T10", (S.READY,), E.BATCHED, S.BATCHED, T.BUREAU),
    ("T11", (S.BATCHED,), E.SENT, S.TRANSMITTED, T.PAYER),
    ("T12", (S.BATCHED,), E.BATCH_CANCELLED, S.READY, T.BUREAU),
    ("T13", (S.TRANSMITTED,), E.FILE_REJECTED, S.READY, T.BUREAU),
    ("T14", (S.TRANSMITTED,), E.FILE_ACCEPTED, S.TRANSMITTED, T.PAYER),
    ("T15", (S.TRANSMITTED,), E.RECEIVED, S.TRANSMITTED, T.PAYER),
    ("T16", (S.TRANSMITTED,), E.PAYER_ACCEPTED, S.ACCEPTED, T.PAYER),
    ("T17", (S.TRANSMITTED, S.ACCEPTED), E.PAYER_REJECTED, S.REJECTED, T.BUREAU),
    ("T18", (S.REJECTED,), E.FIXED, S.DRAFT, T.BUREAU),
    ("T18b", (S.REJECTED,), E.FIXED_CORRECTION, S.CORRECTING, T.BUREAU),
    ("T19", (S.TRANSMITTED,), E.NO_ACK, S.FOLLOW_UP, T.BUREAU),
    ("T20", (S.ACCEPTED,), E.PENDED, S.PENDED, T.PAYER),
    ("T21", (S.ACCEPTED, S.PENDED), E.NO_ANSWER, S.FOLLOW_UP, T.BUREAU),
    ("T22", (S.FOLLOW_UP,), E.IN_PROCESS, S.ACCEPTED, T.PAYER),
    ("T23", (S.FOLLOW_UP,), E.NOT_ON_FILE, S.DRAFT, T.BUREAU),
    ("T25", tuple(sorted(SUBMITTED)), E.POSTED_UNCLEAR, S.REMIT_REVIEW, T.BUREAU),
    ("T26", tuple(_ADJUDICABLE), E.POSTED_PAID, S.PAID, T.NONE),
    ("T27", tuple(_ADJUDICABLE), E.POSTED_VARIANCE, S.PAID_VARIANCE, T.BUREAU),
    ("T28", tuple(_ADJUDICABLE), E.POSTED_PART_DENIED, S.PART_DENIED, T.BUREAU),
    ("T29", tuple(_ADJUDICABLE), E.POSTED_DENIED, S.DENIED, T.BUREAU),
    ("T30", tuple(_ADJUDICABLE), E.CROSSED_OVER, S.AWAIT_NEXT_PAYER, T.PAYER),
    ("T31", (S.PAID, S.PART_DENIED), E.NEXT_PAYER, S.AWAIT_NEXT_PAYER, T.BUREAU),
    ("T32", (S.DENIED, S.PART_DENIED, S.PAID_VARIANCE), E.CORRECT, S.CORRECTING, T.BUREAU),
    ("T33", (S.CORRECTING,), E.BATCHED, S.BATCHED, T.BUREAU),
    ("T34", (S.DENIED, S.PART_DENIED, S.PAID_VARIANCE), E.APPEALED, S.APPEALED, T.PAYER),
    ("T35", (S.APPEALED,), E.UPHELD, S.DENIED, T.BUREAU),
    ("T36", (S.APPEALED,), E.OVERTURNED, S.ACCEPTED, T.PAYER),
    (
        "T37",
        (S.DENIED, S.PART_DENIED, S.PAID_VARIANCE, S.REJECTED, S.FOLLOW_UP, S.APPEALED, S.DRAFT, S.SCRUB_FAILED,
         S.READY),
        E.WRITTEN_OFF, S.CLOSED_WRITTEN_OFF, T.NONE,
    ),
    ("T38", (S.PAID, S.PART_DENIED, S.DENIED), E.PATIENT_SHARE, S.PATIENT_DUE, T.PATIENT),
    ("T39", (S.PATIENT_DUE,), E.PATIENT_SETTLED, S.CLOSED_PAID, T.NONE),
    ("T40", (S.PATIENT_DUE,), E.BAD_DEBT, S.CLOSED_WRITTEN_OFF, T.NONE),
    ("T41", (S.PAID, S.CLOSED_PAID, S.PATIENT_DUE), E.OVERPAID, S.CREDIT, T.BUREAU),
    ("T42", (S.CREDIT,), E.CREDIT_SETTLED, S.PAID, T.NONE),
    ("T42b", (S.CREDIT,), E.CREDIT_SETTLED_CLOSED, S.CLOSED_PAID, T.NONE),
    ("T43", (S.PAID, S.PATIENT_DUE, *_CLOSED_NOT_VOID), E.REVERSED, S.REMIT_REVIEW, T.BUREAU),
    ("T44", (S.PAID,), E.SETTLED, S.CLOSED_PAID, T.NONE),
    ("T45", tuple(sorted(SUBMITTED - CLOSED)), E.VOID_ACCEPTED, S.VOIDED, T.NONE),
    ("T46", tuple(_OPEN), E.OFFBOARDED, S.CLOSED_TRANSFERRED, T.NONE),
    ("T46b", (S.DENIED, S.PART_DENIED), E.GIVEN_BACK, S.CLOSED_TRANSFERRED, T.CLIENT),
    ("T47", tuple(sorted(CLOSED)), E.REOPENED, S.REMIT_REVIEW, T.BUREAU),
    ("T47b", tuple(sorted(CLOSED)), E.REOPENED_TO_BILL, S.DRAFT, T.BUREAU),
    ("T48", (S.AWAIT_NEXT_PAYER,), E.NEXT_PAYER_FINAL, S.PAID, T.NONE),
    ("T49", (S.AWAIT_NEXT_PAYER,), E.CROSSOVER_LATE, S.AWAIT_NEXT_PAYER, T.BUREAU),
    ("T50", (S.PAID_VARIANCE,), E.VARIANCE_CLOSED, S.PAID, T.NONE),
    ("T51", (S.PART_DENIED,), E.DENIALS_CLOSED, S.PAID, T.NONE),
    ("T52", (S.APPEALED,), E.APPEAL_OVERDUE, S.FOLLOW_UP, T.BUREAU),
    ("T53u", tuple(sorted(UNDOABLE)), E.UNDONE, S.CLOSED_NOT_BILLABLE, T.NONE),
    ("T53", (S.DRAFT, S.CODING, S.SCRUB_FAILED, S.READY), E.NOT_BILLABLE, S.CLOSED_NOT_BILLABLE, T.NONE),
)  # fmt: skip

TRANSITIONS: dict[tuple[State, Event], Transition] = {
    (source, event): Transition(target, turn) for _, sources, event, target, turn in TABLE for source in sources
}


def next_state(state: State, event: Event) -> Transition:
    """What follows; raises IllegalTransition when the table has no row for it."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"{event} has no meaning in {state}") from None


def may_follow(state: State, event: Event) -> bool:
    return (state, event) in TRANSITIONS
