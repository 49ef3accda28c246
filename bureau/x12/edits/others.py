"""Edits on other payers: who came before, what they decided, and whether it adds up to the charge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable

from bureau.x12.edits.edit import Context, Edit, Group, Mark, Marks, Status
from bureau.x12.values837 import Claim, LineDecision, OtherPayer

_RANKS = "PSTABCDEFGH"  # SBR01 from first to last; U is unknown


def _parts(claim: Claim) -> Collection[Hashable] | None:
    if claim.other_payers or [line for line in claim.lines if line.decisions]:
        return None
    return (claim.payer_rank,)


def _earlier_missing(claim: Claim, _context: Context) -> Marks:
    """A payer that is not first must be told of one that is before it."""
    rank = _RANKS.find(claim.payer_rank)
    if rank <= 0 or any(0 <= _RANKS.find(other.rank) < rank for other in claim.other_payers):
        return ()
    return (Mark(claim.subscriber.segment),)


def _rank_twice(claim: Claim, _context: Context) -> Marks:
    ranks = [claim.payer_rank, *(other.rank for other in claim.other_payers)]
    return [
        Mark(other.payer.segment, element="SBR01")
        for at, other in enumerate(claim.other_payers, 1)
        if other.rank != "U" and other.rank in ranks[:at]
    ]


def _decided_missing(claim: Claim, _context: Context) -> Marks:
    """Who paid has decided on some day: on the claim or on each of its lines."""
    found = []
    for other in claim.other_payers:
        if other.paid_cents is None or other.decided_on is not None:
            continue
        decisions = [one for line in claim.lines for one in line.decisions if one.payer_id == other.payer.id]
        if not decisions or any(one.decided_on is None for one in decisions):
            found.append(Mark(other.payer.segment))
    return found


def _stranger(claim: Claim, _context: Context) -> Marks:
    known = {other.payer.id for other in claim.other_payers}
    return [
        Mark(line.segment, line.number, qualifier=one.payer_id)
        for line in claim.lines
        for one in line.decisions
        if one.payer_id not in known
    ]


def _paid_negative(claim: Claim, _context: Context) -> Marks:
    found = [_at(other, "AMT02", "D") for other in claim.other_payers if (other.paid_cents or 0) < 0]
    return found + [
        Mark(line.segment, line.number, qualifier=decision.payer_id)
        for line in claim.lines
        for decision in line.decisions
        if decision.paid_cents < 0
    ]


def _at(other: OtherPayer, element: str, qualifier: str = "") -> Mark:
    """A mark in the 2320 loop of another payer."""
    return Mark(other.payer.segment, element=element, qualifier=qualifier)


def _decisions(claim: Claim, other: OtherPayer) -> list[LineDecision]:
    return [one for line in claim.lines for one in line.decisions if one.payer_id == other.payer.id]


def _claim_balance(claim: Claim, _context: Context) -> Marks:
    """Charge = paid + every adjustment of that payer, wherever it says what it paid."""
    found = []
    for other in claim.other_payers:
        if other.paid_cents is None:
            continue
        adjusted = sum(one.cents for one in other.adjustments)
        adjusted += sum(one.cents for decision in _decisions(claim, other) for one in decision.adjustments)
        if other.paid_cents + adjusted != claim.charge_cents:
            found.append(_at(other, "AMT02", "D"))
    return found


def _paid_sum(claim: Claim, _context: Context) -> Marks:
    """Paid = what its lines were paid, less what it took off the claim as a whole."""
    found = []
    for other in claim.other_payers:
        lines = _decisions(claim, other)
        if other.paid_cents is not None and lines:
            paid = sum(line.paid_cents for line in lines) - sum(one.cents for one in other.adjustments)
            if paid != other.paid_cents:
                found.append(_at(other, "AMT02", "D"))
    return found


def _line_balance(claim: Claim, _context: Context) -> Marks:
    """The line's charge = paid + adjustments of each payer; a bundled line has its money elsewhere."""
    found = []
    for line in claim.lines:
        if any(one.bundled_into for one in line.decisions):
            continue
        answered: dict[str, int] = defaultdict(int)
        for one in line.decisions:
            answered[one.payer_id] += one.paid_cents + sum(adjustment.cents for adjustment in one.adjustments)
        found += [
            Mark(line.segment, line.number, qualifier=payer)
            for payer, cents in answered.items()
            if cents != line.charge_cents
        ]
    return found


def _empty_adjustment(claim: Claim, _context: Context) -> Marks:
    found = [
        _at(other, "CAS03")
        for other in claim.other_payers
        if any(adjustment.cents == 0 for adjustment in other.adjustments)
    ]
    return found + [
        Mark(line.segment, line.number, loop="2430")
        for line in claim.lines
        for decision in line.decisions
        if any(adjustment.cents == 0 for adjustment in decision.adjustments)
    ]


_COB_FIX = "Copy payment and adjustments from the other payer's remittance."

_EDITS = (
    Edit(
        "other_payer_missing", _earlier_missing, "SBR01", "2000B", Status("A6", "286"),
        "The payer is not the first to pay, and no payer before it is named.",
        "Add the earlier payer with its decision.", rank=16,
    ),
    Edit(
        "rank_repeated", _rank_twice, "SBR01", "2320", Status("A7", "171"), "Two payers stand in the same order.",
        "Put the payers in order.", rank=16,
    ),
    Edit(
        "decision_date_missing", _decided_missing, "DTP", "2330B", Status("A6", "286"),
        "Another payer paid, and the date of its decision is not sent.", "Add the date of the remittance.", rank=16,
    ),
    Edit(
        "decision_of_stranger", _stranger, "SVD01", "2430", Status("A7", "479"),
        "The line names a payer's decision, and no such payer is on the claim.",
        "Use the id under which the other payer is named.", rank=16,
    ),
    Edit(
        "paid_negative", _paid_negative, "SVD02", "2430", Status("A7", "286"),
        "Another payer's payment is below zero.", _COB_FIX, rank=11,
    ),
    Edit(
        "other_payer_balance", _claim_balance, "AMT02", "2320", Status("A7", "400"),
        "The other payer's payment and adjustments do not make up the charge.", _COB_FIX, level=3, rank=16,
    ),
    Edit(
        "other_payer_sum", _paid_sum, "AMT02", "2320", Status("A7", "400"),
        "The other payer's payment is not what it paid for the lines.", _COB_FIX, level=3, rank=16,
    ),
    Edit(
        "other_payer_line", _line_balance, "SVD02", "2430", Status("A7", "400"),
        "The other payer's payment and adjustments do not make up the line's charge.", _COB_FIX, level=3, rank=16,
    ),
    Edit(
        "adjustment_zero", _empty_adjustment, "CAS03", "2320", Status("A7", "286"),
        "An adjustment of another payer has no amount.", "Leave out adjustments of nothing.", rank=16,
    ),
)  # fmt: skip
GROUPS = (Group(_parts, _EDITS),)
