"""Rows of a client written in one statement, with their ids and inside the scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from clients.scope import ClientOwned, ScopedSession

Row = dict[str, Any]


def add_rows(session: ScopedSession, model: type[ClientOwned], client_id: int, rows: Sequence[Row]) -> list[int]:
    """Add rows of one client; columns with a default may be left out, alike in all rows. Returns their ids."""
    if not rows:
        return []
    session.scope.require([client_id])
    ids = session.take_ids(str(model.__tablename__), len(rows))  # type: ignore[attr-defined]
    keyed = [{**row, "client_id": client_id, "id": row_id} for row, row_id in zip(rows, ids, strict=True)]
    session.execute(insert(model), keyed)
    return ids
