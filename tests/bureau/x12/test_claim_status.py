"""Claim status: 276 and 277 read, written and read by somebody else's library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from x12sdk.io import X12ModelReader

from bureau.x12.ack277 import read_277ca, write_277ca
from bureau.x12.check import check
from bureau.x12.samples import make_envelope
from bureau.x12.status276 import read_276, write_276
from bureau.x12.status277 import read_277, write_277
from bureau.x12.tree import tree
from bureau.x12.values import Party
from bureau.x12.values277 import (
    AnswerSet,
    InquirySet,
    LineAnswer,
    Status,
    StatusAnswer,
    StatusCode,
    StatusInquiry,
    StatusLine,
)
from tests.bureau.x12.test_acknowledgements import CLAIM_ACKS
from tests.bureau.x12.texts import wrap
from tests.soak.mutations import mutate
from tests.support.samples import find_samples, sample_name

DAY, LATER = date(2026, 3, 2), date(2026, 3, 9)
MOMENT = datetime(2026, 3, 2, 9, 30)
PAYER = Party("PAYER", id_kind="PI", id="P1")
DESK = Party("DESK", id_kind="46", id="SND")
PRACTICE = Party("PRACTICE", id_kind="XX", id="9999000018")
JANE = Party("DOE", "JANE", is_person=True, id_kind="MI", id="M1", birth=date(1970, 1, 31), sex="F")
JOHN = Party("DOE", "JOHN", is_person=True, birth=date(2010, 5, 1), sex="M")
LINE = StatusLine("G0463", 10_000, DAY, None, "HC", ("25", "59"), "", Decimal(1), "A1L1")
INQUIRY = StatusInquiry(
    "TRACE1", PAYER, DESK, PRACTICE, JANE, None, "ICN1", "131", "A1", (("D9", "TR1"),), DAY, LATER, 10_000, [LINE]
)
OF_JOHN = replace(INQUIRY, trace="TRACE2", subscriber=replace(JANE, birth=None, sex=""), patient=JOHN)
INQUIRIES = InquirySet("0001", "REF1", [INQUIRY, OF_JOHN], MOMENT)
PAID = Status((StatusCode("F1", "65"),), DAY, 10_000, 8_000, DAY, LATER, "EFT77")
ANSWER = StatusAnswer(
    "TRACE1", PAYER, DESK, PRACTICE, replace(JANE, birth=None, sex=""), None, "ICN1", "131", "A1", (), DAY, LATER,
    [PAID, Status((StatusCode("P3", "317"), StatusCode("R4", "297", "82"), StatusCode("R0", "21", "", "RX")), DAY)],
    [LineAnswer("G0463", 10_000, DAY, None, paid_cents=8_000, units=Decimal(1), statuses=[PAID], control="A1L1")],
)  # fmt: skip
REFUSED = StatusAnswer("", PAYER, DESK, PRACTICE, statuses=[Status((StatusCode("E0", "24", "1P"),), DAY)])
DOWN = StatusAnswer("REF1", PAYER, DESK, statuses=[Status((StatusCode("E1", "484", "PR"),), DAY)])
ANSWERS = AnswerSet("0001", "REF1", [DOWN, REFUSED, ANSWER], MOMENT)
HEAD = """
    BHT*0010*{}*R1*20260302*0930
    HL*1**20*1
    NM1*PR*2*PAYER*****PI*P1
    HL*2*1*21*1
    NM1*41*2*DESK*****46*SND
    HL*3*2*19*1
    NM1*1P*2*PRACTICE*****XX*9999000018
    HL*4*3*22*0
    NM1*IL*1*DOE*JANE****MI*M1
"""
FILES = [path for path in find_samples("x12/27[67]/*") if path.is_file()]


def model_of(text: str) -> Any:
    """What x12sdk makes of the one set in a text; it does not read segments on lines of their own."""
    with X12ModelReader(text.replace("\n", "")) as reader:
        [model] = reader.models()
    return model


def body(kind: str, rest: str) -> str:
    return wrap(kind, HEAD.format("13" if kind == "276" else "08") + rest)


def test_questions_come_back() -> None:
    text = write_276(make_envelope(), [INQUIRIES, replace(INQUIRIES, control="0002", claims=[OF_JOHN])])
    assert read_276(text) == ([INQUIRIES, replace(INQUIRIES, control="0002", claims=[OF_JOHN])], [])
    report = check(text.encode(), "q")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("276", 2, 3, [], [])
    assert "GS*HR*" in text


def test_answers_come_back() -> None:
    text = write_277(make_envelope(), [ANSWERS])
    assert read_277(text) == ([ANSWERS], [])
    report = check(text.encode(), "a")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("277", 1, 1, [], [])
    assert read_277(text)[0][0].claims == [ANSWER]
    assert "TRN*1*0~" in text


def test_the_levels_are_those_of_the_guide() -> None:
    """A subscriber who is the patient has no child; one above a dependent has; a dependent has no such flag."""
    text = write_276(make_envelope(), [INQUIRIES])
    assert [line for line in text.split("~\n") if line.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "HL*4*3*22*0", "HL*5*3*22*1", "HL*6*5*23",
    ]  # fmt: skip
    text = write_277(make_envelope(), [ANSWERS])
    assert [line for line in text.split("~\n") if line.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "HL*4*3*22*0",
    ]  # fmt: skip
    loops = [node.loop for node in tree(text) if node.opens]
    assert loops[3:] == [
        "2000A", "2100A", "2000B", "2100B", "2200B", "2000C", "2100C", "2200C", "2000D", "2100D", "2200D", "2220D",
    ]  # fmt: skip
    assert {node.loop_name for node in tree(text) if node.loop in ("2000A", "2220D")} == {"Payer level", "Service line"}


def test_a_judge_of_others_reads_our_questions() -> None:
    model = model_of(write_276(make_envelope(), [INQUIRIES]))
    source = model.loop_2000a[0]
    assert source.loop_2100a.nm1_segment.identification_code == "P1"
    [provider] = source.loop_2000b[0].loop_2000c
    mine, above = provider.loop_2000d
    [claim] = mine.loop_2200d
    assert (claim.trn_segment.reference_identification_1, claim.amt_segment.monetary_amount) == ("TRACE1", 100)
    refs = {(one.reference_identification_qualifier, one.reference_identification) for one in claim.ref_segment}
    assert refs == {("1K", "ICN1"), ("BLT", "131"), ("EJ", "A1"), ("D9", "TR1")}
    assert claim.loop_2210d[0].svc_segment.line_item_charge_amount == 100
    assert mine.dmg_segment.date_time_period == JANE.birth
    [dependent] = above.loop_2000e
    assert dependent.loop_2100e.nm1_segment.name_first == "JOHN"
    assert dependent.loop_2200e[0].trn_segment.reference_identification_1 == "TRACE2"


def test_a_judge_of_others_reads_our_answers() -> None:
    model = model_of(write_277(make_envelope(), [ANSWERS]))
    [receiver] = model.loop_2000a[0].loop_2000b
    assert receiver.loop_2200b.trn_segment.reference_identification_1 == "REF1"
    [provider] = receiver.loop_2000c
    assert provider.loop_2200c.stc_segment[0].health_care_claim_status_1 == "E0:24:1P"
    [claim] = provider.loop_2000d[0].loop_2200d
    first, second = claim.stc_segment
    assert (first.total_claim_charge_amount, first.claim_payment_amount) == (100, 80)
    assert (first.status_effective_date, first.adjudication_finalized_date, first.remittance_date) == (DAY, DAY, LATER)
    assert first.remittance_trace_number == "EFT77"
    assert second.health_care_claim_status_3 == "R0:21::RX"
    assert claim.loop_2220d[0].svc_segment.line_item_provider_payment_amount == 80


def test_whatever_repeats_comes_back_three_times() -> None:
    """Payers, receivers, providers, subscribers, dependents, claims, lines, references, statuses."""
    inquiries, answers, sets = [], [], []
    for payer in (replace(PAYER, id=f"P{at}") for at in range(3)):
        for receiver in (replace(DESK, id=f"S{at}") for at in range(3)):
            for provider in (replace(PRACTICE, name=f"PRACTICE {at}") for at in range(3)):
                for at in range(3):
                    one = replace(
                        OF_JOHN, payer=payer, receiver=receiver, provider=provider,
                        patient=replace(JOHN, first=f"JOHN {at}"), lines=[LINE] * 3, refs=(("XZ", "1"),) * 3,
                    )  # fmt: skip
                    inquiries += [one, one, one]
                    answer = replace(
                        ANSWER, payer=payer, receiver=receiver, provider=provider, lines=ANSWER.lines * 3,
                        subscriber=replace(JANE, id=f"M{at}", birth=None, sex=""), statuses=[PAID] * 3,
                    )  # fmt: skip
                    answers += [answer, answer, answer]
    sets = [InquirySet(f"000{at}", "R", inquiries, MOMENT) for at in range(3)]
    text = write_276(make_envelope(), sets)
    assert read_276(text) == (sets, [])
    levels = Counter(line.split("*")[3] for line in text.split("~\n") if line.startswith("HL*"))
    assert levels == {"20": 9, "21": 27, "19": 81, "22": 81, "23": 243}
    found = [
        AnswerSet(f"000{at}", "R", [DOWN, DOWN, DOWN, REFUSED, REFUSED, *answers, REFUSED], MOMENT) for at in range(3)
    ]
    assert read_277(write_277(make_envelope(), found)) == (found, [])


def test_a_level_is_found_by_its_number_not_by_its_order() -> None:
    text = body(
        "276",
        """
        TRN*1*T1
        HL*5*2*19*1
        NM1*1P*2*OTHER*****XX*9999000026
        HL*6*3*22*0
        NM1*IL*1*ROE*RAY****MI*M2
        TRN*1*T2
        HL*7*5*22*0
        NM1*IL*1*LEE*ANN****MI*M3
        TRN*1*T3
        """,
    )
    [one], problems = read_276(text)
    assert problems == []
    assert [(claim.trace, claim.provider.name) for claim in one.claims if claim.provider] == [
        ("T1", "PRACTICE"), ("T2", "PRACTICE"), ("T3", "OTHER"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rest", "code", "element"),
    [
        ("", "claim_missing", "TRN"),
        ("TRN*1", "element_missing", "TRN02"),
        ("TRN*1*T1\nAMT*T3*1.234", "bad_amount", "AMT02"),
        ("TRN*1*T1\nDTP*472*D8*20261301", "bad_date", "DTP03"),
        ("TRN*1*T1\nSVC*XX:1*5", "bad_code", "SVC01-1"),
        ("TRN*1*T1\nSVC*HC:G0463*5", "date_missing", "DTP"),
        ("TRN*1*T1\nSVC*HC:G0463", "missing_amount", "SVC02"),
        ("SVC*HC:G0463*5", "line_misplaced", "SVC"),
        ("HL*5*4*23\nNM1*QC*1*DOE*JIM\nTRN*1*T1", "segment_missing", "DMG"),
        ("HL*5*4*23\nTRN*1*T1", "loop_missing", "NM1"),
        ("HL*5*2*19*0\nNM1*85*2*X*****XX*1", "bad_code", "NM101"),
        ("HL*5*2*19*0\nNM1*1P*2*X*****XX*1\nTRN*1*T1", "claim_misplaced", "TRN"),
        ("HL*5*2*77*0\nNM1*1P*2*X*****XX*1\nTRN*1*T1", "name_misplaced", "NM1"),
        ("HL*5*2*77*0\nTRN*1*T1", "trace_misplaced", "TRN"),
        ("HL*5*1*22*0\nTRN*1*T1", "hl_parent", "HL02"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_question_is_told(rest: str, code: str, element: str) -> None:
    _, problems = read_276(body("276", rest))
    assert (code, element) in [(one.code, one.element) for one in problems if one.is_error]
    assert all("DOE" not in one.text for one in problems)


@pytest.mark.parametrize(
    ("rest", "code", "element", "is_error"),
    [
        ("", "claim_missing", "TRN", True),
        ("TRN*2*T1", "segment_missing", "STC", True),
        ("STC*P1:20*20260302", "segment_missing", "TRN", False),
        ("TRN*2*T1\nSTC**20260302", "element_missing", "STC01", True),
        ("TRN*2*T1\nSTC*P1:20*20260302**x", "bad_amount", "STC04", True),
        ("TRN*2*T1\nSTC*P1:20*20260302****20269999", "bad_date", "STC06", False),
        ("TRN*2*T1\nSTC*P1:20*20260302\nREF*FJ*1\nAMT*T3*1", "unknown_segment", "AMT", False),
        ("TRN*2*T1\nSTC*P1:20*20260302\nNM1*IL*1*ROE", "not_carried", "NM1", False),
        ("TRN*2*T1\nSTC*P1:20*20260302\nDTP*050*D8*20260302", "not_carried", "DTP", False),
        ("TRN*2*T1\nSTC*P1>20*20260302", "component_separator", "STC01", False),
        ("TRN*2*T1" + "\nSTC*P1:20*20260302" * 101, "too_many", "STC", False),
        ("HL*5*9*19*0\nNM1*85*2*X*****XX*1\nTRN*1*0\nSTC*E0:24*20260302", "hl_parent", "HL02", False),
    ],
)  # fmt: skip
def test_what_is_odd_in_an_answer_is_told_and_the_rest_is_kept(
    rest: str, code: str, element: str, is_error: bool
) -> None:
    [one], problems = read_277(body("277-212", rest))
    assert (code, element, is_error) in [(each.code, each.element, each.is_error) for each in problems]
    assert len(one.answers) == ("TRN" in rest or "STC" in rest)


def test_a_status_of_somebody_without_a_name_is_not_a_word_on_the_provider() -> None:
    nobody = "HL*5*3*22*0\nTRN*2*T1\nSTC*F2:1*20260302"
    text = body("277-212", f"{nobody}\nHL*6*3*22*1\nHL*7*6*23\nTRN*2*T2\nSTC*F1:1*20260302")
    [one], problems = read_277(text)
    assert [claim.trace for claim in one.claims] == ["T1", "T2"]
    assert [(each.code, each.loop) for each in problems] == [
        ("loop_missing", "2100D"), ("loop_missing", "2100D"), ("loop_missing", "2100E"),
    ]  # fmt: skip


def test_status_and_acknowledgement_are_told_apart_by_their_version() -> None:
    """Both are ST*277; in one file each reader takes its own and the check counts both."""
    status, ack = write_277(make_envelope(), [ANSWERS]), write_277ca(make_envelope(2), [CLAIM_ACKS])
    report = check((status + ack).encode(), "both")
    assert (report.transactions, report.claims, report.errors) == (2, 3, [])
    assert [one.code for one in read_277(ack)[1]] == [one.code for one in read_277ca(status)[1]] == ["version"]


def test_what_says_nothing_is_not_written() -> None:
    bad = [replace(INQUIRY, trace=""), replace(INQUIRY, provider=None), replace(INQUIRY, subscriber=None)]
    for claims in ([], *[[one] for one in bad]):
        with pytest.raises(ValueError, match="a claim status inquiry"):
            write_276(make_envelope(), [replace(INQUIRIES, claims=claims)])
    odd = [
        replace(ANSWER, statuses=[]),
        replace(ANSWER, provider=None),
        replace(ANSWER, statuses=[replace(PAID, codes=())]),
    ]
    for answers in ([], *[[one] for one in odd]):
        with pytest.raises(ValueError, match="status"):
            write_277(make_envelope(), [replace(ANSWERS, answers=answers)])


@pytest.mark.parametrize(("element", "component", "end"), [("|", ">", "\n"), ("+", "<", "'"), ("^", "!", "\r")])
def test_delimiters_are_those_of_the_file(element: str, component: str, end: str) -> None:
    marks = str.maketrans({"*": element, ":": component, "~": end, "^": "{"})
    reads: list[tuple[Callable[[str], Any], str]] = [
        (read_276, write_276(make_envelope(), [INQUIRIES])),
        (read_277, write_277(make_envelope(), [ANSWERS])),
    ]
    for read, text in reads:
        assert read(text.replace("\n", "").translate(marks)) == read(text)
        assert read(text.replace("\n", "\r\n")) == read(text)


@pytest.mark.parametrize("path", FILES, ids=sample_name)
def test_samples_are_read_without_a_word_and_come_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    report = check(path.read_bytes(), path.name)
    assert (report.errors, report.warnings) == ([], [])
    assert report.claims == text.count("TRN*1*ABC") + text.count("TRN*2*ABCXY") + text.count("TRN*2*100602")
    if path.parent.name == "276":
        asked, _ = read_276(text)
        assert sorted(body_of(write_276(make_envelope(), asked))) == sorted(body_of(text))
    else:
        answered, _ = read_277(text)
        assert sorted(body_of(write_277(make_envelope(), answered))) == sorted(body_of(text))


def body_of(text: str) -> list[str]:
    """The segments of a set, amounts and dates in one spelling, letters in one case."""
    segments = [one.strip().upper() for one in text.split("~")]
    start = next(at for at, one in enumerate(segments) if one.startswith("HL*"))
    end = next(at for at, one in enumerate(segments) if one.startswith("SE*"))
    out = []
    for segment in segments[start:end]:
        elements = [one.rstrip("0").rstrip(".") if "." in one else one for one in segment.split("*")]
        first, dash, last = elements[-1].partition("-")
        if elements[0] == "DTP" and dash and first == last:
            elements[2:] = ["D8", first]
        out.append("*".join(elements))
    return out


@pytest.mark.parametrize("kind", ["276", "277"])
def test_no_mutation_gets_an_exception_out(kind: str) -> None:
    dice = Random(int(kind))
    text = write_276(make_envelope(), [INQUIRIES]) if kind == "276" else write_277(make_envelope(), [ANSWERS])
    for _ in range(1_500):
        report = check(mutate(dice, text.encode()), "fuzz")
        assert report.transactions or report.errors
