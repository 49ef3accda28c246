"""How tables are declared and a database is opened: SQLite embedded, PostgreSQL in production."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    ForeignKeyConstraint,
    Insert,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    Update,
    bindparam,
    create_engine,
    event,
    insert,
    inspect,
    literal_column,
    make_url,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateSequence
from sqlalchemy.schema import Sequence as DatabaseSequence
from sqlalchemy.types import TypeEngine

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-131072",  # 128 MB
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=268435456",
    "PRAGMA wal_autocheckpoint=4000",
)
ROWS_OF_CLIENT = 100_000  # of a table, for the planner
LARGE = 10_000  # rows of a table whose own figures can be believed
FEW_VALUES = frozenset({"state", "queue", "kind", "subject", "job"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; whole microseconds since 1970 on SQLite, timestamptz on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return EPOCH + timedelta(microseconds=value)


class Base(DeclarativeBase):
    """Every table of the book; constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, int: BigInteger, str: Text}


class Counter(Base):
    """The last number given out under a name: row ids on SQLite, control numbers everywhere."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def reference_to(table: str, column: str) -> ForeignKeyConstraint:
    """A foreign key that carries the client along, so that another client's row cannot be referenced."""
    return ForeignKeyConstraint(["client_id", column], [f"{table}.client_id", f"{table}.id"])


def build_engine(url: str, *, durable: bool = True) -> Engine:
    """Open a book; `durable=False` (simulation runs, tests) trades the last fsync for speed on SQLite."""
    if make_url(url).get_backend_name() != "sqlite":
        from config.postgresql import read_whole_numbers  # its driver is not loaded for an embedded book

        return read_whole_numbers(create_engine(url, pool_pre_ping=True))
    path = make_url(url).database
    in_memory = path in (None, "", ":memory:")
    if not in_memory:
        Path(str(path)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={
            "check_same_thread": False,
            "isolation_level": None,
            "timeout": 30,
            "cached_statements": 512,
        },
        **({"poolclass": StaticPool} if in_memory else {}),
    )
    _prepare_sqlite(engine, durable=durable)
    return engine


def _prepare_sqlite(engine: Engine, *, durable: bool) -> None:
    synchronous = "PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=OFF"

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in (*PRAGMAS, synchronous):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def take_the_write_lock(connection: Connection) -> None:
        # A deferred BEGIN that later writes fails with "database is locked" at once, timeout or not.
        reading = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class OldBook(Exception):
    """The book was made by an earlier version of this software, whose tables hold less."""


def create_tables(engine: Engine) -> None:
    """Create whatever table is missing; every module with tables must have been imported.

    Raises OldBook, and creates nothing, when a table is there already but lacks a column.
    """
    require_columns(engine)
    Base.metadata.create_all(engine)
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            _describe_a_full_book(connection)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for name in sorted(Base.metadata.tables):
                connection.execute(CreateSequence(DatabaseSequence(f"{name}_ids"), if_not_exists=True))


def require_columns(engine: Engine) -> None:
    """Raise OldBook unless every table that is there has the columns of today."""
    there = {name: {one["name"] for one in found} for (_, name), found in inspect(engine).get_multi_columns().items()}
    missing = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name not in there.get(table.name, {column.name})
    ]
    if missing:
        raise OldBook(f"this book was made by an earlier version: {', '.join(missing[:3])} and more are not in it")


def refresh_statistics(engine: Engine) -> None:
    """Let SQLite learn how its large tables are filled; of a small one it goes on believing that it is large."""
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit=1000")
            connection.exec_driver_sql("ANALYZE")
            connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < ?", (LARGE,))
            _describe_a_full_book(connection)


def _describe_a_full_book(connection: Connection) -> None:
    """Tell SQLite's planner from the first row on what a large book looks like.

    Without figures it takes the rows of a client for ten, and reads all of them to find one by another column.
    The figures are rows in the table, then rows that share the first, the first two ... columns of the index.
    """
    connection.exec_driver_sql("ANALYZE counters")  # makes the table of figures, where there is none
    known = {tuple(row) for row in connection.exec_driver_sql("SELECT tbl, idx FROM sqlite_stat1")}
    figures = [row for row in _figures_of_indexes(connection) if row[:2] not in known]
    if figures:
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", figures)
        connection.exec_driver_sql("ANALYZE sqlite_schema")  # read them


def _figures_of_indexes(connection: Connection) -> list[tuple[str, str, str]]:
    """Table, index and figures, for every index that begins with the client."""
    indexes = connection.exec_driver_sql(
        'SELECT tables.name, indexes.name, indexes."unique", indexes.origin '
        "FROM sqlite_master AS tables, pragma_index_list(tables.name) AS indexes WHERE tables.type = 'table'"
    )
    found = []
    for table, index, is_unique, origin in indexes.all():
        columns = connection.exec_driver_sql("SELECT name FROM pragma_index_info(?)", (index,)).scalars().all()
        if columns[0] == "client_id":
            name = table if origin == "pk" else index  # a table without row ids is its own primary key
            found.append((table, name, _figures(columns, is_unique=bool(is_unique))))
    return found


def _figures(columns: Sequence[str], *, is_unique: bool) -> str:
    """What sqlite_stat1 says of an index over these columns of a client's table."""
    shared = ROWS_OF_CLIENT
    figures = [ROWS_OF_CLIENT * 10, shared]
    for column in columns[1:]:
        shared = max(shared // (10 if column in FEW_VALUES else ROWS_OF_CLIENT // 4), 1)
        figures.append(shared)
    if is_unique:
        figures[-1] = 1
    return " ".join(map(str, figures))


class Numbers:
    """Consecutive numbers by name within one transaction: row ids and control numbers.

    On SQLite the transaction holds the only write lock from its beginning, so a counter is read once, counted
    here and written back once by `save`; on PostgreSQL ids come from sequences and other counters lock their row.
    A transaction that is rolled back gives its numbers back.
    """

    def __init__(self) -> None:
        self._next: dict[str, int] | None = None
        self._taken: set[str] = set()

    def take(self, connection: Connection, name: str, count: int = 1) -> int:
        """The first of `count` consecutive numbers of the counter `name`."""
        if connection.dialect.name != "sqlite":
            return _take_from_row(connection, name, count)
        if self._next is None:
            rows = connection.execute(select(Counter.__table__.c.name, Counter.__table__.c.value))
            self._next = {row[0]: row[1] + 1 for row in rows}
        first = self._next.get(name, 1)
        self._next[name] = first + count
        self._taken.add(name)
        return first

    def take_ids(self, connection: Connection, table: str, count: int) -> list[int]:
        """Ids for new rows of a table, ascending: unique in the whole book, not only within a client."""
        if connection.dialect.name == "sqlite":
            first = self.take(connection, f"id:{table}", count)
            return list(range(first, first + count))
        wanted = "SELECT nextval(%s) FROM generate_series(1, %s)"
        return [row[0] for row in connection.exec_driver_sql(wanted, (f"{table}_ids", count))]

    def save(self, connection: Connection) -> None:
        """Write the counters back; the transaction is about to end."""
        if self._taken and self._next is not None:
            rows = [{"name": name, "value": self._next[name] - 1} for name in sorted(self._taken)]
            connection.execute(sqlite_insert(Counter).prefix_with("OR REPLACE"), rows)
        self.forget()

    def forget(self) -> None:
        """The transaction is over: what another one took meanwhile has to be read again."""
        self._next = None
        self._taken.clear()


def _take_from_row(connection: Connection, name: str, count: int) -> int:
    statement = postgresql_insert(Counter).values(name=name, value=count)
    taken: int = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[Counter.name], set_={"value": Counter.value + statement.excluded.value}
        ).returning(Counter.value)
    ).scalar_one()
    return taken - count + 1


class Prepared:
    """One statement for many rows, compiled once: the rows go to the SQLite driver as plain tuples.

    SQLAlchemy's own path builds every parameter set one by one, which costs more than the write itself. Other
    databases take the usual path.
    """

    def __init__(self, statement: Insert | Update, parameters: dict[str, str], dialect: Dialect) -> None:
        """`parameters`: the column each of the statement's parameters takes its value from."""
        self._statement, self._parameters = statement, parameters
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        names = list(compiled.positiontup or ())
        self._is_plain = dialect.name == "sqlite" and len(names) > 1
        self._pick = itemgetter(*[parameters[name] for name in names]) if self._is_plain else None
        processors = compiled._bind_processors  # noqa: SLF001  the only place where the compiler tells them
        self._processors = [(at, processors[name]) for at, name in enumerate(names) if name in processors]

    def run(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Execute for every row (a dict by column); returns the rows touched."""
        if self._pick is None:
            named = [{name: row[column] for name, column in self._parameters.items()} for row in rows]
            return connection.execute(self._statement, named).rowcount
        columns: list[Sequence[Any]] = list(zip(*map(self._pick, rows), strict=True))
        for at, process in self._processors:
            columns[at] = _convert(columns[at], process)
        for at, column in enumerate(columns):
            if isinstance(column[0], StrEnum):  # the driver adapts subclasses of str slowly
                columns[at] = _convert(column, _as_plain)
        return connection.exec_driver_sql(self._sql, list(zip(*columns, strict=True))).rowcount


def _as_plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value


def _convert(column: Sequence[Any], process: Any) -> list[Any]:
    """Each value as the driver takes it; equal ones (dates, moments) are converted once."""
    try:
        known = {value: process(value) for value in set(column)}
    except TypeError:  # lists and dicts on their way into a JSON column
        return [process(value) for value in column]
    return [known[value] for value in column]


@lru_cache(maxsize=512)
def prepare_insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> Prepared:
    """An insert of these columns."""
    statement = insert(table).values({name: bindparam(name) for name in columns})
    return Prepared(statement, {name: name for name in columns}, dialect)


@lru_cache(maxsize=512)
def prepare_update(table: Table, keys: tuple[str, ...], columns: tuple[str, ...], dialect: Dialect) -> Prepared:
    """An update of some columns where all keys match.

    A key called version is counted up, so that a row somebody changed meanwhile is not matched.
    """
    here = [table.c[key] == bindparam(f"at_{key}") for key in keys]
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    if "version" in keys:
        new["version"] = table.c.version + literal_column("1")
    parameters = {f"at_{key}": key for key in keys} | {f"new_{name}": name for name in columns}
    return Prepared(update(table).where(*here).values(new), parameters, dialect)
