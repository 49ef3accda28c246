"""Who hears of what, and how: by the bell in the portal, by letter, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bureau.models.talk import NoticeKind
from clients.access import GRANTS, Permission, Role

KEPT_AS = "notices"  # the name in User.preferences
MORNING = time(7)  # when the daily letter is made, at the bureau's place


class Pace(StrEnum):
    """How soon a letter follows a notice that nobody has looked at."""

    AT_ONCE = "at once"
    DAILY = "daily"
    NEVER = "never"


# Whoever may do something about it, at that client, is told.
AUDIENCE: dict[NoticeKind, Permission] = {
    NoticeKind.QUESTION_ASKED: Permission.CLIENT_ANSWER,
    NoticeKind.QUESTION_OVERDUE: Permission.CLIENT_ANSWER,
    NoticeKind.CASES_HANDED_BACK: Permission.CLIENT_ANSWER,
    NoticeKind.MESSAGE_TO_CLIENT: Permission.CLIENT_MESSAGES,
    NoticeKind.UPLOAD_FINISHED: Permission.CLIENT_UPLOAD,
    NoticeKind.PLAN_QUOTED: Permission.CLIENT_PLAN,
    NoticeKind.COLLEAGUE_JOINED: Permission.CLIENT_PEOPLE,
    NoticeKind.QUESTION_ANSWERED: Permission.BUREAU_WORK,
    NoticeKind.QUESTION_EXPIRED: Permission.BUREAU_WORK,
    NoticeKind.MESSAGE_TO_BUREAU: Permission.BUREAU_MESSAGES,
    NoticeKind.JOB_FAILED: Permission.BUREAU_JOBS,
    NoticeKind.FILE_QUARANTINED: Permission.BUREAU_WORK,
    NoticeKind.PLAN_CHANGE_WAITS: Permission.CLIENTS_MANAGE,
    NoticeKind.INVITATION_ACCEPTED: Permission.PEOPLE_MANAGE,
}
# What a role gets by letter as long as the person has not chosen; what is not named here, never. A practice's people
# look in now and then, and are written to when it is their turn; staff work in the portal, and only what cannot wait
# for the next look at it is written to those who answer for it.
_PACES: dict[NoticeKind, dict[Role, Pace]] = {
    NoticeKind.QUESTION_ASKED: {Role.OWNER: Pace.DAILY, Role.PRACTICE_MANAGER: Pace.AT_ONCE},
    NoticeKind.QUESTION_OVERDUE: {Role.OWNER: Pace.DAILY, Role.PRACTICE_MANAGER: Pace.AT_ONCE},
    NoticeKind.MESSAGE_TO_CLIENT: {
        Role.OWNER: Pace.AT_ONCE, Role.PRACTICE_MANAGER: Pace.AT_ONCE, Role.UPLOADER: Pace.DAILY,
    },
    NoticeKind.CASES_HANDED_BACK: {Role.OWNER: Pace.AT_ONCE, Role.PRACTICE_MANAGER: Pace.AT_ONCE},
    NoticeKind.PLAN_QUOTED: {Role.OWNER: Pace.AT_ONCE, Role.PRACTICE_MANAGER: Pace.DAILY},
    NoticeKind.QUESTION_EXPIRED: {Role.ACCOUNT_MANAGER: Pace.DAILY},
    NoticeKind.MESSAGE_TO_BUREAU: {Role.ACCOUNT_MANAGER: Pace.AT_ONCE, Role.MANAGER: Pace.DAILY},
    NoticeKind.JOB_FAILED: {
        Role.ADMIN: Pace.AT_ONCE, Role.MANAGER: Pace.AT_ONCE, Role.ACCOUNT_MANAGER: Pace.DAILY,
    },
    NoticeKind.FILE_QUARANTINED: {Role.MANAGER: Pace.DAILY, Role.POSTER: Pace.DAILY},
    NoticeKind.PLAN_CHANGE_WAITS: {Role.ACCOUNT_MANAGER: Pace.AT_ONCE, Role.MANAGER: Pace.DAILY},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """How one person hears of one kind of thing."""

    is_shown: bool
    pace: Pace

    @property
    def is_any(self) -> bool:
        return self.is_shown or self.pace is not Pace.NEVER


def roles_told(kind: NoticeKind) -> list[Role]:
    """The roles that may do something about it."""
    return [role for role in Role if AUDIENCE[kind] in GRANTS[role]]


def kinds_for(roles: Collection[Role]) -> list[NoticeKind]:
    """What people with these roles can hear of."""
    return [kind for kind in AUDIENCE if not set(roles).isdisjoint(roles_told(kind))]


def read_choice(preferences: Mapping[str, Any], kind: NoticeKind, roles: Iterable[Role]) -> Choice:
    """What the person chose, else what fits the roles best that they hold there."""
    chosen = preferences.get(KEPT_AS, {}).get(kind)
    if chosen:
        return Choice(chosen["shown"], Pace(chosen["pace"]))
    paces = {_PACES.get(kind, {}).get(role, Pace.NEVER) for role in roles}
    return Choice(is_shown=True, pace=next((pace for pace in Pace if pace in paces), Pace.NEVER))


def is_shown(preferences: Mapping[str, Any], kind: NoticeKind) -> bool:
    """Whether the bell rings for it."""
    return read_choice(preferences, kind, ()).is_shown


def write_choices(choices: Mapping[NoticeKind, Choice]) -> dict[str, Any]:
    """What is kept in the person's preferences under `KEPT_AS`."""
    return {str(kind): {"shown": one.is_shown, "pace": str(one.pace)} for kind, one in choices.items()}


def is_due(pace: Pace, told_at: datetime, now: datetime, time_zone: str) -> bool:
    """Whether a letter of what was told then may be made now; a daily one is, once a morning has come since."""
    if pace is not Pace.DAILY:
        return pace is Pace.AT_ONCE
    here = now.astimezone(ZoneInfo(time_zone))
    morning = datetime.combine(here.date(), MORNING, here.tzinfo)
    return told_at < (morning if morning <= here else morning - timedelta(days=1))
