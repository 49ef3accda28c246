"""A new client in a real browser: opened, set up, tested and taken live by two people, and paid in its first night."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bureau.models import Filing, JobRun
from bureau.models.work import JobState
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.models import Client
from portal.app import build_app
from portal.lab import Bench
from portal.scheduler import Due, Scheduler, perform
from simulator.runs import RunShelf
from tests.portal.browser import served
from tests.support.houses import VISIT, House, open_house, payer_ids, sheet
from tests.support.practices import CLINICIAN, COLUMNS, GROUP, NPI, PRACTICE
from tests.support.screens import Screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PASSWORD = "a long day at work"
TODAY = "2026-03-18"
MORNING = datetime(2026, 3, 19, 12, 45, tzinfo=UTC)  # 8:45 at the practice, on the day after it went live
# What its plan does until then, at the practice's own times.
NIGHT = [
    ("18 12:20", "collect"), ("18 14:40", "post"), ("18 15:00", "scrub"), ("18 15:15", "submit"),
    ("18 16:20", "collect"), ("19 08:20", "collect"), ("19 08:40", "post"),
]  # fmt: skip
PAID, PAID_IN_ALL = "95.00", "$190.00"  # of a visit: allowed 120.00 less the copay of 25.00


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = open_house(f"sqlite:///{tmp_path / 'book.sqlite'}", tmp_path / "payers.sqlite")
    at_home = house.bureau.settings.model_copy(update={"home": tmp_path})  # files that are checked lie there
    house.bureau = replace(house.bureau, settings=at_home)
    with house.office(everywhere=True) as office:
        create_user(office.session, "ada@bureau.test", "Ada Northrop", PASSWORD, [Grant(Role.ADMIN, None)])
    yield house
    house.close()


class AtOnce:
    """Gets what is due done in the caller's thread."""

    def __init__(self, house: House) -> None:
        self.house = house

    def hand_over(self, due: Due) -> None:
        perform(self.house.bureau, due)

    def close(self) -> None:
        """Nothing is under way."""


def sign_in(browser: Browser, address: str, email: str, door: str) -> Screen:
    screen = Screen.open(browser)
    screen.go(address)
    screen.fill(email=email, password=PASSWORD, door=door)
    screen.press("Sign in")
    return screen


def visits(folder: Path, name: str, first: int, count: int) -> Path:
    """An export of the practice's system, under its own headings."""
    rows = []
    for number in range(first, first + count):
        own = {"encounter_id": f"E{number}", "patient_id": f"P{number}", "member_id": f"M{number:06d}",
               "last_name": f"Doe{number}", "provider_npi": NPI}  # fmt: skip
        rows.append({COLUMNS.get(column, column): text for column, text in {**VISIT, **own}.items()})
    file = folder / name
    file.write_bytes(sheet(*rows))
    return file


def open_lead(ada: Screen) -> None:
    ada.choose("Clients")
    ada.follow("Open a client")
    ada.fill(PRACTICE, code="CEDAR", npi="1234567890")
    ada.press("Open the client")
    ada.sees("fails its check digit")
    ada.fill(npi=GROUP)  # the rest is still there
    ada.press("Open the client")
    ada.sees("Cedar Family Medicine", "What has to be true before it goes live")
    ada.turn_to("People and places")
    ada.follow("Add a clinician")
    ada.fill(CLINICIAN)
    ada.press("Save")
    ada.sees("Rose, Ann")


def sign_contracts(ada: Screen) -> None:
    ada.turn_to("Project")
    ada.press("Start contracting")
    ada.press("Start the set-up")
    ada.sees("No service agreement is in force")  # refused
    ada.turn_to("Agreement")
    for kind in ("service", "business_associate"):
        ada.follow("Register a contract")
        ada.fill(kind=kind, signed_by="Dr. Ann Rose", signed_on=TODAY, starts_on=TODAY)
        ada.press("Register the contract")
    ada.follow("Change the fees")
    ada.fill({"basis-1": "percent", "class-1": "", "rate-1": "6"})
    ada.press("Save the fees")
    ada.follow("Change the promises")
    ada.fill({"measure-1": "encounter_to_submitted", "days-1": "1", "share-1": "90"})
    ada.press("Save the promises")
    ada.turn_to("Project")
    ada.press("Start the set-up")


def invite_owner(ada: Screen, browser: Browser, address: str) -> Screen:
    ada.turn_to("People and places")
    ada.follow("invite somebody of this practice")
    ada.fill(name="Ann Rose", email="rose@cedar.test")  # role and practice stand there
    ada.press("Make the link")
    link = ada.page.get_by_label("Link").input_value()
    rose = Screen.open(browser)
    rose.go(link)
    rose.sees("Ada Northrop invites rose@cedar.test", "Cedar Family Medicine")
    rose.fill(name="Ann Rose", password=PASSWORD, again=PASSWORD)
    rose.press("Make my account")
    return sign_in(browser, address, "rose@cedar.test", "front")


def to_project(ada: Screen) -> None:
    ada.choose("Clients")
    ada.follow("Cedar Family Medicine")
    ada.follow("Project")


def agree_on_a_tier(ada: Screen, rose: Screen) -> None:
    """The practice asks, the bureau names its price, the practice accepts it, the bureau approves."""
    rose.choose("Plan")
    rose.follow("Ask for a plan")
    rose.fill(tier="billing", starts_on=TODAY)
    rose.press("Ask for this plan")
    to_project(ada)
    ada.turn_to("Tier")
    ada.follow("Name the price")
    ada.fill({"basis-1": "percent", "class-1": "", "rate-1": "6"})
    ada.press("Name this price")
    rose.choose("Plan")
    rose.sees("6%")
    rose.press("Accept the price", sure=True)
    ada.turn_to("Tier")
    ada.press("Approve", sure=True)


def enrol(ada: Screen, house: House) -> None:
    payers = payer_ids(house)
    ada.turn_to("Payers and volumes")
    ada.fill({f"payer.{payers['SIM10']}": "90", f"payer.{payers['SIM50']}": "10"})
    ada.press("Save the volumes")
    ada.turn_to("Project")
    ada.press("Start enrolling")
    ada.turn_to("Enrolment")
    name = ada.page.locator("option[value=SIM10]").inner_text()
    for kind, states in (("837P", ("SUBMITTED", "LIVE")), ("835", ("SUBMITTED", "PENDING_FIRST_ERA"))):
        for state in states:
            ada.follow(name)
            ada.fill({f"kind.{kind}": "yes", "state": state})
            ada.press("Change the enrolment")
    ada.sees("First ERA awaited")
    ada.turn_to("Project")
    ada.press("Start testing")


def load_prices(rose: Screen, folder: Path) -> None:
    file = folder / "fees.csv"
    file.write_text("code,modifier,price,from\nXV113,,150.00,2026-01-01\nXV101,,90.00,2026-01-01\n")
    rose.choose("Home")
    rose.follow("Getting started")
    rose.follow("Charge master")
    rose.send(file, "Check the list")
    rose.sees("2 new prices")
    rose.press("Load 2 prices")
    rose.sees("The prices are loaded.")


def rehearse(rose: Screen, folder: Path) -> None:
    """The test file: what its columns mean is said once, and the practice payers answer every claim of it."""
    rose.choose("Home")
    rose.follow("Getting started")
    rose.press("Yes, these are right")
    rose.sees("Confirmed on")
    rose.follow("Test claims")
    rose.send(visits(folder, "test.csv", 1, 20), "Check the test file")
    rose.sees("What the columns mean")
    rose.fill({f"column.{name}": text for name, text in COLUMNS.items()}, name="Our system")
    rose.press("Save and check the file")
    rose.sees("We read it as", "Our system")
    rose.press("Run the test")
    rose.sees("Paid or answered")
    figures = dict(re.findall(r"^(.+)\n+(\d+)$", rose.page.locator("dl.figures").inner_text(), re.MULTILINE))
    assert (figures["Accepted by payers"], figures["Answered with a remittance"], figures["Clean"]) == ("20",) * 3


def go_live(ada: Screen, rose: Screen) -> None:
    rose.follow("Getting started", among="body")
    rose.sees("11 of 11", "Ready to go live")
    to_project(ada)
    ada.sees("11 of 11", "Ready to go live")
    ada.press("Go live")
    ada.sees("Live")


def pass_the_night(house: House) -> list[JobRun]:
    """The timetable as the clock reaches each of its slots, until the next morning; what ran for the new client."""
    scheduler = Scheduler(house.bureau, AtOnce(house))
    scheduler.plan()
    while (slot := scheduler.agenda.next_at()) and slot <= MORNING:
        house.clock.set(slot)
        scheduler.step()
    house.clock.set(MORNING)
    with house.office(everywhere=True) as office:
        wanted = select(JobRun).join(Client, Client.id == JobRun.client_id).where(Client.code == "CEDAR")
        return list(office.session.scalars(wanted.order_by(JobRun.slot, JobRun.id)))


def test_a_new_client_and_its_first_night(house: House, browser: Browser, tmp_path: Path) -> None:
    settings = house.bureau.settings
    portal = build_app(house.bureau, settings, Bench(RunShelf(settings.runs_path, house.clock), settings))
    with served(portal) as address:
        ada = sign_in(browser, address, "ada@bureau.test", "back")
        open_lead(ada)
        sign_contracts(ada)
        rose = invite_owner(ada, browser, address)
        rose.sees("You are not live yet")
        agree_on_a_tier(ada, rose)
        enrol(ada, house)
        load_prices(rose, tmp_path)
        rehearse(rose, tmp_path)
        assert house.count(Filing) == 0  # the live book knows nothing of it
        go_live(ada, rose)

        rose.choose("Upload")
        rose.send(visits(tmp_path, "wednesday.csv", 101, 2), "Check the file")
        rose.sees("Our system")
        rose.press("Take in 2 rows")
        runs = pass_the_night(house)
        assert {run.state for run in runs} == {JobState.DONE}
        zone, billing = ZoneInfo("America/New_York"), {job for _, job in NIGHT}
        assert [(f"{run.slot.astimezone(zone):%d %H:%M}", run.job) for run in runs if run.job in billing] == NIGHT

        next_day = sign_in(browser, address, "rose@cedar.test", "front")
        next_day.sees(PAID_IN_ALL)
        next_day.choose("Claims")
        next_day.follow("Doe101")
        next_day.sees(PAID)
        assert [*ada.broken, *rose.broken, *next_day.broken] == []
    assert house.broken_laws() == []
