"""Who reaches what: permissions on every view, scopes by door, and answers that give nothing away."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from bureau.office import NotFound
from clients.access import Door, Permission, Person
from clients.scope import Scope, ScopeError
from portal.guards import (
    DoorBlueprint,
    Unguarded,
    check_permissions,
    current_client,
    door_scope,
    open_office,
    permits,
)
from tests.portal.conftest import token_of
from tests.portal.world import HARBOR, PEOPLE, RIDGE
from tests.support.statements import counted

REFERENCE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")


def test_every_view_says_who_may_see_it(app):
    assert all(isinstance(view.permission, Permission) for view in app.view_functions.values())


def test_the_portal_does_not_open_with_a_view_that_says_nothing():
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/", "open", lambda: "hello")
    with pytest.raises(Unguarded, match="open"):
        check_permissions(bare)


FRONT = {"/front/", "/front/search", "/front/promises", "/front/upload", "/front/questions", "/front/claims",
         "/front/reports"}  # fmt: skip
BACK = {"/back/", "/back/search", "/back/work", "/back/claims", "/back/clients", "/back/files", "/back/money",
        "/back/jobs", "/back/reports"}  # fmt: skip
OWN = {"/front/people"}
PEOPLE_ROOM = {"/back/people", "/back/people/invite"}
WORK = {"/back/files/receive"}
LAB = {"/lab/", "/lab/search", "/lab/runs", "/lab/runs/latest", "/lab/runs/list", "/lab/payers"}
PAGES = sorted(FRONT | OWN | BACK | PEOPLE_ROOM | WORK | LAB)
REACH = {
    "admin": BACK | PEOPLE_ROOM | WORK | LAB,
    "biller": BACK | WORK,
    "auditor": BACK,
    "tester": LAB,
    "owner": FRONT | OWN,
    "viewer": FRONT,
    "nobody": set(),
}


@pytest.mark.parametrize("who", REACH)
def test_pages_by_role(sign_in, who):
    client = sign_in(who)
    answers = {page: client.get(page).status_code for page in PAGES}
    assert answers == {page: 200 if page in REACH[who] else 403 for page in PAGES}


def same(answer) -> tuple[int, str]:
    """An answer without what differs in any two: its reference and the page's token."""
    text = REFERENCE.sub("REF", answer.text)
    return answer.status_code, re.sub(r'(csrf[-_]token" (content|value)=")[^"]+', "", text)


@pytest.mark.parametrize(("who", "door", "foreign"), [("biller", "back", "RIDGE"), ("owner", "front", "RIDGE")])
def test_another_practice_answers_like_one_that_does_not_exist(sign_in, who, door, foreign):
    client = sign_in(who, door)
    theirs = client.get(f"/{door}/c/{foreign}/")
    nobodys = client.get(f"/{door}/c/NOSUCH/")
    assert theirs.status_code == 404
    assert same(theirs) == same(nobodys)
    assert "Ridgeview" not in theirs.text


def test_a_run_answers_staff_without_the_lab_like_one_that_does_not_exist(sign_in):
    client = sign_in("biller")
    assert same(client.get("/run/r1/back/")) == same(client.get("/run/zz/back/"))


@pytest.mark.parametrize("error", [NotFound("no such claim"), ScopeError("client 2 is outside the scope")])
def test_an_unknown_row_and_a_foreign_one_answer_alike(house, lab, sign_in, error, probe):
    probe.does = lambda: (_ for _ in ()).throw(error)
    answer = probe.get("admin")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert str(error) not in answer.text


class Probe:
    """A portal with one page more, that does whatever the test wants behind the bureau's door."""

    def __init__(self, house, lab) -> None:
        from portal.app import build_app

        self.app = build_app(house, house.settings, lab)
        self.door = Door.BACK
        self.permission = Permission.BUREAU_WORK
        self.does = lambda: "done"
        blueprint = DoorBlueprint(Door.BACK)

        @blueprint.route("/probe", methods=["GET", "POST"])
        @permits(Permission.BUREAU_WORK)
        def probe():
            return self.does()

        self.app.register_blueprint(blueprint, name="probing")

    def client(self, who: str):
        client = self.app.test_client()
        sent = {
            "email": f"{who}@example.test",
            "password": "correct horse battery",
            "csrf_token": token_of(client),
        }
        assert client.post("/", data=sent).status_code == 302
        return client

    def get(self, who: str, address: str = "/back/probe"):
        return self.client(who).get(address)


@pytest.fixture
def probe(house, lab) -> Probe:
    return Probe(house, lab)


def test_the_scope_is_where_the_permission_is_held_not_where_the_door_opens(probe):
    probe.does = lambda: {"clients": sorted(door_scope().clients)}
    assert probe.get("mixed").json == {"clients": [HARBOR]}
    assert probe.get("mixed", "/back/c/HARBOR/probe").json == {"clients": [HARBOR]}
    assert probe.get("mixed", "/back/c/RIDGE/probe").status_code == 403


def test_a_client_in_the_address_narrows_the_scope(probe):
    probe.does = lambda: {"clients": sorted(door_scope().clients), "code": current_client().code}
    assert probe.get("admin", "/back/c/RIDGE/probe").json == {"clients": [RIDGE], "code": "RIDGE"}


def test_an_office_is_opened_in_the_persons_name_reading_on_get_and_writing_on_post(probe, house):
    def look():
        with open_office() as office:
            return {
                "actor": office.actor.name,
                "reads": office.session.bind.get_execution_options().get("read_only", False),
            }

    probe.does = look
    client = probe.client("admin")
    assert client.get("/back/probe").json == {"actor": "Dana Reyes", "reads": True}
    posted = client.post("/back/probe", data={"csrf_token": token_of(client, "/back/")})
    assert posted.json == {"actor": "Dana Reyes", "reads": False}


def test_addresses_keep_the_client_in_front_of_us(sign_in):
    text = sign_in("admin").get("/back/c/HARBOR/").text
    assert 'href="/back/c/HARBOR/search"' in text
    assert 'href="/back/"' in text  # all clients, in the switcher
    assert "Ridgeview Orthopedics" in text  # the switcher offers it
    assert 'href="/lab/"' in text


def test_a_person_with_several_practices_starts_with_the_first_and_may_switch(sign_in):
    client = sign_in("group", "front")
    assert client.get("/front/").location == "/front/c/HARBOR/"
    page = client.get("/front/c/RIDGE/")
    assert page.status_code == 200
    assert 'href="/front/c/HARBOR/"' in page.text
    assert "98,765.43" in page.text


def test_figures_are_those_of_the_scope(sign_in):
    client = sign_in("admin")
    everyone, harbor = client.get("/back/").text, client.get("/back/c/HARBOR/").text
    assert "8,140.00" in everyone  # 11 open items of Harbor and 33 of Ridgeview at 185.00
    assert "2,035.00" in harbor
    assert "Ridgeview Orthopedics</a></th>" not in harbor


def test_a_form_without_its_token_changes_nothing(sign_in):
    client = sign_in("auditor")
    refused = client.post("/me/preferences", data={"name": "density", "value": "comfortable", "back": "/back/"})
    assert refused.status_code == 400
    assert "This page had been open too long" in refused.text
    assert 'data-density="compact"' in client.get("/back/").text


# ---- the sandbox ----
def test_a_run_is_seen_in_its_own_book_under_its_own_band(sign_in):
    client = sign_in("tester", "lab")
    page = client.get("/run/r1/back/c/HARBOR/")
    assert page.status_code == 200
    assert "<title>[Sandbox: Clean claims]" in page.text
    assert "Virtual date Fri 26 Jun 2026" in page.text
    links = re.findall(r'href="(/(?:front|back)/[^"]*)"', page.text)
    assert not links  # none leads to the live book


def test_nothing_can_be_changed_inside_a_run(probe, lab):
    with lab.books["r1"].engine.connect() as before:
        count = before.exec_driver_sql("select count(*) from journal").scalar()
    client = probe.client("admin")
    assert client.get("/run/r1/back/probe").status_code == 403
    posted = client.post("/run/r1/back/probe", data={"csrf_token": token_of(client, "/back/")})
    assert posted.status_code == 403
    assert "change nothing" in posted.text
    with lab.books["r1"].engine.connect() as after:
        assert after.exec_driver_sql("select count(*) from journal").scalar() == count


def test_a_run_has_no_lab_and_no_entrance_of_its_own(sign_in):
    client = sign_in("admin")
    assert client.get("/run/r1/lab/").status_code == 404
    assert client.get("/run/r1/").status_code == 404
    assert client.get("/run/../back/").status_code == 404


def test_a_stranger_at_a_run_comes_back_to_it_after_signing_in(app):
    assert app.test_client().get("/run/r1/back/").location == "/?back=/run/r1/back/"


def test_without_a_lab_no_run_opens(house, sign_in):
    from portal.app import build_app

    app = build_app(house, house.settings)
    client = app.test_client()
    sent = {
        "email": "admin@example.test",
        "password": "correct horse battery",
        "csrf_token": token_of(client),
    }
    client.post("/", data=sent)
    assert client.get("/run/r1/back/").status_code == 404
    assert "no simulator attached" in client.get("/lab/").text


# ---- the rules below the portal ----
def test_scopes_of_a_person():
    mixed = Person(1, "M", "m", PEOPLE["mixed"])
    assert mixed.scope(Door.BACK) == Scope.of(HARBOR, RIDGE)
    assert mixed.reach(Permission.BUREAU_WORK) == Scope.of(HARBOR)
    assert mixed.reach(Permission.CLIENT_READ) == Scope.of()
    assert Person(2, "A", "a", PEOPLE["admin"]).reach(Permission.LAB_USE) == Scope.all()


# ---- failures ----
def test_a_failure_is_told_with_a_reference_and_without_its_insides(probe, caplog):
    def fail():
        raise RuntimeError("Sample, Pat")

    probe.does = fail
    answer = probe.get("admin")
    assert answer.status_code == 500
    assert "Sample, Pat" not in answer.text
    reference = REFERENCE.search(answer.text).group()
    assert [record.reference for record in caplog.records if record.name == "portal"] == [reference]


def test_an_error_page_asks_the_book_no_more_than_who_is_there(sign_in, house):
    client = sign_in("biller")
    with counted(house.engine) as of_a_page:
        page = client.get("/back/claims")
    with counted(house.engine) as asked:
        answer = client.get("/back/claims/NOPE")
    assert (page.status_code, answer.status_code) == (200, 404)
    assert 'href="/back/claims"' in answer.text  # the way on is still there
    assert "Notifications" in page.text
    assert "Notifications" not in answer.text
    assert len(asked) <= 6 < len(of_a_page), asked


def test_a_fragment_that_fails_becomes_a_notice(probe):
    client = probe.client("admin")
    answer = client.get("/back/nothing", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.text


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429])
def test_each_refusal_has_its_own_words(probe, status):
    from flask import abort

    probe.does = lambda: abort(status)
    answer = probe.get("admin")
    assert answer.status_code == status
    assert REFERENCE.search(answer.text)
    assert str(status) not in re.sub(r"<head>.*</head>|value=\"[^\"]*\"", "", answer.text, flags=re.DOTALL).replace(
        "413", ""
    )
