"""Finding a code by what it means: procedures we have a name for, and every ICD-10-CM diagnosis."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from config import codes

MOST = 12


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code with its meaning; `is_procedure` tells the two kinds apart."""

    code: str
    text: str
    is_procedure: bool


def find_codes(text: str, on: date, *, most: int = MOST) -> list[FoundCode]:
    """Codes that begin with the text or whose meaning holds every word of it, valid on that day; shorter names first.

    Half of the places go to each kind as long as both have enough.
    """
    words = text.casefold().replace(".", "").split()
    if not words:
        return []
    procedures = [
        FoundCode(code, one.name, is_procedure=True)
        for code, one in codes.procedures().items()
        if _fits(words, code, one.name) and codes.procedure_status(code, on) is codes.CodeStatus.VALID
    ]
    diagnoses = []
    for code, name in _diagnoses():
        if _fits(words, code, name) and codes.diagnosis_status(code, on) is codes.CodeStatus.VALID:
            diagnoses.append(FoundCode(code, name, is_procedure=False))
    half = most // 2
    room = most - min(len(procedures), half)
    found = sorted(diagnoses, key=_plainness)[:room]
    return sorted(procedures, key=_plainness)[: most - len(found)] + found


def _fits(words: Sequence[str], code: str, name: str) -> bool:
    if len(words) == 1 and code.casefold().startswith(words[0]):
        return True
    low = name.casefold()
    return all(word in low for word in words)


def _plainness(found: FoundCode) -> tuple[int, str]:
    return len(found.text), found.code


@lru_cache(maxsize=1)
def _diagnoses() -> tuple[tuple[str, str], ...]:
    """Every billable ICD-10-CM code with its meaning."""
    tables = files("config.tables")
    listed = zlib.decompress((tables / "icd10cm.codes.z").read_bytes()).decode("ascii").split("\n\n")[0].split("\n")
    names = lzma.decompress((tables / "icd10cm.texts.xz").read_bytes()).decode().split("\n")
    return tuple(zip(listed, names, strict=True))
