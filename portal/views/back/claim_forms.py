"""The two forms in which a claim's content is changed: coding what has no code, and mending what was refused."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import coding, editing
from bureau.queries import claim_page
from bureau.queries.coding import find_codes
from bureau.rules.lifecycle import State
from clients.access import Permission
from config.codes import Labels, labels
from config.money import format_cents
from config.problems import Problem
from portal.doors import back
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.views.back import asked

RELATIONSHIPS = (
    ("18", "The patient is the subscriber"), ("01", "Spouse"), ("19", "Child"), ("20", "Employee"),
    ("21", "Unknown"), ("39", "Organ donor"), ("40", "Cadaver donor"), ("53", "Life partner"), ("G8", "Other"),
)  # fmt: skip
SEXES = (("F", "F"), ("M", "M"), ("U", "U"))


@back.get("/claims/<reference>/code")
@permits(Permission.BUREAU_CODE)
def claims_code(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
    values = {f"line-{line.id}": line.code for line in page.lines} | {"diagnoses": page.claim.diagnoses}
    return _show_coding(page, Fields(MultiDict(values)), 200)


@back.post("/claims/<reference>/code")
@permits(Permission.BUREAU_CODE)
def claims_code_post(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        given = {line.id: fields.text(f"line-{line.id}", most=5) for line in page.lines}
        diagnoses = _codes_in(fields.text("diagnoses", most=120))
        _refuse_moved(fields, page)
        if not fields.problems:
            filing = page.current.filing
            fields.problems += map(_at_field, coding.code_claim(office, filing.client_id, filing.id, given, diagnoses))
    if fields.problems:
        return _show_coding(page, fields, 422)
    flash("The claim is coded and goes back to our checks.", "done")
    return redirect(url_for("back.claims_one", reference=reference))


def _refuse_moved(fields: Fields, page: claim_page.ClaimPage) -> None:
    if page.current.filing.state != State.CODING:
        fields.refuse("claim", "claim.moved", "This claim waits for no code any more.")


def _at_field(problem: Problem) -> Problem:
    return Problem(problem.where.replace("line ", "line-"), problem.code, problem.text)


def _codes_in(text: str) -> str:
    """Diagnoses however a person parts them, without dots."""
    return " ".join(text.replace(",", " ").replace(";", " ").replace(".", "").upper().split())


def _show_coding(page: claim_page.ClaimPage, fields: Fields, status: int) -> ResponseReturnValue:
    text = asked.asked_text()
    found = find_codes(text, page.claim.served_on)
    client = asked.clients_by_id()[page.claim.client_id]
    context = {"page": page, "fields": fields, "found": found, "text": text, "client": client}
    return render_page("back/claims/code.html", "back/claims/_codes.html", **context), status


@back.get("/claims/<reference>/edit")
@permits(Permission.BUREAU_WORK)
def claims_edit(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
    return _show_edit(page, Fields(MultiDict(_values_of(page))), 200)


@back.post("/claims/<reference>/edit")
@permits(Permission.BUREAU_WORK)
def claims_edit_post(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        edit, why = _read_edit(fields, page), fields.text("why", most=300)
        if not fields.problems:
            filing = page.current.filing
            fields.problems += editing.edit_claim(office, filing.client_id, filing.id, edit, why=why)
    if fields.problems:
        return _show_edit(page, fields, 422)
    flash("The claim is changed and goes back to our checks before it is sent.", "done")
    return redirect(url_for("back.claims_one", reference=reference))


def _show_edit(page: claim_page.ClaimPage, fields: Fields, status: int) -> ResponseReturnValue:
    places = [(code, f"{code} {name}") for code, name in labels(Labels.PLACE).items()]
    shown = render_template(
        "back/claims/edit.html", page=page, fields=fields, relationships=RELATIONSHIPS, sexes=SEXES, places=places,
        client=asked.clients_by_id()[page.claim.client_id], editable=page.current.filing.state in editing.EDITABLE,
    )  # fmt: skip
    return shown, status


def _values_of(page: claim_page.ClaimPage) -> dict[str, Any]:
    """The claim as it stands, field by field."""
    values: dict[str, Any] = {"version": str(page.current.filing.version), "why": ""}
    for row, names in _rows_of(page):
        values |= {name: str(getattr(row, name) or "") for name in names}
    for line in page.lines:
        where = f"line-{line.number}"
        values |= {f"{where}-{name}": str(getattr(line, name)) for name in ("code", "modifiers", "units", "pointers")}
        values[f"{where}-charge"] = format_cents(line.charge_cents, grouped=False)
    return values


def _rows_of(page: claim_page.ClaimPage) -> list[tuple[Any, tuple[str, ...]]]:
    rows: list[tuple[Any, tuple[str, ...]]] = [
        (page.patient, editing.PATIENT_FIELDS), (page.claim, editing.CLAIM_FIELDS)
    ]  # fmt: skip
    return [*rows, (page.current.coverage, editing.COVERAGE_FIELDS)] if page.current.coverage else rows


def _read_edit(fields: Fields, page: claim_page.ClaimPage) -> editing.ClaimEdit:
    patient: dict[str, Any] = {
        name: fields.text(name, required=False, most=80) for name in editing.PATIENT_FIELDS if name != "born_on"
    }
    patient["born_on"] = fields.day("born_on")
    claim = {name: fields.text(name, required=False, most=120) for name in editing.CLAIM_FIELDS}
    claim["diagnoses"] = _codes_in(claim["diagnoses"])
    coverage = {name: fields.text(name, required=False, most=80) for name in editing.COVERAGE_FIELDS}
    version = fields["version"]
    return editing.ClaimEdit(
        version=int(version) if version.isdecimal() else 0,
        patient=patient,
        coverage=coverage if page.current.coverage else {},
        claim=claim,
        lines={line.id: _read_line(fields, f"line-{line.number}") for line in page.lines},
    )


def _read_line(fields: Fields, where: str) -> editing.LineEdit:
    units = fields.text(f"{where}-units", most=4)
    charge = fields[f"{where}-charge"].strip()
    return editing.LineEdit(
        code=fields.text(f"{where}-code", most=5).upper(),
        modifiers=" ".join(fields.text(f"{where}-modifiers", required=False, most=20).upper().split()),
        units=int(units) if units.isdecimal() else 0,
        pointers=" ".join(fields.text(f"{where}-pointers", most=12).replace(",", " ").split()),
        charge_cents=fields.cents(f"{where}-charge") if charge else None,
    )
