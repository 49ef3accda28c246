"""Practices that send their billing out: who they are, whom they treat, what they do and what they charge."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from clients.fee_words import read_term
from clients.fees import Term
from config.codes import procedures
from config.identifiers import make_test_ein, make_test_npi
from config.money import multiply_basis_points
from config.problems import Problem
from simulator.payers import PayerProfile
from simulator.people import SELF_PAY, Community, Town

PRACTICES = Path(__file__).parent / "profiles" / "practices.toml"
_OLD = frozenset({"medicare", "medicare_advantage"})


@dataclass(frozen=True, slots=True)
class Clinician:
    npi: str
    last: str
    first: str
    taxonomy: str


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of visit: its weight, the codes it bills, and what it is for."""

    weight: float
    main: tuple[str, ...]
    extras: tuple[str, ...]
    extra_share: float
    diagnoses: tuple[str, ...]
    place: str = "11"
    marks_extra: bool = False  # a visit beside a procedure carries modifier 25
    needs_auth: bool = False


@dataclass(frozen=True, slots=True)
class Practice:
    """A client of the bureau, as the world outside knows it. Charges are whole cents of one unit."""

    code: str
    name: str
    specialty: str
    tier: str  # as clients.tiers.Tier spells it
    npi: str
    tax_id: str
    taxonomy: str
    street: str
    town: Town
    phone: str
    time_zone: str
    clinicians: tuple[Clinician, ...]
    services: tuple[Service, ...]
    charge_master: Mapping[str, int]
    community: Community
    encounters_per_day: float
    patients: int
    panel_of: date  # the day the patients' ages are taken on
    sends_charges: bool = True  # else the bureau prices from the charge master
    terms: tuple[Term, ...] = ()  # what it pays the bureau; none: what its tier usually costs

    @property
    def account(self) -> str:
        """Its mailbox at the clearinghouse."""
        return f"NBB{self.code}"


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(PRACTICES.read_text(encoding="utf-8"))


def demo_practices(payers: Iterable[PayerProfile], panel_of: date) -> tuple[Practice, ...]:
    """The four practices of the demo, dealing with these payers; ages of patients are taken on `panel_of`.

    Their charges are the list prices of config.codes with each practice's own mark-up. Raises ValueError
    when a practice finds no payer of a kind it deals with.
    """
    known = tuple(payers)
    prices = {code: procedure.price_cents for code, procedure in procedures().items()}
    return tuple(_practice(row, known, prices, panel_of) for row in _tables()["practices"])


def _practice(
    row: Mapping[str, Any], payers: tuple[PayerProfile, ...], prices: Mapping[str, int], panel_of: date
) -> Practice:
    services = tuple(_service(one) for one in _tables()["services"][row["services"]])
    codes = sorted({code for one in services for code in (*one.main, *one.extras)})
    first_npi = 100 * row["number"]
    clinicians = tuple(
        Clinician(make_test_npi(first_npi + place), last, first, row["taxonomy"])
        for place, (last, first) in enumerate(row["clinicians"], 1)
    )
    return Practice(
        code=row["code"],
        name=row["name"],
        specialty=row["specialty"],
        tier=row["tier"],
        npi=make_test_npi(first_npi),
        tax_id=make_test_ein(first_npi),
        taxonomy=row["taxonomy"],
        street=row["street"],
        town=Town(*row["town"]),
        phone=row["phone"],
        time_zone=row["time_zone"],
        clinicians=clinicians,
        services=services,
        charge_master={code: multiply_basis_points(prices[code], row["markup_basis_points"]) for code in codes},
        community=_community(row, payers),
        encounters_per_day=row["encounters_per_day"],
        patients=row["patients"],
        panel_of=panel_of,
        sends_charges=row["sends_charges"],
        terms=tuple(_term(*one) for one in row["terms"]),
    )


def _term(basis: str, payer_class: str, rate: str) -> Term:
    term = read_term(basis, payer_class, rate, "terms")
    if isinstance(term, Problem):
        raise ValueError(f"practices.toml: {rate}: {term.text}")  # noqa: TRY004 - the table is at fault, not a type
    return term


def _service(row: Mapping[str, Any]) -> Service:
    lists = {name: tuple(row[name]) for name in ("main", "extras", "diagnoses")}
    return Service(**{**row, **lists})


def _community(row: Mapping[str, Any], payers: tuple[PayerProfile, ...]) -> Community:
    """The mix by kind, spread over the payers there are; a kind nobody offers falls to the others."""
    shares = row["mix"]
    mix = {}
    for payer in payers:
        alike = sum(other.kind == payer.kind for other in payers)
        if shares.get(payer.kind, 0) > 0:
            mix[payer.code] = shares[payer.kind] / alike
    if not mix:
        raise ValueError(f"no payer of a kind that {row['code']} deals with")
    return Community(
        towns=tuple(Town(*town) for town in row["towns"]),
        payer_mix={**mix, SELF_PAY: shares["self"]},
        for_the_old=frozenset(payer.code for payer in payers if payer.kind in _OLD),
        with_mbi=frozenset(payer.code for payer in payers if payer.kind == "medicare"),
        child_share=0.2 if row["services"] == "family" else 0.05,
    )
