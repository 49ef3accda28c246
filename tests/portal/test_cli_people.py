"""The last administrator who lost device and recovery codes is let in again by whoever sits at the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from clients.access import Grant, Role
from clients.accounts import create_user
from clients.models import PersonAct, RecoveryCode, SignIn, User
from clients.scope import Scope, ScopedSession
from clients.second_factor import renew_recovery_codes
from config.settings import Settings
from portal.bootstrap import build_bureau
from portal.cli import main


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A live book in which one administrator has a second factor and is signed in somewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BUREAU_SECRET_KEY", "for tests only")
    house = build_bureau(Settings(_env_file=None), durable=False)
    with ScopedSession(house.engine, scope=Scope.all()) as session, session.begin():
        user_id = create_user(
            session, "dana@example.test", "Dana Reyes", "correct horse battery", [Grant(Role.ADMIN, None)]
        )
        session.flush()
        session.execute(update(User).where(User.id == user_id).values(totp_secret="sealed", totp_step=7))
        renew_recovery_codes(session, user_id)
        now = house.clock.now()
        session.add(SignIn(token_hash="t", user_id=user_id, started_at=now, seen_at=now, ended_at=None))
    house.engine.dispose()
    return tmp_path


def look(statement) -> list[tuple]:
    house = build_bureau(Settings(_env_file=None), durable=False)
    with ScopedSession(house.engine, scope=Scope.all(), read_only=True) as session:
        found = [tuple(row) for row in session.execute(statement)]
    house.engine.dispose()
    return found


@pytest.mark.usefixtures("home")
def test_the_second_factor_is_taken_away_and_that_is_written_down(capsys):
    assert main(["people", "reset-second-factor", "Dana@Example.test"]) == 0
    assert "Dana Reyes is signed out everywhere" in capsys.readouterr().err
    assert look(select(User.totp_secret, User.totp_step)) == [("", 0)]
    assert look(select(func.count()).select_from(RecoveryCode)) == [(0,)]
    assert look(select(SignIn.ended_at.is_not(None))) == [(True,)]
    [(act, actor)] = look(select(PersonAct.act, PersonAct.actor))
    assert act == "second factor taken away at the machine"
    assert actor.endswith(" at the console")


@pytest.mark.usefixtures("home")
def test_who_has_no_account_is_said_to_have_none(capsys):
    assert main(["people", "reset-second-factor", "nobody@example.test"]) == 4
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert look(select(User.totp_secret)) == [("sealed",)]
    assert look(select(PersonAct.act)) == []
