"""The undoing desk: takes a whole upload back while nothing that it made has left the house."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from bureau import books, progress, worklist
from bureau.books import Entry
from bureau.models import Claim, ClaimLine, Encounter, Question, Upload, UploadMessage, UploadRow, WorkItem
from bureau.models.books import Kind
from bureau.models.intake import RowState
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.undoing import MadeClaim, find_charged, find_made_claims
from bureau.rules.intake.undoing import Standing, find_obstacles
from bureau.rules.lifecycle import Event, Turn
from bureau.worklist import Placing, Subject
from config.problems import Problem

ACT = "upload taken back"


def find_undo_problems(office: Office, client_id: int, upload_id: int) -> list[Problem]:
    """Why an upload cannot be taken back; empty when it can. Raises NotFound outside the scope."""
    upload = office.get(Upload, client_id, upload_id)
    if upload.undone_at is not None:
        return [Problem(upload.file_name, "undo.done", f"The upload was taken back on {upload.undone_at:%d %b %Y}.")]
    return _find_obstacles(find_made_claims(office, client_id, upload_id))


def undo_upload(office: Office, client_id: int, upload_id: int, *, why: str = "") -> list[Problem]:
    """Take an upload back: its claims are closed, their charges undone by contra entries, its rows marked.

    Returns what stands in the way, in which case nothing was done. Nothing is deleted; patients and coverages stay.
    The same file, and encounters of the same numbers, can be taken again. Raises StaleRow when a claim is moved
    at the same moment.
    """
    problems = find_undo_problems(office, client_id, upload_id)
    if problems:
        return problems
    claims = find_made_claims(office, client_id, upload_id)
    progress.advance(office, [Move(claim.filing, (Event.UNDONE,)) for claim in claims], act=ACT, why=why)
    _undo_charges(office, client_id, claims)
    _withdraw_questions(office, client_id, claims)
    _close_rows(office, client_id, upload_id)
    _mark(office, client_id, upload_id)
    books.record(office, client_id, ACT, items=len(claims), text=why)
    return []


def _find_obstacles(claims: Sequence[MadeClaim]) -> list[Problem]:
    return find_obstacles(Standing(one.number, one.filing.state, one.attempts, one.has_money) for one in claims)


def _undo_charges(office: Office, client_id: int, claims: Sequence[MadeClaim]) -> None:
    claim_ids = [claim.filing.claim_id for claim in claims]
    charged = find_charged(office, client_id, claim_ids)
    entries = [
        Entry(
            client_id, Kind.CHARGE, one.debit, one.credit, -one.cents, f"charge:{one.line_id}:{one.debit}:undone",
            claim_id=one.claim_id, line_id=one.line_id, filing_id=one.filing_id,
        )
        for one in charged
    ]  # fmt: skip
    books.enter(office, entries, fresh=True)
    office.update(Claim, [{"client_id": client_id, "id": one, "charge_cents": 0} for one in claim_ids])
    lines = select(ClaimLine.id).where(ClaimLine.client_id == client_id)
    found = office.rows_in(lines, ClaimLine.claim_id, claim_ids)
    office.update(ClaimLine, [{"client_id": client_id, "id": row[0], "charge_cents": 0} for row in found])


def _withdraw_questions(office: Office, client_id: int, claims: Sequence[MadeClaim]) -> None:
    wanted = select(Question.id).where(Question.client_id == client_id, Question.state.in_(("SENT", "ANSWERED")))
    found = office.rows_in(wanted, Question.filing_id, [claim.filing.id for claim in claims])
    office.update(Question, [{"client_id": client_id, "id": row[0], "state": "WITHDRAWN"} for row in found])


def _close_rows(office: Office, client_id: int, upload_id: int) -> None:
    """What waited in the queue for a correction is done with."""
    wanted = (
        select(UploadRow.id)
        .join(WorkItem, (WorkItem.client_id == UploadRow.client_id) & (WorkItem.subject_id == UploadRow.id))
        .where(
            UploadRow.client_id == client_id, UploadRow.upload_id == upload_id,
            WorkItem.subject == Subject.UPLOAD_ROW, WorkItem.closed_at.is_(None),
        )
    )  # fmt: skip
    closings = [Placing(client_id, row[0], None, Turn.NONE) for row in office.rows(wanted)]
    worklist.move(office, Subject.UPLOAD_ROW, closings)


def _mark(office: Office, client_id: int, upload_id: int) -> None:
    """The upload, its rows and encounters stay on record as taken back, and stand in nobody's way."""
    session, now = office.session, office.now
    rows = update(UploadRow).where(UploadRow.client_id == client_id, UploadRow.upload_id == upload_id)
    session.execute(rows.values(state=RowState.UNDONE))
    for model in (Encounter, UploadMessage):
        made = update(model).where(model.client_id == client_id, model.upload_id == upload_id)
        session.execute(made.values(undone_at=now))
    upload = office.get(Upload, client_id, upload_id)
    upload.undone_at, upload.undone_by = now, str(office.actor)
    session.flush()
    session.expire_all()
