"""The code sets of this book, as the edits ask for them."""

from __future__ import annotations

from datetime import date

from config import codes
from config.codes import CodeStatus

# The list of procedures is of that year with the changes since: of what was gone by then it says nothing.
_PROCEDURES_SINCE = date(2022, 1, 1)


def is_procedure(code: str, on: date) -> bool:
    """Valid on that date by our own lists, or of the licensed kind that only the client's list can judge."""
    known = codes.procedure_status(code, on) in (CodeStatus.VALID, CodeStatus.LICENSED)
    return known or on < _PROCEDURES_SINCE


class CodeBook:
    """HCPCS Level II, ICD-10-CM and modifiers as far as `config.codes` has them."""

    def is_procedure(self, code: str, on: date) -> bool:
        return is_procedure(code, on)

    def is_diagnosis(self, code: str, on: date) -> bool:
        return codes.diagnosis_status(code, on) is CodeStatus.VALID

    def is_heading(self, code: str, on: date) -> bool:
        return codes.diagnosis_status(code, on) is CodeStatus.HEADER

    def is_modifier(self, code: str) -> bool:
        return codes.modifier_ok(code)
