"""Adjustment reasons (CARC) that nobody has published, in an 835 or in what a claim says of another payer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bureau.x12.edits.lists import CARCS
from bureau.x12.edits.places import SegmentList
from bureau.x12.findings import Findings
from bureau.x12.values import Adjustment
from bureau.x12.values835 import PaidClaim
from bureau.x12.values837 import Claim
from config.problems import Problem, Severity

_FORM = re.compile(r"[1-9][0-9]{0,2}|[A-Z][1-9]?[0-9]")
_REASONS = range(2, 20, 3)  # CAS02, CAS05 ..


def find_reason_problems(claims: Sequence[Claim | PaidClaim], text: str, file: str = "") -> list[Problem]:
    """An error for what cannot be a reason; a warning for one newer than the list here."""
    found, segments = Findings(file), SegmentList(text)
    for claim in claims:
        if all(one.carc in CARCS for one in _adjustments(claim)):
            continue
        for n in range(claim.first_segment, claim.last_segment + 1):
            e = segments.at(n)
            if e[0] == "CAS":
                _judge(e, n, "2100" if isinstance(claim, PaidClaim) else "2320", found)
    found.conclude(claims[-1].last_segment if claims else 0)
    return found


def _adjustments(claim: Claim | PaidClaim) -> Iterator[Adjustment]:
    if isinstance(claim, PaidClaim):
        yield from claim.adjustments
        for line in claim.lines:
            yield from line.adjustments
        return
    for other in claim.other_payers:
        yield from other.adjustments
    for billed in claim.lines:
        for decision in billed.decisions:
            yield from decision.adjustments


def _judge(e: list[str], n: int, loop: str, found: Findings) -> None:
    for at in _REASONS:
        reason = e[at] if at < len(e) else ""
        if not reason or reason in CARCS:
            continue
        element = f"CAS{at:02d}"
        if _FORM.fullmatch(reason) is None:
            found.note("reason_form", n, element, "This cannot be an adjustment reason code.", loop=loop)
        else:
            text = "This adjustment reason is not on the list; it may be a new one."
            found.note("reason_unlisted", n, element, text, loop=loop, severity=Severity.WARNING)
