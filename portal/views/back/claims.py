"""Claims: the list, and one of them with its lines, story, ledger and files."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks import denials, editing, followup
from bureau.office import Office
from bureau.queries import claim_page, claims, exchange, story
from bureau.queries.book import UNSENT
from bureau.rules.lifecycle import CLOSED, State, Turn
from clients.access import Permission
from portal.doors import back
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import now, render_page
from portal.views.back import asked

# Names for several states at once, as figures on other pages link to them.
GROUPS: dict[str, tuple[str, ...]] = {
    "open": tuple(state for state in State if state not in CLOSED),
    "unsent": UNSENT,
    "refused": (State.DENIED, State.PART_DENIED),
    "closed": tuple(sorted(CLOSED)),
}
TABS = ("claim", "ledger", "x12", "history")


@back.get("/claims")
@permits(Permission.BUREAU_READ)
def claims_list() -> ResponseReturnValue:
    wanted = _wanted()
    with open_office() as office:
        page = claims.find_claims(office, wanted, request.args.get("after", ""))
        context: dict[str, Any] = {
            "balances": claims.find_balances(office, [(row.client_id, row.id) for row in page.rows]),
            "sums": claims.sum_claims(office, wanted),
            "payers": claims.find_payers(office),
        }
    return render_page(
        "back/claims/list.html", "back/claims/_rows.html", rows=page.rows, states=list(State)[1:], turns=list(Turn),
        clients=asked.clients_by_id(), choices=asked.client_choices(), **context, **asked.paging(page),
    )  # fmt: skip


def _wanted() -> claims.Wanted:
    state = request.args.get("state", "")
    return claims.Wanted(
        client_id=asked.asked_client_id(),
        payer_id=asked.asked_number("payer"),
        states=GROUPS.get(state) or ((state,) if state else ()),
        turn=request.args.get("turn", ""),
        text=asked.asked_text(),
        served_from=asked.asked_day("from"),
        served_to=asked.asked_day("to"),
        patient_id=asked.asked_number("patient"),
    )


@back.get("/claims/<reference>")
@permits(Permission.BUREAU_READ)
def claims_one(reference: str) -> ResponseReturnValue:
    tab = request.args.get("tab", TABS[0])
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        return render_template(
            "back/claims/one.html",
            page=page,
            tab=tab if tab in TABS else TABS[0],
            **_tab(office, page, tab),
            lanes=denials.find_lanes(office, page.claim.client_id, [page.current.filing.id]),
            **_frame(page),
        )


def _tab(office: Office, page: claim_page.ClaimPage, tab: str) -> dict[str, Any]:
    """What only the tab in front needs."""
    client_id, filings = page.claim.client_id, [one.filing.id for one in page.filings]
    if tab == "ledger":
        ledger = claim_page.load_ledger(office, page)
        paid_by = claim_page.find_remittances(office, (row.remittance_id for row in ledger if row.remittance_id))
        return {"ledger": ledger, "remittances": paid_by}
    if tab == "x12":
        return {"excerpts": exchange.load_exchange(office, client_id, filings)}
    if tab == "history":
        return {
            "edits": story.load_edits(office, client_id, filings),
            "story": story.load_story(office, client_id, filings),
        }
    return {"story": story.load_story(office, client_id, filings)}


def _frame(page: claim_page.ClaimPage) -> dict[str, Any]:
    client_id = page.claim.client_id
    return {
        "client": asked.clients_by_id()[client_id],
        "may_work": asked.can(Permission.BUREAU_WORK, client_id),
        "may_code": asked.can(Permission.BUREAU_CODE, client_id),
        "may_audit": asked.can(Permission.AUDIT_READ, client_id),
        "editable": page.current.filing.state in editing.EDITABLE,
        "url_of": asked.url_of,
        "queue": request.args.get("queue", ""),
        "now": now(),
    }


@back.post("/claims/<reference>/note")
@permits(Permission.BUREAU_WORK)
def claims_note(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    text = fields.text("note", most=2_000)
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        if not fields.problems:
            editing.write_note(office, page.claim.client_id, page.current.filing.id, text)
    return _back_to(reference, fields, "The note is written down.")


@back.post("/claims/<reference>/status")
@permits(Permission.BUREAU_WORK)
def claims_status(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    status, note = fields.choice("status", list(followup.Status)), fields.text("note")
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        if page.current.filing.state != State.FOLLOW_UP:
            fields.refuse("status", "claim.moved", "This claim has moved on since the page was opened.")
        if not fields.problems:
            ids = [page.current.filing.id]
            followup.record_status(office, page.claim.client_id, ids, followup.Status(status), note=note)
    return _back_to(reference, fields, "What the payer said is written down.")


@back.post("/claims/<reference>/triage")
@permits(Permission.BUREAU_WORK)
def claims_triage(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    note = fields.text("note", required=False)
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        lane = fields.choice("lane", denials.find_lanes(office, page.claim.client_id, [page.current.filing.id]))
        if not fields.problems:
            denials.triage(office, page.claim.client_id, [page.current.filing.id], lane=lane, note=note)
    return _back_to(reference, fields, "The first look is on record.")


def _back_to(reference: str, fields: Fields, done: str) -> ResponseReturnValue:
    if fields.problems:
        flash(f"Nothing was changed. {fields.problems[0].text}", "error")
    else:
        flash(done, "done")
    return redirect(url_for("back.claims_one", reference=reference, queue=request.form.get("queue") or None))
