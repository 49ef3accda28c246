"""What a biller wants of a 271: is there coverage on the day, what does the patient owe, who else pays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bureau.x12.inquiries import Entity, Rejection
from bureau.x12.values271 import Benefit, EligibilityAnswer
from bureau.x12.values837 import Dated

_PLAN = "30"  # the service type of the plan as a whole
_ACTIVE, _INACTIVE = frozenset("12345"), frozenset("678")
_NOT_COVERED = frozenset("EI")
_REMAINING = frozenset({"29", "33"})
_BEGINS = frozenset({"346", "348", "356"})
_ENDS = frozenset({"347", "349", "357"})
_SPANS = frozenset({"291", "292", "307"})
_RANKS = {"PRP": "P", "SEP": "S", "TTP": "T", "PR": "", "P4": ""}  # NM101 of other payers -> P, S, T


class CoverageStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"  # answered, but not what was asked
    REJECTED = "rejected"  # not answered


@dataclass(frozen=True, slots=True)
class Term:
    """One thing the patient owes: cents, or a part of one (0.2 is 20 %)."""

    source: int  # position in the answer's benefits
    cents: int | None
    share: Decimal | None
    level: str  # IND, FAM ...
    service_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherCoverage:
    """Another payer that the answer names."""

    source: int  # position in the answer's benefits
    name: str
    id: str  # NM109
    rank: str  # P, S, T, or empty where the answer does not say
    insurance: str  # EB04: HN Medicare Advantage (risk), MA, MB, MC ...
    refs: tuple[tuple[str, str], ...]  # 1W member, 6P group, 18 plan ...


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one patient on one day, in network; every tuple in the order of the answer."""

    status: CoverageStatus
    sources: tuple[int, ...] = ()  # positions, in the answer's benefits, that the status rests on
    plan: str = ""
    insurance: str = ""
    begins: date | None = None
    ends: date | None = None
    copays: tuple[Term, ...] = ()
    coinsurances: tuple[Term, ...] = ()
    deductibles: tuple[Term, ...] = ()
    deductibles_left: tuple[Term, ...] = ()
    out_of_pockets: tuple[Term, ...] = ()
    out_of_pockets_left: tuple[Term, ...] = ()
    not_covered: tuple[str, ...] = ()  # of the service types asked about
    needs_authorization: tuple[str, ...] = ()  # of the service types asked about
    others: tuple[OtherCoverage, ...] = ()
    primary_care: Entity | None = None
    rejections: tuple[Rejection, ...] = ()


def find_coverage(answer: EligibilityAnswer, on: date, service_types: tuple[str, ...] = (_PLAN, "98")) -> Coverage:
    """What the answer says of day `on` and these service types; benefits out of network are left aside.

    A benefit without service types speaks of all. The status is the plan's (type 30) where the answer
    gives one, else that of the types asked about; what is active on another day only is inactive.
    """
    benefits = list(enumerate(answer.benefits))
    asked = [(at, one) for at, one in benefits if _concerns(one, service_types)]
    status, sources = _find_status(answer, asked, on)
    rejections = tuple(_rejections(answer))
    if status is CoverageStatus.UNKNOWN and rejections:
        status = CoverageStatus.REJECTED
    near = [(at, one) for at, one in asked if one.network != "N" and _is_on(_window(one, answer), on)]
    begins, ends = _window(answer.benefits[sources[0]], answer) if sources else (None, None)
    return Coverage(
        status,
        sources,
        plan=_first(answer.benefits[at].plan for at in sources),
        insurance=_first(answer.benefits[at].insurance for at in sources),
        begins=begins,
        ends=ends,
        copays=_terms(near, "B"),
        coinsurances=_terms(near, "A"),
        deductibles=_terms(near, "C", left=False),
        deductibles_left=_terms(near, "C", left=True),
        out_of_pockets=_terms(near, "G", left=False),
        out_of_pockets_left=_terms(near, "G", left=True),
        not_covered=_types_of(service_types, (one for _, one in near if one.code in _NOT_COVERED)),
        needs_authorization=_types_of(service_types, (one for _, one in near if one.authorization == "Y")),
        others=tuple(_others(benefits)),
        primary_care=_primary_care(answer.benefits),
        rejections=rejections,
    )


def _concerns(benefit: Benefit, service_types: tuple[str, ...]) -> bool:
    return (
        not benefit.service_types
        or _PLAN in benefit.service_types
        or any(one in benefit.service_types for one in service_types)
    )


def _find_status(
    answer: EligibilityAnswer, asked: list[tuple[int, Benefit]], on: date
) -> tuple[CoverageStatus, tuple[int, ...]]:
    """The status and the positions of the benefits that give it."""
    said = [(at, one) for at, one in asked if one.code in _ACTIVE or one.code in _INACTIVE]
    of_plan = [(at, one) for at, one in said if not one.service_types or _PLAN in one.service_types]
    said = of_plan or said
    active = tuple(at for at, one in said if one.code in _ACTIVE and _is_on(_window(one, answer), on))
    if active:
        return CoverageStatus.ACTIVE, active
    if said:
        return CoverageStatus.INACTIVE, tuple(at for at, _ in said)
    return CoverageStatus.UNKNOWN, ()


def _window(benefit: Benefit, answer: EligibilityAnswer) -> tuple[date | None, date | None]:
    """First and last day, None for open: the benefit's own dates, else the patient's."""
    own = _span(benefit.dates)
    patient = answer.patient
    return own if own != (None, None) or patient is None else _span(patient.dates)


def _span(dates: tuple[Dated, ...]) -> tuple[date | None, date | None]:
    begins = [one.first for one in dates if one.kind in _BEGINS or _is_span(one)]
    ends = [one.last or one.first for one in dates if one.kind in _ENDS or _is_span(one)]
    return max(begins, default=None), min(ends, default=None)


def _is_span(one: Dated) -> bool:
    """A range that coverage keeps to; a single day is only the day asked about."""
    return one.kind in _SPANS and one.last is not None


def _is_on(window: tuple[date | None, date | None], on: date) -> bool:
    begins, ends = window
    return (begins is None or begins <= on) and (ends is None or on <= ends)


def _terms(benefits: list[tuple[int, Benefit]], code: str, *, left: bool | None = None) -> tuple[Term, ...]:
    """What benefits of this EB01 ask of the patient; `left` picks the part that remains, or the whole."""
    return tuple(
        Term(at, one.cents, one.share, one.level, one.service_types)
        for at, one in benefits
        if one.code == code
        and (one.cents is not None or one.share is not None)
        and (left is None or left == (one.period in _REMAINING))
    )


def _types_of(service_types: tuple[str, ...], benefits: Iterable[Benefit]) -> tuple[str, ...]:
    """Those of the service types that the benefits name."""
    named = {kind for one in benefits for kind in one.service_types}
    return tuple(kind for kind in service_types if kind in named)


def _others(benefits: list[tuple[int, Benefit]]) -> Iterable[OtherCoverage]:
    for at, one in benefits:
        if one.code != "R":
            continue
        payers = [entity for entity in one.related if entity.kind in _RANKS]
        for payer in payers:
            refs = (*one.refs, *payer.party.refs)
            yield OtherCoverage(at, payer.party.name, payer.party.id, _RANKS[payer.kind], one.insurance, refs)
        if not payers:
            yield OtherCoverage(at, one.plan, "", "", one.insurance, one.refs)


def _primary_care(benefits: list[Benefit]) -> Entity | None:
    found = (entity for one in benefits if one.code == "L" for entity in one.related if entity.kind == "P3")
    return next(found, None)


def _rejections(answer: EligibilityAnswer) -> Iterable[Rejection]:
    for entity in (answer.source, answer.receiver, answer.subscriber, answer.dependent):
        if entity is not None:
            yield from entity.level_rejections
            yield from entity.rejections
    for benefit in answer.benefits:
        yield from benefit.rejections


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
