"""Delimiters from the ISA only, and the same segments however the text is broken into lines and chunks."""

from __future__ import annotations

import pytest

from bureau.x12.claim837 import read_837
from bureau.x12.envelope import decode
from bureau.x12.samples import generate_837
from bureau.x12.syntax import (
    LONGEST_SEGMENT,
    Delimiters,
    X12Error,
    find_delimiters,
    iter_blocks,
    segment_of,
    split_segments,
)
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, wrap

TEXT = wrap("837", CLAIM_HEAD + CLAIM)


def redelimit(text: str, new: Delimiters, gap: str) -> str:
    """The standard text with other separators and another break between segments; ISA11 is U where none repeats."""
    text = text.replace("~\n", "~")
    if not new.repetition:
        text = text.replace("*^*00501*", "*U*00501*")
    table = str.maketrans({"*": new.element, ":": new.component, "~": new.segment, "^": new.repetition})
    return text.translate(table).replace(new.segment, new.segment + gap)


@pytest.mark.parametrize("gap", ["", "\n", "\r\n", " ", "\n\n", " \r\n  "])
@pytest.mark.parametrize(
    "marks",
    [Delimiters(), Delimiters("|", ">", "^", "\n"), Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
     Delimiters("*", "<", "", "~"), Delimiters("+", "&", "!", "'"), Delimiters("*", ":", "^", "\r")],
)  # fmt: skip
def test_any_delimiters_and_breaks_give_the_same_claims(marks: Delimiters, gap: str) -> None:
    text = redelimit(TEXT, marks, gap)
    assert find_delimiters(text) == marks
    assert read_837(text) == read_837(TEXT)
    assert read_837(TEXT)[1] == []


@pytest.mark.parametrize("size", [1, 7, 105, 106, 107, 318, 319, 1000])
def test_chunks_of_any_size_give_the_same_segments(size: int) -> None:
    second = redelimit(generate_837(2), Delimiters("|", ">", "^", "\n"), "")
    text = TEXT + second + TEXT
    whole = [raw.split(marks.element) for marks, run in iter_blocks([text]) for raw in run]
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    assert [raw.split(marks.element) for marks, run in iter_blocks(chunks) for raw in run] == whole
    assert [e[0] for e in whole].count("ISA") == 3
    assert all(e[0].isalnum() for e in whole)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "isa_missing"), ("ISA", "isa_missing"), ("GS*HC", "isa_missing"), ("hello", "isa_missing"),
        ("ISA*00*x~", "isa_malformed"), ("ISAA" + "A00" * 16 + "AA", "isa_malformed"), ("ISA " * 30,
        "isa_malformed"),
        (TEXT.replace("*T*:~", "*T***", 1), "isa_malformed"), (TEXT.replace("*T*:~", "*T*AB", 1),
        "isa_malformed"),
    ],
)  # fmt: skip
def test_a_text_without_a_proper_isa_is_refused(text: str, code: str) -> None:
    with pytest.raises(X12Error) as caught:
        find_delimiters(text)
    assert caught.value.problem.code == code
    assert read_837(text)[0] == []
    assert read_837(text)[1]


def test_an_isa_of_the_wrong_width_is_still_read() -> None:
    claims, problems = read_837(TEXT.replace("SENDER         ", "SENDER", 1))
    assert len(claims[0].claims) == 1
    assert problems == []


def test_a_segment_without_end_is_refused_and_does_not_eat_the_memory() -> None:
    chunks = [TEXT[:200], *["X" * 50_000] * (LONGEST_SEGMENT // 50_000 + 2)]
    with pytest.raises(X12Error, match="terminator"):
        list(iter_blocks(chunks))


def test_a_text_that_was_cut_off_keeps_its_last_segment() -> None:
    assert split_segments("A*1~B*2", Delimiters()) == ["A*1", "B*2"]
    assert [run for _, run in iter_blocks([TEXT[:-2]])][-1][-1] == "IEA*1*000000001"


def test_a_name_that_looks_like_a_trailer_does_not_cut_the_interchange() -> None:
    text = TEXT.replace("DOE", "IEA").replace("*MI*M1", "*MI*ISA*X")
    assert [e for marks, run in iter_blocks([text]) for e in run if e.startswith("NM1*IL")]
    assert [one.split("*")[0] for _, run in iter_blocks([text]) for one in run].count("ISA") == 1


@pytest.mark.parametrize(
    ("data", "code", "refused"),
    [
        (TEXT.encode(), None, False), (b"\xef\xbb\xbf" + TEXT.encode(), None, False),
        (TEXT.encode("utf-16"), "encoding", True), (TEXT.encode("utf-16-le"), "encoding", True),
        (TEXT.encode("utf-16-be"), "encoding", True), (b"PK\x03\x04" + b"\x00\x01\x00" * 99, "encoding",
        True),
        (TEXT.replace("DOE", "DOÉ").encode("latin-1"), "encoding", False), (b"", None, False),
    ],
)  # fmt: skip
def test_decode(data: bytes, code: str | None, refused: bool) -> None:
    text, problems = decode(data)
    assert [problem.code for problem in problems] == ([code] if code else [])
    assert any(problem.is_error for problem in problems) == refused
    assert text.startswith("ISA") == (not refused and bool(data))


def test_segment_of() -> None:
    names = ("CLM05-3", "CLM05", "CLM", "NM109", "NM1", "N301", "N3", "SV107", "SE01", "SE", "TA1", "BPR02")
    expected = ("CLM", "CLM", "CLM", "NM1", "NM1", "N3", "N3", "SV1", "SE", "SE", "TA1", "BPR")
    assert tuple(map(segment_of, names)) == expected
