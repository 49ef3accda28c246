"""The question desk: what only the client can tell is answered with typed fields, and the claim goes on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, select, update

from bureau import books, progress
from bureau.models import Claim, Coverage, Filing, Patient, Question
from bureau.office import NotFound, Office
from bureau.progress import Move
from bureau.queries.filings import load_filings
from bureau.rules.lifecycle import Event, State
from config.problems import Problem


def answer_question(office: Office, client_id: int, question_id: int, answer: str) -> list[Problem]:
    """Apply the client's answer to the patient or coverage, for every claim that waits for the same fact.

    A claim whose last question this was is scrubbed again. Returns what is wrong with the answer, in which case
    nothing was changed.
    """
    question = office.get(Question, client_id, question_id)
    if question.state != "SENT":
        return [Problem("question", "question.closed", "This question has been answered already.")]
    change = _read_answer(question.field, answer.strip())
    if isinstance(change, Problem):
        return [change]
    alike = _find_alike(office, question)
    _apply(office, question, change)
    for one in alike:
        one.state, one.answer, one.answered_at = "ANSWERED", answer.strip(), office.now
        one.answered_by = str(office.actor)
    office.session.flush()
    filing_ids = [one.filing_id for one in alike]
    still_open = _find_open(office, client_id, filing_ids)
    filings = load_filings(office, [filing_id for filing_id in filing_ids if filing_id not in still_open])
    progress.advance(office, [Move(filing, (Event.ANSWERED,)) for filing in filings.values()], act="question answered")
    for filing_id in still_open:
        books.record(office, client_id, "question answered", filing_id=filing_id)
    return []


def _find_alike(office: Office, question: Question) -> list[Question]:
    """The open questions that ask the same of the same patient (of the same coverage, for a member id)."""
    about = Filing.coverage_id if question.field == "member_id" else Claim.patient_id
    wanted = (
        select(Question, about)
        .join(Filing, and_(Filing.client_id == Question.client_id, Filing.id == Question.filing_id))
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .where(Question.client_id == question.client_id, Question.field == question.field, Question.state == "SENT")
        .order_by(Question.id)
    )
    rows = office.rows(wanted)
    (key,) = {row[1] for row in rows if row[0].id == question.id}
    return [row[0] for row in rows if row[1] == key]


def _find_open(office: Office, client_id: int, filing_ids: list[int]) -> list[int]:
    wanted = select(Question.filing_id).where(Question.client_id == client_id, Question.state == "SENT").distinct()
    return [row[0] for row in office.rows_in(wanted, Question.filing_id, filing_ids)]


def _read_answer(field: str, answer: str) -> dict[str, Any] | Problem:
    if not answer:
        return Problem(field, "answer.empty", "Please give an answer.")
    if field == "member_id":
        return {"member_id": answer.upper()}
    if field == "first_name":
        first, _, last = answer.rpartition(" ")
        return {"first": first or answer} | ({"last": last} if first else {})
    if field == "birth_date":
        try:
            return {"born_on": date.fromisoformat(answer)}
        except ValueError:
            return Problem(field, "answer.date", "Please give the date as YYYY-MM-DD.")
    if field == "sex":
        if answer.upper() not in ("M", "F", "U"):
            return Problem(field, "answer.sex", "Please answer M, F or U.")
        return {"sex": answer.upper()}
    parts = [part.strip() for part in answer.split(";")]
    if len(parts) != 4 or len(parts[2]) != 2:
        return Problem(field, "answer.address", "Please give street; city; two-letter state; ZIP.")
    return dict(zip(("street", "city", "region", "zip"), parts, strict=True))


def _apply(office: Office, question: Question, change: dict[str, Any]) -> None:
    wanted = (
        select(Claim.patient_id, Filing.coverage_id)
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .where(Filing.client_id == question.client_id, Filing.id == question.filing_id)
    )
    row = office.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("no such filing")
    if "member_id" not in change:
        patient = office.get(Patient, question.client_id, row.patient_id)
        for name, value in change.items():
            setattr(patient, name, value)
        return
    _change_member_id(office, question, row.patient_id, row.coverage_id, change["member_id"])


def _change_member_id(office: Office, question: Question, patient_id: int, coverage_id: int, member_id: str) -> None:
    """The answer may name a coverage that is known already: then what waits for it moves over to that one."""
    coverage = office.get(Coverage, question.client_id, coverage_id)
    known = office.session.scalar(
        select(Coverage.id).where(
            Coverage.client_id == question.client_id,
            Coverage.patient_id == patient_id,
            Coverage.payer_id == coverage.payer_id,
            Coverage.member_id == member_id,
        )
    )
    if known is None:
        coverage.member_id = member_id
    else:
        office.session.execute(
            update(Filing)
            .where(Filing.client_id == question.client_id, Filing.coverage_id == coverage_id)
            .where(Filing.state == State.NEEDS_INFO)
            .values(coverage_id=known)
        )
