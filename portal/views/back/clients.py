"""The book of clients, and the page of one: what it is, what was promised, with whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bureau.office import Office
from bureau.plans import find_standings
from bureau.queries import book
from bureau.queries.enrolments import find_silent
from bureau.queries.readiness import Readiness, load_readiness
from clients.access import Permission, Role
from clients.models import Client, ClientState
from clients.promises import LABELS
from clients.stages import BEFORE_LIVE
from portal.doors import back
from portal.guards import current_entry, door_scope, open_office, permits
from portal.promises import load_promise
from portal.rendering import local, now, render_page
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs
from reports.frames import Period
from reports.sla import load_attainment, load_halts

CLIENTS = 25  # on one page


@back.get("/clients")
@permits(Permission.BUREAU_READ)
def clients_list() -> ResponseReturnValue:
    after, today = request.args.get("after", ""), local(now()).date()
    with open_office() as office:
        overview = _look_over(office, _reachable(), today)
        clients = _chosen(overview)
        shown = [one for one in clients if one.code > after][: CLIENTS + 1]
        lines = book.find_lines(office, shown[:CLIENTS], today)
        slots = find_standings(office, shown[:CLIENTS])
        promises = {one.id: load_attainment(office, one.id, _month()) for one in shown[:CLIENTS]}
    return render_page(
        "back/clients/list.html", "back/clients/_rows.html", lines=lines, slots=slots, promises=promises,
        overview=overview, total=len(clients), after=shown[CLIENTS - 1].code if len(shown) > CLIENTS else "",
        stages=list(ClientState), may_open=asked.can(Permission.CLIENTS_MANAGE) and door_scope().clients is None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overview:
    """What the list is filtered by, of every client within reach; `ready` of those that are not live yet."""

    clients: tuple[Client, ...]
    tiers: dict[int, str]
    managers: dict[int, str]
    ready: dict[int, Readiness]

    def stage(self, client: Client) -> str:
        return self.ready[client.id].stage if client.id in self.ready else client.state


def _look_over(office: Office, clients: tuple[Client, ...], today: date) -> Overview:
    ids = [client.id for client in clients]
    coming = [client for client in clients if client.state in BEFORE_LIVE]
    return Overview(
        clients, book.find_tiers(office, ids, today), book.find_managers(office, ids), load_readiness(office, coming)
    )


def _chosen(overview: Overview) -> list[Client]:
    """The clients that the filter of the address asks for, by code."""
    text, wanted = (
        asked.asked_text().casefold(),
        {name: asked.asked_text(name) for name in ("stage", "tier", "manager")},
    )
    return [
        one
        for one in overview.clients
        if text in f"{one.name} {one.code}".casefold()
        and wanted["stage"] in ("", overview.stage(one))
        and wanted["tier"] in ("", overview.tiers.get(one.id, "none"))
        and wanted["manager"] in ("", overview.managers.get(one.id, "none"))
    ]


def _reachable() -> tuple[Client, ...]:
    entry = current_entry()
    return (entry.client,) if entry.client else entry.clients


def _month() -> Period:
    today = local(now()).date()
    return Period(today.replace(day=1), today + timedelta(days=1))


@back.get("/clients/<code>")
@permits(Permission.BUREAU_READ)
def clients_one(code: str) -> ResponseReturnValue:
    client = asked.client_of(code)
    with open_office() as office:
        page = book.load_client(office, client.id)
        (line,) = book.find_lines(office, [client], local(now()).date())
        slots = find_standings(office, [client])[client.id]
        promises, halts = load_attainment(office, client.id, _month()), load_halts(office, client.id, _month())
        readiness, silent = load_readiness(office, [page.client])[client.id], find_silent(office, client.id)
    return render_template(
        "back/clients/one.html", page=page, line=line, slots=slots, promises=promises, halts=halts, labels=LABELS,
        roles=Role, readiness=readiness, silent=silent, tabs=step_tabs(client),
        may_invite=asked.can(Permission.PEOPLE_MANAGE, client.id), before_live=BEFORE_LIVE,
    )  # fmt: skip


@back.get("/clients/<code>/promises/<measure>")
@permits(Permission.BUREAU_READ)
def clients_promises(code: str, measure: str) -> ResponseReturnValue:
    client = asked.client_of(code)
    with open_office() as office:
        items = load_promise(office, client.id, measure, _month())
    return render_template("back/clients/promise.html", items=items, client=client, labels=LABELS)
