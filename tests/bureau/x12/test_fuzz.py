"""Mutated files by the thousand: no exception gets out, and no file takes more than its time."""

from __future__ import annotations

import time
from contextlib import suppress
from random import Random

import pytest

from bureau.x12.ack277 import write_277ca
from bureau.x12.ack999 import write_999
from bureau.x12.check import check
from bureau.x12.claim837 import find_claims_at, locate_claims
from bureau.x12.remit835 import iter_835, write_835
from bureau.x12.samples import generate_837, make_envelope
from bureau.x12.syntax import X12Error
from bureau.x12.tree import reemit, tree
from tests.bureau.x12.test_acknowledgements import ACK, CLAIM_ACKS
from tests.bureau.x12.test_remit835 import whole_remittance

SEEDS = {
    "837": generate_837(2).encode(),
    "835": write_835(make_envelope(), [whole_remittance()]).encode(),
    "999": write_999(make_envelope(), [ACK]).encode(),
    "277": write_277ca(make_envelope(), [CLAIM_ACKS]).encode(),
}
SPICE = [b"*", b"~", b":", b"^", b"\n", b"\x00", b"\xff", b"ISA*", b"IEA*1*1~", b"ST*837*1~", b"SE*1*1~",
         b"-", b".", b"9" * 40,
         b"HL*1**20*1~", b"CLM*~", b"CLP*~", b"CAS*~", b"STC*~", b"IK4*~", b"LX~", b"SVC*~", b"\xc3\xa9",
         b"**********"]  # fmt: skip


def mutate(dice: Random, data: bytes) -> bytes:
    """A few bytes changed, cut, doubled, swapped or slipped in."""
    out = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        at, size = dice.randrange(len(out) + 1), dice.randrange(1, 60)
        kind = dice.randrange(5)
        if kind == 0:
            del out[at : at + size]
        elif kind == 1:
            out[at:at] = dice.choice(SPICE)
        elif kind == 2:
            out[at:at] = out[at : at + size]
        elif kind == 3 and at < len(out):
            out[at] = dice.randrange(256)
        else:
            segments = bytes(out).split(b"~\n")
            dice.shuffle(segments[3:])
            segments.insert(dice.randrange(len(segments)), dice.choice(segments))
            out = bytearray(b"~\n".join(segments))
    return bytes(out)


@pytest.mark.parametrize("kind", SEEDS)
def test_no_mutation_gets_an_exception_out(kind: str) -> None:
    dice = Random(int(kind))
    for _ in range(1_500):
        data = mutate(dice, SEEDS[kind])
        report = check(data, "fuzz")
        assert report.transactions or report.errors
        text = data.decode("latin-1")
        tree(text)
        list(iter_835([text]))
        find_claims_at(text, "0001", 20)
        for reads in (reemit, locate_claims):
            with suppress(X12Error):
                reads(text)


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
    ],
)
def test_hostile_shapes_take_under_two_seconds_a_megabyte(data: bytes) -> None:
    started = time.process_time()
    check(data, "hostile")
    assert time.process_time() - started < 0.5 + 2 * len(data) / 1_000_000
