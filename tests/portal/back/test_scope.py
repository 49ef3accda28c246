"""Staff of one client: every row of another is answered as if it did not exist, and sums hold only one's own."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from bureau.models import Claim, Filing, JobRun, Mail, Patient, Remittance, UploadRow, WorkItem
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from tests.portal.back.book import HARBOR, RIDGE

KINDS = {"CLM": (Claim, "claims"), "FIL": (Mail, "files"), "REM": (Remittance, "money"), "RUN": (JobRun, "jobs"),
         "ROW": (UploadRow, "work/rows")}  # fmt: skip


@pytest.fixture
def read(book):
    def ask(statement):
        with book.open_office(Actor(ActorKind.PERSON, "test"), Scope.all(), read_only=True) as office:
            return office.session.execute(statement).all()

    return ask


def first_of(read, model, client_id: int) -> int | None:
    return read(select(func.min(model.id)).where(model.client_id == client_id))[0][0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_row_answers_as_none_at_all(enter, read, kind):
    model, folder = KINDS[kind]
    harbors, mine = first_of(read, model, HARBOR), enter("harbor")
    assert mine.get(f"/back/{folder}/{reference(kind, harbors)}").status_code == 200
    foreign = enter("ridge").get(f"/back/{folder}/{reference(kind, harbors)}")
    unknown = enter("ridge").get(f"/back/{folder}/{reference(kind, 10**9)}")
    assert foreign.status_code == unknown.status_code == 404
    hide = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}|csrf[^>]*>|[A-Z]{3}-\d+-\w")
    assert hide.sub("", foreign.get_data(as_text=True)) == hide.sub("", unknown.get_data(as_text=True))


@pytest.mark.parametrize(
    "path", ["files/{FIL}/download", "claims/{CLM}?tab=ledger", "claims/{CLM}?tab=x12", "claims/{CLM}/edit",
             "clients/HARBOR", "c/HARBOR/claims", "reports/aging?client=HARBOR", "reports/aging.csv?client=HARBOR"],
)  # fmt: skip
def test_no_side_door_leads_to_a_foreign_row(enter, read, path):
    refs = {kind: reference(kind, first_of(read, model, HARBOR)) for kind, (model, _) in KINDS.items()}
    assert enter("ridge").get(f"/back/{path.format(**refs)}").status_code == 404
    assert enter("harbor").get(f"/back/{path.format(**refs)}").status_code == 200


@pytest.mark.parametrize("act", ["note", "status", "triage", "edit"])
def test_a_foreign_claim_is_not_changed(enter, read, act):
    ref = reference("CLM", first_of(read, Claim, HARBOR))
    client = enter("ridge")
    sent = {"csrf_token": client.token, "note": "x", "status": "in process", "lane": "FIX", "why": "x"}
    assert client.post(f"/back/claims/{ref}/{act}", data=sent).status_code == 404


def test_a_foreign_item_cannot_be_slipped_into_a_bulk_act(enter, read):
    (theirs,) = read(select(func.min(Filing.id)).where(Filing.client_id == RIDGE, Filing.state == "FOLLOW_UP"))
    client = enter("harbor")
    sent = {"csrf_token": client.token, "filing": reference("FLG", theirs[0]), "status": "in process", "note": "x"}
    assert client.post("/back/work/Q8/bulk", data=sent).status_code == 302
    assert read(select(Filing.state).where(Filing.client_id == RIDGE, Filing.id == theirs[0])) == [("FOLLOW_UP",)]


def test_a_foreign_queue_gives_no_item(enter):
    client = enter("harbor")
    assert client.post("/back/work/Q8/next", data={"csrf_token": client.token}).location == "/back/work/Q8"


@pytest.mark.parametrize(("who", "own", "other"), [("harbor", HARBOR, RIDGE), ("ridge", RIDGE, HARBOR)])
def test_lists_and_sums_hold_only_ones_own(enter, read, who, own, other):
    client = enter(who)
    count, cents = read(select(func.count(), func.sum(Claim.charge_cents)).where(Claim.client_id == own))[0]
    claims = client.get("/back/claims").get_data(as_text=True)
    assert f"of {count} claims" in claims or f">{count} claims<" in claims
    assert f"{cents / 100:,.2f}" in claims
    items = read(
        select(func.count()).where(WorkItem.client_id == own, WorkItem.queue != "", WorkItem.closed_at.is_(None))
    )
    assert f"{items[0][0]} items" in client.get("/back/work/all").get_data(as_text=True)
    files = read(select(func.count()).where(Mail.client_id == own))[0][0]
    assert f"of {files} files" in client.get("/back/files").get_data(as_text=True)
    runs = read(select(func.count()).where(JobRun.client_id == own))[0][0]
    assert f"of {runs} runs" in client.get("/back/jobs").get_data(as_text=True)
    names = {HARBOR: "Harbor Family", RIDGE: "Ridgeview"}
    for page in ("", "work", "work/all", "claims", "files", "money", "jobs", "reports", "clients", "search?q=ri"):
        assert names[other] not in client.get(f"/back/{page}").get_data(as_text=True), page


def test_the_search_finds_nothing_foreign(enter, read):
    (claim_id, last, first) = read(
        select(Claim.id, Patient.last, Patient.first)
        .join(Patient, (Patient.client_id == Claim.client_id) & (Patient.id == Claim.patient_id))
        .where(Claim.client_id == RIDGE)
        .limit(1)
    )[0]
    for text in (reference("CLM", claim_id), f"{first} {last}", "RIDGE_PAY"):
        assert "Nothing begins with" in enter("harbor").get(f"/back/search?q={text}").get_data(as_text=True)
        assert "Nothing begins with" not in enter("ridge").get(f"/back/search?q={text}").get_data(as_text=True)


def test_what_belongs_to_nobody_is_for_those_who_serve_all(enter, read):
    ref = reference("FIL", read(select(Mail.id).where(Mail.name == "letter.txt"))[0][0])
    assert enter("admin").get(f"/back/files/{ref}").status_code == 200
    assert enter("harbor").get(f"/back/files/{ref}").status_code == 404
