"""Notices a statement that reaches for clients' rows without saying whose, wherever a session is not open to all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from clients.scope import ScopedSession
from config.database import Base

TABLE = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO)\s+"?(\w+)"?', re.IGNORECASE)
# What names the client: a comparison, a list, or a column that is written.
SAYS_WHOSE = re.compile(r"client_id\"?\s*(?:=|IN\b)|INTO\s+\"?\w+\"?\s*\([^)]*\bclient_id\b", re.IGNORECASE)


@contextmanager
def tripwire(engine: Engine) -> Iterator[list[str]]:
    """The statements found while it is stretched; sessions with the scope of all clients are left alone."""
    owned = {name for name, table in Base.metadata.tables.items() if "client_id" in table.columns}
    found: list[str] = []

    def note_scope(session: ScopedSession, _transaction: Any, connection: Connection) -> None:
        connection.info["scope"] = session.scope

    def forget_scope(_connection: Any, record: Any) -> None:
        record.info.pop("scope", None)

    def look(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        scope = connection.info.get("scope")
        if scope is None or scope.clients is None:
            return
        touched = owned.intersection(TABLE.findall(statement))
        if touched and not SAYS_WHOSE.search(statement):
            found.append(f"{sorted(touched)}: {statement}")

    wires = [
        (ScopedSession, "after_begin", note_scope),
        (engine, "checkin", forget_scope),
        (engine, "before_cursor_execute", look),
    ]
    for target, name, wire in wires:
        event.listen(target, name, wire)
    try:
        yield found
    finally:
        for target, name, wire in wires:
            event.remove(target, name, wire)
