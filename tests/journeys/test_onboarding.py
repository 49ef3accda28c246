"""A client from the first talk to the last file, by nothing but pages: opened, set up, tested, live, paid, gone."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from bureau.models import Filing
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.models import Enrollment, StageChange
from clients.scope import Scope
from portal.app import build_app
from portal.lab import Bench
from simulator.runs import RunShelf
from tests.support.forms import Browser
from tests.support.houses import VISIT, House, open_house, payer_ids, sheet
from tests.support.practices import CLINICIAN, COLUMNS, GROUP, NPI, PRACTICE

PASSWORD = "a long enough word"


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    """A house whose book is a file: pages open a second office while they are drawn."""
    house = open_house(f"sqlite:///{tmp_path / 'book.sqlite'}", tmp_path / "payers.sqlite")
    settings = house.bureau.settings.model_copy(update={"home": tmp_path})
    house.bureau = replace(house.bureau, settings=settings)
    with house.office(everywhere=True) as office:
        create_user(office.session, "ada@bureau.test", "Ada Northrop", PASSWORD, [Grant(Role.ADMIN, None)])
        create_user(office.session, "bea@bureau.test", "Bea Quill", PASSWORD, [Grant(Role.BILLER, 1)])
        create_user(office.session, "tess@bureau.test", "Tess Marlow", PASSWORD, [Grant(Role.TESTER, None)])
    yield house
    house.close()


@pytest.fixture
def portal(house: House) -> Flask:
    settings = house.bureau.settings
    return build_app(house.bureau, settings, Bench(RunShelf(settings.runs_path, house.clock), settings))


def sign_in(portal, email: str) -> Browser:
    browser = Browser(portal)
    browser.go("/")
    browser.fill("/", email=email, password=PASSWORD)
    return browser


def visits(first: int, count: int, day: str = "2026-03-02", **columns: str) -> bytes:
    """A sheet under the practice's own headings."""
    rows = []
    for number in range(first, first + count):
        own = {"encounter_id": f"E{number}", "patient_id": f"P{number}", "member_id": f"M{number:06d}",
               "last_name": f"Doe{number}", "provider_npi": NPI, "service_date": day}  # fmt: skip
        rows.append({COLUMNS.get(name, name): text for name, text in {**VISIT, **own, **columns}.items()})
    return sheet(*rows)


def checks_done(page: str) -> str:
    return re.search(r"<dt>(?:Checks done|Done)</dt><dd>(\d+ of \d+)</dd>", page)[1]


def open_client(ada: Browser) -> None:
    ada.go("/back/clients/new")
    assert "Fill this in" in ada.fill("/new", code="CEDAR")
    assert "fails its check digit" in ada.fill("/new", code="CEDAR", **PRACTICE | {"npi": "1234567890"})
    ada.go("/back/clients/new")
    ada.fill("/new", code="CEDAR", name=PRACTICE["name"])  # the rest is not known yet
    assert checks_done(ada.page.text) == "0 of 11"


def move(staff: Browser, target: str, **said: str) -> str:
    staff.go("/back/clients/CEDAR/project")
    return staff.fill("/project", where={"target": target}, **said)


def contract(ada: Browser) -> None:
    move(ada, "CONTRACTING")
    assert "No service agreement is in force" in move(ada, "SETUP")
    for kind in ("service", "business_associate"):
        ada.go("/back/clients/CEDAR/agreements/sign")
        ada.fill("/sign", kind=kind, signed_by="Dr. Rose")
    ada.go("/back/clients/CEDAR/agreements/fees")
    ada.fill("/fees", **{"basis-1": "percent", "class-1": "", "rate-1": "6"})
    ada.go("/back/clients/CEDAR/agreements/promises")
    ada.fill("/promises", **{"measure-1": "encounter_to_submitted", "days-1": "1", "share-1": "90"})
    move(ada, "SETUP")


def set_up(ada: Browser) -> None:
    ada.go("/back/clients/CEDAR/practice")
    assert "belongs to nobody" not in ada.fill("/practice", **PRACTICE)
    ada.go("/back/clients/CEDAR/people/clinicians/new")
    assert "own NPI (type 2)" in ada.fill("/new", last="Rose", first="Ann", npi=GROUP, taxonomy="207Q00000X")
    ada.fill("/new", **CLINICIAN)
    ada.go("/back/clients/CEDAR/people/contacts/new")
    ada.fill("/new", name="Pat Lane", duty="billing", phone="6175550191")
    assert "Pat Lane" in ada.page.text


def agree_on_a_tier(ada: Browser, rose: Browser) -> None:
    ada.go("/back/clients/CEDAR/tier/ask")
    ada.fill("/ask", tier="billing", starts_on="2026-03-18")
    ada.go("/back/clients/CEDAR/tier/quote")
    ada.fill("/quote", **{"basis-1": "percent", "class-1": "", "rate-1": "6"})
    rose.go("/front/plan")
    rose.fill("/decide", where={"to": "ACCEPTED"})
    ada.go("/back/clients/CEDAR/tier")
    ada.fill("/decide", where={"to": "APPROVED"})


def invite(portal, ada: Browser) -> Browser:
    ada.go("/back/people/invite")
    page = ada.fill("/invite", name="Ann Rose", email="rose@cedar.test", role="owner", client="CEDAR")
    link = re.search(r"/invitation/[\w-]+", page)[0]
    rose = Browser(portal)
    rose.go(link)
    rose.fill(link, name="Ann Rose", password=PASSWORD, again=PASSWORD)
    return sign_in(portal, "rose@cedar.test")


def enrol(ada: Browser, house: House) -> None:
    payers = payer_ids(house)
    ada.go("/back/clients/CEDAR/volumes")
    ada.fill("/volumes", **{f"payer.{payers['SIM10']}": "90", f"payer.{payers['SIM50']}": "10"})
    assert "0% of the claims" in ada.go("/back/clients/CEDAR/project")
    move(ada, "ENROLLING")
    for kind, states in (("837P", ("SUBMITTED", "LIVE")), ("835", ("SUBMITTED", "PENDING_FIRST_ERA"))):
        for state in states:
            ada.go("/back/clients/CEDAR/enrolments/change?payer=SIM10")
            ada.fill("/change", **{f"kind.{kind}": "yes", "state": state})
    ada.go("/back/clients/CEDAR/enrolments/change?payer=SIM10")
    assert "835 cannot go from pending first era to draft" in ada.fill(
        "/change", **{"kind.835": "yes", "state": "DRAFT"}
    )
    move(ada, "TESTING")


def load_prices(rose: Browser) -> None:
    rose.go("/front/plan/prices")
    rose.fill("/prices", sheet="code,modifier,price,from\nXV113,,150.00,2026-01-01\n")
    rose.fill("/prices")


def rehearse(rose: Browser) -> str:
    """The practice sends its test file, says once what its columns mean, and runs it."""
    rose.go("/front/start/tests")
    page = rose.fill("/upload", file=(io.BytesIO(visits(1, 22)), "test.csv"))
    assert "What the columns mean" in page
    rose.fill("/map", name="Our system", **{f"column.{name}": text for name, text in COLUMNS.items()})
    return rose.fill(where={"profile": "Our system"})


def test_a_client_from_lead_to_live_to_gone(house: House, portal):
    ada = sign_in(portal, "ada@bureau.test")
    open_client(ada)
    contract(ada)
    set_up(ada)
    rose = invite(portal, ada)
    assert "You are not live yet" in rose.go("/front/")
    agree_on_a_tier(ada, rose)
    enrol(ada, house)
    assert "Yes, these are right" in rose.go("/front/start")
    assert "Confirmed on" in rose.fill("/clinicians")
    load_prices(rose)
    assert "No price" not in rose.go("/front/start")

    move(ada, "ENROLLING", why="a look back")
    assert "0 of 20" in move(ada, "TESTING")
    before = house.count(Filing)
    assert "Ready to go live" not in ada.go("/back/clients/CEDAR/project")
    assert "Tested on" in rehearse(rose)
    assert house.count(Filing) == before  # nothing of it is in the live book
    page = ada.go("/back/clients/CEDAR/project")
    assert checks_done(page) == "11 of 11"
    assert "Ready to go live" in page
    assert "CEDAR" in ada.go("/back/clients?stage=GO_LIVE_READY")

    _enter_the_rehearsal(portal, ada)

    move(ada, "LIVE")
    stages = house.rows(select(StageChange.to_state).order_by(StageChange.id))
    assert [row[0] for row in stages][-2:] == ["GO_LIVE_READY", "LIVE"]
    _first_night(house, rose)
    _farewell(house, ada, rose)
    assert house.broken_laws() == []


def _enter_the_rehearsal(portal: Flask, ada: Browser) -> None:
    """Those who set the practice up look into the book of its test file; a tester and a biller of another may not."""
    ada.go("/back/clients/CEDAR/tests/1")
    address = re.search(r"/run/[\w-]+/back/claims", ada.page.text)[0]
    assert "Look at everything, change nothing" in ada.go(address)
    others = (sign_in(portal, f"{who}@bureau.test") for who in ("tess", "bea"))
    assert [one.client.get(address).status_code for one in others] == [404, 404]


def _first_night(house: House, rose: Browser) -> None:
    """The same file again, now in earnest: read by the saved mapping, billed, paid; the first remittance is heard."""
    client = next(one for one in house.bureau.find_clients(Scope.all()) if one.code == "CEDAR")
    rose.go("/front/upload")
    rose.fill("/upload", file=(io.BytesIO(visits(101, 3)), "monday.csv"))
    rose.fill("/commit")
    house.day(client)
    states = house.rows(select(Filing.state).where(Filing.client_id == client.id))
    assert sorted(row[0] for row in states) == ["PATIENT_DUE"] * 3
    enrolment = select(Enrollment.state).where(Enrollment.client_id == client.id, Enrollment.transaction == "835")
    assert house.rows(enrolment.where(Enrollment.live_on.is_not(None)))[0][0] == "LIVE"


def _farewell(house: House, ada: Browser, rose: Browser) -> None:
    client = next(one for one in house.bureau.find_clients(Scope.all()) if one.code == "CEDAR")
    assert "Say why" in move(ada, "PAUSED", why=" ")
    assert "unpaid invoice" in move(ada, "PAUSED", why="unpaid invoice")
    assert house.run("scrub", client=client) == [None]
    move(ada, "LIVE")
    dates = {"stop_intake_on": "2026-03-18", "run_out_until": "2026-03-20"}
    move(ada, "OFFBOARDING", why="they take it in house", **dates)
    rose.go("/front/upload")
    rose.fill("/upload", file=(io.BytesIO(visits(201, 1)), "late.csv"))
    assert "nothing is taken in since 18 Mar 2026" in rose.page.text
    assert "The run-out lasts until 20 Mar 2026" in move(ada, "CLOSED", why="the end")
    ada.go("/back/clients/CEDAR/leaving")
    ada.fill("/archive.zip")
    _look_into(ada.page.data)
    house.tick(days=3)
    ada, rose = (sign_in(rose.client.application, f"{who}.test") for who in ("ada@bureau", "rose@cedar"))
    move(ada, "CLOSED", why="the end")
    assert house.count(Filing, Filing.client_id == client.id, Filing.state == "CLOSED_TRANSFERRED") == 3
    assert rose.client.get("/front/").status_code == 302  # they come in no more
    assert "Closed by" in ada.go("/back/clients/CEDAR/certificate")


def _look_into(data: bytes) -> None:
    """The archive holds this client's rows and files, and nobody else's."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    names = archive.namelist()
    claims = list(csv.DictReader(io.StringIO(archive.read("claims.csv").decode())))
    ledger = list(csv.DictReader(io.StringIO(archive.read("ledger.csv").decode())))
    assert len(claims) == 3
    assert sum(int(row["cents"]) for row in ledger if row["kind"] == "charge") == 3 * 15_000
    assert {name.partition("/")[2].partition("/")[0] for name in names if name.startswith("x12/")} == {
        "sent", "received",
    }  # fmt: skip
    assert archive.read(next(name for name in names if "/sent/" in name)).startswith(b"ISA")
