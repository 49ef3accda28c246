"""The read side of questions: what practices were asked, what they have not answered yet, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from bureau.models import Claim, Encounter, Filing, Patient, Question
from bureau.models.work import QuestionState
from bureau.office import NotFound, Office
from bureau.rules.questions import FIELDS, Goes, say_answer
from clients.models import Payer

OPEN = QuestionState.SENT
ANSWERED = (QuestionState.ANSWERED, QuestionState.ACCEPTED, QuestionState.REOPENED)
ENDED = (*ANSWERED, QuestionState.EXPIRED)
MOST = 5_000  # open questions of one practice that are looked at


@dataclass(frozen=True, slots=True)
class QuestionLine:
    id: int
    claim_id: int
    visit: str
    patient: str
    served_on: date
    payer: str
    field: str
    text: str
    state: str
    asked_at: datetime
    due_on: date | None
    answer: str
    answered_at: datetime | None
    answered_by: str
    decided_at: datetime | None
    reason: str
    before: str
    expiries: int
    follows_id: int | None
    about: tuple[str, int]  # field and whose: questions alike in this are answered together
    known: dict[str, str]  # the address as far as it is known
    claims: int = 1  # that wait for the answer


def find_questions(
    office: Office, client_id: int, *, states: Sequence[QuestionState] = (OPEN,), claim_id: int | None = None,
    limit: int = 50, before: int | None = None,
) -> list[QuestionLine]:  # fmt: skip
    """Questions in these states: open ones the most pressing first, others newest first, after `before`."""
    wanted = _questions(client_id).where(Question.state.in_(states)).limit(limit)
    if claim_id is not None:
        wanted = wanted.where(Filing.claim_id == claim_id)
    if before is not None:
        wanted = wanted.where(Question.id < before)
    order = (Question.due_on, Question.id) if OPEN in states else (Question.id.desc(),)
    return [_question(row) for row in office.rows(wanted.order_by(*order))]


def find_open_questions(office: Office, client_id: int) -> list[QuestionLine]:
    """What has to be answered, the most pressing first: one line for all claims that wait for the same fact."""
    alike: dict[tuple[str, int], QuestionLine] = {}
    for question in find_questions(office, client_id, limit=MOST):
        first = alike.setdefault(question.about, question)
        if first is not question:
            alike[question.about] = replace(first, claims=first.claims + 1)
    return list(alike.values())


def count_open_questions(office: Office) -> int:
    """Facts that are missing, over every client in scope."""
    facts = questioned(select(Question.client_id, Question.field)).where(Question.state == OPEN).distinct()
    return office.session.scalar(select(func.count()).select_from(facts.subquery())) or 0


def questioned(wanted: Any, client_id: int | None = None) -> Any:
    """Let a query of questions also give `whose`: the row the answer is about, which like questions have in common."""
    names: dict[Goes, list[str]] = {goes: [] for goes in Goes}
    for field in FIELDS.values():
        names[field.goes].append(field.name)
    whose = case(
        (Question.field.in_(names[Goes.COVERAGE]), Filing.coverage_id),
        (Question.field.in_(names[Goes.PATIENT]), Claim.patient_id),
        else_=Question.id,
    ).label("whose")
    found = (
        wanted.add_columns(whose)
        .select_from(Question)
        .join(Filing, and_(Filing.client_id == Question.client_id, Filing.id == Question.filing_id))
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
    )
    return found if client_id is None else found.where(Question.client_id == client_id)


def get_question(office: Office, client_id: int, question_id: int) -> QuestionLine:
    """One question, or NotFound."""
    found = office.session.execute(_questions(client_id).where(Question.id == question_id)).one_or_none()
    if found is None:
        raise NotFound("no such question")
    return _question(found)


def _questions(client_id: int) -> Any:
    about = select(
        Question.id, Claim.id.label("claim_id"), Encounter.external_id, Patient.last, Patient.first,
        Claim.served_on, Payer.name.label("payer"), Question.field, Question.text, Question.state,
        Question.asked_at, Question.due_on, Question.answer, Question.answered_at, Question.answered_by,
        Question.decided_at, Question.reason, Question.before, Question.expiries, Question.follows_id,
        Patient.street, Patient.city, Patient.region, Patient.zip,
    )  # fmt: skip
    return (
        questioned(about, client_id)
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
    )


def _question(row: Any) -> QuestionLine:
    address = {"street": row.street, "city": row.city, "region": row.region, "zip": row.zip}
    return QuestionLine(
        row.id, row.claim_id, row.external_id, f"{row.last}, {row.first}", row.served_on, row.payer or "", row.field,
        row.text, row.state, row.asked_at, row.due_on, say_answer(row.field, row.answer), row.answered_at,
        row.answered_by, row.decided_at, row.reason, row.before, row.expiries, row.follows_id,
        (row.field, row.whose), address,
    )  # fmt: skip
