"""The portal on a free local port, for a real browser to visit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.serving import make_server

from tests.portal.world import PASSWORD, email

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NARROW, WIDE = 320, 1280
TAKEN_BACK = ("htmx:afterRequest", "htmx:sendAbort")  # what htmx logs of a request that it broke off itself


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the app from a thread; yields its address without the last slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def sign_in(page: Page, address: str, who: str, door: str) -> None:
    """Walk in through a door the way a person does."""
    page.goto(f"{address}/")
    page.check(f"input[name=door][value={door}]")
    page.fill("input[name=email]", email(who))
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("button:has-text('Sign in')")


def find_violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds on the page as it is now (`options` as axe takes them): rule, and the first place each."""
    # The page's own policy refuses injected scripts; the browser's isolated world is not bound by it.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        """(options) => axe.run(document, {resultTypes: ["violations"], ...options}).then((result) =>
            result.violations.map((each) =>
                `${each.id}: ${each.nodes[0].target.join(" ")} ${each.nodes[0].failureSummary}`))""",
        options or {},
    )
    return list(found)


BUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {"runOnly": ["color-contrast"]}


def look(page: Page, narrow: int = NARROW, picture: str = "") -> list[str]:
    """What is wrong with the page as it is now, on a telephone and at a desk, light and dark; leaves it wide and light.

    A theme changes colors and nothing else, and a width everything else: axe, which is slow, looks at each once.
    `picture` is the beginning of the names of screenshots.
    """
    wrong = []
    for width in (narrow, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        reach = page.evaluate("document.documentElement.scrollWidth")
        if reach > width:
            wrong.append(f"{reach} pixels wide at {width}")
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)
            if picture:
                page.screenshot(path=f"{picture}-{width}-{theme}.png", full_page=True)
            if (width, theme) != (narrow, "dark"):
                options = BUT_CONTRAST if width == narrow else CONTRAST if theme == "dark" else None
                wrong += [f"{width} {theme} {violation}" for violation in find_violations(page, options)]
    return [f"{page.url}: {each}" for each in wrong]


def watch(context: BrowserContext) -> list[str]:
    """Collects what the browser complains about (a script error, a refusal by the content policy).

    A question that was taken back because the person typed on is no complaint; one that failed says htmx:sendError.
    """
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(TAKEN_BACK):
            complaints.append(said.text)

    def listen(page: Page) -> None:
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    for page in context.pages:
        listen(page)
    context.on("page", listen)
    return complaints
