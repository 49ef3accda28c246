"""One day of two people in a real browser: a practice uploads and corrects, the bureau sends, both see the money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clients.access import Grant, Role
from clients.accounts import create_user
from portal.app import build_app
from tests.portal.browser import served
from tests.support.houses import House, open_house, sheet, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PASSWORD = "a long day at work"


@pytest.fixture
def house(tmp_path: Path) -> House:
    found = open_house(f"sqlite:///{tmp_path / 'book.sqlite'}", tmp_path / "payers.sqlite")
    at_home = found.bureau.settings.model_copy(update={"home": tmp_path})  # files being checked lie there
    found.bureau = replace(found.bureau, settings=at_home)
    with found.office(everywhere=True) as office:
        create_user(office.session, "owner@x.example", "Olive Harper", PASSWORD, [Grant(Role.OWNER, found.client.id)])
        create_user(office.session, "biller@x.example", "Bea Quill", PASSWORD, [Grant(Role.BILLER, None)])
    return found


def walk_in(browser: Browser, address: str, who: str, door: str) -> Page:
    """A person at their own computer, signed in."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US").new_page()
    page.set_default_timeout(8_000)
    page.goto(address)
    page.check(f"input[name=door][value={door}]")
    page.fill("input[name=email]", f"{who}@x.example")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/{door}/**")
    return page


def run_job(page: Page, address: str, label: str) -> None:
    page.goto(f"{address}/back/jobs")
    row = page.locator("table.standings tr", has_text=label).filter(has_text="HARBOR")
    with page.expect_navigation():
        row.get_by_role("button", name="Run now").click()
    assert label in page.locator("main").inner_text()


def test_a_day_of_a_practice_and_its_bureau(house: House, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_bytes(
        sheet(
            visit(1),
            visit(2, service_date="02/03/2026"),
            visit(3, provider_npi="1234567893"),
            visit(4, procedure="XV101", charge="90.00"),
        )
    )
    with served(build_app(house.bureau, house.bureau.settings)) as address:
        practice = walk_in(browser, address, "owner", "front")

        # The practice uploads four visits, two of them with a bad row, and fixes one.
        practice.goto(f"{address}/front/upload")
        practice.set_input_files("input[type=file]", str(file))
        practice.get_by_role("button", name="Check the file").click()
        practice.wait_for_url("**/upload/check/**")
        assert "Expected a date as YYYY-MM-DD" in practice.locator("main").inner_text()
        practice.get_by_role("button", name="Take in 2 rows").click()
        practice.wait_for_url("**/upload/*")
        assert "2 rows taken in as 2 visits. 2 rows still to fix." in practice.locator("main").inner_text()
        practice.get_by_role("link", name="Row 3").click()
        practice.get_by_label("Date of service").fill("2026-03-02")
        with practice.expect_navigation():
            practice.locator("main form button.button-main").click()
        practice.goto(f"{address}/front/upload")
        row = practice.locator("tr", has_text="visits.csv").inner_text().split()
        assert row[-5:] == ["4", "3", "1", "0", "3"]  # rows, taken in, to fix, duplicates, visits

        # The bureau scrubs and sends; the payer answers at once, and the money is posted.
        biller = walk_in(browser, address, "biller", "back")
        for label in ("Scrub claims in draft", "Send ready claims", "Collect answers", "Post remittances"):
            house.tick()
            run_job(biller, address, label)
        biller.goto(f"{address}/back/claims")
        listed = biller.locator("table").inner_text()
        assert listed.count("Patient owes") + listed.count("Closed, paid") == 3
        biller.get_by_role("link", name="Doe2").first.click()
        biller.wait_for_load_state()
        claim = biller.locator("main").inner_text()
        assert "95.00" in claim  # allowed 120.00 less the copay of 25.00
        assert "25.00" in claim

        # The practice sees its payment.
        practice.goto(f"{address}/front/")
        assert "$237.00" in practice.locator("main").inner_text()  # 120 - 25 twice, and 72 - 25
        practice.goto(f"{address}/front/claims")
        practice.get_by_role("link", name="Doe2").first.click()
        practice.wait_for_load_state()
        assert "95.00" in practice.locator("main").inner_text()
    assert house.broken_laws() == []
    house.close()
