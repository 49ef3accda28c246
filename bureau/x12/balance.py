"""Does an 835 add up: at every line, every claim and the whole payment, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bureau.x12.findings import MOST
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
class Imbalance:
    """One amount that is not what the amounts around it give; claim and line count from 1, 0 where there is none."""

    level: Level
    code: str  # line_balance, claim_balance, claim_charge, claim_paid, payment_balance
    segment: int
    element: str  # where the reported amount stands: SVC03, CLP03, CLP04, BPR02
    reported_cents: int
    expected_cents: int
    claim: int = 0
    line: int = 0

    @property
    def delta_cents(self) -> int:
        return self.reported_cents - self.expected_cents


@dataclass(frozen=True, slots=True)
class LevelBalance:
    """One level of a payment: how many lines or claims were added up, how many are off, and by how much in all.

    A claim that is off in several ways counts once, with the first of its imbalances.
    """

    level: Level
    verdict: Verdict
    checked: int
    off: int
    delta_cents: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The verdict; `delta_cents` is the first reported minus expected at the highest `level` that does not add up.

    `levels` are line, claim and transaction; `imbalances` stand in the order of the file, the payment's own last;
    `unreadable` are the claims (from 1) with an amount that is missing or cannot be read, which are not added up.
    """

    verdict: Verdict
    delta_cents: int = 0
    level: Level = Level.NONE
    problems: tuple[Problem, ...] = ()
    levels: tuple[LevelBalance, ...] = ()
    imbalances: tuple[Imbalance, ...] = ()
    unreadable: tuple[int, ...] = ()


_SAID = {Level.LINE: "service line", Level.CLAIM: "claim", Level.TRANSACTION: "payment"}


def _problem(one: Imbalance, file: str) -> Problem:
    amount = f"{'-' if one.delta_cents < 0 else ''}{abs(one.delta_cents) // 100}.{abs(one.delta_cents) % 100:02d}"
    text = f"The {_SAID[one.level]} does not add up: reported minus expected is {amount}."
    place = where(file, one.segment, one.element[:3])
    return Problem(place, one.code, text, segment=one.segment or None, element=one.element)


def find_imbalances(claim: PaidClaim, number: int = 0) -> list[Imbalance]:
    """What does not add up inside one claim: its lines, then the claim itself. `number` is its place from 1."""
    found: list[Imbalance] = []
    lines_cents = charged = paid = 0
    for at, line in enumerate(claim.lines, 1):
        adjusted = 0
        for one in line.adjustments:
            adjusted += one.cents
        lines_cents += adjusted
        charged += line.charge_cents
        paid += line.paid_cents
        expected = line.charge_cents - adjusted
        if expected != line.paid_cents:
            place = ("line_balance", line.segment, "SVC03")
            found.append(Imbalance(Level.LINE, *place, line.paid_cents, expected, number, at))
    claim_cents = sum([one.cents for one in claim.adjustments]) if claim.adjustments else 0
    checks = [("claim_balance", "CLP04", claim.paid_cents, claim.charge_cents - claim_cents - lines_cents)]
    if claim.lines:
        checks.append(("claim_charge", "CLP03", claim.charge_cents, charged))
        checks.append(("claim_paid", "CLP04", claim.paid_cents, paid - claim_cents))
    for code, element, reported, expected in checks:
        if reported != expected:
            found.append(Imbalance(Level.CLAIM, code, claim.first_segment, element, reported, expected, number))
    return found


class Tally:
    """A running balance for streams: add each claim, then close with its remittance."""

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._found: list[Imbalance] = []
        self._unreadable: list[int] = []
        self._paid = 0
        self._claims = 0
        self._lines = 0

    def add(self, claim: PaidClaim) -> None:
        self._claims += 1
        self._paid += claim.paid_cents
        if claim.unreadable:
            self._unreadable.append(self._claims)
            return
        self._lines += len(claim.lines)
        found = find_imbalances(claim, self._claims)
        if found:
            self._found += found

    def close(self, remittance: Remittance) -> Balance:
        """The verdict on everything added; claims inside `remittance` are not added again."""
        evaluable = not self._unreadable and not remittance.unreadable
        if evaluable:
            held = sum(one.cents for one in remittance.provider_adjustments)
            expected = self._paid - held
            n = remittance.first_segment and remittance.first_segment + 1  # the BPR follows the ST
            if remittance.payment_cents != expected:
                level, reported = Level.TRANSACTION, remittance.payment_cents
                self._found.append(Imbalance(level, "payment_balance", n, "BPR02", reported, expected))
        levels = (
            self._level(Level.LINE, self._lines, is_evaluable=not self._unreadable),
            self._level(Level.CLAIM, self._claims - len(self._unreadable), is_evaluable=not self._unreadable),
            self._level(Level.TRANSACTION, int(evaluable), is_evaluable=evaluable),
        )
        facts = (levels, tuple(self._found), tuple(self._unreadable))
        if not evaluable:
            return Balance(Verdict.NOT_EVALUABLE, 0, Level.NONE, (self._refusal(remittance),), *facts)
        if not self._found:
            return Balance(Verdict.BALANCED, 0, Level.NONE, (), *facts)
        problems = tuple([_problem(one, self._file) for one in self._found[:MOST]])
        worst = max(self._found, key=lambda one: _RANK[one.level])
        return Balance(Verdict.OUT_OF_BALANCE, worst.delta_cents, worst.level, problems, *facts)

    def _level(self, level: Level, checked: int, *, is_evaluable: bool) -> LevelBalance:
        firsts = {(one.claim, one.line): one for one in reversed(self._found) if one.level is level}
        good = Verdict.BALANCED if is_evaluable else Verdict.NOT_EVALUABLE
        verdict = Verdict.OUT_OF_BALANCE if firsts else good
        return LevelBalance(level, verdict, checked, len(firsts), sum(one.delta_cents for one in firsts.values()))

    def _refusal(self, remittance: Remittance) -> Problem:
        text = "An amount is missing or cannot be read, so the payment cannot be balanced."
        n = remittance.first_segment
        return Problem(where(self._file, n, "ST"), "not_evaluable", text, segment=n or None)


_RANK = {Level.LINE: 1, Level.CLAIM: 2, Level.TRANSACTION: 3}


def balance(remittance: Remittance, file: str = "") -> Balance:
    """Balance one remittance at its three levels; tolerance is zero, a positive PLB reduces the payment."""
    tally = Tally(file)
    for claim in remittance.claims:
        tally.add(claim)
    return tally.close(remittance)
