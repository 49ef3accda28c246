"""When a client was paused, and how much of a stretch of time that takes out of a promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clients.models import ClientState, StageChange
from config.clock import BusinessCalendar

Stretch = tuple[datetime, datetime | None]  # None: it has not ended


@dataclass(frozen=True, slots=True)
class Pause:
    """One time in which nothing ran for a client, with the reason that was given; `ended` None: it still lasts."""

    begun: datetime
    ended: datetime | None
    why: str

    @property
    def stretch(self) -> Stretch:
        return self.begun, self.ended


def find_pauses(session: Session, client_ids: Iterable[int]) -> dict[int, list[Pause]]:
    """The pauses of each of these clients that had any, the oldest first: read from the history of their stages."""
    wanted = (
        select(StageChange)
        .where(StageChange.client_id.in_(list(client_ids)))
        .where(or_(StageChange.to_state == ClientState.PAUSED, StageChange.from_state == ClientState.PAUSED))
        .order_by(StageChange.client_id, StageChange.at, StageChange.id)
    )
    found: dict[int, list[Pause]] = defaultdict(list)
    for change in session.scalars(wanted):
        pauses = found[change.client_id]
        if change.to_state == ClientState.PAUSED:
            pauses.append(Pause(change.at, None, change.why))
        elif pauses:
            pauses[-1] = Pause(pauses[-1].begun, change.at, pauses[-1].why)
    return dict(found)


def unite(stretches: Iterable[Stretch], start: datetime) -> tuple[Stretch, ...]:
    """The stretches from `start` on, in order; where several lie over each other, time stands still only once."""
    found: list[Stretch] = []
    for begun, ended in sorted(stretches, key=lambda one: one[0]):
        if ended is not None and ended <= start:
            continue
        last = found[-1] if found else None
        if last is None or (last[1] is not None and last[1] < begun):
            found.append((max(begun, start), ended))
        elif last[1] is not None:
            found[-1] = (last[0], None if ended is None else max(last[1], ended))
    return tuple(found)


def count_seconds(calendar: BusinessCalendar, stretches: Iterable[Stretch], end: datetime) -> int:
    """Open seconds of the stretches (which do not overlap) up to `end`."""
    return sum(calendar.business_seconds(begun, min(ended or end, end)) for begun, ended in stretches if begun < end)
