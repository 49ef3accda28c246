"""Where a file waits between its check and its commit: on disk under a made-up name, for its sender only, for a day."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from bureau.office import NotFound

KEEP = timedelta(days=1)
_MOMENTS = ("at", "begun_at")
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Stage(StrEnum):
    """How far a waiting file is on its way in."""

    WAITING = "waiting"
    CHECKING = "checking"
    WRITING = "writing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Staged:
    """One file that waits; `token` is its name here and in the address."""

    token: str
    client_id: int
    person_id: int
    file_name: str
    size: int
    at: datetime
    upload_id: int | None = None  # what it became; its bytes are gone then
    stage: Stage = Stage.WAITING
    begun_at: datetime | None = None
    rows: int = 0  # known once it is checked


class Staging:
    """The folder of waiting files. Every file is two: its bytes, and a note of whose they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, client_id: int, person_id: int, file_name: str, data: bytes, now: datetime) -> str:
        """Keep the bytes; returns the token. What waited for too long goes at the same time."""
        self._sweep(now)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        staged = Staged(secrets.token_hex(16), client_id, person_id, file_name, len(data), now)
        self._write(f"{staged.token}.bin", data)
        self._write_note(staged)
        return staged.token

    def get(self, token: str, client_id: int, person_id: int, now: datetime) -> Staged:
        """The file's note. Raises NotFound for a token that is unknown, too old or somebody else's."""
        staged = self._read_note(token) if _TOKEN.fullmatch(token) else None
        if staged is None or (staged.client_id, staged.person_id) != (client_id, person_id) or _is_old(staged, now):
            raise NotFound("no such waiting file")
        return staged

    def read(self, staged: Staged) -> bytes:
        """Raises NotFound when the file went in the meantime."""
        try:
            return (self._folder / f"{staged.token}.bin").read_bytes()
        except FileNotFoundError:
            raise NotFound("no such waiting file") from None

    def find(self, client_id: int, person_id: int, now: datetime) -> list[Staged]:
        """What waits for this person, newest first."""
        notes = (self._read_note(path.stem) for path in self._folder.glob("*.json"))
        own = [one for one in notes if one and (one.client_id, one.person_id) == (client_id, person_id)]
        waiting = [one for one in own if one.upload_id is None and not _is_old(one, now)]
        return sorted(waiting, key=lambda one: one.at, reverse=True)

    def note(self, staged: Staged) -> Staged:
        """Write down how far it is; returns the same for whoever goes on."""
        self._write_note(staged)
        return staged

    def settle(self, staged: Staged, upload_id: int) -> None:
        """The file was taken in: its bytes go, its note leads whoever presses twice to the upload."""
        self._write_note(replace(staged, upload_id=upload_id))
        (self._folder / f"{staged.token}.bin").unlink(missing_ok=True)

    def drop(self, token: str) -> None:
        """Forget a file; one that is gone already is no error."""
        for ending in ("json", "bin"):
            (self._folder / f"{token}.{ending}").unlink(missing_ok=True)

    def _write_note(self, staged: Staged) -> None:
        days = {name: day.isoformat() for name in _MOMENTS if (day := getattr(staged, name)) is not None}
        self._write(f"{staged.token}.json", json.dumps(asdict(staged) | days).encode())

    def _write(self, name: str, data: bytes) -> None:
        """Whole or not at all: somebody may ask how far it is at this very moment."""
        part = self._folder / f"{name}.part"
        part.touch(mode=0o600)
        part.write_bytes(data)
        part.replace(self._folder / name)

    def _read_note(self, token: str) -> Staged | None:
        try:
            note = json.loads((self._folder / f"{token}.json").read_text("utf-8"))
            moments = {name: datetime.fromisoformat(note[name]) for name in _MOMENTS if note[name] is not None}
            return Staged(**note | moments | {"stage": Stage(note["stage"])})
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def _sweep(self, now: datetime) -> None:
        for path in self._folder.glob("*.json"):
            staged = self._read_note(path.stem)
            if staged is None or _is_old(staged, now):
                self.drop(path.stem)


def safe_name(name: str) -> str:
    """The last part of the name a browser sent, without what cannot be shown."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(ch for ch in base if ch.isprintable())[:120] or "file"


def _is_old(staged: Staged, now: datetime) -> bool:
    return now - staged.at > KEEP
