"""What a client may exchange with which payer: the states of an enrolment, what may follow what, and the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clients.models import Enrollment, EnrollmentState

PRACTICE = 0  # in the place of a clinician: the row is of the billing provider
CLAIMS, REMITTANCES = "837P", "835"
TRANSACTIONS = (CLAIMS, REMITTANCES, "270", "276", "278", "EFT")
FIRST_ERA = timedelta(days=45)  # payers name 30 to 45 days until the first remittance comes (cfg)
PARTIES = {"": "Nobody", "bureau": "Bureau", "client": "Practice", "payer": "Payer"}

S = EnrollmentState
OPEN_TO_SEND = frozenset({S.LIVE, S.NOT_REQUIRED})
OPEN_TO_PAY = OPEN_TO_SEND | {S.PENDING_FIRST_ERA}
_ASKED = frozenset({S.IN_PROGRESS, S.ACTION_REQUIRED, S.PENDING_FIRST_ERA, S.LIVE, S.REJECTED, S.CANCELED})
MOVES: dict[EnrollmentState, frozenset[EnrollmentState]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.NOT_REQUIRED, S.CANCELED}),
    S.SUBMITTED: _ASKED,
    S.IN_PROGRESS: _ASKED - {S.IN_PROGRESS},
    S.ACTION_REQUIRED: frozenset({S.SUBMITTED, S.IN_PROGRESS, S.REJECTED, S.CANCELED}),
    S.PENDING_FIRST_ERA: frozenset({S.LIVE, S.ACTION_REQUIRED, S.REJECTED, S.CANCELED}),
    S.LIVE: frozenset({S.ACTION_REQUIRED, S.CANCELED}),
    S.NOT_REQUIRED: frozenset({S.DRAFT}),
    S.REJECTED: frozenset({S.DRAFT, S.SUBMITTED, S.CANCELED}),
    S.CANCELED: frozenset({S.DRAFT}),
}
# Who has to act while an enrolment is in a state; where it may be several, whoever changes it says so.
WAITS_FOR: dict[EnrollmentState, str] = {
    S.DRAFT: "bureau", S.SUBMITTED: "payer", S.IN_PROGRESS: "payer", S.ACTION_REQUIRED: "bureau",
    S.PENDING_FIRST_ERA: "payer", S.LIVE: "", S.NOT_REQUIRED: "", S.REJECTED: "bureau", S.CANCELED: "",
}  # fmt: skip


def may_become(transaction: str, before: EnrollmentState, after: EnrollmentState) -> bool:
    """Whether the table allows it; only remittances wait for a first one, and they become live by its coming."""
    if transaction == REMITTANCES:
        return after in MOVES[before] and (after is not S.LIVE or before is S.PENDING_FIRST_ERA)
    return after in MOVES[before] and after is not S.PENDING_FIRST_ERA


@dataclass(frozen=True, slots=True)
class Gate:
    """Where claims of a client may be sent on one day, and for which clinicians they may not."""

    payers: frozenset[int]
    held: frozenset[tuple[int, int]]  # (payer, clinician): a row of his own that is not live

    def may_send(self, payer_id: int, provider_id: int | None) -> bool:
        return payer_id in self.payers and (payer_id, provider_id) not in self.held


def load_gate(session: Session, client_id: int, on: date) -> Gate:
    """The gate of a day, in one statement."""
    wanted = select(Enrollment).where(Enrollment.client_id == client_id, Enrollment.transaction == CLAIMS)
    return build_gate(session.scalars(wanted), on)


def build_gate(rows: Iterable[Enrollment], on: date) -> Gate:
    payers, held = set(), set()
    for row in rows:
        is_open = row.state in OPEN_TO_SEND and runs(row, on)
        if row.provider_id == PRACTICE and is_open:
            payers.add(row.payer_id)
        elif row.provider_id != PRACTICE and not is_open:
            held.add((row.payer_id, row.provider_id))
    return Gate(frozenset(payers), frozenset(held))


def runs(row: Enrollment, on: date) -> bool:
    """Whether the day lies within the dates of an enrolment; one that is live has a first day."""
    begun = row.live_on is not None and row.live_on <= on
    if row.state == S.NOT_REQUIRED:
        begun = row.live_on is None or row.live_on <= on
    return begun and (row.ends_on is None or row.ends_on > on)


@dataclass(frozen=True, slots=True)
class Remitted:
    """Remittances of one payer so far: how many, the first and the last, and claims still waiting for one."""

    count: int
    first: date
    last: date
    waiting: int

    @property
    def cadence(self) -> int:
        """Days from one to the next, as a rule; at least a week."""
        return max(7, (self.last - self.first).days // max(1, self.count - 1))


def find_silence(row: Enrollment, seen: Remitted | None, on: date) -> str:
    """Why a 835 enrolment wants a look: the first remittance is overdue, or they have stopped; nothing if all is well.

    They have stopped when twice the payer's own cadence has passed while claims wait for an answer.
    """
    if row.transaction != REMITTANCES:
        return ""
    if row.state == S.PENDING_FIRST_ERA:
        since = row.live_on or row.submitted_on
        if since is not None and seen is None and on > since + FIRST_ERA:
            return f"No remittance has come in {(on - since).days} days since the payer approved it."
        return ""
    if row.state != S.LIVE or seen is None or not seen.waiting or seen.count < 2:
        return ""
    quiet = (on - seen.last).days
    if quiet <= 2 * seen.cadence:
        return ""
    return f"The last remittance came {quiet} days ago; this payer sends one about every {seen.cadence} days."
