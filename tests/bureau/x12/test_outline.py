"""Where claims stand in any file, and how it is cut into pages."""

from __future__ import annotations

from datetime import date

import pytest

from bureau.x12.acknowledge import acknowledge, write_reply
from bureau.x12.acknowledge_claims import CLEARINGHOUSE, Speaker
from bureau.x12.locate import locate_claims
from bureau.x12.outline import Part, read_outline
from bureau.x12.samples import generate_835, generate_837, make_envelope
from bureau.x12.tree import tree
from bureau.x12.values import Party
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, PAID, REMIT_HEAD, wrap

CLAIMS = generate_837(40)
PAYMENTS = generate_835(40)
SPEAKER = Speaker(Party("HUB", id_kind="46", id="HUB"), CLEARINGHOUSE, date(2026, 3, 3))
ANSWERS = write_reply(acknowledge(CLAIMS, SPEAKER).replies[0], make_envelope())["277CA"]


def first_words(text: str, first: int, last: int) -> list[str]:
    return [node.raw.split("*")[0] for node in tree(text, first, last)]


def test_a_claim_stands_where_it_was_located_and_knows_its_level() -> None:
    parts = read_outline(CLAIMS).parts
    assert {part.number: (part.first, part.last) for part in parts} == locate_claims(CLAIMS)
    for part in parts:
        assert first_words(CLAIMS, part.first, part.first) == ["CLM"]
        assert first_words(CLAIMS, part.head_first, part.head_first) == ["HL"]
        assert "CLM" not in first_words(CLAIMS, part.head_first, part.head_last)


def test_claims_of_one_level_share_its_head() -> None:
    one, two = read_outline(wrap("837", CLAIM_HEAD + CLAIM + CLAIM.replace("A1", "A2"))).parts
    assert one == Part("A1", 21, 26, 14, 20)
    assert two == Part("A2", 27, 32, 14, 20)


def test_payments_and_answers_are_parts_too() -> None:
    outline = read_outline(PAYMENTS)
    assert [part.number for part in outline.parts] == [f"T{number:011d}" for number in range(40)]
    assert {tuple(first_words(PAYMENTS, part.first, part.first)) for part in outline.parts} == {("CLP",)}
    outline = read_outline(ANSWERS)
    assert [part.number for part in outline.parts] == [f"T{number:011d}" for number in range(40)]
    assert first_words(ANSWERS, outline.parts[7].first, outline.parts[7].last)[:4] == ["HL", "NM1", "TRN", "STC"]


def test_every_payment_of_a_claim_is_found() -> None:
    text = wrap("835", REMIT_HEAD + PAID + PAID.replace("CLP*A1", "CLP*A2") + PAID + "PLB*9999000018*20261231*WO*1")
    parts = read_outline(text).find("A1")
    assert len(parts) == 2
    for part in parts:
        assert first_words(text, part.first, part.last)[0] == "CLP"
        assert "PLB" not in first_words(text, part.first, part.last)


@pytest.mark.parametrize("text", [CLAIMS, PAYMENTS, ANSWERS, wrap("837", CLAIM_HEAD)])
@pytest.mark.parametrize("size", [5, 60, 200, 10_000])
def test_every_segment_is_on_one_page(text: str, size: int) -> None:
    outline = read_outline(text)
    seen: list[int] = []
    at = 1
    while at <= outline.total:
        first, last = outline.page_of(at, size)
        assert first == at
        assert last - first < 3 * size
        assert all(outline.page_of(inside, size) == (first, last) for inside in (first, last))
        seen += [node.position for node in tree(text, first, last)]
        at = last + 1
    assert seen == list(range(1, outline.total + 1))


def test_a_page_ends_between_claims() -> None:
    outline = read_outline(CLAIMS)
    starts = set(outline.pages(100))
    assert len(starts) > 5
    for part in outline.parts:
        assert not starts & set(range((part.head_first or part.first) + 1, part.last + 1))


@pytest.mark.parametrize("text", ["", "letter", CLAIMS[:150], CLAIMS[:3_000], CLAIMS + CLAIMS])
def test_an_odd_text_has_an_outline_too(text: str) -> None:
    outline = read_outline(text)
    assert outline.total == len(tree(text))
    assert all(1 <= part.first <= part.last <= outline.total for part in outline.parts)
    assert outline.find("NONE") == []
