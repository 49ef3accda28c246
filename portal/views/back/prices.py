"""A client's price lists: how much of the work has a price, the versions there are, and a new list looked at first."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks import prices as desk
from bureau.queries.coverage import load_coverage
from clients.access import Permission
from clients.prices import find_prices, name_payers
from portal.contract_forms import PREVIEW, SHOWN, read_price_sheet
from portal.doors import back
from portal.forms import Fields
from portal.guards import permits
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs


@back.get("/clients/<code>/prices")
@permits(Permission.BUREAU_READ)
def clients_prices(code: str) -> ResponseReturnValue:
    by_payer, text = request.args.get("list") == "contract", asked.asked_text().upper()
    with asked.open_client(code) as (office, client):
        found = [one for one in find_prices(office.session, client.id, by_payer=by_payer) if text in one.code]
        return render_template(
            "back/prices/one.html", client=client, by_payer=by_payer, prices=found[:SHOWN], total=len(found),
            coverage=load_coverage(office, client.id), tabs=step_tabs(client),
            payers=name_payers(office.session),
            may_manage=asked.can(Permission.CLIENTS_MANAGE, client.id),
        )  # fmt: skip


@back.get("/clients/<code>/prices.csv")
@permits(Permission.BUREAU_READ)
def clients_prices_csv(code: str) -> ResponseReturnValue:
    by_payer, is_blank = request.args.get("list") == "contract", "blank" in request.args
    with asked.open_client(code) as (office, client):
        found = [] if is_blank else find_prices(office.session, client.id, by_payer=by_payer)
    name = f"{code}-{'contract-rates' if by_payer else 'prices'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(desk.write_sheet(found, by_payer=by_payer), mimetype="text/csv", headers=headers)


@back.post("/clients/<code>/prices")
@permits(Permission.CLIENTS_MANAGE)
def clients_prices_load(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    with asked.open_client(code) as (office, client):
        sheet = read_price_sheet(office, client.id, fields)
        is_loaded = sheet is not None and fields["step"] == "load" and desk.load_prices(office, client.id, sheet)
    if sheet is not None and not is_loaded:
        page = render_template("back/prices/check.html", client=client, sheet=sheet, preview=PREVIEW)
        return page, 200 if sheet.prices else 422
    flash(*((fields.problems[0].text, "error") if sheet is None else ("The prices are loaded.", "done")))
    return redirect(url_for("back.clients_prices", code=code, list=fields["list"] or None))
