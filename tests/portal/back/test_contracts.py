"""The bureau's pages of agreement, tier and prices: what is entered is what is shown, and what is wrong is told."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import delete, select

from bureau.models import Journal
from clients.agreements import find_agreements
from clients.fees import load_terms
from clients.models import Agreement, Fee, TierRequest
from clients.onboarding import DEFAULT_FEES
from clients.preferences import read_preferences
from clients.scope import Scope
from clients.tier_changes import find_running
from clients.tiers import Tier
from clients.trail import Actor, ActorKind
from tests.portal.back.book import HARBOR

HOME = "/back/clients/HARBOR"
LATER = "2030-01-01"
PAGES = (
    "agreements", "agreements/sign", "agreements/fees", "agreements/promises", "agreements/preferences", "tier",
    "tier/ask", "tier/quote", "tier/unserved/denial.route", "tier/unserved/underpayment.recover", "prices",
    "prices?list=contract", "prices.csv", "prices.csv?list=contract&blank=1",
)  # fmt: skip


@pytest.fixture
def office(book):
    def enter():
        return book.open_office(Actor(ActorKind.PERSON, "test"), Scope.of(HARBOR))

    yield enter
    with enter() as last:  # what the next test finds is what this one found
        last.session.execute(delete(TierRequest).where(TierRequest.client_id == HARBOR))


@pytest.fixture
def admin(enter):
    return enter("admin")


def send(browser, path: str, **fields: object):
    sent = {"csrf_token": browser.token, **fields}
    return browser.post(f"{HOME}/{path}", data=sent, content_type="multipart/form-data")


def last_act(office) -> str:
    with office() as house:
        return house.session.scalars(select(Journal.act).order_by(Journal.id.desc())).first()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens(admin, path):
    assert admin.get(f"{HOME}/{path}").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_foreign_client_is_answered_as_none(enter, path):
    browser = enter("ridge")
    theirs, nobodys = (browser.get(f"/back/clients/{code}/{path}").status_code for code in ("HARBOR", "NOSUCH"))
    manages = path.split("/")[-1] in ("sign", "fees", "promises", "preferences", "ask", "quote")
    assert theirs == nobodys == (403 if manages else 404)


def test_who_may_only_read_is_offered_nothing(enter):
    browser = enter("auditor")
    for path in ("agreements", "tier", "prices"):
        page = browser.get(f"{HOME}/{path}").text.partition("<main")[2].partition("</main")[0]
        assert "<h1>" in page
        assert 'method="post"' not in page
        assert not any(f"{HOME}/{way}" in page for way in ("agreements/", "tier/ask", "tier/quote"))


def test_a_contract_is_registered_with_the_fingerprint_of_its_paper(admin, office):
    paper = (io.BytesIO(b"%PDF-1.7 signed"), "papers/baa.pdf")
    answer = send(admin, "agreements/sign", kind="business_associate", signed_by="Dr. Reed", signed_on="2026-03-01",
                  starts_on=LATER, last_on="2030-12-31", cap="20", document=paper)  # fmt: skip
    assert answer.status_code == 302
    page = admin.get(f"{HOME}/agreements").text
    assert "baa.pdf" in page
    with office() as house:
        row = next(one for one in find_agreements(house.session, HARBOR) if str(one.starts_on) == LATER)
        assert (row.document_name, len(row.document_sha256), str(row.ends_on)) == ("baa.pdf", 64, "2031-01-01")
        number = row.id
    assert send(admin, "agreements/end", agreement=str(number), ends_on="2030-06-01").status_code == 302
    with office() as house:
        assert str(house.get(Agreement, HARBOR, number).ends_on) == "2030-06-01"
        house.session.execute(delete(Agreement).where(Agreement.id == number))
    assert last_act(office) == "agreement ended"


def test_a_contract_that_cannot_be_is_told_at_its_fields(admin):
    answer = send(admin, "agreements/sign", kind="", signed_by="", signed_on="soon", starts_on=LATER, cap="900")
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 4


def test_the_bureau_may_not_take_a_share_of_government_money(admin, office):
    answer = send(admin, "agreements/sign", kind="service", signed_by="Dr. Reed", signed_on="2026-03-01",
                  starts_on=LATER, cap="20", bureau_receives_money="yes")  # fmt: skip
    assert answer.status_code == 422
    assert "42 CFR 424.73" in answer.text.partition("notice")[2]
    with office() as house:
        assert len(find_agreements(house.session, HARBOR)) == 2


def test_fees_are_shown_as_they_can_be_sent_back(admin, office):
    page = admin.get(f"{HOME}/agreements/fees").text
    assert 'value="5.5"' in page
    wrong = {"basis-1": "percent", "rate-1": "six", "basis-3": "flat", "rate-3": "1; 2 from 3", "starts_on": LATER}
    answer = send(admin, "agreements/fees", **wrong)
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 2
    doubled = {f"{name}-{at}": value for at in (2, 5) for name, value in (("basis", "flat"), ("rate", "1"))}
    answer = send(admin, "agreements/fees", starts_on=LATER, **doubled)
    assert "Two terms of one kind" in answer.text.partition('name="rate-5"')[2].partition("</div>")[0]
    good = {"basis-1": "percent", "rate-1": "7; 6 from 50,000", "basis-2": "flat", "rate-2": "99.50"}
    assert send(admin, "agreements/fees", starts_on=LATER, **good).status_code == 302
    page = admin.get(f"{HOME}/agreements").text
    assert "7% of collections up to $50,000 a month, 6% above $50,000" in page.partition("Before and to come")[2]
    with office() as house:
        today = house.today(HARBOR)
        assert load_terms(house.session, HARBOR, today) == DEFAULT_FEES[Tier.BILLING]


def test_promises_are_changed_from_a_day_on(admin):
    good = {"measure-1": "remittance_to_posted", "days-1": "4", "share-1": "95", "credit-1": "2"}
    assert send(admin, "agreements/promises", starts_on=LATER, **good).status_code == 302
    assert "95% within 4 business days" in admin.get(f"{HOME}/agreements").text
    answer = send(admin, "agreements/promises", starts_on=LATER, **good | {"days-1": "99"})
    assert answer.status_code == 422
    assert "A limit is 1 to 60" in answer.text
    assert send(admin, "agreements/promises", starts_on=LATER, **good | {"share-1": "x"}).status_code == 422


def test_preferences_are_kept(admin, office):
    sent = {"write_off_cents": "9.99", "statement_day": "5", "escalate_after": "3", "holidays": "2026-12-24"}
    assert send(admin, "agreements/preferences", **sent | {"holidays": "Christmas"}).status_code == 422
    assert send(admin, "agreements/preferences", **sent | {"statement_day": "30"}).status_code == 422
    assert send(admin, "agreements/preferences", **sent).status_code == 302
    with office() as house:
        assert read_preferences(house.client(HARBOR).preferences).write_off_cents == 999
        house.client(HARBOR).preferences = {}
    assert "24 Dec 2026" not in admin.get(f"{HOME}/tier").text


def test_a_plan_goes_from_the_wish_to_its_price(admin, office):
    assert "Nobody asks for another plan" in admin.get(f"{HOME}/tier/quote").text
    wish = {"tier": "billing", "add_on": ["denial.appeal", "denial.route"], "starts_on": LATER, "open_cases": "finish"}
    assert send(admin, "tier/ask", **wish).status_code == 302
    assert send(admin, "tier/ask", **wish).status_code == 422
    terms = {"basis-1": "percent", "rate-1": "6"}
    answer = send(admin, "tier/quote", **terms)
    assert answer.status_code == 422
    assert answer.text.count("An amount is missing.") == 2
    prices = {"price-denial.appeal": "120", "price-denial.route": "80"}
    assert send(admin, "tier/quote", **terms, **prices).status_code == 302
    page = admin.get(f"{HOME}/tier").text
    assert "Appeals: $120.00 a month" in page
    assert "Approve" not in page.partition("<main")[2].partition("Timeline")[0]
    send(admin, "tier/decide", to="APPROVED")
    with office() as house:
        assert find_running(house.session, HARBOR).state == "QUOTED"
    send(admin, "tier/decide", to="DECLINED", note="They changed their mind")
    page = admin.get(f"{HOME}/tier").text
    assert "They changed their mind" in page
    assert send(admin, "tier/decide", to="DECLINED").status_code == 302


@pytest.mark.parametrize("fields", [{}, {"tier": "gold", "starts_on": LATER}, {"tier": "billing", "starts_on": "x"}])
def test_a_wish_that_cannot_be_read_is_told(admin, fields):
    assert send(admin, "tier/ask", **fields).status_code == 422


def test_a_price_list_is_seen_before_it_is_loaded(admin, office):
    sheet = (
        io.BytesIO(b"code,price,from\nG0463,101.00,2024-01-01\nG0101,85.00,2026-01-01\nG0102,,2026-01-01\n"),
        "f.csv",
    )
    page = send(admin, "prices", list="own", file=sheet)
    assert page.status_code == 200
    assert "1 new price, 1 changed, 0 as before; 1 row cannot be used" in page.text
    assert "f.csv row 4 column price" in page.text
    text = page.text.partition('name="sheet" hidden>')[2].partition("</textarea>")[0]
    with office() as house:
        assert not house.session.scalars(select(Fee).where(Fee.code == "G0101")).all()
    assert send(admin, "prices", list="own", step="load", sheet=text).status_code == 302
    assert last_act(office) == "prices loaded"
    assert "G0101,,85.00,2026-01-01" in admin.get(f"{HOME}/prices.csv").text
    with office() as house:
        house.session.execute(delete(Fee).where(Fee.code == "G0101"))
        house.session.scalars(select(Fee).where(Fee.code == "G0463")).one().cents = 10_000


@pytest.mark.parametrize("text", ["a,b\n1,2", "code,price,from\nG0102,,2026-01-01"])
def test_a_list_without_a_price_is_not_offered_for_loading(admin, text):
    page = send(admin, "prices", list="own", step="load", sheet=text)
    assert page.status_code == 422
    assert "Nothing of this list can be loaded." in page.text


def test_no_list_at_all_is_told(admin):
    assert send(admin, "prices", list="own").status_code == 302
    assert "Choose a file, or paste a list." in admin.get(f"{HOME}/prices").text
