"""What people are told in the portal and by letter: the bell of every kind leads somewhere, and a choice is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bureau import notices
from bureau.audience import AUDIENCE, KEPT_AS
from bureau.desks import tiers
from bureau.desks.messages import Letter as Message
from bureau.desks.messages import write_letter
from bureau.gateways import FolderMailer
from bureau.models import Letter, Notice, Upload
from bureau.models.talk import NoticeKind, Side
from bureau.office import Bureau
from bureau.postman import make_round
from bureau.wording import SAYINGS
from clients.fees import Term
from clients.models import FeeBasis, TierRequestState, User
from clients.scope import Scope, ScopedSession
from clients.tier_changes import Quote, Wish
from clients.tiers import Tier
from clients.trail import Actor, ActorKind
from config.identifiers import reference
from config.problems import Problem
from config.vault import Vault
from portal.app import build_app
from portal.bootstrap import build_mailer
from portal.cli.main import main
from portal.scheduler import Scheduler
from tests.portal.conftest import token_of
from tests.portal.world import HARBOR, NOW, PASSWORD, add_people, build_book, email

NEW = "quite another long password"
JOB = Actor(ActorKind.JOB, "job")


@pytest.fixture(scope="module")
def book(tmp_path_factory, quick_hashes) -> Iterator[Bureau]:
    house = build_book(tmp_path_factory.mktemp("told") / "book.sqlite")
    add_people(house)
    yield house
    house.engine.dispose()


@pytest.fixture(scope="module")
def told(book) -> Flask:
    return build_app(book, book.settings)


@pytest.fixture(autouse=True)
def afresh(book) -> Iterator[None]:
    yield
    with book.engine.begin() as connection:
        connection.execute(Notice.__table__.delete())
        connection.execute(Letter.__table__.delete())
        connection.execute(User.__table__.update().values(preferences={}))


def enter(app: Flask, who: str, door: str) -> FlaskClient:
    client = app.test_client()
    sent = {"email": email(who), "password": PASSWORD, "door": door, "csrf_token": token_of(client)}
    assert client.post("/", data=sent).status_code == 302
    return client


def post(client: FlaskClient, address: str, /, **fields: str):
    return client.post(address, data={"csrf_token": token_of(client, "/me"), **fields})


def bells(client: FlaskClient, home: str) -> list[str]:
    return re.findall(r'name="notice" value="(\d+)"', client.get(home).text)


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_bell_of_every_kind_leads_to_a_page(told, book, kind):
    who, door = ("owner", "front") if SAYINGS[kind].side is Side.CLIENT else ("admin", "back")
    client = enter(told, who, door)
    with book.open_office(JOB, Scope.of(HARBOR)) as office:
        if "message" in kind:
            writer = Side.BUREAU if SAYINGS[kind].side is Side.CLIENT else Side.CLIENT
            write_letter(office, HARBOR, Message(writer, "Hello", title="A word"))
        else:
            subject = office.session.scalars(select(Upload.id)).first() or 0
            assert notices.tell(office, HARBOR, kind, subject_id=subject) >= 1
    (number,) = bells(client, f"/{door}/")
    page = post(client, f"/{door}/notices", notice=number)
    assert page.status_code == 302
    assert page.location != f"/{door}/"
    assert client.get(page.location).status_code == 200
    assert bells(client, f"/{door}/") == []


# -- what one chose -------------------------------------------------------------------------------------------


def test_a_person_chooses_among_what_their_roles_hear_of(told):
    page = enter(told, "owner", "front").get("/me/notices").text
    assert page.count("<select") == len([kind for kind in AUDIENCE if SAYINGS[kind].side is Side.CLIENT])
    assert "At the bureau" not in page
    assert "Nothing is told to your roles" in enter(told, "viewer", "front").get("/me/notices").text
    assert "Choose what you are told" in enter(told, "tester", "lab").get("/me").text


def test_a_choice_is_kept_and_counts(told, book):
    owner = enter(told, "owner", "front")
    paces = {f"pace {kind}": "never" for kind in AUDIENCE if SAYINGS[kind].side is Side.CLIENT}
    chosen = paces | {"pace question asked": "at once", "shown message to client": "yes"}
    assert post(owner, "/me/notices", **chosen, **{"pace job failed": "at once"}).location == "/me/notices"
    page = owner.get("/me/notices").text
    assert page.count(" checked") == 1
    assert page.count('value="never" selected') == len(paces) - 1
    with book.open_office(JOB, Scope.all()) as office:
        kept = office.session.scalars(select(User.preferences).where(User.email == email("owner"))).one()
        assert "job failed" not in kept[KEPT_AS], "only of what one may hear"
        notices.tell(office, HARBOR, NoticeKind.QUESTION_ASKED)
        assert notices.tell(office, HARBOR, NoticeKind.PLAN_QUOTED) == 1, "the other owner"
    assert bells(owner, "/front/") == []
    assert len(bells(enter(told, "group", "front"), "/front/c/HARBOR/")) == 2
    assert kinds_of(book, "owner") == ["question asked"], "for the letter"


def test_a_choice_that_is_none_changes_nothing(told, book):
    owner = enter(told, "owner", "front")
    assert post(owner, "/me/notices", **{"pace question asked": "hourly"}).status_code == 302
    assert "Choose one of the list" in owner.get("/me/notices").text
    with book.open_office(JOB, Scope.all(), read_only=True) as office:
        assert office.session.scalars(select(User.preferences).where(User.email == email("owner"))).one() == {}


# -- told where it happens ------------------------------------------------------------------------------------


def kinds_of(book: Bureau, who: str) -> list[str]:
    """Each kind as often as it was told."""
    with ScopedSession(book.engine, scope=Scope.all(), read_only=True) as session:
        mine = select(Notice.kind, Notice.count).join(User, User.id == Notice.user_id).where(User.email == email(who))
        return [kind for kind, count in session.execute(mine.order_by(Notice.id)) for _ in range(count)]


def test_a_change_of_plan_is_told_to_whoever_has_to_act_next(book):
    def act(by: str, verb: Callable[..., list[Problem]], what: object) -> None:
        with book.open_office(Actor(ActorKind.PERSON, by), Scope.of(HARBOR)) as office:
            assert [one for one in verb(office, HARBOR, what) if one.is_error] == []

    act("Priya Shah", tiers.ask_for, Wish(Tier.FULL_RCM, (), date(2026, 5, 1)))
    assert kinds_of(book, "admin") == ["plan change waits"]
    act("Dana Reyes", tiers.quote, Quote((Term(FeeBasis.FLAT, cents=20_000),), {}))
    assert kinds_of(book, "owner") == ["plan quoted"]
    act("Priya Shah", tiers.decide, TierRequestState.ACCEPTED)
    assert kinds_of(book, "admin") == ["plan change waits"] * 2
    act("Dana Reyes", tiers.decide, TierRequestState.DECLINED)
    assert len(kinds_of(book, "admin") + kinds_of(book, "owner")) == 3, "who is told no looks at it when they will"


# -- invitations ----------------------------------------------------------------------------------------------


def accept(app: Flask, link: str) -> None:
    guest = app.test_client()
    sent = {"csrf_token": token_of(guest, link), "name": "Gwen Hall", "password": NEW, "again": NEW}
    assert guest.post(link, data=sent).status_code == 302


@pytest.mark.parametrize(
    ("who", "people", "kind"),
    [("admin", "/back/people", "invitation accepted"), ("owner", "/front/people", "colleague joined")],
)
def test_an_invitation_is_mailed_and_who_invited_hears_when_it_is_taken(told, book, who, people, kind):
    host, guest = enter(told, who, people.split("/")[1]), f"gwen-{who}@example.test"
    shown = post(host, f"{people}/invite", name="Gwen", email=guest, role="viewer", client="HARBOR")
    assert "It was not sent" in shown.text, "no mail server is set up here"
    token = re.search(r"/invitation/([\w-]+)", shown.text)[1]
    assert "About to be mailed" in host.get(people).text
    folder = build_mailer(book.settings)
    assert isinstance(folder, FolderMailer)
    assert make_round(book, folder, Vault(book.settings.sealing_key())).sent == 1
    assert "No mail server is set up" in host.get(people).text
    assert any(token in path.read_text() for path in folder.folder.iterdir())
    accept(told, f"/invitation/{token}")
    assert kinds_of(book, who) == [kind]
    assert kinds_of(book, "group") == kinds_of(book, "quiet") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "sent", "left_the_house": True, "settled_at": NOW}, "Mailed 18 Mar 2026, 11:00"),
        ({"problem": "The mail server cannot be reached."}, "Not delivered yet, will be tried again."),
        ({"state": "failed", "problem": "The mail server refused the address (550)."}, "Could not be delivered."),
    ],
)
def test_the_list_of_people_says_how_the_letter_stands(told, book, change, said):
    admin = enter(told, "admin", "back")
    post(admin, "/back/people/invite", name="Gus", email=f"gus{len(said)}@example.test", role="viewer", client="QUIET")
    with book.engine.begin() as connection:
        connection.execute(Letter.__table__.update().values(**change))
    page = admin.get("/back/people").text
    assert said in page
    assert change.get("problem", "") in page
    quiet = enter(told, "quiet", "front").get("/front/people").text
    assert said.partition(",")[0] in quiet, "the practice sees it as well"


def test_a_link_to_a_new_password_is_mailed_too(told, book):
    with book.open_office(JOB, Scope.all(), read_only=True) as office:
        viewer = office.session.scalars(select(User.id).where(User.email == email("viewer"))).one()
    admin = enter(told, "admin", "back")
    shown = post(admin, f"/back/people/{reference('USR', viewer)}/password")
    token = re.search(r"/invitation/([\w-]+)", shown.text)[1]
    with book.open_office(JOB, Scope.all(), read_only=True) as office:
        (letter,) = office.session.scalars(select(Letter))
        assert letter.kind == "new password"
    folder = FolderMailer(book.settings.home / "passwords")
    make_round(book, folder, Vault(book.settings.sealing_key()))
    (path,) = folder.folder.iterdir()
    assert f"/invitation/{token}" in path.read_text()
    assert "your password stays as it is" in path.read_text()


# -- the scheduler --------------------------------------------------------------------------------------------


def test_the_scheduler_sends_the_postman_and_outlives_his_troubles(book):
    rounds, done = [], Event()

    def go_round() -> None:
        rounds.append(1)
        done.set()
        raise OSError("the disk is full")

    class Nobody:
        def hand_over(self, _due: object) -> None:
            """Nothing is due in this book."""

        def close(self) -> None:
            """Nothing was begun."""

    scheduler = Scheduler(book, Nobody(), go_round)
    runner = Thread(target=scheduler.run)
    runner.start()
    assert done.wait(10)
    scheduler.stopping.set()
    runner.join(10)
    assert not runner.is_alive()
    assert rounds == [1]


# -- the doctor -----------------------------------------------------------------------------------------------


@pytest.fixture
def settled(tmp_path, monkeypatch) -> Callable[[str, str], None]:
    """Set a variable of the environment, beside a home that is empty."""
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path))
    return monkeypatch.setenv


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("", 0, "mail; 0 not sent yet"),
        ("smtp://bureau:hunter2@127.0.0.1:1", 1, "127.0.0.1:1 (this machine only); The mail server cannot be reached."),
    ],
)
def test_the_doctor_says_who_takes_letters_and_whether_they_answer(settled, capsys, address, code, said):
    settled("BUREAU_MAIL_URL", address)
    settled("BUREAU_MAIL_FROM", "bureau@example.test")
    assert main(["doctor"]) == code
    told = capsys.readouterr()
    assert next(line for line in told.out.splitlines() if " letters " in line).endswith(said)
    assert "hunter2" not in told.out + told.err


def test_an_address_that_is_none_is_refused_in_one_line_that_does_not_quote_it(settled, capsys):
    settled("BUREAU_MAIL_URL", "hunter2@mail.example.test")
    assert main(["doctor"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("BUREAU_MAIL_URL: ")
    assert told.count("\n") == 1
    assert "hunter2" not in told
