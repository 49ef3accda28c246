"""What both doors do with a charge that is keyed: begin, keep, find the patient, save, throw away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import charges
from bureau.desks.intake import check_upload, commit_upload
from bureau.models import ChargeDraft
from bureau.models.intake import RowState
from bureau.office import Office
from bureau.queries import charges as book
from bureau.queries.practice import find_claim_ids
from bureau.queries.registry import find_prices
from bureau.queries.verdicts import Intake
from bureau.rules import charge_form
from bureau.rules.charge_form import Form, KnownPatient, clean_form, field_of
from bureau.rules.intake.encounters import MAX_LINES
from clients.access import Permission
from clients.models import Client
from config.codes import Labels, diagnosis_text, labels, procedure_name
from config.identifiers import reference
from config.money import format_cents
from config.problems import Problem
from portal.fields import FIELDS, plain
from portal.forms import Fields
from portal.guards import allows, current_client, open_office
from portal.rendering import render_page, show_day

HELD = "encounter.held"  # of a line that only waits for another: said where that one is
SPARE_LINES = 3  # empty ones at the end of the form; the script needs one, and people without it a few
MOST_CODES = 400
ORDER = ("patient_id", "service_date", "provider_npi", "place_of_service", "coverage", "diagnoses", "line-1-procedure")
RELATIONSHIPS = (
    ("18", "The patient is the insured"), ("01", "Spouse"), ("19", "Child"), ("20", "Employee"), ("21", "Unknown"),
    ("39", "Organ donor"), ("40", "Cadaver donor"), ("53", "Life partner"), ("G8", "Other"),
)  # fmt: skip


def show_list() -> str:
    with open_office() as office:
        client = current_client()
        today = office.calendar(client.id).bounds(office.today(client.id))[0] if client else None
        saved = book.find_saved(office, today) if today else []
        may_key = allows(Permission.CLIENT_CHARGES) or allows(Permission.BUREAU_WORK)
        return render_template(
            "charges/index.html", drafts=book.find_drafts(office), saved=saved, client=client, may_key=may_key
        )


def begin(client: Client) -> ResponseReturnValue:
    with open_office() as office:
        draft_id = _open_next(office, client.id, {"service_date": office.today(client.id).isoformat()})
    return _to(draft_id)


def show(draft_id: int) -> ResponseReturnValue:
    with open_office() as office:
        draft = book.get_draft(office, draft_id)
        if draft.upload_id is not None:
            return redirect(url_for(".charges"))
        page = _load_page(office, draft, Fields(MultiDict(draft.form)))
    return render_template("charges/one.html", **page)


def keep(draft_id: int) -> ResponseReturnValue:
    """Keep what was keyed so far; answers with what the lines come to, or leads on to the field asked for."""
    act, _, value = request.form.get("act", "").partition(":")
    with open_office() as office:
        draft = book.get_draft(office, draft_id)
        form = clean_form(request.form)
        if act == "pick":
            form = _pick(book.find_known(office, draft.client_id, value), form)
        charges.keep_draft(office, draft, form)
        sums = _load_sums(office, draft)
    if act != "pick" and "HX-Request" in request.headers:
        return render_template("charges/_kept.html", **sums)
    lines = {"lines": charge_form.count_lines(form) + 2 * SPARE_LINES} if act == "lines" else {}
    return _to(draft_id, **lines)


def find(draft_id: int) -> ResponseReturnValue:
    """Patients to pick from; asked by POST, for an address must not carry a name."""
    q = request.form.get("q", "")
    with open_office() as office:
        draft = book.get_draft(office, draft_id)
        if "HX-Request" not in request.headers:
            charges.keep_draft(office, draft, clean_form(request.form))
        page = _load_page(office, draft, Fields(MultiDict(draft.form)), q=q)
    return render_page("charges/one.html", "charges/_patients.html", **page)


def save(draft_id: int) -> ResponseReturnValue:
    """Take the charge in as an upload of its own; with a problem it stays a draft, and the page says what is wrong."""
    form = clean_form(request.form)
    with open_office() as office:
        draft = book.get_draft(office, draft_id)
        if draft.upload_id is not None:
            return redirect(url_for(".charges"))
        charges.keep_draft(office, draft, form)
        intake, problems = _check(office, draft)
        if not problems:
            charges.settle_draft(office, draft, commit_upload(office, intake))
            flash(_told(office, intake), "done")
            return _to(_open_next(office, draft.client_id, form))
        page = _load_page(office, draft, _refused(form, problems))
    return render_template("charges/one.html", **page), 422


def _refused(form: Form, problems: list[Problem]) -> Fields:
    fields = Fields(MultiDict(form))
    fields.problems += problems
    return fields


def drop(draft_id: int) -> ResponseReturnValue:
    with open_office() as office:
        charges.drop_draft(office, book.get_draft(office, draft_id))
    flash("The charge was thrown away; nothing of it was saved.")
    return redirect(url_for(".charges"))


def _to(draft_id: int, **values: Any) -> ResponseReturnValue:
    return redirect(url_for(".charges_one", draft_id=draft_id, **values))


def _open_next(office: Office, client_id: int, form: Form) -> int:
    """A new draft with what mostly stays the same; the only provider of a practice need not be chosen."""
    providers = book.find_providers(office, client_id)
    usual = {"provider_npi": providers[0][0]} if len(providers) == 1 else {}
    places = book.find_places(office, client_id)
    return charges.open_draft(office, client_id, {"place_of_service": places[0][0] if places else "11"} | usual | form)


def _pick(known: KnownPatient | None, form: Form) -> Form:
    """The form for a patient of the book, with the coverage used last; without one, for a patient to be found."""
    kept = {name: text for name, text in form.items() if name not in _ABOUT_PATIENT}
    if known is None:
        return kept
    coverage = str(known.coverages[0].id) if known.coverages else "SELF"
    return kept | {name: text for name, text in known.fields.items() if text} | {"coverage": coverage}


_ABOUT_PATIENT = {*charge_form.PATIENT_FIELDS, *charge_form.COVERAGE_FIELDS, "coverage"}


def _check(office: Office, draft: ChargeDraft) -> tuple[Intake, list[Problem]]:
    """The charge through the same checks as every upload, and its problems by field of the form."""
    known = book.find_known(office, draft.client_id, draft.form.get("patient_id", ""))
    mixed = charge_form.find_mix_up(draft.form, known)
    reading = charge_form.read_charge(charge_form.complete(draft.form, None if mixed else known))
    data = charge_form.write_charge(reading)
    intake = check_upload(
        office, draft.client_id, charge_form.FILE_NAME, data, profile=charge_form.KEYED, read=lambda _n, _d: reading
    )
    problems = [
        replace(one, where=field_of(one), text=plain(one.text)) for one in intake.all_problems if one.code != HELD
    ]
    if intake.count(RowState.DUPLICATE):
        problems.append(Problem("charge", "charge.repeat", "This very visit was received before; nothing was saved."))
    return intake, ([mixed, *problems] if mixed else problems)


def _told(office: Office, intake: Intake) -> str:
    ids = [verdict.encounter_id for verdict in intake.verdicts.values() if verdict.encounter_id]
    claim_id = next(iter(find_claim_ids(office, intake.client_id, ids).values()))
    cents = sum(line.charge_cents or 0 for draft in intake.drafts for line in draft.lines)
    return f"Saved as {reference('CLM', claim_id)} over ${format_cents(cents)}. Here is the next one."


def _load_page(office: Office, draft: ChargeDraft, fields: Fields, *, q: str = "") -> dict[str, Any]:
    client_id, form = draft.client_id, draft.form
    known = book.find_known(office, client_id, form.get("patient_id", ""))
    if charge_form.find_mix_up(form, known):
        known = None
    wrong = next((problem.where for problem in fields.problems), "")
    own = book.find_places(office, client_id)
    others = [(code, word) for code, word in labels(Labels.PLACE).items() if code not in dict(own)]
    asked = request.args.get("lines", 0, type=int)
    lines = max(charge_form.count_lines(form) + SPARE_LINES, min(asked, MAX_LINES))
    return {
        "fields": fields, "known": known, "born": _born(known), "coverages": _coverages(known),
        "client": office.client(client_id), "names": FIELDS, "q": q,
        "found": book.find_patients(office, client_id, q), "places": (own, others),
        "providers": book.find_providers(office, client_id), "payers": book.find_payers(office),
        "lines": min(lines, MAX_LINES), "most_lines": MAX_LINES, "codes": _codes(office, client_id),
        "relationships": RELATIONSHIPS, "focus": wrong or next((name for name in ORDER if not form.get(name)), ""),
        **_load_sums(office, draft),
    }  # fmt: skip


def _born(known: KnownPatient | None) -> str:
    text = known.fields["birth_date"] if known else ""
    return show_day(date.fromisoformat(text)) if text else ""


def _coverages(known: KnownPatient | None) -> list[tuple[int, str]]:
    return [(one.id, f"{one.payer} {one.member_id}") for one in known.coverages] if known else []


def _codes(office: Office, client_id: int) -> list[tuple[str, str]]:
    """The practice's own priced codes, to choose from while keying."""
    found = sorted({code for code, _modifier in find_prices(office, client_id)})
    return [(code, procedure_name(code)) for code in found[:MOST_CODES]]


def _load_sums(office: Office, draft: ChargeDraft) -> dict[str, Any]:
    sums = charge_form.price_form(draft.form, find_prices(office, draft.client_id))
    return {
        "draft": draft, "sums": sums, "total": sum(one.cents or 0 for one in sums),
        "diagnoses": [(code, diagnosis_text(code.replace(".", ""))) for code in charge_form.read_diagnoses(draft.form)],
        "same_day": book.find_same_day(office, draft.client_id, draft.form), "procedure_name": procedure_name,
    }  # fmt: skip
