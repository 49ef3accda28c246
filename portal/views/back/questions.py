"""Asking the practice from a claim's page, and deciding what its answers are good for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks import questions
from bureau.models import Filing, Question
from bureau.office import Office
from bureau.queries import claim_page
from bureau.queries.paging import get_by_id
from bureau.rules.questions import FIELDS, LONGEST, say_answer
from clients.access import Permission
from config.identifiers import reference as make_reference
from config.problems import Problem
from portal.doors import back
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.views.back import asked

Decide = Callable[[Office, Question, str], list[Problem]]
DECISIONS: dict[str, tuple[Decide, str]] = {
    "accept": (lambda office, one, _why: questions.accept_answer(office, one.client_id, one.id), "Accepted."),
    "again": (lambda office, one, why: questions.reopen_question(office, one.client_id, one.id, why), "Asked again."),
    "withdraw": (
        lambda office, one, why: questions.withdraw_question(office, one.client_id, one.id, why), "Taken back.",
    ),
    "give-up": (
        lambda office, one, _why: questions.close_unanswered(office, one.client_id, one.id),
        "The claim is closed as not billable.",
    ),
}  # fmt: skip


@back.context_processor
def add_questions() -> dict[str, Any]:
    """What a claim's page needs to ask: the catalogue by category, and how an answer reads."""
    grouped = [(category, list(fields)) for category, fields in groupby(FIELDS.values(), lambda one: one.category)]
    return {"question_fields": grouped, "field_labels": FIELDS, "say_answer": say_answer}


@back.post("/claims/<reference>/ask")
@permits(Permission.BUREAU_WORK)
def claims_ask(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    field, text = fields.choice("field", FIELDS), fields.text("text", required=False, most=LONGEST)
    with open_office() as office:
        filing = claim_page.load_claim(office, asked.number_of("CLM", reference)).current.filing
        if not fields.problems:
            fields.problems += questions.ask_question(office, filing.client_id, filing.id, field, text)
    return _back_to(reference, fields.problems, "The practice is asked; the claim waits for its answer.")


@back.post("/questions/<reference>")
@permits(Permission.BUREAU_WORK)
def questions_decide(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    decision, why = fields.choice("decision", DECISIONS), fields.text("why", required=False, most=LONGEST)
    done = ""
    with open_office() as office:
        question = get_by_id(office, Question, asked.number_of("QST", reference))
        claim_id = get_by_id(office, Filing, question.filing_id).claim_id
        if not fields.problems:
            decide, done = DECISIONS[decision]
            fields.problems += decide(office, question, why)
    return _back_to(make_reference("CLM", claim_id), fields.problems, done)


def _back_to(reference: str, problems: list[Problem], done: str) -> ResponseReturnValue:
    flash(f"Nothing was changed. {problems[0].text}" if problems else done, "error" if problems else "done")
    return redirect(url_for("back.claims_one", reference=reference, queue=request.form.get("queue") or None))
