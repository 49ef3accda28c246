"""The houses a test may ask for: in memory, and on both databases where the database matters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.houses import House, open_house


@pytest.fixture
def house() -> Iterator[House]:
    """A house in memory."""
    opened = open_house()
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """An empty database of this test's own: a SQLite file, then a PostgreSQL database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.sqlite'}"
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.fixture
def any_house(any_url: str, tmp_path) -> Iterator[House]:
    """A house on each database in turn, its payers' record in a file."""
    opened = open_house(any_url, tmp_path / "payers.sqlite")
    yield opened
    opened.close()
