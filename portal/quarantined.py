"""The child that opens one file from outside: `python -m portal.quarantined`, request and bytes in, JSON out."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from datetime import date
from typing import Any


def main() -> None:
    """Read the request (a line of JSON) and the file from standard input; answer on standard output."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(request["memory"], request["cpu"])
    json.dump(_read(request, sys.stdin.buffer.read()), sys.stdout, separators=(",", ":"))


def _limit(memory: int, cpu: int) -> None:
    """From here on the process can neither grow, run, nor write beyond these."""
    limits = (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
    )  # fmt: skip
    for what, most in limits:
        resource.setrlimit(what, (most, most))


def _read(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Only what a request needs is loaded: a workbook is opened in a third of the time."""
    if "profile" not in request:
        from bureau.rules.intake.sheets import read_sheet

        table, problems = read_sheet(request["name"], data)
        return {"table": table, "problems": [asdict(problem) for problem in problems]}
    from bureau.rules.intake.readers import build_reader

    reader = build_reader(request["profile"], None, date.fromisoformat(request["today"]))
    return asdict(reader(request["name"], data))


if __name__ == "__main__":
    main()
