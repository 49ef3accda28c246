"""The edits over a whole file: what each claim fails, told as problems of segments and elements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bureau.x12.edits.catalog import Judge
from bureau.x12.edits.edit import Codes, Context
from bureau.x12.edits.places import SegmentList, find_place
from bureau.x12.findings import Findings
from bureau.x12.values837 import Claim, ClaimSet
from config.problems import Problem

Place = tuple[int | None, str]  # segment and element


class Memory:
    """The claims of a file so far: each is asked about once, and then is one of those before the next."""

    def __init__(self) -> None:
        self._numbers: set[str] = set()
        self._bills: set[tuple[object, ...]] = set()

    def has_number(self, claim: Claim) -> bool:
        """Whether a claim before it has the same CLM01."""
        known = claim.pcn in self._numbers
        self._numbers.add(claim.pcn)
        return known

    def has_bill(self, claim: Claim) -> bool:
        """Whether a claim before it has the same patient, payer, frequency, dates, codes and charges."""
        person = claim.patient or claim.subscriber
        who = (person.name, person.first, person.birth, claim.subscriber.id, claim.payer.id, claim.frequency)
        what = [(line.code, line.modifiers, line.date_from, line.units, line.charge_cents) for line in claim.lines]
        bill = (who, claim.billing.id, tuple(what))
        known = bill in self._bills
        self._bills.add(bill)
        return known


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the edits say of a file; at the places in `nearer` a reader has said the same of the claim as a whole."""

    problems: list[Problem]
    nearer: set[Place]


def judge_sets(
    sets: Sequence[ClaimSet], text: str, file: str = "", *, told: Collection[Place] = (), codes: Codes | None = None
) -> Verdict:
    """Hold the claims read from `text` against the edits, each as on the day its set was made.

    What was `told` of a place is not told again.
    """
    memory, found, segments = Memory(), Findings(file), SegmentList(text)
    verdict = Verdict(found, set())
    said: set[tuple[int, str, str]] = set()
    for one in sets:
        context = Context(_day_of(one), codes, is_repeat=memory.has_bill, is_known_number=memory.has_number)
        judge = Judge(context)
        for claim in one.claims:
            for finding in judge.find(claim):
                edit, element, n = finding.edit, finding.element, find_place(finding, claim, segments)
                if n != claim.first_segment:
                    verdict.nearer.add((claim.first_segment, element))
                if (n, element) in told or (n, element, edit.id) in said:
                    continue
                said.add((n, element, edit.id))
                found.note(edit.id, n, element, edit.text, loop=finding.loop, severity=edit.severity)
    found.conclude(max((one.last_segment for one in sets), default=0))
    return verdict


def _day_of(one: ClaimSet) -> date:
    """The day a set was made; where it does not say, the last day of service in it."""
    if one.created.year > 1:
        return one.created.date()
    days = [day for claim in one.claims for line in claim.lines if (day := line.date_to or line.date_from)]
    return max(days, default=date.max)
