"""One file, one report: what it is, how much is in it, what is wrong with it and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bureau.x12.ack277 import read_277ca
from bureau.x12.ack999 import read_999
from bureau.x12.balance import balance
from bureau.x12.claim837 import read_837
from bureau.x12.envelope import Interchange, decode, read_envelope
from bureau.x12.remit835 import read_835
from bureau.x12.structure import check_structure
from bureau.x12.syntax import where
from config.problems import Problem, Severity


@dataclass(slots=True)
class Report:
    """What a check found; `kind` is the ST01 of the sets, several joined by a comma, TA1 for such alone."""

    file: str
    kind: str = ""
    transactions: int = 0
    claims: int = 0
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


_Typed = Callable[[str, str], tuple[int, list[Problem]]]


def _check_837(text: str, file: str) -> tuple[int, list[Problem]]:
    sets, problems = read_837(text, file)
    return sum(len(one.claims) for one in sets), problems


def _check_835(text: str, file: str) -> tuple[int, list[Problem]]:
    remittances, problems = read_835(text, file)
    for one in remittances:
        problems += balance(one, file).problems
    return sum(len(one.claims) for one in remittances), problems


def _check_999(text: str, file: str) -> tuple[int, list[Problem]]:
    return 0, read_999(text, file)[1]


def _check_277ca(text: str, file: str) -> tuple[int, list[Problem]]:
    sets, problems = read_277ca(text, file)
    return sum(len(one.claims) for one in sets), problems


_CHECKS: dict[tuple[str, str], _Typed] = {
    ("837", "005010X222"): _check_837,
    ("835", "005010X221"): _check_835,
    ("999", "005010X231"): _check_999,
    ("277", "005010X214"): _check_277ca,
}


def check(data: bytes, name: str) -> Report:
    """Check the bytes of one file; never raises, whatever they are. `name` goes before every place."""
    report = Report(name)
    text, said = decode(data)
    problems = [replace(problem, where=f"{name} {problem.where}") for problem in said]
    if text or not problems:
        interchanges, found = read_envelope(text, name)
        problems = problems + _check_text(text, name, report, interchanges, found)
    report.errors = [problem for problem in problems if problem.is_error]
    report.warnings = [problem for problem in problems if not problem.is_error]
    return report


def _check_text(
    text: str, name: str, report: Report, interchanges: list[Interchange], found: list[Problem]
) -> list[Problem]:
    sets = [one for interchange in interchanges for group in interchange.groups for one in group.sets]
    kinds = sorted({one.kind for one in sets})
    report.kind = ",".join(kinds) or ("TA1" if any(one.tas for one in interchanges) else "")
    report.transactions = len(sets)
    problems = list(found)
    firsts: dict[tuple[str, str], int] = {}
    for one in sets:
        firsts.setdefault((one.kind, one.version[:10]), one.first)
    for wanted, first in firsts.items():
        typed = _CHECKS.get(wanted)
        if typed is None:
            problems.append(_unknown(wanted, name, first))
            continue
        claims, more = typed(text, name)
        report.claims += claims
        problems += more
    told = {(problem.segment, problem.element) for problem in problems if problem.code != "not_carried"}
    problems += [one for one in check_structure(text, name) if (one.segment, one.element) not in told]
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.segment or 0)


def _unknown(wanted: tuple[str, str], name: str, first: int) -> Problem:
    """Sets that are not read into values: an old version is an error, else only the shell was looked at."""
    kind, version = wanted
    if not version.startswith("005010"):
        text = f"Version {version[:6]} of the {kind[:3]} is not supported; 005010 is."
        return Problem(where(name, first, "ST"), "version", text, segment=first, element="GS08")
    text = f"Of the {kind[:3]} only the envelope is checked."
    return Problem(where(name, first, "ST"), "envelope_only", text, Severity.WARNING, first)
