"""The read side of messages: whose turn it is in each thread, what is unread, and how a thread went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select

from bureau.models import Mail, Message, Notice, ReadMark, Thread, Upload
from bureau.models.talk import NoticeKind, Side, Topic
from bureau.office import Office
from bureau.queries.paging import anyones
from clients.pauses import count_seconds, find_pauses, unite
from clients.promises import load_limits
from config.identifiers import reference

PAGE = 50
ANSWERING = "message_to_answered"  # the promise that says until when


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One thread in a list; `due_at` is when a message of the client is to be answered by what its agreement
    promises (None: nothing), `hours` how long it has waited in business hours that count.
    """

    client_id: int
    id: int
    topic: Topic
    subject_id: int
    about: str
    last_at: datetime
    last_side: str
    assignee: str
    closed_at: datetime | None
    waits_since: datetime | None
    due_at: datetime | None
    hours: float
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, and from which side."""

    user_id: int
    side: Side


class Wait(NamedTuple):
    """How long somebody has waited for an answer, in business seconds that count, and until when it was promised."""

    seconds: int
    due_at: datetime | None


def find_threads(
    office: Office,
    reader: Reader,
    *,
    client_id: int | None = None,
    closed: bool = False,
    before: datetime | None = None,
) -> list[ThreadLine]:
    """Open threads, those that wait for an answer of the bureau first (oldest first); or closed ones, latest first.

    One more than a page, so that the page knows whether there are others.
    """
    wanted = _threads(reader).where(Thread.closed_at.is_not(None) if closed else Thread.closed_at.is_(None))
    if client_id is not None:
        wanted = wanted.where(Thread.client_id == client_id)
    if before is not None:
        wanted = wanted.where(Thread.last_at < before)
    waits_first = () if closed or reader.side is Side.CLIENT else (Thread.waits_since.is_(None), Thread.waits_since)
    rows = office.rows(wanted.order_by(*waits_first, Thread.last_at.desc(), Thread.id.desc()).limit(PAGE + 1))
    return _lines(office, rows)


def get_line(office: Office, reader: Reader, thread: Thread) -> ThreadLine:
    wanted = _threads(reader).where(Thread.client_id == thread.client_id, Thread.id == thread.id)
    (line,) = _lines(office, [office.session.execute(wanted).one()])
    return line


def find_messages(office: Office, client_id: int, thread_id: int) -> Sequence[Message]:
    """What was written, oldest first."""
    wanted = select(Message).where(Message.client_id == client_id, Message.thread_id == thread_id)
    return office.session.scalars(wanted.order_by(Message.id)).all()


def count_waiting(office: Office) -> int:
    """Threads in scope in which the client waits for an answer."""
    return _count(office, Thread.waits_since.is_not(None))


def get_promise(office: Office, client_id: int) -> int | None:
    """In how many business days the agreement of today promises an answer; None where it promises none."""
    return load_limits(office.session, ANSWERING, {client_id: office.today(client_id)}).get(client_id)


def find_waits(office: Office) -> list[Wait]:
    """Threads in scope in which the client waits for an answer, the longest waiting first."""
    wanted = select(Thread.client_id, Thread.waits_since).where(
        anyones(Thread), Thread.closed_at.is_(None), Thread.waits_since.is_not(None)
    )
    return _judge(office, [(row[0], row[1]) for row in office.rows(wanted.order_by(Thread.waits_since))])


def count_news(office: Office) -> int:
    """Threads in scope in which the bureau wrote last and nobody of the practice has read it."""
    is_read = exists().where(
        ReadMark.client_id == Thread.client_id, ReadMark.thread_id == Thread.id, ReadMark.side == Side.CLIENT,
        ReadMark.read_at >= Thread.last_at,
    )  # fmt: skip
    return _count(office, Thread.last_side == Side.BUREAU, ~is_read)


def find_notices(office: Office, user_id: int, kinds: Sequence[NoticeKind], limit: int) -> Sequence[Notice]:
    """What this person was told and has not looked at, within the scope, latest first."""
    wanted = select(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.kind.in_(kinds))
    return office.session.scalars(wanted.order_by(Notice.at.desc(), Notice.id.desc()).limit(limit)).all()


def _count(office: Office, *where: Any) -> int:
    wanted = select(func.count()).select_from(Thread).where(anyones(Thread), Thread.closed_at.is_(None), *where)
    return office.session.scalar(wanted) or 0


def _threads(reader: Reader) -> Any:
    mine = and_(
        ReadMark.client_id == Thread.client_id, ReadMark.thread_id == Thread.id, ReadMark.user_id == reader.user_id
    )
    of_upload = and_(Upload.client_id == Thread.client_id, Upload.id == Thread.subject_id, Thread.topic == Topic.UPLOAD)
    of_mail = and_(Mail.client_id == Thread.client_id, Mail.id == Thread.subject_id, Thread.topic == Topic.MAIL)
    is_unread = and_(
        Thread.last_side != reader.side, or_(ReadMark.read_at.is_(None), ReadMark.read_at < Thread.last_at)
    )
    return (
        select(
            Thread, Upload.file_name, Mail.name.label("mail_name"), is_unread.label("is_unread"),
        )
        .outerjoin(ReadMark, mine)
        .outerjoin(Upload, of_upload)
        .outerjoin(Mail, of_mail)
        .where(anyones(Thread))
    )  # fmt: skip


def _lines(office: Office, rows: Sequence[Any]) -> list[ThreadLine]:
    waiting = [(row[0].client_id, row[0].waits_since) for row in rows if row[0].waits_since]
    waits = iter(_judge(office, waiting))
    nothing = Wait(0, None)
    return [_line(row, next(waits) if row[0].waits_since else nothing) for row in rows]


def _line(row: Any, wait: Wait) -> ThreadLine:
    one: Thread = row[0]
    return ThreadLine(
        one.client_id, one.id, Topic(one.topic), one.subject_id, _about(one, row.file_name, row.mail_name), one.last_at,
        one.last_side, one.assignee, one.closed_at, one.waits_since, wait.due_at, round(wait.seconds / 3600, 1),
        bool(row.is_unread),
    )  # fmt: skip


def _judge(office: Office, waiting: Sequence[tuple[int, datetime]]) -> list[Wait]:
    """What each agreement promises to those who wait (client, since when), in their order, pauses left out."""
    days = {client_id: office.today(client_id) for client_id, _ in waiting}
    limits, pauses = load_limits(office.session, ANSWERING, days), find_pauses(office.session, days)
    found = []
    for client_id, since in waiting:
        calendar = office.calendar(client_id)
        idle = unite((pause.stretch for pause in pauses.get(client_id, ())), since)
        lost = count_seconds(calendar, idle, office.now)
        promised = limits[client_id] * calendar.day_seconds if client_id in limits else None
        due_at = calendar.due_after(since, promised + lost) if promised is not None else None
        found.append(Wait(calendar.business_seconds(since, office.now) - lost, due_at))
    return found


def _about(thread: Thread, file_name: str | None, mail_name: str | None) -> str:
    """What a list says the thread is about; never a patient's name."""
    if thread.topic == Topic.CLAIM:
        return f"Claim {reference('CLM', thread.subject_id)}"
    if thread.topic == Topic.CLIENT:
        return thread.title
    return f"File {file_name or mail_name or ''}".strip()
