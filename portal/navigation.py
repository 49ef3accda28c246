"""What each door offers: its pages in order, and every keyboard shortcut, from one registry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bureau.office import Office
from bureau.queries.expected import count_missing
from bureau.queries.practice import count_rows_to_fix
from bureau.queries.questions import count_open_questions
from bureau.queries.talk import count_news, count_waiting
from bureau.queries.today import count_overdue
from clients.access import Door


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
    Door.FRONT: (
        Place("Home", "front.home", "house"),
        Place("Upload", "front.upload", "upload", count_rows_to_fix, "to fix"),
        Place("Charges", "front.charges", "keyboard"),
        Place("Expected", "front.expected", "calendar", count_missing, "missing"),
        Place("Questions", "front.questions", "message-circle-question-mark", count_open_questions, "to answer"),
        Place("Messages", "front.messages", "messages-square", count_news, "to read"),
        Place("Claims", "front.claims", "file-text"),
        Place("Reports", "front.reports", "chart-column"),
        Place("Plan", "front.plan", "layers"),
        Place("People", "front.people", "users"),
        Place("Who looked", "front.audit_list", "history"),
    ),
    Door.BACK: (
        Place("Today", "back.today", "calendar-check", count_overdue, "overdue"),
        Place("Work", "back.work_queues", "list-checks"),
        Place("Charges", "back.charges", "keyboard"),
        Place("Messages", "back.messages_list", "messages-square", count_waiting, "waiting for an answer"),
        Place("Claims", "back.claims_list", "file-text"),
        Place("Files", "back.files_list", "files"),
        Place("Money", "back.money_list", "banknote"),
        Place("Clients", "back.clients_list", "building-2"),
        Place("Jobs", "back.jobs_list", "timer"),
        Place("Reports", "back.reports_list", "chart-column"),
        Place("People", "back.people_list", "users"),
        Place("Audit", "back.audit_list", "history"),
    ),
    Door.LAB: (
        Place("Scenarios", "lab.scenarios", "flask-conical"),
        Place("Runs", "lab.runs", "play"),
        Place("Payers", "lab.payers", "landmark"),
    ),
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
    Shortcut("Ctrl Enter", "Save the charge", "While keying a charge", single=False),
    Shortcut("a", "Do the main action of the page", "On a page"),
)
