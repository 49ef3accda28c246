"""What payers decided, as our books have it: money by group and CARC, denials by cause, totals of a book."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from bureau.models import Acknowledgement, Denial, Filing, RemittanceClaim, Submission, Transfer
from bureau.models.books import Account, Kind
from bureau.office import Office
from bureau.rules.acknowledgements import REJECTING
from config import codes
from config.money import format_cents
from reports.billing import net
from reports.frames import Column, ColumnKind, Period, Table, add_up

ADJUSTMENTS = (Kind.CONTRACTUAL, Kind.PATIENT_SHARE, Kind.WRITE_OFF, Kind.REVERSAL)


def load_adjustments(office: Office, client_id: int, period: Period) -> Table:
    """Every cent a payer did not pay, by group and CARC: what was moved, and what was denied and only recorded."""
    amounts: Counter[tuple[str, str]] = Counter()
    moved = select(Transfer.group, Transfer.carc, func.sum(Transfer.cents)).where(
        Transfer.client_id == client_id, Transfer.carc != "", Transfer.kind.in_(ADJUSTMENTS),
        Transfer.posted_on >= period.start, Transfer.posted_on < period.end,
    )  # fmt: skip
    for group, carc, cents in office.rows(moved.group_by(Transfer.group, Transfer.carc)):
        amounts[group, carc] += int(cents)
    counts: Counter[tuple[str, str]] = Counter()
    for group, carc, count, cents in _denied(office, client_id, period):
        amounts[group, carc] += int(cents)
        counts[group, carc] += count
    columns = (
        Column("group", "Group"),
        Column("carc", "CARC"),
        Column("meaning", "Meaning"),
        Column("denials", "Denials", ColumnKind.COUNT),
        Column("cents", "Amount", ColumnKind.CENTS),
    )
    rows: list[dict[str, Any]] = [
        {
            "group": group,
            "carc": carc,
            "meaning": say_carc(carc),
            "denials": counts[group, carc],
            "cents": cents,
        }
        for (group, carc), cents in sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    ]
    total = add_up(columns, rows)
    return Table(
        "adjustments", "Adjustments by reason", "Amounts payers adjusted, by group and CARC; denied amounts stay open "
        "and are counted as denials.", columns, rows, office.now,
        f"Payers adjusted {format_cents(total.get('cents', 0))} and denied {total.get('denials', 0):,} services.",
        total,
    )  # fmt: skip


def _denied(office: Office, client_id: int, period: Period) -> Any:
    calendar = office.calendar(client_id)
    wanted = select(Denial.group, Denial.carc, func.count(), func.sum(Denial.cents)).where(
        Denial.client_id == client_id,
        Denial.denied_at >= calendar.moment(period.start),
        Denial.denied_at < calendar.moment(period.end),
    )
    return office.rows(wanted.group_by(Denial.group, Denial.carc))


def say_carc(carc: str) -> str:
    """The official text of a reason."""
    known = codes.carc(carc)
    return known.text if known else "not in our table"


def load_totals(office: Office) -> dict[str, Any]:
    """Counts and cents of everything in scope: the figures a simulation run is summed up with."""
    rows = office.rows
    first = select(func.count(func.distinct(RemittanceClaim.filing_id))).where(RemittanceClaim.exception == "")
    denied = select(Denial.carc, func.count(), func.sum(Denial.cents)).group_by(Denial.carc).order_by(Denial.carc)
    money = rows(
        select(
            net(Account.REVENUE), net(Account.CASH), net(Account.CONTRACTUAL, Account.WRITE_OFF), net(Account.PATIENT),
            net(Account.INSURANCE), net(Account.SUSPENSE),
        )
    )[0]  # fmt: skip
    return {
        "claims": rows(select(func.count()).select_from(Filing).where(Filing.rank == 1))[0][0],
        "submitted": rows(
            select(func.count(func.distinct(Submission.filing_id))).where(Submission.sent_at.is_not(None))
        )[0][0],
        "rejected": rows(
            select(func.count(func.distinct(Acknowledgement.submission_id))).where(
                func.substr(Acknowledgement.code, 1, 2).in_(sorted(REJECTING))
            )
        )[0][0],
        "adjudicated": rows(first)[0][0],
        "paid": rows(first.where(RemittanceClaim.paid_cents > 0))[0][0],
        "denied": rows(select(func.count(func.distinct(Denial.filing_id))))[0][0],
        "denials_by_carc": {carc: {"count": count, "cents": int(cents)} for carc, count, cents in rows(denied)},
        "charges_cents": -int(money[0]),
        "paid_cents": int(money[1]),
        "adjusted_cents": int(money[2]),
        "patient_cents": int(money[3]),
        "open_cents": int(money[4]),
        "suspense_cents": int(money[5]),
    }
