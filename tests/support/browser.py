"""A real headless Chromium for journeys: Debian's own, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.samples import IN_CI

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these a Chromium looks for its maker's hosts at every start.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    """The path of an installed Chromium: BUREAU_TEST_CHROMIUM, else the first known name on the PATH."""
    named = os.environ.get("BUREAU_TEST_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of a worker; open a context of your own for each sign-in."""
    path = find_chromium()
    if path is None:
        why = "no Chromium: ./run test installs one when it is root"
        pytest.fail(why) if IN_CI else pytest.skip(why)
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page in a context of its own: no cookies, 1280 x 800, nothing moves, ten seconds of patience."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
