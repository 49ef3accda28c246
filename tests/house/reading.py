"""Reads the floors as syntax trees, so that the house rules look at code and not at text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FLOORS = ("portal", "simulator", "reports", "bureau", "clients", "config")  # highest first


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the project's root, its dotted name, its text and its tree."""

    path: str
    module: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Where a node is, as an editor can open it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def is_in(self, *rooms: str) -> bool:
        return any(self.module == room or self.module.startswith(f"{room}.") for room in rooms)


def read_source(path: str, text: str) -> Source:
    """A source from its text; for the project's own files and for planted ones alike."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Source(path, module, text, ast.parse(text, path))


def read_folders(*folders: str, root: Path = PROJECT) -> list[Source]:
    """Every Python file below these folders of the project; a folder that is not there has none."""
    files = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    return [read_source(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in files]


def read_floors(root: Path = PROJECT) -> list[Source]:
    return read_folders(*FLOORS, root=root)


def find_functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def find_imports(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Each import with the full dotted name that it asks for: `from a import b` asks for a.b."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module or ''}.{alias.name}") for alias in node.names)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; what is not a name shows as "?"."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"
