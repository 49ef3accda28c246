"""The practice's own price lists: what is loaded, how much of its work has a price, and a new list looked at first."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks import prices as desk
from bureau.queries.coverage import load_coverage
from clients.access import Permission
from clients.prices import find_prices, name_payers
from portal.contract_forms import PREVIEW, SHOWN, read_price_sheet
from portal.doors import front
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.views.front.place import here, this_client


@front.get("/plan/prices")
@permits(Permission.CLIENT_READ)
def plan_prices() -> ResponseReturnValue:
    by_payer = request.args.get("list") == "contract"
    with open_office() as office:
        found = find_prices(office.session, here(), by_payer=by_payer)
        return render_template(
            "front/plan/prices.html", by_payer=by_payer, prices=found[:SHOWN], total=len(found),
            coverage=load_coverage(office, here()), payers=name_payers(office.session),
        )  # fmt: skip


@front.get("/plan/prices.csv")
@permits(Permission.CLIENT_READ)
def plan_prices_csv() -> ResponseReturnValue:
    by_payer, is_blank = request.args.get("list") == "contract", "blank" in request.args
    with open_office() as office:
        found = [] if is_blank else find_prices(office.session, here(), by_payer=by_payer)
    name = f"{this_client().code}-{'contract-rates' if by_payer else 'prices'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(desk.write_sheet(found, by_payer=by_payer), mimetype="text/csv", headers=headers)


@front.post("/plan/prices")
@permits(Permission.CLIENT_PLAN)
def plan_prices_load() -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        sheet = read_price_sheet(office, here(), fields)
        is_loaded = sheet is not None and fields["step"] == "load" and desk.load_prices(office, here(), sheet)
    if sheet is not None and not is_loaded:
        page = render_template("front/plan/price_check.html", sheet=sheet, preview=PREVIEW)
        return page, 200 if sheet.prices else 422
    flash(*((fields.problems[0].text, "error") if sheet is None else ("The prices are loaded.", "done")))
    return redirect(url_for("front.plan_prices", list=fields["list"] or None))
