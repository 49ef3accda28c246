"""What only the practice can tell: open questions with a field of the right kind each, and what was answered."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks.questions import answer_question
from bureau.queries.questions import ENDED, OPEN, QuestionLine, find_open_questions, find_questions, get_question
from bureau.rules.questions import FIELDS, LONGEST, Kind
from clients.access import Permission
from config.problems import Problem
from portal.doors import front
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.views.front.place import here

PAGE = 50
ADDRESS = ("street", "city", "region", "zip")


@front.get("/questions")
@permits(Permission.CLIENT_READ)
def questions() -> ResponseReturnValue:
    return _show(Fields(request.args))


@front.post("/questions/<int:question_id>")
@permits(Permission.CLIENT_ANSWER)
def questions_answer(question_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        question = get_question(office, here(), question_id)
        wrong = answer_question(office, here(), question_id, _read_answer(question, fields))
    if wrong and question.state == OPEN:
        return _show(fields, question_id, wrong), 400
    flash(wrong[0].text if wrong else f"Thank you. We go on with the claim of {question.patient}.", "done")
    return redirect(url_for("front.questions", next=1))


def _show(fields: Fields, asked: int = 0, wrong: list[Problem] | None = None) -> str:
    """Both kinds on one page; `asked` is the question whose answer was refused, with what was typed in `fields`."""
    is_open = request.args.get("show") != "answered"
    before = request.args.get("before", type=int)
    with open_office() as office:
        if is_open:
            found = find_open_questions(office, here())
        else:
            found = find_questions(office, here(), states=ENDED, limit=PAGE + 1, before=before)
    return render_template(
        "front/questions/index.html", questions=found[:PAGE], more=len(found) > PAGE, count=len(found),
        before=before, fields=fields, asked=asked, wrong=wrong[0].text if wrong else "", is_open=is_open,
        catalog=FIELDS, has_answered=bool(request.args.get("next")),
    )  # fmt: skip


def _read_answer(question: QuestionLine, fields: Fields) -> str:
    """The answer as the desk reads it: an address comes in four fields."""
    if FIELDS[question.field].kind is Kind.ADDRESS:
        return "; ".join(fields[name].replace(";", " ").strip() for name in ADDRESS)
    return fields["answer"][: LONGEST + 1]
