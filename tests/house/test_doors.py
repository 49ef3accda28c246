"""Every view of the portal declares who may use it; one that does not is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

from bureau.office import Bureau, Delivery
from config.clock import SystemClock
from config.database import build_engine
from config.settings import Settings
from tests.house.doors import find_open_doors
from tests.house.reading import PROJECT


class NoPost:
    """A clearinghouse on a day without post."""

    def submit(self, account: str, name: str, content: bytes, at: datetime) -> None: ...

    def waiting(self, account: str, at: datetime) -> Sequence[Delivery]:
        return ()

    def taken(self, account: str, names: Sequence[str]) -> None: ...


def is_built(module: str, root: Path = PROJECT) -> bool:
    return (root / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.skipif(not is_built("portal.app"), reason="the portal's app is not built yet")
def test_every_view_declares_a_permission(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_key="x" * 32)
    engine = build_engine(settings.database_url, durable=False)
    bureau = Bureau(engine, SystemClock(), NoPost(), settings)
    app = import_module("portal.app").build_app(bureau, settings)
    engine.dispose()
    assert len(app.view_functions) > 1, "a portal without a page proves nothing"
    assert find_open_doors(app) == []


def test_a_view_without_a_permission_is_found() -> None:
    app = Flask("planted")

    def guarded() -> str:
        return "for those who may"

    def unguarded() -> str:
        return "for all the world"

    guarded.permission = "see_claims"  # type: ignore[attr-defined]
    app.add_url_rule("/claims", view_func=guarded)
    app.add_url_rule("/claims/all", view_func=unguarded)
    assert find_open_doors(app) == ["unguarded at /claims/all"]
