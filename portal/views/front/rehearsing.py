"""A test file on its way from either door into a rehearsal: read as the practice's files are."""

from __future__ import annotations

from bureau.office import Office
from config.problems import Problem
from portal.views.front.sources import find_source
from simulator.rehearsal import RehearsalFile


def read_test_file(
    office: Office, client_id: int, name: str, data: bytes, *, chosen: str = ""
) -> RehearsalFile | Problem:
    """The file with its reader, or why it cannot be read; `chosen` is a saved profile."""
    if not data:
        return Problem("file", "test.empty", "Choose a file first; the one that came was empty or missing.")
    source = find_source(office, client_id, name, data, chosen=chosen)
    if source.missing:
        text = "Nobody has said yet what this file's columns mean; the practice does so when it sends a test file."
        return Problem("file", "test.columns", text)
    return RehearsalFile(name, data, source.profile, source.reader(office.today(client_id)))
