"""The houses a test may ask for: in memory, and on both databases where the database matters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.houses import House, connect, open_house
from tests.support.postgres import PostgresServer


@pytest.fixture
def house() -> Iterator[House]:
    """A house in memory."""
    with closing(open_house()) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """A PostgreSQL database with the two practices in it, to be copied."""
    return postgres_server.new_template(lambda url: open_house(url).close())


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path) -> Iterator[str]:
    """A book of this test's own with the two practices in it: a SQLite file, then a PostgreSQL database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'book.sqlite'}"
        open_house(url).close()
        yield url
        return
    server = request.getfixturevalue("postgres_server")
    url = server.new_database(template=request.getfixturevalue("postgres_template"))
    yield url
    server.drop(url)


@pytest.fixture
def any_house(any_url: str, tmp_path) -> Iterator[House]:
    """A house on each database in turn, its payers' record in a file."""
    with closing(connect(any_url, tmp_path / "payers.sqlite")) as opened:
        yield opened
