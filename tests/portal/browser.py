"""The portal on a free local port, for a real browser to visit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import make_server

from tests.portal.world import PASSWORD, email

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NARROW, WIDE = 320, 1280


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


def find_violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now: rule, and the first place each."""
    # The page's own policy refuses injected scripts; the browser's isolated world is not bound by it.
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        """() => axe.run(document, {resultTypes: ["violations"]}).then((result) =>
            result.violations.map((each) =>
                `${each.id}: ${each.nodes[0].target.join(" ")} ${each.nodes[0].failureSummary}`))"""
    )
    return list(found)


def watch(context: BrowserContext) -> list[str]:
    """Collects what the browser complains about (a script error, a refusal by the content policy)."""
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    context.on("page", listen)
    return complaints
