"""The gate to going live: what is done, what is open and whose turn it is, all of it computed from the book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from clients.enrolments import OPEN_TO_PAY, OPEN_TO_SEND
from clients.stages import Check

TEST_CLAIMS = 20
VOLUME_PERCENT = 80  # of the claims a month, to payers that are enrolled
PRICED_PERCENT = 95  # of the charge lines of the test claims


class CheckState(StrEnum):
    DONE = "done"
    OPEN = "open"
    BLOCKED = "blocked"  # by another check that has to be done first


class Turn(StrEnum):
    """Who has to act."""

    BUREAU = "bureau"
    CLIENT = "client"
    PAYER = "payer"
    NONE = ""


@dataclass(frozen=True, slots=True)
class PayerFact:
    """One payer the practice bills: claims a month, and how far its two enrolments are ("" = not begun)."""

    name: str
    claims: int
    sends: str
    pays: str
    waits_for: str = ""

    @property
    def is_ready(self) -> bool:
        return self.sends in OPEN_TO_SEND and self.pays in OPEN_TO_PAY


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the latest test file came to."""

    claims: int
    clean: int
    lines: int
    priced: int
    is_known_form: bool  # read as a form we ship, so that no mapping is needed


@dataclass(frozen=True, slots=True)
class Facts:
    """What the book says of one client today. Problems are sentences, empty where all is well."""

    has_service: bool
    has_business_associate: bool
    has_tier: bool
    practice_problems: tuple[str, ...]
    clinicians: int
    valid_clinicians: int
    clinician_problem: str
    payers: tuple[PayerFact, ...]
    prices: int
    has_mapping: bool
    test: Rehearsed | None
    clauses: int
    fee_terms: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: how it stands, in plain words and numbers, and whose turn it is (NONE when done)."""

    check: Check
    title: str
    state: CheckState
    text: str
    turn: Turn

    @property
    def is_done(self) -> bool:
        return self.state is CheckState.DONE


Verdict = tuple[bool, str, Turn]  # done, what there is or what is missing, whose turn it is while it is not


def find_gaps(facts: Facts) -> tuple[Finding, ...]:
    """Every check of the gate, in the order of the work."""
    verdicts = {check: judge(facts) for check, (_, judge, _) in _CHECKS.items()}
    found = []
    for check, (title, _, after) in _CHECKS.items():
        is_done, text, turn = verdicts[check]
        before = [_CHECKS[other][0] for other in after if not verdicts[other][0]]
        if is_done:
            found.append(Finding(check, title, CheckState.DONE, text, Turn.NONE))
        elif before:
            found.append(Finding(check, title, CheckState.BLOCKED, f"{text} First: {_list(before)}.", turn))
        else:
            found.append(Finding(check, title, CheckState.OPEN, text, turn))
    return tuple(found)


def done_checks(findings: tuple[Finding, ...]) -> frozenset[Check]:
    return frozenset(one.check for one in findings if one.is_done)


def _service(facts: Facts) -> Verdict:
    if facts.has_service:
        return True, "In force.", Turn.NONE
    return False, "No service agreement is in force.", Turn.CLIENT


def _associate(facts: Facts) -> Verdict:
    if facts.has_business_associate:
        return True, "In force.", Turn.NONE
    return False, "None is in force: no patient data may be held before it is signed.", Turn.CLIENT


def _tier(facts: Facts) -> Verdict:
    if facts.has_tier:
        return True, "Chosen.", Turn.NONE
    return False, "No tier is in force; nothing would run by itself.", Turn.BUREAU


def _practice(facts: Facts) -> Verdict:
    if not facts.practice_problems:
        return True, "NPI, taxonomy, EIN and billing address are in form.", Turn.NONE
    return False, " ".join(facts.practice_problems), Turn.BUREAU


def _clinicians(facts: Facts) -> Verdict:
    if facts.valid_clinicians:
        return True, f"{facts.valid_clinicians} of {facts.clinicians} can render services.", Turn.NONE
    if facts.clinicians:
        return False, facts.clinician_problem, Turn.CLIENT
    return False, "Nobody is named yet who renders services.", Turn.CLIENT


def _payers(facts: Facts) -> Verdict:
    total = sum(payer.claims for payer in facts.payers)
    if not total:
        return False, "Nobody has said how many claims go to which payer.", Turn.CLIENT
    ready = sum(payer.claims for payer in facts.payers if payer.is_ready)
    percent = 100 * ready // total
    if ready * 100 >= VOLUME_PERCENT * total:
        return True, f"Payers with {percent}% of the claims are enrolled.", Turn.NONE
    waiting = sorted((payer for payer in facts.payers if not payer.is_ready), key=lambda payer: -payer.claims)
    whose = Turn(waiting[0].waits_for) or Turn.BUREAU
    names = _list([payer.name for payer in waiting[:3]])
    text = f"Payers with {percent}% of the claims are enrolled, {VOLUME_PERCENT}% are needed. Not yet: {names}."
    return False, text, whose


def _prices(facts: Facts) -> Verdict:
    if not facts.prices:
        return False, "No price is loaded.", Turn.CLIENT
    if facts.test is None or not facts.test.lines:
        return False, f"{_count(facts.prices, 'price')} loaded; the test file shows whether they suffice.", Turn.CLIENT
    percent = 100 * facts.test.priced // facts.test.lines
    text = f"{_count(facts.prices, 'price')}; {percent}% of the lines of the test file have one"
    if facts.test.priced * 100 >= PRICED_PERCENT * facts.test.lines:
        return True, f"{text}.", Turn.NONE
    return False, f"{text}, {PRICED_PERCENT}% are needed.", Turn.CLIENT


def _mapping(facts: Facts) -> Verdict:
    if facts.has_mapping:
        return True, "Saved.", Turn.NONE
    if facts.test is not None and facts.test.is_known_form:
        return True, "Not needed: the files come in a form we read as it is.", Turn.NONE
    return False, "Nobody has said what the columns of the practice's files mean.", Turn.CLIENT


def _test_claims(facts: Facts) -> Verdict:
    if facts.test is None:
        return False, f"0 of {TEST_CLAIMS} test claims have gone through.", Turn.CLIENT
    if facts.test.clean >= TEST_CLAIMS:
        return True, f"{facts.test.clean} of {facts.test.claims} test claims went through clean.", Turn.NONE
    text = f"{facts.test.clean} of {TEST_CLAIMS} test claims went through clean; the file had {facts.test.claims}."
    return False, text, Turn.CLIENT if facts.test.claims < TEST_CLAIMS else Turn.BUREAU


def _promises(facts: Facts) -> Verdict:
    if facts.clauses:
        return True, f"{_count(facts.clauses, 'promise')} agreed.", Turn.NONE
    return False, "No service level is agreed.", Turn.BUREAU


def _fees(facts: Facts) -> Verdict:
    if facts.fee_terms:
        return True, f"{_count(facts.fee_terms, 'fee term')} in force.", Turn.NONE
    return False, "No fee is agreed.", Turn.BUREAU


C = Check
# Title, what decides it, and what has to be done before anybody can do it.
_CHECKS: dict[Check, tuple[str, Callable[[Facts], Verdict], tuple[Check, ...]]] = {
    C.SERVICE_AGREEMENT: ("Service agreement", _service, ()),
    C.BUSINESS_ASSOCIATE: ("Business associate agreement", _associate, ()),
    C.TIER: ("Service tier", _tier, ()),
    C.PROMISES: ("Service levels", _promises, ()),
    C.FEES: ("Fees", _fees, ()),
    C.BILLING_PROVIDER: ("Billing provider", _practice, ()),
    C.RENDERING_PROVIDER: ("Clinicians", _clinicians, ()),
    C.PAYERS: ("Payers and enrolment", _payers, (C.BILLING_PROVIDER,)),
    C.MAPPING: ("Columns of the files", _mapping, (C.BUSINESS_ASSOCIATE,)),
    C.TEST_CLAIMS: ("Test claims", _test_claims, (C.BUSINESS_ASSOCIATE, C.BILLING_PROVIDER, C.PAYERS)),
    C.CHARGE_MASTER: ("Charge master", _prices, ()),
}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _list(names: list[str]) -> str:
    return ", ".join(names)
