"""837I: what a hospital bills, read whole, judged, and compared with what somebody else's library reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from x12sdk.io import X12ModelReader

from bureau.x12.check import check
from bureau.x12.claim837 import read_837
from bureau.x12.read837i import iter_837i, read_837i
from bureau.x12.samples import generate_837
from bureau.x12.scalars import format_cents
from bureau.x12.tree import tree
from bureau.x12.values837i import CodedDiagnosis, InstitutionalSet
from config.problems import Problem
from tests.bureau.x12.hospital import CLAIM, EXPECTED, HEAD, SMALL, TEXT
from tests.bureau.x12.texts import wrap
from tests.soak.mutations import mutate
from tests.support.samples import find_samples, sample_name

VALID = find_samples("x12/837i/*.837i")
TRAILERS, BLANKS = (find_samples(f"x12/837i/*{name}.edi") for name in ("trailer_errors", "blank1"))


def test_everything_of_a_hospital_claim_is_read() -> None:
    [one], problems = read_837i(TEXT)
    assert problems == []
    [claim] = one.claims
    for name in EXPECTED.__dataclass_fields__:
        if name not in ("first_segment", "last_segment"):
            assert getattr(claim, name) == getattr(EXPECTED, name), name
    assert claim.bill_type == "111"
    header = (one.control, one.reference, one.created, one.purpose, one.use, one.version)
    assert header == ("0001", "REF1", datetime(2026, 3, 2, 9, 30), "00", "CH", "005010X223A2")
    assert (one.submitter.name, one.submitter.contact, one.receiver.id) == ("DESK", "ANN", "RCV")
    report = check(TEXT.encode(), "h")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("837", 1, 1, [], [])


def test_places_are_those_of_the_file() -> None:
    [one], _ = read_837i(TEXT)
    [claim] = one.claims
    segments = TEXT.split("~\n")
    assert segments[claim.first_segment - 1].startswith("CLM*")
    assert segments[claim.last_segment].startswith("SE*")
    assert [segments[line.segment - 1] for line in claim.lines] == ["LX*1", "LX*2"]
    assert claim.attending is not None
    assert segments[claim.attending.segment - 1].startswith("NM1*71*1*ROE")


def test_loops_have_the_letters_of_the_institutional_guide() -> None:
    places = {(node.elements[0], node.loop): node.loop_name for node in tree(TEXT) if node.id == "NM1"}
    wanted = {"71": "2310A", "72": "2310B", "ZZ": "2310C", "82": "2310D", "77": "2310E", "DN": "2310F"}
    assert {pair for pair in places if pair[1].startswith("2310")} == set(wanted.items())
    assert places["71", "2310A"] == "Attending provider"


def test_whatever_repeats_comes_back_three_times() -> None:
    """Claims, other payers, lines, decisions, attachments, notes, providers, codes in several HI."""
    head, lines = CLAIM.split("    LX*1")
    upper, cob = head.split("    SBR*S")
    for name in (
        "PWK*OZ*EL***AC*ATT1",
        "K3*FILE NOTE",
        "NTE*ADD*A NOTE",
        "CRC*ZZ*Y*ST",
        "HI*ABF:J449",
        "HI*BG:07*BG:C5",
    ):
        upper = upper.replace(name, f"{name}\n{name}\n{name}")
    line = lines.split("LX*2\n")[1].replace("NM1*72", "NM1*82*1*ONE\nNM1*DN*1*TWO\nNM1*72")
    decision = line[line.index("    SVD") :]
    line += decision * 2
    body = upper + f"    SBR*S{cob}" * 3 + "".join(f"LX*{at}\n{line}" for at in (1, 2, 3))
    body = body.replace("*1100.25*", "*300.75*")
    whole = HEAD + "".join(body.replace("CLM*A1", f"CLM*A{at}") for at in (1, 2, 3))
    text = wrap("837I", whole)
    sets, problems = read_837i(text * 3)
    assert [one.code for one in problems if one.code not in ("isa_duplicate", "gs_duplicate")] == []
    assert [[claim.pcn for claim in one.claims] for one in sets] == [["A1", "A2", "A3"]] * 3
    claim = sets[2].claims[2]
    assert claim.extras is not None
    assert (len(claim.extras.attachments), len(claim.extras.file_notes), len(claim.extras.conditions)) == (3, 3, 3)
    assert (len(claim.notes), len(claim.other_diagnoses), len(claim.condition_codes)) == (4, 5, 6)
    assert claim.other_payers == EXPECTED.other_payers * 3
    assert [one.number for one in claim.lines] == [1, 2, 3]
    assert [len(one.decisions) for one in claim.lines] == [3, 3, 3]
    assert [len(one.providers) for one in claim.lines] == [3, 3, 3]


@pytest.mark.parametrize(
    ("old", "new", "code", "element"),
    [
        ("CLM*A1*100*", "CLM*A1*101*", "charge_sum", "CLM02"),
        ("CLM*A1*100*", "CLM**100*", "element_missing", "CLM01"),
        ("CLM*A1*100*", "CLM*A1*x*", "bad_amount", "CLM02"),
        ("HI*ABK:K5730", "HI*ABF:K5730", "segment_missing", "HI"),
        ("HI*ABK:K5730", "HI*QQ:K5730", "bad_code", "HI01-1"),
        ("HI*ABK:K5730", "HI*ABK", "element_missing", "HI01-2"),
        ("HI*ABK:K5730", "HI*ABK:K5730*BE:01:::x", "bad_amount", "HI02-5"),
        ("HI*ABK:K5730", "HI*ABK:K5730*BH:11:D8:20261301", "bad_date", "HI02-4"),
        ("DTP*434*RD8*20260110-20260110~\n", "", "date_missing", "DTP"),
        ("20260110-20260110", "20260110-20261310", "bad_date", "DTP03"),
        ("CL1*1*7*01~\n", "", "segment_missing", "CL1"),
        ("CL1*1*7*01", "CL1**7*01", "element_missing", "CL101"),
        ("LX*1~\n", "LX*2~\n", "line_sequence", "LX01"),
        ("LX*1~\n", "", "line_misplaced", "SV2"),
        ("SV2*0450*HC:G0463*100*UN*1~\n", "", "segment_missing", "SV2"),
        ("SV2*0450", "SV2*", "element_missing", "SV201"),
        ("*HC:G0463*", "*ZZ:G0463*", "bad_code", "SV202-1"),
        ("*HC:G0463*", "*HC*", "element_missing", "SV202-2"),
        ("*100*UN*1", "**UN*1", "missing_amount", "SV203"),
        ("*100*UN*1", "*100*UN*x", "bad_quantity", "SV205"),
        ("LX*1~\n", "LX*1~\nLX*2~\n", "segment_missing", "SV2"),
        ("HL*3*2*23*0", "HL*3*1*23*0", "hl_parent", "HL02"),
        ("HL*2*1*22*1", "HL*2*1*22*0", "hl_child", "HL04"),
        ("PAT*19~\n", "", "relationship_missing", "SBR02"),
        ("NM1*IL*1*DOE*JANE****MI*M1~\n", "", "loop_missing", "NM1"),
        ("NM1*QC*1*DOE*JOHN~", "NM1*QC*1*DOE*JOHN~\nNM1*QC*1*DOE*JOHN~", "segment_missing", "N3"),
        ("SE*", "NM1*77*2*X~\nSE*", "se_count", "SE01"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(old: str, new: str, code: str, element: str) -> None:
    text = wrap("837I", HEAD + SMALL)
    assert check(text.encode(), "f").errors == []
    assert text.count(old) == 1
    errors = check(text.replace(old, new).encode(), "f").errors
    assert (code, element) in [(one.code, one.element) for one in errors], errors
    assert not any(word in one.text for one in errors for word in ("DOE", "K5730", "G0463"))


def test_what_is_odd_is_kept_with_a_warning() -> None:
    body = SMALL.replace("HI*ABK:K5730", "HI*ABK>K5730>>>>>>>Y").replace(
        "LX*1", "NM1*71*1*ROE\nNM1*71*1*LEE\nAMT*D*1\nHI*ABK>I10\nSV1*HC>G0463\nLX*1"
    )
    [one], problems = read_837i(wrap("837I", HEAD + body))
    assert [(each.code, each.element, each.is_error) for each in problems] == [
        ("component_separator", "HI01", False), ("not_carried", "NM1", False), ("not_carried", "AMT", False),
        ("not_carried", "HI", False), ("unknown_segment", "SV1", False), ("component_separator", "SV202", False),
    ]  # fmt: skip
    assert one.claims[0].principal == CodedDiagnosis("K5730", "Y")


@pytest.mark.parametrize(("element", "component", "end"), [("|", ">", "\n"), ("+", "<", "'"), ("^", "!", "\r")])
def test_delimiters_are_those_of_the_file(element: str, component: str, end: str) -> None:
    marks = str.maketrans({"*": element, ":": component, "~": end, "^": "{"})
    assert read_837i(TEXT.replace("\n", "").translate(marks)) == read_837i(TEXT)


def test_both_kinds_of_claims_in_one_file_go_to_their_own_readers() -> None:
    both = generate_837(3) + TEXT.replace("000000001", "000000002")
    report = check(both.encode(), "both")
    assert (report.transactions, report.claims, report.errors) == (2, 4, [])
    assert [len(one.claims) for one in read_837(both)[0]] == [3]
    assert [len(one.claims) for one in read_837i(both)[0]] == [1]


def test_a_stream_gives_claims_as_they_end() -> None:
    def pieces() -> Iterator[str]:
        yield from (TEXT[at : at + 700] for at in range(0, len(TEXT), 700))
        yield wrap("837I", HEAD + SMALL.replace("CLM*A1*100*", "CLM*A1*7*"), control="000000002")

    kinds = [type(one).__name__ for one in iter_837i(pieces())]
    assert kinds == ["InstitutionalClaim", "InstitutionalSet", "InstitutionalClaim", "InstitutionalSet", "Problem"]
    sets = [one for one in iter_837i(pieces()) if isinstance(one, InstitutionalSet)]
    assert [one.claims for one in sets] == [[], []]
    assert [one.code for one in iter_837i([TEXT[:50]]) if isinstance(one, Problem)] == ["isa_malformed"]


@pytest.mark.parametrize("path", VALID, ids=sample_name)
def test_samples_agree_with_the_library_of_others(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sets, problems = read_837i(text)
    assert [one for one in problems if one.is_error] == []
    assert {one.code for one in problems} <= {"component_separator"}
    with X12ModelReader(text.replace("\n", "")) as reader:
        [model] = reader.models()
    theirs = [
        claim
        for provider in model.loop_2000a
        for subscriber in provider.loop_2000b
        for claim in subscriber.loop_2300 or []
    ]
    ours = sets[0].claims
    assert len(ours) == len(theirs) == text.count("CLM*")
    for mine, other in zip(ours, theirs, strict=True):
        clm = other.clm_segment
        assert (mine.pcn, Decimal(format_cents(mine.charge_cents))) == (
            clm.patient_control_number, clm.total_claim_charge_amount,
        )  # fmt: skip
        assert mine.patient_status == other.cl1_segment.patient_status_code
        services = [one.sv2_segment for one in other.loop_2400]
        assert [line.revenue for line in mine.lines] == [one.service_line_revenue_code for one in services]
        charges = [Decimal(format_cents(line.charge_cents)) for line in mine.lines]
        assert charges == [one.line_item_charge_amount for one in services]


@pytest.mark.parametrize("path", TRAILERS, ids=sample_name)
def test_wrong_trailers_are_told_at_their_segments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _, problems = read_837i(text)
    places = [(one.segment, one.element) for one in problems if one.code != "version"]
    assert places == [(61, "SE01"), (121, "GE02"), (122, "IEA01"), (122, "IEA02")]
    assert [one.element for one in problems if one.code == "version"] == ["ST03", "ST03"]
    told = [one.where for one in check(path.read_bytes(), "t").errors]
    assert told == ["t segment 3 ST", "t segment 61 SE", "t segment 121 GE", "t segment 122 IEA", "t segment 122 IEA"]


@pytest.mark.parametrize("path", BLANKS, ids=sample_name)
def test_blank_procedures_are_told_where_the_source_tells_them(path: Path) -> None:
    """The file is refused for its version; as a 5010 file it is at fault in SV2 and SVD, as its 997 says."""
    text = path.read_text(encoding="utf-8")
    assert [(one.segment, one.code) for one in read_837i(text)[1]] == [(3, "version")]
    newer = text.replace("004010X096A1", "005010X223A2").replace("*U*00401*", "*^*00501*")
    errors = [(one.segment, one.element) for one in read_837i(newer)[1] if one.is_error]
    first = 2  # what stands before the ST, from which the 997 counts
    assert {(57 + first, "SV202-1"), (57 + first, "SV202-2"), (59 + first, "SVD03-1"), (59 + first, "SVD03-2")} <= {
        *errors
    }


def test_no_mutation_gets_an_exception_out() -> None:
    dice = Random(837)
    for _ in range(2_000):
        report = check(mutate(dice, TEXT.encode()), "fuzz")
        assert report.transactions or report.errors
