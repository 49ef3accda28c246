"""Every page of the practice's door in a real browser: accessible, whole at every width, and usable without a mouse."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bureau.models import Filing, UploadRow
from bureau.rules.lifecycle import State
from clients.scope import Scope, ScopedSession
from tests.portal.browser import find_violations, look, sign_in, watch
from tests.portal.front.test_upload import FOREIGN, row, sheet

pytestmark = pytest.mark.browser


@pytest.fixture
def paths(enter, practice_book) -> list[str]:
    """Pages in their conditions: full, empty, refused, half done."""
    with ScopedSession(practice_book.engine, scope=Scope.all(), read_only=True) as session:
        states = (State.PART_DENIED, State.DENIED, State.CODING, State.PATIENT_DUE)
        claims = [session.scalars(select(Filing.claim_id).where(Filing.state == one).limit(1)).one() for one in states]
        bad = session.scalars(select(UploadRow).where(UploadRow.state == "problem").order_by(UploadRow.id)).first()
    owner = enter("owner")
    check = owner.send(sheet(row("K1"), row("K2", day="x"), row("K3", npi="1", charge="z")))
    begun, kept = owner.post("/front/charges").location, owner.post("/front/charges").location
    owner.post(f"{kept}/keep", **{"act": "pick:P0", "diagnoses": "J0190 ZZZ", "line-1-procedure": "G9999"})
    foreign, scan = owner.send(FOREIGN.format("K5")), owner.send(b"%PDF-1.7", "scan.pdf")
    return [
        "/front/", "/front/upload", check, f"{foreign}/map", scan, f"/front/upload/{bad.upload_id}",
        f"/front/upload/{bad.upload_id}?show=problem", f"/front/upload/{bad.upload_id}/rows/{bad.id}",
        "/front/charges", begun, kept, "/front/expected", "/front/expected?week=2026-02-25",
        "/front/expected/1/2026-02-25", "/front/upload/1?show=discarded",
        "/front/questions", "/front/questions?show=answered", "/front/claims",
        "/front/claims?q=zzz", *(f"/front/claims/{one}" for one in claims), "/front/reports",
        "/front/reports/claim_status", "/front/reports/aging?from=2026-03-09&to=2026-03-01",
        "/front/reports/daily_postings", "/front/reports/sla", "/front/promises", "/front/nothing",
        "/front/plan", "/front/plan/ask", "/front/plan/prices", "/front/plan/unserved/denial.route",
    ]  # fmt: skip


def test_every_page_is_accessible_and_fits(page, front_address, paths):
    complaints, wrong = watch(page.context), []
    sign_in(page, front_address, "owner", "front")
    for path in paths:
        page.goto(f"{front_address}{path}")
        wrong += look(page)
    assert not wrong
    assert [each for each in complaints if "404" not in each] == []


def test_a_file_goes_in_by_keyboard_alone(page, front_address):
    said = watch(page.context)
    sign_in(page, front_address, "owner", "front")
    page.goto(f"{front_address}/front/upload")
    data = sheet(row("K9"), row("K10", day="2026-02-31")).encode()
    page.set_input_files("#upload-file", {"name": "keys.csv", "mimeType": "text/csv", "buffer": data})
    page.focus("button:has-text('Check the file')")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Check of keys.csv')")
    page.keyboard.press("a")  # the main action
    page.wait_for_selector("h1:has-text('keys.csv') >> nth=0")
    page.wait_for_selector("text=1 row still to fix.")
    page.click(".tabs >> text=To fix")
    page.wait_for_url("**show=problem")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rows/*")
    page.fill("input[name=service_date]", "2026-03-01")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Row 3 is taken in.")
    assert said == []


def test_too_large_a_file_is_told_before_it_is_sent(page, front_address):
    sign_in(page, front_address, "owner", "front")
    page.goto(f"{front_address}/front/upload")
    big = {"name": "big.csv", "mimeType": "text/csv", "buffer": b"x" * 300_001}
    page.set_input_files("#upload-file", big)
    page.click("button:has-text('Check the file')")
    assert "too large" in page.evaluate("document.querySelector('#upload-file').validationMessage")
    assert page.url.endswith("/front/upload")


def test_the_preview_of_a_mapping_follows_what_is_chosen(page, front_address, enter):
    check = enter("owner").send(FOREIGN.format("K7").replace("Rendering NPI", "Who"))
    sign_in(page, front_address, "owner", "front")
    page.goto(f"{front_address}{check}/map")
    page.wait_for_selector("text=Say where to find: provider.")
    page.select_option("select[name='column.provider_npi']", "Who")
    page.wait_for_selector("#mapping-preview >> text=2 rows, 0 with a problem")
    page.select_option("select[name=date_format]", "%Y%m%d")
    page.wait_for_selector("#mapping-preview >> text=2 rows, 2 with a problem")
    assert find_violations(page) == []


def test_a_report_prints_without_its_frame(page, front_address):
    sign_in(page, front_address, "owner", "front")
    page.goto(f"{front_address}/front/reports/aging")
    page.emulate_media(media="print")
    assert page.is_visible("#report table")
    assert not page.is_visible(".filters")
    assert not page.is_visible("#navigation")
