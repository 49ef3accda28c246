"""The pages in a real browser: accessible, keyboard first, whole at every width, silent in the console."""

from __future__ import annotations

import pytest

from tests.portal.browser import find_violations, look, sign_in, watch

pytestmark = pytest.mark.browser
VISITS = (
    ("admin", "back", ("/back/", "/back/c/HARBOR/", "/back/c/QUIET/", "/back/search?q=h", "/back/nothing",
                       "/back/search?q=zzz", "/lab/", "/run/r1/back/", "/run/r1/front/")),
    ("owner", "front", ("/front/",)),
    ("quiet", "front", ("/front/",)),
    ("nobody", "front", ("/nowhere",)),
)  # fmt: skip


def test_every_page_is_accessible_and_fits(page, address):
    complaints = watch(page.context)
    page.goto(f"{address}/")
    wrong = look(page)
    page.fill("input[name=email]", "admin@example.test")
    page.fill("input[name=password]", "wrong")
    with page.expect_navigation():
        page.click("button:has-text('Sign in')")
    wrong += look(page)
    for who, door, paths in VISITS:
        page.context.clear_cookies()
        sign_in(page, address, who, door)
        for path in paths:
            page.goto(f"{address}{path}")
            wrong += look(page)
    assert not wrong
    assert [each for each in complaints if "404" not in each and "401" not in each] == []


@pytest.fixture
def desk(page, address):
    """A page of the bureau, signed in, with everything the browser complains about."""
    said = watch(page.context)
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, address, "admin", "back")
    yield page
    assert said == []


def test_search_by_keyboard_alone(desk, address):
    desk.keyboard.press("Control+k")
    desk.wait_for_selector("#palette-results [role=option]")
    desk.keyboard.type("ridge")
    desk.wait_for_selector("#palette-results >> text=Ridgeview Orthopedics")
    assert find_violations(desk) == []
    box = desk.locator("#palette input")
    assert box.get_attribute("aria-activedescendant")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"{address}/back/c/RIDGE/")


def test_escape_closes_the_search_and_gives_the_focus_back(desk):
    desk.focus(".switcher summary")
    desk.keyboard.press("Control+k")
    desk.keyboard.type("x")
    desk.keyboard.press("Escape")
    assert not desk.is_visible("#palette")
    assert desk.evaluate("document.activeElement.closest('.switcher') !== null")


def test_rows_by_keyboard(desk, address):
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    assert desk.evaluate("document.activeElement.textContent") == "Ridgeview Orthopedics"
    desk.keyboard.press("k")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"{address}/back/c/HARBOR/")


def test_the_list_of_shortcuts(desk):
    desk.keyboard.press("?")
    assert desk.is_visible("#shortcuts")
    assert "Next row" in desk.inner_text("#shortcuts")
    assert find_violations(desk) == []
    desk.keyboard.press("Escape")
    assert not desk.is_visible("#shortcuts")


def test_keys_do_nothing_while_typing_and_when_turned_off(desk, address):
    desk.goto(f"{address}/back/search")
    desk.focus("#search-text")
    desk.keyboard.type("j?")
    assert desk.input_value("#search-text") == "j?"
    assert not desk.is_visible("#shortcuts")
    desk.goto(f"{address}/back/")
    desk.click(".me")
    with desk.expect_navigation():
        desk.click("button[value=off]")
    desk.keyboard.press("?")
    assert not desk.is_visible("#shortcuts")
    desk.keyboard.press("Control+k")  # not a single key
    assert desk.is_visible("#palette")
    desk.keyboard.press("Escape")
    desk.click(".me")
    with desk.expect_navigation():
        desk.click("button[value=on]")
    desk.keyboard.press("?")
    assert desk.is_visible("#shortcuts")


def test_menus_are_accessible_and_close_with_escape(desk):
    for opener in (".me", ".switcher summary"):
        desk.click(opener)
        assert find_violations(desk) == []
        desk.keyboard.press("Escape")
        assert desk.locator("details.menu[open]").count() == 0


def test_the_navigation_folds_on_a_telephone(desk):
    desk.set_viewport_size({"width": 390, "height": 800})
    assert not desk.is_visible("#navigation")
    desk.click("button[aria-label=Navigation]")
    assert desk.is_visible("#navigation >> text=Today")
    assert find_violations(desk) == []
    desk.keyboard.press("Escape")
    assert not desk.is_visible("#navigation")


def test_a_hint_opens_by_focus_and_shuts_with_escape(desk, address):
    desk.goto(f"{address}/run/r1/front/c/HARBOR/")
    desk.focus(".hint-word")
    assert desk.is_visible(".hint-text")
    assert find_violations(desk) == []
    desk.keyboard.press("Escape")
    assert not desk.is_visible(".hint-text")


def test_a_portal_that_stopped_answering_is_said(page, app):
    from tests.portal.browser import served

    with served(app) as here:
        sign_in(page, here, "tester", "lab")
    page.wait_for_selector("text=The portal did not answer", timeout=8_000)


def test_the_page_works_without_script(browser, address):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, address, "admin", "back")
    page.click("button[aria-label=Navigation]")
    assert page.is_visible("#navigation >> text=Lab")
    page.goto(f"{address}/back/")
    page.click(".search-button")
    page.fill("#search-text", "quiet")
    page.click("main button:has-text('Search')")
    page.click(".found >> text=Quiet Valley Pediatrics")
    page.wait_for_url(f"{address}/back/c/QUIET/")
    context.close()


def test_printing_a_sandbox_page_says_so(desk, address):
    desk.goto(f"{address}/run/r1/back/")
    desk.emulate_media(media="print")
    assert desk.is_visible("text=Sandbox: Clean claims")
    assert not desk.is_visible(".top")
    assert not desk.is_visible("#navigation")
