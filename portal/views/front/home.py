"""The practice's first page: money, claims by stage, and what waits for the practice."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from clients.access import Permission
from portal import glance
from portal.doors import front
from portal.guards import open_office, permits
from portal.rendering import local, now


@front.get("/")
@permits(Permission.CLIENT_READ)
def home() -> ResponseReturnValue:
    today = local(now()).date()
    month = today.replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    with open_office() as office:
        return render_template(
            "front/home.html",
            month=month,
            last_month=last_month,
            collected=glance.sum_collected(office, month, today + timedelta(days=1)),
            collected_before=glance.sum_collected(office, last_month, month),
            stages=glance.find_stages(office),
            questions=glance.count_open_questions(office),
            problem_rows=glance.count_problem_rows(office),
        )
