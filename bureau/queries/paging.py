"""Keyset paging: a page knows where the next one begins, and no list is ever counted through to reach it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from bureau.office import NotFound, Office, Owned
from clients.models import Client

Row = TypeVar("Row")
PAGE = 50
_BREAK = "~"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; `after` is where the next page begins, empty on the last one."""

    rows: Sequence[Row]
    after: str = ""


def cut(rows: Sequence[Row], key: Callable[[Row], tuple[object, ...]], limit: int = PAGE) -> Page[Row]:
    """The page out of `limit` + 1 rows: the one too many says that there is more."""
    shown = rows[:limit]
    return Page(shown, write_cursor(key(shown[-1])) if len(rows) > limit else "")


def write_cursor(values: tuple[object, ...]) -> str:
    """The sort key of the last row shown, to stand in an address."""
    return _BREAK.join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values)


def read_cursor(text: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The sort key again, each part by its reader; None for no cursor or one nobody here has written."""
    parts = text.split(_BREAK)
    if not text or len(parts) != len(kinds):
        return None
    try:
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except ValueError:
        return None


def whole(text: str) -> int:
    """A number that a column can hold. Raises ValueError for any other text."""
    if not text.lstrip("-").isdecimal() or len(text) > 18:
        raise ValueError("no whole number")
    return int(text)


def moment(text: str) -> datetime:
    """A moment with its offset. Raises ValueError for any other text."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without an offset")
    return found


def anyones(owner: Any) -> ColumnElement[bool]:
    """Names the clients in a condition, so that a look-up by id alone still finds its way by the key."""
    return owner.client_id.in_(select(Client.id))  # type: ignore[no-any-return]


def get_by_id(office: Office, model: type[Owned], row_id: int) -> Owned:
    """One row by its id within the scope, whosever it is. Raises NotFound; a foreign row answers the same."""
    found = office.session.scalars(select(model).where(anyones(model), model.id == row_id)).one_or_none()
    if found is None:
        raise NotFound(f"no such {model.__name__.lower()}")
    return found
