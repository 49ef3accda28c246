"""The only door for a change of state: next state, history step, place in the work list, in one call."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from bureau import books, worklist
from bureau.models import Filing, Step
from bureau.office import Office
from bureau.queries.filings import FilingAt
from bureau.rules.lifecycle import Event, State, Transition, next_state
from bureau.rules.routing import place_of
from bureau.worklist import Placing, Subject


class StaleRow(Exception):
    """Somebody else moved the filing since it was read; nothing was changed."""


class Move(NamedTuple):
    """What happens to a filing, in order. `changes` are other columns of the filing that change with it."""

    filing: FilingAt
    events: tuple[Event, ...]
    reason: str = ""
    changes: dict[str, Any] | None = None


class _Passage(NamedTuple):
    """One transition of a trail: where from, what happened, where to and whose turn it is then."""

    source: State
    event: Event
    after: Transition


def start(office: Office, filings: Sequence[dict[str, Any]], event: Event, *, act: str, cents: Sequence[int]) -> None:
    """Open filings of one client in the state that follows their first event.

    Rows carry their ids; `cents` is each one's charge.
    """
    if not filings:
        return
    trail = _trail(State.NEW, (event,))
    after, now = trail[-1].after, office.now
    journal = books.record(office, filings[0]["client_id"], act, items=len(filings))
    opening = {
        "state": after.target, "turn": after.turn, "since": now, "clean_first_time": None, "scrubs": 0,
        "attempt": 0, "payer_icn": "", "version": 1,
    }  # fmt: skip
    office.insert(Filing, [row | opening for row in filings])
    steps = [step for row in filings for step in _steps((row["client_id"], row["id"], journal), now, trail)]
    office.insert(Step, steps)
    place = place_of(after.target)
    placings = [
        Placing(row["client_id"], row["id"], place, after.turn, "", amount)
        for row, amount in zip(filings, cents, strict=True)
    ]
    worklist.put(office, Subject.FILING, placings)


def advance(
    office: Office, moves: Sequence[Move], *, act: str, why: str = "", mail_id: int | None = None
) -> list[State]:
    """Move filings on; returns the state each is in now.

    One journal row per client says who, what and why for all of them. Raises IllegalTransition before anything
    is written, StaleRow when a filing was changed since it was read.
    """
    if not moves:
        return []
    trails = [_trail(move.filing.state, move.events) for move in moves]
    only = moves[0].filing.id if len(moves) == 1 else None
    counts = Counter(move.filing.client_id for move in moves)
    journal = {
        client_id: books.record(office, client_id, act, items=count, text=why, mail_id=mail_id, filing_id=only)
        for client_id, count in sorted(counts.items())
    }
    _write_states(office, moves, trails)
    steps: list[dict[str, object]] = []
    placings, now = [], office.now
    for move, trail in zip(moves, trails, strict=True):
        filing, last = move.filing, trail[-1].after
        client_id, filing_id, reason = filing.client_id, filing.id, move.reason
        steps += _steps((client_id, filing_id, journal[client_id]), now, trail, reason)
        place = place_of(last.target)
        placings.append(Placing(client_id, filing_id, place, last.turn, reason, filing.cents, filing.alarm_days))
    office.insert(Step, steps)
    worklist.move(office, Subject.FILING, placings)
    return [trail[-1].after.target for trail in trails]


@cache
def _trail(state: State, events: tuple[Event, ...]) -> tuple[_Passage, ...]:
    """The transitions these events make of a state, one by one; kept, for there are few."""
    trail = []
    for event in events:
        after = next_state(state, event)
        trail.append(_Passage(state, event, after))
        state = after.target
    return tuple(trail)


def _write_states(office: Office, moves: Sequence[Move], trails: Sequence[tuple[_Passage, ...]]) -> None:
    """One statement for all moves that change the same columns; a version that moved on in between stops it all."""
    batches: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    now = office.now
    for move, trail in zip(moves, trails, strict=True):
        filing, last, changes = move.filing, trail[-1].after, move.changes or {}
        batches[tuple(changes)].append(
            {
                "client_id": filing.client_id, "id": filing.id, "version": filing.version, "state": last.target,
                "turn": last.turn, "since": now, **changes,
            }
        )  # fmt: skip
    for rows in batches.values():
        found = office.update_where(Filing, ("client_id", "id", "version"), rows)
        if found != len(rows):
            raise StaleRow(f"{len(rows) - found} of {len(rows)} filings were changed meanwhile")


def _steps(
    of: tuple[int, int, int], at: datetime, trail: Sequence[_Passage], reason: str = ""
) -> list[dict[str, object]]:
    """The history of one filing; `of` is its client, the filing and the journal row."""
    client_id, filing_id, journal_id = of
    return [
        {
            "client_id": client_id, "filing_id": filing_id, "journal_id": journal_id, "at": at, "event": event,
            "source": source, "target": after.target, "turn": after.turn, "reason": reason,
        }
        for source, event, after in trail
    ]  # fmt: skip
