"""The bureau's first page: what is due, and what is about to break."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from bureau.plans import find_alarms, find_standings
from bureau.queries import today as figures
from bureau.queries.enrolments import find_silent_everywhere
from bureau.queries.expected import count_missing
from bureau.queries.talk import find_waits
from bureau.rules.routing import Queue
from clients.access import Permission
from portal.doors import back
from portal.guards import current_entry, open_office, permits
from portal.views.back.asked import clients_by_id


@back.get("/")
@permits(Permission.BUREAU_READ)
def today() -> ResponseReturnValue:
    entry = current_entry()
    clients = [entry.client] if entry.client else list(entry.clients)
    with open_office() as office:
        queues, waits = figures.find_queues(office, entry.person.name), find_waits(office)
        return render_template(
            "back/today.html",
            at_risk=figures.find_at_risk(office),
            queues=queues,
            failed_jobs=figures.find_failed_jobs(office, office.now - timedelta(days=1)),
            late_jobs=find_alarms(find_standings(office, clients)),
            overdue=figures.count_overdue(office),
            quarantined=figures.count_quarantined(office),
            silent=find_silent_everywhere(office, [client.id for client in clients]),
            waits=waits,
            messages_late=sum(wait.due_at is not None and wait.due_at < office.now for wait in waits),
            missing_visits=count_missing(office),
            questions=sum(line.overdue for line in queues if line.queue == Queue.QUESTIONS),
            clients=clients_by_id(),
            now=office.now,
        )
