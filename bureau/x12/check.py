"""One file, one report: what it is, how much is in it, what is wrong with it and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bureau.x12.ack277 import read_277ca
from bureau.x12.ack999 import read_999
from bureau.x12.balance import balance
from bureau.x12.claim837 import read_837
from bureau.x12.edits.edit import Codes
from bureau.x12.edits.files import judge_sets
from bureau.x12.edits.reasons import find_reason_problems
from bureau.x12.eligibility270 import read_270
from bureau.x12.eligibility271 import read_271
from bureau.x12.envelope import Interchange, decode, read_envelope
from bureau.x12.findings import MOST
from bureau.x12.read837i import read_837i
from bureau.x12.remit835 import read_835
from bureau.x12.review278 import read_278
from bureau.x12.status276 import read_276
from bureau.x12.status277 import read_277
from bureau.x12.structure import check_structure
from bureau.x12.syntax import where
from bureau.x12.values278 import Review
from bureau.x12.values835 import Remittance
from bureau.x12.values837 import ClaimSet
from config.problems import Problem, Severity

_KEPT = frozenset({"not_carried", "unknown_code"})
_FAMILY = 10  # "005010X222": a version without its addendum


@dataclass(slots=True)
class Report:
    """What a check found; `kind` is the ST01 of the sets, several joined by a comma, TA1 for such alone."""

    file: str
    kind: str = ""
    transactions: int = 0
    claims: int = 0  # or the patients asked about, the answers on them, the reviews
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Inspection:
    """What one look at a text gave: its envelope, the values in it that can be read, all that is wrong with it."""

    interchanges: list[Interchange] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


_Typed = Callable[[str, str], tuple[list[Any], list[Problem]]]


def _check_835(text: str, file: str) -> tuple[list[Any], list[Problem]]:
    remittances, problems = read_835(text, file)
    for one in remittances:
        if len(problems) < MOST:
            problems += balance(one, file).problems
    return remittances, problems


_CHECKS: dict[tuple[str, str], _Typed] = {
    ("837", "005010X222"): read_837,
    ("837", "005010X223"): read_837i,
    ("835", "005010X221"): _check_835,
    ("999", "005010X231"): read_999,
    ("270", "005010X279"): read_270,
    ("271", "005010X279"): read_271,
    ("276", "005010X212"): read_276,
    ("277", "005010X212"): read_277,
    ("277", "005010X214"): read_277ca,
    ("278", "005010X217"): read_278,
}
_MEMBERS = ("claims", "inquiries", "answers")  # what a set is made of, the first that it has; a review is one by itself


def is_read(kind: str, version: str) -> bool:
    """Whether sets of this ST01 and version are read into values, not only looked at from outside."""
    return (kind, version[:_FAMILY]) in _CHECKS


def check(data: bytes, name: str, codes: Codes | None = None) -> Report:
    """Check the bytes of one file; never raises, whatever they are. `name` goes before every place.

    Procedures, diagnoses and modifiers are held against `codes`, if the caller has such.
    """
    text, said = decode(data)
    problems = [replace(problem, where=f"{name} {problem.where}") for problem in said]
    seen = inspect(text, name, codes) if text or not problems else Inspection()
    problems += seen.problems
    sets = [one for interchange in seen.interchanges for group in interchange.groups for one in group.sets]
    kinds = ",".join(sorted({one.kind for one in sets}))
    return Report(
        name,
        kinds or ("TA1" if any(one.tas for one in seen.interchanges) else ""),
        len(sets),
        sum(_count(value) for value in seen.values),
        [problem for problem in problems if problem.is_error],
        [problem for problem in problems if not problem.is_error],
    )


def _count(value: Any) -> int:
    """Claims, or inquiries, answers and reviews, in one value."""
    if isinstance(value, Review):
        return 1
    return next((len(getattr(value, name)) for name in _MEMBERS if hasattr(value, name)), 0)


def inspect(text: str, name: str = "", codes: Codes | None = None, *, judges: bool = True) -> Inspection:
    """Read and judge a text once: envelope, values, edits, grammar. What was told of a place is not told again.

    Without `judges` the edits are left to a caller who holds the claims against them himself.
    """
    interchanges, problems = read_envelope(text, name)
    seen = Inspection(interchanges)
    firsts: dict[tuple[str, str], int] = {}
    for one in (one for interchange in interchanges for group in interchange.groups for one in group.sets):
        firsts.setdefault((one.kind, one.version[:_FAMILY]), one.first)
    for wanted, first in firsts.items():
        typed = _CHECKS.get(wanted)
        if typed is None:
            problems.append(_unknown(wanted, name, first))
            continue
        values, more = typed(text, name)
        seen.values += values
        problems += [one for one in more if one.code != "version"]  # a set that another reader takes
    if len(problems) < MOST:  # else nothing more is worth saying
        told = _places(problems)
        problems += [one for one in check_structure(text, name) if (one.segment, one.element) not in told]
    if judges and len(problems) < MOST:
        problems = _judge(seen.values, text, name, problems, codes)
    seen.problems = sorted(dict.fromkeys(problems), key=lambda problem: problem.segment or 0)
    return seen


def _places(problems: list[Problem]) -> set[tuple[int | None, str]]:
    """Of what a judgement has been told; that a reader kept what it does not know is none."""
    return {(problem.segment, problem.element) for problem in problems if problem.code not in _KEPT}


def _judge(values: list[Any], text: str, name: str, problems: list[Problem], codes: Codes | None) -> list[Problem]:
    """The problems with what payers would turn back in claims that can be read, and reasons nobody has published."""
    batches = [one for one in values if isinstance(one, ClaimSet)]
    claims = [claim for one in values if isinstance(one, ClaimSet | Remittance) for claim in one.claims]
    verdict = judge_sets(batches, text, name, told=_places(problems), codes=codes)
    kept = [one for one in problems if (one.segment, one.element) not in verdict.nearer]
    return kept + verdict.problems + find_reason_problems(claims, text, name)


def _unknown(wanted: tuple[str, str], name: str, first: int) -> Problem:
    """Sets that are not read into values: an old version is an error, else only the shell was looked at."""
    kind, version = wanted
    if not version.startswith("005010"):
        text = f"Version {version[:6]} of the {kind[:3]} is not supported; 005010 is."
        return Problem(where(name, first, "ST"), "version", text, segment=first, element="GS08")
    text = f"Of the {kind[:3]} only the envelope is checked."
    return Problem(where(name, first, "ST"), "envelope_only", text, Severity.WARNING, first)
