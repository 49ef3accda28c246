"""The practice's first page: money, claims by stage, what waits for the practice, and the promises kept."""

from __future__ import annotations

from datetime import date, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from bureau.queries import today as glance
from bureau.queries.expected import find_missing
from bureau.queries.practice import count_rows_to_fix
from bureau.queries.questions import count_open_questions
from clients.access import Permission
from clients.promises import LABELS
from portal.doors import front
from portal.guards import open_office, permits
from portal.promises import load_promise
from portal.rendering import local, now, render_page
from portal.views.front.place import here
from reports.catalog import default_period
from reports.sla import load_attainment, load_halts

# What each promise is called where a practice reads it.
PLAIN = {
    "encounter_to_submitted": "Your visits sent to the insurer",
    "remittance_to_posted": "Payments posted to your claims",
    "denial_to_first_touch": "Refusals looked at",
    "message_to_answered": "Your messages answered",
}


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
            last_month_end=month - timedelta(days=1),
            collected=glance.sum_collected(office, month, today + timedelta(days=1)),
            collected_by_then=glance.sum_collected(office, last_month, _same_day(last_month, today)),
            collected_before=glance.sum_collected(office, last_month, month),
            stages=glance.find_stages(office),
            questions=count_open_questions(office),
            problem_rows=count_rows_to_fix(office),
            missing=find_missing(office),
            today=today,
        )


@front.get("/promises")
@permits(Permission.CLIENT_READ)
def home_promises() -> ResponseReturnValue:
    """Asked for by the first page once it stands: measuring every item of a quarter takes a moment."""
    with open_office() as office:
        period = default_period(office.today(here()))
        kept, halts = load_attainment(office, here(), period), load_halts(office, here(), period)
    return render_page("front/promises.html", "front/_promises.html", promises=kept, halts=halts, labels=LABELS | PLAIN)


@front.get("/promises/<measure>")
@permits(Permission.CLIENT_READ)
def home_promises_items(measure: str) -> ResponseReturnValue:
    with open_office() as office:
        items = load_promise(office, here(), measure, default_period(office.today(here())))
    return render_template("front/promise.html", items=items, labels=LABELS | PLAIN)


def _same_day(month: date, today: date) -> date:
    """The day after the same day of an earlier month: what to compare a month with that is not over."""
    following = (month + timedelta(days=31)).replace(day=1)
    return min(month + timedelta(days=today.day), following)
