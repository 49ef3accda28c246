"""The three reports every client has: claim status, aging, daily postings."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Claim, Filing, Transfer
from bureau.models.books import Account, Kind
from bureau.office import Office
from bureau.rules.lifecycle import CLOSED
from clients.models import Payer
from config.money import format_cents
from reports.frames import Column, ColumnKind, Period, Table, add_up

SELF_PAY = "Patient"
BUCKETS = (
    (0, 30, "0-30"),
    (31, 60, "31-60"),
    (61, 90, "61-90"),
    (91, 120, "91-120"),
    (121, None, "over 120"),
)


def net(*accounts: Account) -> ColumnElement[int]:
    """Debits less credits of some accounts, in cents."""
    return func.coalesce(
        func.sum(
            case((Transfer.debit.in_(accounts), Transfer.cents), else_=0)
            - case((Transfer.credit.in_(accounts), Transfer.cents), else_=0)
        ),
        0,
    )


def load_claim_status(office: Office, client_id: int, period: Period) -> Table:
    """Claims by state and payer, for dates of service in the period: how many, charged, still open."""
    open_cents = (
        select(Transfer.claim_id, net(Account.INSURANCE, Account.PATIENT).label("open"))
        .where(Transfer.client_id == client_id)
        .group_by(Transfer.claim_id)
        .subquery()
    )
    wanted = (
        select(
            Filing.state, Filing.turn, Payer.name, func.count(), func.sum(Claim.charge_cents),
            func.coalesce(func.sum(open_cents.c.open), 0),
        )
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .outerjoin(open_cents, open_cents.c.claim_id == Claim.id)
        .where(Filing.client_id == client_id, Filing.rank == 1)
        .where(Claim.served_on >= period.start, Claim.served_on < period.end)
        .group_by(Filing.state, Filing.turn, Payer.name)
        .order_by(Filing.state, Payer.name)
    )  # fmt: skip
    columns = (
        Column("state", "State"),
        Column("turn", "Whose turn"),
        Column("payer", "Payer"),
        Column("claims", "Claims", ColumnKind.COUNT),
        Column("charges", "Charged", ColumnKind.CENTS),
        Column("open", "Open", ColumnKind.CENTS),
    )
    rows = [
        {"state": state, "turn": turn, "payer": payer or SELF_PAY, "claims": count, "charges": int(cents),
         "open": int(left)}
        for state, turn, payer, count, cents, left in office.rows(wanted)
    ]  # fmt: skip
    closed = sum(row["claims"] for row in rows if row["state"] in CLOSED)
    total = add_up(columns, rows)
    takeaway = (
        f"{closed:,} of {total['claims']:,} claims are closed; {format_cents(total['open'])} is still open."
        if rows
        else "No claims with a date of service in this period."
    )
    return Table(
        "claim_status", "Claim status", "Claims by date of service, each in its present state; open is what "
        "insurance and patient still owe on it.", columns, rows, office.now, takeaway, total,
    )  # fmt: skip


def load_aging(office: Office, client_id: int, period: Period) -> Table:
    """Open balances by age of the date of service on the period's last day, by payer; sums equal the ledger."""
    as_of = date.fromordinal(period.end.toordinal() - 1)
    wanted = (
        select(
            Claim.served_on,
            Payer.name,
            net(Account.INSURANCE).label("insurance"),
            net(Account.PATIENT).label("patient"),
        )
        .join(Claim, and_(Claim.client_id == Transfer.client_id, Claim.id == Transfer.claim_id))
        .outerjoin(Filing, and_(Filing.client_id == Claim.client_id, Filing.claim_id == Claim.id, Filing.rank == 1))
        .outerjoin(Payer, Payer.id == Filing.payer_id)
        .where(Transfer.client_id == client_id, Transfer.posted_on <= as_of)
        .group_by(Claim.served_on, Payer.name)
    )
    buckets: dict[str, dict[str, int]] = defaultdict(lambda: {label: 0 for *_, label in BUCKETS})
    for served_on, payer, insurance, patient in office.rows(wanted):
        label = find_bucket((as_of - served_on).days)
        buckets[payer or SELF_PAY][label] += int(insurance)
        buckets[SELF_PAY][label] += int(patient)
    columns = (
        Column("payer", "Who owes"),
        *(Column(label, f"{label} days", ColumnKind.CENTS) for *_, label in BUCKETS),
        Column("total", "Total", ColumnKind.CENTS),
    )
    rows: list[dict[str, Any]] = [
        {"payer": payer, **ages, "total": sum(ages.values())} for payer, ages in sorted(buckets.items())
    ]
    total = add_up(columns, rows)
    old = sum(total[label] for start, _, label in BUCKETS if start > 90) if rows else 0
    share = f"{100 * old / total['total']:.1f}%" if rows and total["total"] else "none"
    return Table(
        "aging", f"Aging on {as_of:%d %b %Y}", "What is owed, by days since the date of service.", columns, rows,
        office.now, f"{format_cents(total.get('total', 0))} is owed; {share} of it is older than 90 days.", total,
    )  # fmt: skip


def find_bucket(days: int) -> str:
    """The aging bucket of an age in days."""
    for start, end, label in BUCKETS:
        if days >= start and (end is None or days <= end):
            return label
    return BUCKETS[0][2]


POSTED = (
    ("charges", "Charges", Kind.CHARGE),
    ("payments", "Payer payments", Kind.PAYMENT),
    ("contractual", "Contractual", Kind.CONTRACTUAL),
    ("patient_share", "To patient", Kind.PATIENT_SHARE),
    ("reversals", "Reversals", Kind.REVERSAL),
    ("adjustments", "Provider adjustments", Kind.PROVIDER_ADJUSTMENT),
    ("unapplied", "Unapplied", Kind.UNAPPLIED),
    ("old_book", "Old book", Kind.OLD_BOOK),
)


def load_daily_postings(office: Office, client_id: int, period: Period) -> Table:
    """What was posted on each business day, by kind; a column's sum is the ledger's sum of that kind."""
    wanted = (
        select(Transfer.posted_on, Transfer.kind, func.sum(Transfer.cents))
        .where(
            Transfer.client_id == client_id,
            Transfer.posted_on >= period.start,
            Transfer.posted_on < period.end,
        )
        .group_by(Transfer.posted_on, Transfer.kind)
    )
    names = {kind: name for name, _, kind in POSTED}
    days: dict[date, dict[str, int]] = defaultdict(lambda: {name: 0 for name, *_ in POSTED})
    for posted_on, kind, cents in office.rows(wanted):
        if kind in names:
            days[posted_on][names[kind]] += int(cents)
    columns = (
        Column("day", "Day", ColumnKind.DATE),
        *(Column(name, label, ColumnKind.CENTS) for name, label, _ in POSTED),
    )
    rows: list[dict[str, Any]] = [{"day": day.isoformat(), **days[day]} for day in sorted(days)]
    total = add_up(columns, rows)
    takeaway = (
        f"{format_cents(total['payments'])} came in from payers on {len(rows)} posting days."
        if rows
        else "Nothing was posted in this period."
    )
    return Table(
        "daily_postings", "Daily postings", "Ledger entries by the business day they were posted on.", columns, rows,
        office.now, takeaway, total,
    )  # fmt: skip
