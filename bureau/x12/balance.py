"""Does an 835 add up: at every line, every claim and the whole payment, to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bureau.x12.syntax import where
from bureau.x12.values835 import PaidClaim, Remittance
from config.problems import Problem


class Verdict(StrEnum):
    BALANCED = "balanced"
    OUT_OF_BALANCE = "out_of_balance"
    NOT_EVALUABLE = "not_evaluable"


class Level(StrEnum):
    NONE = ""
    LINE = "line"
    CLAIM = "claim"
    TRANSACTION = "transaction"


@dataclass(frozen=True, slots=True)
class Balance:
    """The verdict; `delta_cents` is reported minus expected at the highest `level` that does not add up."""

    verdict: Verdict
    delta_cents: int = 0
    level: Level = Level.NONE
    problems: tuple[Problem, ...] = ()


def _finding(file: str, n: int, finding: tuple[str, str, str], delta: int) -> Problem:
    element, code, level = finding
    amount = f"{'-' if delta < 0 else ''}{abs(delta) // 100}.{abs(delta) % 100:02d}"
    text = f"The {level} does not add up: reported minus expected is {amount}."
    return Problem(where(file, n, element[:3]), code, text, segment=n or None, element=element)


def find_imbalances(claim: PaidClaim, file: str = "") -> tuple[list[tuple[Level, int]], list[Problem]]:
    """What does not add up inside one claim: its lines, then the claim itself."""
    found: list[tuple[Level, int]] = []
    problems: list[Problem] = []
    n = claim.first_segment
    lines_cents = charged = paid = 0
    for line in claim.lines:
        adjusted = sum([one.cents for one in line.adjustments])
        lines_cents += adjusted
        charged += line.charge_cents
        paid += line.paid_cents
        if line.charge_cents - adjusted != line.paid_cents:
            delta = line.paid_cents - line.charge_cents + adjusted
            found.append((Level.LINE, delta))
            problems.append(_finding(file, n, ("SVC03", "line_balance", "service line"), delta))
    claim_cents = sum([one.cents for one in claim.adjustments]) if claim.adjustments else 0
    checks = [("CLP04", "claim_balance", claim.paid_cents - claim.charge_cents + claim_cents + lines_cents)]
    if claim.lines:
        checks.append(("CLP03", "claim_charge", claim.charge_cents - charged))
        checks.append(("CLP04", "claim_paid", claim.paid_cents - paid + claim_cents))
    for element, code, delta in checks:
        if delta:
            found.append((Level.CLAIM, delta))
            problems.append(_finding(file, n, (element, code, "claim"), delta))
    return found, problems


class Tally:
    """A running balance for streams: add each claim, then close with its remittance."""

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._found: list[tuple[Level, int]] = []
        self._problems: list[Problem] = []
        self._paid = 0
        self._unreadable = False

    def add(self, claim: PaidClaim) -> None:
        found, problems = find_imbalances(claim, self._file)
        if found:
            self._found += found
            self._problems += problems
        self._paid += claim.paid_cents
        self._unreadable |= claim.unreadable

    def close(self, remittance: Remittance) -> Balance:
        """The verdict on everything added; claims inside `remittance` are not added again."""
        if self._unreadable or remittance.unreadable:
            text = "An amount is missing or cannot be read, so the payment cannot be balanced."
            n = remittance.first_segment
            problem = Problem(where(self._file, n, "ST"), "not_evaluable", text, segment=n or None)
            return Balance(Verdict.NOT_EVALUABLE, problems=(problem,))
        held = sum(one.cents for one in remittance.provider_adjustments)
        delta = remittance.payment_cents - (self._paid - held)
        if delta:
            self._found.append((Level.TRANSACTION, delta))
            n = remittance.first_segment
            finding = ("BPR02", "payment_balance", "payment")
            self._problems.append(_finding(self._file, n, finding, delta))
        if not self._found:
            return Balance(Verdict.BALANCED)
        level, delta = max(self._found, key=lambda pair: _RANK[pair[0]])
        return Balance(Verdict.OUT_OF_BALANCE, delta, level, tuple(self._problems))


_RANK = {Level.LINE: 1, Level.CLAIM: 2, Level.TRANSACTION: 3}


def balance(remittance: Remittance, file: str = "") -> Balance:
    """Balance one remittance at its three levels; tolerance is zero, a positive PLB reduces the payment."""
    return balance_claims(remittance, remittance.claims, file)


def balance_claims(remittance: Remittance, claims: Iterable[PaidClaim], file: str = "") -> Balance:
    tally = Tally(file)
    for claim in claims:
        tally.add(claim)
    return tally.close(remittance)
