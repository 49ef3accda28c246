"""The bureau's first page: what is due, and what is about to break."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from clients.access import Permission
from portal import glance
from portal.doors import back
from portal.guards import current_entry, open_office, permits


@back.get("/")
@permits(Permission.BUREAU_READ)
def today() -> ResponseReturnValue:
    entry = current_entry()
    with open_office() as office:
        return render_template(
            "back/today.html",
            at_risk=glance.find_at_risk(office),
            queues=glance.find_queues(office, entry.person.name),
            failed_jobs=glance.find_failed_jobs(office, office.now - timedelta(days=1)),
            overdue=glance.count_overdue(office),
            quarantined=glance.count_quarantined(office),
            questions=glance.count_overdue_questions(office),
            clients={client.id: client for client in entry.clients},
        )
