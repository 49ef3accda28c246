"""Money: the remittances, and one of them weighed against its claims with what could not be posted on top."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bureau.models.post import RemittanceState
from bureau.queries import money
from bureau.queries.claims import find_payers
from clients.access import Permission
from portal.doors import back
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.views.back import asked

STATES = tuple(RemittanceState)


@back.get("/money")
@permits(Permission.BUREAU_READ)
def money_list() -> ResponseReturnValue:
    wanted = money.Wanted(
        asked.asked_client_id(), asked.asked_number("payer"), asked.asked_text("state"), asked.asked_text()
    )
    with open_office() as office:
        page = money.find_remittances(office, wanted, request.args.get("after", ""))
        count, cents = money.sum_remittances(office, wanted)
        payers = find_payers(office)
    return render_page(
        "back/money/list.html", "back/money/_rows.html", rows=page.rows, total=count, cents=cents, payers=payers,
        states=STATES, clients=asked.clients_by_id(), choices=asked.client_choices(), **asked.paging(page),
    )  # fmt: skip


@back.get("/money/<reference>")
@permits(Permission.BUREAU_READ)
def money_one(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        payment = money.load_payment(office, asked.number_of("REM", reference))
        page = money.find_paid(office, payment.remittance, request.args.get("after", ""))
    return render_template(
        "back/money/one.html", payment=payment, rows=page.rows, url_of=asked.url_of,
        client=asked.clients_by_id()[payment.remittance.client_id], **asked.paging(page),
    )  # fmt: skip
