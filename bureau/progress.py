"""The only door for a change of state: next state, history step, place in the work list, in one call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select, update

from bureau import books, worklist
from bureau.models import Claim, Filing, Step
from bureau.office import Office
from bureau.rules.lifecycle import Event, State, Transition, next_state
from bureau.rules.routing import place_of
from bureau.worklist import Placing, Subject
from clients.models import Payer


class StaleRow(Exception):
    """Somebody else moved the filing since it was read; nothing was changed."""


class FilingAt(NamedTuple):
    """A filing as it was read: what a move needs to know of it."""

    client_id: int
    id: int
    claim_id: int
    state: State
    version: int
    cents: int
    alarm_days: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to a filing, in order. `changes` are other columns of the filing that change with it."""

    filing: FilingAt
    events: tuple[Event, ...]
    reason: str = ""
    changes: dict[str, Any] | None = None


def filings_at() -> Select[Any]:
    """A query whose rows are FilingAt values, to be narrowed by the caller."""
    return (
        select(
            Filing.client_id,
            Filing.id,
            Filing.claim_id,
            Filing.state,
            Filing.version,
            Claim.charge_cents,
            Payer.alarm_days,
        )
        .join(Claim, (Claim.client_id == Filing.client_id) & (Claim.id == Filing.claim_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
    )


def load(office: Office, filing_ids: Iterable[int]) -> dict[int, FilingAt]:
    """The filings with these ids as they stand now; ids outside the scope are missing."""
    rows = office.rows_in(filings_at(), Filing.id, filing_ids)
    return {row.id: as_filing(row) for row in rows}


def as_filing(row: Any) -> FilingAt:
    """A row of `filings_at` as the value a Move takes."""
    return FilingAt(row[0], row[1], row[2], State(row[3]), row[4], row[5], row[6])


def start(office: Office, filings: Sequence[dict[str, Any]], event: Event, *, act: str, cents: Sequence[int]) -> None:
    """Open filings in the state that follows their first event. Rows carry their ids; `cents` is each one's charge."""
    if not filings:
        return
    after = next_state(State.NEW, event)
    journal = books.record(office, filings[0]["client_id"], act, items=len(filings))
    for row in filings:
        row.update(
            state=after.target, turn=after.turn, since=office.now, clean_first_time=None, scrubs=0, attempt=0,
            payer_icn="", version=1,
        )  # fmt: skip
    office.insert(Filing, filings)
    office.insert(
        Step, [_step(office, row["client_id"], row["id"], journal, State.NEW, event, after, "") for row in filings]
    )
    worklist.put(
        office,
        Subject.FILING,
        [
            Placing(row["client_id"], row["id"], place_of(after.target), after.turn, "", amount)
            for row, amount in zip(filings, cents, strict=True)
        ],
    )


def advance(
    office: Office, moves: Sequence[Move], *, act: str, why: str = "", mail_id: int | None = None
) -> list[State]:
    """Move filings on; returns the state each is in now.

    One journal row says who, what and why for all of them. Raises IllegalTransition before anything is written,
    StaleRow when a filing was changed since it was read.
    """
    if not moves:
        return []
    trails = [_trail(move) for move in moves]
    only = moves[0].filing.id if len(moves) == 1 else None
    journal = {
        client_id: books.record(
            office, client_id, act, items=sum(move.filing.client_id == client_id for move in moves), text=why,
            mail_id=mail_id, filing_id=only,
        )  # fmt: skip
        for client_id in sorted({move.filing.client_id for move in moves})
    }
    _write_states(office, moves, trails)
    steps, placings = [], []
    for move, trail in zip(moves, trails, strict=True):
        filing, state = move.filing, move.filing.state
        for event, after in trail:
            row = _step(
                office, filing.client_id, filing.id, journal[filing.client_id], state, event, after, move.reason
            )
            steps.append(row)
            state = after.target
        placings.append(
            Placing(
                filing.client_id, filing.id, place_of(state), trail[-1][1].turn, move.reason, filing.cents,
                filing.alarm_days,
            )  # fmt: skip
        )
    office.insert(Step, steps)
    worklist.move(office, Subject.FILING, placings)
    return [trail[-1][1].target for trail in trails]


def _trail(move: Move) -> list[tuple[Event, Transition]]:
    state, trail = move.filing.state, []
    for event in move.events:
        after = next_state(state, event)
        trail.append((event, after))
        state = after.target
    return trail


def _write_states(office: Office, moves: Sequence[Move], trails: list[list[tuple[Event, Transition]]]) -> None:
    table = Filing.__table__
    office.scope.require({move.filing.client_id for move in moves})
    changed = sorted({name for move in moves for name in move.changes or ()})
    for names in {tuple(sorted(move.changes or ())) for move in moves}:
        batch = [(m, t) for m, t in zip(moves, trails, strict=True) if tuple(sorted(m.changes or ())) == names]
        statement = (
            update(table)  # type: ignore[arg-type]
            .where(
                table.c.client_id == bindparam("at_client"),
                table.c.id == bindparam("at_id"),
                table.c.version == bindparam("at_version"),
            )
            .values(
                state=bindparam("new_state"), turn=bindparam("new_turn"), since=office.now,
                version=table.c.version + 1, **{name: bindparam(f"new_{name}") for name in names},
            )  # fmt: skip
        )
        values = [
            {
                "at_client": move.filing.client_id,
                "at_id": move.filing.id,
                "at_version": move.filing.version,
                "new_state": trail[-1][1].target,
                "new_turn": trail[-1][1].turn,
                **{f"new_{name}": (move.changes or {})[name] for name in changed if name in names},
            }
            for move, trail in batch
        ]
        done = office.session.connection().execute(statement, values)
        if done.rowcount != len(batch):
            raise StaleRow(f"{len(batch) - done.rowcount} of {len(batch)} filings were changed meanwhile")


def _step(
    office: Office,
    client_id: int,
    filing_id: int,
    journal_id: int,
    source: State,
    event: Event,
    after: Transition,
    reason: str,
) -> dict[str, object]:
    return {
        "client_id": client_id,
        "filing_id": filing_id,
        "journal_id": journal_id,
        "at": office.now,
        "event": event,
        "source": source,
        "target": after.target,
        "turn": after.turn,
        "reason": reason,
    }
