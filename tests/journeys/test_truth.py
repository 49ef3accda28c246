"""The truth test: what the reports say equals what payers decided and the world saw, to the cent and second."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from bureau.models import Denial, RemittanceClaim
from reports import invariants
from reports.adjudication import load_adjustments, load_totals
from reports.sla import load_attainment, load_halts, whole_time
from tests.support.hours import keep
from tests.support.worlds import Lived, live

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("truth")]
WORLDS = {
    "clean": {"days": 35, "volume": 0.7},
    "slow-practices": {"days": 20, "practices": ("HARBOR", "SUMMIT"), "volume": 0.6},
    "denials": {
        "days": 24,
        "practices": ("HARBOR",),
        "volume": 0.6,
        "pauses": [
            {"practice": "HARBOR", "after_days": 15, "days": 4, "why": "the practice moves"},
        ],
    },
}


@pytest.fixture(scope="module", params=WORLDS)
def lived(request, tmp_path_factory) -> Lived:
    found = live(request.param, tmp_path_factory.mktemp(request.param), **WORLDS[request.param])
    yield found
    found.world.close()


def test_something_happened(lived: Lived):
    """An empty world agrees with everything."""
    money = [lived.witness(client).add_up_money() for client in lived.clients]
    assert min(one.paid_cents for one in money) > 100_000
    assert sum(len(one.denied_claims) for one in money) >= 10
    assert len(set().union(*(one.adjusted for one in money))) > 6
    assert sum(lived.witness(client).count_rejections() for client in lived.clients) > 5


def test_every_group_and_reason_to_the_cent(lived: Lived):
    for client in lived.clients:
        money = lived.witness(client).add_up_money()
        with lived.office(client) as office:
            table = load_adjustments(office, client.id, whole_time(lived.now.date()))
        assert {(row["group"], row["carc"]): row["cents"] for row in table.rows} == dict(money.adjusted)
        assert table.total["cents"] == money.adjusted.total()
        denied = {(row["group"], row["carc"]): row["denials"] for row in table.rows if row["denials"]}
        assert denied == dict(money.denied_lines)


def test_totals_of_each_client(lived: Lived):
    for client in lived.clients:
        witness = lived.witness(client)
        money = witness.add_up_money()
        with lived.office(client) as office:
            totals = load_totals(office)
            exceptions = office.rows(select(RemittanceClaim.pcn, RemittanceClaim.exception).where(
                RemittanceClaim.exception != ""))  # fmt: skip
            by_carc = {row[0]: (row[1], int(row[2])) for row in office.rows(
                select(Denial.carc, func.count(), func.sum(Denial.cents)).group_by(Denial.carc))}  # fmt: skip
        assert exceptions == []
        assert totals["paid_cents"] == money.paid_cents
        assert totals["adjusted_cents"] == money.contractual_cents
        assert totals["adjudicated"] == len(money.adjudicated_claims)
        assert totals["paid"] == len(money.paid_claims)
        assert totals["denied"] == len(money.denied_claims)
        assert totals["rejected"] == witness.count_rejections()
        counts: Counter[str] = Counter()
        for (_, carc), count in money.denied_lines.items():
            counts[carc] += count
        assert {carc: count for carc, (count, _) in by_carc.items()} == dict(counts)
        assert {carc: one["count"] for carc, one in totals["denials_by_carc"].items()} == dict(counts)


def test_every_promise_to_the_second(lived: Lived):
    """Counted day by day from the chronicle against what the reports read from the book."""
    for client in lived.clients:
        witness = lived.witness(client)
        stretches = {
            "encounter_to_submitted": witness.find_submitting(),
            "remittance_to_posted": witness.find_posting(),
            "denial_to_first_touch": witness.find_touching(),
            "message_to_answered": [],  # these practices write nothing
        }
        with lived.office(client) as office:
            attained = load_attainment(office, client.id, whole_time(lived.now.date()))
        assert {one.measure for one in attained} == set(stretches)
        for one in attained:
            kept = keep(stretches[one.measure], one.business_days, client.time_zone, lived.now)
            assert (one.due, one.met, one.running) == (kept.due, kept.met, kept.running), (client.code, one)
            assert one.paused_seconds == kept.paused_seconds, (client.code, one)
            if kept.seconds:
                assert one.p90_seconds == kept.seconds[-(-len(kept.seconds) * 9 // 10) - 1]
                assert one.p50_seconds == kept.seconds[-(-len(kept.seconds) // 2) - 1]


def test_a_pause_is_told_and_taken_out(lived: Lived):
    """That its seconds are right says the test above; here that there were some, and what a page says of them."""
    for client in lived.clients:
        period, halts = whole_time(lived.now.date()), lived.witness(client).find_halts()
        with lived.office(client) as office:
            found = load_halts(office, client.id, period)
            looks = next(one for one in load_attainment(office, client.id, period) if "denial" in one.measure)
        assert [(one.begun, one.ended) for one in found] == list(halts)
        assert [(one.business_days, one.why) for one in found] == [(3.6, "the practice moves")] * len(halts)
        assert bool(looks.paused_seconds) == bool(halts)


def test_no_cent_is_lost_and_every_law_holds(lived: Lived):
    totals = lived.summary
    parts = ("paid_cents", "adjusted_cents", "patient_cents", "open_cents", "suspense_cents")
    assert totals["charges_cents"] == sum(totals[part] for part in parts)
    assert totals["ledger_ok"]
    with lived.office() as office:
        findings = invariants.verify(office)
    assert [one for one in findings if not one.is_kept] == []
    assert all(one.looked_at for one in findings)


def test_a_lie_of_one_cent_would_be_seen(lived: Lived):
    """The comparison is not blind: a changed figure on either side breaks it."""
    client = lived.clients[0]
    money = lived.witness(client).add_up_money()
    with lived.office(client) as office:
        table = load_adjustments(office, client.id, whole_time(lived.now.date()))
    (key, cents), *_ = money.adjusted.most_common(1)
    money.adjusted[key] = cents + 1
    assert {(row["group"], row["carc"]): row["cents"] for row in table.rows} != dict(money.adjusted)
