"""A client's agreement: contracts, fees, promises and preferences, what held before, and the forms to change them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import agreements
from bureau.queries.plan import load_contract
from clients.access import Permission
from clients.agreements import NewAgreement
from clients.fee_words import say_term
from clients.fees import LABELS as BASES
from clients.models import AgreementKind, Client
from clients.preferences import Preferences
from clients.promises import LABELS as MEASURES
from clients.registry import DUTIES
from config.money import format_cents
from config.problems import Problem
from portal import contract_forms as forms
from portal import plan_words as words
from portal.doors import back
from portal.forms import Fields
from portal.guards import permits
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs


@back.get("/clients/<code>/agreements")
@permits(Permission.BUREAU_READ)
def clients_agreements(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        return render_template(
            "back/agreements/one.html", client=client, contract=load_contract(office, client.id), say=say_term,
            measures=MEASURES, kinds=words.AGREEMENTS, duties=DUTIES, tabs=step_tabs(client),
            may_manage=asked.can(Permission.CLIENTS_MANAGE, client.id),
        )  # fmt: skip


@back.get("/clients/<code>/agreements/sign")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_sign(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        today = office.today(client.id).isoformat()
        shown = MultiDict({"kind": request.args.get("kind", ""), "signed_on": today, "starts_on": today, "cap": "20"})
        return _show_sign(client, Fields(shown))


@back.post("/clients/<code>/agreements/sign")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_sign_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    new = _read_agreement(fields)
    with asked.open_client(code) as (office, client):
        if new is not None:
            fields.problems += agreements.sign_agreement(office, client.id, new)
    if fields.problems:
        return _show_sign(client, fields), 422
    flash("The contract is on record.", "done")
    return redirect(url_for("back.clients_agreements", code=code))


@back.post("/clients/<code>/agreements/end")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_end(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    ends_on, number = fields.day("ends_on"), fields["agreement"]
    with asked.open_client(code) as (office, client):
        if ends_on is not None and number.isdecimal() and len(number) < 19:
            fields.problems += agreements.end_agreement(office, client.id, int(number), ends_on)
        else:
            fields.refuse("ends_on", "agreement.end", "Choose the first day on which the contract no longer holds.")
    told = (fields.problems[0].text, "error") if fields.problems else ("The end is on record.", "done")
    flash(*told)
    return redirect(url_for("back.clients_agreements", code=code))


@back.get("/clients/<code>/agreements/fees")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_fees(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        contract = load_contract(office, client.id)
        shown = forms.terms_as_form(contract.terms) | {"starts_on": contract.today.isoformat()}
        return _show_fees(client, Fields(MultiDict(shown)))


@back.post("/clients/<code>/agreements/fees")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_fees_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    starts_on, terms = fields.day("starts_on"), forms.read_terms(fields)
    with asked.open_client(code) as (office, client):
        if starts_on is not None and not fields.problems:
            found = agreements.change_terms(office, client.id, terms, on=starts_on)
            forms.place_problems(fields, found, "fee term", "rate")
    if any(one.is_error for one in fields.problems):
        return _show_fees(client, fields), 422
    return _done(code, fields.problems, "The fees are on record.")


@back.get("/clients/<code>/agreements/promises")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_promises(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        contract = load_contract(office, client.id)
        shown = forms.clauses_as_form(contract.clauses) | {"starts_on": contract.today.isoformat()}
        return _show_promises(client, Fields(MultiDict(shown)))


@back.post("/clients/<code>/agreements/promises")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_promises_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    starts_on, clauses = fields.day("starts_on"), forms.read_clauses(fields)
    with asked.open_client(code) as (office, client):
        if starts_on is not None and not fields.problems:
            found = agreements.change_promises(office, client.id, clauses, on=starts_on)
            forms.place_problems(fields, found, "promise", "days")
    if fields.problems:
        return _show_promises(client, fields), 422
    return _done(code, (), "The promises are on record.")


@back.get("/clients/<code>/agreements/preferences")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_preferences(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        now = load_contract(office, client.id).preferences
        shown = {
            "write_off_cents": format_cents(now.write_off_cents), "statement_day": str(now.statement_day),
            "escalate_after": str(now.escalate_after), "holidays": ", ".join(map(str, now.holidays)),
        }  # fmt: skip
        return _show_preferences(client, Fields(MultiDict(shown)))


@back.post("/clients/<code>/agreements/preferences")
@permits(Permission.CLIENTS_MANAGE)
def clients_agreements_preferences_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    chosen = _read_preferences(fields)
    with asked.open_client(code) as (office, client):
        if not fields.problems:
            fields.problems += agreements.keep_preferences(office, client.id, chosen)
    if fields.problems:
        return _show_preferences(client, fields), 422
    return _done(code, (), "The preferences are kept.")


def _read_agreement(fields: Fields) -> NewAgreement | None:
    kind, signed_by = fields.choice("kind", set(AgreementKind)), fields.text("signed_by", most=120)
    signed_on, starts_on = fields.day("signed_on"), fields.day("starts_on")
    last, cap = fields.day("last_on", required=False), forms.read_number(fields, "cap")
    note = fields.text("note", required=False)
    if cap > 100:
        fields.refuse("cap", "agreement.cap", "A share is at most 100 percent.")
    if fields.problems or signed_on is None or starts_on is None:
        return None
    name, digest = _read_document()
    return NewAgreement(
        AgreementKind(kind), signed_on, signed_by, starts_on, last + timedelta(days=1) if last else None, name, digest,
        bureau_receives_money=fields["bureau_receives_money"] == "yes", credit_cap_percent=cap, note=note,
    )  # fmt: skip


def _read_document() -> tuple[str, str]:
    """The name of the signed paper and the hash of its bytes; the paper itself stays where it is."""
    file = request.files.get("document")
    if file is None or not file.filename:
        return "", ""
    return file.filename.replace("\\", "/").rpartition("/")[2][:120], hashlib.sha256(file.read()).hexdigest()


def _read_preferences(fields: Fields) -> Preferences:
    days = []
    for text in fields.text("holidays", required=False).replace(",", " ").split():
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            fields.refuse("holidays", "form.date", "Write each day as YYYY-MM-DD, with commas between.")
            break
    numbers = forms.read_number(fields, "statement_day"), forms.read_number(fields, "escalate_after")
    return Preferences(fields.cents("write_off_cents"), *numbers, tuple(sorted(set(days))))


def _show_sign(client: Client, fields: Fields) -> str:
    return render_template("back/agreements/sign.html", client=client, fields=fields, kinds=words.AGREEMENTS)


def _show_fees(client: Client, fields: Fields) -> str:
    return render_template(
        "back/agreements/fees.html", client=client, fields=fields, rows=forms.ROWS, bases=BASES,
        classes=words.PAYER_CLASSES,
    )  # fmt: skip


def _show_promises(client: Client, fields: Fields) -> str:
    return render_template(
        "back/agreements/promises.html", client=client, fields=fields, rows=forms.ROWS, measures=MEASURES
    )


def _show_preferences(client: Client, fields: Fields) -> str:
    return render_template("back/agreements/preferences.html", client=client, fields=fields)


def _done(code: str, warnings: Sequence[Problem], said: str) -> ResponseReturnValue:
    for one in warnings:
        flash(one.text, "info")
    flash(said, "done")
    return redirect(url_for("back.clients_agreements", code=code))
