"""Denied claims that went back to the practice when its plan became smaller: the list to go on with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select

from bureau.models import Claim, Denial, Encounter, Filing
from bureau.office import Office
from bureau.rules.plan_changes import HANDED_BACK
from clients.models import Payer
from config.identifiers import reference
from config.money import format_cents
from reports.adjudication import say_carc
from reports.frames import Column, ColumnKind, Period, Table, add_up

COLUMNS = (
    Column("claim", "Claim"),
    Column("encounter", "Your encounter"),
    Column("served_on", "Service date", ColumnKind.DATE),
    Column("payer", "Payer"),
    Column("cause", "Reason"),
    Column("meaning", "Meaning"),
    Column("given_on", "Handed back", ColumnKind.DATE),
    Column("cents", "Denied", ColumnKind.CENTS),
)


def load_handed_back(office: Office, client_id: int, period: Period) -> Table:
    """Each denied amount handed back in the period, the largest first."""
    calendar = office.calendar(client_id)
    wanted = (
        select(Claim.id, Encounter.external_id, Claim.served_on, Payer.name, Denial)
        .join(Filing, and_(Filing.client_id == Denial.client_id, Filing.id == Denial.filing_id))
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .join(Payer, Payer.id == Filing.payer_id)
        .where(Denial.client_id == client_id, Denial.outcome == HANDED_BACK)
        .where(Denial.closed_at >= calendar.moment(period.start), Denial.closed_at < calendar.moment(period.end))
        .order_by(Denial.cents.desc(), Denial.id)
    )
    rows: list[dict[str, Any]] = [
        {
            "claim": reference("CLM", claim_id), "encounter": encounter, "served_on": served_on.isoformat(),
            "payer": payer, "cause": f"{one.group}-{one.carc}", "meaning": say_carc(one.carc),
            "given_on": calendar.local_date(one.closed_at).isoformat(), "cents": one.cents,
        }
        for claim_id, encounter, served_on, payer, one in office.rows(wanted)
    ]  # fmt: skip
    total, claims = add_up(COLUMNS, rows), len({row["claim"] for row in rows})
    return Table(
        "handed_back", "Claims handed back", "Denied claims the fuller plan would have worked, open on the day the "
        "smaller one began; the practice chose to go on with them itself.", COLUMNS, rows, office.now,
        f"{claims:,} claims with {format_cents(total['cents'])} denied were handed back.", total,
    )  # fmt: skip
