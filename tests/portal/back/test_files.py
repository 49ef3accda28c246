"""The page of one stored file: the tree beside its segments, page by page, one claim of it, its problems."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bureau.models import Filing, Mail, Submission
from bureau.queries import files
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from tests.portal.back.book import HARBOR, RIDGE

LOOKER = Actor(ActorKind.PERSON, "test")
ROW = re.compile(r'<tr id="s(\d+)"')


@pytest.fixture
def sent(book):
    """The 837P with the most claims that a client's book has: its address and the numbers of its claims."""

    def find(client_id: int = HARBOR) -> tuple[str, list[str]]:
        with book.open_office(LOOKER, Scope.all(), read_only=True) as office:
            wanted = select(Mail).where(Mail.client_id == client_id, Mail.kind == "837P").order_by(Mail.items.desc())
            mail = office.session.scalars(wanted).first()
            pcns = office.session.scalars(
                select(Submission.pcn).where(Submission.mail_id == mail.id).order_by(Submission.id)
            ).all()
            return f"/back/files/{reference('FIL', mail.id)}", list(pcns)

    return find


def segments_of(page: str) -> list[int]:
    return [int(number) for number in ROW.findall(page)]


def read(client, address: str, **asked: object) -> str:
    answer = client.get(address, query_string=asked)
    assert answer.status_code == 200
    return answer.text


def test_a_file_is_a_tree_in_plain_words_beside_its_segments(enter, sent):
    address, pcns = sent()
    page = read(enter("admin"), address)
    for word in ("<strong>Billing provider</strong>", "<strong>Subscriber</strong>", "<strong>Service line</strong>"):
        assert word in page
    assert "<code>ISA*00*          *" in page
    assert f"<code>CLM*{pcns[0]}*" in page
    assert "Checked: nothing is wrong with this file." in page


def test_the_pages_of_a_file_hold_every_segment_once_and_end_between_claims(enter, sent, monkeypatch):
    monkeypatch.setattr(files, "SEGMENTS", 50)
    address, pcns = sent()
    client, seen, claims, at = enter("admin"), [], [], 1
    while at:
        page = read(client, address, **{"from": at})
        shown = segments_of(page)
        seen += shown
        claims += re.findall(r"<code>CLM\*([^*]+)\*", page)
        assert f"Segments {shown[0]:,} to {shown[-1]:,} of " in page
        at = shown[-1] + 1 if 'rel="next"' in page else 0
    assert seen == list(range(1, seen[-1] + 1))
    assert claims == pcns
    assert segments_of(read(client, address, **{"from": seen[-1] * 9}))[-1] == seen[-1]


def test_one_claim_is_cut_out_with_its_subscriber(enter, sent):
    address, pcns = sent()
    client = enter("admin")
    page = read(client, address, claim=pcns[3])
    assert re.findall(r"<code>CLM\*([^*]+)\*", page) == [pcns[3]]
    assert "<code>NM1*IL*" in page
    assert "<code>ISA*" not in page
    whole = re.search(r'href="([^"]+)#s(\d+)">See it in the whole file', page)
    assert whole is not None
    assert int(whole[2]) in segments_of(client.get(whole[1].replace("&amp;", "&")).text)
    page = read(client, address, claim="NOBODY")
    assert "No claim in this file has the number NOBODY." in page
    assert segments_of(page) == []


def test_the_claim_page_leads_to_the_claims_own_segments(enter, sent, book):
    address, pcns = sent()
    with book.open_office(LOOKER, Scope.all(), read_only=True) as office:
        joined = select(Filing.claim_id).join(Submission, Submission.filing_id == Filing.id)
        claim_id = office.session.scalars(joined.where(Submission.pcn == pcns[0])).one()
    page = read(enter("admin"), f"/back/claims/{reference('CLM', claim_id)}", tab="x12")
    assert f'href="{address}?claim={pcns[0]}"' in page


def test_a_problem_leads_to_the_page_of_its_segment(enter, book):
    with book.open_office(LOOKER, Scope.all(), read_only=True) as office:
        mail_id = office.session.scalars(select(Mail.id).where(Mail.name == "crooked.835")).one()
    client = enter("admin")
    address = f"/back/files/{reference('FIL', mail_id)}"
    page = read(client, address)
    found = re.findall(r'href="([^"]+)#s(\d+)">Segment', page)
    assert found
    for link, number in found:
        assert int(number) in segments_of(client.get(link).text)
    assert "x12-wrong" in page


def test_a_long_file_opens_before_it_is_checked(enter, sent, monkeypatch):
    monkeypatch.setattr(files, "QUICK", 100)
    address, _ = sent()
    client = enter("admin")
    page = read(client, address)
    assert "Look for problems" in page
    assert segments_of(page)
    assert "nothing is wrong" not in page
    assert "Checked: nothing is wrong with this file." in read(client, address, problems=1)
    part = client.get(address, query_string={"problems": 1}, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Checked: nothing is wrong with this file." in part


def test_a_file_of_another_client_is_not_there(enter, sent):
    theirs, pcns = sent(RIDGE)
    client = enter("harbor")
    for asked in ({}, {"claim": pcns[0]}, {"problems": 1}):
        assert client.get(theirs, query_string=asked).status_code == 404
        assert client.get("/back/files/FIL-999999-9", query_string=asked).status_code == 404
