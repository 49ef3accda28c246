"""One simulated book for all tests of the bureau's pages, and the portal over it."""

from __future__ import annotations

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

PEOPLE = {
    "admin": (Grant(Role.ADMIN, None),),
    "auditor": (Grant(Role.AUDITOR, None),),
    "harbor": (Grant(Role.BILLER, HARBOR),),
    "ridge": (Grant(Role.BILLER, RIDGE),),
    "coder": (Grant(Role.CODER, HARBOR),),
}


@pytest.fixture(scope="session")
def book(tmp_path_factory, quick_hashes) -> Bureau:
    bureau = build_simulated(tmp_path_factory.mktemp("simulated"))
    with ScopedSession(bureau.engine, scope=Scope.of()) as session, session.begin():
        for who, grants in PEOPLE.items():
            create_user(session, email(who), {"admin": "Dana Reyes"}.get(who, who.capitalize()), PASSWORD, grants)
    return bureau


@pytest.fixture(scope="session")
def office_portal(book) -> Flask:
    return build_app(book, book.settings)


@pytest.fixture
def enter(office_portal) -> Callable[[str], FlaskClient]:
    """Sign a person in at the bureau's door and hand back their browser."""

    def sign_in(who: str) -> FlaskClient:
        client = office_portal.test_client()
        sent = {"email": email(who), "password": PASSWORD, "door": "back", "csrf_token": token_of(client)}
        answer = client.post("/", data=sent)
        assert answer.status_code == 302, answer.text
        client.token = token_of(client, "/back/")
        return client

    return sign_in


@pytest.fixture(scope="session")
def back_address(office_portal) -> Iterator[str]:
    with served(office_portal) as where:
        yield where
