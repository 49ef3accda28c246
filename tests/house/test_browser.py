"""The browser of the journeys is a real one: it lays out a page, runs its script and keeps no cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE = """<!doctype html><title>Claims</title>
<label>Amount <input type="text"></label>
<output>0</output>
<script>
  const [input, output] = document.querySelectorAll("input, output")
  input.oninput = () => { output.value = input.value * 2 }
</script>"""


def test_a_page_is_typed_into_and_answers(page: Page) -> None:
    page.set_content(PAGE)
    page.get_by_label("Amount").fill("21")
    assert page.locator("output").inner_text() == "42"
    assert page.title() == "Claims"
    assert (page.locator("input").bounding_box() or {}).get("width", 0) > 0
    assert page.context.cookies() == []
