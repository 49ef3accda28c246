"""Opens files from outside in a process of its own: what they could do there, they do to nobody.

Archives, workbooks and JSON can be far larger inside than they look, and their parsers are large. They are read by
a child that knows no secret, writes no file and has limits of memory, processor and wall time; what comes back is
plain JSON. Text that is read line by line (CSV, X12, HL7) needs no child.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bureau.rules.intake import readers
from bureau.rules.intake.archives import is_zip
from bureau.rules.intake.layout import ProviderDraft, Reading, SheetRow
from bureau.rules.intake.readers import Reader
from bureau.rules.intake.sheets import find_zip_problem, read_sheet
from config.problems import Problem, Severity
from config.settings import PROJECT


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may use; `memory` is its whole address space in bytes."""

    memory: int = 1_000_000_000
    cpu_seconds: int = 40
    wall_seconds: float = 60


LIMITS = Limits()
_TABLES = frozenset({readers.FOLDER, readers.FHIR, readers.FHIR_DATED, *readers.EXPORTS})


def build_reader(profile: str, mapping: Mapping[str, Any] | None, today: date, limits: Limits = LIMITS) -> Reader:
    """The reader for a profile, as rules/intake has it, that lets a child open what is dangerous to open."""

    def read(name: str, data: bytes) -> Reading:
        if mapping is None and profile in _TABLES and _needs_care(data):
            problem = find_zip_problem(name, data) if is_zip(data) else None
            if problem is not None:
                return Reading(problems=[problem])
            return _reading(_ask({"profile": profile, "name": name, "today": today.isoformat()}, data, limits))
        return readers.build_reader(profile, mapping, today, read_table)(name, data)

    def read_table(name: str, data: bytes) -> tuple[list[list[str]], list[Problem]]:
        return open_sheet(name, data, limits)

    return read


def open_sheet(name: str, data: bytes, limits: Limits = LIMITS) -> tuple[list[list[str]], list[Problem]]:
    """All rows of a CSV or XLSX file as text, header first, or what is wrong with it."""
    if not is_zip(data):
        return read_sheet(name, data)
    problem = find_zip_problem(name, data)
    if problem is not None:
        return [], [problem]
    answer = _ask({"name": name}, data, limits)
    return answer.get("table", []), _problems(answer)


def _needs_care(data: bytes) -> bool:
    return is_zip(data) or readers.is_json(data)


def _ask(request: Mapping[str, str], data: bytes, limits: Limits) -> dict[str, Any]:
    """Let a child read the data; when it comes to grief the answer is one problem that says how."""
    name = request["name"]
    head = json.dumps({**request, "memory": limits.memory, "cpu": limits.cpu_seconds}).encode()
    command = [sys.executable, "-s", "-m", "portal.quarantined"]
    try:
        done = subprocess.run(  # noqa: S603  (our own program; the data goes in as input and is never part of it)
            command, input=head + b"\n" + data, capture_output=True, timeout=limits.wall_seconds, cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return _refused(name, "The file takes too long to open; send it in smaller parts.")
    if done.returncode == 0:
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
    if b"MemoryError" in done.stderr or b"memory allocation" in done.stderr:
        return _refused(name, "The file is too large once it is opened; send it in smaller parts.")
    return _refused(name, "The file cannot be opened: reading it broke off. Send it in smaller parts or as CSV.")


def _refused(name: str, text: str) -> dict[str, Any]:
    return {"problems": [{"where": name, "code": "file.too_heavy", "text": text}]}


def _problem(said: Mapping[str, Any]) -> Problem:
    return Problem(**{**said, "severity": Severity(said.get("severity", Severity.ERROR))})


def _problems(answer: Mapping[str, Any]) -> list[Problem]:
    return [_problem(said) for said in answer.get("problems", ())]


def _reading(answer: Mapping[str, Any]) -> Reading:
    """A reading from what the child said of it."""
    rows = [
        SheetRow(**{**row, "problem": _problem(row["problem"]) if row["problem"] else None})
        for row in answer.get("rows", ())
    ]
    drafts = [ProviderDraft(**draft) for draft in answer.get("providers", ())]
    counts = {name: answer.get(name, {}) for name in ("messages", "kinds")}
    return Reading(rows, answer.get("reference_rows", 0), _problems(answer), drafts, **counts)
