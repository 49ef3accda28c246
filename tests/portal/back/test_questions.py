"""Staff ask the practice from a claim's page, look at its answer, and decide; the practice answers at its own door."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from bureau.models import Claim, Filing, Question
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.scope import Scope, ScopedSession
from config.identifiers import reference
from portal.app import build_app
from tests.portal.back.book import HARBOR, RIDGE, build_simulated
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

PEOPLE = {
    "biller": Grant(Role.BILLER, HARBOR),
    "auditor": Grant(Role.AUDITOR, None),
    "ridge": Grant(Role.BILLER, RIDGE),
    "owner": Grant(Role.OWNER, HARBOR),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory, quick_hashes):
    bureau = build_simulated(tmp_path_factory.mktemp("asked"))
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


def claim_in(book, *states: str) -> str:
    with ScopedSession(book.engine, scope=Scope.of(HARBOR), read_only=True) as session:
        found = select(Claim.id).join(Filing, Filing.claim_id == Claim.id).where(Filing.state.in_(states))
        return reference("CLM", session.scalars(found.order_by(Claim.id.desc()).limit(1)).one())


def state_of(book, claim: str) -> str:
    with ScopedSession(book.engine, scope=Scope.of(HARBOR), read_only=True) as session:
        return session.scalars(select(Filing.state).where(Filing.claim_id == int(claim.split("-")[1]))).one()


def last_question(book) -> Question:
    with ScopedSession(book.engine, scope=Scope.of(HARBOR), read_only=True) as session:
        return session.scalars(select(Question).order_by(Question.id.desc()).limit(1)).one()


def said(page) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])))


def test_a_question_goes_to_the_practice_and_comes_back(book, person):
    claim, biller, owner = claim_in(book, "DRAFT", "READY"), person("biller"), person("owner")
    sent = biller.send(f"/back/claims/{claim}/ask", field="procedure", text="Which arm was it?")
    assert sent.location.endswith(f"/back/claims/{claim}")
    assert "the claim waits for its answer" in said(biller.get(sent.location))
    assert state_of(book, claim) == "NEEDS_INFO"
    question = last_question(book)
    assert "Which arm was it?" in said(owner.get("/front/questions"))
    owner.send(f"/front/questions/{question.id}", answer="the left <b>one</b>")
    page = biller.get(f"/back/claims/{claim}")
    assert "the left <b>one</b>" in said(page), "as it was written, never as markup"
    assert "Accept the answer" in page.text
    number = reference("QST", question.id)
    biller.send(f"/back/questions/{number}", decision="again", why="")
    assert "Nothing was changed. Say what" in said(biller.get(f"/back/claims/{claim}"))
    biller.send(f"/back/questions/{number}", decision="again", why="Upper or lower?")
    assert "Which arm was it? Upper or lower?" in said(owner.get("/front/questions"))
    again = last_question(book)
    owner.send(f"/front/questions/{again.id}", answer="upper")
    biller.send(f"/back/questions/{reference('QST', again.id)}", decision="accept")
    assert state_of(book, claim) == "DRAFT"
    assert "Asked again" in said(owner.get("/front/questions?show=answered"))


def test_an_answer_with_a_place_is_shown_with_what_was_before(book, person):
    claim, biller, owner = claim_in(book, "DRAFT", "READY"), person("biller"), person("owner")
    biller.send(f"/back/claims/{claim}/ask", field="birth_date")
    owner.send(f"/front/questions/{last_question(book).id}", answer="1981-03-04")
    assert "Date of birth: 1981-03-04 before: 1980-01-02" in said(biller.get(f"/back/claims/{claim}"))


@pytest.mark.parametrize(
    ("fields", "told"),
    [({}, "Choose one of the list."), ({"field": "other"}, "Write down what you want to know."),
     ({"field": "phone", "text": "x" * 501}, "Keep this within 500")],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_and_nothing_is_sent(book, person, fields, told):
    claim, biller, before = claim_in(book, "DRAFT", "READY"), person("biller"), last_question(book).id
    page = biller.get(biller.send(f"/back/claims/{claim}/ask", **fields).location)
    assert told in said(page)
    assert last_question(book).id == before


def test_who_only_reads_is_offered_nothing_and_other_clients_staff_find_nothing(book, person):
    claim, number = claim_in(book, "NEEDS_INFO", "SCRUB_FAILED"), reference("QST", last_question(book).id)
    auditor, ridge = person("auditor"), person("ridge")
    assert "Ask the practice" not in auditor.get(f"/back/claims/{claim}").text
    assert auditor.send(f"/back/claims/{claim}/ask", field="phone").status_code == 403
    assert ridge.send(f"/back/claims/{claim}/ask", field="phone").status_code == 404
    assert ridge.send(f"/back/questions/{number}", decision="withdraw").status_code == 404
    assert ridge.send(f"/back/questions/{reference('QST', 10**9)}", decision="withdraw").status_code == 404
