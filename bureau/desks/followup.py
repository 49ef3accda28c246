"""The follow-up desk: wakes claims nobody answered for, and takes down what a payer says of their status."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import update

from bureau import progress, worklist
from bureau.models import Submission
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.filings import FilingAt, load_filings
from bureau.rules.lifecycle import Event, State, Turn
from bureau.rules.routing import Place, Queue
from bureau.worklist import Placing, Subject

ALARMS = {
    State.TRANSMITTED: Event.NO_ACK,
    State.ACCEPTED: Event.NO_ANSWER,
    State.PENDED: Event.NO_ANSWER,
}
# Where a sleeper without an alarm event turns up when its time has come and nothing took it on.
OVERSLEPT = {State.PATIENT_DUE: Queue.PATIENTS, State.PAID: Queue.POSTING, State.APPEALED: Queue.NO_RESPONSE}


class Status(StrEnum):
    """What a payer may answer to a status inquiry."""

    IN_PROCESS = "in process"
    NOT_ON_FILE = "not on file"


def wake_sleepers(office: Office, client_id: int) -> int:
    """Bring every filing whose alarm has passed into a queue; returns how many."""
    due = list(worklist.find_due(office, client_id, Subject.FILING))
    filings = load_filings(office, due)
    moves = [
        Move(filing, (ALARMS[filing.state],), "no answer in time")
        for filing in filings.values()
        if filing.state in ALARMS
    ]
    progress.advance(office, moves, act="alarm")
    overslept = [filing for filing in filings.values() if filing.state not in ALARMS]
    worklist.move(office, Subject.FILING, [_to_queue(filing) for filing in overslept])
    return len(filings)


def _to_queue(filing: FilingAt) -> Placing:
    queue = OVERSLEPT.get(filing.state, Queue.SCRUB)
    turn = Turn.PATIENT if queue is Queue.PATIENTS else Turn.BUREAU
    reason = f"waited in {filing.state} longer than it should"
    return Placing(filing.client_id, filing.id, Place(queue, 1), turn, reason, filing.cents)


def record_status(office: Office, client_id: int, filing_ids: Sequence[int], status: Status, *, note: str) -> None:
    """Take down what the payer said of claims in follow-up: wait on with a new alarm, or send again."""
    filings = load_filings(office, filing_ids)
    event = Event.IN_PROCESS if status is Status.IN_PROCESS else Event.NOT_ON_FILE
    moves = [Move(filing, (event,), note) for filing in filings.values() if filing.client_id == client_id]
    progress.advance(office, moves, act="payer asked", why=note)


def fix_rejections(office: Office, client_id: int, filing_ids: Sequence[int], *, note: str) -> int:
    """Send rejected claims back to draft after their cause was mended; the old submission counts no more."""
    filings = [one for one in load_filings(office, filing_ids).values() if one.state is State.REJECTED]
    office.session.execute(
        update(Submission)
        .where(
            Submission.client_id == client_id,
            Submission.filing_id.in_([filing.id for filing in filings]),
            Submission.status == "REJECTED",
        )
        .values(status="SUPERSEDED")
    )
    progress.advance(
        office, [Move(filing, (Event.FIXED,), note) for filing in filings], act="rejection fixed", why=note
    )
    return len(filings)
