"""The law of imports holds in the checkout, and breaking any part of it is reported."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise, product
from pathlib import Path

import pytest

from tests.house.contracts import lint_imports, read_contracts
from tests.house.reading import FLOORS, PROJECT

LEVELS = (
    ("plans",),
    ("jobs",),
    ("mailroom", "postman"),
    ("desks",),
    ("progress",),
    ("books", "letters", "notices", "worklist", "queries"),
    ("rules", "gateways", "audience", "wording"),
    ("models", "x12", "office"),
)
IMPURE = (
    "sqlalchemy", "psycopg", "flask", "simpy", "apscheduler", "structlog",
    "clients.scope", "clients.accounts", "bureau.models", "bureau.office",
    "config.database", "config.settings",
)  # fmt: skip

# (contract, who imports, what); each room of the planted tree has modules a and b, and only an a imports.
STOREYS = ["bureau.office" if floor == "bureau" else floor for floor in FLOORS]
UPWARD = [("floors", f"{low}.a", f"{high}.b") for high, low in pairwise(STOREYS)]
OUT_OF_ORDER = [
    ("rooms", f"bureau.{low}.a", f"bureau.{high}.b")
    for upper, lower in pairwise(LEVELS)
    for high, low in product(upper, lower)
]
BESIDE = [("rooms", f"bureau.{a}.a", f"bureau.{b}.b") for level in LEVELS for a, b in pairwise(level)]
PLANTED = [
    *UPWARD,
    *OUT_OF_ORDER,
    *BESIDE,
    ("desks", "bureau.desks.a", "bureau.desks.b"),
    *(("rules", "bureau.rules.a", name) for name in IMPURE),
    ("rules", "config.leaning", "alembic"),
    ("letters", "simulator.a", "bureau.postman.a"),
    ("circles", "clients.ring.a", "clients.wheel.b"),
]
RING = ("clients.ring", "clients.wheel")
# The importers that make the two indirect cases: a rule leaning on the impure, a ring that closes.
ALSO = [("bureau.rules.pure", "config.leaning"), ("clients.wheel.b", "clients.ring.b")]


def plant(root: Path, imports: list[tuple[str, str]]) -> None:
    """A small house with every room, in which each module imports what is listed for it."""
    rooms = [*STOREYS, *(f"bureau.{room}" for level in LEVELS for room in level), *RING]
    asked = defaultdict(list, {f"{room}.{leaf}": [] for room in rooms for leaf in ("__init__", "a", "b")})
    for module in ("bureau.__init__", *(name for name in IMPURE if name.startswith(("clients", "config")))):
        asked[module] = []
    for importer, imported in imports:
        asked[importer].append(f"import {imported}\n")
    for module, lines in asked.items():
        path = root / f"{module.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), "utf-8")


def sections(report: str) -> dict[str, str]:
    """What import-linter says of each broken contract, by the contract's id."""
    said = report.partition("Broken contracts")[2]
    by_id = {}
    for contract in read_contracts()["contracts"]:
        rule = "-" * len(contract["name"])
        heading = f"{contract['name']}\n{rule}\n"
        by_id[contract["id"]] = said.partition(heading)[2].partition("\n---")[0]
    return by_id


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("broken")
    plant(root, [(importer, imported) for _, importer, imported in PLANTED] + ALSO)
    kept, report = lint_imports(root, root / "contracts.toml")
    assert not kept, report
    return sections(report)


def test_the_checkout_keeps_the_law(tmp_path: Path) -> None:
    kept, report = lint_imports(PROJECT, tmp_path / "contracts.toml")
    assert kept, report


def test_a_house_that_breaks_nothing_is_left_in_peace(tmp_path: Path) -> None:
    allowed = [
        ("portal.a", "simulator.b"),
        ("bureau.desks.a", "bureau.rules.b"),
        ("bureau.rules.a", "datetime"),
    ]
    plant(tmp_path, allowed)
    kept, report = lint_imports(tmp_path, tmp_path / "contracts.toml")
    assert kept, report
    assert f"{len(read_contracts()['contracts'])} kept, 0 broken" in report


@pytest.mark.parametrize(("contract", "importer", "imported"), PLANTED)
def test_a_planted_violation_is_reported(
    complaints: dict[str, str], contract: str, importer: str, imported: str
) -> None:
    said = complaints[contract]
    assert f"{importer} -> {imported}" in said or (contract == "circles" and "ring" in said), said


def test_a_room_without_a_place_is_reported(tmp_path: Path) -> None:
    plant(tmp_path, [("bureau.cellar", "datetime")])
    kept, report = lint_imports(tmp_path, tmp_path / "contracts.toml")
    assert not kept
    assert "bureau.cellar" in sections(report)["rooms"]


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract["id"] for contract in read_contracts()["contracts"]} == {planted[0] for planted in PLANTED}
