"""What each door offers: its pages in order, and every keyboard shortcut, from one registry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bureau.office import Office
from clients.access import Door
from portal import glance


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of a door's navigation; `count` is the number that matters there, shown when not zero."""

    label: str
    endpoint: str
    icon: str
    count: Callable[[Office], int] | None = None
    count_means: str = ""

    @property
    def section(self) -> str:
        """What the page's own endpoints begin with: back.claims, back.claims_one ... light the same entry."""
        return self.endpoint.split(".")[1].split("_")[0]


PLACES: dict[Door, tuple[Place, ...]] = {
    Door.FRONT: (Place("Home", "front.home", "house", glance.count_open_questions, "waiting for you"),),
    Door.BACK: (Place("Today", "back.today", "calendar-check", glance.count_overdue, "overdue"),),
    Door.LAB: (Place("Scenarios", "lab.scenarios", "flask-conical"),),
}
HOMES: dict[Door, str] = {door: places[0].endpoint for door, places in PLACES.items()}


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key: `keys` as the keyboard names it, `single` when it is a bare letter that can be turned off."""

    keys: str
    does: str
    where: str
    single: bool = True


# A page binds a key by data-key on the button or link it presses; a test holds those to this list.
SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("Ctrl K", "Search, or go to any page", "Everywhere", single=False),
    Shortcut("/", "Search", "Everywhere"),
    Shortcut("?", "Show this list", "Everywhere"),
    Shortcut("Esc", "Close what is open", "Everywhere", single=False),
    Shortcut("j", "Next row", "In a list"),
    Shortcut("k", "Previous row", "In a list"),
    Shortcut("Enter", "Open the row", "In a list", single=False),
    Shortcut("f", "Go to the filters", "In a list"),
    Shortcut("n", "Next page", "In a list"),
    Shortcut("p", "Previous page", "In a list"),
    Shortcut("g", "Get the next item", "In a queue"),
    Shortcut("a", "Do the main action of the page", "On a page"),
)
