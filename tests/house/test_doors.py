"""Every view of the portal declares who may use it; one that does not is found."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

from tests.house.doors import find_open_doors
from tests.house.reading import PROJECT


def is_built(module: str, root: Path = PROJECT) -> bool:
    return (root / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.skipif(not is_built("portal.app"), reason="the portal's app is not built yet")
def test_every_view_declares_a_permission(tmp_path: Path) -> None:
    from config.settings import Settings

    app = import_module("portal.app").build_app(Settings(home=tmp_path, secret_key="x" * 32))
    assert len(app.view_functions) > len({"static"})
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
