"""One claim on paper: the CMS-1500 for payers who take nothing else, and to read."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bureau.models import Filing
from bureau.queries import claim_page
from bureau.queries.snapshots import load_snapshots
from bureau.rules.cms1500 import fill_cms1500
from clients.access import Permission
from portal.doors import back
from portal.guards import open_office, permits
from portal.views.back import asked
from reports.cms1500 import draw_cms1500


@back.get("/claims/<reference>/paper")
@permits(Permission.BUREAU_READ)
def claims_paper(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        page = claim_page.load_claim(office, asked.number_of("CLM", reference))
        found = load_snapshots(office, page.claim.client_id, Filing.id == page.current.filing.id, limit=1)
        today = office.today(page.claim.client_id)
    if not found:
        flash("This claim goes to no payer, so there is nothing to put on a CMS-1500.", "info")
        return redirect(url_for("back.claims_one", reference=reference))
    paper = fill_cms1500(found[0].claim, signed_on=today)
    pdf = draw_cms1500(paper.pages, made_on=today, preprinted=request.args.get("form") == "preprinted")
    return Response(
        pdf, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{reference}.pdf"'}
    )
