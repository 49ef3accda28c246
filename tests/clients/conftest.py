"""The houses that the tests of this room are run in."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine, text

from clients import passwords
from config.database import build_engine, create_tables
from tests.clients import people
from tests.support.databases import any_house, any_url, house, postgres_template
from tests.support.houses import House, visit

__all__ = ["any_house", "any_url", "house", "postgres_template"]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """The real Argon2 at its least cost."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords.nobodys_hash.cache_clear()
    yield
    passwords.nobodys_hash.cache_clear()


@pytest.fixture
def engine():
    """A book in memory with two practices and somebody in each role."""
    engine = build_engine("sqlite://", durable=False)
    create_tables(engine)
    people.fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def any_engine(any_url):
    """The same people on each database in turn, as several processes would open it."""
    engine = build_engine(any_url, durable=False)
    people.fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def two(any_house: House) -> House:
    """Each practice with one claim; the other's patient bears a name that must never be seen."""
    any_house.upload(visit(1))
    any_house.upload(visit(2, last_name=people.SECRET), client=any_house.clients[1], name="theirs.csv")
    return any_house


@pytest.fixture
def guest(postgres_server, postgres_template) -> Engine:
    """The book as the application's own role sees it: neither owner nor superuser."""
    url = postgres_server.new_database(template=postgres_template)
    owner = create_engine(url)
    with owner.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS bureau_guest"))
        connection.execute(text("CREATE ROLE bureau_guest LOGIN"))
        connection.execute(text("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bureau_guest"))
        connection.execute(text("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO bureau_guest"))
    engine = create_engine(owner.url.set(username="bureau_guest"))
    yield engine
    engine.dispose()
    with owner.begin() as connection:
        connection.execute(text("DROP OWNED BY bureau_guest"))
        connection.execute(text("DROP ROLE bureau_guest"))
    owner.dispose()
    postgres_server.drop(url)
