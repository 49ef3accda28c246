"""What a client pays the bureau: terms of the agreement by date, the guard on percentages, and a month priced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clients.models import FeeBasis, FeeTerm
from config.problems import Problem, Severity

WHOLE = 10_000  # basis points
HIGHEST_PERCENT = 2_000  # basis points: nobody agrees to more than 20% of collections on purpose
# A billing agent who receives the money of these programs may not be paid by what is collected
# (42 CFR 424.73 and 424.80 for Medicare, 42 CFR 447.10 for Medicaid).
GOVERNMENT = frozenset({"medicare", "medicaid", "managed_medicaid"})
# States whose fee-splitting law has been read to reach percentage billing fees (cfg); a word for counsel, no more.
ASK_COUNSEL = frozenset({"NY"})
EACH_CLASS = ""  # of a term that holds for every payer class no other term names

LABELS: dict[str, str] = {
    FeeBasis.PERCENT: "Share of collections",
    FeeBasis.PER_CLAIM: "Price per claim",
    FeeBasis.FLAT: "Monthly fee",
    FeeBasis.MINIMUM: "Least a month",
    FeeBasis.CAP: "Most a month",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One fee. `steps` are (from this much a month, rate there), lowest first; the first one begins at 0."""

    basis: str
    cents: int = 0
    basis_points: int = 0
    payer_class: str = EACH_CLASS
    steps: tuple[tuple[int, int], ...] = ()

    @property
    def rate(self) -> int:
        return self.basis_points if self.basis == FeeBasis.PERCENT else self.cents

    @property
    def slices(self) -> tuple[tuple[int, int], ...]:
        return self.steps or ((0, self.rate),)


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened in a month, or in the part of it for which one set of terms holds.

    Collections are posted payer and patient money less refunds and takebacks, in cents by payer class (the
    patient's own money under "patient"); claims are those first submitted. `share` is the part of the month.
    """

    collected: Mapping[str, int] = field(default_factory=dict)
    claims: Mapping[str, int] = field(default_factory=dict)
    share: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of the month's fee: `amount` is what was measured (cents, or claims), `cents` what it costs."""

    basis: str
    payer_class: str
    amount: int
    cents: int


def load_terms(session: Session, client_id: int, on: date) -> tuple[Term, ...]:
    """The terms in force on a day."""
    wanted = select(FeeTerm).where(
        FeeTerm.client_id == client_id,
        FeeTerm.starts_on <= on,
        or_(FeeTerm.ends_on.is_(None), FeeTerm.ends_on > on),
    )
    return tuple(as_term(row) for row in session.scalars(wanted.order_by(FeeTerm.id)))


def as_term(row: FeeTerm) -> Term:
    steps = tuple((int(begin), int(rate)) for begin, rate in row.steps or ())
    return Term(row.basis, row.cents, row.basis_points, row.payer_class, steps)


def price_month(terms: Iterable[Term], activity: Activity) -> tuple[FeeLine, ...]:
    """The fee of a month, line by line, in whole cents rounded half up; a minimum and a cap come last.

    A rate that falls with volume holds for the part of the volume above its step, so that more work never costs
    less. Monthly amounts count by `activity.share`.
    """
    by_basis: dict[str, list[Term]] = {}
    for term in terms:
        by_basis.setdefault(term.basis, []).append(term)
    lines = [
        *_by_class(by_basis.get(FeeBasis.PERCENT, []), activity.collected, WHOLE),
        *_by_class(by_basis.get(FeeBasis.PER_CLAIM, []), activity.claims, 1),
    ]
    lines += [
        FeeLine(term.basis, EACH_CLASS, 1, _part(term.cents, activity.share))
        for term in by_basis.get(FeeBasis.FLAT, [])
    ]
    total = sum(line.cents for line in lines)
    for term in by_basis.get(FeeBasis.MINIMUM, []):
        lines += _difference(term, _part(term.cents, activity.share) - total, above=True)
        total = sum(line.cents for line in lines)
    for term in by_basis.get(FeeBasis.CAP, []):
        lines += _difference(term, _part(term.cents, activity.share) - total, above=False)
    return tuple(lines)


def _by_class(terms: Sequence[Term], amounts: Mapping[str, int], divisor: int) -> list[FeeLine]:
    """One line per term: a class that a term names, and all the rest together for the term that names none."""
    named = {term.payer_class for term in terms}
    lines = []
    for term in terms:
        classes = {term.payer_class} if term.payer_class else set(amounts) - named
        amount = sum(amounts.get(name, 0) for name in classes)
        if amount:
            lines.append(FeeLine(term.basis, term.payer_class, amount, _sliced(term, amount, divisor)))
    return lines


def _sliced(term: Term, amount: int, divisor: int) -> int:
    """What the amount costs when each slice has its own rate; money given back costs as much as it earned."""
    size, total = abs(amount), 0
    bounds = [begin for begin, _ in term.slices[1:]] + [size]
    for (begin, rate), end in zip(term.slices, bounds, strict=True):
        total += max(min(end, size) - begin, 0) * rate
    cents = (2 * total + divisor) // (2 * divisor)
    return -cents if amount < 0 else cents


def _part(cents: int, share: Fraction) -> int:
    exact = cents * share
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _difference(term: Term, missing: int, *, above: bool) -> list[FeeLine]:
    return [FeeLine(term.basis, EACH_CLASS, 1, missing)] if (missing > 0 if above else missing < 0) else []


def find_fee_problems(
    terms: Sequence[Term], *, bureau_receives_money: bool, payer_classes: Iterable[str], region: str
) -> list[Problem]:
    """What speaks against these terms: the guard on percentages (errors), and where to ask counsel (warning)."""
    problems = []
    for at, term in enumerate(terms, 1):
        where = f"fee term {at}"
        if term.rate < 0 or term.basis not in LABELS:
            problems.append(Problem(where, "fee.rate", "A fee is an amount of zero or more."))
        if term.basis == FeeBasis.PERCENT and max(rate for _, rate in term.slices) > HIGHEST_PERCENT:
            problems.append(Problem(where, "fee.high", "A share of collections is at most 20%."))
        begins = [begin for begin, _ in term.slices]
        if begins[0] != 0 or begins != sorted(set(begins)):
            problems.append(Problem(where, "fee.steps", "Volume steps begin at 0 and go up."))
    problems += _find_doubles(terms)
    if bureau_receives_money:
        problems += _guard(terms, payer_classes)
    if region in ASK_COUNSEL and any(term.basis == FeeBasis.PERCENT for term in terms):
        text = f"{region} may not allow a fee by share of collections: ask counsel before it is agreed."
        problems.append(Problem("fee terms", "fee.ask_counsel", text, Severity.WARNING))
    return problems


def _find_doubles(terms: Sequence[Term]) -> list[Problem]:
    seen: set[tuple[str, str]] = set()
    problems = []
    for at, term in enumerate(terms, 1):
        key = (term.basis, term.payer_class)
        if key in seen:
            problems.append(Problem(f"fee term {at}", "fee.double", "Two terms of one kind hold for the same payers."))
        seen.add(key)
    return problems


def _guard(terms: Sequence[Term], payer_classes: Iterable[str]) -> list[Problem]:
    """Percentages that reach government money while the bureau itself receives it."""
    shares = {
        term.payer_class: max(rate for _, rate in term.slices) for term in terms if term.basis == FeeBasis.PERCENT
    }
    reached = {name for name, rate in shares.items() if rate}
    if EACH_CLASS in reached:
        reached |= set(payer_classes) - set(shares)
    text = (
        "{} money may not be charged by share of collections while the bureau receives it "
        "(42 CFR 424.73, 447.10): have it paid to the client's own account, or agree on a price per claim."
    )
    return [
        Problem("fee terms", "fee.government", text.format(name.replace("_", " ").capitalize()))
        for name in sorted(reached & GOVERNMENT)
    ]
