"""A book with practices and people for the tests of accounts: no page, no door, the real Argon2 at its least cost."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pyotp
from sqlalchemy import Engine, select

from clients.access import Grant, Person, Role
from clients.accounts import create_user, sign_in
from clients.models import Client, PersonAct, User
from clients.scope import Scope, ScopedSession
from clients.second_factor import SecondFactor
from clients.sign_ins import as_person
from config.problems import Problem
from config.vault import Vault

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
HARBOR, RIDGE = 1, 2
SECRET = "Sentinel-Surname"  # of a patient of the other practice
FACTOR = SecondFactor(Vault("a key for tests only"), staff_need_it=False, issuer="Northline")
STRICT = SecondFactor(FACTOR.vault, staff_need_it=True, issuer="Northline")

PEOPLE = {
    "admin": [Grant(Role.ADMIN, None)],
    "manager": [Grant(Role.MANAGER, None)],
    "harbor_manager": [Grant(Role.MANAGER, HARBOR)],
    "biller": [Grant(Role.BILLER, HARBOR)],
    "auditor": [Grant(Role.AUDITOR, None)],
    "owner": [Grant(Role.OWNER, HARBOR)],
    "partner": [Grant(Role.OWNER, HARBOR)],
    "viewer": [Grant(Role.VIEWER, HARBOR)],
    "ridge": [Grant(Role.OWNER, RIDGE)],
    "group": [Grant(Role.VIEWER, HARBOR), Grant(Role.OWNER, RIDGE)],
    "nobody": [],
}


def email(who: str) -> str:
    return f"{who}@example.test"


def fill(engine: Engine) -> None:
    """Two practices and everybody."""
    with ScopedSession(engine, scope=Scope.all()) as session, session.begin():
        if session.get(Client, HARBOR) is None:
            session.add_all([_practice(HARBOR, "HARBOR"), _practice(RIDGE, "RIDGE")])
            session.flush()
        for who, grants in PEOPLE.items():
            create_user(session, email(who), who.replace("_", " ").title(), PASSWORD, grants)


def _practice(client_id: int, code: str) -> Client:
    return Client(
        id=client_id, code=code, name=code, state="LIVE", time_zone="America/New_York", taxonomy="207Q00000X",
        npi=f"999900000{client_id}", tax_id="000000000", street="1 Main St", city="Salem", region="MA", zip="01970",
        phone="", account=code, is_synthetic=True, opened_on=date(2026, 1, 1),
    )  # fmt: skip


@contextmanager
def book(engine: Engine):
    with ScopedSession(engine, scope=Scope.of()) as session, session.begin():
        yield session


def user_of(session, who: str) -> User:
    return session.scalars(select(User).where(User.email == email(who))).one()


def person_of(session, who: str) -> Person:
    return as_person(session, user_of(session, who))


def enter(engine, who: str = "viewer", password: str = PASSWORD, now: datetime = NOW, factor=FACTOR):
    return sign_in(engine, email(who), password, now, factor=factor, device="Firefox on Linux")


def code_at(secret: str, now: datetime = NOW, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(now + timedelta(seconds=30 * steps))


def do(engine, who: str, act, whom: str, *more) -> Problem | None:
    with book(engine) as session:
        return act(session, person_of(session, who), user_of(session, whom).id, NOW, *more)


def acts(engine) -> list[tuple[str, str, str, str]]:
    with book(engine) as session:
        rows = session.scalars(select(PersonAct).order_by(PersonAct.id))
        return [(one.actor, one.act, one.before, one.after) for one in rows]
