"""How the payers' own book is kept: one SQLite file, a statement per batch, safe for several processes."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

from bureau.office import Delivery

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SCHEMA = Path(__file__).parent / "schema.sql"

_INSERTS = {
    "files": "INSERT INTO files VALUES (?,?,?,?,?,?,?,?)",
    "submissions": "INSERT INTO submissions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "acks": "INSERT INTO acks VALUES (?,?,?,?,?,?)",
    "payees": "INSERT OR REPLACE INTO payees VALUES (?,?,?,?,?,?,?,?,?)",
    "remits": "INSERT INTO remits VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
    "decisions": "INSERT INTO decisions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "decision_lines": "INSERT INTO decision_lines VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "adjustments": "INSERT INTO adjustments VALUES (?,?,?,?,?,?)",
    "services": "INSERT OR REPLACE INTO services VALUES (?,?,?,?)",
    "accumulators": "INSERT OR REPLACE INTO accumulators VALUES (?,?,?,?)",
    "balances": "INSERT OR REPLACE INTO balances VALUES (?,?,?,?)",
    "answers": "INSERT INTO answers VALUES (?,?,?,?,?,?,NULL,NULL)",
}


def to_micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


class PayerStore:
    """The tables of schema.sql in one file (or ":memory:"); threads share a connection, processes a file."""

    def __init__(self, path: Path | str, *, durable: bool = False) -> None:
        self.path = str(path)
        self._durable = durable
        self._lock = RLock()
        self._process = 0
        self._connection: sqlite3.Connection | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """Opened on first use, and again after a fork: SQLite must not be carried into a child."""
        if self._connection is None or self._process != os.getpid():
            self._connection = self._open()
            self._process = os.getpid()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if self.path != ":memory:":
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("PRAGMA synchronous=NORMAL" if self._durable else "PRAGMA synchronous=OFF")
        opened.execute("PRAGMA cache_size=-65536")
        opened.executescript(_SCHEMA.read_text(encoding="utf-8"))
        return opened

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the write lock is taken at once, so that two processes queue instead of failing."""
        with self._lock:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self.connection.execute(statement, values).fetchall()

    def add(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, complete and in the order of the table's columns, by one statement."""
        with self._lock:
            self.connection.executemany(_INSERTS[table], rows)

    def change(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._lock:
            self.connection.executemany(statement, rows)

    def next_number(self, name: str, count: int = 1) -> int:
        """The first of `count` consecutive numbers nobody else gets."""
        found = self.rows(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) "
            "DO UPDATE SET value = value + excluded.value RETURNING value",
            name,
            count,
        )
        return int(found[0][0]) - count + 1

    # -- what submit must know ----------------------------------------------------------------------

    def has_file(self, account: str, sha256: str) -> bool:
        return bool(self.rows("SELECT 1 FROM files WHERE account = ? AND sha256 = ?", account, sha256))

    def attempts(self, fingerprints: Sequence[int]) -> dict[int, int]:
        """How often each of these claims has arrived before."""
        return dict(
            self.rows(
                "SELECT fingerprint, count(*) FROM submissions "
                "WHERE fingerprint IN (SELECT value FROM json_each(?)) GROUP BY fingerprint",
                json.dumps(fingerprints),
            )
        )

    def services(self, payer: str, members: Sequence[str]) -> list[tuple[str, str, str]]:
        """(member, service, control number) of what is paid or in process for these members."""
        return self.rows(
            "SELECT member, service, pcn FROM services WHERE payer = ? AND member IN (SELECT value FROM json_each(?))",
            payer,
            json.dumps(members),
        )

    def accumulators(self, payer: str, members: Sequence[str]) -> list[tuple[str, int, int]]:
        """(member, year, deductible cents used)."""
        return self.rows(
            "SELECT member, year, deductible FROM accumulators "
            "WHERE payer = ? AND member IN (SELECT value FROM json_each(?))",
            payer,
            json.dumps(members),
        )

    def has_due(self, account: str, moment: int) -> bool:
        """Is there a file to offer or a remittance to write by that moment (microseconds)?"""
        return bool(
            self.rows(
                "SELECT 1 FROM answers WHERE account = ? AND due_at <= ? AND taken_at IS NULL UNION ALL "
                "SELECT 1 FROM decisions WHERE account = ? AND due_at <= ? AND remit_id IS NULL LIMIT 1",
                account,
                moment,
                account,
                moment,
            )
        )

    # -- the mailbox --------------------------------------------------------------------------------

    def put_answer(self, account: str, kind: str, control: int, due_at: int, content: bytes) -> int:
        """Lay a file into an account's mailbox; `control` makes its name unique. Returns its id."""
        answer_id = self.next_number("answers")
        name = f"{kind.lower()}_{control:09d}.x12"
        self.add("answers", [(answer_id, account, name, kind, due_at, zlib.compress(content, 1))])
        return answer_id

    def offer(self, account: str, at: int) -> list[Delivery]:
        """What is due and not taken, in due order; when it was offered is kept."""
        found = self.rows(
            "SELECT id, name, content FROM answers WHERE account = ? AND due_at <= ? AND taken_at IS NULL "
            "ORDER BY due_at, id",
            account,
            at,
        )
        if found:
            self.change("UPDATE answers SET offered_at = ? WHERE id = ?", [(at, row[0]) for row in found])
        return [Delivery(name, zlib.decompress(content)) for _, name, content in found]

    def take(self, account: str, names: Sequence[str]) -> None:
        """Delivered: at the moment it was last offered, for the other side says no time."""
        self.change(
            "UPDATE answers SET taken_at = coalesce(offered_at, due_at) "
            "WHERE account = ? AND name = ? AND taken_at IS NULL",
            [(account, name) for name in names],
        )
