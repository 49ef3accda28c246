"""Leaving: what is still open, the archive the client takes along, and the certificate of what became of its data."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from bureau.desks import setup
from clients.access import Permission
from clients.agreements import find_agreements
from clients.models import AgreementKind, ClientState, StageChange
from clients.trail import Actor, ActorKind
from portal.doors import back
from portal.guards import current_entry, current_person, permits
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs
from reports.handover import find_leftovers, iter_archive


@back.get("/clients/<code>/leaving")
@permits(Permission.BUREAU_READ)
def clients_leaving(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        found = office.client(client.id)
        left, today = find_leftovers(office, client.id), office.today(client.id)
    return render_template(
        "back/offboarding/leaving.html", client=found, left=left, today=today, tabs=step_tabs(client),
        may_change=asked.can(Permission.CLIENTS_MANAGE, client.id), is_closed=found.state == ClientState.CLOSED,
    )  # fmt: skip


@back.post("/clients/<code>/archive.zip")
@permits(Permission.CLIENTS_MANAGE)
def clients_archive(code: str) -> ResponseReturnValue:
    entry, actor = current_entry(), Actor(ActorKind.PERSON, current_person().name)
    with asked.open_client(code) as (office, client):
        setup.note_archive(office, client.id)
        name = f"{client.code}-{office.today(client.id):%Y-%m-%d}.zip"

    def pieces() -> Iterator[bytes]:
        with entry.book.bureau.open_office(actor, entry.scope, read_only=True) as office:
            yield from iter_archive(office, client.id)

    answer = Response(pieces(), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@back.get("/clients/<code>/certificate")
@permits(Permission.CLIENTS_MANAGE)
def clients_certificate(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        found = office.client(client.id)
        wanted = select(StageChange).where(StageChange.client_id == client.id, StageChange.to_state == "CLOSED")
        closing = office.session.scalars(wanted.order_by(StageChange.id.desc()).limit(1)).first()
        kind = AgreementKind.BUSINESS_ASSOCIATE
        signed = next((one for one in find_agreements(office.session, client.id) if one.kind == kind), None)
    return render_template(
        "back/offboarding/certificate.html", client=found, closing=closing, agreement=signed,
    )  # fmt: skip
