"""Ways to spoil an X12 file, from one flipped byte to two files spliced."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

LARGEST = 400_000  # bytes of what comes out
SPICE = (
    b"*", b"~", b":", b"^", b"\n", b"\r\n", b" ", b"\x00", b"\x1a", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"-", b".",
    b"ISA*", b"ISA*00*~", b"IEA*1*1~", b"GS*HC~", b"GE~", b"ST*837*1~", b"ST*835~", b"ST~", b"SE*1*1~", b"SE~",
    b"TA1*1~", b"HL*1**20*1~", b"HL~", b"CLM*~", b"CLP*~", b"CAS*~", b"STC*~", b"IK3~", b"IK4*~", b"LX~", b"SVC*~",
    b"SV1~", b"SVD~", b"NM1~", b"NM1*PR~", b"SBR~", b"PAT~", b"HI~", b"PLB~", b"EB~", b"EQ~", b"UM~", b"HCR~", b"AAA~",
    b"TRN~", b"LS*2120~", b"DTP*472*RD8*-~", b"REF~", b"**********",
)  # fmt: skip
NASTY = (
    b"", b"0", b"-1", b"-", b".", b"-.", b"1.2.3", b"1e9", b"NaN", b"Infinity", b"9" * 18, b"9" * 400, b"-0.005",
    b"00000000", b"20260231", b"99999999", b"20260101-20250101", b"-20260101", b"2400", b"\xd9\xa1\xd9\xa2", b"A" * 300,
    b":", b":::::::", b"^^^", b" ", b"XX", b"ABK:E119^ABF:I10", b"\xe2\x80\xae", b"\xc2\xb2",
)  # fmt: skip
MARKS = b"*:~^|><!&+'\x1c\x1d\x1e\x1f\n\r \x00aZ0\xe9"

Mutation = Callable[[Random, bytes, bytes], bytes]


def spoil(dice: Random, data: bytes, other: bytes) -> tuple[bytes, list[str]]:
    """The file with one to four mutations, and what they were."""
    names = []
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        mutation = dice.choice(MUTATIONS)
        data = mutation(dice, data, other)[:LARGEST]
        names.append(mutation.__name__)
    return data, names


def mutate(dice: Random, data: bytes) -> bytes:
    """The file spoiled with nothing but itself."""
    return spoil(dice, data, data)[0]


def flip_bytes(dice: Random, data: bytes, _other: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(min(dice.randrange(1, 8), len(out))):
        out[dice.randrange(len(out))] = dice.randrange(256)
    return bytes(out)


def delete(dice: Random, data: bytes, _other: bytes) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + data[at + dice.choice((1, 2, 5, 20, 100)) :]


def insert(dice: Random, data: bytes, _other: bytes) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(SPICE) + data[at:]


def truncate(dice: Random, data: bytes, _other: bytes) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[at:] if dice.random() < 0.2 else data[:at]


def splice(dice: Random, data: bytes, other: bytes) -> bytes:
    """The head of one file and the tail of another, cut anywhere."""
    return data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def append(_dice: Random, data: bytes, other: bytes) -> bytes:
    return data + other


def change_mark(dice: Random, data: bytes, _other: bytes) -> bytes:
    """One separator becomes another character, everywhere or in the ISA only."""
    old, new = dice.choice(b"*:~^").to_bytes(1, "big"), dice.choice(MARKS).to_bytes(1, "big")
    size = len(data) if dice.random() < 0.5 else 106
    return data[:size].replace(old, new) + data[size:]


def shuffle_segments(dice: Random, data: bytes, _other: bytes) -> bytes:
    """Some segments that follow each other, in another order."""
    segments = data.split(b"~")
    at, size = dice.randrange(len(segments)), dice.randrange(2, 12)
    part = segments[at : at + size]
    dice.shuffle(part)
    segments[at : at + size] = part
    return b"~".join(segments)


def move_segment(dice: Random, data: bytes, _other: bytes) -> bytes:
    segments = data.split(b"~")
    one = segments.pop(dice.randrange(len(segments)))
    segments.insert(dice.randrange(len(segments) + 1), one)
    return b"~".join(segments)


def drop_segment(dice: Random, data: bytes, _other: bytes) -> bytes:
    segments = data.split(b"~")
    del segments[dice.randrange(len(segments))]
    return b"~".join(segments)


def borrow_segment(dice: Random, data: bytes, other: bytes) -> bytes:
    """A segment of the other file slipped in."""
    segments = data.split(b"~")
    segments.insert(dice.randrange(len(segments) + 1), dice.choice(other.split(b"~")))
    return b"~".join(segments)


def swap_elements(dice: Random, data: bytes, _other: bytes) -> bytes:
    elements = data.split(b"*")
    one, two = dice.randrange(len(elements)), dice.randrange(len(elements))
    elements[one], elements[two] = elements[two], elements[one]
    return b"*".join(elements)


def spoil_elements(dice: Random, data: bytes, _other: bytes) -> bytes:
    """Something no element should hold, in a few of them."""
    elements = data.split(b"*")
    for _ in range(dice.randrange(1, 4)):
        elements[dice.randrange(len(elements))] = dice.choice(NASTY)
    return b"*".join(elements)


def blow_up(dice: Random, data: bytes, _other: bytes) -> bytes:
    """A stretch of segments, elements or components again and again, now and then very often."""
    mark = dice.choice((b"~", b"~", b"*", b":"))
    parts = data.split(mark)
    at, size = dice.randrange(len(parts)), dice.randrange(1, 5)
    stretch = parts[at : at + size]
    times = 3_000 if dice.random() < 0.02 else dice.choice((2, 3, 10, 60, 150))
    times = min(times, LARGEST // (sum(map(len, stretch)) + size))
    return mark.join(parts[:at] + stretch * times + parts[at + size :])


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes, delete, insert, truncate, splice, append, change_mark, shuffle_segments, move_segment, drop_segment,
    borrow_segment, swap_elements, spoil_elements, spoil_elements, blow_up,
)  # fmt: skip
