"""The code sets as the edits ask for them: what is valid when, and what the book cannot know."""

from __future__ import annotations

from datetime import date

from bureau.rules.codebook import CodeBook
from bureau.x12.edits.edit import Codes

BOOK: Codes = CodeBook()
NOW, BEFORE_THE_LIST = date(2026, 3, 2), date(2004, 2, 1)


def test_procedures_are_ours_or_licensed() -> None:
    assert BOOK.is_procedure("G0463", NOW)
    assert BOOK.is_procedure("1234X", NOW)  # a licensed shape, which only the client's own list can judge
    assert not BOOK.is_procedure("G9", NOW)
    assert not BOOK.is_procedure("J7051", NOW)


def test_of_codes_gone_before_the_list_was_made_nothing_is_said() -> None:
    assert BOOK.is_procedure("J7051", BEFORE_THE_LIST)


def test_a_diagnosis_is_valid_a_heading_or_neither() -> None:
    found = [(BOOK.is_diagnosis(code, NOW), BOOK.is_heading(code, NOW)) for code in ("J029", "J02", "I99999")]
    assert found == [(True, False), (False, True), (False, False)]


def test_modifiers_of_both_levels_and_the_ends_of_a_trip() -> None:
    assert all(BOOK.is_modifier(code) for code in ("25", "GA", "RH", "SH"))
    assert not any(BOOK.is_modifier(code) for code in ("ZZ", "2", "01", ""))
