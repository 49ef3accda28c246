"""Every report there is, by id: what it needs to be allowed, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bureau.office import Office
from clients.tiers import Capability
from reports.adjudication import load_adjustments
from reports.billing import load_aging, load_claim_status, load_daily_postings
from reports.frames import Period, Table
from reports.handed_back import load_handed_back
from reports.opening import load_opening_aging
from reports.sla import load_sla


@dataclass(frozen=True, slots=True)
class Report:
    id: str
    title: str
    about: str
    capability: Capability | None  # None: every client has it
    load: Callable[[Office, int, Period], Table]


REPORTS: dict[str, Report] = {
    report.id: report
    for report in (
        Report(
            "claim_status", "Claim status", "Where every claim stands and whose turn it is.",
            Capability.REPORT_CLAIM_STATUS, load_claim_status,
        ),
        Report("aging", "Aging", "What is owed, by whom and for how long.", Capability.REPORT_AGING, load_aging),
        Report(
            "daily_postings", "Daily postings", "What was posted each day, to the cent.",
            Capability.REPORT_DAILY_POSTINGS, load_daily_postings,
        ),
        Report(
            "opening-aging", "Old book", "What is still open of the former biller's claims, and for how long.",
            None, load_opening_aging,
        ),
        Report(
            "handed_back", "Claims handed back", "Denied claims that went back to the practice with a smaller plan.",
            None, load_handed_back,
        ),
        Report("sla", "Promises kept", "How the bureau kept its turnaround promises.", None, load_sla),
        Report(
            "adjustments", "Adjustments by reason", "What payers did not pay, and why.",
            Capability.DENIAL_RECORD, load_adjustments,
        ),
    )
}  # fmt: skip
BILLING_REPORTS = ("claim_status", "aging", "daily_postings")


def default_period(today: date) -> Period:
    """The last 90 days including today."""
    return Period(date.fromordinal(today.toordinal() - 89), date.fromordinal(today.toordinal() + 1))
