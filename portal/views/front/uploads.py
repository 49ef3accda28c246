"""What became of an upload, row by row; and its bad rows: fixed in place, sent back corrected, or left out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks.intake import discard_row, fix_rows
from bureau.models import Upload, UploadRow
from bureau.models.intake import RowState
from bureau.office import NotFound, Office
from bureau.queries.intake import RowLine, count_states, find_causes, find_rows, get_row, get_upload
from bureau.queries.practice import find_claim_ids
from bureau.rules.intake.corrections import REASON
from bureau.rules.intake.layout import COLUMNS
from bureau.rules.intake.sheets import read_sheet
from clients.access import Permission
from config.cells import safe_cell
from portal.doors import front
from portal.fields import FIELDS, GROUPS, column_of
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import plural, render_page
from portal.views.front.mapping import find_choices
from portal.views.front.place import here

PAGE = 100
ROW = "row"  # the column that leads a corrected row back to its place
ALL_ROWS = 1_000_000
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@front.get("/upload/<int:upload_id>")
@permits(Permission.CLIENT_READ)
def upload_one(upload_id: int) -> ResponseReturnValue:
    state = next((each for each in RowState if each == request.args.get("show")), None)
    after = request.args.get("after", 0, type=int)
    with open_office() as office:
        line = get_upload(office, here(), upload_id)
        rows = find_rows(office, here(), upload_id, state=state, limit=PAGE + 1, after=after)
        claims = find_claim_ids(office, here(), [row.encounter_id for row in rows if row.encounter_id])
        counts, causes = count_states(office, here(), upload_id), find_causes(office, here(), upload_id)
    return render_page(
        "front/upload/one.html", "front/upload/_rows.html", upload=line, rows=rows[:PAGE], more=len(rows) > PAGE,
        after=after, state=state, counts=counts, causes=causes, claims=claims, states=RowState,
    )  # fmt: skip


@front.get("/upload/<int:upload_id>/to-fix.csv")
@permits(Permission.CLIENT_READ)
def upload_to_fix(upload_id: int) -> ResponseReturnValue:
    with open_office() as office:
        line = get_upload(office, here(), upload_id)
        rows = find_rows(office, here(), upload_id, state=RowState.PROBLEM, limit=ALL_ROWS)
    name = f"to-fix-{line.id}.csv"
    return Response(
        _write_sheet(rows), mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@front.post("/upload/<int:upload_id>/corrected")
@permits(Permission.CLIENT_UPLOAD)
def upload_corrected(upload_id: int) -> ResponseReturnValue:
    """The downloaded bad rows come back: each goes to its own place in the upload."""
    with open_office() as office:
        office.get(Upload, here(), upload_id)
    sent = request.files.get("file")
    values, wrong = _read_corrected(sent.read() if sent else b"")
    back = redirect(url_for("front.upload_one", upload_id=upload_id, show=RowState.PROBLEM))
    if wrong:
        flash(wrong, "error")
        return back
    with open_office() as office:
        open_rows = find_rows(office, here(), upload_id, state=RowState.PROBLEM, limit=ALL_ROWS)
        known = {row.id: _changes(row, values[row.id]) for row in open_rows if row.id in values}
        intake = fix_rows(office, office.get(Upload, here(), upload_id), known)
    left, passed = intake.count(RowState.PROBLEM), len(values) - len(known)
    fixed = len(intake.verdicts) - left
    told = [f"{plural(fixed, 'row')} taken in.", f"{plural(left, 'row')} still to fix." if left else ""]
    told.append(f"{plural(passed, 'row')} passed over: no longer open." if passed else "")
    flash(" ".join(filter(None, told)), "done" if fixed else "info")
    return back


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


def _write_sheet(rows: list[RowLine]) -> str:
    """The bad rows as a sheet: our columns, before them the row's own number, after them what is wrong."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([ROW, *COLUMNS, REASON])
    for row in rows:
        reason = " ".join(problem["text"] for problem in row.problems)
        writer.writerow([row.id, *(_cell(row.values.get(name, "")) for name in COLUMNS), _cell(reason)])
    return text.getvalue()


def _cell(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else safe_cell(text)


def _read_corrected(data: bytes) -> tuple[dict[int, dict[str, str]], str]:
    """Values by row id, or what is wrong with the file as a sentence."""
    table, problems = read_sheet("corrected", data) if data else ([], [])
    if problems:
        return {}, problems[0].text
    header = [cell.strip() for cell in table[0]] if table else []
    if ROW not in header:
        return {}, f"This is not the file of rows to fix: it has no column “{ROW}”. Download that one and correct it."
    values = {}
    for cells in table[1:]:
        found = dict(zip(header, map(str.strip, cells), strict=False))
        if found[ROW].isdecimal():
            values[int(found[ROW])] = {name: _unguard(found[name]) for name in COLUMNS if name in found}
    return values, "" if values else "The file has no rows."


def _unguard(text: str) -> str:
    """A value without the mark that kept a spreadsheet from running it."""
    return text[1:] if text[:1] == "'" and safe_cell(text[1:]) == text else text
