"""The grammar of segments and the needs of loops: each breach is told at its segment, element and loop."""

from __future__ import annotations

import pytest

from bureau.x12.check import check
from bureau.x12.grammar import CODES, SEGMENTS
from bureau.x12.names import SEGMENTS as NAMES
from bureau.x12.samples import generate_835, generate_837
from bureau.x12.structure import check_structure, shape_of
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.test_tree_and_check import COB
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, PAID, REMIT_HEAD, wrap

TEXT = wrap("837", CLAIM_HEAD + CLAIM)
REMIT = wrap("835", REMIT_HEAD + PAID)


def test_the_grammar_itself_is_sound() -> None:
    for identifier in SEGMENTS:
        shape = shape_of(identifier)
        assert shape is not None
        assert identifier in NAMES
        assert all(element.kind in "ANIRDTCX" for element in shape.elements)
        assert all(0 < at <= len(shape.elements) for _, places in shape.conditions for at in places)
    for element in CODES:
        shape = shape_of(element[:-2])
        assert shape is not None
        assert int(element[-2:]) <= len(shape.elements)


def test_clean_files_have_nothing_said_of_them() -> None:
    for text in (TEXT, REMIT, generate_837(20), generate_835(20)):
        assert check_structure(text) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "loop"),
    [
        ("N3*1 MAIN STREET", "N3", "element_missing", "N301", "2010AA"),
        ("*1*DOE*JANE*", f"*1*{'D' * 61}*JANE*", "too_long", "NM103", "2010BA"),
        ("****MI*M1", "*****M1", "condition", "NM108", "2010BA"),
        ("*****PI*P1", "*****PI", "condition", "NM108", "2010BB"),
        ("*DOE*JANE****", "*DOE*JANE**MS**", "not_used", "NM106", "2010BA"),
        ("CLM*A1*100***", "CLM*A1*100*X**", "not_used", "CLM03", "2300"),
        ("*Y*A*Y*Y", "*Y*Z*Y*Y", "bad_code", "CLM07", "2300"),
        ("*Y*A*Y*Y", "*Y**Y*Y", "element_missing", "CLM07", "2300"),
        ("*Y*A*Y*Y", "**A*Y*Y", "element_missing", "CLM06", "2300"),
        ("*UN*1*", "**1*", "condition", "SV103", "2400"),
        ("*UN*1*", "*XX*1*", "bad_code", "SV103", "2400"),
        ("***1~", "~", "bad_pointer", "SV107", "2400"),
        ("HC:G0463*100", "ZZ:G0463*100", "bad_code", "SV101-1", "2400"),
        ("ABK:E119", "ABK:E119*QQ:I10", "bad_code", "HI02-1", "2300"),
        ("BHT*0019*00*REF1*20260302*0930", "BHT*0019*00*REF1*20260302*2530", "bad_time", "BHT05", "ST"),
        ("REF*EI*990000001", "REF*EI", "condition", "REF02", "2010AA"),
        ("PER*IC*ANN*TE*5550100000", "PER*IC*ANN*TE", "condition", "PER03", "1000A"),
        ("PER*IC*ANN*TE*5550100000~\n", "", "segment_missing", "PER", "1000A"),
        ("REF*EI*990000001~\n", "", "segment_missing", "REF", "2010AA"),
        ("NM1*40*2*HUB*****46*RCV~\n", "", "loop_missing", "SE", "1000B"),
        ("N3*2 ELM STREET~\n", "N3*2 ELM STREET~\nN3*2 ELM STREET~\n", "segment_repeated", "N3", "2010BA"),
        ("REF*6R*A1L1~\n", "REF*6R*A1L1~\nREF*6R*A1L1~\n", "segment_repeated", "REF", "2400"),
        ("LX*1~\n", "NM1*82*1*A~\nNM1*82*1*B~\nLX*1~\n", "loop_repeated", "NM1", "2310B"),
        ("LX*1~\n", "LX*1~\nLX*1~\n", "segment_missing", "SV1", "2400"),
        ("DTP*472", "SV1*HC:G0463*0*UN*1***1~\nDTP*472", "line_misplaced", "SV1", "2400"),
        ("SBR*P*18*GRP1******CI~\n", "", "segment_missing", "SBR", "2000B"),
        ("HL*2*1*22*0", "HL*2*1*22", "element_missing", "HL04", ""),
        ("*DOE*JANE*", "*DO\u00cb*JANE*", "bad_character", "NM103", "2010BA"),
        ("N4*SALEM*OR*973010003", "N4*SALEM*OR*973010003***X", "condition", "N406", "2010BA"),
        ("N4*SALEM*OR*973010003", "N4*SALEM*OR*973010003***X*BC", "exclusion", "N402", "2010BA"),
        ("LX*1", "LX*1*2", "too_many_elements", "LX", "2400"),
    ],
)  # fmt: skip
def test_each_breach_is_told_where_it_is(old: str, new: str, code: str, element: str, loop: str) -> None:
    assert old in TEXT
    errors = check(TEXT.replace(old, new).encode(), "f").errors
    assert (code, element, loop) in [(one.code, one.element, one.loop) for one in errors], errors
    assert all("DOE" not in one.text for one in errors)


def test_an_empty_end_is_a_warning() -> None:
    report = check(TEXT.replace("LX*1", "LX*1*").encode(), "f")
    assert [(one.code, one.segment) for one in report.warnings] == [("trailing_separator", 23)]
    assert report.errors == []


def test_a_second_payer_needs_its_own_answer() -> None:
    text = wrap("837", CLAIM_HEAD + COB.replace("OI***Y***Y\n", ""))
    assert ("segment_missing", "2320") in [(one.code, one.loop) for one in check(text.encode(), "f").errors]


@pytest.mark.parametrize(
    ("old", "new", "code", "element"),
    [
        ("PER*BL*LINE*TE*5550111111~\n", "", "segment_missing", "PER"),
        ("NM1*QC*1*DOE*JANE****MI*M1~\n", "", "segment_missing", "NM1"),
        ("DTM*472*20260115~\n", "DTM*472*20260115~\nDTM*472*20260116~\n", "segment_repeated", "DTM"),
    ],
)
def test_what_payers_leave_out_is_a_warning(old: str, new: str, code: str, element: str) -> None:
    assert old in REMIT
    report = check(REMIT.replace(old, new).encode(), "f")
    assert (code, element) in [(one.code, one.element) for one in report.warnings]
    assert {one.code for one in report.errors} <= {"se_count"}


@pytest.mark.parametrize(
    ("old", "new", "code", "element"),
    [
        ("CAS*PR*2*5~", "CAS*XX*2*5~", "bad_code", "CAS01"),
        ("LX*1~\n", "", "segment_missing", "LX"),
        ("DTM*472*20260115", "DTM*472*20261315", "bad_date", "DTM02"),
        ("N1*PE*PRACTICE*XX*9999000018", "N1*PE*PRACTICE*XX", "condition", "N103"),
        ("CLP*A1*1*", "CLP*A1*9*", "bad_code", "CLP02"),
        ("N1*PE*", "N1*QQ*", "loop_missing", "SE"),
    ],
)
def test_breaches_of_a_remittance(old: str, new: str, code: str, element: str) -> None:
    assert old in REMIT
    errors = check(REMIT.replace(old, new).encode(), "f").errors
    assert (code, element) in [(one.code, one.element) for one in errors], errors


def test_what_the_outside_judge_refuses_is_refused_here() -> None:
    """Every fifth segment of a clean claim file taken out or doubled: nothing the judge refuses goes through."""
    segments = TEXT.split("~\n")
    for at in range(3, len(segments) - 4, 5):
        for changed in (segments[:at] + segments[at + 1 :], segments[:at] + segments[at : at + 1] + segments[at:]):
            end = next(n for n, raw in enumerate(changed) if raw.startswith("SE*"))
            changed[end] = f"SE*{end - 1}*0001"
            text = "~\n".join(changed)
            if not judge(text)[0]:
                assert check(text.encode(), "f").errors, segments[at]
