"""What spoiled files have brought to light, each as the smallest case that shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import process_time

import pytest

from bureau.x12.ack999 import write_999
from bureau.x12.acknowledge import acknowledge, write_reply
from bureau.x12.acknowledge_claims import CLEARINGHOUSE, Speaker
from bureau.x12.check import check
from bureau.x12.claim837 import read_837, write_837
from bureau.x12.locate import find_claims_at
from bureau.x12.read837i import read_837i
from bureau.x12.samples import generate_835, generate_837, make_envelope
from bureau.x12.syntax import iter_blocks, slices
from bureau.x12.ta1 import read_ta1
from bureau.x12.values import Party
from tests.bureau.x12 import hospital
from tests.bureau.x12.kinds import Read
from tests.bureau.x12.test_acknowledgements import ACK
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, wrap
from tests.bureau.x12.whole837 import set_of, whole_claim

HEAD = make_envelope()
SPEAKER = Speaker(Party("CLEARWAY", id_kind="46", id="CLEARWAY"), CLEARINGHOUSE, date(2026, 3, 20))
STRAY = "HL*3*2*99*0\nDTP*472*D8*20200101\nNM1*72*1*WHO*ELSE\nREF*D9*OTHER\n"


def answers_to(text: str) -> dict[str, str]:
    [reply] = acknowledge(text, SPEAKER).replies
    texts = write_reply(reply, HEAD)
    for kind, written in texts.items():
        assert check(written.encode("ascii"), kind).errors == []
    return texts


def test_a_verdict_that_follows_its_notes_is_not_missing() -> None:
    text = write_999(HEAD, [ACK])
    assert "IK3*" in text
    assert check(text.encode(), "a").errors == []
    without = "".join(f"{one}~\n" for one in text.split("~\n")[:-1] if not one.startswith("IK5*"))
    assert {(one.code, one.element) for one in check(without.encode(), "a").errors} == {
        ("segment_missing", "IK5"), ("se_count", "SE01"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_837, wrap("837", CLAIM_HEAD + CLAIM + STRAY)),
        (read_837i, wrap("837I", hospital.HEAD + hospital.CLAIM + STRAY)),
    ],
    ids=["837P", "837I"],
)
def test_what_hangs_on_a_level_that_is_none_is_not_the_last_claim_s(read: Read, text: str) -> None:
    [clean], _ = read(text.replace("".join(f"{one}~\n" for one in STRAY.splitlines()), ""))
    [found], problems = read(text)
    assert [replace(one, last_segment=0) for one in found.claims] == [
        replace(one, last_segment=0) for one in clean.claims
    ]
    assert "hl_level" in [problem.code for problem in problems]


def test_a_claim_below_such_a_level_has_no_patient() -> None:
    text = wrap("837", CLAIM_HEAD + CLAIM + "HL*3*1*99*0" + CLAIM.replace("A1", "A2"))
    [found], problems = read_837(text)
    assert found.claims[1].subscriber == Party()
    assert {"claim_misplaced", "loop_missing"} <= {problem.code for problem in problems}


@pytest.mark.parametrize("control", ["", "½234", "1234567890", "1 2"])
def test_a_set_is_not_written_under_a_control_number_that_is_none(control: str) -> None:
    with pytest.raises(ValueError, match="control number of a transaction set"):
        write_837(HEAD, [replace(set_of(whole_claim()), control=control)])


def test_codes_that_were_read_from_anywhere_are_cleaned_when_they_are_written() -> None:
    one = set_of(whole_claim())
    one.claims[0].lines[0].providers = (("×3", Party("ROE")),)
    assert write_837(HEAD, [replace(one, version="005010X222½", purpose="0½")]).isascii()


@pytest.mark.parametrize("number", ["00000000X", "         ", "½00000001"])
def test_an_interchange_without_a_number_is_answered_all_the_same(number: str) -> None:
    texts = answers_to(generate_837(1).replace("000000001*0*T*", f"{number}*0*T*"))
    [ack], _ = read_ta1(texts["TA1"])
    assert (ack.control, ack.verdict) == ("000000000", "R")


@pytest.mark.parametrize(
    ("old", "new"), [("GS*HC*", "GS**"), ("GS*HC*", "GS*H½*"), ("*1*X*", "**X*"), ("*1*X*", "*A*X*")]
)
def test_a_group_that_no_999_can_name_is_turned_back_with_its_interchange(old: str, new: str) -> None:
    texts = answers_to(generate_837(1).replace(old, new, 1))
    assert list(texts) == ["TA1"]
    assert read_ta1(texts["TA1"])[0][0].verdict == "R"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ST*835*0001", "ST*835"), ("ST*835*0001", "ST*835*0123456789"), ("*005010X221A1", "*005010X221A1XXXX"),
        ("CLP*", "½LP*"), ("CLP*", "LONGER*"), ("CAS*CO*45", "CAS*CO*45" + "*1*45" * 80),
    ],
)  # fmt: skip
def test_what_a_999_has_no_room_for_is_cut(old: str, new: str) -> None:
    text = generate_835(2)
    assert old in text
    assert (
        "IK5*R" in answers_to(text.replace(old, new, 1))["999"]
        or "AK9*R" in answers_to(text.replace(old, new, 1))["999"]
    )


def test_a_claim_number_that_a_999_has_no_room_for_is_left_out_not_cut() -> None:
    text = wrap("837", CLAIM_HEAD + CLAIM.replace("CLM*A1", f"CLM*{'A' * 39}"))
    written = answers_to(text)["999"]
    assert "IK3*CLM*" in written
    assert "CTX" not in written


@pytest.mark.parametrize("whole", [False, True], ids=["in pieces", "in one piece"])
def test_many_small_interchanges_cost_no_more_than_their_length(whole: bool) -> None:
    head = generate_837(1).partition("~")[0] + "~"

    def measure(count: int) -> float:
        text = (head + "IEA*0*000000001~\n") * count
        began = process_time()
        runs = sum(len(segments) for _, segments in iter_blocks([text] if whole else slices(text)))
        assert runs == 2 * count
        return process_time() - began

    measure(100)
    assert measure(16_000) < 40 * max(measure(2_000), 0.005)


def test_a_file_that_cannot_be_cut_to_its_end_has_no_claims_anywhere() -> None:
    assert find_claims_at(generate_837(1).partition("GS*")[0] + "A*" * 600_000, "0001", 1) == []
