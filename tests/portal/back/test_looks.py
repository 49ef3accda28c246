"""The bureau's pages in a real browser: accessible, whole at every width, light and dark, and led by the keyboard."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import select

from bureau.models import Claim, Filing, JobRun, Mail, Remittance, UploadRow
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from tests.portal.browser import find_violations, look, sign_in, watch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def places(book) -> dict[str, str]:
    """Every page of the bureau once, by a name for its picture."""
    with book.open_office(Actor(ActorKind.PERSON, "test"), Scope.all(), read_only=True) as office:

        def ref(kind: str, column, *where) -> str:
            found = office.session.scalars(select(column).where(*where).order_by(column)).first()
            return reference(kind, found)

        claims = {state: ref("CLM", Filing.claim_id, Filing.state == state)
                  for state in ("CODING", "SCRUB_FAILED", "REJECTED", "FOLLOW_UP", "DENIED", "PART_DENIED",
                                "PATIENT_DUE", "NEEDS_INFO")}  # fmt: skip
        one = {
            "file-837": f"files/{ref('FIL', Mail.id, Mail.kind == '837P')}",
            "file-crooked": f"files/{ref('FIL', Mail.id, Mail.name == 'crooked.835')}",
            "file-letter": f"files/{ref('FIL', Mail.id, Mail.name == 'letter.txt')}",
            "payment": f"money/{ref('REM', Remittance.id, Remittance.state == 'posted')}",
            "payment-held": f"money/{ref('REM', Remittance.id, Remittance.state == 'held')}",
            "run": f"jobs/{ref('RUN', JobRun.id)}",
            "row": f"work/rows/{ref('ROW', UploadRow.id, UploadRow.state == 'problem')}",
            "claim": f"claims/{ref('CLM', Claim.id)}",
        }
    pages = {
        "today": "", "work": "work", "queue-denials": "work/Q11", "queue-all": "work/all", "queue-empty": "work/Q3",
        "claims": "claims", "files": "files", "receive": "files/receive", "money": "money", "jobs": "jobs",
        **{f"client-{page.replace('/', '-')}": f"clients/HARBOR/{page}"
           for page in ("agreements", "agreements/sign", "agreements/fees", "agreements/promises",
                        "agreements/preferences", "tier", "tier/ask", "tier/unserved/denial.route", "prices")},
        "reports": "reports", "clients": "clients", "client": "clients/HARBOR",
        "schedule": "clients/HARBOR/schedule", "schedule-edit": "clients/HARBOR/schedule/submit",
        "search": "search?q=ab",
        "empty-claims": "c/QUIET/claims", "empty-today": "c/QUIET/", "empty-money": "c/QUIET/money",
        **{f"report-{name}": f"reports/{name}?client=HARBOR&from=2026-01-01&to=2026-03-31"
           for name in ("claim_status", "aging", "daily_postings", "sla", "adjustments")},
        **{f"claim-{state.lower()}": f"claims/{claim}" for state, claim in claims.items()},
        **{f"claim-{tab}": f"claims/{claims['PART_DENIED']}?tab={tab}" for tab in ("ledger", "x12", "history")},
        "code": f"claims/{claims['CODING']}/code?q=influenza",
        "edit": f"claims/{claims['SCRUB_FAILED']}/edit",
        "edit-not": f"claims/{claims['DENIED']}/edit",
    }  # fmt: skip
    return {name: f"/back/{path}" for name, path in (pages | one).items()}


def test_every_page_is_accessible_and_fits(page, back_address, places):
    complaints, wrong = watch(page.context), []
    pictures = os.environ.get("BUREAU_TEST_PICTURES")  # a folder, for whoever wants to look
    sign_in(page, back_address, "admin", "back")
    for name, path in places.items():
        page.goto(f"{back_address}{path}")
        wrong += look(page, picture=f"{pictures}/{name}" if pictures else "")
    assert not wrong
    assert complaints == []


@pytest.fixture
def desk(page, back_address):
    said = watch(page.context)
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, back_address, "admin", "back")
    yield page
    assert said == []


def test_filters_narrow_the_list_without_a_new_page(desk, back_address):
    desk.goto(f"{back_address}/back/claims")
    desk.keyboard.press("f")
    desk.keyboard.type("abbott")
    desk.wait_for_url("**/back/claims?q=abbott*")
    desk.wait_for_selector("#claims >> text=Abbott")
    assert "Barnes" not in desk.inner_text("#claims")
    assert find_violations(desk) == []


def test_the_next_item_is_one_key_away(desk, back_address):
    desk.goto(f"{back_address}/back/work/Q8")
    desk.keyboard.press("g")
    desk.wait_for_url("**/back/claims/CLM-*queue=Q8")
    assert "Note what the payer says" in desk.inner_text(".page-head")


def test_a_found_code_is_filled_in(desk, back_address, places):
    desk.goto(f"{back_address}{places['code'].partition('?')[0]}")
    desk.fill("#code-search", "influenza")
    desk.wait_for_selector("#codes [data-fill=procedure]")
    desk.click("#codes [data-fill=procedure] >> nth=0")
    assert desk.input_value("input[name^='line-'] >> nth=0")


def test_the_search_box_reaches_a_claim(desk, back_address, places):
    wanted = places["claim"].rpartition("/")[2]
    desk.keyboard.press("Control+k")
    desk.keyboard.type(wanted)
    desk.wait_for_selector(f"#palette-results >> text={wanted}")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowUp")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"{back_address}/back/claims/{wanted}")
