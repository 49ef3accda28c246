"""Somebody before a real screen, who reads, follows links, fills fields in and presses buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Response

BODY = "main, form.sign-in"  # where a page speaks; the entrance has no more than its form


@dataclass
class Screen:
    """One person's own browser; waits for what it asks for, never for a time."""

    page: Page
    broken: list[str] = field(default_factory=list)  # what no page should ever answer or do

    @classmethod
    def open(cls, browser: Browser) -> Screen:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
        context.set_default_timeout(10_000)
        screen = cls(context.new_page())
        screen.page.on("response", screen._look_at)
        screen.page.on("pageerror", lambda error: screen.broken.append(str(error)))
        return screen

    def _look_at(self, answer: Response) -> None:
        if answer.status >= 500 or answer.status == 404:
            self.broken.append(f"{answer.status} {answer.url}")

    @property
    def text(self) -> str:
        return self.page.locator(BODY).first.inner_text()

    def sees(self, *words: str) -> None:
        """Every one of these stands on the page."""
        for each in words:
            assert each in self.text, f"{each!r} is not on {self.page.url}:\n{self.text}"

    def go(self, address: str) -> None:
        """Type an address; for the first page, and for a link that came by another way."""
        self.page.goto(address)

    def follow(self, link: str, among: str = "main") -> None:
        """Follow a link by its words."""
        target = self.page.locator(among).get_by_role("link", name=link).first
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            target.click()

    def choose(self, place: str) -> None:
        """A page of the navigation."""
        self.follow(place, "nav.side")

    def turn_to(self, tab: str) -> None:
        """Another tab of the page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.locator("main nav.tabs").get_by_role("link", name=tab, exact=True).click()

    def fill(self, values: Mapping[str, str] | None = None, **more: str) -> None:
        """Fill fields in by their names in the form; what is folded away is unfolded first."""
        for name, value in {**(values or {}), **more}.items():
            found = self.page.locator(BODY).locator(f"[name='{name}']")
            for folded in found.first.locator("xpath=ancestor::details[not(@open)]").all():
                folded.locator("summary").click()
            _enter(found, value)

    def press(self, button: str, *, sure: bool = False) -> None:
        """Press a button, and say yes where it asks back."""
        target = self.page.locator(BODY).get_by_role("button", name=button).first
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            target.click()
            if sure:
                self.page.locator("#confirm-yes").click()

    def send(self, file: Path, button: str) -> None:
        self.page.set_input_files("main input[type=file]", str(file))
        self.press(button)


def _enter(found: Locator, value: str) -> None:
    kind = found.first.evaluate("field => field.type")
    if kind == "select-one":
        found.select_option(value)
    elif kind == "radio":
        found.and_(found.page.locator(f"[value='{value}']")).check()
    elif kind == "checkbox":
        found.set_checked(value == "yes")
    else:
        found.fill(value)
