"""What staff do on the pages: taking work, coding, mending, asking payers, first looks, notes, files, jobs."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from bureau.models import Claim, ClaimLine, Denial, Filing, JobRun, Journal, Mail, Submission, Transfer, WorkItem
from bureau.models.books import Kind
from bureau.queries.claim_page import load_claim
from clients.accounts import create_user
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from portal.app import build_app
from reports import invariants
from tests.portal.back.book import HARBOR, RIDGE, build_simulated
from tests.portal.back.conftest import PEOPLE
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

LOOKER = Actor(ActorKind.PERSON, "test")


@pytest.fixture(scope="module")
def own_book(tmp_path_factory, quick_hashes):
    """A book of this module's own: here the pages write."""
    bureau = build_simulated(tmp_path_factory.mktemp("written"))
    with ScopedSession(bureau.engine, scope=Scope.of()) as session, session.begin():
        for who, grants in PEOPLE.items():
            create_user(session, email(who), who.capitalize(), PASSWORD, grants)
    return bureau


@pytest.fixture(scope="module")
def portal(own_book):
    return build_app(own_book, own_book.settings)


@pytest.fixture
def person(portal):
    def sign_in(who: str):
        client = portal.test_client()
        client.post(
            "/", data={"email": email(who), "password": PASSWORD, "door": "back", "csrf_token": token_of(client)}
        )
        token = token_of(client, "/back/")

        def send(path: str, **fields):
            return client.post(f"/back/{path}", data={"csrf_token": token, **fields})

        client.send = send
        return client

    return sign_in


@pytest.fixture
def read(own_book):
    def ask(look, scope: Scope | None = None):
        with own_book.open_office(LOOKER, scope or Scope.all(), read_only=True) as office:
            return look(office)

    return ask


@pytest.fixture
def first(read):
    def look(model, *where):
        return read(lambda office: office.session.scalars(select(model).where(*where).order_by(model.id)).first())

    return look


@pytest.fixture(autouse=True)
def books_stay_sound(read):
    """After every act every law of the books holds, but for the one about charge entries that undo a charge."""
    yield
    broken = {finding.id: finding.broken for finding in read(invariants.verify) if finding.broken}
    assert set(broken) <= {"entries"}
    if "entries" in broken:
        undone = read(
            lambda office: office.session.scalars(select(Transfer).where(Transfer.source.endswith(":undone"))).all()
        )
        assert {f"transfer {one.id}" for one in undone} >= set(broken["entries"])


def ref_of(filing: Filing) -> str:
    return reference("CLM", filing.claim_id)


def values_of(page: str) -> dict[str, str]:
    """The fields of the edit form as a browser would send them back."""
    form = page.split('class="stack wide"')[1]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return found


def test_get_next_leases_the_most_pressing_item_and_opens_its_claim(person, first):
    answer = person("harbor").send("work/Q11/next")
    assert answer.status_code == 302
    item = first(WorkItem, WorkItem.assignee == "Harbor")
    assert item.queue == "Q11"
    assert item.lease_until is not None
    filing = first(Filing, Filing.id == item.subject_id)
    assert answer.location == f"/back/claims/{ref_of(filing)}?queue=Q11"


def test_get_next_of_an_empty_queue_says_so(person):
    client = person("harbor")
    assert client.send("work/Q3/next").location == "/back/work/Q3"
    assert "Nothing in this queue is free" in client.get("/back/work/Q3").get_data(as_text=True)


@pytest.mark.parametrize(("queue", "page"), [("Q1", "/back/work/rows/ROW-"), ("Q9", "/back/money/REM-")])
def test_get_next_opens_rows_and_payments_too(person, queue, page):
    assert person("harbor").send(f"work/{queue}/next").location.startswith(page)


def test_coding_signs_prices_and_sends_on(person, first, read):
    filing = first(Filing, Filing.state == "CODING")
    line = first(ClaimLine, ClaimLine.claim_id == filing.claim_id)
    client, path = person("coder"), f"claims/{ref_of(filing)}/code"
    wrong = client.send(path, **{f"line-{line.id}": "ZZZZZ", "diagnoses": "J01.90"})
    assert wrong.status_code == 422
    assert "no procedure code valid" in wrong.get_data(as_text=True)
    assert first(Filing, Filing.id == filing.id).state == "CODING"
    done = client.send(path, **{f"line-{line.id}": "g0008", "diagnoses": "J01.90"})
    assert done.status_code == 302
    coded = first(ClaimLine, ClaimLine.id == line.id)
    assert (coded.code, coded.coded_by) == ("G0008", "Coder")
    assert first(Filing, Filing.id == filing.id).state == "DRAFT"
    again = client.send(path, **{f"line-{line.id}": "G0008", "diagnoses": "J0190"})
    assert again.status_code == 422


def test_a_failed_claim_is_mended_and_every_change_is_on_record(person, first, read):
    filing = first(Filing, Filing.state == "SCRUB_FAILED")
    client, path = person("harbor"), f"claims/{ref_of(filing)}/edit"
    fields = values_of(client.get(f"/back/{path}").get_data(as_text=True))
    fields |= {"line-1-pointers": "1", "line-1-units": "2", "line-1-charge": "", "why": "typo of the practice"}
    before = first(Claim, Claim.id == filing.claim_id).charge_cents
    assert client.send(path, **fields).status_code == 302
    after = first(Claim, Claim.id == filing.claim_id)
    assert after.charge_cents == 20_000  # two units by the charge master
    entries = read(lambda office: office.session.scalars(
        select(Transfer).where(Transfer.claim_id == filing.claim_id, Transfer.kind == Kind.CHARGE).order_by(Transfer.id)
    ).all())  # fmt: skip
    assert [one.cents for one in entries] == [before, -before, 20_000]
    said = first(Journal, Journal.filing_id == filing.id, Journal.act == "claim edited").text
    for part in ("typo of the practice", "pointers: 3 → 1", "units: 1 → 2", "charge: 162.00 → 200.00"):
        assert part in said
    assert first(Filing, Filing.id == filing.id).state == "DRAFT"
    history = client.get(f"/back/claims/{ref_of(filing)}?tab=history").get_data(as_text=True)
    assert "line 1 pointers: 3 → 1" in history


def test_an_edit_that_came_too_late_changes_nothing(person, first):
    filing = first(Filing, Filing.state == "SCRUB_FAILED")
    client, path = person("harbor"), f"claims/{ref_of(filing)}/edit"
    fields = values_of(client.get(f"/back/{path}").get_data(as_text=True)) | {"why": "x", "line-1-pointers": "1"}
    stale = client.send(path, **(fields | {"version": str(int(fields["version"]) - 1)}))
    assert stale.status_code == 422
    assert "Somebody changed this claim" in stale.get_data(as_text=True)
    nothing = client.send(path, **(fields | {"line-1-pointers": "2"}))
    assert "Point at one to four" in nothing.get_data(as_text=True)
    assert first(Filing, Filing.id == filing.id).version == filing.version


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [("line-1-code", "99", "no procedure code valid"), ("line-1-units", "0", "Units lie between"),
     ("line-1-modifiers", "A B", "modifiers of two signs"), ("diagnoses", "XYZ", "not valid on the date"),
     ("diagnoses", "", "At least one diagnosis"), ("last", "", "last name is needed"),
     ("member_id", "", "member id is needed"),
     ("line-1-charge", "-5", "never below zero"), ("line-1-charge", "five", "not a number"),
     ("born_on", "", "Fill this in"),
     ("why", "", "Fill this in"), ("place", "00", "no place-of-service code")],
)  # fmt: skip
def test_what_may_not_be_written_is_said_at_its_field(person, first, field, value, says):
    filing = first(Filing, Filing.state == "SCRUB_FAILED")
    client, path = person("harbor"), f"claims/{ref_of(filing)}/edit"
    fields = values_of(client.get(f"/back/{path}").get_data(as_text=True))
    refused = client.send(path, **(fields | {"why": "test", "line-1-pointers": "1", field: value}))
    assert refused.status_code == 422
    assert says in refused.get_data(as_text=True)
    assert first(Filing, Filing.id == filing.id).version == filing.version


def test_a_rejected_claim_is_mended_and_its_submission_counts_no_more(person, first, read):
    filing = first(Filing, Filing.state == "REJECTED")
    client, path = person("harbor"), f"claims/{ref_of(filing)}/edit"
    fields = values_of(client.get(f"/back/{path}").get_data(as_text=True))
    assert client.send(path, **(fields | {"member_id": "M7654321", "why": "card shown"})).status_code == 302
    assert first(Filing, Filing.id == filing.id).state == "DRAFT"
    assert first(Submission, Submission.filing_id == filing.id).status == "SUPERSEDED"
    page = read(lambda office: load_claim(office, filing.claim_id))
    assert page.current.coverage.member_id == "M7654321"


def test_what_the_payer_has_is_not_edited(person, first):
    filing = first(Filing, Filing.state == "DENIED")
    client, path = person("harbor"), f"claims/{ref_of(filing)}/edit"
    assert "cannot be edited" in client.get(f"/back/{path}").get_data(as_text=True)
    assert client.send(path, version=str(filing.version), why="x").status_code == 422


def test_what_the_payer_says_is_written_down_for_one_and_for_many(person, first, read):
    one, *others = read(
        lambda office: office.session.scalars(select(Filing).where(Filing.state == "FOLLOW_UP").limit(4)).all()
    )
    client = person("ridge")
    assert client.send(f"claims/{ref_of(one)}/status", status="in process", note="").status_code == 302
    assert first(Filing, Filing.id == one.id).state == "FOLLOW_UP"  # a note is needed
    client.send(f"claims/{ref_of(one)}/status", status="in process", note="Ann at the payer")
    assert first(Filing, Filing.id == one.id).state == "ACCEPTED"
    assert "Ann at the payer" in client.get(f"/back/claims/{ref_of(one)}").get_data(as_text=True)
    chosen = [reference("FLG", each.id) for each in others]
    client.send("work/Q8/bulk", filing=chosen, status="not on file", note="nothing there")
    assert {first(Filing, Filing.id == each.id).state for each in others} == {"DRAFT"}


def test_the_first_look_at_a_denial_stamps_it_once(person, first):
    filing = first(Filing, Filing.state == "DENIED")
    client = person("harbor")
    client.send(f"claims/{ref_of(filing)}/triage", lane="RECORDS", note="chart wanted")
    denial = first(Denial, Denial.filing_id == filing.id)
    assert (denial.lane, denial.first_touch_at is not None) == ("RECORDS", True)
    assert "chart wanted" in client.get(f"/back/claims/{ref_of(filing)}").get_data(as_text=True)


def test_denials_are_looked_at_in_one_go(person, first, read):
    filings = read(lambda office: office.session.scalars(select(Filing).where(Filing.state == "PART_DENIED")).all())
    person("harbor").send("work/Q11/bulk", filing=[reference("FLG", one.id) for one in filings], lane="COB", note="")
    assert {first(Denial, Denial.filing_id == one.id).lane for one in filings} == {"COB"}


def test_a_note_stands_in_the_story(person, first):
    filing = first(Filing, Filing.state == "PATIENT_DUE")
    client = person("harbor")
    client.send(f"claims/{ref_of(filing)}/note", note="Patient called <b>twice</b>")
    page = client.get(f"/back/claims/{ref_of(filing)}").get_data(as_text=True)
    assert "Patient called &lt;b&gt;twice&lt;/b&gt;" in page


def test_files_are_received_by_hand_once(person, first, read):
    client = person("admin")

    def send(content: bytes):
        return client.send("files/receive", file=(io.BytesIO(content), "by-hand.835"))

    assert send(b"no X12 either").location.startswith("/back/files/FIL-")
    assert send(b"no X12 either").location == "/back/files?way=in"
    assert "1 file known before" in client.get("/back/files").get_data(as_text=True)
    assert client.send("files/receive").location == "/back/files/receive"
    assert first(Mail, Mail.name == "by-hand.835").state == "quarantined"


def test_a_file_for_a_foreign_client_is_not_taken(person, read):
    count = read(lambda office: len(office.rows(select(Mail.id))))
    answer = person("harbor").send("files/receive", file=(io.BytesIO(b"to nobody I know"), "x.txt"))
    assert answer.status_code == 404
    assert read(lambda office: len(office.rows(select(Mail.id)))) == count


def test_a_job_is_run_by_hand_and_its_result_is_said(person, own_book, first):
    client = person("harbor")
    assert client.send("jobs/run", job="scrub", client="HARBOR").status_code == 302
    assert re.search(
        r"Scrub claims in draft, Harbor Family Medicine: \d+ items?, ", client.get("/back/jobs").get_data(as_text=True)
    )
    assert first(JobRun, JobRun.job == "scrub", JobRun.slot == own_book.clock.now()).client_id == HARBOR


@pytest.mark.parametrize("fields", [{"job": "scrub", "client": "RIDGE"}, {"job": "none", "client": "HARBOR"}, {}])
def test_a_job_runs_only_for_a_client_of_ones_own(person, fields, read):
    count = read(lambda office: len(office.rows(select(JobRun.id))))
    client = person("harbor")
    client.send("jobs/run", **fields)
    assert "Choose a job and a client of yours" in client.get("/back/jobs").get_data(as_text=True)
    assert read(lambda office: len(office.rows(select(JobRun.id)))) == count


@pytest.mark.parametrize(
    "path", ["work/Q11/next", "work/Q11/bulk", "claims/{}/note", "claims/{}/status", "claims/{}/triage",
             "claims/{}/edit",
             "claims/{}/code", "files/receive", "jobs/run"],
)  # fmt: skip
def test_who_only_looks_changes_nothing(person, first, path):
    filing = first(Filing, Filing.client_id == RIDGE)
    assert person("auditor").send(path.format(ref_of(filing)), note="x").status_code == 403
