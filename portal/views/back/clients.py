"""The book of clients, and the page of one: what it is, what was promised, with whom and when."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bureau.office import NotFound
from bureau.plans import find_standings
from bureau.queries import book
from clients.access import Permission, Role
from clients.models import Client
from clients.promises import LABELS
from portal.doors import back
from portal.guards import current_entry, open_office, permits
from portal.rendering import local, now, render_page
from portal.views.back import asked
from reports.frames import Period
from reports.sla import load_attainment

CLIENTS = 25  # on one page


@back.get("/clients")
@permits(Permission.BUREAU_READ)
def clients_list() -> ResponseReturnValue:
    text, after = asked.asked_text().casefold(), request.args.get("after", "")
    clients = [one for one in _reachable() if text in f"{one.name} {one.code}".casefold()]
    shown = [one for one in clients if one.code > after][: CLIENTS + 1]
    with open_office() as office:
        lines = book.find_lines(office, shown[:CLIENTS], local(now()).date())
        slots = find_standings(office, shown[:CLIENTS])
        promises = {one.id: load_attainment(office, one.id, _month()) for one in shown[:CLIENTS]}
    return render_page(
        "back/clients/list.html", "back/clients/_rows.html", lines=lines, slots=slots, promises=promises,
        total=len(clients), after=shown[CLIENTS - 1].code if len(shown) > CLIENTS else "",
    )  # fmt: skip


def _reachable() -> tuple[Client, ...]:
    entry = current_entry()
    return (entry.client,) if entry.client else entry.clients


def _month() -> Period:
    today = local(now()).date()
    return Period(today.replace(day=1), today + timedelta(days=1))


@back.get("/clients/<code>")
@permits(Permission.BUREAU_READ)
def clients_one(code: str) -> ResponseReturnValue:
    client = next((one for one in _reachable() if one.code == code), None)
    if client is None:
        raise NotFound("no such client")
    with open_office() as office:
        page = book.load_client(office, client.id)
        (line,) = book.find_lines(office, [client], local(now()).date())
        slots = find_standings(office, [client])[client.id]
        promises = load_attainment(office, client.id, _month())
    return render_template(
        "back/clients/one.html", page=page, line=line, slots=slots, promises=promises, labels=LABELS, roles=Role
    )
