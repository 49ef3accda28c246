"""Files written by others: each is read or refused with a clear word, and comes back byte for byte."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from bureau.x12.balance import Verdict, balance
from bureau.x12.check import check
from bureau.x12.envelope import decode, read_envelope
from bureau.x12.remit835 import read_835
from bureau.x12.tree import reemit, tree
from tests.support.samples import WHY_MISSING, find_samples, sample_name

FILES = [path for path in find_samples("x12/*/*") if path.is_file()]
READ = {"837": "005010X222", "835": "005010X221", "999": "005010X231"}
# The source calls these valid, yet they are not: the sums, or the trailer, do not agree.
NOT_CLEAN = (
    "tertiary-payment.835",
    "subscriber-health-benefit-check-error.271",
    "sample1.txt",
    "sample2.txt",
)
# What their source calls invalid, all but two of a version before 005010. Of that version the grammar of the inside
# is another one, so we refuse it where it is named and judge its envelope: "sent" are the errors beside that refusal.
# Said to be 005010, each is also judged inside: "within" are the places that the acknowledgement its source
# expects (AK3, AK4, AK5, AK9, TA1) names, as file position and element; a place that we know and it does not is not
# in the list.
VERSION = (3, "GS08")


class Wrong(NamedTuple):
    """A file, what is said of it as sent, and what must be said of it in 005010."""

    name: str
    sent: set[tuple[int, str]]
    within: set[tuple[int, str]]


TRAILERS = {(61, "SE01"), (121, "GE02"), (122, "IEA01"), (122, "IEA02")}
INVALID = [
    # AK3 REF*3: there is no such REF in 005010, which is a warning, as it is kept nowhere. AK5 4: SE.
    Wrong("837p/azoner-pyx12__elements.edi", {VERSION, (31, "SE01")}, {
        (5, "REF"), (7, "PER03"), (9, "NM108"), (17, "NM108"), (20, "DMG02"), (20, "DMG03"), (25, "CLM05-1"),
        (31, "SE01"),
    }),
    # AK3 BHT*1 and HL*1 stand where they are missing, ST and SE; TA1 023.
    Wrong("837p/azoner-pyx12__fail_no_IEA.edi", {VERSION, (4, "SE01"), (5, "IEA")}, {
        (3, "BHT"), (4, "SE"), (4, "SE01"), (5, "IEA"),
    }),
    # AK3 LX*385: the 51st line. That there are still more after it (392, 399, 406) is not told again.
    Wrong("837p/azoner-pyx12__loop_counting.edi", {VERSION}, {(387, "LX")}),
    Wrong("837i/azoner-pyx12__blank1.edi", {VERSION}, {
        (59, "SV202-1"), (59, "SV202-2"), (61, "SVD03-1"), (61, "SVD03-2"),
    }),
    # AK5 4 of the first set, AK9 4, TA1 018: IEA02.
    Wrong("837i/azoner-pyx12__trailer_errors.edi", {VERSION, *TRAILERS}, TRAILERS),
    # AK3 DTM*5: the year 1111 is a day of the calendar, and dates as old stand in files that are valid. N1 to N1 are
    # warnings: what has no place in a payment is kept as it was sent.
    Wrong("835/azoner-pyx12__bad_header_looping.edi", {VERSION, (74, "SE01")}, {
        (41, "N1"), (42, "N3"), (43, "N4"), (44, "N1"), (74, "SE01"),
    }),
    # What is wrong by the table: BPR02 below zero, seen too often for more than a warning, and the claim's balance.
    Wrong("835/moov-io-x12__sample1.txt", {(18, "CLP04")}, {(4, "BPR02"), (35, "BPR02"), (18, "CLP04")}),
    Wrong("835/moov-io-x12__sample2.txt", {(19, "CLP04")}, {(4, "BPR16"), (19, "CLP04")}),
]  # fmt: skip
# Of these the expected acknowledgement accepts the set: nothing but the version may be said of them.
OLD_AND_ACCEPTED = ("837p/azoner-pyx12__simple_837p.edi", "835/azoner-pyx12__835id.edi")
IN_5010 = {
    "*00401*": "*00501*",
    "004010X098A1": "005010X222A1",
    "004010X096A1": "005010X223A2",
    "004010X091A1": "005010X221A1",
}  # fmt: skip


def find_wrong(name: str) -> Path:
    [path] = [path for path in FILES if path.as_posix().endswith(name)]
    return path


def sources(path: Path) -> str:
    """The row of SOURCES.md on a file."""
    table = (path.parents[1] / "SOURCES.md").read_text(encoding="utf-8")
    [row] = [line for line in table.splitlines() if f"`{path.parent.name}/{path.name}`" in line]
    return row


def text_of(path: Path) -> str:
    return decode(path.read_bytes())[0]


@pytest.mark.parametrize("path", FILES, ids=sample_name)
def test_each_is_read_or_refused_with_a_clear_word(path: Path) -> None:
    report = check(path.read_bytes(), path.name)
    assert report.transactions >= 1
    for problem in [*report.errors, *report.warnings]:
        assert problem.where.startswith(f"{path.name} segment ")
        assert problem.text.endswith(".")
        assert problem.code
    versions = {one.version for i in read_envelope(text_of(path))[0] for g in i.groups for one in g.sets}
    if all(version.startswith("005010") for version in versions):
        clean = not path.name.endswith(NOT_CLEAN)
        assert (not report.errors) == clean, report.errors
    else:
        assert [problem.code for problem in report.errors].count("version") == 1


@pytest.mark.parametrize("path", FILES, ids=sample_name)
def test_each_comes_back_byte_for_byte(path: Path) -> None:
    text = text_of(path)
    assert reemit(text) == text
    nodes = tree(text)
    assert [node.position for node in nodes] == list(range(1, len(nodes) + 1))
    assert (nodes[0].id, nodes[0].depth, nodes[1].id) == ("ISA", 0, "GS")


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name == "835"], ids=sample_name)
def test_remittances_balance_as_their_source_was_found_to(path: Path) -> None:
    remittances, _ = read_835(text_of(path))
    checked = sources(path).rsplit("|", 2)[1]
    verdicts = {balance(one).verdict for one in remittances}
    if not remittances:
        assert "00401" in text_of(path)[:106]
    elif "out of balance" in checked:
        assert Verdict.OUT_OF_BALANCE in verdicts
    else:
        assert verdicts == {Verdict.BALANCED}


@pytest.mark.parametrize(
    "path", [path for path in FILES if "999" in path.parent.name or path.suffix == ".837"], ids=sample_name
)
def test_what_is_ours_to_read_is_read(path: Path) -> None:
    report = check(path.read_bytes(), path.name)
    found = re.search(r"has: (\d+) CLM", sources(path))
    assert report.claims == (int(found[1]) if found else 0)
    assert report.kind in READ


@pytest.mark.skipif(not FILES, reason=WHY_MISSING)
def test_every_file_that_its_source_calls_invalid_is_in_the_table() -> None:
    called = {f"{path.parent.name}/{path.name}" for path in FILES if "INVALID" in sources(path)}
    assert called == {one.name for one in INVALID}


@pytest.mark.skipif(not FILES, reason=WHY_MISSING)
@pytest.mark.parametrize("wrong", INVALID, ids=lambda wrong: wrong.name)
def test_what_is_wrong_is_found_at_its_segment(wrong: Wrong) -> None:
    data = find_wrong(wrong.name).read_bytes()
    assert {(one.segment, one.element) for one in check(data, "f").errors} == wrong.sent
    text = data.decode("ascii")
    for old, new in IN_5010.items():
        text = text.replace(old, new)
    report = check(text.encode("ascii"), "f")
    assert report.errors
    assert {(one.segment, one.element) for one in (*report.errors, *report.warnings)} >= wrong.within


@pytest.mark.skipif(not FILES, reason=WHY_MISSING)
@pytest.mark.parametrize("name", OLD_AND_ACCEPTED)
def test_an_old_file_without_fault_is_refused_for_its_version_alone(name: str) -> None:
    report = check(find_wrong(name).read_bytes(), "f")
    assert [(one.segment, one.element, one.code) for one in report.errors] == [(*VERSION, "version")]
    assert report.warnings == []
