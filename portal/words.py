"""How states, turns and roles look and read on a screen: a word, an icon and a tone for each."""

from __future__ import annotations

from dataclasses import dataclass

from bureau.rules.lifecycle import State, Turn
from clients.access import Door, Role
from clients.models import ClientState
from config import glossary
from config.codes import Lane
from config.glossary import Entry


@dataclass(frozen=True, slots=True)
class Sign:
    """A badge: the tone is idle, busy, good, warn or bad; the word and the icon say the same without it."""

    word: str
    icon: str
    tone: str
    means: str = ""


# What a filing's state is called and means stands in the glossary; here is only how it looks.
_FILINGS: dict[State, tuple[str, str]] = {
    State.DRAFT: ("pencil", "idle"),
    State.NEEDS_INFO: ("message-circle-question-mark", "warn"),
    State.CODING: ("code", "warn"),
    State.SCRUB_FAILED: ("triangle-alert", "warn"),
    State.READY: ("check", "busy"),
    State.BATCHED: ("layers", "busy"),
    State.TRANSMITTED: ("send", "busy"),
    State.REJECTED: ("undo-2", "bad"),
    State.ACCEPTED: ("landmark", "busy"),
    State.PENDED: ("pause", "warn"),
    State.FOLLOW_UP: ("refresh-cw", "warn"),
    State.REMIT_REVIEW: ("scale", "warn"),
    State.PAID: ("circle-check", "good"),
    State.PAID_VARIANCE: ("scale", "warn"),
    State.PART_DENIED: ("shield-x", "bad"),
    State.DENIED: ("shield-x", "bad"),
    State.CORRECTING: ("pencil", "warn"),
    State.APPEALED: ("scale", "busy"),
    State.AWAIT_NEXT_PAYER: ("arrow-right", "busy"),
    State.PATIENT_DUE: ("user", "warn"),
    State.CREDIT: ("undo-2", "warn"),
    State.CLOSED_PAID: ("circle-check", "good"),
    State.CLOSED_WRITTEN_OFF: ("archive", "idle"),
    State.CLOSED_NOT_BILLABLE: ("ban", "idle"),
    State.CLOSED_TRANSFERRED: ("archive", "idle"),
    State.VOIDED: ("ban", "idle"),
}

STATES: dict[str, Sign] = {
    **{
        state: Sign(glossary.STATES[state].name, *look, glossary.STATES[state].text) for state, look in _FILINGS.items()
    },
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
    "undone": Sign("Taken back", "undo-2", "idle"),
    "failed": Sign("Failed", "circle-x", "bad"),
    "waiting": Sign("Waiting", "hourglass", "idle"),
    "running": Sign("Running", "play", "busy"),
    "cancelled": Sign("Cancelled", "ban", "idle"),
    # how a job stands at a client
    "silent": Sign(
        "Silent", "octagon-alert", "bad", "It has missed two slots or more: look whether the scheduler runs"
    ),
    "stuck": Sign("Stuck", "hourglass", "bad", "It began more than half an hour ago and has not ended"),
    "late": Sign("Late", "timer", "bad", "Its slot passed more than an hour ago and it has not run"),
    "paused": Sign("Paused", "pause", "warn"),
    "never": Sign("Not due yet", "clock", "idle"),
    "OPEN": Sign("Open", "circle-dot", "warn"),
    "CLOSED": Sign("Closed", "circle-check", "idle"),
    "SENT": Sign("Waits for an answer", "message-circle-question-mark", "warn"),
    "ANSWERED": Sign("Answered", "message-circle-question-mark", "busy", "Somebody of the bureau looks at the answer"),
    "ACCEPTED": Sign("Accepted", "circle-check", "good"),
    "REOPENED": Sign("Asked again", "undo-2", "warn"),
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


LANES = {
    Lane.FIX: "Fix and send again",
    Lane.RECORDS: "Send records",
    Lane.COB: "Ask the other insurer",
    Lane.WRITE_OFF: "Write off",
    Lane.ROUTE: "Route to a specialist",
}


def lane_word(lane: Lane) -> str:
    """What a lane of the denial desk means to the one who chooses it."""
    return LANES[lane]


def turn_sign(turn: str, door: Door | None = None) -> Sign:
    key = Turn(turn)
    words = _TURN_WORDS_IN_FRONT if door is Door.FRONT else _TURN_WORDS
    return Sign(words[key], _TURN_ICONS[key], "idle")


def explain(key: str) -> Entry:
    """The glossary's entry. Raises KeyError for a word nobody has explained: a hint is never empty."""
    entry = glossary.explain(key)
    if entry is None:
        raise KeyError(key)
    return entry
