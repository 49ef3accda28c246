"""Reading a form: each field by name and kind, what is wrong gathered beside it, never raised midway."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from config.money import parse_cents
from config.problems import Problem


class Fields:
    """What a person sent. A missing or unreadable value becomes a Problem that names the field."""

    def __init__(self, sent: MultiDict[str, str]) -> None:
        self._sent = sent
        self.problems: list[Problem] = []

    def __getitem__(self, name: str) -> str:
        """What the field showed, to show it again."""
        return self._sent.get(name, "")

    def text(self, name: str, *, required: bool = True, most: int = 500) -> str:
        value = self._sent.get(name, "").strip()
        if required and not value:
            self.refuse(name, "form.empty", "Fill this in.")
        elif len(value) > most:
            self.refuse(name, "form.long", f"Keep this within {most} characters; it has {len(value)}.")
        elif "\x00" in value:
            self.refuse(name, "form.characters", "This holds a character that cannot be stored.")
        return value

    def choice(self, name: str, among: Collection[str], *, default: str = "") -> str:
        value = self._sent.get(name, default)
        if value not in among:
            self.refuse(name, "form.choice", "Choose one of the list.")
        return value

    def day(self, name: str, *, required: bool = True) -> date | None:
        value = self.text(name, required=required, most=10)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(name, "form.date", "Write the date as YYYY-MM-DD, for example 2026-03-14.")
            return None

    def cents(self, name: str) -> int:
        value = parse_cents(self._sent.get(name, ""), name)
        if isinstance(value, Problem):
            self.problems.append(value)
            return 0
        return value

    def refuse(self, name: str, code: str, text: str) -> None:
        self.problems.append(Problem(name, code, text))

    def error(self, name: str) -> str:
        """What is wrong with this field, or nothing."""
        return next((problem.text for problem in self.problems if problem.where == name), "")

    def as_dict(self) -> dict[str, Any]:
        return self._sent.to_dict()
