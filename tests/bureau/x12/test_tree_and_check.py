"""The tree of a file as a page shows it, and the report of a check as a command prints it."""

from __future__ import annotations

import pytest

from bureau.x12.check import check
from bureau.x12.findings import MOST
from bureau.x12.samples import generate_835, generate_837
from bureau.x12.syntax import X12Error
from bureau.x12.tree import reemit, tree
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, PAID, REMIT_HEAD, wrap

CLAIM_TEXT = wrap("837", CLAIM_HEAD + CLAIM)
COB = CLAIM.replace(
    "LX*1",
    "NM1*82*1*ROE*RAY\nPRV*PE*PXC*1\nSBR*S*18\nOI***Y***Y\nNM1*IL*1*DOE*JIM\nNM1*PR*2*OTHER\nREF*F8*1\nLX*1",
)


def test_every_segment_of_a_claim_file_is_in_its_loop() -> None:
    text = wrap("837", CLAIM_HEAD + COB + "NM1*82*1*LINE\nSVD*P2*1*HC:G0463**1\nDTP*573*D8*20260101")
    assert [f"{'  ' * node.depth}{node.id} {node.loop}" for node in tree(text)] == [
        "ISA ISA", "  GS GS", "    ST ST", "      BHT ST", "      NM1 1000A", "        PER 1000A",
        "      NM1 1000B",
        "      HL 2000A", "        PRV 2000A", "        NM1 2010AA", "          N3 2010AA",
        "          N4 2010AA",
        "          REF 2010AA", "        HL 2000B", "          SBR 2000B", "          NM1 2010BA",
        "            N3 2010BA", "            N4 2010BA", "            DMG 2010BA", "          NM1 2010BB",
        "          CLM 2300", "            HI 2300", "            NM1 2310B", "              PRV 2310B",
        "            SBR 2320", "              OI 2320", "              NM1 2330A", "              NM1 2330B",
        "                REF 2330B", "            LX 2400", "              SV1 2400",
        "              DTP 2400",
        "              REF 2400", "              NM1 2420A", "              SVD 2430",
        "                DTP 2430",
        "    SE ST", "  GE GS", "IEA ISA",
    ]  # fmt: skip


def test_every_segment_of_a_remittance_is_in_its_loop() -> None:
    nodes = tree(wrap("835", REMIT_HEAD + PAID + "PLB*1*20261231*L6*-1"))
    loops = {(node.id, node.loop) for node in nodes}
    assert {("N1", "1000A"), ("PER", "1000A"), ("N1", "1000B"), ("REF", "1000B"), ("LX", "2000"), ("CLP",
        "2100"),
            ("NM1", "2100"), ("DTM", "2100"), ("SVC", "2110"), ("CAS", "2110"), ("PLB",
        "PLB")} <= loops  # fmt: skip
    assert all(node.name != "Unknown segment" and node.loop_name for node in nodes)
    assert [node.loop for node in nodes if node.opens] == [
        "ISA", "GS", "ST", "1000A", "1000B", "2000", "2100", "2110", "PLB",
    ]  # fmt: skip


def test_a_node_carries_what_a_page_needs() -> None:
    [claim] = [node for node in tree(CLAIM_TEXT) if node.id == "CLM"]
    assert (claim.position, claim.name, claim.loop_name, claim.opens) == (21, "Claim", "Claim", True)
    assert claim.elements[:2] == ("A1", "100")
    assert claim.raw.startswith("CLM*A1*100*")
    assert tree("no X12 at all") == []


@pytest.mark.parametrize("text", [CLAIM_TEXT, CLAIM_TEXT.replace("\n", ""), CLAIM_TEXT.replace("\n", "\r\n"),
                                  CLAIM_TEXT.replace("\n", "").replace("~", "\n"), CLAIM_TEXT[:-1],
                                  generate_837(4), generate_835(4)])  # fmt: skip
def test_clean_files_come_back_byte_for_byte(text: str) -> None:
    assert reemit(text) == text


def test_reemission_needs_an_isa() -> None:
    with pytest.raises(X12Error):
        reemit("GS*HC")


def test_a_clean_file_has_a_short_report() -> None:
    report = check(generate_837(12).encode(), "a.837")
    assert (report.file, report.kind, report.transactions, report.claims) == ("a.837", "837", 1, 12)
    assert (report.errors, report.warnings) == ([], [])
    report = check(generate_835(12).encode(), "a.835")
    assert (report.kind, report.transactions, report.claims, report.errors) == ("835", 1, 12, [])


def test_a_problem_has_all_that_a_row_needs() -> None:
    data = CLAIM_TEXT.replace("CLM*A1*100*", "CLM*A1*101*").encode()
    [problem] = check(data, "b.837").errors
    assert (problem.where, problem.code, problem.segment) == ("b.837 segment 21 CLM", "charge_sum", 21)
    assert (problem.element, problem.loop, problem.severity) == ("CLM02", "2300", "error")


def test_an_imbalance_is_an_error_of_the_check() -> None:
    data = wrap("835", REMIT_HEAD.replace("*80*", "*81*") + PAID).encode()
    assert [problem.code for problem in check(data, "c.835").errors] == ["payment_balance"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "no_transactions"), (b"hello", "isa_missing"), (b"\x00" * 50, "encoding"),
     (CLAIM_TEXT.encode("utf-16"), "encoding"), (CLAIM_TEXT.replace("5010", "4010").encode(), "version")],
)  # fmt: skip
def test_what_cannot_be_read_is_one_clear_error(data: bytes, code: str) -> None:
    report = check(data, "d")
    assert [problem.code for problem in report.errors] == [code]
    assert report.errors[0].where.startswith("d ")


def test_a_kind_that_is_not_read_yet_has_its_envelope_checked() -> None:
    text = CLAIM_TEXT.replace("ST*837", "ST*834").replace("005010X222A1", "005010X220A1").replace("SE*25", "SE*24")
    report = check(text.encode(), "e.834")
    assert [problem.code for problem in report.errors] == ["se_count"]
    assert [problem.code for problem in report.warnings] == ["envelope_only"]


def test_a_hopeless_file_has_an_end_to_its_problems() -> None:
    data = CLAIM_TEXT.replace("BHT*", "QQQ*1~\n" * (MOST + 5) + "BHT*").encode()
    report = check(data, "f")
    assert len(report.warnings) == MOST
    assert report.errors[-1].code == "too_many_problems"
