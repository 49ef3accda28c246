"""Templates compiled once in a process of tests, however many portals it builds."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """What jinja compiled, by its key of name and source."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


def keep_compiled() -> None:
    """Let every app built from now on share them."""
    Flask.jinja_options = {"bytecode_cache": Compiled()}
