"""One gate for what is bought: only clients/tiers.py reads tiers and add-ons to decide, and every surface asks it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bureau.jobs import JOBS
from clients.tiers import Capability
from reports.catalog import REPORTS
from tests.house.reading import FLOORS, PROJECT

ROWS = re.compile(r"\b(TierPeriod|AddOn)\b")
# Who may read those rows: the gate, whoever writes or copies them, and the queries that show them.
MAY_READ = {
    "clients/tiers.py", "clients/tier_changes.py", "clients/onboarding.py", "clients/models/contract.py",
    "clients/models/__init__.py", "bureau/queries/book.py", "bureau/queries/plan.py", "bureau/queries/readiness.py",
    "reports/handover.py", "simulator/rehearsal.py",
}  # fmt: skip
# Who decides by what is bought, and how each asks.
ASKS = {
    "bureau/jobs.py": r"\bhas\(",
    "bureau/plans.py": r"\bload_capabilities\(",
    "bureau/desks/denials.py": r"\bhas\(",
    "bureau/queries/meter.py": r"\bload_capabilities\(",
    "bureau/queries/plan.py": r"\bload_capabilities\(",
    "portal/views/back/reports.py": r"\bhas\(",
    "portal/views/front/reports.py": r"\bhas\(",
    "portal/cli/books.py": r"\bhas\(",
}
SOURCES = [path for floor in FLOORS for path in sorted((PROJECT / floor).rglob("*.py"))]
TEMPLATES = sorted((PROJECT / "portal" / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_nobody_else_reads_what_was_bought():
    readers = {name(path) for path in SOURCES if ROWS.search(path.read_text("utf-8"))}
    assert readers <= MAY_READ
    assert "clients/tiers.py" in readers


def test_nobody_compares_tiers_to_decide():
    """A tier is shown or changed; what it holds is asked of the gate."""
    compared = re.compile(r"(\btier\b|get_tier\([^\n]*\)) *(==|is|!=|in) *\(?(Tier\.|['\"])")
    found = {name(path) for path in SOURCES if compared.search(path.read_text("utf-8"))}
    assert found == set()


def test_no_template_asks_for_a_tier_to_offer_something():
    offers = re.compile(r"{% if [^%]*\btier (==|!=|in)[^%]*%}[^{]*{{ (ui\.act|url_for)")
    assert [name(path) for path in TEMPLATES if offers.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", sorted(ASKS))
def test_who_decides_asks_the_gate(path):
    text = (PROJECT / path).read_text("utf-8")
    assert re.search(r"from clients\.tiers import [^\n]*\b(has|load_capabilities)\b", text)
    assert re.search(ASKS[path], text)


def test_every_job_and_every_bought_report_names_what_it_needs():
    assert {type(job.capability) for job in JOBS.values()} == {Capability}
    bought = [report.capability for report in REPORTS.values() if report.capability is not None]
    assert bought
    assert set(map(type, bought)) == {Capability}
