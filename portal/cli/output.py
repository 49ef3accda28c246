"""How a command ends: its exit code, its JSON, its messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

from config.problems import Problem


class Exit(IntEnum):
    OK = 0
    FAILURE = 1
    USAGE = 2
    PROBLEMS = 3
    NOT_FOUND = 4
    CONFLICT = 5


class Stop(Exception):
    """A command cannot go on: the one line to say, and how to exit."""

    def __init__(self, code: Exit, text: str) -> None:
        super().__init__(text)
        self.code = code


def say(text: str) -> None:
    """A message to the person at the terminal."""
    print(text, file=sys.stderr)


def show_json(value: Any) -> None:
    """One JSON object on stdout."""
    print(json.dumps(value, default=_plain, ensure_ascii=False))


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem as the fixed output formats name its parts."""
    return {"where": problem.where, "code": problem.code, "text": problem.text}


def say_problems(problems: Iterable[Problem], most: int = 20) -> None:
    """The first problems in full, then how many more there are."""
    found = list(problems)
    for problem in found[:most]:
        say(f"{problem.where}: {problem.text}")
    if len(found) > most:
        say(f"... and {len(found) - most:,} more; --json shows all")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
