"""Letters to people by e-mail: what each is about, never what it says, and how its delivery stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import Scoped
from config.database import Base


class LetterKind(StrEnum):
    """The closed set of letters there are."""

    INVITATION = "invitation"
    NEW_PASSWORD = "new password"  # noqa: S105
    DIGEST = "digest"


class LetterState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"  # no longer needed when its turn came


class Letter(Scoped, Base):
    """One letter to one person. No client: it is about the bureau, or about several clients.

    `key` names what it is about and to whom, so that it is written once however often that is tried. Its text is
    made from these columns when it is sent. `sealed` is the token of its link, gone as soon as it is not needed.
    """

    __tablename__ = "letters"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: whoever the invitation is for
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id"), index=True)
    items: Mapped[list[tuple[int, str, int]]] = mapped_column(JSON)  # of a digest: client, kind of notice, how many
    sealed: Mapped[str]
    written_at: Mapped[datetime]
    state: Mapped[str]
    tries: Mapped[int]
    next_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    problem: Mapped[str]  # why the last try failed, in our own words
    left_the_house: Mapped[bool]  # False for one that lies in a folder
    __table_args__ = (
        Index("ix_letters_waiting", "state", "next_at"),
        Index("ix_letters_person", "user_id", "written_at"),
    )
