"""The desk of stages: the only door by which a client moves from one stage to the next, with all that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from bureau import books, progress, worklist
from bureau.models import Filing, Question, WorkItem
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.filings import load_filings
from bureau.queries.readiness import load_readiness
from bureau.rules.lifecycle import CLOSED, Event, Turn
from bureau.worklist import Placing, Subject
from clients.models import Client, ClientState, StageChange
from clients.people import end_access
from clients.readiness import Finding
from clients.rows import add_rows
from clients.stages import Asked, Step, find_path
from config.problems import Problem

BATCH = 1_000
ACT = "client moved to another stage"


@dataclass(frozen=True, slots=True)
class Wish:
    """Where somebody wants a client to be; `why` and the dates are asked for by some steps only."""

    target: ClientState
    why: str = ""
    stop_intake_on: date | None = None
    run_out_until: date | None = None


def move_stage(office: Office, client_id: int, wish: Wish) -> list[Problem]:
    """Move a client on when the table and the checks allow it; else what speaks against it, and nothing is written."""
    office.hold(client_id)
    client = office.client(client_id)
    path = find_path(client.state, wish.target)
    if not path:
        return [
            Problem("target", "stage.path", f"A client cannot go from {_say(client.state)} to {_say(wish.target)}.")
        ]
    problems = _find_missing(office, client, path) + _find_unsaid(office, client, path[-1], wish)
    if problems:
        return problems
    for step in path:
        _write_step(office, client, step, wish.why if step is path[-1] else step.label)
    _take_effect(office, client, wish)
    return []


def _find_missing(office: Office, client: Client, path: Sequence[Step]) -> list[Problem]:
    """The checks that these steps need and that are not done."""
    needs = frozenset().union(*(step.needs for step in path))
    if not needs:
        return []
    findings: tuple[Finding, ...] = load_readiness(office, [client])[client.id].findings
    return [
        Problem(one.check, "stage.check", f"{one.title}: {one.text}")
        for one in findings
        if one.check in needs and not one.is_done
    ]


def _find_unsaid(office: Office, client: Client, step: Step, wish: Wish) -> list[Problem]:
    today, problems = office.today(client.id), []
    if Asked.WHY in step.asks and not wish.why.strip():
        problems.append(Problem(Asked.WHY, "stage.why", "Say why; it is kept with the client's history."))
    if Asked.STOP_INTAKE in step.asks and wish.stop_intake_on is None:
        problems.append(Problem(Asked.STOP_INTAKE, "stage.date", "Say from which day on nothing is taken in."))
    if Asked.RUN_OUT in step.asks and wish.run_out_until is None:
        problems.append(Problem(Asked.RUN_OUT, "stage.date", "Say until when what is open is worked."))
    if wish.stop_intake_on and wish.run_out_until and wish.run_out_until < wish.stop_intake_on:
        problems.append(Problem(Asked.RUN_OUT, "stage.order", "The run-out ends after the intake, or with it."))
    is_running_out = step.source is ClientState.OFFBOARDING and step.target is ClientState.CLOSED
    if is_running_out and client.run_out_until is not None and today < client.run_out_until:
        text = f"The run-out lasts until {client.run_out_until:%d %b %Y}; change its end first, or wait."
        problems.append(Problem("target", "stage.run_out", text))
    return problems


def _write_step(office: Office, client: Client, step: Step, why: str) -> None:
    change = {"from_state": step.source, "to_state": step.target, "at": office.now, "by": str(office.actor), "why": why}
    add_rows(office.session, StageChange, client.id, [change])
    books.record(office, client.id, ACT, text=f"{_say(step.source)} -> {_say(step.target)}{f': {why}' if why else ''}")
    client.state = step.target


def _take_effect(office: Office, client: Client, wish: Wish) -> None:
    """What a stage brings with it."""
    client.paused_reason = wish.why if wish.target is ClientState.PAUSED else ""
    if wish.target is ClientState.OFFBOARDING:
        client.stop_intake_on, client.run_out_until = wish.stop_intake_on, wish.run_out_until
    elif wish.target is ClientState.LIVE:
        client.stop_intake_on = client.run_out_until = None
    elif wish.target is ClientState.CLOSED:
        _hand_back(office, client.id, wish.why)
        end_access(office.session, str(office.actor), client.id, office.now)
    office.session.flush()


def _hand_back(office: Office, client_id: int, why: str) -> None:
    """What is still open goes back to the practice (T46), and nothing of it is left in a queue."""
    wanted = select(Filing.id).where(Filing.client_id == client_id, Filing.state.not_in(CLOSED)).order_by(Filing.id)
    open_ids = office.session.scalars(wanted).all()
    for start in range(0, len(open_ids), BATCH):
        filings = load_filings(office, open_ids[start : start + BATCH])
        moves = [Move(one, (Event.OFFBOARDED,), "client offboarded") for one in filings.values()]
        progress.advance(office, moves, act="handed back", why=why)
    asked = select(Question.id).where(Question.client_id == client_id, Question.state == "SENT")
    withdrawn = [{"client_id": client_id, "id": row, "state": "WITHDRAWN"} for row in office.session.scalars(asked)]
    office.update(Question, withdrawn)
    rest = select(WorkItem.subject, WorkItem.subject_id).where(
        WorkItem.client_id == client_id, WorkItem.closed_at.is_(None)
    )
    for subject, subject_id in office.rows(rest):
        worklist.move(office, Subject(subject), [Placing(client_id, subject_id, None, Turn.NONE, "client offboarded")])


def _say(state: str) -> str:
    return state.replace("_", " ").lower()
