"""One unit of work: the only way in for a request, a job, a simulated biller and a test alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from functools import cache
from typing import Any, Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row, Select, Table, func, select
from sqlalchemy.orm import InstrumentedAttribute

from clients.audit.watch import read_before, saw_insert, saw_update
from clients.models import Client
from clients.preferences import read_preferences
from clients.scope import ClientOwned, Scope, ScopedSession
from clients.trail import Actor, Trail
from config.clock import BusinessCalendar, Clock
from config.database import Base, prepare_insert, prepare_update
from config.settings import Settings

Owned = TypeVar("Owned", bound=ClientOwned)
AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]

IN_LIST = 5_000  # ids a statement may name: well below the parameter limits of both databases


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file waiting for us at a clearinghouse."""

    name: str
    content: bytes


class Clearinghouse(Protocol):
    """Where our files go and the answers come from; an account is one client's mailbox there."""

    def submit(self, account: str, name: str, content: bytes, at: datetime) -> None:
        """Hand over a file; the same content a second time is taken as the same file."""

    def waiting(self, account: str, at: datetime) -> Sequence[Delivery]:
        """What lies ready for us by now, oldest first; it stays until `taken`."""

    def taken(self, account: str, names: Sequence[str]) -> None:
        """These have been stored on our side and need not be offered again."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a letter could not be handed over, in our own words; what a server says may quote addresses.

    `is_final`: this letter will never be taken. `is_down`: nor would any other one be just now.
    """

    text: str
    is_final: bool = False
    is_down: bool = False


class Mailer(Protocol):
    """Where our letters to people go; `name` is how a page and the doctor call it."""

    name: str
    leaves_the_house: bool

    def send(self, letter: EmailMessage) -> Refusal | None:
        """Hand over a letter; a second copy has the same Message-ID."""

    def check(self) -> str:
        """What keeps letters from being taken right now; empty when nothing does."""


class NotFound(Exception):
    """No such row within the scope; a foreign client's row answers the same."""


@dataclass(slots=True)
class Office:
    """An open unit of work: session, time, actor and ports. Leaving normally commits, an exception rolls back."""

    session: ScopedSession
    clock: Clock
    actor: Actor
    settings: Settings
    clearinghouse: Clearinghouse
    _clients: dict[int, Client] = field(default_factory=dict)
    acts_after_commit: list[Callable[[], None]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def scope(self) -> Scope:
        return self.session.scope

    def client(self, client_id: int) -> Client:
        if client_id not in self._clients:
            found = self.session.get(Client, client_id) if self.scope.holds(client_id) else None
            if found is None:
                raise NotFound("no such client")
            self._clients[client_id] = found
        return self._clients[client_id]

    def hold(self, client_id: int) -> None:
        """Let no other office that holds this client go on until this one ends.

        On SQLite every writing office waits for its turn anyway.
        """
        self.session.execute(select(Client.id).where(Client.id == client_id).with_for_update(key_share=True))

    def calendar(self, client_id: int) -> BusinessCalendar:
        """The client's business calendar, in its own time zone and without its own holidays."""
        client = self.client(client_id)
        return _calendar(client.time_zone, frozenset(read_preferences(client.preferences).holidays))

    def today(self, client_id: int) -> date:
        """The date at the client's place."""
        return self.now.astimezone(ZoneInfo(self.client(client_id).time_zone)).date()

    def reserve(self, model: type[Base], count: int) -> list[int]:
        """Ids for rows that other new rows of this office must name before they are written."""
        return self.session.take_ids(model.__tablename__, count)

    def next_number(self, name: str, count: int = 1) -> int:
        """The first of `count` consecutive control numbers."""
        return self.session.numbers.take(self.session.connection(), name, count)

    def insert(self, model: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
        """Write new rows in one statement; ids are given out where missing. Returns the ids in order."""
        if not rows:
            return []
        self.scope.require({row["client_id"] for row in rows})
        if "id" not in rows[0]:
            for row, new_id in zip(rows, self.reserve(model, len(rows)), strict=True):
                row["id"] = new_id
        connection = self.session.connection()
        prepare_insert(_table(model), tuple(rows[0]), connection.dialect).run(connection, rows)
        saw_insert(self.session, model.__tablename__, rows)
        return [row["id"] for row in rows]

    def update(self, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        """Change rows by (client_id, id) in one statement; every row names the same columns."""
        self.update_where(model, ("client_id", "id"), rows)

    def update_where(self, model: type[Base], keys: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> int:
        """Change rows found by the keys (client_id among them) in one statement; returns how many were found.

        Every row names keys and columns alike. A key called version must match and is counted up.
        """
        if not rows:
            return 0
        self.scope.require({row["client_id"] for row in rows})
        columns = tuple(name for name in rows[0] if name not in keys)
        connection = self.session.connection()
        before = read_before(self.session, _table(model), keys, rows)
        found = prepare_update(_table(model), keys, columns, connection.dialect).run(connection, rows)
        saw_update(self.session, model.__tablename__, before, rows)
        return found

    def rows(self, statement: AnySelect) -> Sequence[AnyRow]:
        return self.session.execute(statement).all()

    def rows_in(self, statement: AnySelect, column: InstrumentedAttribute[Any], values: Iterable[Any]) -> list[AnyRow]:
        """All rows whose column is one of the values, in as many statements as the databases' limits ask for."""
        wanted = list(values)
        if self.session.get_bind().dialect.name == "sqlite":  # one parameter, and one text for any number of values
            listed = select(func.json_each(json.dumps(wanted)).table_valued("value").c.value)
            return list(self.rows(statement.where(column.in_(listed)))) if wanted else []
        found: list[AnyRow] = []
        for start in range(0, len(wanted), IN_LIST):
            found += self.rows(statement.where(column.in_(wanted[start : start + IN_LIST])))
        return found

    def get(self, model: type[Owned], client_id: int, row_id: int) -> Owned:
        """One row, or NotFound when it does not exist or belongs to a client outside the scope."""
        wanted = select(model).where(model.client_id == client_id, model.id == row_id)
        found = self.session.scalars(wanted).one_or_none()
        if found is None:
            raise NotFound(f"no such {model.__name__.lower()}")
        return found

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do this once the transaction stands; what leaves the house leaves after the books are safe."""
        self.acts_after_commit.append(act)


@dataclass(frozen=True, slots=True)
class Bureau:
    """The house itself: what every office is opened with."""

    engine: Engine
    clock: Clock
    clearinghouse: Clearinghouse
    settings: Settings

    @contextmanager
    def open_office(self, actor: Actor, scope: Scope, *, read_only: bool = False) -> Iterator[Office]:
        """Open a unit of work; `read_only` takes no write lock on SQLite and never commits."""
        session = ScopedSession(self.engine, scope=scope, read_only=read_only)
        session.trail = Trail(actor, self.clock.now)
        office = Office(session, self.clock, actor, self.settings, self.clearinghouse)
        with session:
            yield office
            if not read_only:
                session.commit()
        for act in office.acts_after_commit:
            act()

    def find_clients(self, scope: Scope) -> list[Client]:
        """The clients in a scope, by code."""
        with ScopedSession(self.engine, scope=scope, read_only=True) as session:
            found = select(Client).order_by(Client.code)
            if scope.clients is not None:
                found = found.where(Client.id.in_(scope.clients))
            return list(session.scalars(found))


@cache
def _calendar(time_zone: str, closed_on: frozenset[date]) -> BusinessCalendar:
    return BusinessCalendar(time_zone, closed_on=closed_on)


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)
