"""Messages at both doors: written, answered, taken on, closed and read; nobody of another practice sees them."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from bureau.models import Claim, Mail, Thread, Upload
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.scope import Scope, ScopedSession
from config.identifiers import reference
from portal.app import build_app
from tests.portal.back.book import HARBOR, RIDGE, build_simulated
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

PEOPLE = {
    "biller": Grant(Role.BILLER, None),
    "auditor": Grant(Role.AUDITOR, None),
    "owner": Grant(Role.OWNER, HARBOR),
    "viewer": Grant(Role.VIEWER, HARBOR),
    "ridge": Grant(Role.OWNER, RIDGE),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory, quick_hashes):
    bureau = build_simulated(tmp_path_factory.mktemp("talk"))
    with ScopedSession(bureau.engine, scope=Scope.of()) as session, session.begin():
        for who, grant in PEOPLE.items():
            create_user(session, email(who), who.capitalize(), PASSWORD, [grant])
    return bureau


@pytest.fixture(scope="module")
def portal(book):
    return build_app(book, book.settings)


@pytest.fixture
def person(portal):
    def sign_in(who: str):
        client = portal.test_client()
        client.post("/", data={"email": email(who), "password": PASSWORD, "csrf_token": token_of(client)})
        token = token_of(client, "/me")
        client.send = lambda path, **fields: client.post(path, data={"csrf_token": token, **fields})
        return client

    return sign_in


def ask(book, wanted):
    with ScopedSession(book.engine, scope=Scope.of(HARBOR), read_only=True) as session:
        return session.scalars(wanted).first()


def last_thread(book) -> int:
    return ask(book, select(Thread.id).order_by(Thread.id.desc()).limit(1))


def said(page) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])))


def waiting(page) -> int:
    found = re.search(r"(\d+) waiting for an answer", page.text)
    return int(found[1]) if found else 0


def test_a_practice_writes_and_is_answered(book, person):
    owner, biller = person("owner"), person("biller")
    assert "No messages yet." in said(owner.get("/front/messages"))
    assert "Nobody waits for an answer." in said(biller.get("/back/messages"))
    sent = owner.send("/front/messages", title="New clinician", text="Dr. <Reed> starts in May.\nPlease enrol.")
    number = last_thread(book)
    assert sent.location == f"/front/messages/{number}"
    page = biller.get("/back/messages")
    assert "New clinician" in said(page)
    assert waiting(page) == 1
    ref = reference("THR", number)
    thread = biller.get(f"/back/messages/{ref}")
    assert "Dr. <Reed> starts in May." in said(thread)
    assert "hx-trigger" in thread.text, "opening it marks it as read"
    biller.send(f"/back/messages/{ref}/read")
    assert "/read" not in biller.get(f"/back/messages/{ref}").text
    biller.send(f"/back/messages/{ref}/take")
    assert "with Biller" in said(biller.get(f"/back/messages/{ref}"))
    refused = biller.send(f"/back/messages/{ref}/reply", text=" ")
    assert (refused.status_code, "Write something first." in refused.text) == (422, True)
    biller.send(f"/back/messages/{ref}/reply", text="Done from 1 May.")
    assert waiting(biller.get("/back/messages")) == 0
    home = owner.get("/front/")
    assert "1 to read" in home.text
    assert "Done from 1 May." in said(owner.get(f"/front/messages/{number}"))
    owner.send(f"/front/messages/{number}/read")
    assert "to read" not in owner.get("/front/").text
    biller.send(f"/back/messages/{ref}/close")
    assert "New clinician" in said(owner.get("/front/messages?show=closed"))
    assert "New clinician" in said(biller.get("/back/messages?show=closed"))


def test_about_a_claim_from_either_side_it_is_one_thread(book, person):
    owner, biller = person("owner"), person("biller")
    claim = ask(book, select(Claim.id).order_by(Claim.id).limit(1))
    ref = reference("CLM", claim)
    assert f"claim={claim}" in owner.get(f"/front/claims/{claim}").text
    assert ref in said(owner.get(f"/front/messages/new?claim={claim}"))
    owner.send("/front/messages", claim=claim, text="Is this one paid?")
    number = last_thread(book)
    assert ref in said(biller.get(f"/back/messages/new?claim={ref}"))
    biller.send("/back/messages", claim=ref, text="Yes, last week.")
    assert last_thread(book) == number
    page = said(owner.get(f"/front/messages/{number}"))
    assert page.index("Is this one paid?") < page.index("Yes, last week.")


def test_files_are_written_about_from_their_pages(book, person):
    owner, biller = person("owner"), person("biller")
    upload = ask(book, select(Upload.id).order_by(Upload.id).limit(1))
    assert f"upload={upload}" in owner.get(f"/front/upload/{upload}").text
    owner.send("/front/messages", upload=upload, text="Please leave row 7 out.")
    assert "File visits.csv" in said(owner.get("/front/messages"))
    mail = reference("FIL", ask(book, select(Mail.id).where(Mail.client_id == HARBOR).limit(1)))
    assert f"file={mail}" in biller.get(f"/back/files/{mail}").text
    assert biller.send("/back/messages", file=mail, text="This file went out today.").status_code == 302
    nobodys = reference("FIL", 10**9)
    assert biller.send("/back/messages", file=nobodys, text="Hi").status_code == 404


def test_the_bell_rings_and_leads_to_what_it_tells_of(book, person):
    owner, biller, ridge = person("owner"), person("biller"), person("ridge")
    biller.send("/back/notices")
    owner.send("/front/notices")
    assert "Nothing new." in biller.get("/back/messages").text
    owner.send("/front/messages", title="Holidays", text="We are closed on Friday.")
    number = last_thread(book)
    page = biller.get("/back/messages").text
    assert "Notifications: 1 new" in page
    assert "A new message" in page
    notice = re.search(r'name="notice" value="(\d+)"', page)[1]
    assert ridge.send("/front/notices", notice=notice).location == "/front/"
    assert "Notifications: 1 new" in biller.get("/back/messages").text
    assert biller.send("/back/notices", notice=notice).location == f"/back/messages/{reference('THR', number)}"
    assert "Nothing new." in biller.get("/back/messages").text
    biller.send(f"/back/messages/{reference('THR', number)}/reply", text="Thank you.")
    page = owner.get("/front/").text
    assert "Notifications: 1 new" in page
    assert "Nothing new." in ridge.get("/front/").text
    notice = re.search(r'name="notice" value="(\d+)"', page)[1]
    assert owner.send("/front/notices", notice=notice).location == f"/front/messages/{number}"
    assert owner.send("/front/notices", notice="1" * 30).location == "/front/"


def test_what_was_refused_is_still_there(person):
    owner, biller = person("owner"), person("biller")
    refused = owner.send("/front/messages", title=" ", text="Something long")
    assert (refused.status_code, "Something long" in refused.text) == (422, True)
    assert "Say in a few words" in refused.text
    refused = biller.send("/back/messages", client="HARBOR", title="Hi", text="")
    assert (refused.status_code, "Write something first." in refused.text) == (422, True)


def test_readers_may_read_and_others_find_nothing(book, person):
    person("owner").send("/front/messages", title="Secret", text="Between us")
    number, viewer, ridge, auditor = last_thread(book), person("viewer"), person("ridge"), person("auditor")
    page = viewer.get(f"/front/messages/{number}")
    assert "Between us" in page.text
    assert "<textarea" not in page.text
    assert viewer.send(f"/front/messages/{number}", text="Me too").status_code == 403
    assert "Secret" not in ridge.get("/front/messages").text
    claim = ask(book, select(Claim.id).order_by(Claim.id).limit(1))
    for answer in (
        ridge.get(f"/front/messages/{number}"), ridge.send(f"/front/messages/{number}", text="Hi"),
        ridge.send(f"/front/messages/{number}/read"), ridge.get(f"/front/messages/new?claim={claim}"),
        ridge.send("/front/messages", claim=claim, text="Hi"),
    ):  # fmt: skip
        assert answer.status_code == 404
    ref = reference("THR", number)
    assert "Between us" in auditor.get(f"/back/messages/{ref}").text
    assert auditor.send(f"/back/messages/{ref}/reply", text="Hi").status_code == 403
