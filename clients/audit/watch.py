"""The watch: sees every change of a watched table whichever way it is written, and says it in the audit log.

Rows are written in three ways: as objects of a session, by statements through it, and by an office's prepared
statements. All three end here. What a table is to the audit log stands in one list each, and a test holds that every
table of the book is in one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Result, Table, event, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstanceState, ORMExecuteState, SessionTransaction

from clients.audit.chain import write_notes
from clients.scope import ScopedSession
from clients.trail import BUREAU, Note

# What is set up: every change, whoever makes it, under this word.
WATCHED = {
    "clients": "client", "providers": "clinician", "locations": "place", "contacts": "contact",
    "mapping_profiles": "profile", "agreements": "agreement", "tier_periods": "tier", "add_ons": "add_on",
    "tier_requests": "plan", "fee_terms": "fee", "sla_clauses": "promise", "payers": "payer",
    "enrollments": "enrolment", "expected_volumes": "volume", "fees": "price", "contract_rates": "rate",
    "job_plans": "schedule",
}  # fmt: skip
# What the machine works on all day: a change or removal by a person. What is new is told by the journal.
WATCHED_BY_HAND = {
    "patients": "patient", "coverages": "coverage", "encounters": "encounter", "claims": "claim",
    "claim_lines": "claim_line", "questions": "question", "denials": "denial", "upload_rows": "upload_row",
}  # fmt: skip
JOURNAL = "journal"  # every act of a desk; those of people are told one by one
# Told by whoever changes them (clients.person_acts), because a row says too little or too much.
TOLD = frozenset({"users", "memberships", "invitations", "sign_ins", "recovery_codes"})
# Only ever added to, with who and when on the row.
HISTORIES = frozenset({
    "audit_entries", "audit_heads", "journal", "transfers", "steps", "stage_changes", "person_acts", "messages",
    "acknowledgements", "rehearsals", "upload_messages",
})  # fmt: skip
# The machine's own: moved on by rules and jobs, each move told by a history.
MACHINERY = frozenset({
    "counters", "challenges", "misses", "filings", "submissions", "work_items", "job_runs", "mail", "remittances",
    "remittance_claims", "scrub_hits", "uploads", "visit_counts", "charge_drafts", "threads", "read_marks",
    "notices", "letters", "opening_lists", "opening_letters", "opening_bad_rows", "opening_claims",
    "opening_payments",
})  # fmt: skip
MOST = 20  # rows told one by one; of more, the number


def word_of(table: str, session: ScopedSession, *, is_new: bool = False) -> str | None:
    """The word under which a change of this table is told in this session; None when it is not."""
    if table in WATCHED:
        return WATCHED[table]
    return WATCHED_BY_HAND.get(table) if session.trail.actor.is_person and not is_new else None


def saw_insert(session: ScopedSession, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that a statement has added."""
    if table == JOURNAL and session.trail.actor.is_person:
        for row in rows:
            session.trail.add(_as_act(row))
    word = word_of(table, session, is_new=True)
    if word:
        _tell(session, table, word, [(None, row) for row in rows])


def read_before(session: ScopedSession, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Any:
    """Of rows about to be changed, found by these keys, those that are told one by one as they are now."""
    if word_of(table.name, session) is None or len(rows) > MOST:
        return None
    connection, found = session.connection(), []
    for row in rows:
        wanted = select(table).where(*(table.c[key] == row[key] for key in keys))
        found.append(connection.execute(wanted).mappings().one_or_none())
    return found


def saw_update(session: ScopedSession, table: str, before: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that a statement has changed; `before` is what `read_before` gave."""
    word = word_of(table, session)
    if word is None:
        return
    if before is None:
        before = [{}] * len(rows)
    found = [(old, dict(row)) for old, row in zip(before, rows, strict=True) if old is not None]
    _tell(session, table, word, [(old, {**old, **row}) for old, row in found])


def _tell(
    session: ScopedSession, table: str, word: str, changes: Sequence[tuple[Mapping[str, Any] | None, Any]]
) -> None:
    """Say what became of rows: (before, after), None for what was not or is no more."""
    told = [(old, new) for old, new in changes if old is None or new is None or _differ(old, new)]
    if len(told) > MOST:
        old, new = told[0]
        some = {"rows": len(told)}
        session.trail.add(Note(_chain(table, new or old or {}), _act(word, old, new), word, after=some))
        return
    for old, new in told:
        row = new or old or {}
        changed = _differ(old, new) if old and new else list(row)
        note = Note(
            _chain(table, row), _act(word, old, new), word, row.get("id", ""),
            before={name: old[name] for name in changed} if old else None,
            after={name: new[name] for name in changed} if new else None,
        )  # fmt: skip
        session.trail.add(note)


def _differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in new if name not in old or old[name] != new[name]]


def _act(word: str, old: object, new: object) -> str:
    return f"{word}.{'added' if old is None else 'removed' if new is None else 'changed'}"


def _chain(table: str, row: Mapping[str, Any]) -> int:
    return int(row["id"] if table == "clients" else row.get("client_id", BUREAU))


def _as_act(row: Mapping[str, Any]) -> Note:
    """What a journal row says, about the filing or file it names."""
    filing, mail = row.get("filing_id"), row.get("mail_id")
    subject = ("filing", filing) if filing else ("file", mail) if mail else ("client", row["client_id"])
    act = f"act.{str(row['act']).replace(' ', '_')}"
    return Note(row["client_id"], act, *subject, why=row["text"], after={"items": row["items"]})


@event.listens_for(ScopedSession, "before_flush")
def _see_objects(session: ScopedSession, _context: object, _instances: object) -> None:
    for kind, objects in (("new", session.new), ("dirty", session.dirty), ("deleted", session.deleted)):
        changes = defaultdict(list)
        for row in objects:
            state: InstanceState[Any] = inspect(row)
            table = str(state.mapper.local_table.name)  # type: ignore[attr-defined]
            if word_of(table, session, is_new=kind == "new"):
                changes[table].append(_states_of(state, kind))
        for table, found in changes.items():
            _tell(session, table, str(word_of(table, session, is_new=kind == "new")), found)


def _states_of(state: InstanceState[Any], kind: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The columns of an object as the book has them, and as they will be."""
    names = [column.key for column in state.mapper.column_attrs if column.key not in state.unloaded]
    now = {name: getattr(state.object, name) for name in names}
    if kind == "new":
        return None, now
    if kind == "deleted":
        return now, None
    replaced: dict[str, Any] = {name: state.attrs[name].history.deleted for name in names}
    return {name: old[0] if old else now[name] for name, old in replaced.items()}, now


@event.listens_for(ScopedSession, "do_orm_execute")
def _see_statements(state: ORMExecuteState) -> Result[Any] | None:
    session, mapper = state.session, state.bind_mapper
    assert isinstance(session, ScopedSession)
    if mapper is None or state.is_select or not (state.is_insert or state.is_update or state.is_delete):
        return None
    table = mapper.local_table
    assert isinstance(table, Table)
    if state.is_insert:
        given: Any = state.parameters or {}
        saw_insert(session, table.name, given if isinstance(given, list) else [given])
        return None
    return _see_change(state, session, table) if word_of(table.name, session) else None


def _see_change(state: ORMExecuteState, session: ScopedSession, table: Table) -> Result[Any]:
    """Let an update or a delete happen, and say what it did to the rows that it found."""
    entity: Any = state.bind_mapper.class_  # type: ignore[union-attr]
    columns = [getattr(entity, column.name) for column in table.columns]
    conditions = state.statement.whereclause  # type: ignore[attr-defined]
    wanted = select(*columns) if conditions is None else select(*columns).where(conditions)
    before = [dict(row) for row in session.execute(wanted).mappings()]
    result: Result[Any] = state.invoke_statement()
    after: list[Any] = [None] * len(before)
    if state.is_update:
        values = _read_again(session.connection(), table, before)
        after = [values.get(tuple(row[key.name] for key in table.primary_key)) for row in before]
    _tell(session, table.name, str(word_of(table.name, session)), list(zip(before, after, strict=True)))
    return result


def _read_again(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[Any, Any]:
    keys = [key.name for key in table.primary_key]
    found = {}
    for row in rows:
        wanted = select(table).where(*(table.c[key] == row[key] for key in keys))
        found[tuple(row[key] for key in keys)] = connection.execute(wanted).mappings().one_or_none()
    return found


@event.listens_for(ScopedSession, "before_commit")
def _write_down(session: ScopedSession) -> None:
    if session.in_transaction():
        session.flush()
        if session.trail.notes:
            write_notes(session.connection(), session.trail)


@event.listens_for(ScopedSession, "after_soft_rollback")
def _forget(session: ScopedSession, _previous: SessionTransaction) -> None:
    session.trail.notes.clear()
