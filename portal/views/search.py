"""Search, or go to: one box for pages and clients, within what the door lets a person reach."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clients.access import ENTRY, Door
from portal.doors import DOORS
from portal.guards import DoorBlueprint, current_entry, permits
from portal.navigation import HOMES
from portal.rendering import open_places, render_page
from portal.views.back.finding import find_in_book

MOST = 8


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    label: str
    detail: str
    url: str
    icon: str


def _hang(door: DoorBlueprint) -> None:
    @door.get("/search")
    @permits(ENTRY[door.door])
    def search() -> ResponseReturnValue:
        return search_page()


for each in DOORS:
    _hang(each)


def search_page() -> ResponseReturnValue:
    text = request.args.get("q", "").strip()[:100]
    return render_page("search/results.html", "search/_results.html", found=find_all(text), text=text)


def find_all(text: str) -> list[Found]:
    """Pages first, then clients, then what the book holds; an empty search offers the pages."""
    pages = [found for found in _pages() if _matches(text, found.label)]
    clients = [found for found in _clients() if text and _matches(text, f"{found.label} {found.detail}")]
    return pages[:MOST] + clients[:MOST] + _in_book(text)


def _in_book(text: str) -> list[Found]:
    if current_entry().door is not Door.BACK or not text:
        return []
    return [Found(*hit) for hit in find_in_book(text)]


def _pages() -> list[Found]:
    door = current_entry().door
    places = open_places(door) if door else ()
    return [Found("Page", place.label, "", url_for(place.endpoint), place.icon) for place in places]


def _clients() -> list[Found]:
    entry = current_entry()
    if entry.door is Door.LAB or len(entry.clients) < 2:
        return []
    home = HOMES[entry.door or Door.BACK]
    return [
        Found("Client", client.name, client.code, url_for(home, client_code=client.code), "building-2")
        for client in entry.clients
    ]


def _matches(text: str, label: str) -> bool:
    """Every word of the search begins some word of the label."""
    words = label.casefold().split()
    return all(any(word.startswith(part) for word in words) for part in text.casefold().split())
