"""The bureau's page of a client's old book: a list checked first, taken in, held against the letter, taken back."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import delete, select

from bureau.models import OpeningBadRow, OpeningClaim, OpeningLetter, OpeningList
from clients.models import Client
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from tests.portal.back.book import HARBOR

HOME = "/back/clients/HARBOR/opening"
HEAD = "claim_number,patient_id,last_name,service_date,charge,payer_id,payer_open,patient_open"
LIST = f"{HEAD}\nA-17,P900,Oldham,2025-11-03,120.00,PAY1,100.00,20.00\nA-18,P901,Oldham,2025-11-04,99.00,PAY1,1.00,0\n"


@pytest.fixture
def office(book):
    def enter():
        return book.open_office(Actor(ActorKind.PERSON, "test"), Scope.of(HARBOR))

    yield enter
    with enter() as last:  # what the next test finds is what this one found
        for model in (OpeningClaim, OpeningBadRow, OpeningLetter, OpeningList):
            last.session.execute(delete(model).where(model.client_id == HARBOR))
        client = last.session.get(Client, HARBOR)
        client.cutover_on, client.bills_before_cutover = None, False


@pytest.fixture
def admin(enter):
    return enter("admin")


def send(browser, path: str, **fields: object):
    return browser.post(f"{HOME}/{path}", data={"csrf_token": browser.token, **fields})


def check(browser, text: str = LIST, name: str = "old.csv"):
    sent = {"csrf_token": browser.token, "file": (io.BytesIO(text.encode()), name)}
    return browser.post(f"{HOME}/check", data=sent, content_type="multipart/form-data")


def take(browser, text: str = LIST) -> str:
    token = re.search(r'name="token" value="([0-9a-f]{32})"', check(browser, text).text)[1]
    return browser.post(f"{HOME}/take", data={"csrf_token": browser.token, "token": token}, follow_redirects=True).text


def test_an_empty_page_says_what_to_do_and_a_reader_sees_no_form(admin, enter, office):
    page = admin.get(HOME).text
    assert "The old book is empty." in page
    assert "Check the list" in page
    assert '<form class="drop"' not in enter("auditor").get(HOME).text
    assert send(enter("auditor"), "cutover", cutover_on="2026-03-01").status_code == 403


def test_a_list_is_checked_taken_in_and_found(admin, office):
    page = check(admin).text
    assert "1 row" not in page
    assert "come to 1.00, not to 99.00" in page
    with office() as house:
        assert house.session.scalars(select(OpeningClaim)).all() == []
    page = take(admin)
    assert "1 old claim taken in. 1 row left out" in page
    assert "A-17" in admin.get(f"{HOME}?q=oldh").text
    assert "No old claim begins like this." in admin.get(f"{HOME}?q=nobody").text
    with office() as house:
        list_id = house.session.scalars(select(OpeningList.id)).one()
    answer = admin.get(f"{HOME}/{list_id}/to-fix.csv")
    assert answer.mimetype == "text/csv"
    assert "A-18" in answer.text
    assert admin.get(f"{HOME}/{10**9}/to-fix.csv").status_code == 404
    again = check(admin)
    assert (again.status_code, "taken before, as old.csv" in again.text) == (422, True)


def test_a_check_that_is_over_takes_nothing_in(admin, office):
    page = admin.post(f"{HOME}/take", data={"csrf_token": admin.token, "token": "0" * 32}, follow_redirects=True).text
    assert "send the file again" in page
    check(admin, "")
    assert "Choose a file first" in admin.get(HOME).text


def test_a_list_is_taken_back_with_a_reason(admin, office):
    take(admin)
    with office() as house:
        list_id = house.session.scalars(select(OpeningList.id)).one()
    send(admin, f"{list_id}/undo")
    assert "Say in a few words" in admin.get(HOME).text
    send(admin, f"{list_id}/undo", why="wrong practice")
    page = admin.get(HOME).text
    assert "Taken back" in page
    assert "The old book is empty." in page


def test_the_letter_is_held_against_the_book(admin, office):
    take(admin)
    send(admin, "letter", dated="2026-01-31", claims="2", cents="120.00")
    page = admin.get(HOME).text
    assert "The letter says 2: 1 less here" in page
    assert re.search(r'text-bad">1<', page)
    assert "The letter says $120.00, the same" in page
    wrong = send(admin, "letter", dated="soon", claims="many", cents="x")
    assert wrong.status_code == 422
    assert wrong.text.count("field-error") == 3


def test_the_cutover_is_kept(admin, office):
    assert send(admin, "cutover", cutover_on="2026-13-01", bills_earlier="no").status_code == 422
    send(admin, "cutover", cutover_on="2026-03-01", bills_earlier="yes")
    page = admin.get(HOME).text
    assert "The agreement says that we bill earlier ones too." in page
    with office() as house:
        client = house.session.get(Client, HARBOR)
        assert (str(client.cutover_on), client.bills_before_cutover) == ("2026-03-01", True)


@pytest.mark.parametrize(
    "door", ["/back/reports/opening-aging?client=HARBOR", "/back/reports/opening-aging.csv?client=HARBOR"]
)
def test_the_old_book_by_age_is_a_report(admin, office, door):
    take(admin)
    assert "100.00" in admin.get(door).text
