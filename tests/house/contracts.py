"""Asks import-linter whether a tree keeps the contracts of pyproject.toml, as far as its rooms are built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.house.reading import FLOORS, PROJECT

# Which options of a contract name modules of the tree; what is not built yet is left out of them.
NAMING = ("layers", "containers", "modules", "source_modules", "forbidden_modules", "ancestors")


def read_contracts() -> dict[str, Any]:
    """The table of pyproject.toml that `lint-imports` reads."""
    pyproject = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    table: dict[str, Any] = pyproject["tool"]["importlinter"]
    return table


def lint_imports(root: Path, config: Path) -> tuple[bool, str]:
    """Whether the tree under `root` keeps every contract, and import-linter's report; writes `config`."""
    config.write_text(as_toml(prune(read_contracts(), root)), "utf-8")
    linter = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run(
        [sys.executable, "-c", linter, "--config", str(config), "--no-cache", "--no-logo"],
        cwd=root,
        env={**os.environ, "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def prune(table: dict[str, Any], root: Path) -> dict[str, Any]:
    """The same contracts without the rooms that the tree does not have, and without emptied contracts."""
    contracts = [_prune_contract(contract, root) for contract in table["contracts"]]
    return {
        **table,
        "root_packages": [floor for floor in table["root_packages"] if _is_built(floor, root)],
        "contracts": [c for c in contracts if all(c.get(option, True) for option in NAMING)],
    }


def _prune_contract(contract: dict[str, Any], root: Path) -> dict[str, Any]:
    container = (contract.get("containers") or [""])[0]
    pruned = dict(contract)
    for option in NAMING:
        if option in contract:
            inside = container if option == "layers" else ""
            lines = [_prune_line(line, inside, root) for line in contract[option]]
            pruned[option] = [line for line in lines if line]
    return pruned


def _prune_line(line: str, container: str, root: Path) -> str:
    """A line names one module or several with | between them."""
    names = [name.strip() for name in line.split("|")]
    return " | ".join(name for name in names if _is_built(f"{container}.{name}".lstrip("."), root))


def _is_built(module: str, root: Path) -> bool:
    if module.partition(".")[0] not in FLOORS:
        return True  # a library
    if module.endswith(".*"):
        return any(path.stem != "__init__" for path in _folder(module[:-2], root).glob("*.py"))
    folder = _folder(module, root)
    return (folder / "__init__.py").is_file() or folder.with_suffix(".py").is_file()


def _folder(module: str, root: Path) -> Path:
    return root / module.replace(".", "/")


def as_toml(table: dict[str, Any]) -> str:
    """The table as TOML: strings, lists of strings and booleans are written as in JSON."""
    lines = ["[tool.importlinter]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in table.items() if key != "contracts"]
    for contract in table["contracts"]:
        lines += ["", "[[tool.importlinter.contracts]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in contract.items()]
    return "\n".join(lines) + "\n"
