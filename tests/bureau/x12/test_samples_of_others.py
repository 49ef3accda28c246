"""Files written by others: each is read or refused with a clear word, and comes back byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bureau.x12.balance import Verdict, balance
from bureau.x12.check import check
from bureau.x12.envelope import decode, read_envelope
from bureau.x12.remit835 import read_835
from bureau.x12.tree import reemit, tree
from tests.support.samples import find_samples, sample_name

FILES = [path for path in find_samples("x12/*/*") if path.is_file()]
READ = {"837": "005010X222", "835": "005010X221", "999": "005010X231"}
# The source calls these valid, yet they are not: the sums, or the trailer, do not agree.
NOT_CLEAN = (
    "tertiary-payment.835",
    "subscriber-health-benefit-check-error.271",
    "sample1.txt",
    "sample2.txt",
)


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
