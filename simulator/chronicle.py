"""The world's own record of when each thing happened, kept apart from the book it is compared with."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Happening(StrEnum):
    UPLOADED = "encounter uploaded"
    ASKED = "question seen by practice"
    ANSWERED = "question answered"
    POSTED = "remittances posted"
    TOUCHED = "denial looked at"
    PAUSED = "client paused"
    RESUMED = "client resumed"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a client; `key` is an encounter number, or a filing id where there is no other."""

    at: datetime
    what: Happening
    client: str
    key: str


@dataclass(slots=True)
class Chronicle:
    """Entries in the order they happened."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, at: datetime, what: Happening, client: str, key: str = "") -> None:
        self.entries.append(Entry(at, what, client, key))

    def find(self, what: Happening, client: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.what is what and entry.client == client]

    def save(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(("at", "what", "client", "key"))
            out.writerows((entry.at.isoformat(), entry.what, entry.client, entry.key) for entry in self.entries)
