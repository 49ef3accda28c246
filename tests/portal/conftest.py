"""One small book, one portal over it, and a server for the tests that need a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from bureau.office import Bureau
from clients import passwords
from portal.app import build_app
from tests.portal.browser import served
from tests.portal.world import NOW, PASSWORD, SmallLab, add_people, build_book, email


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """The real Argon2 at its least cost: hundreds of sign-ins need not take minutes."""
    real = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.nobodys_hash.cache_clear()
    yield
    passwords._HASHER = real
    passwords.nobodys_hash.cache_clear()


@pytest.fixture(scope="session")
def house(tmp_path_factory, quick_hashes) -> Bureau:
    bureau = build_book(tmp_path_factory.mktemp("house") / "book.sqlite")
    add_people(bureau)
    return bureau


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> SmallLab:
    book = build_book(tmp_path_factory.mktemp("run") / "book.sqlite", NOW + timedelta(days=100))
    return SmallLab({"r1": book})


@pytest.fixture(scope="session")
def app(house, lab) -> Flask:
    return build_app(house, house.settings, lab)


@pytest.fixture(autouse=True)
def on_time(house) -> Iterator[None]:
    """Whatever a test did to the clock, and whoever it locked out, the next one starts afresh."""
    yield
    house.clock.set(NOW)


@pytest.fixture
def sign_in(app) -> Callable[..., FlaskClient]:
    """Sign a person in and hand back their browser."""

    def enter(who: str, door: str = "back", **extra: str) -> FlaskClient:
        client = app.test_client()
        token = token_of(client)
        sent = {"email": email(who), "password": PASSWORD, "door": door, "csrf_token": token, **extra}
        answer = client.post("/", data=sent)
        assert answer.status_code == 302, answer.text
        client.landed = answer.location
        return client

    return enter


def token_of(client: FlaskClient, page: str = "/") -> str:
    text = client.get(page, follow_redirects=True).text
    return text.split('name="csrf-token" content="')[1].split('"')[0]


@pytest.fixture(scope="session")
def address(app) -> Iterator[str]:
    with served(app) as where:
        yield where
