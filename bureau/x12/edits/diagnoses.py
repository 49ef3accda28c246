"""Edits on diagnoses: their form, their code set, their validity on the day."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable
from datetime import date

from bureau.x12.edits.edit import HERE, Context, Edit, Group, Mark, Marks, Status, first_day
from bureau.x12.values837 import Claim

# Claims for services from this day on carry ICD-10-CM, those before it ICD-9-CM (45 CFR 162.1002).
ICD10_BEGINS = date(2015, 10, 1)
_MOST = 12
_ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
_ICD9 = re.compile(r"([0-9]{3}|V[0-9]{2})(\.?[0-9]{1,2})?|E[0-9]{3}(\.?[0-9])?")


def _parts(claim: Claim) -> Collection[Hashable]:
    return ((claim.diagnosis_kind, claim.diagnoses, first_day(claim)),)


def _mark(number: int) -> Mark:
    return Mark(at=number, element=f"HI{number:02d}-2")


def _missing(claim: Claim, _context: Context) -> Marks:
    return () if claim.diagnoses else HERE


def _count(claim: Claim, _context: Context) -> Marks:
    return HERE if len(claim.diagnoses) > _MOST else ()


def _repeated(claim: Claim, _context: Context) -> Marks:
    codes = claim.diagnoses
    if len(set(codes)) == len(codes):
        return ()
    return [_mark(number) for number, code in enumerate(codes, 1) if code in codes[: number - 1]]


def _dot(claim: Claim, _context: Context) -> Marks:
    return [_mark(number) for number, code in enumerate(claim.diagnoses, 1) if "." in code]


def _code_set(claim: Claim, _context: Context) -> Marks:
    day = first_day(claim)
    if day is None or not claim.diagnoses or (claim.diagnosis_kind == "9") == (day < ICD10_BEGINS):
        return ()
    return (Mark(at=1, element="HI01-1"),)


def _form(claim: Claim, _context: Context) -> Marks:
    form = _ICD9 if claim.diagnosis_kind == "9" else _ICD10
    return [_mark(number) for number, code in enumerate(claim.diagnoses, 1) if not form.fullmatch(code)]


def _unknown(claim: Claim, context: Context) -> Marks:
    codes, day = context.codes, first_day(claim) or context.today
    if codes is None or claim.diagnosis_kind == "9":
        return ()
    return [
        _mark(number)
        for number, code in enumerate(claim.diagnoses, 1)
        if not codes.is_diagnosis(code, day) and not codes.is_heading(code, day)
    ]


def _heading(claim: Claim, context: Context) -> Marks:
    codes, day = context.codes, first_day(claim) or context.today
    if codes is None or claim.diagnosis_kind == "9":
        return ()
    return [_mark(number) for number, code in enumerate(claim.diagnoses, 1) if codes.is_heading(code, day)]


_FIX = "Choose a diagnosis valid on that date, in full detail."

_EDITS = (
    Edit(
        "diagnosis_missing", _missing, "HI", "2300", Status("A6", "254"), "The claim has no diagnosis.",
        "Add the diagnoses of the visit.", level=2, rank=8,
    ),
    Edit(
        "diagnosis_count", _count, "HI13", "2300", Status("A7", "255"), "A claim carries at most twelve diagnoses.",
        "Drop the diagnoses that no line points at.", level=2, rank=8,
    ),
    Edit(
        "diagnosis_repeated", _repeated, "HI", "2300", Status("A7", "255"), "A diagnosis is listed twice.",
        "Drop the repeated diagnosis and renumber the pointers.", rank=8,
    ),
    Edit(
        "diagnosis_dot", _dot, "HI", "2300", Status("A7", "255"), "A diagnosis is sent with its dot.",
        "Send diagnosis codes without the dot.", level=5, rank=8,
    ),
    Edit(
        "diagnosis_code_set", _code_set, "HI", "2300", Status("A7", "254"),
        "The qualifier names another code set than the one in force on the date of service.",
        "Send ICD-10-CM under ABK and ABF for services since October 2015.", level=5, rank=8,
    ),
    Edit(
        "diagnosis_form", _form, "HI", "2300", Status("A7", "255"),
        "A diagnosis does not have the form of the code set that its qualifier names.", _FIX, level=5, rank=8,
    ),
    Edit(
        "diagnosis_unknown", _unknown, "HI", "2300", Status("A7", "255"),
        "The diagnosis is no ICD-10-CM code valid on the date of service.", _FIX, level=5, rank=8,
        needs="codes",
    ),
    Edit(
        "diagnosis_heading", _heading, "HI", "2300", Status("A7", "255"),
        "The diagnosis is a heading; a more specific code is needed.", _FIX, level=5, rank=8, needs="codes",
    ),
)  # fmt: skip
GROUPS = (Group(_parts, _EDITS),)
