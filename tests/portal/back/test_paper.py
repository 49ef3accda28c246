"""The paper claim of the staff's claim page."""

from __future__ import annotations

import io

from pypdf import PdfReader
from sqlalchemy import select

from bureau.models import Claim, Filing
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.identifiers import read_reference, reference
from tests.portal.back.book import HARBOR


def find_claim(book, *where) -> str:
    with book.open_office(Actor(ActorKind.PERSON, "test"), Scope.all(), read_only=True) as office:
        wanted = select(Filing.claim_id).where(Filing.client_id == HARBOR, *where).order_by(Filing.id)
        return reference("CLM", office.rows(wanted)[0][0])


def test_a_claim_comes_as_pdf_with_its_number(enter, book):
    ref = find_claim(book, Filing.state == "DENIED")
    answer = enter("auditor").get(f"/back/claims/{ref}/paper")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    with book.open_office(Actor(ActorKind.PERSON, "test"), Scope.all(), read_only=True) as office:
        charge = office.rows(select(Claim.charge_cents).where(Claim.id == read_reference(ref)[1]))[0][0]
    assert f"{charge // 100} {charge % 100:02d}" in text


def test_a_claim_of_another_client_is_none_at_all(enter, book):
    ref = find_claim(book)
    assert enter("ridge").get(f"/back/claims/{ref}/paper").status_code == 404


def test_the_claim_page_offers_both_kinds_of_paper(enter, book):
    page = enter("admin").get(f"/back/claims/{find_claim(book, Filing.state == 'DENIED')}?tab=x12").text
    assert "/paper" in page
    assert "form=preprinted" in page
