"""Rows of a client written in one statement inside the scope, and rows with dates brought to their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, or_, select

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


def end_from(session: ScopedSession, model: type[ClientOwned], client_id: int, on: date) -> None:
    """End what runs on that day or later (rows with half-open dates); what would have begun then never does."""
    dated: Any = model
    running = select(dated).where(dated.client_id == client_id, or_(dated.ends_on.is_(None), dated.ends_on > on))
    for row in session.scalars(running).all():
        if row.starts_on >= on:
            session.delete(row)
        else:
            row.ends_on = on
    session.flush()
