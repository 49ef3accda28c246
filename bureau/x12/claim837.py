"""Professional claims (837P, 005010X222A1 and A2): text to ClaimSet values, whole or as a stream, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from bureau.x12.locate import find_claims_at, locate_claims
from bureau.x12.read837 import Reader837
from bureau.x12.reading import read_all
from bureau.x12.syntax import chunks_of, slices
from bureau.x12.values837 import Claim, ClaimSet
from bureau.x12.write837 import write_837
from config.problems import Problem

__all__ = ["Reader837", "find_claims_at", "iter_837", "locate_claims", "read_837", "write_837"]


def read_837(text: str, file: str = "") -> tuple[list[ClaimSet], list[Problem]]:
    """Every 837P of the text with its claims, and what is wrong with them; parties may be shared objects."""
    reader = Reader837(file)
    return [one for one in read_all(reader, slices(text)) if isinstance(one, ClaimSet)], reader.problems


def iter_837(source: TextIO | Iterable[str], file: str = "") -> Iterator[Claim | ClaimSet | Problem]:
    """Read an 837P of any size in bounded memory: claims as they end, then their set without claims.

    `source` is an open text file or any run of pieces of text. Problems come when they are found.
    """
    reader = Reader837(file, keep_claims=False)
    for ready in reader.stream(chunks_of(source)):
        yield from ready
        yield from reader.problems
        reader.problems.clear()
    yield from reader.problems
