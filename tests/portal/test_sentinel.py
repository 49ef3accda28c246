"""Words planted in one practice's rows, and everything that can be reached crawled as everybody else: none is seen."""

from __future__ import annotations

import logging
import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import String, cast, literal, select, update

from bureau.models import Claim
from clients.access import CLIENT_ROLES, Grant, Role
from clients.accounts import create_user
from clients.models import Client, Invitation, Membership, User
from clients.scope import Scope, ScopedSession
from config.database import Base
from portal.app import build_app
from tests.portal.back.book import HARBOR, RIDGE
from tests.portal.samples import Samples, build_full, walk_in
from tests.portal.test_matrix import WholeLab
from tests.portal.world import PASSWORD, email
from tests.support.tripwire import tripwire

MARK = "zqxvw"  # in nobody's name
PART = "zqxv"  # what is searched for: the page may say it again
PER_SHAPE = 2  # pages that differ in nothing but a number
MOST = 600  # pages of one crawl
# Columns of clients' tables that hold words of people; what a column of a state or a code holds is nobody's secret.
WORDS = {
    "last", "first", "street", "city", "external_id", "member_id", "group_number", "text", "answer", "note", "body",
    "file_name", "reason", "prior_auth", "phone", "email", "answered_by", "sent_by", "payer_icn", "subject_line",
    "control", "title", "assignee", "paused_reason",
}  # fmt: skip
TARGETS = re.compile(r'(?:href|action|hx-get)="([^"]*)"')
FORM = re.compile(r"<form(?![^>]*method=\"post\")[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r'name="([^"]+)"')


@pytest.fixture(scope="module")
def planted(tmp_path_factory, quick_hashes):
    """The full book; every word of Ridge's is the mark, and so are the names of Ridge and of its people."""
    house = build_full(tmp_path_factory.mktemp("planted"))
    count = 0
    with house.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if "client_id" not in table.columns:
                continue
            for column in table.columns:
                if column.name in WORDS and not column.foreign_keys and isinstance(column.type, String):
                    marked = literal(MARK) + cast(table.c.id, String) if "id" in table.columns else literal(MARK)
                    changed = connection.execute(
                        update(table).where(table.c.client_id == RIDGE, column != "").values({column.name: marked})
                    )
                    count += changed.rowcount
        mine = select(Membership.user_id).where(Membership.membership_client_id == RIDGE)
        connection.execute(update(Client.__table__).where(Client.id == RIDGE).values(name=f"{MARK} clinic"))
        connection.execute(update(User.__table__).where(User.id.in_(mine)).values(name=MARK))
        guests = update(Invitation.__table__).where(Invitation.invitation_client_id == RIDGE)
        connection.execute(guests.values(name=MARK, email=f"{MARK}@example.test", invited_by=MARK))
    assert count > 200
    with ScopedSession(house.engine, scope=Scope.of()) as session, session.begin():
        create_user(session, email("theirs"), "Their biller", PASSWORD, [Grant(Role.BILLER, RIDGE)])
        both = [Grant(Role.BILLER, HARBOR), Grant(Role.TESTER, None)]
        create_user(session, email("both"), "Of two doors", PASSWORD, both)
    app = build_app(house, house.settings, WholeLab({}))
    yield house, app
    house.engine.dispose()


def crawl(client: FlaskClient, homes: tuple[str, ...]) -> dict[str, str]:
    """Every page that links and forms lead to from the homes, a few of each shape: address -> text."""
    ahead, seen, shapes, pages = deque(homes), set(homes), Counter(), {}
    while ahead and len(pages) < MOST:
        address = ahead.popleft()
        answer = client.get(address)
        text = pages[address] = answer.get_data().decode("utf-8", "replace")
        answer.close()
        assert answer.status_code < 500, address
        for found in find_addresses(address, text):
            shape = re.sub(r"\d+(-\w)?\b|[A-Z]{2,}\b", "#", found)
            if found not in seen and shapes[shape] < PER_SHAPE:
                seen.add(found)
                shapes[shape] += 1
                ahead.append(found)
    return pages


def find_addresses(here: str, text: str) -> list[str]:
    """Where a page leads: links, what it fetches by itself, and its searches asked for a part of the mark."""
    asked = [f"{action}?{urlencode(dict.fromkeys(FIELD.findall(form), PART))}" for action, form in FORM.findall(text)]
    found = [urljoin(here, unescape(target)).partition("#")[0] for target in TARGETS.findall(text)]
    own = [target for target in found + asked if not urlsplit(target).scheme and target.startswith("/")]
    return [target for target in own if not target.startswith(("/static/", "//"))]


def homes_of(role: Role) -> tuple[str, ...]:
    if role in CLIENT_ROLES:
        return ("/front/", f"/front/search?q={PART}")
    return ("/lab/",) if role is Role.TESTER else ("/back/", f"/back/search?q={PART}", f"/back/claims?q={PART}")


@pytest.mark.parametrize("role", Role)
def test_nobody_of_elsewhere_sees_a_word_of_it(planted, role, caplog):
    house, app = planted
    with caplog.at_level(logging.DEBUG), tripwire(house.engine) as statements:
        client = walk_in(app, role)
        pages = crawl(client, (*homes_of(role), "/me", "/nowhere"))
    assert [address for address, text in pages.items() if MARK in text.casefold()] == []
    assert MARK not in caplog.text.casefold()
    assert statements == [], "a statement of a narrow session did not say whose rows it wants"
    assert (8 if role is Role.TESTER else 12) < len(pages) < MOST, "all of it was crawled"


def test_refusals_say_no_word_of_it(planted, caplog):
    """Asked for each kind of row of the other practice by its own address."""
    house, app = planted
    client, samples = walk_in(app, Role.ADMIN), Samples(house)
    asked = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and samples.names_a_row(rule)]
    assert len(asked) > 20
    with caplog.at_level(logging.DEBUG):
        for rule in asked:
            _, address = rule.build(samples.values(rule, RIDGE, "0" * 32), append_unknown=False)
            answer = client.get(address)
            assert answer.status_code in (403, 404)
            assert MARK not in answer.get_data(as_text=True).casefold()
    assert MARK not in caplog.text.casefold()


def test_a_page_that_breaks_over_a_row_logs_no_word_of_it(planted, caplog, monkeypatch):
    """Even where it is in the hands of somebody who may see it: the log is read by others."""
    house, app = planted
    client, samples = walk_in(app, "theirs"), Samples(house)
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "back.claims_one")
    _, address = rule.build(samples.values(rule, RIDGE, ""), append_unknown=False)
    monkeypatch.setattr("portal.views.back.claims.render_template", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("portal.views.back.claims.render_page", lambda *_, **__: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert client.get(address).status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert MARK not in caplog.text.casefold()


@pytest.mark.parametrize(("who", "home"), [("theirs", "/back/"), ("boss-ridge", "/front/")])
def test_the_crawl_is_not_blind(planted, who, home):
    """Whose rows they are sees them on page after page."""
    pages = crawl(walk_in(planted[1], who), (home,))
    marked = [address for address, text in pages.items() if MARK in text.casefold()]
    assert len(marked) > len(pages) / 2
    assert any("download" in address or ".csv" in address for address in pages)
    assert any(f"={PART}" in address for address in pages)


def test_the_tripwire_is_tripped_by_a_plain_statement_and_not_by_a_scoped_one(planted):
    engine = planted[0].engine
    with tripwire(engine) as statements, ScopedSession(engine, scope=Scope.of(HARBOR), read_only=True) as session:
        session.scalars(select(Claim)).all()
        assert statements == []
        session.execute(select(Claim.__table__)).all()
        assert len(statements) == 1
    with tripwire(engine) as statements, ScopedSession(engine, scope=Scope.all(), read_only=True) as session:
        session.execute(select(Claim.__table__)).all()
        assert statements == []
