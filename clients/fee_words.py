"""Fees as people write and read them: `7.5; 6.5 from 100,000` in a form, a whole phrase on a page."""

from __future__ import annotations

import re

from clients.fees import EACH_CLASS, LABELS, Term
from clients.models import FeeBasis
from config.money import format_cents, parse_cents
from config.problems import Problem

STEPPED = frozenset({FeeBasis.PERCENT, FeeBasis.PER_CLAIM})
_STEP = re.compile(r"(?P<rate>.+?)(?:\s+from\s+(?P<begin>.+))?", re.IGNORECASE)


def write_rate(term: Term) -> str:
    """The rate as the form shows it; `read_term` reads it back."""
    first, *rest = term.slices
    parts = [_rate(term.basis, first[1])]
    parts += [f"{_rate(term.basis, rate)} from {_begin(term.basis, begin)}" for begin, rate in rest]
    return "; ".join(parts)


def read_term(basis: str, payer_class: str, text: str, where: str) -> Term | Problem:
    """A fee as written in a form: a percent or dollars, for some bases with steps by monthly volume.

    `6; 5 from 100,000`: 6% of what is collected, 5% of what lies above $100,000 a month. Steps of a price per
    claim count claims.
    """
    if basis not in LABELS:
        return Problem(where, "fee.basis", "Choose one of the list.")
    steps: list[tuple[int, int]] = []
    for part in text.split(";"):
        step = _read_step(basis, part.strip(), where, is_first=not steps)
        if isinstance(step, Problem):
            return step
        steps.append(step)
    if len(steps) > 1 and basis not in STEPPED:
        return Problem(where, "fee.steps", "Only shares and prices per claim go by volume.")
    rate = steps[0][1]
    own = tuple(steps) if len(steps) > 1 else ()
    named = payer_class if basis in STEPPED else EACH_CLASS
    if basis == FeeBasis.PERCENT:
        return Term(basis, basis_points=rate, payer_class=named, steps=own)
    return Term(basis, cents=rate, payer_class=named, steps=own)


def _read_step(basis: str, part: str, where: str, *, is_first: bool) -> tuple[int, int] | Problem:
    match = _STEP.fullmatch(part)
    if match is None or (match["begin"] is None) != is_first:
        example = "6; 5 from 100,000" if basis == FeeBasis.PERCENT else "6.00; 5.00 from 1,000"
        return Problem(where, "fee.form", f"Write a number, and steps like {example}.")
    rate = parse_cents(match["rate"].replace("%", ""), where)  # hundredths: of a dollar, or of a percent
    if isinstance(rate, Problem):
        return Problem(where, "fee.form", "Write the rate as a number with at most two decimals.")
    if match["begin"] is None:
        return 0, rate
    count = match["begin"].replace(",", "")
    if basis != FeeBasis.PERCENT and count.isdecimal():
        return int(count), rate
    begin = parse_cents(match["begin"], where)
    if basis != FeeBasis.PERCENT or isinstance(begin, Problem):
        return Problem(where, "fee.form", "Write after “from” how much a month.")
    return begin, rate


def say_term(term: Term) -> str:
    """The fee as a phrase: 7.5% of collections up to $100,000 a month, 6.5% above."""
    said = [_say_slice(term, place) for place in range(len(term.slices))]
    whose = f" ({term.payer_class.replace('_', ' ').title()} only)" if term.payer_class else ""
    return ", ".join(said) + whose


def _say_slice(term: Term, place: int) -> str:
    begin, rate = term.slices[place]
    noun = "of collections" if term.basis == FeeBasis.PERCENT else _NOUNS[term.basis]
    unit = f"{_trim(rate)}% " if term.basis == FeeBasis.PERCENT else f"${format_cents(rate)} "
    if len(term.slices) == 1:
        return f"{unit}{noun}" if rate or term.basis != FeeBasis.PERCENT else f"no share {noun}"
    if place == 0:
        return f"{unit}{noun} up to {_volume(term.basis, term.slices[1][0])} a month"
    return f"{unit.strip()} above {_volume(term.basis, begin)}"


_NOUNS: dict[str, str] = {
    FeeBasis.PER_CLAIM: "a claim",
    FeeBasis.FLAT: "a month",
    FeeBasis.MINIMUM: "a month at least",
    FeeBasis.CAP: "a month at most",
}


def _trim(basis_points: int) -> str:
    return format_cents(basis_points).rstrip("0").rstrip(".")


def _rate(basis: str, rate: int) -> str:
    return _trim(rate) if basis == FeeBasis.PERCENT else format_cents(rate)


def _begin(basis: str, begin: int) -> str:
    return format_cents(begin).removesuffix(".00") if basis == FeeBasis.PERCENT else f"{begin:,}"


def _volume(basis: str, begin: int) -> str:
    return f"${format_cents(begin).removesuffix('.00')}" if basis == FeeBasis.PERCENT else f"{begin:,} claims"
