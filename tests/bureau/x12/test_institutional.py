"""837I: what a hospital bills, read whole, judged, and compared with what somebody else's library reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
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
from bureau.x12.values import Adjustment, Party
from bureau.x12.values837 import (
    Attachment,
    ClaimExtras,
    Condition,
    Contract,
    Dated,
    Drug,
    LineDecision,
    LineExtras,
    OtherPayer,
    Repricing,
)
from bureau.x12.values837i import (
    CodedDiagnosis,
    DatedCode,
    InstitutionalClaim,
    InstitutionalLine,
    InstitutionalSet,
    ValueCode,
)
from config.problems import Problem
from tests.bureau.x12.test_fuzz import mutate
from tests.bureau.x12.texts import wrap
from tests.support.samples import find_samples, sample_name

VALID = find_samples("x12/837i/*.837i")
TRAILERS, BLANKS = (find_samples(f"x12/837i/*{name}.edi") for name in ("trailer_errors", "blank1"))
HEAD = """
    BHT*0019*00*REF1*20260302*0930*CH
    NM1*41*2*DESK*****46*SND
    PER*IC*ANN*TE*5550100000
    NM1*40*2*HUB*****46*RCV
    HL*1**20*1
    PRV*BI*PXC*282N00000X
    NM1*85*2*HOSPITAL*****XX*9999000018
    N3*1 MAIN STREET
    N4*SALEM*OR*973010002
    REF*EI*990000001
    NM1*87*2
    N3*PO BOX 1
    N4*SALEM*OR*973010009
    HL*2*1*22*1
    SBR*P**GRP1*GOLD PLAN*****CI
    NM1*IL*1*DOE*JANE****MI*M1
    NM1*PR*2*PAYER*****PI*P1
    REF*G2*77
    HL*3*2*23*0
    PAT*19
    NM1*QC*1*DOE*JOHN
    N3*2 ELM STREET
    N4*SALEM*OR*973010003
    DMG*D8*20100501*M
"""
CLAIM = """
    CLM*A1*1100.25***11:A:1**A*Y*Y***********7
    DTP*096*TM*1130
    DTP*434*RD8*20260110-20260114
    DTP*435*DT*202601101405
    DTP*050*D8*20260116
    CL1*1*7*01
    PWK*OZ*EL***AC*ATT1
    CN1*02*50
    AMT*F3*12.5
    REF*G1*AUTH1
    REF*9F*REFERRAL1
    REF*F8*ICN1
    REF*D9*TRACE1
    REF*EA*MED1
    K3*FILE NOTE
    NTE*ADD*A NOTE
    NTE*DCP*ANOTHER
    CRC*ZZ*Y*ST
    HI*ABK:K5730:::::::Y
    HI*ABJ:R1030
    HI*APR:R1030*APR:R112
    HI*ABN:W19XXXA:::::::N*ABN:Y92230
    HI*DR:330
    HI*ABF:E119:::::::Y*ABF:I10:::::::U
    HI*ABF:J449
    HI*BBR:0DTN0ZZ:D8:20260111
    HI*BBQ:0DJD8ZZ:D8:20260112*BBQ:3E0336Z:D8:20260113
    HI*BI:70:RD8:20251201-20251205
    HI*BH:11:D8:20260109*BH:A1:D8:19700131
    HI*BE:01:::850.5*BE:80:::4
    HI*BG:07*BG:C5
    HI*TC:A2
    HCP*00*900.5*199.75*ORG1
    NM1*71*1*ROE*RAY****XX*9999000026
    PRV*AT*PXC*207R00000X
    REF*0B*LIC1
    NM1*72*1*LEE*ANN****XX*9999000034
    NM1*ZZ*1*POE*IDA****XX*9999000042
    NM1*82*1*FAY*MAX****XX*9999000059
    NM1*77*2*OTHER CAMPUS*****XX*9999000067
    N3*9 HILL ROAD
    N4*SALEM*OR*973010007
    NM1*DN*1*KAY*SUE****XX*9999000075
    SBR*S*18*GRP2*SILVER*****MB
    CAS*PR*1*100**2*50.25
    AMT*D*900
    AMT*EAF*150.25
    AMT*A8*50
    OI***Y***Y
    MIA*4***1000***********0**MA01
    MOA***MA07
    NM1*IL*1*DOE*JIM****MI*M2
    NM1*PR*2*OTHER PAYER*****PI*P2
    DTP*573*D8*20260201
    REF*F8*ICN2
    NM1*71*1
    REF*G2*X1
    LX*1
    SV2*0120**1000*DA*4**25.5
    LX*2
    SV2*0250*HC:J1885:JW:59:::KETOROLAC*100.25*UN*2.5
    PWK*OB*BM***AC*ATT2
    DTP*472*RD8*20260111-20260112
    REF*6R*A1L2
    REF*9D*ADJ
    AMT*GT*1.1
    AMT*N8*2.2
    NTE*TPO*LINE NOTE
    HCP*00*90
    LIN**N4*00011122233
    CTP****2*ML
    REF*XZ*RX1
    NM1*72*1*LEE*ANN****XX*9999000034
    REF*0B*LIC2
    SVD*P2*80.25*HC:J1885*0250*2.5*3
    CAS*CO*45*20
    DTP*573*D8*20260201
    AMT*EAF*5
"""


def person(name: str, first: str, number: str, segment: int, **more: object) -> Party:
    return Party(name, first, is_person=True, id_kind="XX", id=number, segment=segment, **more)  # type: ignore[arg-type]


EXPECTED = InstitutionalClaim(
    "A1", 110_025, "11", "1",
    Party("HOSPITAL", id_kind="XX", id="9999000018", street="1 MAIN STREET", city="SALEM", state="OR", zip="973010002",
          tax_id="990000001", taxonomy="282N00000X"),
    Party("DOE", "JANE", is_person=True, id_kind="MI", id="M1"),
    Party("PAYER", id_kind="PI", id="P1", refs=(("G2", "77"),)),
    "P", "CI", "GRP1", "GOLD PLAN", "19",
    Party("DOE", "JOHN", is_person=True, street="2 ELM STREET", city="SALEM", state="OR", zip="973010003",
          birth=date(2010, 5, 1), sex="M"),
    pay_to=Party(street="PO BOX 1", city="SALEM", state="OR", zip="973010009"),
    assignment="A", benefits="Y", release="Y",
    statement_from=date(2026, 1, 10), statement_to=date(2026, 1, 14),
    admitted=date(2026, 1, 10), admission_hour="1405", discharge_hour="1130",
    admission_type="1", admission_source="7", patient_status="01",
    principal=CodedDiagnosis("K5730", "Y"), admitting="R1030", reasons=("R1030", "R112"),
    external_causes=(CodedDiagnosis("W19XXXA", "N"), CodedDiagnosis("Y92230")),
    other_diagnoses=(CodedDiagnosis("E119", "Y"), CodedDiagnosis("I10", "U"), CodedDiagnosis("J449")),
    drg="330", principal_procedure=DatedCode("0DTN0ZZ", date(2026, 1, 11)),
    procedures=(DatedCode("0DJD8ZZ", date(2026, 1, 12)), DatedCode("3E0336Z", date(2026, 1, 13))),
    occurrence_spans=(DatedCode("70", date(2025, 12, 1), date(2025, 12, 5)),),
    occurrences=(DatedCode("11", date(2026, 1, 9)), DatedCode("A1", date(1970, 1, 31))),
    value_codes=(ValueCode("01", 85_050), ValueCode("80", 400)),
    condition_codes=("07", "C5"), treatment_codes=("A2",),
    attending=person("ROE", "RAY", "9999000026", 0, taxonomy="207R00000X", refs=(("0B", "LIC1"),)),
    operating=person("LEE", "ANN", "9999000034", 0), other_operating=person("POE", "IDA", "9999000042", 0),
    rendering=person("FAY", "MAX", "9999000059", 0),
    facility=Party("OTHER CAMPUS", id_kind="XX", id="9999000067", street="9 HILL ROAD", city="SALEM", state="OR",
                   zip="973010007"),
    referring=person("KAY", "SUE", "9999000075", 0),
    prior_auth="AUTH1", referral="REFERRAL1", payer_icn="ICN1", trace="TRACE1", patient_due_cents=1250,
    notes=(("ADD", "A NOTE"), ("DCP", "ANOTHER")),
    other_payers=(
        OtherPayer(
            Party("OTHER PAYER", id_kind="PI", id="P2"), Party("DOE", "JIM", is_person=True, id_kind="MI", id="M2"),
            "S", "18", "GRP2", "SILVER", "", "MB",
            (Adjustment("PR", "1", 10_000), Adjustment("PR", "2", 5_025)), 90_000, 5_000, 15_025,
            "Y", "", "Y", ("", "", "MA07"), date(2026, 2, 1), "ICN2",
            providers=(("71", Party(is_person=True, refs=(("G2", "X1"),))),),
            mia=("4", "", "", "1000", *[""] * 10, "0", "", "MA01"),
        ),
    ),
    lines=[
        InstitutionalLine(1, "0120", 100_000, Decimal(4), "DA", noncovered_cents=2_550),
        InstitutionalLine(
            2, "0250", 10_025, Decimal("2.5"), "UN", "J1885", "HC", ("JW", "59"), "KETOROLAC", None,
            date(2026, 1, 11), date(2026, 1, 12), "A1L2", 110, 220,
            Drug("00011122233", Decimal(2), "ML", "RX1", "XZ"),
            (("72", person("LEE", "ANN", "9999000034", 0, refs=(("0B", "LIC2"),))),),
            (
                LineDecision("P2", 8_025, "J1885", Decimal("2.5"), date(2026, 2, 1), bundled_into="3",
                             adjustments=(Adjustment("CO", "45", 2_000),), remaining_cents=500, revenue="0250"),
            ),
            LineExtras(
                attachments=(Attachment("OB", "BM", "ATT2"),), refs=(("9D", "ADJ"),), notes=(("TPO", "LINE NOTE"),),
                repricing=Repricing("00", 9_000),
            ),
        ),
    ],
    extras=ClaimExtras(
        delay_reason="7", dates=(Dated("050", date(2026, 1, 16)),), attachments=(Attachment("OZ", "EL", "ATT1"),),
        contract=Contract("02", 5_000), refs=(("EA", "MED1"),), file_notes=("FILE NOTE",),
        conditions=(Condition("ZZ", True, ("ST",)),), repricing=Repricing("00", 90_050, 19_975, "ORG1"),
    ),
)  # fmt: skip
TEXT = wrap("837I", HEAD + CLAIM)
SMALL = """
    CLM*A1*100***13:A:1**A*Y*Y
    DTP*434*RD8*20260110-20260110
    CL1*1*7*01
    HI*ABK:K5730
    LX*1
    SV2*0450*HC:G0463*100*UN*1
    DTP*472*D8*20260110
"""


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
        assert [line.revenue for line in mine.lines] == [one.sv2_segment.service_line_revenue_code for one in other.loop_2400]
        assert [Decimal(format_cents(line.charge_cents)) for line in mine.lines] == [
            one.sv2_segment.line_item_charge_amount for one in other.loop_2400
        ]


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
