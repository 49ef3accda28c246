"""All that a professional claim may say: read from the text, written in the guide's order, taken by the judge."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from bureau.x12.check import check
from bureau.x12.claim837 import read_837, write_837
from bureau.x12.samples import make_envelope
from bureau.x12.scalars import format_quantity
from bureau.x12.values import Adjustment
from bureau.x12.values837 import (
    Accident,
    Attachment,
    Claim,
    ClaimExtras,
    Condition,
    Form,
    LineExtras,
)
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, wrap
from tests.bureau.x12.whole837 import decision, other_payer, place, set_of, whole_claim, whole_line
from tests.soak.mutations import mutate
from tests.support.samples import find_samples, sample_name


def segments(text: str) -> list[str]:
    return text.rstrip().rstrip("~").split("~\n")


def assert_comes_back(*claims: Claim) -> str:
    one = set_of(*claims)
    text = write_837(make_envelope(), [one])
    assert read_837(text) == ([one], [])
    return text


def test_nothing_of_a_whole_claim_is_at_its_default() -> None:
    """So that the tests below leave no field out."""
    claim = whole_claim()
    assert claim.extras is not None
    assert claim.extras.ambulance is not None
    values = [claim, claim.extras, claim.other_payers[0], claim.accident, *claim.lines[:1], claim.lines[0].extras,
              claim.lines[0].decisions[0], claim.lines[0].drug]  # fmt: skip
    same = {
        f"{type(value).__name__}.{field.name}"
        for value in values
        for field in fields(value)  # type: ignore[arg-type]
        if field.compare and getattr(value, field.name) in (None, "", (), False)
    }
    assert same == {"LineDecision.revenue", "OtherPayer.mia"}  # which no professional claim has


def accept(text: str) -> None:
    """The judge takes every PWK*CT for one of the first kind, and so does not know a certificate's NS."""
    assert judge(text.replace("PWK*CT*NS", "PWK*CT*AA")) == (True, [])


def test_a_whole_claim_comes_back_and_is_accepted() -> None:
    text = assert_comes_back(whole_claim())
    accept(text)
    report = check(text.encode(), "whole.x12")
    assert (report.claims, report.errors, report.warnings) == (1, [], [])


def test_the_order_of_segments_is_that_of_the_guide() -> None:
    text = assert_comes_back(replace(whole_claim(), lines=[whole_line(1)], charge_cents=10_000, other_payers=()))
    parts = [row.split("*")[:2] for row in segments(text)]
    body = [name + kind[:3] if name in ("NM1", "REF", "DTP") else name for name, kind in parts]
    claim = body[body.index("CLM") : body.index("LX")]
    assert " ".join(claim) == (
        "CLM DTP439 DTP431 DTP435 DTP090 PWK PWK CN1 AMT REF9F REFG1 REFF8 REFD9 REF4N REFX4 REFEA REFP4 K3 NTE "
        "CR1 CR2 CRC CRC HI HI HI HCP NM1DN REFG2 NM1P3 NM182 PRV REFG2 NM177 N3 N4 REFLU PER NM1DQ REFLU "
        "NM1PW N3 N4 NM145 N3 N4"
    )
    line = body[body.index("LX") : body.index("SE")]
    assert " ".join(line) == (
        "LX SV1 SV5 PWK PWK CR1 CR3 CRC CRC CRC DTP472 DTP471 DTP607 DTP738 DTP739 QTY QTY MEA MEA CN1 REF6R REF9B "
        "REFG1 REFG1 REFX4 REF9F REFG1 AMT AMT K3 NTE NTE PS1 HCP LIN CTP REFXZ NM182 PRV REFG2 REFG2 NM1QB "
        "NM177 N3 N4 REFG2 NM1DQ NM1DK N3 N4 REFG2 PER NM1DN NM1P3 NM1PW N3 N4 NM145 N3 N4 "
        "SVD CAS CAS DTP573 AMT SVD CAS CAS DTP573 AMT LQ FRM FRM FRM"
    )


def test_what_belongs_to_one_level_opens_a_level_of_its_own() -> None:
    """Claims that differ in what 2000A, 2000B or 2000C say of them must not share it."""
    claim = whole_claim()
    others = [
        replace(claim, pcn="B1", pay_to=place(street2="FLOOR 3")),
        replace(claim, pcn="B2", plan_name="PLAN2"),
        replace(claim, pcn="B3", died=None),
        replace(claim, pcn="B4", relationship="01"),
        replace(claim, pcn="B5", patient=None, relationship="18", pregnant=False),
        replace(claim, pcn="B6", patient=None, relationship="18", weight_pounds=None),
    ]
    text = write_837(make_envelope(), [set_of(claim, *others)])
    accept(text)
    [one], problems = read_837(text)
    assert problems == []
    assert sorted(one.claims, key=lambda each: each.pcn) == [claim, *others]
    assert [row.split("*")[3] for row in segments(text) if row.startswith("HL")] == [
        "20", "22", "23", "22", "23", "22", "23", "23", "22", "22", "20", "22", "23",
    ]  # fmt: skip


@pytest.mark.parametrize("pays", ["A1", "F8", "D8"])
def test_frequency_and_the_number_it_needs_are_written_as_given(pays: str) -> None:
    for frequency in ("7", "8"):
        text = assert_comes_back(replace(whole_claim(), frequency=frequency, payer_icn=pays))
        assert f"REF*F8*{pays}" in segments(text)
        assert f":B:{frequency}*" in text
    assert "REF*F8" not in write_837(make_envelope(), [set_of(replace(whole_claim(), payer_icn="", other_payers=()))])


def test_anesthesia_is_minutes_with_its_procedures() -> None:
    line = replace(whole_line(1), code="G0500", unit="MJ", units=Decimal(47), place="22", date_to=None, extras=None)
    claim = replace(whole_claim(), lines=[line], charge_cents=10_000)
    text = assert_comes_back(claim)
    assert "HI*BP:A0100*BO:A0110" in segments(text)
    assert any(row.startswith("SV1*HC:G0500") and "*MJ*47*22**" in row for row in segments(text))
    accept(text)


THREE = """
    CLM*A1*300***11:B:1*Y*A*Y*Y
    {claim}
    HI*ABK:E119*ABF:I10*ABF:Z0000
    HI*BG:01*BG:02*BG:03
    {providers}
    {payers}
    {lines}
"""
LINE = """
    LX*{at}
    SV1*HC:G0463*100*UN*1***1
    {more}
"""
PAYER = """
    SBR*{rank}*18*******CI
    CAS*CO*45*1*1*24*2*2*29*3*3
    CAS*OA*23*4
    CAS*PR*1*5
    AMT*D*20
    OI***Y***Y
    NM1*IL*1*DOE*JANE****MI*M{rank}
    NM1*PR*2*PAYER*****PI*P{rank}
    REF*2U*A
    REF*EI*B
    REF*FY*C
    NM1*DN*1
    REF*G2*A
    REF*G2*B
    REF*G2*C
    NM1*82*1
    REF*G2*A
    NM1*85*1
    REF*G2*A
"""
DECISION = """
    SVD*P{rank}*10*HC:G0463:25:59:76**1
    CAS*CO*45*1**24*2**29*3
    CAS*OA*23*4
    CAS*PR*1*5
    DTP*573*D8*20260201
"""


def thrice(*rows: str) -> str:
    """Each row three times, told apart by a digit in place of the #."""
    return "\n".join(row.replace("#", digit) for row in rows for digit in "123")


def three_of_everything() -> str:
    line = thrice(
        "PWK*OZ*EL***AC*A#", "CRC*07*Y*0#*05*06", "DTP*73#*D8*2026010#", "QTY*P#*2", "MEA*TR*R#*10", "REF*G1*A#",
        "REF*9F*B#**2U:P#", "K3*NOTE #", "NTE*ADD*NOTE #",
    )  # fmt: skip
    names = thrice("NM1*8#*1*ROE*RAY****XX*9999000018\nREF*G2*A\nREF*G2*B\nREF*G2*C")
    forms = thrice("LQ*UT*0#\nFRM*1*Y\nFRM*2*N\nFRM*3**TEXT")
    decisions = "".join(DECISION.format(rank=rank) for rank in "PST")
    more = f"{line}\nDTP*472*D8*20260115\n{names}\n{decisions}\n{forms}"
    claim = thrice("DTP*45#*D8*2026010#", "PWK*OZ*EL***AC*A#", "REF*E#*X", "K3*NOTE #", "CRC*E#*Y*L1*L2*L3")
    names = thrice("REF*G2*#")
    providers = "\n".join(f"NM1*{code}*1*ROE*RAY****XX*9999000018\n{names}" for code in ("DN", "P3", "82", "DQ"))
    return THREE.format(
        claim=claim, providers=providers, payers="".join(PAYER.format(rank=rank) for rank in "PST"),
        lines="".join(LINE.format(at=at, more=more) for at in (1, 2, 3)),
    )  # fmt: skip


def test_three_of_everything_come_back_as_three() -> None:
    text = wrap("837", CLAIM_HEAD + three_of_everything() * 3)
    [one], problems = read_837(text)
    assert {problem.code for problem in problems} <= {"claim_duplicate"}
    assert len(one.claims) == 3
    claim = one.claims[2]
    extras, line, other = claim.extras, claim.lines[2], claim.other_payers[2]
    assert extras is not None
    assert line.extras is not None
    runs = [
        claim.diagnoses, claim.lines, claim.other_payers, extras.dates, extras.attachments, extras.refs,
        extras.file_notes, extras.conditions, extras.conditions[2].codes, extras.condition_codes,
        other.payer.refs, other.providers, other.providers[0][1].refs, line.extras.attachments, line.extras.conditions,
        line.extras.dates, line.extras.quantities, line.extras.measures, line.extras.refs, line.extras.payer_refs,
        line.extras.file_notes, line.extras.notes, line.extras.forms, line.extras.forms[2].answers, line.providers,
        line.providers[2][1].refs, line.decisions, line.decisions[2].modifiers,
    ]  # fmt: skip
    assert [len(run) for run in runs] == [3] * len(runs)
    assert [len(run) for run in (other.adjustments, line.decisions[2].adjustments)] == [5, 5]
    assert claim.rendering is not None
    assert len(claim.rendering.refs) == 3
    copies = [replace(each, pcn=f"A{at}") for at, each in enumerate(one.claims)]
    assert_comes_back(*copies)


P837 = [path for path in find_samples("x12/837p/*") if path.suffix == ".837" or "moov" in path.name]


def plain(row: str) -> str:
    """A segment without what the writer does differently: case, idle zeros, other separators, a day as a span."""
    row = re.sub(r"[<>]", ":", row.strip().upper())
    row = re.sub(r"RD8\*(\d{8})-\1", r"D8*\1", row).replace("41::1", "41:B:1").replace("*09460000*", "*0946*")
    return re.sub(r"(?<=\*)\d+\.\d+(?=\*|$)", lambda found: format_quantity(Decimal(found[0])), row)


@pytest.mark.parametrize("path", P837, ids=sample_name)
def test_samples_of_others_are_carried_whole(path: Path) -> None:
    """Every segment from the first claim level on comes back, but an amount (F2) that 005010 has no place for."""
    text = path.read_text(encoding="utf-8")
    sets, problems = read_837(text)
    assert [problem.element for problem in problems if problem.code == "not_carried"] == ["AMT"] * text.count("AMT*F2")
    assert not any(problem.is_error for problem in problems)
    written = segments(write_837(make_envelope(), sets))
    sent = [plain(row) for row in text.split("~") if row.strip() and "AMT*F2" not in row]
    levels = ("ISA", "GS", "SE", "IEA", "GE", "HL")
    missing = {row for row in sent if not row.startswith(levels)} - {plain(row) for row in written}
    assert missing == set()


@pytest.mark.parametrize(
    "row",
    [
        "DTP*431*D8*20260101",
        "REF*X4*99D0000000",
        "PWK*OZ*EL***AC*A1",
        "NTE*ADD*SEEN",
        "K3*NOTE",
        "CR1*LB*1**A*DH*2",
        "CN1*01",
        "CRC*07*Y*01",
        "HCP*01*1",
        "SV5*HC:E1390*DA*1*1*1*4",
        "CR3*R*MO*1",
        "QTY*PT*1",
        "MEA*TR*R1*1",
        "PS1*X*1",
        "LQ*UT*1",
        "FRM*1*Y",
        "LIN**N4*1",
        "CTP****1*UN",
        "AMT*T*1",
        "AMT*EAF*1",
        "CAS*CO*45*1",
        "DTP*573*D8*20260101",
        "SVD*P2*1*HC:G0463**1",
        "HI*ABK:E119",
        "DMG*D8*19700101*F",
    ],
)
def test_what_stands_before_its_service_is_told(row: str) -> None:
    text = wrap("837", CLAIM_HEAD + CLAIM.replace("SV1*", f"{row}\nSV1*"))
    [one], problems = read_837(text)
    told = [(problem.code, problem.element, problem.loop[:2]) for problem in problems]
    assert told == [("not_carried", row.partition("*")[0], "24")]
    assert one.claims == read_837(wrap("837", CLAIM_HEAD + CLAIM))[0][0].claims


@pytest.mark.parametrize(
    ("old", "new", "code", "element"),
    [
        ("CAS*CO*45*30", "CAS*CO*45*3O", "bad_amount", "CAS03"),
        ("CAS*CO*45*30", "CAS*CO*45", "missing_amount", "CAS03"),
        ("CAS*PR*2*10", "CAS*PR", "element_missing", "CAS02"),
        ("SVD*P2*50*", "SVD*P2**", "missing_amount", "SVD02"),
        ("SVD*P2*50*HC:A0427:RH::::TRIP**1*2", "SVD*P2*50*HC:A0427:RH::::TRIP***2", "bad_quantity", "SVD05"),
        ("AMT*D*95", "AMT*D", "missing_amount", "AMT02"),
        ("DTP*573*D8*20260102", "DTP*573*D8*20260231", "bad_date", "DTP03"),
        ("CTP****7.25*ML", "CTP****X*ML", "bad_quantity", "CTP04"),
        ("CR3*R*MO*12", "CR3*R*MO", "bad_quantity", "CR303"),
        ("PS1*99PROV*25", "PS1*99PROV", "missing_amount", "PS102"),
        ("HCP*03*40*10", "HCP*03*4O*10", "bad_amount", "HCP02"),
    ],
)
def test_a_defect_in_a_detail_is_told_at_its_element(old: str, new: str, code: str, element: str) -> None:
    text = write_837(make_envelope(), [set_of(whole_claim())])
    assert old in text
    _, problems = read_837(text.replace(old, new, 1), "f.x12")
    told = [problem for problem in problems if problem.code == code and problem.is_error]
    assert (told[0].element, bool(told[0].segment)) == (element, True), problems


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("claim", {"other_payers": (other_payer("P", "P2"),) * 11}),
        ("claim", {"accident": Accident(("AA", "EM", "OA", "AP"))}),
        ("extras", {"anesthesia": ("1", "2", "3")}),
        ("extras", {"condition_codes": ("1",) * 25}),
        ("extras", {"attachments": (Attachment("OZ", "AA"),) * 11}),
        ("extras", {"conditions": (Condition("07", True, ("1",) * 6),)}),
        ("line", {"decisions": (decision("P2"),) * 16}),
        ("line", {"decisions": (replace(decision("P2"), adjustments=(Adjustment("CO", "45", 1),) * 31),)}),
        ("line", {"extras": LineExtras(file_notes=("A",) * 11)}),
        ("line", {"extras": LineExtras(forms=(Form("UT", "1", (("1", "Y", "", "", ""),) * 100),))}),
        ("line", {"providers": (("DK", place(contact="A", phone="5", extension="5", fax="5", email="E@X.EXAMPLE")),)}),
    ],
)
def test_more_than_there_is_room_for_is_not_written(part: str, change: dict[str, object]) -> None:
    claim = whole_claim()
    if part == "line":
        claim.lines[0] = replace(claim.lines[0], **change)  # type: ignore[arg-type]
    elif part == "extras":
        claim.extras = replace(claim.extras or ClaimExtras(), **change)  # type: ignore[arg-type]
    else:
        claim = replace(claim, **change)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"up to|room"):
        write_837(make_envelope(), [set_of(claim)])


def test_no_disorder_gets_an_exception_out() -> None:
    """Segments of a whole claim swapped, and bytes of it broken: what is read is written, or cannot be."""
    text = write_837(make_envelope(), [set_of(whole_claim())])
    dice = Random(837)
    for round_ in range(400):
        rows = text.split("~\n")
        a, b = dice.randrange(4, len(rows) - 4), dice.randrange(4, len(rows) - 4)
        rows[a], rows[b] = rows[b], rows[a]
        broken = "~\n".join(rows) if round_ % 2 else mutate(dice, text.encode()).decode("latin-1")
        sets, problems = read_837(broken)
        assert sets or problems
        with suppress(ValueError):
            assert write_837(make_envelope(), sets).startswith("ISA*")


def test_parties_and_lines_know_their_place_in_the_file() -> None:
    text = write_837(make_envelope(), [set_of(whole_claim())])
    rows = segments(text)
    [claim] = read_837(text)[0][0].claims
    other = claim.other_payers[0]
    parties = [claim.billing, claim.pay_to, claim.pay_to_plan, claim.subscriber, claim.payer, claim.patient,
               claim.rendering, claim.supervising, other.subscriber, other.payer, other.providers[0][1],
               claim.lines[1].providers[0][1]]  # fmt: skip
    codes = [rows[party.segment - 1].split("*")[:2] for party in parties if party is not None]
    assert codes == [["NM1", code] for code in ("85", "87", "PE", "IL", "PR", "QC", "82", "DQ", "IL", "PR", "DN", "82")]
    assert [rows[line.segment - 1] for line in claim.lines] == ["LX*1", "LX*2"]
