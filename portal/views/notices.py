"""The bell: what happened that concerns the person at this door, and where to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from bureau.audience import is_shown
from bureau.models import Notice
from bureau.models.post import MailState
from bureau.models.talk import NoticeKind
from bureau.notices import mark_seen
from bureau.queries.talk import find_notices
from bureau.wording import say
from clients.access import ENTRY, Door, Permission
from config.identifiers import reference
from portal.doors import back, front
from portal.guards import DoorBlueprint, current_entry, current_person, open_office, permits
from portal.navigation import HOMES

MANY = 20


# The page that each kind leads to; its door is the one whose bell rings.
PAGES: dict[NoticeKind, str] = {
    NoticeKind.QUESTION_ASKED: "front.questions",
    NoticeKind.QUESTION_OVERDUE: "front.questions",
    NoticeKind.CASES_HANDED_BACK: "front.reports_one",
    NoticeKind.MESSAGE_TO_CLIENT: "front.messages_one",
    NoticeKind.UPLOAD_FINISHED: "front.upload_one",
    NoticeKind.PLAN_QUOTED: "front.plan",
    NoticeKind.COLLEAGUE_JOINED: "front.people",
    NoticeKind.QUESTION_ANSWERED: "back.work_queue",
    NoticeKind.QUESTION_EXPIRED: "back.work_queue",
    NoticeKind.MESSAGE_TO_BUREAU: "back.messages_one",
    NoticeKind.JOB_FAILED: "back.jobs_list",
    NoticeKind.FILE_QUARANTINED: "back.files_list",
    NoticeKind.PLAN_CHANGE_WAITS: "back.clients_tier",
    NoticeKind.INVITATION_ACCEPTED: "back.people_list",
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
    return [Bell(one.id, say(NoticeKind(one.kind), one.count), names.get(one.client_id, ""), one.at) for one in found]


def _kinds(door: str) -> list[NoticeKind]:
    """What rings at this door for the person who is signed in."""
    kept = current_person().preferences
    return [kind for kind, page in PAGES.items() if page.startswith(f"{door}.") and is_shown(kept, kind)]


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
    page = PAGES[NoticeKind(notice.kind)]
    return url_for(page, **_place(page, notice))


def _place(page: str, notice: Notice) -> dict[str, Any]:
    """What the address of the page needs besides."""
    match page:
        case "front.messages_one":
            return {"thread_id": notice.subject_id}
        case "front.reports_one":
            return {"report_id": "handed_back"}
        case "front.upload_one":
            return {"upload_id": notice.subject_id}
        case "back.messages_one":
            return {"reference": reference("THR", notice.subject_id)}
        case "back.work_queue":
            return {"queue": "Q2"}
        case "back.files_list":
            return {"state": MailState.QUARANTINED}
        case "back.clients_tier":
            return {"code": next(one.code for one in current_entry().clients if one.id == notice.client_id)}
        case _:
            return {}
