"""The houses that the tests of this room are run in."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from clients import passwords
from config.database import build_engine, create_tables
from tests.clients import people
from tests.support.databases import any_house, any_url, house, postgres_template

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
