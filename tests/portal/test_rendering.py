"""How values read: money, dates at their place, ages, deadlines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from jinja2 import UndefinedError
from werkzeug.datastructures import MultiDict

from portal import rendering
from portal.forms import Fields
from tests.portal.world import NOW, TODAY


@pytest.fixture(autouse=True)
def inside(app):
    with app.test_request_context("/back/?age=30&after=x"):
        yield


@pytest.mark.parametrize(
    ("cents", "plain", "dollars"),
    [
        (0, "0.00", "$0.00"),
        (123_456_789, "1,234,567.89", "$1,234,567.89"),
        (-5, "−0.05", "−$0.05"),
        (None, "–", "–"),
    ],
)
def test_money(cents, plain, dollars):
    assert rendering.show_money(cents) == plain
    assert rendering.show_dollars(cents) == dollars


def test_days_are_those_of_the_place():
    late = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)  # still Saturday in New York
    assert rendering.show_day(late) == "14 Mar 2026"
    assert rendering.show_weekday(late) == "Sat 14 Mar 2026"
    assert rendering.show_moment(late) == "14 Mar 2026, 22:30"
    assert rendering.show_day(date(2026, 3, 1)) == "1 Mar 2026"
    assert rendering.show_day(None) == "–"


@pytest.mark.parametrize(("days", "says"), [(0, "today"), (1, "1 day"), (12, "12 days"), (1500, "1,500 days")])
def test_age(days, says):
    assert rendering.show_age(TODAY - timedelta(days=days)) == says


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 3, 18), "today"),
        (date(2026, 3, 19), "in 1 business day"),
        (date(2026, 3, 23), "in 3 business days"),
        (date(2026, 3, 17), "1 business day late"),
        (date(2026, 3, 13), "3 business days late"),
        (NOW - timedelta(hours=1), "earlier today"),
        (NOW + timedelta(hours=1), "today"),
    ],
)
def test_due(day, says):
    assert rendering.show_due(day) == says


def test_the_address_of_the_page_with_other_arguments():
    assert rendering.url_with(after="y") == "/back/?age=30&after=y"
    assert rendering.url_with(age=None, after=None) == "/back/"


@pytest.mark.parametrize(("name", "says"), [("Dana Reyes", "DR"), ("Ana de la Cruz", "AC"), ("Cher", "C")])
def test_initials(name, says):
    assert rendering.initials(name) == says


def test_a_name_that_a_template_misspells_is_an_error(app):
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nothing_of_that_name }}").render()


def test_text_from_outside_is_never_markup(app):
    shown = app.jinja_env.get_template("_error_notice.html").render(
        words=type("W", (), {"title": "<b>", "next_step": ""}), happened="<script>", reference="R"
    )
    assert "<script>" not in shown
    assert "<b>" not in shown


def test_a_form_gathers_what_is_wrong_beside_each_field():
    fields = Fields(
        MultiDict(
            {
                "name": " ",
                "day": "14/03/2026",
                "amount": "1.005",
                "door": "side",
                "note": "a\x00b",
                "long": "x" * 9,
            }
        )
    )
    fields.text("name")
    fields.text("note")
    fields.text("long", most=8)
    fields.day("day")
    fields.cents("amount")
    fields.choice("door", ("front", "back"))
    assert [problem.where for problem in fields.problems] == ["name", "note", "long", "day", "amount", "door"]
    assert "YYYY-MM-DD" in fields.error("day")
    assert fields.error("elsewhere") == ""
    assert fields["day"] == "14/03/2026"  # shown again as it was typed


def test_a_form_that_is_right():
    fields = Fields(MultiDict({"name": " Ann ", "day": "2026-03-14", "amount": "$1,234.50"}))
    assert fields.text("name") == "Ann"
    assert fields.day("day") == date(2026, 3, 14)
    assert fields.cents("amount") == 123_450
    assert fields.day("other", required=False) is None
    assert not fields.problems
