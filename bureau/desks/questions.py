"""The question desk: asks what only the client can tell, takes and judges the answer, reminds, and ends the waiting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select, update

from bureau import books, notices, progress
from bureau.books import Entry
from bureau.models import Claim, Coverage, Filing, Patient, Question
from bureau.models.books import Account, Kind
from bureau.models.talk import NoticeKind
from bureau.models.work import QuestionState
from bureau.office import NotFound, Office
from bureau.progress import Move
from bureau.queries.filings import load_filings
from bureau.queries.questions import questioned
from bureau.queries.story import ANSWERED, ASKED
from bureau.rules.lifecycle import CLOSED, Event, State, Turn
from bureau.rules.questions import (
    FIELDS,
    FIRST_TERM,
    LONGEST,
    About,
    Answer,
    Asking,
    Goes,
    draft_question,
    plan_chase,
    read_answer,
    say_answer,
)
from clients.models import Payer
from config.problems import Problem

WAITING = (QuestionState.SENT, QuestionState.ANSWERED, QuestionState.EXPIRED)
# How a claim that is asked about gets to wait; anywhere else the question does not hold it up.
TO_WAIT: dict[State, tuple[Event, ...]] = {
    State.DRAFT: (Event.INFO_MISSING,),
    State.CODING: (Event.INFO_MISSING,),
    State.SCRUB_FAILED: (Event.INFO_MISSING,),
    State.READY: (Event.EDITED, Event.INFO_MISSING),
}
COLUMNS = {"first_name": ("first", "last"), "address": ("street", "city", "region", "zip")}  # of several each
NO_RESPONSE = "CLIENT_NO_RESPONSE"


@dataclass(frozen=True, slots=True)
class Chased:
    """What a look at the open questions did."""

    open: int = 0
    reminded: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class _Matter:
    """What a question is about."""

    claim: Claim
    patient: Patient
    coverage_id: int | None
    payer_kind: str


# -- asking --------------------------------------------------------------------------------------------------


def ask_question(office: Office, client_id: int, filing_id: int, field: str, text: str = "") -> list[Problem]:
    """Ask the client about a claim; one that was not sent yet waits for the answer.

    Returns what speaks against it, in which case nothing was written.
    """
    filing = office.get(Filing, client_id, filing_id)
    text = " ".join(text.split())
    if problem := _find_problem(filing, field, text):
        return [problem]
    alike = select(Question.id).where(
        Question.client_id == client_id, Question.filing_id == filing_id, Question.field == field,
        Question.state == QuestionState.SENT,
    )  # fmt: skip
    if FIELDS[field].goes and office.session.scalar(alike.limit(1)) is not None:
        return [Problem("field", "question.double", "This was asked already and waits for its answer.")]
    _send(office, Asking(client_id, filing_id, field, text))
    _settle(office, client_id, [filing_id], act=ASKED, why=text or FIELDS[field].text)
    return []


def _find_problem(filing: Filing, field: str, text: str) -> Problem | None:
    if field not in FIELDS:
        return Problem("field", "question.field", "Choose what to ask for.")
    if filing.state in CLOSED:
        return Problem("field", "question.closed", "This claim is closed; nothing has to be known for it.")
    if FIELDS[field].goes is Goes.COVERAGE and filing.coverage_id is None:
        return Problem("field", "question.coverage", "This claim has no insurance to ask about.")
    if not text and not FIELDS[field].text:
        return Problem("text", "question.empty", "Write down what you want to know.")
    if len(text) > LONGEST or "\x00" in text:
        return Problem("text", "question.long", f"Keep the question within {LONGEST} plain characters.")
    return None


def _send(office: Office, asking: Asking) -> None:
    due_on = office.calendar(asking.client_id).add_business_days(office.today(asking.client_id), FIRST_TERM)
    office.insert(Question, [draft_question(asking, office.now, due_on, str(office.actor))])
    notices.tell(office, asking.client_id, NoticeKind.QUESTION_ASKED)


# -- answering -----------------------------------------------------------------------------------------------


def answer_question(office: Office, client_id: int, question_id: int, answer: str) -> list[Problem]:
    """Take the client's answer, for every claim that waits for the same fact.

    An answer that has its place in the claim is written there and accepted; any other one is for somebody of the
    bureau to look at. Returns what is wrong with it, in which case nothing was changed.
    """
    question = office.get(Question, client_id, question_id)
    if question.state != QuestionState.SENT:
        return [Problem("question", "question.closed", "This question has been answered already.")]
    matter = _load_matter(office, question)
    about = About(
        matter.claim.served_on, office.today(client_id), matter.payer_kind == "medicare",
        office.settings.test_ids_allowed,
    )  # fmt: skip
    found = read_answer(question.field, answer, about)
    if isinstance(found, Problem):
        return [found]
    alike = _find_alike(office, question)
    before = _apply(office, question, matter, found)
    for one in alike:
        one.state, one.answer, one.before = QuestionState.ANSWERED, found.text, before
        one.answered_at, one.answered_by = office.now, str(office.actor)
        if found.change:
            one.state, one.decided_at, one.decided_by = QuestionState.ACCEPTED, office.now, "our checks"
    office.session.flush()
    if not found.change:
        notices.tell(office, client_id, NoticeKind.QUESTION_ANSWERED)
    said = say_answer(question.field, found.text)
    why = f"{FIELDS[question.field].label}: {before or 'nothing'} -> {said}" if found.change else said
    _settle(office, client_id, [one.filing_id for one in alike], act=ANSWERED, why=why)
    return []


def _load_matter(office: Office, question: Question) -> _Matter:
    wanted = (
        select(Claim, Patient, Filing.coverage_id, Payer.kind)
        .select_from(Filing)
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(Filing.client_id == question.client_id, Filing.id == question.filing_id)
    )
    row = office.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("no such filing")
    return _Matter(row[0], row[1], row[2], row[3] or "")


def _find_alike(office: Office, question: Question) -> list[Question]:
    """The open questions that ask the same of the same patient, or of the same coverage; else this one alone."""
    wanted = questioned(select(Question), question.client_id).where(
        Question.field == question.field, Question.state == QuestionState.SENT
    )
    rows = office.rows(wanted.order_by(Question.id))
    (key,) = {row.whose for row in rows if row[0].id == question.id}
    return [row[0] for row in rows if row.whose == key]


def _apply(office: Office, question: Question, matter: _Matter, answer: Answer) -> str:
    """Write the answer where it belongs; returns what stood there before."""
    goes = FIELDS[question.field].goes
    if goes is Goes.NOWHERE:
        return ""
    row: Patient | Claim | Coverage = matter.patient if goes is Goes.PATIENT else matter.claim
    if goes is Goes.COVERAGE:
        row = office.get(Coverage, question.client_id, matter.coverage_id or 0)
    names = COLUMNS.get(question.field) or tuple(answer.change)
    joined = "; " if question.field == "address" else " "
    before = joined.join(str(getattr(row, name)) for name in names if getattr(row, name))
    if isinstance(row, Coverage) and question.field == "member_id" and _move_to_known(office, row, answer.text):
        return before
    for name, value in answer.change.items():
        setattr(row, name, value)
    return before


def _move_to_known(office: Office, coverage: Coverage, member_id: str) -> bool:
    """The answer may name a coverage that is known already: then what waits for it moves over to that one."""
    known = office.session.scalar(
        select(Coverage.id).where(
            Coverage.client_id == coverage.client_id,
            Coverage.patient_id == coverage.patient_id,
            Coverage.payer_id == coverage.payer_id,
            Coverage.member_id == member_id,
        )
    )
    if known is None or known == coverage.id:
        return False
    office.session.execute(
        update(Filing)
        .where(Filing.client_id == coverage.client_id, Filing.coverage_id == coverage.id)
        .where(Filing.state == State.NEEDS_INFO)
        .values(coverage_id=known)
    )
    return True


# -- deciding ------------------------------------------------------------------------------------------------


def accept_answer(office: Office, client_id: int, question_id: int) -> list[Problem]:
    """Somebody of the bureau has seen the answer and done what it asks for; the claim goes on."""
    question = office.get(Question, client_id, question_id)
    if question.state != QuestionState.ANSWERED:
        return [_moved_on()]
    _decide(office, question, QuestionState.ACCEPTED, "")
    _settle(office, client_id, [question.filing_id], act="answer accepted", why=question.answer)
    return []


def reopen_question(office: Office, client_id: int, question_id: int, why: str) -> list[Problem]:
    """Ask again, with the reason: an answer would not do, or none came. The practice's clock starts anew."""
    question = office.get(Question, client_id, question_id)
    if question.state not in (QuestionState.ANSWERED, QuestionState.ACCEPTED, QuestionState.EXPIRED):
        return [_moved_on()]
    filing, why = office.get(Filing, client_id, question.filing_id), " ".join(why.split())
    if not why:
        return [Problem("why", "question.why", "Say what the practice has to look at again.")]
    if problem := _find_problem(filing, question.field, why):
        return [problem]
    _decide(office, question, QuestionState.REOPENED, why)
    text = f"{question.text} {why}"[:LONGEST]
    _send(office, Asking(client_id, filing.id, question.field, text, question.id))
    _settle(office, client_id, [filing.id], act="question asked again", why=why)
    return []


def withdraw_question(office: Office, client_id: int, question_id: int, why: str) -> list[Problem]:
    """Go on without the answer."""
    question = office.get(Question, client_id, question_id)
    if question.state not in WAITING:
        return [_moved_on()]
    _decide(office, question, QuestionState.WITHDRAWN, why)
    _settle(office, client_id, [question.filing_id], act="question withdrawn", why=why)
    return []


def close_unanswered(office: Office, client_id: int, question_id: int) -> list[Problem]:
    """Give up a claim for which the practice left a question unanswered twice (T04): it cannot be billed.

    What else was asked about it is withdrawn, and what insurance was to owe is written off.
    """
    question = office.get(Question, client_id, question_id)
    filing = load_filings(office, [question.filing_id])[question.filing_id]
    if question.state != QuestionState.EXPIRED or filing.state is not State.NEEDS_INFO:
        return [_moved_on()]
    waiting = select(Question).where(
        Question.client_id == client_id, Question.filing_id == filing.id, Question.state.in_(WAITING)
    )
    for one in office.session.scalars(waiting.order_by(Question.id)).all():
        if one.id != question.id:
            _decide(office, one, QuestionState.WITHDRAWN, NO_RESPONSE)
    question.decided_at, question.decided_by, question.reason = office.now, str(office.actor), NO_RESPONSE
    office.session.flush()
    progress.advance(office, [Move(filing, (Event.UNANSWERED,), NO_RESPONSE)], act="claim given up", why=NO_RESPONSE)
    lost = Entry(
        client_id, Kind.WRITE_OFF, Account.WRITE_OFF, Account.INSURANCE, filing.cents, f"unanswered:{filing.id}",
        claim_id=filing.claim_id, filing_id=filing.id,
    )  # fmt: skip
    books.enter(office, [lost])
    return []


def _moved_on() -> Problem:
    return Problem("question", "question.moved", "This question has moved on since the page was opened.")


def _decide(office: Office, question: Question, state: QuestionState, why: str) -> None:
    question.state, question.reason = state, " ".join(why.split())[:LONGEST]
    question.decided_at, question.decided_by = office.now, str(office.actor)
    office.session.flush()


# -- reminding -----------------------------------------------------------------------------------------------


def chase_questions(office: Office, client_id: int) -> Chased:
    """Remind the client of what lies open, and end the waiting for what was silent through both terms."""
    calendar, today, now = office.calendar(client_id), office.today(client_id), office.now
    wanted = select(Question.id, Question.filing_id, Question.asked_at, Question.reminders, Question.expiries).where(
        Question.client_id == client_id, Question.state == QuestionState.SENT
    )
    found = office.rows(wanted.order_by(Question.id))
    changed: list[dict[str, Any]] = []
    expired, reminded = set(), 0
    for row in found:
        chase = plan_chase(calendar, calendar.local_date(row.asked_at), today)
        if (chase.reminders, chase.expiries) == (row.reminders, row.expiries):
            continue
        is_over = chase.expiries == 2
        expired |= {row.filing_id} if is_over else set()
        reminded += chase.reminders > row.reminders and not is_over
        changed.append(
            {
                "client_id": client_id, "id": row.id, "reminders": chase.reminders, "expiries": chase.expiries,
                "due_on": chase.due_on, "state": QuestionState.EXPIRED if is_over else QuestionState.SENT,
                "decided_at": now if is_over else None,
            }
        )  # fmt: skip
    office.update(Question, changed)
    over = sum(one["state"] == QuestionState.EXPIRED for one in changed)
    notices.tell(office, client_id, NoticeKind.QUESTION_OVERDUE, count=reminded)
    notices.tell(office, client_id, NoticeKind.QUESTION_EXPIRED, count=over)
    if reminded:
        books.record(office, client_id, "practice reminded", items=reminded)
    _settle(office, client_id, sorted(expired), act="question expired", why="no answer in two terms")
    return Chased(len(found), reminded, over)


# -- whose turn it is ----------------------------------------------------------------------------------------


def _settle(office: Office, client_id: int, filing_ids: Iterable[int], *, act: str, why: str) -> None:
    """Let every claim stand as its questions say: with the client, with the bureau, or on its way again."""
    ids = list(dict.fromkeys(filing_ids))
    waiting: dict[int, set[str]] = defaultdict(set)
    wanted = select(Question.filing_id, Question.state).where(
        Question.client_id == client_id, Question.state.in_(WAITING)
    )
    for filing_id, state in office.rows_in(wanted, Question.filing_id, ids):
        waiting[filing_id].add(state)
    turns = {row[0]: row[1] for row in office.rows_in(select(Filing.id, Filing.turn), Filing.id, ids)}
    moves = []
    for filing in load_filings(office, ids).values():
        events = _events(filing.state, turns[filing.id], waiting[filing.id])
        if events:
            moves.append(Move(filing, events, why[:200]))
    progress.advance(office, moves, act=act, why=why)
    for filing_id in sorted(set(ids) - {move.filing.id for move in moves}):
        books.record(office, client_id, act, filing_id=filing_id, text=why)


def _events(state: State, turn: str, waiting: set[str]) -> tuple[Event, ...]:
    """What the questions that a claim waits for make of it; nothing when it stands right already."""
    is_asked = QuestionState.SENT in waiting
    if state is not State.NEEDS_INFO:
        return TO_WAIT.get(state, ()) if is_asked else ()
    if is_asked:
        return () if turn == Turn.CLIENT else (Event.INFO_MISSING,)
    if waiting:
        return (Event.HANDED_BACK,) if turn == Turn.CLIENT else ()
    return (Event.ANSWERED,)
