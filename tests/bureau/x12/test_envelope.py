"""Counts and control numbers: each lie is told, at its segment, and sinks nothing but itself."""

from __future__ import annotations

import pytest

from bureau.x12.claim837 import read_837
from bureau.x12.envelope import find_segments, read_envelope
from bureau.x12.remit835 import write_835
from bureau.x12.samples import MOMENT, generate_837, make_envelope
from bureau.x12.ta1 import InterchangeAck, read_ta1, write_ta1
from bureau.x12.values import Envelope
from bureau.x12.write837 import write_837
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, ISA, wrap

TEXT = wrap("837", CLAIM_HEAD + CLAIM)


def test_what_an_envelope_says() -> None:
    [interchange], problems = read_envelope(TEXT)
    assert problems == []
    assert (interchange.sender, interchange.receiver, interchange.control) == (
        "SENDER",
        "RECEIVER",
        "000000001",
    )
    assert (interchange.production, interchange.version, interchange.created) == (False, "00501", MOMENT)
    [group] = interchange.groups
    assert (group.kind, group.control, group.version) == ("HC", "1", "005010X222A1")
    [one] = group.sets
    assert (one.kind, one.control, one.first, one.last) == ("837", "0001", 3, 27)
    segments = find_segments(TEXT, one)
    assert (segments[0][0], segments[-1][0], len(segments)) == ("ST", "SE", 25)


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "segment"),
    [
        ("SE*25*0001", "SE*26*0001", "se_count", "SE01", 27),
        ("SE*25*0001", "SE*x*0001", "se_count", "SE01", 27),
        ("SE*25*0001", "SE*25*0002", "se_control", "SE02", 27),
        ("SE*25*0001~\n", "", "se_missing", "SE", 26),
        ("GE*1*1", "GE*2*1", "ge_count", "GE01", 28),
        ("GE*1*1", "GE*1*9", "ge_control", "GE02", 28),
        ("GE*1*1~\n", "", "ge_missing", "GE", 27),
        ("IEA*1*000000001", "IEA*3*000000001", "iea_count", "IEA01", 29),
        ("IEA*1*000000001", "IEA*1*000000009", "iea_control", "IEA02", 29),
        ("IEA*1*000000001~\n", "", "iea_missing", "IEA", 28),
        ("ST*837*0001*005010X222A1", "ST*837*0001*005010X222A2", "st_version", "ST03", 3),
        ("IEA*1*000000001", "IEA*1*000000001~XX*1", "segment_outside", "XX", 30),
        ("GE*1*1", "GE*1*1~GE*1*1", "ge_unexpected", "GE", 29),
        ("SE*25*0001", "SE*25*0001~SE*25*0001", "se_unexpected", "SE", 28),
    ],
)
def test_each_lie_is_told_and_the_claims_are_read(old: str, new: str, code: str, element: str, segment: int) -> None:
    assert old in TEXT
    sets, problems = read_837(TEXT.replace(old, new), "a.x12")
    found = [problem for problem in problems if problem.code == code]
    assert [(problem.element, problem.segment) for problem in found] == [(element, segment)]
    assert found[0].where.startswith(f"a.x12 segment {segment} ")
    assert found[0].is_error
    assert [claim.pcn for one in sets for claim in one.claims] == ["A1"]
    assert code in [problem.code for problem in read_envelope(TEXT.replace(old, new))[1]]


def test_repeated_control_numbers() -> None:
    inner = TEXT[TEXT.index("ST*") : TEXT.index("GE*")]
    twice = TEXT.replace(inner, inner * 2).replace("GE*1", "GE*2")
    assert [problem.code for problem in read_envelope(twice)[1]] == ["st_duplicate"]
    group = TEXT[TEXT.index("GS*") : TEXT.index("IEA*")]
    assert [p.code for p in read_envelope(TEXT.replace(group, group * 2).replace("IEA*1", "IEA*2"))[1]] == [
        "gs_duplicate"
    ]
    assert [problem.code for problem in read_envelope(TEXT * 2)[1]] == ["isa_duplicate"]


def test_one_bad_set_does_not_sink_the_rest() -> None:
    good = TEXT[TEXT.index("ST*") : TEXT.index("GE*")]
    bad = "ST*837*0002*005010X222A1~\nHL*x~\nCLM~\nSV1~\nLX~\nDTP*472~\nSE*1*9~\n"
    sets, problems = read_837(TEXT.replace(good, bad + good + bad.replace("0002", "0003")).replace("GE*1", "GE*3"))
    assert [one.control for one in sets] == ["0002", "0001", "0003"]
    assert sets[1].claims == read_837(TEXT)[0][0].claims
    assert problems


def test_a_short_isa_opens_nothing_and_the_claims_after_it_are_read() -> None:
    rest = TEXT[TEXT.index("GS*") :]
    interchanges, problems = read_envelope(TEXT + "ISA*00*~\n" + rest)
    assert [one.control for one in interchanges] == ["000000001"]
    assert [(p.code, p.segment) for p in problems] == [("isa_short", 30), ("gs_unexpected", 31), ("iea_unexpected", 58)]
    sets, _ = read_837(TEXT + "ISA*00*~\n" + rest)
    assert [claim.pcn for one in sets for claim in one.claims] == ["A1", "A1"]


def test_sets_of_another_kind_are_passed_over() -> None:
    other = wrap("999", "AK1*HC*1\nAK9*A*1*1*1", control="000000002")
    sets, problems = read_837(TEXT + other)
    assert len(sets) == 1
    assert problems == []
    sets, problems = read_837(other)
    assert (sets, [problem.code for problem in problems]) == ([], ["no_transactions"])


def test_nothing_is_an_error() -> None:
    empty = f"{ISA.format('000000001')}~GS*HC*A*B*20260302*0930*1*X*005010X222A1~GE*0*1~IEA*1*000000001~"
    for text in (empty, f"{ISA.format('000000001')}~IEA*0*000000001~"):
        assert [problem.code for problem in read_837(text)[1]] == ["no_transactions"]
        assert [problem.code for problem in read_envelope(text)[1]] == ["no_transactions"]
    assert [problem.code for problem in read_837("")[1]] == ["no_transactions"]


def test_a_ta1_may_stand_before_the_groups() -> None:
    text = TEXT.replace("GS*", "TA1*000000777*260301*1200*R*025~\nGS*", 1)
    sets, problems = read_837(text)
    assert len(sets[0].claims) == 1
    assert problems == []
    [ack], _ = read_ta1(text)
    assert (ack.control, ack.verdict, ack.note) == ("000000777", "R", "025")


def test_ta1_comes_back() -> None:
    acks = [InterchangeAck("000000012", "A", "000", MOMENT), InterchangeAck("000000013", "R", "025", MOMENT)]
    assert read_ta1(write_ta1(make_envelope(), acks)) == (acks, [])


def test_what_an_isa_cannot_hold_is_not_written() -> None:
    sets = read_837(TEXT)[0]
    for envelope in (
        Envelope("S" * 16, "R", 1, 1, MOMENT), Envelope("S", "", 1, 1, MOMENT),
        Envelope("S", "R", 10**9, 1, MOMENT), Envelope("S", "R", 1, 0, MOMENT),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"characters|digits"):
            write_837(envelope, sets)
    with pytest.raises(ValueError, match="no message"):
        write_835(make_envelope(), [])
    assert len(generate_837(1).split("~")[0]) == 105
