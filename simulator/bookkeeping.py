"""The rows that the payers' record gets of one file's claims, in the order of the tables' columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from bureau.x12.values837 import Claim
from config.clock import as_utc
from simulator.adjudication import Decision
from simulator.processing import Outcome
from simulator.record import PayerRecord
from simulator.storage import to_micros
from simulator.takebacks import take_back
from simulator.timetable import received_on

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]


def number_outcomes(record: PayerRecord, outcomes: list[Outcome]) -> None:
    """Give every claim its number, every decision its own, a reversal the one before its correction's."""
    first = record.next_number("submissions", len(outcomes))
    for number, one in enumerate(outcomes, first):
        one.submission_id = number
    admitted = [one for one in outcomes if one.refused is None]
    number = record.next_number("decisions", 2 * len(admitted)) if admitted else 0
    for one in admitted:
        one.reversal_id, one.decision_id = number, number + 1
        number += 2


def store_outcomes(record: PayerRecord, outcomes: list[Outcome], file_id: int, account: str, at: datetime) -> None:
    """Write what happened to every claim of a file: one statement per table, three per takeback."""
    replaced = [one for one in outcomes if one.original is not None]
    record.change(
        "DELETE FROM services WHERE payer = ? AND member = ? AND pcn = ?",
        [(one.payer, one.claim.subscriber.id, one.original.pcn) for one in replaced if one.original],
    )
    for table, rows in rows_of(outcomes, file_id, account, at).items():
        record.add(table, rows)
    for one in replaced:
        if one.original is not None and one.original.needs_reversal:
            take_back(record, one.reversal_id, one.submission_id, one.original, (one.run_on, one.due_at))


def rows_of(outcomes: list[Outcome], file_id: int, account: str, at: datetime) -> Rows:
    """Table -> rows; of a claim that was refused there is its submission only."""
    rows: Rows = defaultdict(list)
    moment, today = to_micros(as_utc(at)), received_on(at).isoformat()
    for one in outcomes:
        claim, reject = one.claim, one.refused[1] if one.refused else None
        reason = f"{reject.category}:{reject.code}:{reject.entity}".rstrip(":") if reject else ""
        cause = reject.cause if reject else one.decision.cause if one.decision else "void"
        rows["submissions"].append(
            (
                one.submission_id, file_id, account, one.payer, claim.pcn, one.print, one.attempt + 1, moment,
                today, claim.charge_cents, claim.frequency, one.fate, reason, cause, one.icn,
                one.original.decision_id if one.original else None,
            )
        )  # fmt: skip
        member = claim.subscriber.id
        if one.refused is None:
            rows["accumulators"] += [(one.payer, member, year, cents) for year, cents in one.deductible_used.items()]
        if one.decision is not None:
            rows["decisions"].append(_decision_row(one, one.decision, account, today))
            rows["payees"].append(_payee_row(account, claim))
            rows["decision_lines"] += _line_rows(one.decision_id, one.decision)
            rows["adjustments"] += _adjustment_rows(one.decision_id, one.decision)
            rows["services"] += [(one.payer, member, service, claim.pcn) for service in one.decision.services]
    return rows


def refused_rows(claims: list[Claim], first: int, file_id: int, account: str, at: datetime) -> list[Row]:
    """Claims of a set that a 999 rejected: they came and went no further, and count as no attempt."""
    moment, today = to_micros(as_utc(at)), received_on(at).isoformat()
    return [
        (
            number, file_id, account, claim.payer.id, claim.pcn, -number, 0, moment, today,
            claim.charge_cents, claim.frequency, "file-rejected", "999:R", "rule", "", None,
        )
        for number, claim in enumerate(claims, first)
    ]  # fmt: skip


def _decision_row(one: Outcome, decision: Decision, account: str, today: str) -> Row:
    claim = one.claim
    patient = claim.patient or claim.subscriber
    other = claim.subscriber if claim.patient is not None else None
    return (
        one.decision_id, one.submission_id, account, one.payer, claim.billing.id, claim.pcn, decision.icn,
        decision.status, decision.charge_cents, decision.allowed_cents, decision.paid_cents,
        decision.patient_cents, decision.cause, today, one.run_on.isoformat(), one.due_at, None,
        claim.filing_code, claim.place, claim.frequency, claim.subscriber.id, patient.name, patient.first,
        other.name if other else "", other.first if other else "",
        claim.rendering.id if claim.rendering else "",
    )  # fmt: skip


def _line_rows(decision_id: int, decision: Decision) -> Iterator[Row]:
    for number, line in enumerate(decision.lines, 1):
        billed = line.line
        yield (
            decision_id, number, billed.code, billed.qualifier, " ".join(billed.modifiers), str(billed.units),
            _day(billed.date_from), _day(billed.date_to), billed.control, billed.charge_cents,
            line.allowed_cents, line.paid_cents, " ".join(line.remarks), line.cause,
        )  # fmt: skip


def _adjustment_rows(decision_id: int, decision: Decision) -> Iterator[Row]:
    for number, line in enumerate(decision.lines, 1):
        for place, part in enumerate(line.adjustments, 1):
            yield decision_id, number, place, part.group, part.carc, part.cents


def _payee_row(account: str, claim: Claim) -> Row:
    billing = claim.billing
    return (
        account, billing.id, billing.name, billing.first, billing.tax_id, billing.street, billing.city,
        billing.state, billing.zip,
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
