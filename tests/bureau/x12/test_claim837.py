"""Professional claims: each loop finds its place by its qualifier, each defect is told at its segment."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from bureau.x12.claim837 import find_claims_at, iter_837, locate_claims, read_837
from bureau.x12.samples import generate_837, make_claim_sets, make_envelope
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimSet, LineDecision, ServiceLine
from bureau.x12.write837 import write_837
from config.problems import Problem
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, wrap

TEXT = wrap("837", CLAIM_HEAD + CLAIM)
NPI = "9999000018"


def full_set() -> ClaimSet:
    """Every field of every value filled in once."""
    billing = Party(
        "PRACTICE", id_kind="XX", id=NPI, street="1 MAIN", street2="SUITE 2", city="SALEM", state="OR",
        zip="973010002", tax_id="990000001", taxonomy="207Q00000X", contact="ANN", phone="5550100000",
        refs=(("0B", "L1"),),
    )  # fmt: skip
    subscriber = Party(
        "DOE", "JANE", "Q", "JR", True, "MI", "M1", "2 ELM", "", "SALEM", "OR", "973010003",
        birth=date(1970, 1, 31), sex="F",
    )  # fmt: skip
    child = replace(subscriber, first="JON", birth=date(2015, 2, 1), sex="M", id_kind="", id="")
    payer = Party("PAYER", id_kind="PI", id="P1", street="3 OAK", city="SALEM", state="OR", zip="97301",
                  refs=(("2U", "X2"),))  # fmt: skip
    line = ServiceLine(
        1, "G0463", 10_050, Decimal("1.5"), date(2026, 1, 2), date(2026, 1, 4), "HC", ("25", "59"),
        "UNLISTED THING", "UN", "12", (1, 2), "A1L1",
    )  # fmt: skip
    claim = Claim(
        "A1", 10_050, "11", "7", billing, subscriber, payer, "P", "CI", "GRP", "18", None, ("E119",
        "I10"), "10",
        [line],
        Party("ROE", "RAY", is_person=True, id_kind="XX", id=NPI, taxonomy="207Q00000X", refs=(("G2",
        "X9"),)),
        Party("REF", "ANN", is_person=True, id_kind="XX", id=NPI),
        Party("CLINIC", id_kind="XX", id=NPI, street="9 BAY", city="SALEM", state="OR", zip="973010004"),
        "AUTH1", "RFL1", "ICN1", "TRACE1",
    )  # fmt: skip
    younger = replace(
        claim,
        pcn="A2",
        relationship="19",
        patient=child,
        frequency="1",
        payer_icn="",
        lines=[replace(line, place="")],
    )
    older = replace(younger, pcn="A3", diagnosis_kind="9", diagnoses=("25000",))
    return ClaimSet(
        "0001", "REF1", datetime(2026, 3, 2, 9, 30, 15),
        Party("DESK", id_kind="46", id="SND", contact="ANN", phone="5550100000", email="ANN@DESK.EXAMPLE"),
        Party("HUB", id_kind="46", id="RCV"), [claim, younger, older],
    )  # fmt: skip


def test_a_full_set_comes_back_and_is_accepted() -> None:
    text = write_837(make_envelope(), [full_set()])
    assert read_837(text) == ([full_set()], [])
    assert judge(text.replace("ANN@DESK.EXAMPLE", "ANN")) == (True, [])


def test_what_the_bench_writes_is_accepted() -> None:
    assert judge(generate_837(60)) == (True, [])


def test_hierarchy_of_a_family_under_two_practices() -> None:
    one = full_set()
    other = replace(one.claims[0].billing, name="OTHER")
    one.claims.insert(1, replace(one.claims[0], pcn="B1", billing=other))
    text = write_837(make_envelope(), [one])
    levels = [segment for segment in text.split("~\n") if segment.startswith("HL")]
    assert levels == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0", "HL*5**20*1", "HL*6*5*22*0"]
    assert [claim.pcn for claim in read_837(text)[0][0].claims] == ["A1", "A2", "A3", "B1"]
    assert judge(text.replace("ANN@DESK.EXAMPLE", "ANN"))[0]


def test_equal_billing_parties_share_one_level_though_they_are_two_objects() -> None:
    one = full_set()
    one.claims[1] = replace(one.claims[1], billing=replace(one.claims[1].billing))
    assert write_837(make_envelope(), [one]).count("**20*1") == 1


@pytest.mark.parametrize(
    ("old", "new", "code", "element"),
    [
        ("CLM*A1*100*", "CLM*A1*101*", "charge_sum", "CLM02"),
        ("CLM*A1*100*", "CLM*A1*1O0*", "bad_amount", "CLM02"),
        ("CLM*A1*100*", "CLM*A1**", "missing_amount", "CLM02"),
        ("CLM*A1*100*", "CLM**100*", "element_missing", "CLM01"),
        ("HI*ABK:E119~\n", "", "segment_missing", "HI"),
        ("LX*1", "LX*2", "line_sequence", "LX01"),
        ("G0463*100*", "G0463*100.005*", "bad_amount", "SV102"),
        ("SV1*HC:G0463*100*UN*1***1~\n", "", "segment_missing", "SV1"),
        ("*UN*1*", "*UN**", "bad_quantity", "SV104"),
        ("***1~", "***0~", "bad_pointer", "SV107"),
        ("***1~", "***1:13~", "bad_pointer", "SV107"),
        ("D8*20260115", "D8*20260230", "bad_date", "DTP03"),
        ("DTP*472*D8*20260115~\n", "", "date_missing", "DTP"),
        ("D8*19700131", "D8*19703101", "bad_date", "DMG02"),
        ("HL*2*1*22*0", "HL*3*1*22*0", "hl_sequence", "HL01"),
        ("HL*2*1*22*0", "HL*2*9*22*0", "hl_parent", "HL02"),
        ("HL*2*1*22*0", "HL*2**22*0", "hl_parent", "HL02"),
        ("HL*1**20*1", "HL*1*1*20*1", "hl_parent", "HL02"),
        ("HL*1**20*1", "HL*1**20*0", "hl_child", "HL04"),
        ("HL*2*1*22*0", "HL*2*1*22*1", "hl_child", "HL04"),
        ("HL*2*1*22*0", "HL*2*1*99*0", "hl_level", "HL03"),
        ("SBR*P*18*", "SBR*P**", "relationship_missing", "SBR02"),
        ("NM1*PR*2*PAYER*****PI*P1~\n", "", "loop_missing", "NM1"),
        ("NM1*85*2*PRACTICE", "NM1*87*2*PRACTICE", "loop_missing", "NM1"),
        ("LX*1~\nSV1*HC:G0463*100*UN*1***1~\nDTP*472*D8*20260115~\nREF*6R*A1L1~\n", "", "loop_missing", "LX"),
    ],
)
def test_each_defect_is_told(old: str, new: str, code: str, element: str) -> None:
    assert old in TEXT
    sets, problems = read_837(TEXT.replace(old, new), "f.x12")
    assert len(sets) == 1
    found = [problem for problem in problems if problem.code == code and problem.is_error]
    assert found, [problem.code for problem in problems]
    assert found[0].element == element
    assert found[0].segment
    assert "DOE" not in found[0].text + found[0].where
    assert found[0].where.startswith("f.x12 segment ")


def test_other_loops_do_not_leak_into_the_claim() -> None:
    """A second payer, a line provider and other dates stand where they are sent and change nothing else."""
    more = (
        CLAIM.replace(
            "LX*1",
            """DTP*431*D8*20260101
        REF*X4*99D0000000
        NTE*ADD*SEEN
        NM1*DQ*1*SUPER*VISOR****XX*9999000026
        SBR*S*18*******CI
        AMT*D*20
        OI***Y***Y
        NM1*IL*1*OTHER*PERSON****MI*M2
        N3*9 ELSEWHERE
        NM1*PR*2*OTHERPAYER*****PI*P2
        REF*F8*FOREIGN
        LX*1""",
        )
        + "NM1*82*1*LINE*PROVIDER****XX*9999000034\nREF*6R*NOT\nSVD*P2*20*HC:G0463**1\nDTP*573*D8*20260201"
    )
    [one], problems = read_837(wrap("837", CLAIM_HEAD + more))
    assert problems == []
    [claim] = one.claims
    [other], [line] = claim.other_payers, claim.lines
    assert (other.payer.id, other.subscriber.street, other.payer_icn, other.paid_cents) == (
        "P2", "9 ELSEWHERE", "FOREIGN", 2_000,
    )  # fmt: skip
    assert [(code, who.name, who.refs) for code, who in line.providers] == [("82", "LINE", (("6R", "NOT"),))]
    assert line.decisions == (LineDecision("P2", 2_000, "G0463", Decimal(1), date(2026, 2, 1)),)
    line.providers = line.decisions = claim.other_payers = ()
    claim.extras = claim.supervising = None
    assert one == read_837(TEXT)[0][0]


def test_a_repeated_claim_number_is_a_warning() -> None:
    _, problems = read_837(wrap("837", CLAIM_HEAD + CLAIM * 2))
    assert [(problem.code, problem.is_error) for problem in problems] == [("claim_duplicate", False)]


def test_a_payer_who_does_not_keep_to_his_component_separator() -> None:
    odd = CLAIM.replace("ABK:", "ABK>").replace("HC:", "HC>")
    [one], problems = read_837(wrap("837", CLAIM_HEAD + odd))
    assert one.claims[0].diagnoses == ("E119",)
    assert one.claims[0].lines[0].code == "G0463"
    assert [(problem.code, problem.is_error) for problem in problems] == [("component_separator", False)]


def test_institutional_and_old_claims_are_refused_with_their_version() -> None:
    for version in ("005010X223A2", "004010X098A1"):
        sets, problems = read_837(TEXT.replace("005010X222A1", version))
        assert (sets, [problem.code for problem in problems]) == ([], ["version"])


@pytest.mark.parametrize("count", [1, 3, 40])
def test_loops_come_back_as_often_as_they_were_sent(count: int) -> None:
    [line] = [CLAIM[CLAIM.index("LX*1") :]]
    body = CLAIM[: CLAIM.index("LX*1")].replace("*100*", f"*{100 * count}*")
    many = "".join(line.replace("LX*1", f"LX*{at}") for at in range(1, count + 1))
    claims = "".join((body + many).replace("CLM*A1", f"CLM*A{at}") for at in range(count))
    [one], problems = read_837(wrap("837", CLAIM_HEAD + claims))
    assert problems == []
    assert [len(claim.lines) for claim in one.claims] == [count] * count


@pytest.mark.parametrize(
    "change",
    [
        {"pcn": ""}, {"pcn": "X" * 21}, {"lines": []}, {"diagnoses": ("E119",) * 13},
        {"lines": [ServiceLine(1, "G0463", 1, Decimal(1), None, modifiers=("1",) * 5)]},
        {"lines": [ServiceLine(1, "G0463", 1, Decimal(1), None, pointers=(1,) * 5)]},
    ],
)  # fmt: skip
def test_what_an_837_cannot_hold_is_not_written(change: dict[str, object]) -> None:
    one = full_set()
    one.claims = [replace(one.claims[0], **change)]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"claim|line"):
        write_837(make_envelope(), [one])


def test_nothing_in_the_data_can_break_the_file() -> None:
    """Delimiters, control characters and accents in any field are cleaned, so the structure stays."""
    evil = "a*b~IEA*1:c^d\r\né\x00Łß"
    one = full_set()
    claim = one.claims[0]
    line = replace(claim.lines[0], code=evil, modifiers=(evil,), description=evil, unit=evil, place=evil, control=evil)
    person = replace(claim.subscriber, name=evil, first=evil, street=evil, city=evil, sex=evil, id=evil)
    one.claims = [
        replace(
            claim, pcn="P*1~", billing=replace(claim.billing, name=evil, taxonomy=evil, refs=((evil,
            evil),)),
            subscriber=person, payer=replace(claim.payer, name=evil, id_kind=evil), lines=[line],
            place=evil,
            group_number=evil, filing_code=evil, diagnoses=(evil,), signature=evil, prior_auth=evil,
        )
    ]  # fmt: skip
    text = write_837(make_envelope(), [one])
    clean = write_837(make_envelope(), [replace(one, claims=[replace(claim, payer_icn="ICN1")])])
    assert text.isascii()
    assert text.upper() == text
    segments = [raw.split("*")[0] for raw in text.split("~\n")]
    expected = [raw.split("*")[0] for raw in clean.split("~\n")]
    assert [name for name in segments if name != "REF"] == [name for name in expected if name != "REF"]
    assert not any(raw.endswith(("*", ":")) for raw in text.split("~\n")[1:])
    assert read_837(text)[0][0].claims[0].subscriber.name == "A B IEA 1 C D E LSS"


def test_the_stream_says_what_the_whole_says() -> None:
    text = generate_837(30) + wrap("837", CLAIM_HEAD + CLAIM.replace("*100*", "*101*", 1), control="000000002")
    whole, problems = read_837(text)
    streamed = list(iter_837(io.StringIO(text)))
    assert streamed == list(iter_837([text]))
    assert [one for one in streamed if isinstance(one, Claim)] == [claim for one in whole for claim in one.claims]
    assert [one for one in streamed if isinstance(one, ClaimSet)] == [replace(one, claims=[]) for one in whole]
    assert [one for one in streamed if isinstance(one, Problem)] == problems
    assert [problem.code for problem in problems] == ["charge_sum"]


def test_claims_are_located_where_they_were_read() -> None:
    text = generate_837(30)
    [one], _ = read_837(text)
    assert locate_claims(text) == {claim.pcn: (claim.first_segment, claim.last_segment) for claim in one.claims}
    claim = one.claims[7]
    at = claim.first_segment - one.first_segment + 1
    assert find_claims_at(text, "0001", at) == [claim.pcn]
    assert find_claims_at(text, "0001", claim.last_segment - one.first_segment + 1) == [claim.pcn]
    assert find_claims_at(text, "0001", at - 1) == [claim.pcn]  # its patient or payer
    assert find_claims_at(text, "0001", 2) == [each.pcn for each in one.claims]
    assert find_claims_at(text, "0001", 99_999) == []
    assert find_claims_at(text, "7777", 2) == []


def test_a_provider_level_concerns_all_its_claims() -> None:
    text = generate_837(8)
    provider = [at for at, raw in enumerate(text.split("~\n"), 1) if "**20*" in raw][1]
    assert find_claims_at(text, "0001", provider - 2) == ["T00000000002", "T00000000003"]


def test_same_seed_same_bytes() -> None:
    assert generate_837(20, seed=3) == generate_837(20, seed=3) != generate_837(20, seed=4)
    assert read_837(generate_837(50)) == (make_claim_sets(50), [])
