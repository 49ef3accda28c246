"""The reader of HI in an institutional claim: diagnoses, procedures, occurrences, values, conditions, the DRG."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from bureau.x12.details837 import pass_over
from bureau.x12.reading import Handler, Reader
from bureau.x12.values837i import CodedDiagnosis, DatedCode, InstitutionalClaim, ValueCode

_PARTS = [""] * 9
_PRESENT = 8  # the ninth component
_LISTS = {
    "BF": "other_diagnoses", "BN": "external_causes", "PR": "reasons", "BQ": "procedures", "BI": "occurrence_spans",
    "BH": "occurrences", "BE": "value_codes", "BG": "condition_codes", "TC": "treatment_codes",
}  # fmt: skip
_SINGLES = {"BK": "principal", "BJ": "admitting", "BR": "principal_procedure", "DR": "drg"}
# The qualifiers of ICD-10; those of ICD-9 are the same without the letter in front.
_TENTH = {"ABK": "BK", "ABJ": "BJ", "APR": "PR", "ABN": "BN", "ABF": "BF", "BBR": "BR", "BBQ": "BQ"}
_REVISED = frozenset(_TENTH.values())


class CodeReader:
    """Fills the codes of the claim that `begin` was given."""

    def __init__(self, reader: Reader[Any]) -> None:
        self._reader = reader
        self._claim: InstitutionalClaim | None = None
        diagnoses = dict.fromkeys(("BK", "BF", "BN"), self._diagnosis)
        dated = dict.fromkeys(("BR", "BQ", "BI", "BH"), self._dated)
        self._makers: dict[str, Callable[[list[str], int, str], Any]] = {**diagnoses, **dated, "BE": self._value}

    def make_handlers(self) -> dict[str, Handler]:
        return {"HI": self._hi}

    def begin(self, claim: InstitutionalClaim) -> None:
        self._claim = claim

    def _hi(self, e: list[str], n: int) -> None:
        reader = self._reader
        if len(e) > 1 and reader.component not in e[1]:
            reader.components(e[1], n, "HI01")
        for at, composite in enumerate(e[1:], 1):
            if composite:
                self._take([*composite.split(reader.component), *_PARTS], n, f"HI{at:02d}")

    def _take(self, parts: list[str], n: int, element: str) -> None:
        reader, claim = self._reader, self._claim
        if claim is None:
            return
        kind = _TENTH.get(parts[0], parts[0])
        make = self._makers.get(kind)
        value = make(parts, n, element) if make else parts[1]
        if kind in _LISTS:
            slot = _LISTS[kind]
            setattr(claim, slot, reader.joined(getattr(claim, slot), [value], n, "HI"))
        elif kind not in _SINGLES:
            reader.error("bad_code", n, f"{element}-1", "This is no kind of code that HI holds.", "2300")
            return
        elif getattr(claim, _SINGLES[kind]):
            pass_over(reader, n, "HI", "2300")
        else:
            setattr(claim, _SINGLES[kind], value)
        if kind in _REVISED:
            claim.diagnosis_kind = "10" if parts[0] in _TENTH else "9"
        if not parts[1]:
            reader.error("element_missing", n, f"{element}-2", "A code is missing.", "2300")

    def _diagnosis(self, parts: list[str], _n: int, _element: str) -> CodedDiagnosis:
        return CodedDiagnosis(parts[1], parts[_PRESENT])

    def _dated(self, parts: list[str], n: int, element: str) -> DatedCode:
        start, dash, end = parts[3].partition("-")
        first = self._reader.day(start, n, f"{element}-4")
        last: date | None = self._reader.day(end, n, f"{element}-4") if dash else None
        return DatedCode(parts[1], first, last if last != first else None)

    def _value(self, parts: list[str], n: int, element: str) -> ValueCode:
        return ValueCode(parts[1], self._reader.cents(parts[4], n, f"{element}-5", needed=True) or 0)
