"""What a payer is like: its rates, delays, fees, plan terms and habits: frozen values from a table."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from config.clock import BANK_CALENDAR
from config.codes import PayerDefaults, payers
from config.identifiers import make_test_ein
from config.money import multiply_basis_points
from simulator.streams import Dice

KINDS = Path(__file__).parent / "profiles" / "kinds.toml"


@dataclass(frozen=True, slots=True)
class DenialReason:
    """One way to say no: group, CARC, the RARC this payer uses with it, and how often (relative weight)."""

    group: str
    carc: str
    weight: float
    rarcs: tuple[str, ...] = ()
    line_possible: bool = False
    is_eligibility: bool = False


@dataclass(frozen=True, slots=True)
class RejectReason:
    """One way to send a claim back unadjudicated: the triple of an STC, how often, and its free text."""

    category: str
    code: str
    entity: str
    weight: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """Everything that decides how one payer answers. Rates are shares of one, amounts whole cents.

    `fees` maps procedure codes to the allowed cents of one unit; a code without a fee is allowed at
    `fee_basis_points` of its charge, give or take what the code itself draws within the spread.
    """

    code: str
    name: str
    tax_id: str
    kind: str
    reasons: tuple[DenialReason, ...]
    clearinghouse_rejects: tuple[RejectReason, ...]
    payer_rejects: tuple[RejectReason, ...]
    clearinghouse_reject_rate: float
    payer_reject_rate: float
    denial_rate: float
    retry_reject_share: float
    retry_denial_share: float
    line_denial_share: float
    median_days: float
    sigma: float
    floor_days: int
    denial_delay_share: float
    pend_share: float
    pend_median_days: float
    pend_sigma: float
    fee_basis_points: int
    fee_spread_basis_points: int
    copay_cents: int
    deductible_cents: int
    coinsurance_basis_points: int
    filing_days: int
    pay_weekdays: frozenset[int]
    eft_lag_days: int
    auth_codes: frozenset[str] = frozenset()
    quirks: frozenset[str] = frozenset()
    fees: Mapping[str, int] = field(default_factory=dict, hash=False)

    def allowed_cents(self, code: str, units: Decimal | int, charge_cents: int) -> int:
        """What the payer accepts for a line: its fee, half cents to the even one, never more than the charge."""
        fee = self.fees.get(code)
        if fee is not None:
            return min(charge_cents, round(fee * units))
        spread = self.fee_spread_basis_points
        level = self.fee_basis_points + _code_offset(self.code, code, spread)
        return multiply_basis_points(charge_cents, min(max(level, 0), 10_000))

    def pay_day(self, ready: date) -> date:
        """The first payment run on or after the day a claim is ready."""
        day = BANK_CALENDAR.add_business_days(ready, 0)
        while day.weekday() not in self.pay_weekdays:
            day = BANK_CALENDAR.add_business_days(day + timedelta(days=1), 0)
        return day


@lru_cache(maxsize=65536)
def _code_offset(payer: str, code: str, spread: int) -> int:
    """A code's own distance from the payer's fee level; fees do not move with the scenario's seed."""
    return round((2 * Dice(0, "fee", payer)(code) - 1) * spread)


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(KINDS.read_text(encoding="utf-8"))


def known_kinds() -> Collection[str]:
    return frozenset(_tables()["kinds"])


@lru_cache(maxsize=256)
def _reasons(payer: str) -> tuple[DenialReason, ...]:
    """The denial mix; each payer keeps to one of the remark codes that can go with a reason."""
    own = Dice(0, "remark", payer)
    return tuple(
        DenialReason(
            row["group"],
            row["carc"],
            row["weight"],
            tuple(row["rarcs"][own.number(row["carc"]) % len(row["rarcs"]) :][:1]) if row["rarcs"] else (),
            row["scope"] == "line",
            row.get("stage") == "eligibility",
        )
        for row in _tables()["reasons"]
    )


@lru_cache(maxsize=2)
def _rejects(table: str) -> tuple[RejectReason, ...]:
    found = []
    for row in _tables()[table]:
        category, code, entity = [*row["status"].split(":"), ""][:3]
        found.append(RejectReason(category, code, entity, row["weight"], row["text"]))
    return tuple(found)


def build_profile(code: str, name: str, kind: str, tax_id: str, **changes: Any) -> PayerProfile:
    """The profile of a payer of that kind; `changes` replace single settings.

    A denial rate that is not given is drawn around the kind's, once and for all for this payer code.
    Raises ValueError for a kind the table does not know and TypeError for a setting that does not exist.
    """
    tables = _tables()
    if kind not in tables["kinds"]:
        raise ValueError(f"no payers of kind {kind!r} are described")
    settings = {**tables["defaults"], **tables["kinds"][kind]}
    settings["denial_rate"] = _own_rate(code, settings["denial_rate"], settings.pop("denial_rate_spread"))
    settings |= changes
    for name_of_set in ("pay_weekdays", "auth_codes", "quirks"):
        settings[name_of_set] = frozenset(settings[name_of_set])
    settings.setdefault("reasons", _reasons(code))
    settings.setdefault("clearinghouse_rejects", _rejects("clearinghouse_rejects"))
    settings.setdefault("payer_rejects", _rejects("payer_rejects"))
    return PayerProfile(code=code, name=name, kind=kind, tax_id=tax_id, **settings)


def _own_rate(code: str, usual: float, spread: float) -> float:
    return usual * (1 + spread * (2 * Dice(0, "payer", code)("denial rate") - 1))


def payer_tax_id(code: str) -> str:
    """A tax id that cannot be real for a made-up payer; always the same for the same code."""
    return make_test_ein(9_000_000 + Dice(0, "tax id", code).number("") % 1_000_000)


def profile_of(payer: PayerDefaults, **changes: Any) -> PayerProfile:
    """The profile of a payer of the table: its own delays, rate and deadlines, the rest by its kind."""
    own = {
        "denial_rate": _own_rate(payer.payer_id, payer.denial_bp / 10_000, _tables()["defaults"]["denial_rate_spread"]),
        "median_days": float(payer.median_pay_days),
        "sigma": payer.sigma,
        "floor_days": payer.floor_days,
        "filing_days": payer.timely_filing_days,
    }
    tax_id = payer_tax_id(payer.payer_id)
    return build_profile(payer.payer_id, payer.name, payer.kind, tax_id, **(own | changes))


def default_profiles(*, demo_only: bool = False) -> tuple[PayerProfile, ...]:
    """All payers of the table, or the five of the demo; whoever pays for himself is none."""
    return tuple(
        profile_of(payer)
        for payer in payers().values()
        if payer.kind in known_kinds() and (payer.in_demo or not demo_only)
    )


def change_profile(profile: PayerProfile, changes: Mapping[str, Any]) -> PayerProfile:
    """The same payer with single settings replaced, as a scenario asks. ValueError for an unknown setting."""
    unknown = set(changes) - {one.name for one in fields(PayerProfile)}
    if unknown:
        raise ValueError(f"a payer has no setting {', '.join(sorted(unknown))}")
    return replace(profile, **changes)


def by_code(profiles: Iterable[PayerProfile]) -> dict[str, PayerProfile]:
    return {profile.code: profile for profile in profiles}
