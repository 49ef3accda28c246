"""Who acts in a session and what they did there, until the transaction writes it down in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.clock import SystemClock

BUREAU = 0  # the chain of what is about no one client
PERSON, PROGRAM = "person", "program"


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts: `kind` is person, job, payer or program; `door` the one a person came in by; `why` what they gave."""

    kind: str
    name: str
    user_id: int = 0
    door: str = ""
    why: str = ""

    @property
    def is_person(self) -> bool:
        return self.kind == PERSON


NOBODY = Author(PROGRAM, "program")


@dataclass(frozen=True, slots=True)
class Note:
    """One thing done or looked at; `before` and `after` hold only what changed, by column.

    `client_id` says in whose chain it stands. `author` and `at` are those of the session where they are left out.
    """

    client_id: int
    act: str
    subject: str
    subject_id: str | int = ""
    why: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    author: Author | None = None
    at: datetime | None = None


@dataclass(slots=True)
class Trail:
    """The author of a session, its clock, and the notes not yet written."""

    author: Author = NOBODY
    now: Callable[[], datetime] = SystemClock().now
    notes: list[Note] = field(default_factory=list)

    def add(self, note: Note) -> None:
        self.notes.append(note)
