"""What happened to a claim, newest first: steps, answers, postings, questions and notes as one story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from bureau.models import Acknowledgement, Journal, Question, Remittance, RemittanceClaim, Step, Submission
from bureau.office import Office
from bureau.rules.questions import say_answer
from config import codes
from config.money import format_cents

NOTE = "note"
ASKED, ANSWERED = "question asked", "question answered"  # told by the questions themselves
EDITED = "claim edited"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the story; the ids name the file or the payment it came with, if any.

    `state` is the state the filing came into by it.
    """

    at: datetime
    who: str
    what: str
    why: str = ""
    state: str = ""
    mail_id: int | None = None
    remittance_id: int | None = None
    is_note: bool = False


def load_story(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    """Everything on record of some filings of one claim, newest first."""
    kinds = (_steps, _entries, _answers, _postings, _questions)
    # Within one moment what was recorded later comes first, and a step follows what caused it.
    told = [one for tell in reversed(kinds) for one in tell(office, client_id, filing_ids)]
    told.reverse()
    return sorted(told, key=lambda one: one.at, reverse=True)


def load_edits(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    """The changes people made to the claim's own content, newest first."""
    rows = office.rows(
        select(Journal.at, Journal.actor, Journal.text)
        .where(Journal.client_id == client_id, Journal.filing_id.in_(filing_ids), Journal.act == EDITED)
        .order_by(Journal.id.desc())
    )
    return [Happening(at, actor, EDITED.capitalize(), text) for at, actor, text in rows]


def _steps(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    rows = office.rows(
        select(Step.at, Step.event, Step.target, Step.reason, Journal.actor, Journal.text, Journal.mail_id)
        .join(Journal, and_(Journal.client_id == Step.client_id, Journal.id == Step.journal_id))
        .where(Step.client_id == client_id, Step.filing_id.in_(filing_ids))
        .order_by(Step.id)
    )
    return [
        Happening(at, actor, event[:1].upper() + event[1:], reason or text, state=target, mail_id=mail_id)
        for at, event, target, reason, actor, text, mail_id in rows
    ]


def _entries(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    """Journal rows about the claim that moved it nowhere: notes, first looks, edits."""
    stepped = select(Step.journal_id).where(Step.client_id == client_id, Step.filing_id.in_(filing_ids))
    rows = office.rows(
        select(Journal.at, Journal.actor, Journal.act, Journal.text, Journal.mail_id)
        .where(Journal.client_id == client_id, Journal.filing_id.in_(filing_ids))
        .where(Journal.id.not_in(stepped), Journal.act.not_in((ASKED, ANSWERED)))
        .order_by(Journal.id)
    )
    return [
        Happening(at, actor, act[:1].upper() + act[1:], text, mail_id=mail_id, is_note=act == NOTE)
        for at, actor, act, text, mail_id in rows
    ]


def _answers(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    rows = office.rows(
        select(
            Acknowledgement.received_at, Acknowledgement.source, Acknowledgement.code, Acknowledgement.text,
            Acknowledgement.mail_id,
        )
        .join(
            Submission,
            and_(Submission.client_id == Acknowledgement.client_id, Submission.id == Acknowledgement.submission_id),
        )
        .where(Submission.client_id == client_id, Submission.filing_id.in_(filing_ids))
        .order_by(Acknowledgement.id)
    )  # fmt: skip
    return [
        Happening(at, source.capitalize(), f"Answer {code}", text or _meaning(source, code), mail_id=mail_id)
        for at, source, code, text, mail_id in rows
    ]


def _meaning(source: str, code: str) -> str:
    """What a claim status says in words; a 999 speaks of the file's form only."""
    return "" if source == "999" else codes.label(codes.Labels.STATUS_CATEGORY, code.partition(":")[0])


def _postings(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    rows = office.rows(
        select(
            Remittance.posted_at, Remittance.received_at, Remittance.payer_name, Remittance.id, Remittance.mail_id,
            RemittanceClaim.paid_cents, RemittanceClaim.status, RemittanceClaim.exception,
        )
        .join(
            Remittance,
            and_(Remittance.client_id == RemittanceClaim.client_id, Remittance.id == RemittanceClaim.remittance_id),
        )
        .where(RemittanceClaim.client_id == client_id, RemittanceClaim.filing_id.in_(filing_ids))
        .order_by(RemittanceClaim.id)
    )  # fmt: skip
    return [
        Happening(
            posted or received, payer, f"Remittance: paid {format_cents(paid, true_minus=True)}",
            problem or codes.label(codes.Labels.CLAIM_RESULT, status), mail_id=mail_id, remittance_id=remittance_id,
        )
        for posted, received, payer, remittance_id, mail_id, paid, status, problem in rows
    ]  # fmt: skip


def _questions(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Happening]:
    wanted = select(Question).where(Question.client_id == client_id, Question.filing_id.in_(filing_ids))
    told = []
    for one in office.session.scalars(wanted.order_by(Question.id)):
        told.append(Happening(one.asked_at, one.asked_by or "Bureau", "Asked the practice", one.text))
        if one.answered_at:
            told.append(
                Happening(one.answered_at, one.answered_by, "The practice answered", say_answer(one.field, one.answer))
            )
    return told
