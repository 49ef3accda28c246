"""From values to what a person reads: dates, ages, money, words; and the frame around every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, render_template, request
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined

from clients.access import Door, Person, doors_of
from clients.models import Client
from config.clock import BusinessCalendar
from config.glossary import explain_adjustment
from config.identifiers import reference
from config.money import format_cents
from portal import words
from portal.assets import find_assets
from portal.guards import Entry, allows, current_entry, open_office
from portal.navigation import HOMES, PLACES, SHORTCUTS, Place, Shortcut
from portal.sandbox import Book, live_bureau, live_url

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class NavigationItem:
    place: Place
    is_current: bool
    count: int


@dataclass(frozen=True, slots=True)
class Frame:
    """All that surrounds a page for a person who is signed in."""

    person: Person
    door: Door | None
    other_doors: tuple[Door, ...]
    book: Book
    client: Client | None
    clients: tuple[Client, ...]
    navigation: tuple[NavigationItem, ...]
    shortcuts: tuple[Shortcut, ...]
    today: date
    is_error: bool  # around an error page: nothing more is asked of the book, which may be what failed

    def preference(self, name: str, default: str) -> str:
        return str(self.person.preferences.get(name, default))


def build_frame() -> Frame | None:
    """The frame of this request, None for a person at the entrance; that of an error page counts nothing."""
    if "entry" not in g:
        return None
    if "frame" not in g:
        entry = current_entry()
        g.frame = Frame(
            person=entry.person,
            door=entry.door,
            other_doors=_other_doors(entry),
            book=entry.book,
            client=entry.client,
            clients=entry.clients,
            navigation=_navigation(entry.door),
            shortcuts=SHORTCUTS,
            today=local(now()).date(),
            is_error="is_error" in g,
        )
    frame: Frame = g.frame
    return frame


def _other_doors(entry: Entry) -> tuple[Door, ...]:
    """Where else the person may go; from inside a run there is only the way back."""
    return () if entry.book.is_sandbox else tuple(door for door in doors_of(entry.person) if door != entry.door)


def _navigation(door: Door | None) -> tuple[NavigationItem, ...]:
    """The pages of the door, with how much waits on each where the book may be asked."""
    if door is None:
        return ()
    blueprint, _, page = (request.endpoint or "").partition(".")
    section = page.split("_")[0]
    places = open_places(door)
    counts = {} if "is_error" in g else _count(places)
    return tuple(
        NavigationItem(place, blueprint == door and place.section == section, counts.get(place, 0))
        for place in places
    )


def _count(places: tuple[Place, ...]) -> dict[Place, int]:
    with open_office() as office:
        return {place: place.count(office) for place in places if place.count}


def open_places(door: Door) -> tuple[Place, ...]:
    """The pages of a door that its guard would let this person see."""
    views = current_app.view_functions
    return tuple(place for place in PLACES[door] if allows(vars(views[place.endpoint])["permission"]))


def render_page(template: str, fragment: str = "", **context: Any) -> str:
    """The page, or only its fragment when the page itself asks for that by htmx under the same address."""
    asked_by_page = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    return render_template(fragment if fragment and asked_by_page else template, **context)


def now() -> datetime:
    """The time in the book that is open: a sandbox lives in its own year."""
    bureau = current_entry().book.bureau if "entry" in g else live_bureau()
    return bureau.clock.now()


def zone() -> str:
    """The time zone of the client in front of us, else that of the bureau."""
    client = current_entry().client if "entry" in g else None
    return client.time_zone if client else live_bureau().settings.time_zone


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(zone()))


def _day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def show_money(cents: int | None) -> str:
    """1,234.50 with a true minus; a dash where there is no amount."""
    return NOTHING if cents is None else format_cents(cents, true_minus=True)


def show_dollars(cents: int | None) -> str:
    """As show_money with the sign of the currency, for figures that stand alone."""
    if cents is None:
        return NOTHING
    return f"{'−' if cents < 0 else ''}${format_cents(abs(cents))}"


def show_day(value: date | datetime | None) -> str:
    """14 Mar 2026"""
    if value is None:
        return NOTHING
    day = _day_of(value)
    return f"{day.day} {day:%b %Y}"


def show_weekday(value: date | datetime | None) -> str:
    """Sat 14 Mar 2026"""
    return NOTHING if value is None else f"{_day_of(value):%a} {show_day(value)}"


def show_moment(value: datetime | None) -> str:
    """14 Mar 2026, 09:15"""
    return NOTHING if value is None else f"{show_day(value)}, {local(value):%H:%M}"


def show_age(value: date | datetime | None) -> str:
    """Whole days since then: today, 1 day, 12 days."""
    if value is None:
        return NOTHING
    days = (local(now()).date() - _day_of(value)).days
    return "today" if days <= 0 else plural(days, "day")


def show_due(value: date | datetime | None) -> str:
    """How far a deadline is, in business days: in 3 business days, today, 2 business days late."""
    if value is None:
        return NOTHING
    calendar, today, day = BusinessCalendar(zone()), local(now()).date(), _day_of(value)
    if isinstance(value, datetime) and value < now() and day == today:
        return "earlier today"
    days = calendar.business_days_between(today, day)
    if day == today:
        return "today"
    return f"in {plural(days, 'business day')}" if day > today else f"{plural(max(-days, 1), 'business day')} late"


def show_count(number: int) -> str:
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """1 claim, 2 claims, 1,234 claims"""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def show_seconds(seconds: int | None) -> str:
    """About how long something still takes."""
    if seconds is None:
        return "not known yet"
    return f"{max(seconds, 1)} s" if seconds < 90 else f"{round(seconds / 60)} min"


def initials(name: str) -> str:
    """Two letters for a person: Dana Reyes is DR."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def url_with(**changes: Any) -> str:
    """The address of this page with some arguments changed; None takes one away."""
    from urllib.parse import urlencode

    kept = {**request.args.to_dict(flat=False), **changes}
    query = urlencode({key: value for key, value in kept.items() if value is not None}, doseq=True)
    return f"{request.script_root}{request.path}{'?' + query if query else ''}"


def new_id(prefix: str) -> str:
    """An id that is unique within the page."""
    if "ids" not in g:
        g.ids = count(1)
    return f"{prefix}-{next(g.ids)}"


def register(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters |= {
        "money": show_money,
        "dollars": show_dollars,
        "day": show_day,
        "weekday": show_weekday,
        "moment": show_moment,
        "age": show_age,
        "due": show_due,
        "count": show_count,
        "plural": plural,
        "seconds": show_seconds,
        "initials": initials,
    }
    environment.globals |= {
        "asset": lambda name: find_assets().url(name),
        "csrf_token": generate_csrf,
        "live_url": live_url,
        "url_with": url_with,
        "new_id": new_id,
        "reference": reference,
        "lane_word": words.lane_word,
        "state_sign": words.state_sign,
        "turn_sign": words.turn_sign,
        "explain": words.explain,
        "explain_adjustment": explain_adjustment,
        "role_words": words.ROLES,
        "door_words": words.DOORS,
        "home_of": HOMES,
        "settings": app.extensions["bureau"].settings,
    }
    app.context_processor(lambda: {"frame": build_frame()})
