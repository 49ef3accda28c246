"""Corrected and void claims: what was decided before is taken back to the cent, then decided anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bureau.x12.values837 import Claim
from simulator.adjudication import DENIED, REPLACEMENT, VOID
from simulator.frontdoor import Reject, Source
from simulator.storage import PayerStore

REVERSED = "22"  # CLP02

_COPIES = (
    (
        "INSERT INTO decisions SELECT ?, ?, account, payer, payee, pcn, icn, '22', -charge, -allowed, -paid, "
        "-patient, 'takeback', received_on, ?, ?, NULL, filing_code, place, frequency, member, last, first, "
        "own_last, own_first, rendering FROM decisions WHERE id = ?"
    ),
    (
        "INSERT INTO decision_lines SELECT ?, line, code, qualifier, modifiers, units, date_from, date_to, "
        "control, -charge, -allowed, -paid, remarks, cause FROM decision_lines WHERE decision_id = ?"
    ),
    "INSERT INTO adjustments SELECT ?, line, place, grp, carc, -cents FROM adjustments WHERE decision_id = ?",
)


@dataclass(frozen=True, slots=True)
class Original:
    """The standing decision that a corrected or void claim names by the payer's claim number."""

    decision_id: int
    pcn: str
    status: str
    run_on: date
    due_at: int  # microseconds
    deductible: tuple[tuple[int, int], ...]  # year, cents it took

    @property
    def needs_reversal(self) -> bool:
        """A denial moved no money: the correction simply takes its place."""
        return self.status != DENIED


def is_correction(claim: Claim) -> bool:
    return claim.frequency in (REPLACEMENT, VOID)


def find_originals(store: PayerStore, account: str, payer: str, icns: Sequence[str]) -> dict[str, Original]:
    """The decisions under these claim numbers that nobody has taken back, for this account at this payer."""
    found = store.rows(
        "SELECT d.icn, d.id, d.pcn, d.status, d.run_on, d.due_at FROM decisions d "
        "WHERE d.icn IN (SELECT value FROM json_each(?)) AND d.account = ? AND d.payer = ? "
        "AND d.status <> '22' AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.replaces = d.id)",
        json.dumps(icns),
        account,
        payer,
    )
    return {
        icn: Original(number, pcn, status, date.fromisoformat(run_on), due_at, _deductible(store, number))
        for icn, number, pcn, status, run_on, due_at in found
    }


def _deductible(store: PayerStore, decision_id: int) -> tuple[tuple[int, int], ...]:
    found = store.rows(
        "SELECT CAST(substr(date_from, 1, 4) AS INTEGER), sum(cents) FROM decision_lines "
        "JOIN adjustments USING (decision_id, line) "
        "WHERE decision_id = ? AND grp = 'PR' AND carc = '1' AND cause = '' GROUP BY 1 ORDER BY 1",
        decision_id,
    )
    return tuple((year, cents) for year, cents in found)


def refuse_unmatched(claim: Claim) -> tuple[Source, Reject]:
    """The payer's answer to a correction of something it does not have."""
    if not claim.payer_icn:
        reject = Reject("A6", "464", "PR", "PAYER CLAIM NUMBER OF THE ORIGINAL MISSING", "rule")
    else:
        reject = Reject("A7", "464", "PR", "ORIGINAL CLAIM NOT FOUND OR ALREADY REPLACED", "rule")
    return Source.PAYER, reject


def take_back(store: PayerStore, number: int, submission_id: int, original: Original, due: tuple[date, int]) -> None:
    """Write decision `number` as the exact negative of the original, paid on `due` (run day, moment)."""
    run_on, due_at = due
    decisions, lines, adjustments = _COPIES
    store.change(decisions, [(number, submission_id, run_on.isoformat(), due_at, original.decision_id)])
    store.change(lines, [(number, original.decision_id)])
    store.change(adjustments, [(number, original.decision_id)])
