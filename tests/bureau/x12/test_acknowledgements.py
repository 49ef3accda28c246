"""999 and 277CA: what others say of our files, and what we say of theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from bureau.x12.ack277 import read_277ca, write_277ca
from bureau.x12.ack999 import read_999, write_999
from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus, FunctionalAck, LineAck, Note, SetAck
from bureau.x12.samples import make_envelope
from bureau.x12.values import Party
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.texts import wrap

DAY = date(2026, 3, 2)
ACK = FunctionalAck(
    "0001", "17", "P", 3, 3, 2,
    [
        SetAck("0001", "A"),
        SetAck("0002", "E", notes=[Note(17, "CLM", "8", "CLM05-3", "7"), Note(17, "CLM", "8", "CLM02", "1")]),
        SetAck("0003", "R", ("5", "I5"), [Note(20, "NM1", "3", "", ""), Note(21, "N3", "8", "N301", "1"), Note(25,
        "HI", "3", "", "")]),
    ],
    codes=("5",),
)  # fmt: skip
PATIENT = Party("DOE", "JANE", is_person=True, id_kind="MI", id="M1")
CLAIM_ACKS = ClaimAckSet(
    "0001", "R1", "PR", Party("PAYER", id_kind="PI", id="P1"), Party("DESK", id_kind="46", id="SND"),
    Party("PRACTICE", id_kind="XX", id="9999000018"), "REF1", [ClaimStatus("A1", "19", "PR", DAY, "WQ",
    10_500)],
    [
        ClaimAck("A1", [ClaimStatus("A2", "20", "", DAY, "WQ", 10_000)], "ICN1", "TR1", DAY, PATIENT),
        ClaimAck(
            "A2",
            [ClaimStatus("A7", "562", "85", DAY, "U", 500), ClaimStatus("A7", "164", "IL", DAY, "U", 500,
            "ID UNKNOWN")],
            date_from=DAY, date_to=date(2026, 3, 9), patient=PATIENT,
            lines=[LineAck("G0463", 500, "A2L1", [ClaimStatus("A7", "507", "", DAY, "U")])],
        ),
    ],
    1, 1, 10_000, 500, datetime(2026, 3, 2, 9, 30), provider_reference="",
    provider_statuses=[ClaimStatus("A1", "19", "PR", None, "WQ", 10_500)],
)  # fmt: skip


def test_a_999_comes_back_and_is_accepted() -> None:
    text = write_999(make_envelope(), [ACK, replace(ACK, control="0002", verdict="A", codes=())])
    assert read_999(text) == ([ACK, replace(ACK, control="0002", verdict="A", codes=())], [])
    assert judge(text) == (True, [])


def test_a_999_of_others() -> None:
    body = """
        AK1*HC*17*005010X222A1
        AK2*837*0001*005010X222A1
        IK3*CLM*17*2300*8
        CTX*CLM01:12345
        IK4*5:3*1325*7*X
        IK4*2
        IK3*NM1*20**3
        IK5*R*5*I5
        AK9*R*1*1*0*5
    """
    [ack], problems = read_999(wrap("999", body))
    assert problems == []
    assert (ack.group_control, ack.verdict, ack.included, ack.received, ack.accepted) == ("17", "R", 1, 1, 0)
    assert ack.sets[0].codes == ("5", "I5")
    assert ack.sets[0].notes == [
        Note(17, "CLM", "8", "CLM05-3", "7", "2300", "12345"),
        Note(17, "CLM", "8", "CLM02", "", "2300", "12345"),
        Note(20, "NM1", "3"),
    ]
    assert "X" not in str(ack.sets[0].notes).replace("CLM", "")  # a copy of bad data is not kept


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("AK1*HC*17\nAK9*A*one*1*1", "bad_count"),
        ("AK1*HC\nAK9*A*1*1*1", "element_missing"),
        ("AK1*HC*17", "segment_missing"),
        ("AK1*HC*17\nIK4*1**1\nAK9*A*1*1*1", "ik4_misplaced"),
        ("AK1*HC*17\nIK5*A\nAK9*A*1*1*1", "ik5_misplaced"),
        ("AK1*HC*17\nAK2*837*1\nIK3*CLM*x**8\nIK5*R\nAK9*R*1*1*0", "bad_position"),
    ],
)
def test_a_broken_999_is_told(body: str, code: str) -> None:
    acks, problems = read_999(wrap("999", body))
    assert len(acks) == 1
    assert code in [problem.code for problem in problems]


def test_a_277ca_comes_back_and_is_accepted() -> None:
    text = write_277ca(make_envelope(), [CLAIM_ACKS])
    assert read_277ca(text) == ([CLAIM_ACKS], [])
    assert judge(text) == (True, [])


def test_a_277ca_without_a_word_on_the_provider_is_completed() -> None:
    one = replace(CLAIM_ACKS, provider_statuses=[], source_kind="AY", source=Party("HUB", id_kind="46", id="HUB"))
    text = write_277ca(make_envelope(), [one])
    assert judge(text) == (True, [])
    assert read_277ca(text)[0][0].provider_statuses == [ClaimStatus("A1", "19", "PR", None, "WQ", 10_500)]


def test_what_a_277ca_cannot_hold_is_not_written() -> None:
    claim = replace(CLAIM_ACKS.claims[0], patient=None)
    for one in (replace(CLAIM_ACKS, provider=None), replace(CLAIM_ACKS, claims=[claim])):
        with pytest.raises(ValueError, match="names"):
            write_277ca(make_envelope(), [one])


def test_a_277ca_of_others_may_lack_the_provider_and_pack_three_statuses() -> None:
    body = """
        BHT*0085*08*277X*20260302*0930*TH
        HL*1**20*1
        NM1*AY*2*HUB*****46*HUB
        TRN*1*277X
        HL*2*1*21*1
        NM1*41*2*DESK*****46*SND
        TRN*2*REF1
        STC*A1:19:PR*20260302*WQ*100
        QTY*90*1
        QTY*AA*0
        AMT*YU*100
        HL*3*2*PT
        NM1*QC*1*DOE*JANE****MI*M1
        TRN*2*A1
        STC*A7:562:85*20260302*U*100******A7:164:IL*A6:21*SEE NOTE
        REF*1K*ICN9
        REF*D9*TR9
        REF*BLT*131
        DTP*472*RD8*20260101-20260103
    """
    [one], problems = read_277ca(wrap("277", body))
    assert [problem.is_error for problem in problems] == [False]  # the missing level, once
    assert (one.source_kind, one.batch_reference, one.accepted, one.accepted_cents) == (
        "AY",
        "REF1",
        1,
        10_000,
    )
    [claim] = one.claims
    assert [(s.category, s.code, s.entity) for s in claim.statuses] == [
        ("A7", "562", "85"), ("A7", "164", "IL"), ("A6", "21", ""),
    ]  # fmt: skip
    assert {(s.text, s.action, s.cents, s.on) for s in claim.statuses} == {("SEE NOTE", "U", 10_000, DAY)}
    assert (claim.payer_icn, claim.trace, claim.date_to) == ("ICN9", "TR9", date(2026, 1, 3))


def test_a_batch_refused_as_a_whole() -> None:
    one = replace(
        CLAIM_ACKS, claims=[], accepted=0, accepted_cents=0, rejected=2, rejected_cents=10_500,
        batch_statuses=[ClaimStatus("A3", "24", "41", DAY, "U", 10_500)],
        provider_statuses=[ClaimStatus("A3", "24", "85", None, "U", 10_500)],
    )  # fmt: skip
    text = write_277ca(make_envelope(), [one])
    assert read_277ca(text) == ([one], [])
