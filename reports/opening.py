"""The aging of the old book: what is still open of the former biller's claims, apart from our own."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import func, select

from bureau.models import OpeningClaim, OpeningPayment
from bureau.office import Office
from bureau.queries.opening import answers_by_claim
from clients.models import Payer
from config.money import format_cents
from reports.billing import BUCKETS, SELF_PAY, find_bucket
from reports.frames import Column, ColumnKind, Period, Table, add_up

DEFINITION = (
    "Claims of the former biller by days since the date of service, less what payers have said of them since the "
    "cutover. They are no part of the ledger, the promises or the fees."
)


def load_opening_aging(office: Office, client_id: int, period: Period) -> Table:
    """What is open in the old book on the period's last day, by who owes it and age of the date of service."""
    as_of = date.fromordinal(period.end.toordinal() - 1)
    since = answers_by_claim(client_id, OpeningPayment.posted_on <= as_of)
    wanted = (
        select(
            OpeningClaim.served_on, Payer.name, func.count(),
            func.sum(OpeningClaim.payer_cents - func.coalesce(since.c.off, 0)),
            func.sum(OpeningClaim.patient_cents + func.coalesce(since.c.over, 0)),
        )
        .outerjoin(Payer, Payer.id == OpeningClaim.payer_id)
        .outerjoin(since, since.c.opening_id == OpeningClaim.id)
        .where(OpeningClaim.client_id == client_id, OpeningClaim.undone_at.is_(None))
        .group_by(OpeningClaim.served_on, Payer.name)
    )  # fmt: skip
    ages: dict[str, dict[str, int]] = defaultdict(lambda: {label: 0 for *_, label in BUCKETS})
    claims = 0
    for served_on, payer, count, payer_cents, patient_cents in office.rows(wanted):
        label = find_bucket((as_of - served_on).days)
        ages[payer or SELF_PAY][label] += int(payer_cents)
        ages[SELF_PAY][label] += int(patient_cents)
        claims += count
    columns = (
        Column("payer", "Who owes"),
        *(Column(label, f"{label} days", ColumnKind.CENTS) for *_, label in BUCKETS),
        Column("total", "Total", ColumnKind.CENTS),
    )
    rows: list[dict[str, Any]] = [{"payer": who, **by, "total": sum(by.values())} for who, by in sorted(ages.items())]
    total = add_up(columns, rows)
    takeaway = (
        f"{format_cents(total['total'])} is open on {claims:,} claims of the former biller."
        if rows
        else "There is no old book: everything that is open is in our own."
    )
    return Table(
        "opening-aging", f"Old book on {as_of:%d %b %Y}", DEFINITION, columns, rows, office.now, takeaway, total
    )
