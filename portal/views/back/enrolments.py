"""A client's enrolments: payer by transaction, clinician by clinician, and the form that moves those of a payer."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from bureau.desks import enrolments
from bureau.office import Office
from bureau.queries.enrolments import find_silent, load_matrix
from clients.access import Permission
from clients.enrolments import PARTIES, PRACTICE, TRANSACTIONS
from clients.models import Client, EnrollmentState, Payer, Provider
from portal.doors import back
from portal.forms import Fields
from portal.guards import permits
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs


@back.get("/clients/<code>/enrolments")
@permits(Permission.BUREAU_READ)
def clients_enrolments(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        matrix, silent = load_matrix(office, client.id), find_silent(office, client.id)
        payers = office.session.scalars(select(Payer).order_by(Payer.name)).all()
    return render_template(
        "back/enrolments/matrix.html", client=client, matrix=matrix, silent=silent, payers=payers,
        transactions=TRANSACTIONS, tabs=step_tabs(client), parties=PARTIES,
        may_change=asked.can(Permission.CLIENTS_MANAGE, client.id),
    )  # fmt: skip


@back.get("/clients/<code>/enrolments/change")
@permits(Permission.CLIENTS_MANAGE)
def clients_enrolment(code: str) -> ResponseReturnValue:
    return _show(code, Fields(MultiDict({"provider": str(PRACTICE)} | request.args.to_dict())))


@back.post("/clients/<code>/enrolments/change")
@permits(Permission.CLIENTS_MANAGE)
def clients_enrolment_save(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    with asked.open_client(code) as (office, client):
        change = _read(office, client, fields, _find_payer(office, fields))
        if change is not None:
            fields.problems += enrolments.change_enrolments(office, client.id, change)
    if change is None or fields.problems:
        return _show(code, fields)
    flash("The enrolment is changed.", "done")
    return redirect(url_for("back.clients_enrolments", code=code))


def _read(office: Office, client: Client, fields: Fields, payer: Payer | None) -> enrolments.Change | None:
    state = fields.choice("state", tuple(EnrollmentState))
    provider = fields.choice("provider", [str(PRACTICE), *(str(one.id) for one in _clinicians(office, client))])
    kinds = [kind for kind in TRANSACTIONS if fields[f"kind.{kind}"] == "yes"]
    if not kinds:
        fields.refuse("transactions", "enrolment.which", "Choose at least one kind of transaction.")
    since, ends_on = fields.day("since", required=False), fields.day("ends_on", required=False)
    waits_for = fields.choice("waits_for", PARTIES)
    note = fields.text("note", required=False, most=300)
    if fields.problems or payer is None:
        return None
    return enrolments.Change(payer.id, int(provider), kinds, EnrollmentState(state), since, ends_on, waits_for, note)


def _show(code: str, fields: Fields) -> ResponseReturnValue:
    """The form of one payer; whoever names none chooses one on the list."""
    with asked.open_client(code) as (office, client):
        payer = _find_payer(office, fields)
        clinicians = [(str(one.id), f"{one.last}, {one.first}") for one in _clinicians(office, client)]
        matrix = [line for line in load_matrix(office, client.id) if payer and line.payer.id == payer.id]
    if payer is None:
        return redirect(url_for("back.clients_enrolments", code=code))
    page = render_template(
        "back/enrolments/change.html", client=client, payer=payer, fields=fields, transactions=TRANSACTIONS,
        states=list(EnrollmentState), parties=PARTIES, matrix=matrix,
        clinicians=[(str(PRACTICE), "The practice itself"), *clinicians],
    )  # fmt: skip
    return page, 422 if fields.problems else 200


def _find_payer(office: Office, fields: Fields) -> Payer | None:
    return office.session.scalars(select(Payer).where(Payer.code == fields["payer"])).one_or_none()


def _clinicians(office: Office, client: Client) -> Sequence[Provider]:
    return office.session.scalars(
        select(Provider).where(Provider.client_id == client.id).order_by(Provider.last, Provider.first)
    ).all()
