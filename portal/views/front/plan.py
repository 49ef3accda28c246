"""The practice's plan: what it has and what there is, what is left undone, and the way to another plan."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import tiers
from bureau.office import NotFound
from bureau.queries.meter import load_meter
from bureau.queries.plan import load_contract, load_plan
from clients.access import Permission
from clients.capabilities import Capability
from clients.fee_words import say_term
from clients.models import TierRequestState
from clients.tier_changes import first_of_next_month
from portal import contract_forms as forms
from portal import plan_words as words
from portal.doors import front
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.views.front.place import here

ANSWERS = {
    TierRequestState.ACCEPTED: "Accepted. The bureau approves it last, and then it holds from its day on.",
    TierRequestState.DECLINED: "Declined; everything stays as it is.",
    TierRequestState.WITHDRAWN: "Withdrawn; everything stays as it is.",
}


@front.get("/plan")
@permits(Permission.CLIENT_READ)
def plan() -> ResponseReturnValue:
    with open_office() as office:
        return render_template(
            "front/plan/index.html", plan=load_plan(office, here()), contract=load_contract(office, here()),
            meter=load_meter(office, here()), words=words, say=say_term, states=TierRequestState,
        )  # fmt: skip


@front.get("/plan/unserved/<capability>")
@permits(Permission.CLIENT_READ)
def plan_unserved(capability: str) -> ResponseReturnValue:
    if capability not in words.UNSERVED:
        raise NotFound("nothing of that kind is measured")
    with open_office() as office:
        measure = next((one for one in load_meter(office, here()) if one.capability == capability), None)
    return render_template(
        "front/plan/unserved.html", measure=measure, said=words.UNSERVED[Capability(capability)], claim_url=_claim_url
    )


@front.get("/plan/ask")
@permits(Permission.CLIENT_PLAN)
def plan_ask() -> ResponseReturnValue:
    with open_office() as office:
        now = load_plan(office, here())
    sent = forms.wish_as_form(now.tier, now.add_ons, first_of_next_month(now.today))
    return _show_ask(Fields(sent), sent)


@front.post("/plan/ask")
@permits(Permission.CLIENT_PLAN)
def plan_ask_send() -> ResponseReturnValue:
    fields = Fields(request.form)
    wish = forms.read_wish(fields, request.form.getlist("add_on"))
    if wish is not None:
        with open_office() as office:
            fields.problems += tiers.ask_for(office, here(), wish)
    if fields.problems:
        return _show_ask(fields, request.form), 422
    flash("We have your wish and will name a price; nothing changes before you accept it.", "done")
    return redirect(url_for("front.plan"))


@front.post("/plan/decide")
@permits(Permission.CLIENT_PLAN)
def plan_decide() -> ResponseReturnValue:
    fields = Fields(request.form)
    to = fields.choice("to", ANSWERS)
    if not fields.problems:
        with open_office() as office:
            fields.problems += tiers.decide(office, here(), TierRequestState(to))
    flash(*((fields.problems[0].text, "error") if fields.problems else (ANSWERS[TierRequestState(to)], "done")))
    return redirect(url_for("front.plan"))


def _claim_url(claim_id: int) -> str:
    return url_for("front.claims_one", claim_id=claim_id)


def _show_ask(fields: Fields, sent: MultiDict[str, str]) -> str:
    return render_template("front/plan/ask.html", fields=fields, words=words, chosen=sent.getlist("add_on"))
