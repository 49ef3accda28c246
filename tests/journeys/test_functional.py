"""Direction tests: change one thing in the world and the figures move the way an old hand would say."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.worlds import Lived, live

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("directions")]
SMALL = {"days": 19, "seed": 5, "practices": ("HARBOR",), "volume": 0.5}
QUICK_DENIALS = {
    "SIM10": {"denial_rate": 0.6, "median_days": 3.0}, "SIM30": {"denial_rate": 0.6, "median_days": 3.0},
    "SIM50": {"denial_rate": 0.6, "median_days": 3.0},
}  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """What a test compares."""

    summary: dict
    stretches: list
    submissions: list

    def promise(self, name: str) -> dict:
        return self.summary["sla"]["HARBOR"][name]


def figures(folder, **changes) -> Figures:
    scenario = changes.pop("scenario", "clean")
    lived: Lived = live(scenario, folder, **(SMALL | changes))
    witness = lived.witness(lived.clients[0])
    stretches = [(one.begun, one.done) for one in witness.find_touching()]
    sent = [(one.pcn, one.at) for one in lived.world.record.submissions()]
    lived.world.close()
    return Figures(lived.summary, stretches, sent)


def test_fewer_denial_specialists_look_later(tmp_path):
    many, few = (
        figures(tmp_path / str(count), payers=QUICK_DENIALS, staff={"denials_per_day": count}) for count in (60, 1)
    )
    assert len(many.stretches) == len(few.stretches) > 20, "who looks changes nothing of what is denied"
    for (begun, quick), (also_begun, slow) in zip(many.stretches, few.stretches, strict=True):
        assert begun == also_begun
        assert slow is None or (quick is not None and quick <= slow), "nobody is looked at earlier by fewer people"
    assert few.promise("denial_to_first_touch_2d")["met"] < many.promise("denial_to_first_touch_2d")["met"]
    assert (few.summary["paid_cents"], few.summary["ledger_hash"]) == (
        many.summary["paid_cents"], many.summary["ledger_hash"],
    )  # fmt: skip


def test_practices_that_answer_late_stop_the_clock_and_not_the_promise(tmp_path):
    quick, slow = (figures(tmp_path / str(days[0]), defect_rate=0.15, answer_days=days) for days in ((0, 0), (4, 6)))
    name = "encounter_to_submitted_5d"
    assert slow.promise(name)["paused_seconds"] > 3 * quick.promise(name)["paused_seconds"]
    assert slow.promise(name)["percent"] == quick.promise(name)["percent"] == 100.0
    assert len(slow.submissions) < len(quick.submissions), "what is not answered yet is not sent yet"


def test_a_stricter_payer_denies_more_and_pays_less_of_the_same_claims(tmp_path):
    mild, strict = (
        figures(tmp_path / str(rate), payers={"SIM10": {"denial_rate": rate, "median_days": 4.0}})
        for rate in (0.0, 0.8)
    )
    assert mild.submissions == strict.submissions, "the same claims leave at the same moments"
    assert strict.summary["denied"] > mild.summary["denied"]
    assert strict.summary["paid_cents"] < mild.summary["paid_cents"]
    assert strict.summary["charges_cents"] == mild.summary["charges_cents"]
    assert strict.summary["ledger_ok"]
    assert mild.summary["ledger_ok"]


def test_a_client_whose_claims_leave_once_a_week_waits_longer_for_them(tmp_path):
    daily, weekly = (
        figures(tmp_path / name, schedule=plan)
        for name, plan in (("daily", {}), ("weekly", {"submit": "15 9 * * wed"}))
    )
    assert {at.isoweekday() for _, at in weekly.submissions} == {3}
    name = "encounter_to_submitted_1d"
    assert weekly.promise(name)["p90_seconds"] > 2 * daily.promise(name)["p90_seconds"]
    assert weekly.promise(name)["percent"] < daily.promise(name)["percent"]
    assert weekly.summary["charges_cents"] == daily.summary["charges_cents"]
    assert weekly.summary["ledger_ok"]
