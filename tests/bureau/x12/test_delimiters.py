"""Every reader takes a file as the field sends it: any separators, any line breaks, several envelopes, one bad set."""

from __future__ import annotations

from itertools import permutations

import pytest

from bureau.x12.check import check
from bureau.x12.syntax import Delimiters, find_delimiters
from tests.bureau.x12.kinds import KINDS, Read
from tests.bureau.x12.test_syntax import redelimit

EACH = pytest.mark.parametrize(("read", "text"), KINDS.values(), ids=KINDS.keys())
UNPRINTED = Delimiters("\x1d", "\x1f", "\x1e", "\x1c")
LINES, RETURNS = Delimiters("|", ">", "^", "\n"), Delimiters("*", ":", "^", "\r")
MARKS = [*(Delimiters(*four) for four in permutations("*:^~")), UNPRINTED, LINES, RETURNS]
GAPS = ["", "\n", "\r\n", " ", "\n\n", " \r\n  "]


def one_set(text: str) -> str:
    """The transaction set of a text, ST to SE."""
    return text[text.index("ST*") : text.index("GE*")]


@EACH
def test_any_separators_and_breaks_give_the_same_values(read: Read, text: str) -> None:
    values = read(text)[0]
    assert values
    codes = [problem.code for problem in read(text)[1]]
    for at, marks in enumerate(MARKS):
        sent = redelimit(text, marks, GAPS[at % len(GAPS)])
        assert find_delimiters(sent) == marks
        back, problems = read(sent)
        assert back == values, marks
        assert [problem.code for problem in problems] == codes
    for gap in GAPS:
        assert read(redelimit(text, UNPRINTED, gap))[0] == values


@EACH
def test_a_mark_of_utf8_a_cut_off_end_and_blanks_around_change_nothing(read: Read, text: str) -> None:
    values = read(text)[0]
    assert read(text.rstrip("~\n"))[0] == values
    assert read(f"\r\n  {text}\n\x1a\x00")[0] == values
    plain, marked = check(text.encode(), "a"), check(b"\xef\xbb\xbf" + text.encode(), "a")
    assert plain == marked
    assert plain.transactions == 1


@EACH
def test_utf16_and_binary_are_refused_with_one_clear_line(read: Read, text: str) -> None:
    for data in (text.encode("utf-16"), text.encode("utf-16-le"), b"PK\x03\x04" + b"\x00\x07\x00" * 400):
        report = check(data, "a.x12")
        assert [(problem.code, problem.where) for problem in report.errors] == [("encoding", "a.x12 file")]
        assert (report.transactions, report.warnings) == (0, [])
    values, problems = read(text.encode("utf-16-le").decode("latin-1"))
    assert values == []
    assert [problem.is_error for problem in problems if problem.code != "no_transactions"] == [True]


@EACH
def test_several_interchanges_each_with_its_own_separators(read: Read, text: str) -> None:
    values = read(text)[0]
    second, third = (text.replace("000000001", number) for number in ("000000002", "000000003"))
    back, problems = read(text + redelimit(second, UNPRINTED, "\n") + redelimit(third, LINES, ""))
    assert back == values * 3
    assert [problem.code for problem in problems] == [problem.code for problem in read(text)[1]] * 3


@EACH
def test_several_groups_and_sets_and_a_ta1_before_them(read: Read, text: str) -> None:
    values, problems = read(text)
    codes = [problem.code for problem in problems]
    group = text[text.index("GS*") : text.index("IEA*")]
    mark = text[text.index("GS*") :].partition("~")[0].split("*")[6]
    second = group.replace(f"*{mark}*X*", "*77*X*").replace(f"GE*1*{mark}~", "GE*1*77~")
    more = text.replace(group, f"TA1*000000777*260301*1200*A*000~\n{group}{second}").replace("IEA*1*", "IEA*2*")
    back, problems = read(more)
    assert back == values * 2
    assert [problem.code for problem in problems] == codes * 2
    twice = one_set(text).replace("*0001", "*0002")
    back, problems = read(text.replace("GE*1*", f"{twice}GE*2*"))
    assert len(back) == 2 * len(values)
    assert [problem.code for problem in problems] == codes * 2


@EACH
def test_one_bad_set_sinks_nothing_else(read: Read, text: str) -> None:
    values = read(text)[0]
    good = one_set(text)
    start = good.partition("~")[0]
    bad = f"{start.replace('*0001', '*0002')}~\nXX*1~\nHL~\nNM1~\nCAS*~\nSE*9*0009~\n"
    back, problems = read(text.replace(good, bad + good + bad.replace("*0002", "*0003")).replace("GE*1*", "GE*3*"))
    assert [value for value in back if value in values] == values
    assert {"se_count", "se_control"} <= {problem.code for problem in problems}


@EACH
def test_counts_and_control_numbers_that_lie_are_told_and_the_values_kept(read: Read, text: str) -> None:
    values = read(text)[0]
    trailer = text[text.index("SE*") :].partition("~")[0]
    mark = text[text.index("GE*") :].partition("~")[0]
    for old, new, code in (
        (trailer, "SE*999*0001", "se_count"), (trailer, trailer.replace("0001", "0009"), "se_control"),
        (f"{trailer}~\n", "", "se_missing"), (mark, mark.replace("GE*1*", "GE*5*"), "ge_count"),
        (mark, f"{mark}9", "ge_control"), (f"{mark}~\n", "", "ge_missing"), ("IEA*1*", "IEA*4*", "iea_count"),
        ("IEA*1*000000001", "IEA*1*000000008", "iea_control"),
    ):  # fmt: skip
        assert old in text
        back, problems = read(text.replace(old, new))
        assert back == values
        assert code in [problem.code for problem in problems if problem.is_error], code


@EACH
def test_no_transaction_is_an_error(read: Read, text: str) -> None:
    empty = text.replace(one_set(text), "").replace("GE*1*", "GE*0*")
    foreign = text.replace("ST*", "ST*9")
    for sent in (empty, foreign, "", "\n"):
        values, problems = read(sent)
        assert values == []
        assert "no_transactions" in [problem.code for problem in problems if problem.is_error]
