"""Who acts in a session and what they did there, until the transaction writes it down in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from config.clock import SystemClock

BUREAU = 0  # the chain of what is about no one client


class ActorKind(StrEnum):
    PERSON = "person"
    JOB = "job"
    PAYER = "payer"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as journal, timeline and audit log name them.

    For the audit log alone are `door`, which a person came in by, and `why`, the reason they gave.
    """

    kind: ActorKind
    name: str
    user_id: int = 0
    door: str = ""
    why: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def is_person(self) -> bool:
        return self.kind is ActorKind.PERSON


NOBODY = Actor(ActorKind.PROGRAM, "program")


@dataclass(frozen=True, slots=True)
class Note:
    """One thing done or looked at; `before` and `after` hold only what changed, by column.

    `client_id` says in whose chain it stands. `actor` and `at` are those of the session where they are left out.
    """

    client_id: int
    act: str
    subject: str
    subject_id: str | int = ""
    why: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    actor: Actor | None = None
    at: datetime | None = None


@dataclass(slots=True)
class Trail:
    """The actor of a session, its clock, and the notes not yet written."""

    actor: Actor = NOBODY
    now: Callable[[], datetime] = SystemClock().now
    notes: list[Note] = field(default_factory=list)

    def add(self, note: Note) -> None:
        self.notes.append(note)
