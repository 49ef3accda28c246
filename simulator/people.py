"""Patients who do not exist: names and streets from pools drawn once, identifiers that cannot be real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from config.identifiers import make_test_mbi
from simulator.streams import pick, stream

SELF_PAY = "SELF"
_POOL_SEED = 20_260_101  # the pools are the same in every world; a world's seed decides who gets what
_ADULT, _RETIRED = 18, 65


@dataclass(frozen=True, slots=True)
class Pools:
    """Raw material, drawn from Faker at a dear price and once."""

    last: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Town:
    city: str
    state: str
    zip: str


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of one practice with the cover they say they have."""

    number: str
    last: str
    first: str
    birth: date
    sex: str
    street: str
    town: Town
    payer: str  # a payer's code, or SELF_PAY
    member: str
    group: str

    @property
    def is_self_pay(self) -> bool:
        return self.payer == SELF_PAY


@dataclass(frozen=True, slots=True)
class Community:
    """Where patients come from: towns, the share of each payer, and which of them is Medicare."""

    towns: tuple[Town, ...]
    payer_mix: Mapping[str, float]  # payer code or SELF_PAY -> weight
    for_the_old: frozenset[str] = frozenset()  # payers that cover people of 65 and over
    with_mbi: frozenset[str] = frozenset()  # payers that know their members by an MBI
    child_share: float = 0.2


@lru_cache(maxsize=1)
def pools() -> Pools:
    """The pools; Faker is imported here because it takes a third of a second."""
    from faker import Faker

    faker = Faker("en_US")
    faker.seed_instance(_POOL_SEED)
    return Pools(
        _drawn(faker.last_name, 600),
        _drawn(faker.first_name_female, 250),
        _drawn(faker.first_name_male, 250),
        _drawn(faker.street_name, 400),
    )


def _drawn(draw: object, count: int) -> tuple[str, ...]:
    assert callable(draw)
    return tuple(dict.fromkeys(draw() for _ in range(count)))


def draw_patients(seed: int, practice: str, community: Community, count: int, on: date) -> list[Patient]:
    """A practice's panel as of a day; the n-th patient is the same however many are drawn."""
    return [draw_patient(seed, practice, community, number, on) for number in range(1, count + 1)]


def draw_patient(seed: int, practice: str, community: Community, number: int, on: date) -> Patient:
    """Patient `number` of a practice, from a stream of their own."""
    chance, raw = stream(seed, "patient", practice, str(number)), pools()
    payers = sorted(community.payer_mix)
    payer = pick(chance.random(), payers, [community.payer_mix[code] for code in payers])
    sex = chance.choice("FM")
    born = on - timedelta(days=_age_in_days(chance, community, payer))
    member, group = _cover(chance, community, payer, practice, number)
    return Patient(
        number=f"P{number:06d}",
        last=chance.choice(raw.last),
        first=chance.choice(raw.women if sex == "F" else raw.men),
        birth=born,
        sex=sex,
        street=f"{chance.randrange(1, 1900)} {chance.choice(raw.streets)}",
        town=chance.choice(community.towns),
        payer=payer,
        member=member,
        group=group,
    )


def _age_in_days(chance: Random, community: Community, payer: str) -> int:
    if payer in community.for_the_old:
        years = _RETIRED + 25 * float(chance.random() ** 1.5)
    elif chance.random() < community.child_share:
        years = 1 + 16 * chance.random()
    else:
        years = _ADULT + (_RETIRED - _ADULT) * chance.random()
    return round(years * 365.25)


def _cover(chance: Random, community: Community, payer: str, practice: str, number: int) -> tuple[str, str]:
    """Member id and group number. A practice's letters keep two practices' members apart."""
    if payer == SELF_PAY:
        return "", ""
    if payer in community.with_mbi:
        return make_test_mbi(chance.randrange(10**9)), ""
    return f"{practice[:3].upper()}{number:07d}{chance.randrange(100):02d}", f"G{chance.randrange(40):05d}"
