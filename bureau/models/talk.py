"""What client and bureau write each other: threads about something of the client, messages, and who read them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.models import NO_ROWID
from clients.scope import ClientOwned
from config.database import Base, reference_to


class Side(StrEnum):
    """From which side of the counter something was written."""

    CLIENT = "client"
    BUREAU = "bureau"


class Topic(StrEnum):
    """What a thread is about; its subject_id is that table's row id (0: the client as a whole)."""

    CLIENT = "client"
    CLAIM = "claim"
    UPLOAD = "upload"
    MAIL = "mail"


class Thread(ClientOwned, Base):
    """One conversation. `waits_since`: when the client wrote the first message that nobody has answered yet."""

    __tablename__ = "threads"
    topic: Mapped[str]
    subject_id: Mapped[int]
    title: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    last_at: Mapped[datetime]
    last_side: Mapped[str]
    waits_since: Mapped[datetime | None]
    assignee: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_threads_subject", "client_id", "topic", "subject_id"),
        Index("ix_threads_waiting", "client_id", "closed_at", "waits_since"),
        NO_ROWID,
    )


class Message(ClientOwned, Base):
    """What somebody wrote; `answered_at` is when the bureau answered it, or closed the thread over it."""

    __tablename__ = "messages"
    thread_id: Mapped[int]
    at: Mapped[datetime]
    side: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        reference_to("threads", "thread_id"),
        Index("ix_messages_thread", "client_id", "thread_id"),
        NO_ROWID,
    )


class ReadMark(ClientOwned, Base):
    """Up to when one person has read a thread."""

    __tablename__ = "read_marks"
    thread_id: Mapped[int]
    user_id: Mapped[int]
    side: Mapped[str]
    read_at: Mapped[datetime]
    __table_args__ = (
        reference_to("threads", "thread_id"),
        UniqueConstraint("client_id", "thread_id", "user_id"),
        NO_ROWID,
    )


class NoticeKind(StrEnum):
    """What people are told of; who they are stands in `bureau.audience`."""

    QUESTION_ASKED = "question asked"
    QUESTION_OVERDUE = "question overdue"
    QUESTION_ANSWERED = "question answered"
    QUESTION_EXPIRED = "question expired"
    CASES_HANDED_BACK = "cases handed back"
    MESSAGE_TO_CLIENT = "message to client"
    MESSAGE_TO_BUREAU = "message to bureau"
    JOB_FAILED = "job failed"
    UPLOAD_FINISHED = "upload finished"
    FILE_QUARANTINED = "file quarantined"
    PLAN_QUOTED = "plan quoted"
    PLAN_CHANGE_WAITS = "plan change waits"
    COLLEAGUE_JOINED = "colleague joined"
    INVITATION_ACCEPTED = "invitation accepted"


class Notice(ClientOwned, Base):
    """That something happened, for one person; `count` grows while they have not looked.

    `mailed` of them have been in a letter.
    """

    __tablename__ = "notices"
    user_id: Mapped[int]
    kind: Mapped[str]
    subject_id: Mapped[int]  # a thread; 0 where the kind alone says where to look
    count: Mapped[int]
    mailed: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_notices_unread", "user_id", "read_at"),
        Index("ix_notices_fresh", "read_at", "at"),
        NO_ROWID,
    )
