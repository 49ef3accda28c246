"""Spoiled and hostile files: no exception gets out, and no file takes more than its time.

The spoiling is that of `tests.soak`, here in small: every input is checked and goes through some of the other steps.
"""

from __future__ import annotations

import gc
import os
from random import Random

import pytest

from bureau.x12.check import check
from bureau.x12.samples import generate_837
from tests.bureau.x12.kinds import KINDS
from tests.soak.x12_fuzz import fuzz

PLAIN = generate_837(2).encode()
SEEDS = {name: kind.text.encode() for name, kind in KINDS.items()} | {"837": PLAIN, "277": KINDS["277CA"].text.encode()}
MEGABYTE = 1_000_000
HEAD, SEPARATORS = PLAIN[:108], b"*:~^ABCSTHL0123456789\n"


def put(kind: str, before: bytes, what: bytes) -> bytes:
    """The file with a great deal of something before a place in it."""
    assert before in SEEDS[kind]
    return SEEDS[kind].replace(before, what + before, 1)


def chain(level: bytes) -> bytes:
    """Levels each below the one before."""
    return b"".join(b"HL*%d*%d*%s*1~" % (number, number - 1, level) for number in range(2, 55_000))


@pytest.mark.parametrize("part", range(5))
def test_no_mutation_gets_an_exception_out(part: int) -> None:
    outcome = fuzz(range(part * 1_000, (part + 1) * 1_000), seed=7, steps=3)
    assert outcome.inputs == 1_000
    assert outcome.failures == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SEEDS["837"][:106] + b"ISA*" * 100_000, id="many headers"),
        pytest.param(SEEDS["999"] * 500, id="many interchanges"),
        pytest.param(SEEDS["837"].replace(b"ST*", b"ST*837*1~" * 40_000 + b"ST*", 1), id="many sets"),
        pytest.param(SEEDS["837"][:108] + b"~" * 1_000_000, id="many ends"),
        pytest.param(SEEDS["837"][:108] + b"*" * 1_000_000, id="many separators"),
        pytest.param(SEEDS["837"].replace(b"HI*ABK", b"HI" + b"*ABK:E119" * 60_000 + b"*ABK", 1), id="many codes"),
        pytest.param(SEEDS["837"].replace(b"HL*2", b"HL*2*1*22*0~" * 60_000 + b"HL*2", 1), id="many levels"),
        pytest.param(SEEDS["835"].replace(b"LX*1", b"REF*XX*1~" * 60_000 + b"LX*1", 1), id="many references"),
        pytest.param(SEEDS["835"].replace(b"LQ*HE", b"LQ*HE*1~" * 60_000 + b"LQ*HE", 1), id="many remarks"),
        pytest.param(SEEDS["835"].replace(b"ST*", b"ST*835~" * 70_000 + b"ST*", 1), id="many payments"),
        pytest.param(SEEDS["835"].replace(b"LQ*HE", b"CLP~" * 120_000 + b"LQ*HE", 1), id="many paid claims"),
        pytest.param(SEEDS["835"].replace(b"LQ*HE", b"SVC~" * 120_000 + b"LQ*HE", 1), id="many services"),
        pytest.param(SEEDS["835"].replace(b"LQ*HE", b"CAS~" * 120_000 + b"LQ*HE", 1), id="many adjustments"),
        pytest.param(SEEDS["835"].replace(b"CLP*", b"X~" * 250_000 + b"CLP*", 1), id="many unknown segments"),
        pytest.param(SEEDS["837"].replace(b"LX*1", b"CLM~" * 120_000 + b"LX*1", 1), id="many claims"),
        pytest.param(SEEDS["837"].replace(b"LX*1", b"NM1~" * 120_000 + b"LX*1", 1), id="many names"),
        pytest.param(SEEDS["837"][:108] + b"GS~GE~" * 80_000, id="many groups"),
        pytest.param(SEEDS["837"] + b"ISA~" * 120_000, id="many broken headers"),
        pytest.param(SEEDS["837"][:108] + b"GS*HC~" + b"ST*837~SE~" * 50_000, id="many empty sets"),
        pytest.param(SEEDS["277"].replace(b"STC*", b"STC~" * 120_000 + b"STC*", 1), id="many statuses"),
        pytest.param(SEEDS["999"].replace(b"AK2*", b"AK2~" * 120_000 + b"AK2*", 1), id="many answers"),
        pytest.param(b"ISA" + b" \n" * 400_000, id="blanks"),
        pytest.param(b"\n" * 1_000_000 + SEEDS["999"], id="blanks before"),
        pytest.param(
            HEAD + b"GS*HC*A*B*20260302*0930*1*X*005010X222A1~" + b"ST*837*0001~SE*2*0001~" * 43_000,
            id="empty sets that agree",
        ),
        pytest.param(put("837", b"CLM*", b"NTE*ADD*" + b"A" * MEGABYTE + b"~"), id="one giant segment"),
        pytest.param(put("837", b"*ABK", b"*" + b"A:" * (MEGABYTE // 2)), id="one giant composite"),
        pytest.param(put("837", b"*ABK", b"*ABK:E119" + b"^ABK:E119" * 110_000), id="repeats"),
        pytest.param(put("837", b"HL*2", chain(b"22")), id="levels of a claim file"),
        pytest.param(put("277CA", b"HL*2", chain(b"PT")), id="levels of an answer"),
        pytest.param(put("271", b"HL*2", chain(b"22")), id="levels of an eligibility"),
        pytest.param(put("278 request", b"HL*2", chain(b"EV")), id="levels of a review"),
        pytest.param(HEAD * 9_300, id="nothing but ISA"),
        pytest.param((HEAD + b"IEA*0*000000001~\n") * 8_000, id="nothing but envelopes"),
        pytest.param(SEEDS["837"] + b"~SE*8*4323~\nGE*1*1~\nIEA*1*000000907~" * 25_000, id="nothing but trailers"),
        pytest.param(HEAD + b"A*" * (MEGABYTE // 2), id="no terminator"),
        pytest.param(Random(1).randbytes(MEGABYTE), id="random bytes"),
        pytest.param(HEAD + Random(2).randbytes(MEGABYTE), id="random bytes in an envelope"),
        pytest.param(HEAD + bytes(Random(3).choices(SEPARATORS, k=MEGABYTE)), id="random segments"),
        pytest.param(put("835", b"LQ*HE", b"CAS*CO" + b"*45*1*" * 166_000 + b"~"), id="one wide adjustment"),
        pytest.param(put("835", b"SE*", b"PLB*1*20261231" + b"*WO*1" * 166_000 + b"~"), id="one wide provider balance"),
        pytest.param(put("837", b"LX*1", b"SBR*S*18~" * 110_000), id="many coverages"),
        pytest.param(put("271", b"EB*", b"EB*1*IND*30^30^30~" * 50_000), id="many benefits"),
    ],
)
def test_hostile_shapes_take_under_two_seconds_a_megabyte(data: bytes) -> None:
    allowed = 0.5 + 2 * len(data) / 1_000_000
    assert _seconds(data) < allowed or _seconds(data) < allowed, "twice too slow, so it was not the machine"


def _seconds(data: bytes) -> float:
    """Of our own computing: what the system does meanwhile is its affair, what other tests left none of ours."""
    gc.collect()
    gc.freeze()
    try:
        started = os.times().user
        check(data, "hostile")
        return os.times().user - started
    finally:
        gc.unfreeze()
