"""The bell: what happened that concerns the person at this door, and where to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from bureau.models import Notice
from bureau.models.talk import NoticeKind
from bureau.notices import mark_seen
from bureau.queries.talk import find_notices
from clients.access import ENTRY, Door, Permission
from config.identifiers import reference
from portal.doors import back, front
from portal.guards import DoorBlueprint, current_entry, current_person, open_office, permits
from portal.navigation import HOMES

MANY = 20


@dataclass(frozen=True, slots=True)
class Told:
    """How a kind of notice reads for one and for several, and which page of which door it leads to."""

    one: str
    several: str
    endpoint: str

    @property
    def door(self) -> str:
        return self.endpoint.partition(".")[0]


WORDS: dict[NoticeKind, Told] = {
    NoticeKind.QUESTION_ASKED: Told("A new question to answer", "{} new questions to answer", "front.questions"),
    NoticeKind.QUESTION_OVERDUE: Told("A question still waits", "{} questions still wait", "front.questions"),
    NoticeKind.MESSAGE_TO_CLIENT: Told("A new message", "{} new messages", "front.messages_one"),
    NoticeKind.QUESTION_ANSWERED: Told("An answer to look at", "{} answers to look at", "back.work_queue"),
    NoticeKind.QUESTION_EXPIRED: Told("A question stayed open", "{} questions stayed open", "back.work_queue"),
    NoticeKind.MESSAGE_TO_BUREAU: Told("A new message", "{} new messages", "back.messages_one"),
    NoticeKind.JOB_FAILED: Told("A job failed", "Jobs failed {} times", "back.jobs_list"),
}


@dataclass(frozen=True, slots=True)
class Bell:
    """One unread notice as the menu shows it."""

    id: int
    text: str
    client: str
    at: datetime


def _hang(door: DoorBlueprint, permission: Permission) -> None:
    @door.post("/notices")
    @permits(permission)
    def notices() -> ResponseReturnValue:
        return _open_notice()


for each in (front, back):
    _hang(each, ENTRY[each.door])


@front.app_context_processor
def add_bell() -> dict[str, Any]:
    """What the top bar asks for when it is drawn."""
    return {"ring": _ring}


def _ring() -> list[Bell]:
    """The unread notices of the person for this door, latest first."""
    entry = current_entry()
    if entry.book.is_sandbox:
        return []
    names = {client.id: client.name for client in entry.clients} if entry.door is Door.BACK else {}
    with open_office() as office:
        found = find_notices(office, entry.person.id, _kinds(str(entry.door)), MANY)
    return [Bell(one.id, _say(one), names.get(one.client_id, ""), one.at) for one in found]


def _kinds(door: str) -> list[NoticeKind]:
    return [kind for kind, told in WORDS.items() if told.door == door]


def _say(notice: Notice) -> str:
    told = WORDS[NoticeKind(notice.kind)]
    return told.one if notice.count == 1 else told.several.format(notice.count)


def _open_notice() -> ResponseReturnValue:
    """Mark the notice of the form as seen and go where it leads; without one, mark all and go home."""
    person, door = current_person(), str(current_entry().door)
    number = request.form.get("notice", "")
    home = redirect(url_for(HOMES[Door(door)]))
    with open_office() as office:
        if not number.isdecimal() or len(number) > 18:
            mark_seen(office, person.id)
            return home
        found = [one for one in find_notices(office, person.id, _kinds(door), MANY) if one.id == int(number)]
        mark_seen(office, person.id, int(number))
    return redirect(_address(found[0])) if found else home


def _address(notice: Notice) -> str:
    told = WORDS[NoticeKind(notice.kind)]
    if told.endpoint == "front.messages_one":
        return url_for(told.endpoint, thread_id=notice.subject_id)
    if told.endpoint == "back.messages_one":
        return url_for(told.endpoint, reference=reference("THR", notice.subject_id))
    return url_for(told.endpoint, **({"queue": "Q2"} if told.endpoint == "back.work_queue" else {}))
