"""The desk of enrolments: moves what a client may exchange with a payer from draft to live, and hears the first ERA."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from bureau import books
from bureau.models import Remittance
from bureau.office import Office
from clients.enrolments import PARTIES, PRACTICE, REMITTANCES, TRANSACTIONS, WAITS_FOR, may_become
from clients.models import Enrollment, EnrollmentState, Payer, Provider
from clients.rows import add_rows
from config.problems import Problem

ACT = "enrolment changed"


@dataclass(frozen=True, slots=True)
class Change:
    """What several enrolments of one payer become; provider_id PRACTICE is the billing provider.

    `waits_for` empty: whoever the state says. `since` is the day it was sent, or the first day it holds.
    """

    payer_id: int
    provider_id: int
    transactions: Collection[str]
    state: EnrollmentState
    since: date | None = None
    ends_on: date | None = None
    waits_for: str = ""
    note: str = ""


def change_enrolments(office: Office, client_id: int, change: Change) -> list[Problem]:
    """Move the enrolments of one payer; all of them or none, with what speaks against it at its field.

    A row that is not there yet begins as a draft.
    """
    problems = _find_problems(office, client_id, change)
    if problems:
        return problems
    moved = [_apply(office, row, change) for row in _open_rows(office, client_id, change)]
    name = office.session.get_one(Payer, change.payer_id).name
    whose = "" if change.provider_id == PRACTICE else f" for clinician {change.provider_id}"
    books.record(office, client_id, ACT, items=len(moved), text=f"{name}{whose}: {'; '.join(moved)}"[:500])
    office.session.flush()
    return []


def note_first_remittances(office: Office, client_id: int) -> int:
    """Enrolments that waited for a first remittance become live by its coming; returns how many."""
    waiting = office.session.scalars(
        select(Enrollment).where(
            Enrollment.client_id == client_id,
            Enrollment.transaction == REMITTANCES,
            Enrollment.state == EnrollmentState.PENDING_FIRST_ERA,
        )
    ).all()
    if not waiting:
        return 0
    payers = {row.payer_id for row in waiting}
    came = select(Remittance.payer_id).where(Remittance.client_id == client_id, Remittance.payer_id.in_(payers))
    seen = set(office.session.scalars(came.distinct()))
    live = [row for row in waiting if row.payer_id in seen]
    for row in live:
        row.state, row.waits_for = EnrollmentState.LIVE, WAITS_FOR[EnrollmentState.LIVE]
        row.live_on = row.live_on or office.today(client_id)
    if live:
        books.record(office, client_id, ACT, items=len(live), text="835: the first remittance came")
        office.session.flush()
    return len(live)


def _find_problems(office: Office, client_id: int, change: Change) -> list[Problem]:
    problems = []
    if not change.transactions or not set(change.transactions) <= set(TRANSACTIONS):
        problems.append(Problem("transactions", "enrolment.which", "Choose at least one kind of transaction."))
    if change.waits_for not in PARTIES:
        problems.append(Problem("waits_for", "enrolment.party", "Choose one of the list."))
    if office.session.get(Payer, change.payer_id) is None:
        problems.append(Problem("payer", "enrolment.payer", "No payer has this id."))
    if change.provider_id != PRACTICE:
        office.get(Provider, client_id, change.provider_id)
    if change.since and change.ends_on and change.ends_on <= change.since:
        problems.append(Problem("ends_on", "enrolment.dates", "This ends before it begins."))
    there = _find_rows(office, client_id, change)
    for kind in change.transactions:
        before = EnrollmentState(there[kind].state) if kind in there else EnrollmentState.DRAFT
        if before is not change.state and not may_become(kind, before, change.state):
            text = f"{kind} cannot go from {_say(before)} to {_say(change.state)}."
            problems.append(Problem("state", "enrolment.move", text))
    return problems


def _find_rows(office: Office, client_id: int, change: Change) -> dict[str, Enrollment]:
    wanted = select(Enrollment).where(
        Enrollment.client_id == client_id, Enrollment.payer_id == change.payer_id,
        Enrollment.provider_id == change.provider_id, Enrollment.transaction.in_(change.transactions),
    )  # fmt: skip
    return {row.transaction: row for row in office.session.scalars(wanted.order_by(Enrollment.transaction))}


def _open_rows(office: Office, client_id: int, change: Change) -> list[Enrollment]:
    """The rows the change is about; those that are not there yet begin as drafts."""
    there, draft = _find_rows(office, client_id, change), EnrollmentState.DRAFT
    new = [
        {"payer_id": change.payer_id, "provider_id": change.provider_id, "transaction": kind, "state": draft}
        for kind in change.transactions
        if kind not in there
    ]
    add_rows(office.session, Enrollment, client_id, new)
    return list(_find_rows(office, client_id, change).values())


def _apply(office: Office, row: Enrollment, change: Change) -> str:
    before, today = row.state, office.today(row.client_id)
    row.state, row.note, row.ends_on = change.state, change.note or row.note, change.ends_on
    row.waits_for = change.waits_for or WAITS_FOR[change.state]
    if change.state is EnrollmentState.SUBMITTED:
        row.submitted_on = change.since or today
    elif change.state in (EnrollmentState.LIVE, EnrollmentState.NOT_REQUIRED, EnrollmentState.PENDING_FIRST_ERA):
        row.live_on = change.since or row.live_on or today
    elif change.state is EnrollmentState.CANCELED:
        row.ends_on = change.ends_on or today
    return f"{row.transaction} {_say(before)} -> {_say(row.state)}"


def _say(state: str) -> str:
    return state.replace("_", " ").lower()
