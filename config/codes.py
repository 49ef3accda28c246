"""Code sets as frozen maps, each read from its table when first asked for: given, not decided.

The numbers are public; every wording is our own. CPT and CDT are licensed and not here: a client brings its
own list, and until then such a code is known by its shape only (`CodeStatus.LICENSED`).
"""

from __future__ import annotations

import csv
import lzma
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

_TABLES = Path(__file__).parent / "tables"
# Claims for services from this day on carry ICD-10-CM; before it ICD-9 was the law (45 CFR 162.1002).
ICD10_BEGINS = date(2015, 10, 1)
SELF_PAY = "SELF"

_DEMO = re.compile(r"X[A-Z][0-9]{3}")
_LICENSED = re.compile(r"[0-9]{4}[0-9A-Z]|D[0-9]{4}")
_TAXONOMY = re.compile(r"[0-9]{3}[0-9A-Z]{6}X")
_CPT_MODIFIER = re.compile(r"2[2-9]|[3-9][0-9]")
_TRIP_MODIFIER = re.compile(r"[DEGHIJNPRSX]{2}")  # of an ambulance: from where, to where


class CodeStatus(StrEnum):
    """What a code is on a date of service."""

    VALID = "valid"
    HEADER = "header"  # a heading of ICD-10-CM: more digits are needed
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    LICENSED = "licensed"  # has the shape of CPT or CDT, which only the client's own list can judge
    UNKNOWN = "unknown"


class Labels(StrEnum):
    """The plain lists of codes that have one short wording each."""

    GROUP = "group"  # CAS01
    CLAIM_RESULT = "claim_result"  # CLP02
    PLB = "plb"  # PLB03-1
    STATUS_CATEGORY = "status_category"  # STC01-1
    STATUS = "status"  # STC01-2
    ENTITY = "entity"  # STC01-3, NM101
    PLACE = "place"  # place of service
    FILING = "filing"  # SBR09
    TAXONOMY = "taxonomy"  # PRV03, the commonest only
    MODIFIER = "modifier"  # the commonest of HCPCS Level II only
    RARC = "rarc"  # the commonest only


class CarcKind(StrEnum):
    """What an adjustment reason does to the money."""

    CONTRACTUAL = "contractual"
    REDUCTION = "reduction"
    PATIENT = "patient"
    DENIAL = "denial"
    PRIOR_PAYER = "prior_payer"
    INTEREST = "interest"
    RECOVERY = "recovery"
    INFORMATIONAL = "informational"
    RETIRED = "retired"  # known, but no payer should send it any more: look before posting


class Lane(StrEnum):
    """The first guess at how a denial is worked; the remark code and the payer may know better."""

    FIX = "FIX"
    RECORDS = "RECORDS"
    COB = "COB"
    WRITE_OFF = "WRITE_OFF"
    ROUTE = "ROUTE"


@dataclass(frozen=True, slots=True)
class Carc:
    """A claim adjustment reason. `rarcs` are remark codes that usually come with it."""

    code: str
    kind: CarcKind
    lane: Lane | None
    rarcs: tuple[str, ...]
    text: str

    @property
    def is_denial(self) -> bool:
        return self.kind is CarcKind.DENIAL


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure code with a name of ours. `system` is HCPCS or DEMO, prices are demo charges in cents."""

    code: str
    system: str
    category: str
    name: str
    price_cents: int
    minutes: int
    specialties: frozenset[str]


@dataclass(frozen=True, slots=True)
class PayerDefaults:
    """A fictitious payer and how it behaves until configured otherwise.

    Every figure is a default to be overridden, taken from the middle of public ranges that disagree with
    each other; none is a fact about a real payer. Days are calendar days, `denial_bp` hundredths of a
    percent of claims denied at first. Time to pay is lognormal with that median and sigma, not before
    `floor_days`.
    """

    payer_id: str
    name: str
    kind: str
    filing_code: str
    timely_filing_days: int
    filing_basis: str
    appeal_days: int
    floor_days: int
    median_pay_days: int
    sigma: float
    denial_bp: int
    in_demo: bool
    source: str


@dataclass(frozen=True, slots=True)
class _Span:
    """From when to when a code is valid, and which one stood in its place otherwise."""

    first: date
    last: date
    instead: str


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Rows of one of our own CSV tables."""
    with (_TABLES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


# -- adjustment reasons and the plain lists ---------------------------------------------------------------


@lru_cache(maxsize=1)
def carcs() -> Mapping[str, Carc]:
    """Every adjustment reason there is, retired ones included; one that is not here is an exception."""
    found = {}
    for row in read_table("carc.csv"):
        lane = Lane(row["lane"]) if row["lane"] else None
        text = row["text"] or f"Adjustment reason {row['carc']}: no longer in use."
        found[row["carc"]] = Carc(row["carc"], CarcKind(row["kind"]), lane, tuple(row["rarcs"].split()), text)
    return MappingProxyType(found)


def carc(code: str) -> Carc | None:
    """The adjustment reason, or None when nobody has published such a number."""
    return carcs().get(code)


@lru_cache(maxsize=1)
def _all_labels() -> dict[str, dict[str, str]]:
    sets: dict[str, dict[str, str]] = {kind: {} for kind in Labels}
    for row in read_table("labels.csv"):
        sets[row["set"]][row["code"]] = row["text"]
    return sets


def labels(kind: Labels) -> Mapping[str, str]:
    """Code to short wording, in the order of the table."""
    return MappingProxyType(_all_labels()[kind])


def label(kind: Labels, code: str) -> str:
    """The wording of one code; empty when we have none, which for long lists does not make it wrong."""
    return _all_labels()[kind].get(code, "")


def place_ok(code: str) -> bool:
    return code in _all_labels()[Labels.PLACE]


def taxonomy_ok(code: str) -> bool:
    """Right in form: ten characters ending in X. The full list is not kept here."""
    return _TAXONOMY.fullmatch(code) is not None


@lru_cache(maxsize=1)
def _hcpcs_modifiers() -> frozenset[str]:
    return frozenset((_TABLES / "modifiers.txt").read_text(encoding="ascii").split())


def modifier_ok(code: str) -> bool:
    """A HCPCS Level II modifier, the two ends of an ambulance trip, or two digits as the licensed ones have."""
    return code in _hcpcs_modifiers() or bool(_CPT_MODIFIER.fullmatch(code) or _TRIP_MODIFIER.fullmatch(code))


# -- validity by date ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _spans() -> dict[tuple[str, str], _Span]:
    return {
        (row["system"], row["code"]): _Span(
            date.fromisoformat(row["valid_from"] or "0001-01-01"),
            date.fromisoformat(row["valid_to"] or "9999-12-31"),
            row["instead"],
        )
        for row in read_table("code_changes.csv")
    }


def _status_in(span: _Span, on: date) -> CodeStatus:
    if on < span.first:
        return CodeStatus.NOT_YET
    return CodeStatus.EXPIRED if on > span.last else CodeStatus.VALID


@lru_cache(maxsize=1)
def _icd10() -> tuple[frozenset[str], frozenset[str]]:
    text = zlib.decompress((_TABLES / "icd10cm.codes.z").read_bytes()).decode("ascii")
    billable, headers = text.split("\n\n")
    return frozenset(billable.split("\n")), frozenset(headers.split("\n"))


@lru_cache(maxsize=1)
def _icd10_texts() -> dict[str, str]:
    text = zlib.decompress((_TABLES / "icd10cm.codes.z").read_bytes()).decode("ascii")
    names = lzma.decompress((_TABLES / "icd10cm.texts.xz").read_bytes()).decode()
    return dict(zip(text.split("\n\n")[0].split("\n"), names.split("\n"), strict=True))


def icd10_status(code: str) -> CodeStatus:
    """VALID, HEADER or UNKNOWN in the release of April 2026; the code is written without its dot."""
    billable, headers = _icd10()
    if code in billable:
        return CodeStatus.VALID
    return CodeStatus.HEADER if code in headers else CodeStatus.UNKNOWN


def diagnosis_status(code: str, on: date) -> CodeStatus:
    """What an ICD-10-CM code (no dot) is for a service on that day.

    Codes that came or went since 2016 are known by date as far as the table of changes has them; all
    others are taken to be valid since ICD-10-CM began.
    """
    if on < ICD10_BEGINS:
        known = icd10_status(code)
        return CodeStatus.NOT_YET if known is CodeStatus.VALID else known
    span = _spans().get(("icd10", code))
    if span is None:
        return icd10_status(code)
    status = _status_in(span, on)
    # A code that was split into finer ones stays in the list as their heading.
    return CodeStatus.HEADER if status is CodeStatus.EXPIRED and code in _icd10()[1] else status


def diagnosis_as_of(code: str, on: date) -> str:
    """The code that stood for `code` on that day: itself, or what it replaced or was replaced by."""
    for _ in range(3):
        span = _spans().get(("icd10", code))
        if span is None or not span.instead or span.first <= on <= span.last:
            break
        code = span.instead
    return code


def diagnosis_text(code: str) -> str:
    """The published description of a billable ICD-10-CM code (no dot), empty for any other."""
    return _icd10_texts().get(code, "")


@lru_cache(maxsize=1)
def _hcpcs() -> frozenset[str]:
    codes: list[str] = []
    for token in (_TABLES / "hcpcs.txt").read_text(encoding="ascii").split():
        first, _, last = token.partition("-")
        letter, low = first[0], int(first[1:])
        codes += [f"{letter}{number:04d}" for number in range(low, int(last or low) + 1)]
    return frozenset(codes)


def procedure_status(code: str, on: date) -> CodeStatus:
    """What a procedure code is for a service on that day.

    HCPCS Level II is known as published for 2022 with the later changes the table of changes has; demo
    codes are valid always; CPT and CDT are LICENSED by their shape.
    """
    if code in _hcpcs():
        span = _spans().get(("hcpcs", code))
        return CodeStatus.VALID if span is None else _status_in(span, on)
    if _DEMO.fullmatch(code):
        return CodeStatus.VALID if code in procedures() else CodeStatus.UNKNOWN
    return CodeStatus.LICENSED if _LICENSED.fullmatch(code) else CodeStatus.UNKNOWN


# -- procedures and payers we name --------------------------------------------------------------------------


@lru_cache(maxsize=1)
def procedures() -> Mapping[str, Procedure]:
    """The procedures that have a name and a demo price: all of DEMO and the commonest of HCPCS."""
    found = {}
    for row in read_table("demo_procedures.csv"):
        found[row["code"]] = Procedure(
            *(row["code"], "DEMO", row["category"], row["name"]),
            price_cents=int(row["price_cents"]),
            minutes=int(row["minutes"]),
            specialties=frozenset(row["specialties"].split()),
        )
    for row in read_table("hcpcs_names.csv"):
        found[row["code"]] = Procedure(
            row["code"], "HCPCS", "HCPCS", row["name"], int(row["price_cents"]), 10, frozenset()
        )
    return MappingProxyType(found)


def is_demo(code: str) -> bool:
    """Whether a code has the shape of the invented demo system, which no published list uses."""
    return _DEMO.fullmatch(code) is not None


def procedure_name(code: str) -> str:
    """Our short name of a procedure; empty when we have none."""
    found = procedures().get(code)
    return found.name if found else ""


@lru_cache(maxsize=1)
def payers() -> Mapping[str, PayerDefaults]:
    """The fictitious payers by id; `in_demo` marks the five of the demo, SELF_PAY is none at all."""
    return MappingProxyType({row["payer_id"]: _payer(row) for row in read_table("payers.csv")})


def _payer(row: dict[str, str]) -> PayerDefaults:
    return PayerDefaults(
        payer_id=row["payer_id"],
        name=row["name"],
        kind=row["kind"],
        filing_code=row["filing_code"],
        timely_filing_days=int(row["timely_filing_days"]),
        filing_basis=row["filing_basis"],
        appeal_days=int(row["appeal_days"]),
        floor_days=int(row["floor_days"]),
        median_pay_days=int(row["median_pay_days"]),
        sigma=float(row["sigma"]),
        denial_bp=int(row["denial_bp"]),
        in_demo=row["demo"] == "y",
        source=row["source"],
    )
