"""A simulated book with the people of its practices, and the portal over it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bureau.office import Bureau
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.scope import Scope, ScopedSession
from portal.app import build_app
from tests.portal.back.book import HARBOR, RIDGE, build_simulated
from tests.portal.browser import served
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

QUIET = 3
PEOPLE = {
    "owner": (Grant(Role.OWNER, HARBOR),),
    "colleague": (Grant(Role.OWNER, HARBOR),),
    "uploader": (Grant(Role.UPLOADER, HARBOR),),
    "viewer": (Grant(Role.VIEWER, HARBOR),),
    "ridge": (Grant(Role.OWNER, RIDGE),),
    "quiet": (Grant(Role.OWNER, QUIET),),
}


@pytest.fixture(scope="session")
def practice_book(tmp_path_factory, quick_hashes) -> Bureau:
    bureau = build_simulated(tmp_path_factory.mktemp("practices"))
    with ScopedSession(bureau.engine, scope=Scope.of()) as session, session.begin():
        for who, grants in PEOPLE.items():
            create_user(session, email(who), who.capitalize(), PASSWORD, grants)
        session.flush()
    return bureau


@pytest.fixture(scope="session")
def practice_portal(practice_book) -> Flask:
    settings = practice_book.settings.model_copy(update={"max_upload_bytes": 300_000})
    return build_app(practice_book, settings)


class Visitor:
    """Somebody of a practice at a browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = token_of(client, "/front/")

    def get(self, path: str, **extra):
        return self.client.get(path, **extra)

    def post(self, path: str, **fields: object):
        return self.client.post(path, data={"csrf_token": self.token, **fields}, content_type="multipart/form-data")

    def send(self, data: bytes | str, name: str = "visits.csv") -> str:
        """Upload a file; returns the address of its check."""
        content = data.encode() if isinstance(data, str) else data
        answer = self.post("/front/upload", file=(io.BytesIO(content), name))
        assert answer.status_code == 302, answer.text
        return answer.location


@pytest.fixture
def enter(practice_portal) -> Callable[[str], Visitor]:
    """Sign a person in at the practice's door."""

    def sign_in(who: str) -> Visitor:
        client = practice_portal.test_client()
        sent = {"email": email(who), "password": PASSWORD, "door": "front", "csrf_token": token_of(client)}
        assert client.post("/", data=sent).status_code == 302
        return Visitor(client)

    return sign_in


@pytest.fixture(scope="session")
def front_address(practice_portal) -> Iterator[str]:
    with served(practice_portal) as where:
        yield where
