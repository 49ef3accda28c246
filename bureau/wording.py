"""What letters say: a closed set of texts that take names of people and practices, counts and links, and no words.

A letter leaves our walls and lies in mailboxes for years, so nothing of a patient may be in one. The makers here are
given rows of people and clients, kinds, numbers and tokens: there is no parameter a patient's data could come in by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from itertools import groupby

from bureau.models import Letter
from bureau.models.talk import NoticeKind, Side
from clients.models import Client, Invitation, User
from config.settings import Settings

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Saying:
    """How a kind of notice reads for one and for several, for whom it is, and what it is called as a whole."""

    side: Side
    title: str
    one: str
    several: str


SAYINGS: dict[NoticeKind, Saying] = {
    NoticeKind.QUESTION_ASKED: Saying(
        Side.CLIENT, "New questions", "A new question to answer", "{} new questions to answer"
    ),
    NoticeKind.QUESTION_OVERDUE: Saying(
        Side.CLIENT, "Questions that still wait", "A question still waits", "{} questions still wait"
    ),
    NoticeKind.CASES_HANDED_BACK: Saying(
        Side.CLIENT,
        "Claims handed back",
        "A denied claim is handed back to you",
        "{} denied claims are handed back to you",
    ),
    NoticeKind.MESSAGE_TO_CLIENT: Saying(Side.CLIENT, "Messages", "A new message", "{} new messages"),
    NoticeKind.UPLOAD_FINISHED: Saying(
        Side.CLIENT, "Your large uploads", "An upload is taken in", "{} uploads are taken in"
    ),
    NoticeKind.PLAN_QUOTED: Saying(
        Side.CLIENT, "Prices for another plan", "A price for your plan to look at", "{} prices for your plan to look at"
    ),
    NoticeKind.COLLEAGUE_JOINED: Saying(
        Side.CLIENT, "People you invited", "Somebody you invited has come in", "{} people you invited have come in"
    ),
    NoticeKind.QUESTION_ANSWERED: Saying(
        Side.BUREAU, "Answers of practices", "An answer to look at", "{} answers to look at"
    ),
    NoticeKind.QUESTION_EXPIRED: Saying(
        Side.BUREAU, "Questions nobody answered", "A question stayed open", "{} questions stayed open"
    ),
    NoticeKind.MESSAGE_TO_BUREAU: Saying(Side.BUREAU, "Messages", "A new message", "{} new messages"),
    NoticeKind.JOB_FAILED: Saying(Side.BUREAU, "Jobs that fail", "A job failed", "Jobs failed {} times"),
    NoticeKind.FILE_QUARANTINED: Saying(
        Side.BUREAU, "Files in quarantine", "A file went to quarantine", "{} files went to quarantine"
    ),
    NoticeKind.PLAN_CHANGE_WAITS: Saying(
        Side.BUREAU, "Changes of plan", "A change of plan waits for you", "{} changes of plan wait for you"
    ),
    NoticeKind.INVITATION_ACCEPTED: Saying(
        Side.BUREAU, "People you invited", "Somebody you invited has come in", "{} people you invited have come in"
    ),
}
DOORS = {frozenset({Side.CLIENT}): "/front/", frozenset({Side.BUREAU}): "/back/"}


@dataclass(frozen=True, slots=True)
class Token:
    """The secret part of a link: symbols only, so that nothing can be said with it."""

    symbols: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-]{16,100}", self.symbols, re.ASCII):
            raise ValueError("this is no token")


@dataclass(frozen=True, slots=True)
class Welcome:
    """An invitation to the portal, for a practice (or None: at the bureau)."""

    to: Invitation
    client: Client | None
    token: Token


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A link by which a person chooses a new password."""

    to: Invitation
    token: Token


@dataclass(frozen=True, slots=True)
class Item:
    """So many notices of a kind about a client."""

    client: Client
    kind: NoticeKind
    count: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What somebody was told and has not looked at."""

    to: User
    items: tuple[Item, ...]


Contents = Welcome | NewPassword | Digest


def say(kind: NoticeKind, count: int) -> str:
    saying = SAYINGS[kind]
    return saying.one if count == 1 else saying.several.format(count)


def write_letter(settings: Settings, letter: Letter, contents: Contents, at: datetime) -> EmailMessage:
    """The letter as a mail; a second copy of it has the same Message-ID. Raises ValueError for an impossible address.

    Of the row only what makes the Message-ID is looked at.
    """
    subject, body = _say(settings, contents)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_plain(settings.name), addr_spec=settings.mail_from)
    mail["To"] = Address(_plain(contents.to.name), addr_spec=contents.to.email)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = _message_id(settings, letter)
    mail["Auto-Submitted"] = "auto-generated"
    text = f"{body}\n\n{_plain(settings.name)}\n\nA program wrote this; nobody reads answers to it.\n"
    mail.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")  # a link stays on its line
    return mail


def _say(settings: Settings, contents: Contents) -> tuple[str, str]:
    """Subject and body."""
    match contents:
        case Welcome():
            return _welcome(settings, contents)
        case NewPassword():
            return _new_password(settings, contents)
        case Digest():
            return _digest(settings, contents)


def _welcome(settings: Settings, contents: Welcome) -> tuple[str, str]:
    bureau = _plain(settings.name)
    place = f", for {_plain(contents.client.name)}" if contents.client else ""
    return f"Your invitation to {bureau}", (
        f"{_hello(contents.to)}\n\nyou are invited to the portal of {bureau}{place}. This link lets you in:\n\n"
        f"{_link(settings, contents.token)}\n\n"
        "It works once, for a week, and is meant for you alone.\nIf you do not know what this is about, do nothing."
    )


def _new_password(settings: Settings, contents: NewPassword) -> tuple[str, str]:
    bureau = _plain(settings.name)
    return f"A new password for {bureau}", (
        f"{_hello(contents.to)}\n\nby this link you choose a new password for the portal of {bureau}:\n\n"
        f"{_link(settings, contents.token)}\n\n"
        "It works once, for a week, and is meant for you alone.\n"
        "If you did not ask for it, do nothing: your password stays as it is."
    )


def _digest(settings: Settings, contents: Digest) -> tuple[str, str]:
    items = sorted(
        contents.items, key=lambda item: (item.client.name, item.client.id, list(NoticeKind).index(item.kind))
    )
    parts = []
    for name, those in groupby(items, key=lambda item: _plain(item.client.name)):
        parts.append("\n".join([name, *(f"- {say(item.kind, item.count)}" for item in those)]))
    door = DOORS.get(frozenset(SAYINGS[item.kind].side for item in items), "/")
    return _digest_subject(items), (
        f"{_hello(contents.to)}\n\nthis waits for you in the portal:\n\n" + "\n\n".join(parts) + "\n\n"
        f"Look at it here:\n{settings.portal_url}{door}\n\n"
        f"What we write to you, and how often, you choose here:\n{settings.portal_url}/me/notices"
    )


def _digest_subject(items: list[Item]) -> str:
    """What waits where it is one thing; else how many, and at which practice where it is one."""
    total = sum(item.count for item in items)
    what = say(items[0].kind, total) if len({item.kind for item in items}) == 1 else f"{total} things wait for you"
    names = {_plain(item.client.name) for item in items}
    return f"{names.pop()}: {what}" if len(names) == 1 else what


def _hello(to: User | Invitation) -> str:
    return f"Dear {_plain(to.name) or 'reader'},"


def _link(settings: Settings, token: Token) -> str:
    return f"{settings.portal_url}/invitation/{token.symbols}"


def _plain(name: str) -> str:
    """A name on one line and no longer than names are, so that it can carry neither headers nor a text."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())[:LONGEST_NAME]


def _message_id(settings: Settings, letter: Letter) -> str:
    digest = sha256(f"{letter.key} {letter.written_at.isoformat()} {settings.portal_url}".encode()).hexdigest()
    return f"<{digest[:40]}@{settings.mail_from.partition('@')[2]}>"
