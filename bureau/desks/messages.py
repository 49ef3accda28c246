"""The message desk: threads between client and bureau are opened, answered, taken on, read and closed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from bureau import books, notices
from bureau.models import Claim, Mail, Message, ReadMark, Thread, Upload
from bureau.models.talk import NoticeKind, Side, Topic
from bureau.office import NotFound, Office
from config.problems import Problem

LONGEST, LONGEST_TITLE = 4_000, 120
OWNED: dict[Topic, type[Claim | Upload]] = {Topic.CLAIM: Claim, Topic.UPLOAD: Upload}


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody writes about something; a subject that is talked about already is gone on with."""

    side: Side
    text: str
    topic: Topic = Topic.CLIENT
    subject_id: int = 0
    title: str = ""


def write_letter(office: Office, client_id: int, letter: Letter) -> Thread | list[Problem]:
    """Open a thread, or go on with the open one about the same claim or file; else what is wrong, nothing written.

    Raises NotFound where the subject is not this client's.
    """
    if problems := _find_problems(letter.text, letter.title, needs_title=letter.topic is Topic.CLIENT):
        return problems
    _require_subject(office, client_id, letter)
    thread = _find_open(office, client_id, letter)
    if thread is None:
        (thread_id,) = office.reserve(Thread, 1)
        thread = Thread(
            client_id=client_id, id=thread_id, topic=letter.topic, subject_id=letter.subject_id,
            title=" ".join(letter.title.split()), opened_at=office.now, opened_by=str(office.actor),
            last_at=office.now, last_side=letter.side, waits_since=None, assignee="", closed_at=None,
        )  # fmt: skip
        office.session.add(thread)
        office.session.flush()
    _add(office, thread, letter.side, letter.text)
    return thread


def reply(office: Office, client_id: int, thread_id: int, side: Side, text: str) -> list[Problem]:
    """Write into a thread; one that was closed is open again. Returns what is wrong with it, if anything."""
    thread = office.get(Thread, client_id, thread_id)
    problems = _find_problems(text, "")
    if not problems:
        _add(office, thread, side, text)
    return problems


def assign(office: Office, client_id: int, thread_id: int, to: str) -> None:
    """Say who of the bureau answers; an empty name gives it back to everybody."""
    office.get(Thread, client_id, thread_id).assignee = to
    office.session.flush()


def close(office: Office, client_id: int, thread_id: int) -> None:
    """Nothing more is to be said; what was written last needs no answer."""
    thread = office.get(Thread, client_id, thread_id)
    if thread.closed_at is None:
        _settle(office, thread)
        thread.closed_at = office.now
        office.session.flush()
        books.record(office, client_id, "thread closed", text=f"thread {thread_id}")


def mark_read(office: Office, client_id: int, thread_id: int, side: Side, user_id: int) -> None:
    """This person has read all that is in the thread now."""
    office.get(Thread, client_id, thread_id)
    mine = {"client_id": client_id, "thread_id": thread_id, "user_id": user_id}
    found = office.update_where(ReadMark, tuple(mine), [mine | {"read_at": office.now}])
    if not found:
        office.insert(ReadMark, [mine | {"side": side, "read_at": office.now}])


def _find_problems(text: str, title: str, *, needs_title: bool = False) -> list[Problem]:
    problems = []
    if not text.strip():
        problems.append(Problem("text", "message.empty", "Write something first."))
    if len(text) > LONGEST or "\x00" in text:
        problems.append(Problem("text", "message.long", f"Keep a message within {LONGEST:,} plain characters."))
    if needs_title and not title.strip():
        problems.append(Problem("title", "message.title", "Say in a few words what it is about."))
    if len(title) > LONGEST_TITLE or "\x00" in title:
        problems.append(Problem("title", "message.title_long", f"Keep it within {LONGEST_TITLE} plain characters."))
    return problems


def _require_subject(office: Office, client_id: int, letter: Letter) -> None:
    if letter.topic is Topic.MAIL:
        wanted = select(Mail.id).where(Mail.client_id == client_id, Mail.id == letter.subject_id)
        if office.session.scalar(wanted) is None:
            raise NotFound("no such file")
    elif letter.topic is not Topic.CLIENT:
        office.get(OWNED[letter.topic], client_id, letter.subject_id)


def _find_open(office: Office, client_id: int, letter: Letter) -> Thread | None:
    if letter.topic is Topic.CLIENT:
        return None
    wanted = select(Thread).where(
        Thread.client_id == client_id, Thread.topic == letter.topic, Thread.subject_id == letter.subject_id,
        Thread.closed_at.is_(None),
    )  # fmt: skip
    return office.session.scalars(wanted.order_by(Thread.id).limit(1)).one_or_none()


def _add(office: Office, thread: Thread, side: Side, text: str) -> None:
    """One message more, and what it means for who waits for whom."""
    row = {
        "client_id": thread.client_id, "thread_id": thread.id, "at": office.now, "side": side,
        "author": str(office.actor), "text": text.strip(), "answered_at": None,
    }  # fmt: skip
    if side is Side.BUREAU:
        _settle(office, thread)
    elif thread.waits_since is None:
        thread.waits_since = office.now
    thread.last_at, thread.last_side, thread.closed_at = office.now, side, None
    office.session.flush()
    office.insert(Message, [row])
    kind = NoticeKind.MESSAGE_TO_CLIENT if side is Side.BUREAU else NoticeKind.MESSAGE_TO_BUREAU
    notices.tell(office, thread.client_id, kind, subject_id=thread.id)


def _settle(office: Office, thread: Thread) -> None:
    """The bureau has answered whatever the client wrote until now."""
    office.session.execute(
        update(Message)
        .where(Message.client_id == thread.client_id, Message.thread_id == thread.id)
        .where(Message.side == Side.CLIENT, Message.answered_at.is_(None))
        .values(answered_at=office.now)
    )
    thread.waits_since = None
