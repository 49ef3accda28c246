"""A book of an earlier version is refused with one line, and left as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bureau.models  # noqa: F401  (the tables of the whole book)
from config.database import Base, OldBook, build_engine, create_tables, require_columns

ROOT = Path(__file__).resolve().parents[2]


def test_a_table_that_lacks_a_column_is_named():
    engine = build_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE clients DROP COLUMN paused_reason")
        connection.exec_driver_sql("DROP TABLE job_plans")
    with pytest.raises(OldBook, match=r"clients\.paused_reason"):
        create_tables(engine)
    with engine.connect() as connection:
        assert not engine.dialect.has_table(connection, "job_plans")


def test_a_book_of_today_and_an_empty_one_are_fine():
    engine = build_engine("sqlite://")
    require_columns(engine)
    create_tables(engine)
    require_columns(engine)
    assert Base.metadata.tables


def test_a_command_says_so_and_exits(tmp_path):
    engine = build_engine(f"sqlite:///{tmp_path / 'book.sqlite'}")
    create_tables(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE clients DROP COLUMN paused_reason")
    engine.dispose()
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "clients", "list"], cwd=ROOT, text=True, capture_output=True, timeout=60,
        check=False,
        env={"BUREAU_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (5, "")
    assert "earlier version" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
