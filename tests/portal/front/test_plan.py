"""The practice's plan page: what it has, what it leaves, how another one is asked for, and its own price lists."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from bureau.desks import tiers
from bureau.models import Journal
from clients.capabilities import FEATURES
from clients.fees import Term
from clients.models import AddOn, Fee, FeeBasis, TierRequest
from clients.scope import Scope
from clients.tier_changes import Quote, find_running
from clients.tiers import Capability
from clients.trail import Actor, ActorKind
from tests.portal.back.book import HARBOR

LATER = "2030-01-01"
WISH = {"tier": "billing", "add_on": "denial.appeal", "starts_on": LATER, "open_cases": "finish"}
PAGES = ("plan", "plan/unserved/denial.route", "plan/prices", "plan/prices?list=contract", "plan/prices.csv")


@pytest.fixture
def office(practice_book):
    def enter():
        return practice_book.open_office(Actor(ActorKind.PERSON, "Dana Reyes"), Scope.of(HARBOR))

    yield enter
    with enter() as last:
        last.session.execute(delete(TierRequest).where(TierRequest.client_id == HARBOR))


@pytest.mark.parametrize("who", ["owner", "viewer", "quiet", "ridge"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_everyone_of_the_practice(enter, who, path):
    assert enter(who).get(f"/front/{path}").status_code == 200


def test_the_plans_are_compared_line_by_line(enter):
    page = enter("owner").get("/front/plan").text
    assert all(feature.label in page for feature in FEATURES)
    assert page.count('aria-label="Yes"') == len(FEATURES) + 2 * sum(one.in_billing for one in FEATURES)
    assert "5.5% of collections" in page
    assert "not part of the plan" in page


def test_a_plan_with_everything_leaves_nothing_undone(enter):
    page = enter("ridge").get("/front/plan").text
    assert "Full RCM, since" in page
    assert "leaves undone" not in page


def test_what_is_left_undone_leads_to_its_claims(enter, practice_book):
    page = enter("owner").get("/front/plan").text
    lists = [word for word in page.split('"') if word.startswith("/front/plan/unserved/")]
    assert lists, "the simulated book has denials that nobody works"
    shown = enter("owner").get(lists[0]).text
    claim = next(word for word in shown.split('"') if word.startswith("/front/claims/"))
    assert enter("owner").get(claim).status_code == 200
    assert enter("owner").get("/front/plan/unserved/nothing").status_code == 404


def test_who_may_not_ask_is_not_offered_it(enter):
    viewer = enter("viewer")
    assert "/front/plan/ask" not in viewer.get("/front/plan").text
    assert viewer.get("/front/plan/ask").status_code == 403
    assert viewer.post("/front/plan/ask", **WISH).status_code == 403
    assert viewer.post("/front/plan/decide", to="ACCEPTED").status_code == 403
    assert viewer.post("/front/plan/prices", list="own", sheet="x").status_code == 403
    assert 'type="file"' not in viewer.get("/front/plan/prices").text


def test_a_wish_is_priced_and_accepted(enter, office):
    owner = enter("owner")
    assert owner.get("/front/plan/ask").text.count('type="checkbox"') == sum(not one.in_billing for one in FEATURES)
    assert owner.post("/front/plan/ask", **WISH).status_code == 302
    assert "Withdraw the wish" in owner.get("/front/plan").text
    assert "is being worked on already" in owner.post("/front/plan/ask", **WISH).text
    owner.post("/front/plan/decide", to="ACCEPTED")
    assert "cannot become accepted now" in owner.get("/front/plan").text
    with office() as house:
        price = Quote((Term(FeeBasis.FLAT, cents=123_400),), {Capability.DENIAL_APPEAL: 5_600})
        assert tiers.quote(house, HARBOR, price) == []
    page = owner.get("/front/plan").text
    assert "$1,234.00 a month" in page
    assert "Appeals: $56.00 a month" in page
    assert owner.post("/front/plan/decide", to="ACCEPTED").status_code == 302
    assert "Accept the price" not in owner.get("/front/plan").text
    with office() as house:
        assert find_running(house.session, HARBOR).state == "ACCEPTED"
        assert not house.session.scalars(select(AddOn)).all()


def test_nobody_approves_for_themselves(enter, office):
    owner = enter("owner")
    owner.post("/front/plan/ask", **WISH)
    assert owner.post("/front/plan/decide", to="APPROVED").status_code == 302
    with office() as house:
        assert find_running(house.session, HARBOR).state == "REQUESTED"
    owner.post("/front/plan/decide", to="WITHDRAWN")
    with office() as house:
        assert find_running(house.session, HARBOR) is None


def test_the_owner_loads_prices_of_their_own(enter, office):
    owner = enter("owner")
    page = owner.post("/front/plan/prices", list="own", sheet="code,price,from\nG0101,85.00,2026-01-01\n")
    assert page.status_code == 200
    assert "1 new price" in page.text
    sheet = page.text.partition('name="sheet" hidden>')[2].partition("</textarea>")[0]
    assert owner.post("/front/plan/prices", list="own", step="load", sheet=sheet).status_code == 302
    assert "G0101" in owner.get("/front/plan/prices").text
    assert "G0101" not in enter("ridge").get("/front/plan/prices").text
    with office() as house:
        latest = house.session.scalars(select(Journal).order_by(Journal.id.desc())).first()
        assert (latest.act, latest.actor) == ("prices loaded", "Owner")
        house.session.execute(delete(Fee).where(Fee.code == "G0101"))


def test_rates_of_insurers_are_a_list_of_their_own(enter):
    blank = enter("owner").get("/front/plan/prices.csv?list=contract&blank=1")
    assert blank.text == "payer,code,modifier,rate,from\n"
    assert blank.headers["Content-Disposition"] == 'attachment; filename="HARBOR-contract-rates.csv"'
