"""What payers received, decided and paid, by their own record: the truth that reports are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from simulator.storage import PayerStore, from_micros


@dataclass(frozen=True, slots=True)
class SubmissionSeen:
    """One claim that arrived; `fate`: adjudicated, voided, clearinghouse-, payer- or file-rejected."""

    account: str
    payer: str
    pcn: str
    attempt: int
    at: datetime
    received_on: date
    charge_cents: int
    frequency: str
    fate: str
    reason: str  # category:code:entity of a reject
    cause: str
    icn: str


@dataclass(frozen=True, slots=True)
class AckSent:
    """What one source said of one claim in a 277CA: AY the clearinghouse, PR the payer."""

    account: str
    pcn: str
    source: str
    category: str
    code: str
    entity: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class LineTruth:
    """One service line as decided, with its adjustments as (group, CARC, cents)."""

    account: str
    payer: str
    pcn: str
    icn: str
    status: str
    line: int
    code: str
    charge_cents: int
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[tuple[str, str, int], ...]
    remarks: tuple[str, ...]
    cause: str  # empty unless the line was denied
    trace: str  # empty while no remittance says so


@dataclass(frozen=True, slots=True)
class CarcTotal:
    """Everything adjusted under one group and CARC."""

    group: str
    carc: str
    cents: int
    lines: int


@dataclass(frozen=True, slots=True)
class RemitTruth:
    """One payment run for one payee; the moments are None until the file was offered or taken."""

    account: str
    payer: str
    trace: str
    cents: int  # BPR02
    forwarded_cents: int  # sum of its PLB: paid claims = cents + forwarded
    claims: int
    run_on: date
    paid_on: date
    due_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryTruth:
    """One answer file and when it was due and taken."""

    account: str
    name: str
    kind: str
    due_at: datetime
    delivered_at: datetime | None


class PayerRecord(PayerStore):
    """The store, and the questions a test or a report may ask of it.

    Where a question takes `account`, an empty one means all. `delivered` leaves out what the other side
    has not taken yet, so that both books speak of the same remittances.
    """

    def submissions(self, account: str = "") -> list[SubmissionSeen]:
        """Every claim in order of arrival."""
        found = self.rows(
            "SELECT account, payer, pcn, attempt, at, received_on, charge, frequency, fate, reason, cause, "
            "icn FROM submissions WHERE ? IN ('', account) ORDER BY id",
            account,
        )
        return [SubmissionSeen(*_typed(row, moments=(4,), days=(5,))) for row in found]

    def acks(self, account: str = "") -> list[AckSent]:
        """Every claim-level acknowledgement, in order of arrival of the claims."""
        found = self.rows(
            "SELECT s.account, s.pcn, a.source, a.category, a.code, a.entity, a.due_at FROM acks a "
            "JOIN submissions s ON s.id = a.submission_id WHERE ? IN ('', s.account) "
            "ORDER BY a.submission_id, a.due_at",
            account,
        )
        return [AckSent(*_typed(row, moments=(6,))) for row in found]

    def decisions(self, account: str = "", *, delivered: bool = False) -> list[LineTruth]:
        """Every adjudicated line in order of arrival."""
        parts: dict[tuple[int, int], list[tuple[str, str, int]]] = {}
        for claim, line, group, carc, cents in self.rows(
            "SELECT decision_id, line, grp, carc, cents FROM adjustments ORDER BY decision_id, line, place"
        ):
            parts.setdefault((claim, line), []).append((group, carc, cents))
        found = self.rows(
            "SELECT d.id, d.account, d.payer, d.pcn, d.icn, d.status, l.line, l.code, l.charge, "
            "l.allowed, l.paid, l.remarks, l.cause, coalesce(r.trace, '') FROM decisions d "
            "JOIN decision_lines l ON l.decision_id = d.id LEFT JOIN remits r ON r.id = d.remit_id "
            "LEFT JOIN answers a ON a.id = r.answer_id "
            "WHERE ? IN ('', d.account) AND (NOT ? OR a.taken_at IS NOT NULL) "
            "ORDER BY d.id, l.line",
            account,
            delivered,
        )
        lines = []
        for claim, *row, remarks, cause, trace in found:
            adjustments = tuple(parts.get((claim, row[5]), ()))
            values = [*row, adjustments, tuple(remarks.split()), cause, trace]
            lines.append(LineTruth(*values))
        return lines

    def totals_by_carc(
        self, account: str = "", *, delivered: bool = True, denials_only: bool = False
    ) -> list[CarcTotal]:
        """Cents and lines by group and CARC; `denials_only` counts those of refused lines."""
        found = self.rows(
            "SELECT j.grp, j.carc, sum(j.cents), count(*) FROM adjustments j "
            "JOIN decision_lines l USING (decision_id, line) JOIN decisions d ON d.id = decision_id "
            "LEFT JOIN remits r ON r.id = d.remit_id LEFT JOIN answers a ON a.id = r.answer_id "
            "WHERE ? IN ('', d.account) AND (NOT ? OR a.taken_at IS NOT NULL) AND (NOT ? OR l.cause <> '') "
            "GROUP BY j.grp, j.carc ORDER BY j.grp, j.carc",
            account,
            delivered,
            denials_only,
        )
        return [CarcTotal(*row) for row in found]

    def paid_total(self, account: str = "", *, delivered: bool = True) -> int:
        """Cents paid to the account, over all remittances."""
        found = self.rows(
            "SELECT coalesce(sum(r.cents), 0) FROM remits r JOIN answers a ON a.id = r.answer_id "
            "WHERE ? IN ('', r.account) AND (NOT ? OR a.taken_at IS NOT NULL)",
            account,
            delivered,
        )
        return int(found[0][0])

    def remits(self, account: str = "") -> list[RemitTruth]:
        """Every payment, zero ones included, in the order they were made."""
        found = self.rows(
            "SELECT r.account, r.payer, r.trace, r.cents, r.forwarded, r.claims, r.run_on, r.paid_on, "
            "r.due_at, a.taken_at FROM remits r JOIN answers a ON a.id = r.answer_id "
            "WHERE ? IN ('', r.account) ORDER BY r.id",
            account,
        )
        return [RemitTruth(*_typed(row, moments=(8, 9), days=(6, 7))) for row in found]

    def deliveries(self, account: str = "") -> list[DeliveryTruth]:
        """Every answer file in due order, delivered or not."""
        found = self.rows(
            "SELECT account, name, kind, due_at, taken_at FROM answers WHERE ? IN ('', account) ORDER BY due_at, id",
            account,
        )
        return [DeliveryTruth(*_typed(row, moments=(3, 4))) for row in found]

    def counts(self, account: str = "") -> dict[str, int]:
        """How many claims met which fate, and how many decisions were denials."""
        found: list[Any] = self.rows(
            "SELECT fate, count(*) FROM submissions WHERE ? IN ('', account) GROUP BY fate ORDER BY fate",
            account,
        )
        denied = self.rows("SELECT count(*) FROM decisions WHERE ? IN ('', account) AND status = '4'", account)
        return {**dict(found), "denied": int(denied[0][0])}

    def next_due(self, account: str = "") -> datetime | None:
        """When the next file that nobody has taken is or will be due; None when nothing is outstanding."""
        found = self.rows(
            "SELECT min(due_at) FROM ("
            "SELECT due_at FROM answers WHERE taken_at IS NULL AND ? IN ('', account) "
            "UNION ALL SELECT due_at FROM decisions WHERE remit_id IS NULL AND ? IN ('', account))",
            account,
            account,
        )
        return _moment(found[0][0])


def _typed(row: Sequence[Any], moments: tuple[int, ...], days: tuple[int, ...] = ()) -> list[Any]:
    """A row with its moments and days as such, by their places."""
    values = list(row)
    for place in moments:
        values[place] = _moment(values[place])
    for place in days:
        values[place] = date.fromisoformat(values[place])
    return values


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
