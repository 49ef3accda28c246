"""The paper claim as PDF: every text at its place on the form, the same bytes for the same claim."""

from __future__ import annotations

import io
from datetime import date
from random import Random

import pytest
from pypdf import PdfReader

from bureau.rules.cms1500 import BOXES, fill_cms1500
from bureau.x12.samples import make_claim, make_provider
from reports.cms1500 import COLUMN, LEFT, ROW, TOP, draw_cms1500

DAY = date(2026, 3, 2)
PAPER = fill_cms1500(make_claim(Random(3), 7, make_provider(1)), signed_on=DAY)


def texts_of(pdf: bytes) -> dict[tuple[int, int], str]:
    """What stands on the first page, by the row and column where it begins."""
    found: dict[tuple[int, int], str] = {}

    def note(text, _matrix, place, _font, _size):
        if text.strip():
            row, column = (TOP - place[5] + 3) / ROW, (place[4] - LEFT) / COLUMN + 1
            found[round(row), round(column)] = text.strip()

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=note)
    return found


def test_the_data_alone_stand_on_the_grid_of_the_form():
    page = PAPER.pages[0]
    found = texts_of(draw_cms1500(PAPER.pages, made_on=DAY, preprinted=True))
    assert len(found) == len(page)
    for name, text in page.items():
        box = BOXES[name]
        column = box.column + (box.width - len(text) if box.right else 0)
        assert found[box.row, column] == text.strip(), name


def test_the_copy_to_read_says_what_each_box_is():
    text = PdfReader(io.BytesIO(draw_cms1500(PAPER.pages, made_on=DAY))).pages[0].extract_text()
    for words in ("1a Insured's number", "21 Diagnoses", "33 Billing provider", PAPER.pages[0]["26"]):
        assert words in text


def test_a_page_is_us_letter_and_there_is_one_for_six_lines():
    pages = PdfReader(io.BytesIO(draw_cms1500(PAPER.pages * 3, made_on=DAY))).pages
    assert len(pages) == 3 * len(PAPER.pages)
    assert (float(pages[0].mediabox.width), float(pages[0].mediabox.height)) == (612, 792)


@pytest.mark.parametrize("preprinted", [True, False])
def test_the_same_claim_gives_the_same_bytes(preprinted):
    first = draw_cms1500(PAPER.pages, made_on=DAY, preprinted=preprinted)
    assert first == draw_cms1500(PAPER.pages, made_on=DAY, preprinted=preprinted)
    assert first != draw_cms1500(PAPER.pages, made_on=DAY, preprinted=preprinted, shift=(3, 0))
