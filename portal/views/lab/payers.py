"""The simulated payers, each with its habits in plain words."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from clients.access import Permission
from portal.doors import lab
from portal.guards import permits
from simulator.payers import PayerProfile, default_profiles

KINDS = {
    "commercial": "Commercial insurer",
    "medicare": "Medicare",
    "medicare_advantage": "Medicare Advantage plan",
    "medicaid": "Medicaid",
    "managed_medicaid": "Managed Medicaid plan",
    "marketplace": "Marketplace plan",
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@lab.get("/payers")
@permits(Permission.LAB_USE)
def payers() -> ResponseReturnValue:
    in_demo = {profile.code for profile in default_profiles(demo_only=True)}
    profiles = sorted(default_profiles(), key=lambda one: (one.code not in in_demo, one.code))
    return render_template(
        "lab/payers.html", payers=profiles, in_demo=in_demo, kinds=KINDS, pay_days=_say_pay_days, costs=_find_costs
    )


def _say_pay_days(profile: PayerProfile) -> str:
    if len(profile.pay_weekdays) == len(DAYS):
        return "every banking day"
    return " and ".join(DAYS[day] for day in sorted(profile.pay_weekdays))


def _find_costs(profile: PayerProfile) -> list[tuple[str, int]]:
    """What its patients pay themselves: label and cents; the percentage stands apart."""
    return [
        (label, cents)
        for label, cents in (("a visit", profile.copay_cents), ("a year first", profile.deductible_cents))
        if cents
    ]
