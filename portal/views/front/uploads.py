"""What became of an upload, row by row; and its bad rows: fixed in place, sent back corrected, or left out."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks.intake import discard_row, fix_rows
from bureau.desks.undoing import find_undo_problems, undo_upload
from bureau.models import Upload, UploadRow
from bureau.models.intake import RowState
from bureau.office import NotFound, Office
from bureau.queries.intake import (
    RowLine,
    bad_rows_csv,
    count_states,
    find_causes,
    find_rows,
    get_row,
    get_upload,
    write_acknowledgements,
)
from bureau.queries.practice import find_claim_ids
from bureau.rules.intake.layout import COLUMNS
from bureau.rules.intake.readers import HL7
from clients.access import Permission
from portal.doors import front
from portal.fields import FIELDS, GROUPS, column_of
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.views.front.mapping import find_choices
from portal.views.front.place import here

PAGE = 100
ALL_ROWS = 1_000_000


@front.get("/upload/<int:upload_id>")
@permits(Permission.CLIENT_READ)
def upload_one(upload_id: int) -> ResponseReturnValue:
    cause = request.args.get("cause", "")
    state = RowState.PROBLEM if cause else next((one for one in RowState if one == request.args.get("show")), None)
    after = request.args.get("after", 0, type=int)
    with open_office() as office:
        line = get_upload(office, here(), upload_id)
        rows = _find_rows(office, upload_id, state, cause, after)
        claims = find_claim_ids(office, here(), [row.encounter_id for row in rows if row.encounter_id])
        counts, causes = count_states(office, here(), upload_id), find_causes(office, here(), upload_id)
        obstacles = find_undo_problems(office, here(), upload_id)
    return render_page(
        "front/upload/one.html", "front/upload/_rows.html", upload=line, rows=rows[:PAGE], more=len(rows) > PAGE,
        after=after, state=state, cause=cause, counts=counts, causes=causes, claims=claims, states=RowState,
        obstacles=obstacles, answers=line.profile == HL7,
    )  # fmt: skip


@front.get("/upload/<int:upload_id>/to-fix.csv")
@permits(Permission.CLIENT_READ)
def upload_to_fix(upload_id: int) -> ResponseReturnValue:
    """The bad rows in the practice's own columns; each has a key that leads it home when it comes back."""
    with open_office() as office:
        text = bad_rows_csv(office, here(), upload_id)
    return _attach(text, f"to-fix-{upload_id}.csv", "text/csv")


@front.get("/upload/<int:upload_id>/answers.hl7")
@permits(Permission.CLIENT_READ)
def upload_answers(upload_id: int) -> ResponseReturnValue:
    """What a system that sends HL7 waits for: every message accepted, or refused with the reason."""
    with open_office() as office:
        text = write_acknowledgements(office, here(), upload_id)
    if not text:  # no messages in this upload: its page says what there is
        return redirect(url_for("front.upload_one", upload_id=upload_id))
    return _attach(text, f"answers-{upload_id}.hl7", "x-application/hl7-v2+er7")


@front.post("/upload/<int:upload_id>/undo")
@permits(Permission.CLIENT_UPLOAD)
def upload_undo(upload_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    why = fields.text("why", most=200)
    with open_office() as office:
        office.get(Upload, here(), upload_id)
        problems = fields.problems or undo_upload(office, here(), upload_id, why=why)
    if problems:
        flash("Say in a few words why it is taken back." if fields.problems else problems[0].text, "error")
    else:
        flash("The upload is taken back: nothing of it will be billed. The same file may be sent again.", "done")
    return redirect(url_for("front.upload_one", upload_id=upload_id))


@front.get("/upload/<int:upload_id>/rows/<int:row_id>")
@permits(Permission.CLIENT_UPLOAD)
def upload_row(upload_id: int, row_id: int) -> ResponseReturnValue:
    with open_office() as office:
        row = _get_problem_row(office, upload_id, row_id)
        if row is None:
            return redirect(url_for("front.upload_one", upload_id=upload_id))
        fields = Fields(MultiDict(row.values))
        for problem in row.problems:
            fields.refuse(column_of(problem["where"]), problem["code"], problem["text"])
        return render_template(
            "front/upload/row.html", upload=get_upload(office, here(), upload_id), row=row, fields=fields,
            groups=_groups(row), names=FIELDS, choices=find_choices(office),
        )  # fmt: skip


@front.post("/upload/<int:upload_id>/rows/<int:row_id>")
@permits(Permission.CLIENT_UPLOAD)
def upload_row_fix(upload_id: int, row_id: int) -> ResponseReturnValue:
    sent = {name: request.form[name][:500] for name in COLUMNS if name in request.form}
    with open_office() as office:
        row = _get_problem_row(office, upload_id, row_id)
        if row is None:
            return redirect(url_for("front.upload_one", upload_id=upload_id))
        intake = fix_rows(office, office.get(Upload, here(), upload_id), {row_id: _changes(row, sent)})
        verdict = intake.verdicts[row.file_name, row.row_no]
        following = find_rows(office, here(), upload_id, state=RowState.PROBLEM, limit=1)
    if verdict.state is RowState.PROBLEM:
        flash(f"Row {row.row_no} is kept with your changes, and still has a problem.", "error")
        return redirect(url_for("front.upload_row", upload_id=upload_id, row_id=row_id))
    flash(f"Row {row.row_no} is {'taken in' if verdict.state is RowState.ACCEPTED else 'a duplicate'}.", "done")
    return _go_on(upload_id, following)


@front.post("/upload/<int:upload_id>/rows/<int:row_id>/discard")
@permits(Permission.CLIENT_UPLOAD)
def upload_row_discard(upload_id: int, row_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    why = fields.text("why", most=200)
    with open_office() as office:
        row = _get_problem_row(office, upload_id, row_id)
        if row is None:
            return redirect(url_for("front.upload_one", upload_id=upload_id))
        if fields.problems:
            flash("Say in a few words why the row is left out.", "error")
            return redirect(url_for("front.upload_row", upload_id=upload_id, row_id=row_id))
        discard_row(office, office.get(UploadRow, here(), row_id), why=why)
        following = find_rows(office, here(), upload_id, state=RowState.PROBLEM, limit=1)
    flash(f"Row {row.row_no} is left out, with your reason on record.", "done")
    return _go_on(upload_id, following)


def _attach(text: str, name: str, kind: str) -> Response:
    return Response(text, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _find_rows(office: Office, upload_id: int, state: RowState | None, cause: str, after: int) -> list[RowLine]:
    """A page of rows and one more; those with a problem of one kind are picked out of all bad ones."""
    limit = ALL_ROWS if cause else PAGE + 1
    rows = find_rows(office, here(), upload_id, state=state, limit=limit, after=after)
    if not cause:
        return rows
    return [row for row in rows if any(one["code"] == cause for one in row.problems)][: PAGE + 1]


def _changes(row: RowLine, sent: Mapping[str, str]) -> dict[str, str]:
    """What is different now; a column the file never had stays away while nothing is written into it."""
    return {name: text for name, text in sent.items() if text.strip() != row.values.get(name, "")}


def _go_on(upload_id: int, following: list[RowLine]) -> ResponseReturnValue:
    """To the next row that needs somebody, or back to the upload."""
    if following:
        return redirect(url_for("front.upload_row", upload_id=upload_id, row_id=following[0].id))
    return redirect(url_for("front.upload_one", upload_id=upload_id))


def _get_problem_row(office: Office, upload_id: int, row_id: int) -> RowLine | None:
    """The row while it is a problem; None once it is settled. Raises NotFound for a row of another upload."""
    row = office.get(UploadRow, here(), row_id)
    if row.upload_id != upload_id:
        raise NotFound("no such row")
    return get_row(office, here(), row_id) if row.state == RowState.PROBLEM else None


def _groups(row: RowLine) -> list[tuple[str, list[str], list[str]]]:
    """The fields of the form by group: those the row has or that are wrong, then the others."""
    wrong = {column_of(problem["where"]) for problem in row.problems}
    groups = []
    for title, names in GROUPS:
        shown = [name for name in names if name in row.values or name in wrong]
        groups.append((title, shown, [name for name in names if name not in shown]))
    return groups
