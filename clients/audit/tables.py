"""The audit log's two tables, and the triggers by which the database itself refuses to change them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, BigInteger, Index, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import NO_ROWID, Scoped
from config.database import Base


class AuditEntry(Scoped, Base):
    """One entry of a chain; `client_id` 0 is the chain of the bureau as a whole.

    `id` counts within the chain from 1. `before` and `after` are JSON as text, so that a hash is over the very
    letters; `hash` is over all columns before it, `previous` is the hash of the entry before.
    """

    __tablename__ = "audit_entries"
    client_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]  # of actor: person, job, payer, program
    actor: Mapped[str]
    actor_id: Mapped[int]  # of the account; 0: none
    door: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str]
    why: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]
    __table_args__ = (
        Index("ix_audit_entries_subject", "client_id", "subject", "subject_id"),
        Index("ix_audit_entries_actor", "client_id", "actor_id"),
        Index("ix_audit_entries_at", "at"),
        NO_ROWID,
    )


class AuditHead(Base):
    """Where a chain ends: how many entries it has, and the hash of the last. It only ever moves on."""

    __tablename__ = "audit_heads"
    chain: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entries: Mapped[int]
    hash: Mapped[str]


REFUSED = "the audit log is never changed"
RAISE = f"SELECT RAISE(ABORT, '{REFUSED}');"
BACK = "new.entries <= old.entries OR new.chain <> old.chain"
ON_SQLITE = {
    "audit_entries": (
        f"CREATE TRIGGER audit_entries_kept BEFORE UPDATE ON audit_entries BEGIN {RAISE} END",
        f"CREATE TRIGGER audit_entries_held BEFORE DELETE ON audit_entries BEGIN {RAISE} END",
    ),
    "audit_heads": (
        f"CREATE TRIGGER audit_heads_kept BEFORE UPDATE ON audit_heads WHEN {BACK} BEGIN {RAISE} END",
        f"CREATE TRIGGER audit_heads_held BEFORE DELETE ON audit_heads BEGIN {RAISE} END",
    ),
}
FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
)
REFUSE = "EXECUTE FUNCTION refuse_audit_change()"
STATEMENT = f"FOR EACH STATEMENT {REFUSE}"
ON_POSTGRESQL = {
    "audit_entries": (
        FUNCTION,
        f"CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries {STATEMENT}",
        # Whoever writes for one client may have to say something of the bureau as a whole.
        "CREATE POLICY anybody_appends ON audit_entries FOR INSERT WITH CHECK (true)",
    ),
    "audit_heads": (
        FUNCTION,
        f"CREATE TRIGGER audit_heads_held BEFORE DELETE OR TRUNCATE ON audit_heads {STATEMENT}",
        f"CREATE TRIGGER audit_heads_kept BEFORE UPDATE ON audit_heads FOR EACH ROW WHEN ({BACK}) {REFUSE}",
    ),
}


def _guard(table: Table) -> None:
    for dialect, guards in (("sqlite", ON_SQLITE), ("postgresql", ON_POSTGRESQL)):
        for statement in guards[table.name]:
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


_guard(Base.metadata.tables["audit_entries"])
_guard(Base.metadata.tables["audit_heads"])
