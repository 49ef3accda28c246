"""A client's tier: its timeline, the change that is being talked about, and what the plan leaves undone."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import tiers
from bureau.office import NotFound
from bureau.queries.meter import load_meter
from bureau.queries.plan import Plan, load_plan
from clients.access import Permission
from clients.capabilities import Capability
from clients.fee_words import say_term
from clients.fees import LABELS as BASES
from clients.models import Client, TierRequestState
from clients.tier_changes import Quote, first_of_next_month
from config.money import format_cents
from portal import contract_forms as forms
from portal import plan_words as words
from portal.doors import back
from portal.forms import Fields
from portal.guards import permits
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs

STEPS = (TierRequestState.APPROVED, TierRequestState.DECLINED)  # what the bureau decides


@back.get("/clients/<code>/tier")
@permits(Permission.BUREAU_READ)
def clients_tier(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        return render_template(
            "back/tiers/one.html", client=client, plan=load_plan(office, client.id), words=words, say=say_term,
            meter=load_meter(office, client.id), tabs=step_tabs(client),
            may_manage=asked.can(Permission.CLIENTS_MANAGE, client.id),
        )  # fmt: skip


@back.get("/clients/<code>/tier/unserved/<capability>")
@permits(Permission.BUREAU_READ)
def clients_tier_unserved(code: str, capability: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        measure = next((one for one in load_meter(office, client.id) if one.capability == capability), None)
        if capability not in words.UNSERVED:
            raise NotFound("nothing of that kind is measured")
        return render_template(
            "back/tiers/unserved.html", client=client, measure=measure,
            claim_url=partial(asked.url_of, "claim"), said=words.UNSERVED[Capability(capability)],
        )  # fmt: skip


@back.get("/clients/<code>/tier/ask")
@permits(Permission.CLIENTS_MANAGE)
def clients_tier_ask(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        plan = load_plan(office, client.id)
        sent = forms.wish_as_form(plan.tier, plan.add_ons, first_of_next_month(plan.today))
        return _show_ask(client, Fields(sent), sent)


@back.post("/clients/<code>/tier/ask")
@permits(Permission.CLIENTS_MANAGE)
def clients_tier_ask_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    wish = forms.read_wish(fields, request.form.getlist("add_on"))
    with asked.open_client(code) as (office, client):
        if wish is not None:
            fields.problems += tiers.ask_for(office, client.id, wish)
    if fields.problems:
        return _show_ask(client, fields, request.form), 422
    flash("The wish is on record; name its price next.", "done")
    return redirect(url_for("back.clients_tier", code=code))


@back.get("/clients/<code>/tier/quote")
@permits(Permission.CLIENTS_MANAGE)
def clients_tier_quote(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        plan = load_plan(office, client.id)
        terms = plan.quote.terms if plan.quote else plan.terms
        prices = plan.quote.add_ons if plan.quote else plan.add_ons
        shown = {f"price-{name}": format_cents(cents) for name, cents in prices.items()}
        return _show_quote(client, plan, Fields(MultiDict(forms.terms_as_form(terms) | shown)))


@back.post("/clients/<code>/tier/quote")
@permits(Permission.CLIENTS_MANAGE)
def clients_tier_quote_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    terms = forms.read_terms(fields)
    with asked.open_client(code) as (office, client):
        plan = load_plan(office, client.id)
        asked_for = plan.running.add_ons if plan.running else ()
        prices = {Capability(name): fields.cents(f"price-{name}") for name in asked_for}
        if not fields.problems:
            found = tiers.quote(office, client.id, Quote(tuple(terms), prices))
            forms.place_problems(fields, found, "fee term", "rate")
    if any(one.is_error for one in fields.problems):
        return _show_quote(client, plan, fields), 422
    for one in fields.problems:
        flash(one.text, "info")
    flash("The price is named; the practice sees it on its plan page.", "done")
    return redirect(url_for("back.clients_tier", code=code))


@back.post("/clients/<code>/tier/decide")
@permits(Permission.CLIENTS_MANAGE)
def clients_tier_decide(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    to, note = fields.choice("to", STEPS), fields.text("note", required=False, most=200)
    with asked.open_client(code) as (office, client):
        if not fields.problems:
            fields.problems += tiers.decide(office, client.id, TierRequestState(to), note=note)
    done = "The change takes effect on its day." if to == TierRequestState.APPROVED else "The request is declined."
    flash(*((fields.problems[0].text, "error") if fields.problems else (done, "done")))
    return redirect(url_for("back.clients_tier", code=code))


def _show_ask(client: Client, fields: Fields, sent: MultiDict[str, str]) -> str:
    return render_template(
        "back/tiers/ask.html", client=client, fields=fields, words=words, chosen=sent.getlist("add_on")
    )


def _show_quote(client: Client, plan: Plan, fields: Fields) -> str:
    return render_template(
        "back/tiers/quote.html", client=client, plan=plan, fields=fields, rows=forms.ROWS, bases=BASES, words=words
    )
