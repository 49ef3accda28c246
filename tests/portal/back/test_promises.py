"""What staff see of promises and alarms: items behind a clause, messages due, payers that went silent, by client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete

from bureau.desks import messages
from bureau.models.talk import Side
from clients.models import Enrollment, Payer
from clients.rows import add_rows
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from tests.portal.back.book import HARBOR


@pytest.fixture
def office(book) -> Callable:
    def enter(client_id: int = HARBOR):
        return book.open_office(Actor(ActorKind.PERSON, "Nora"), Scope.of(client_id))

    return enter


@pytest.mark.parametrize("measure", ["encounter_to_submitted", "remittance_to_posted", "denial_to_first_touch"])
def test_the_items_behind_a_promise_lead_to_what_they_are(enter, measure):
    page = enter("auditor").get(f"/back/clients/HARBOR/promises/{measure}")
    assert page.status_code == 200
    assert "In time" in page.text
    assert ("/back/money/REM" if "remittance" in measure else "/back/claims/CLM") in page.text


@pytest.mark.parametrize(
    "path", ["HARBOR/promises/smiles", "HARBOR/promises/denial_to_first_touch?days=9", "NOBODY/promises/smiles"]
)
def test_what_is_not_promised_is_not_there(enter, path):
    assert enter("auditor").get(f"/back/clients/{path}").status_code == 404


def test_another_practice_stays_closed_to_who_serves_one(enter):
    assert enter("ridge").get("/back/clients/HARBOR/promises/denial_to_first_touch").status_code == 404


def test_a_message_is_counted_on_the_first_page_until_it_is_answered(enter, office):
    with office() as opened:
        thread = messages.write_letter(opened, HARBOR, messages.Letter(Side.CLIENT, "Hello", title="A word"))
    page = enter("harbor").get("/back/").text
    assert "Messages to answer" in page
    assert "The next is due" in page
    assert enter("harbor").get("/back/clients/HARBOR/promises/message_to_answered").text.count("Conversation THR") == 1
    with office() as opened:
        messages.reply(opened, HARBOR, thread.id, Side.BUREAU, "Good day")
    assert "Nobody waits" in enter("harbor").get("/back/").text


@pytest.fixture
def silent(office):
    """Harbor's payer that approved its remittances long ago and never sent one."""
    with office() as opened:
        opened.session.add(Payer(id=900, code="MUTE1", name="Mute Mutual", kind="commercial", filing_code="CI",
                                 tax_id="", filing_days=90, alarm_days=30))  # fmt: skip
        opened.session.flush()
        row = {"payer_id": 900, "transaction": "835", "state": "PENDING_FIRST_ERA",
               "live_on": date(2020, 1, 1)}  # fmt: skip
        add_rows(opened.session, Enrollment, HARBOR, [row])
    yield
    with office() as opened:
        opened.session.execute(delete(Enrollment).where(Enrollment.client_id == HARBOR, Enrollment.payer_id == 900))
        opened.session.execute(delete(Payer).where(Payer.id == 900))


@pytest.mark.usefixtures("silent")
def test_a_payer_that_sends_no_remittances_stands_on_the_first_page_of_who_serves_the_client(enter):
    shown = {who: "Mute Mutual" in enter(who).get("/back/").text for who in ("auditor", "harbor", "ridge")}
    assert shown == {"auditor": True, "harbor": True, "ridge": False}
    assert "No remittance has come in" in enter("auditor").get("/back/").text
    assert "Mute Mutual" not in enter("auditor").get("/back/c/RIDGE/").text
