"""The only door for a change of state: next state, history step, place in the work list, in one call."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Move:
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
    after = next_state(State.NEW, event)
    journal = books.record(office, filings[0]["client_id"], act, items=len(filings))
    opening = {
        "state": after.target, "turn": after.turn, "since": office.now, "clean_first_time": None, "scrubs": 0,
        "attempt": 0, "payer_icn": "", "version": 1,
    }  # fmt: skip
    office.insert(Filing, [row | opening for row in filings])
    passage = _Passage(State.NEW, event, after)
    steps = [_step(office, row["client_id"], row["id"], journal, passage) for row in filings]
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
    trails = [_trail(move) for move in moves]
    only = moves[0].filing.id if len(moves) == 1 else None
    counts = Counter(move.filing.client_id for move in moves)
    journal = {
        client_id: books.record(office, client_id, act, items=count, text=why, mail_id=mail_id, filing_id=only)
        for client_id, count in sorted(counts.items())
    }
    _write_states(office, moves, trails)
    steps, placings = [], []
    for move, trail in zip(moves, trails, strict=True):
        filing, last = move.filing, trail[-1].after
        for passage in trail:
            step = _step(office, filing.client_id, filing.id, journal[filing.client_id], passage)
            step["reason"] = move.reason
            steps.append(step)
        place = place_of(last.target)
        placings.append(
            Placing(filing.client_id, filing.id, place, last.turn, move.reason, filing.cents, filing.alarm_days)
        )
    office.insert(Step, steps)
    worklist.move(office, Subject.FILING, placings)
    return [trail[-1].after.target for trail in trails]


def _trail(move: Move) -> list[_Passage]:
    state, trail = move.filing.state, []
    for event in move.events:
        after = next_state(state, event)
        trail.append(_Passage(state, event, after))
        state = after.target
    return trail


def _write_states(office: Office, moves: Sequence[Move], trails: Sequence[list[_Passage]]) -> None:
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


def _step(office: Office, client_id: int, filing_id: int, journal_id: int, passage: _Passage) -> dict[str, object]:
    return {
        "client_id": client_id,
        "filing_id": filing_id,
        "journal_id": journal_id,
        "at": office.now,
        "event": passage.event,
        "source": passage.source,
        "target": passage.after.target,
        "turn": passage.after.turn,
        "reason": "",
    }
