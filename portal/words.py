"""How states, turns and roles look and read on a screen: a word, an icon and a tone for each."""

from __future__ import annotations

from dataclasses import dataclass

from bureau.rules.lifecycle import State, Turn
from bureau.rules.routing import Queue
from clients.access import Door, Role
from clients.models import ClientState


@dataclass(frozen=True, slots=True)
class Sign:
    """A badge: the tone is idle, busy, good, warn or bad; the word and the icon say the same without it."""

    word: str
    icon: str
    tone: str


STATES: dict[str, Sign] = {
    State.DRAFT: Sign("Draft", "pencil", "idle"),
    State.NEEDS_INFO: Sign("Needs information", "message-circle-question-mark", "warn"),
    State.CODING: Sign("In coding", "code", "warn"),
    State.SCRUB_FAILED: Sign("Fails checks", "triangle-alert", "warn"),
    State.READY: Sign("Ready to send", "check", "busy"),
    State.BATCHED: Sign("In a batch", "layers", "busy"),
    State.TRANSMITTED: Sign("Sent", "send", "busy"),
    State.REJECTED: Sign("Rejected", "undo-2", "bad"),
    State.ACCEPTED: Sign("With payer", "landmark", "busy"),
    State.PENDED: Sign("Held by payer", "pause", "warn"),
    State.FOLLOW_UP: Sign("Follow up", "refresh-cw", "warn"),
    State.REMIT_REVIEW: Sign("Payment to review", "scale", "warn"),
    State.PAID: Sign("Paid", "circle-check", "good"),
    State.PAID_VARIANCE: Sign("Paid off contract", "scale", "warn"),
    State.PART_DENIED: Sign("Partly denied", "shield-x", "bad"),
    State.DENIED: Sign("Denied", "shield-x", "bad"),
    State.CORRECTING: Sign("Being corrected", "pencil", "warn"),
    State.APPEALED: Sign("Appealed", "scale", "busy"),
    State.AWAIT_NEXT_PAYER: Sign("Next payer", "arrow-right", "busy"),
    State.PATIENT_DUE: Sign("Patient owes", "user", "warn"),
    State.CREDIT: Sign("Credit balance", "undo-2", "warn"),
    State.CLOSED_PAID: Sign("Closed, paid", "circle-check", "good"),
    State.CLOSED_WRITTEN_OFF: Sign("Closed, written off", "archive", "idle"),
    State.CLOSED_NOT_BILLABLE: Sign("Closed, not billable", "ban", "idle"),
    State.CLOSED_TRANSFERRED: Sign("Closed, handed over", "archive", "idle"),
    State.VOIDED: Sign("Voided", "ban", "idle"),
    # files, remittances, rows, jobs, runs, questions
    "to_send": Sign("To be sent", "clock", "busy"),
    "sent": Sign("Sent", "send", "good"),
    "received": Sign("Received", "inbox", "busy"),
    "done": Sign("Done", "circle-check", "good"),
    "quarantined": Sign("In quarantine", "octagon-alert", "bad"),
    "duplicate": Sign("Duplicate", "copy", "idle"),
    "posted": Sign("Posted", "circle-check", "good"),
    "held": Sign("Held, nothing posted", "pause", "bad"),
    "accepted": Sign("Accepted", "circle-check", "good"),
    "problem": Sign("Problem", "triangle-alert", "bad"),
    "discarded": Sign("Discarded", "ban", "idle"),
    "failed": Sign("Failed", "circle-x", "bad"),
    "waiting": Sign("Waiting", "hourglass", "idle"),
    "running": Sign("Running", "play", "busy"),
    "cancelled": Sign("Cancelled", "ban", "idle"),
    "OPEN": Sign("Open", "circle-dot", "warn"),
    "CLOSED": Sign("Closed", "circle-check", "idle"),
    "SENT": Sign("Waits for an answer", "message-circle-question-mark", "warn"),
    "ANSWERED": Sign("Answered", "circle-check", "good"),
    "WITHDRAWN": Sign("Withdrawn", "ban", "idle"),
    "EXPIRED": Sign("Expired", "hourglass", "bad"),
    # submissions, where they differ from the filing's words
    "FILE_ACCEPTED": Sign("File accepted", "check", "busy"),
    "SUPERSEDED": Sign("Superseded", "history", "idle"),
    # clients
    ClientState.LEAD: Sign("Lead", "circle-dashed", "idle"),
    ClientState.CONTRACTING: Sign("Contracting", "pencil", "busy"),
    ClientState.SETUP: Sign("Setting up", "settings", "busy"),
    ClientState.ENROLLING: Sign("Enrolling", "landmark", "busy"),
    ClientState.TESTING: Sign("Testing", "flask-conical", "busy"),
    ClientState.GO_LIVE_READY: Sign("Ready to go live", "check", "good"),
    ClientState.LIVE: Sign("Live", "circle-check", "good"),
    ClientState.PAUSED: Sign("Paused", "pause", "warn"),
    ClientState.OFFBOARDING: Sign("Offboarding", "archive", "warn"),
}

_TURN_ICONS = {
    Turn.BUREAU: "briefcase",
    Turn.CLIENT: "stethoscope",
    Turn.PAYER: "landmark",
    Turn.PATIENT: "user",
    Turn.NONE: "check",
}
_TURN_WORDS = {
    Turn.BUREAU: "Bureau",
    Turn.CLIENT: "Practice",
    Turn.PAYER: "Payer",
    Turn.PATIENT: "Patient",
    Turn.NONE: "Nobody",
}
# A practice reads its own turn as "You" and ours as "Us".
_TURN_WORDS_IN_FRONT = _TURN_WORDS | {Turn.BUREAU: "Your bureau", Turn.CLIENT: "You"}

QUEUES: dict[Queue, str] = {
    Queue.INTAKE: "Intake errors",
    Queue.QUESTIONS: "Questions to clients",
    Queue.ELIGIBILITY: "Eligibility and coverage",
    Queue.AUTHORIZATION: "Prior authorization",
    Queue.CODING: "Coding review",
    Queue.SCRUB: "Failed checks and holds",
    Queue.REJECTIONS: "Acknowledgements and rejections",
    Queue.NO_RESPONSE: "No answer from payer",
    Queue.POSTING: "Posting exceptions",
    Queue.DEPOSITS: "Deposit reconciliation",
    Queue.DENIALS: "Denials",
    Queue.SECONDARY: "Next payer",
    Queue.UNDERPAYMENTS: "Underpayments",
    Queue.CREDITS: "Credits and refunds",
    Queue.PATIENTS: "Patient balances",
}

ROLES: dict[Role, str] = {
    Role.ADMIN: "Administrator",
    Role.MANAGER: "Manager",
    Role.ACCOUNT_MANAGER: "Account manager",
    Role.CODER: "Coder",
    Role.BILLER: "Biller",
    Role.POSTER: "Payment poster",
    Role.DENIAL_SPECIALIST: "Denial specialist",
    Role.AUDITOR: "Auditor",
    Role.TESTER: "Tester",
    Role.OWNER: "Practice owner",
    Role.PRACTICE_MANAGER: "Practice manager",
    Role.UPLOADER: "Uploader",
    Role.VIEWER: "Viewer",
}
DOORS: dict[Door, tuple[str, str, str]] = {
    Door.FRONT: ("Practice", "stethoscope", "Upload visits, follow claims and money"),
    Door.BACK: ("Bureau", "briefcase", "Queues, claims, files and clients"),
    Door.LAB: ("Lab", "flask-conical", "Simulate, compare and test"),
}


def state_sign(state: str) -> Sign:
    """The badge of a state. Raises KeyError for one that has no words yet: a page never shows a bare code."""
    return STATES[state]


def turn_sign(turn: str, door: Door | None = None) -> Sign:
    key = Turn(turn)
    words = _TURN_WORDS_IN_FRONT if door is Door.FRONT else _TURN_WORDS
    return Sign(words[key], _TURN_ICONS[key], "idle")


def queue_name(queue: str) -> str:
    return QUEUES[Queue(queue)]
