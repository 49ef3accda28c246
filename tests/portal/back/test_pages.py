"""Every page of the bureau over HTTP: it opens, its figures lead to the rows behind them, and filters narrow."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bureau.models import Claim, Filing, JobRun, Mail, Patient, Remittance, UploadRow
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from tests.portal.back.book import HARBOR

LINK = re.compile(r'href="(/back/[^"#]*)')
LOOKER = Actor(ActorKind.PERSON, "test")


@pytest.fixture
def rows(book):
    """Reads of the book as the bureau sees it: the first row of a model that meets conditions."""

    def first(model, *where):
        with book.open_office(LOOKER, Scope.all(), read_only=True) as office:
            return office.session.scalars(select(model).where(*where).order_by(model.id)).first()

    return first


def claim_in(rows, state: str) -> str:
    return reference("CLM", rows(Filing, Filing.state == state).claim_id)


def text_of(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return answer.get_data(as_text=True)


def test_every_link_of_the_bureau_opens(enter):
    client = enter("admin")
    waiting, seen = ["/back/"], {}
    while waiting and len(seen) < 350:
        path = waiting.pop(0)
        answer = client.get(path)
        seen[path] = answer.status_code
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found = dict.fromkeys(link.replace("&amp;", "&") for link in LINK.findall(answer.get_data(as_text=True)))
            # of one kind of page a few are enough
            waiting += [link for link in found if _is_new(link, seen, waiting)]
    assert {path: status for path, status in seen.items() if status != 200} == {}
    assert len(seen) > 60


def _is_new(link: str, seen: dict, waiting: list) -> bool:
    if link in seen or link in waiting:
        return False
    kind = re.sub(r"[A-Z]{3}-\d+-\w", "REF", re.sub(r"(after|patient|payer)=[^&]*", r"\1=", link))
    alike = [each for each in (*seen, *waiting) if re.sub(r"[A-Z]{3}-\d+-\w", "REF", each) == kind]
    return len(alike) < 4


def test_figures_of_today_are_the_lists_behind_them(enter):
    client = enter("admin")
    late = int(re.search(r">Late</dt>.*?>([\d,]+)</a>", text_of(client, "/back/"), re.DOTALL)[1].replace(",", ""))
    assert f"{late} item" in text_of(client, "/back/work/all?due=late")
    assert "letter.txt" in text_of(client, "/back/files?state=quarantined")


@pytest.mark.parametrize(
    ("query", "says"),
    [("state=CODING", "1 claim"), ("state=refused", "12 claims"), ("state=unsent", "7 claims"),
     ("client=RIDGE", "18 claims"), ("client=QUIET", "No claim fits"),
     ("q=nobody-at-all", "No claim fits"), ("from=2027-01-01", "No claim fits"),
     ("turn=PAYER", "No claim fits"), ("client=RIDGE&payer=1&to=2026-12-31", "9 claims")],
)  # fmt: skip
def test_claims_are_narrowed_by_the_address(enter, query, says):
    assert says in text_of(enter("admin"), f"/back/claims?{query}")


def test_claims_are_found_by_reference_control_number_and_name(enter, rows):
    client, claim = enter("admin"), rows(Claim)
    ref = reference("CLM", claim.id)
    patient = rows(Patient, Patient.id == claim.patient_id)
    assert "1 claim" in text_of(client, f"/back/claims?q={ref.lower()}")
    assert ref in text_of(client, f"/back/claims?q={patient.first}+{patient.last[:3]}")


def test_pages_of_a_list_hold_every_claim_once(enter):
    client, seen, path = enter("admin"), [], "/back/claims"
    while path:
        text = text_of(client, path)
        seen += re.findall(r'class="ref muted">(CLM-[^<]+)<', text)
        more = re.search(r'href="([^"]+)" rel="next"', text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 65


@pytest.mark.parametrize("tab", ["claim", "ledger", "x12", "history"])
@pytest.mark.parametrize(
    "state", ["CODING", "SCRUB_FAILED", "REJECTED", "FOLLOW_UP", "DENIED", "PATIENT_DUE", "NEEDS_INFO"]
)
def test_a_claim_shows_itself_in_every_state(enter, rows, state, tab):
    assert claim_in(rows, state) in text_of(enter("admin"), f"/back/claims/{claim_in(rows, state)}?tab={tab}")


@pytest.mark.parametrize(
    ("state", "action"),
    [("CODING", "Code it"), ("SCRUB_FAILED", "Edit and send again"), ("REJECTED", "Edit and send again"),
     ("FOLLOW_UP", "Note what the payer says"), ("DENIED", "Take a first look"), ("PART_DENIED", "Take a first look"),
     ("NEEDS_INFO", "It is the practice&#39;s turn")],
)  # fmt: skip
def test_one_main_action_fits_the_state(enter, rows, state, action):
    page = text_of(enter("admin"), f"/back/claims/{claim_in(rows, state)}")
    assert action in page.replace("'s turn", "&#39;s turn")
    assert page.count('data-key="a"') == (0 if state == "NEEDS_INFO" else 1)
    assert 'data-key="a"' not in text_of(enter("auditor"), f"/back/claims/{claim_in(rows, state)}")


def test_a_claim_shows_what_went_to_and_fro(enter, rows):
    page = text_of(enter("admin"), f"/back/claims/{claim_in(rows, 'DENIED')}?tab=x12")
    for segment in ("CLM*", "TRN*2*", "CLP*", "IK5*A"):
        assert segment in page
    assert page.count("<code>CLM*") == 1
    assert page.count("<code>CLP*") == 1


def test_a_file_marks_its_problem_at_its_segment(enter, rows):
    mail = rows(Mail, Mail.name == "crooked.835")
    page = text_of(enter("admin"), f"/back/files/{reference('FIL', mail.id)}")
    assert "x12-wrong" in page
    assert "does not add up" in page
    assert "Held, nothing posted" in page


def test_what_is_no_x12_is_shown_as_it_came_and_downloads_unchanged(enter, rows):
    ref = reference("FIL", rows(Mail, Mail.name == "letter.txt").id)
    client = enter("admin")
    assert "Dear practice" in text_of(client, f"/back/files/{ref}")
    answer = client.get(f"/back/files/{ref}/download")
    assert answer.data == b"Dear practice, here is a cheque."
    assert answer.headers["Content-Disposition"] == "attachment; filename=letter.txt"


def test_a_held_payment_shows_its_difference_and_a_posted_one_none(enter, rows):
    client = enter("admin")
    held = text_of(client, f"/back/money/{reference('REM', rows(Remittance, Remittance.state == 'held').id)}")
    assert "$99,644.28" in held
    assert "None of its claims has been posted" in held
    posted = text_of(client, f"/back/money/{reference('REM', rows(Remittance, Remittance.state == 'posted').id)}")
    assert "It adds up" in posted
    assert "Control number" in posted


def test_a_bad_row_shows_its_reason_and_its_own_words(enter, rows):
    row = rows(UploadRow, UploadRow.state == "problem")
    page = text_of(enter("admin"), f"/back/work/rows/{reference('ROW', row.id)}")
    assert "2026-02-31" in page
    assert "What is wrong" in page


@pytest.mark.parametrize("report", ["claim_status", "aging", "daily_postings", "sla", "adjustments"])
def test_a_report_and_its_download_say_the_same(enter, report):
    client = enter("admin")
    page = text_of(client, f"/back/reports/{report}?client=HARBOR&from=2026-01-01&to=2026-03-31")
    sheet = client.get(f"/back/reports/{report}.csv?client=HARBOR&from=2026-01-01&to=2026-03-31")
    assert sheet.mimetype == "text/csv"
    body = re.search(r"<tbody>(.*)</tbody>", page, re.DOTALL)
    assert body[1].count("<tr>") == len(sheet.get_data(as_text=True).splitlines()) - 1


def test_a_figure_of_the_report_opens_exactly_its_rows(enter):
    client = enter("admin")
    page = text_of(client, "/back/reports/claim_status?client=HARBOR&from=2026-01-01&to=2026-03-31")
    links = re.findall(r'<a href="([^"]+)">([\d,]+)</a>', page.split("<tbody>")[1])
    assert links
    for link, number in links:
        assert f"{number} claim" in text_of(client, link.replace("&amp;", "&"))


def test_the_search_finds_claims_patients_payers_files_and_clients(enter, rows):
    client, claim = enter("admin"), rows(Claim)
    patient = rows(Patient, Patient.id == claim.patient_id)
    with_claim = text_of(client, f"/back/search?q={reference('CLM', claim.id)}")
    assert f"/back/claims/{reference('CLM', claim.id)}" in with_claim
    by_name = text_of(client, f"/back/search?q={patient.last}")
    assert f"patient={patient.id}" in by_name
    assert "Evergreen Health" in text_of(client, "/back/search?q=ever")
    assert "crooked.835" in text_of(client, "/back/search?q=crooked")
    assert "Ridgeview Orthopedics" in text_of(client, "/back/search?q=ridge")
    assert "Claims" in text_of(client, "/back/search?q=claims")


def test_runs_tell_what_they_did(enter, rows):
    run = rows(JobRun, JobRun.job == "submit", JobRun.client_id == HARBOR)
    page = text_of(enter("admin"), f"/back/jobs/{reference('RUN', run.id)}")
    assert "Send ready claims" in page
    assert f"{run.items}</dd>" in page


@pytest.mark.parametrize(
    "path",
    ["/back/claims/CLM-1-X", "/back/claims/CLM-999999-?", "/back/files/FIL-1-1", "/back/work/Q99", "/back/reports/none",
     "/back/clients/NOBODY", "/back/money/REM-0-0", "/back/jobs/RUN-9-9", "/back/reports/aging?client=NOBODY"],
)  # fmt: skip
def test_what_is_not_there_is_answered_404(enter, path):
    text_of(enter("admin"), path, 404)


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=1~2~3~4",
        "payer=x",
        "from=2026-99-99",
        "age=-1",
        "amount=x",
        "after=%00",
        "q=%00",
        "after=99999999999999999999",
        "after=2026-01-01~1~1",
        "payer=99999999999999999999",
    ],
)
@pytest.mark.parametrize("page", ["claims", "work/all", "files", "money", "jobs"])
def test_an_address_nobody_wrote_is_no_failure(enter, page, query):
    text_of(enter("admin"), f"/back/{page}?{query}")


@pytest.mark.parametrize("page", ["work", "work/all", "work/Q7", "claims", "files", "money", "jobs"])
def test_lists_of_an_empty_client_say_why(enter, page):
    assert 'class="empty"' in text_of(enter("admin"), f"/back/c/QUIET/{page}")
