"""In and out: each door, refusals that tell nothing, time-outs, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.access import Grant, Role
from clients.accounts import create_user
from clients.misses import FREE_TRIES
from clients.scope import Scope, ScopedSession
from clients.sign_ins import ABSOLUTE, IDLE
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

WRONG = "E-mail and password do not match."


@pytest.mark.parametrize(
    ("who", "door", "lands", "says"),
    [
        ("owner", "front", "/front/", "Where your claims are"),
        ("biller", "back", "/back/", "Promises at risk"),
        ("tester", "lab", "/lab/", "Latest runs"),
        ("admin", "lab", "/lab/", "Latest runs"),
        ("group", "front", "/front/", "Where your claims are"),
    ],
)
def test_each_door_lets_its_people_in(sign_in, who, door, lands, says):
    client = sign_in(who, door)
    assert client.landed == lands
    page = client.get(lands, follow_redirects=True)
    assert page.status_code == 200
    assert says in page.text


def test_the_wrong_door_leads_to_the_right_one_and_says_so(sign_in):
    client = sign_in("owner", "back")
    assert client.landed == "/front/"
    assert "The bureau door does not open for you" in client.get("/front/").text


def test_a_person_without_a_role_learns_why_nothing_opens(sign_in):
    client = sign_in("nobody", "front")
    assert "No door opens for you yet" in client.get(client.landed).text


def try_password(app, address: str, password: str):
    client = app.test_client()
    return client.post("/", data={"email": address, "password": password, "csrf_token": token_of(client)})


def test_unknown_address_and_wrong_password_answer_alike(app):
    known = try_password(app, email("viewer"), "not the password")
    unknown = try_password(app, "stranger@example.test", "not the password")
    assert known.status_code == unknown.status_code == 401
    assert WRONG in known.text
    assert WRONG in unknown.text
    assert "not the password" not in known.text  # what was typed is not shown again


def test_too_many_tries_are_answered_429_even_with_the_right_password(app, house):
    address = "slow@example.test"
    with ScopedSession(house.engine, scope=Scope.of()) as session, session.begin():
        create_user(session, address, "Slow", PASSWORD, [Grant(Role.ADMIN, None)])
    for _ in range(FREE_TRIES):
        assert try_password(app, address, "wrong").status_code == 401
    refused = try_password(app, address, PASSWORD)
    assert refused.status_code == 429
    assert "Wait a minute" in refused.text
    house.clock.advance(timedelta(seconds=31))
    assert try_password(app, address, PASSWORD).status_code == 302


def test_without_a_sign_in_the_way_leads_to_the_entrance_and_back(app, sign_in):
    answer = app.test_client().get("/back/c/HARBOR/?age=30")
    assert answer.status_code == 302
    assert answer.location == "/?back=/back/c/HARBOR/?age%3D30"
    assert sign_in("admin", back="/back/c/HARBOR/?age=30").landed == "/back/c/HARBOR/?age=30"


def test_a_fragment_sends_the_whole_page_to_sign_in(app):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/lab/?x=1"}
    answer = app.test_client().get("/lab/runs/latest", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/?back=/lab/?x%3D1"


@pytest.mark.parametrize("back", ["//evil.test/", "https://evil.test/", "/\\evil.test", "back/", "/a\r\nb", "\\evil"])
def test_the_way_back_never_leaves_the_site(sign_in, back):
    assert sign_in("admin", back=back).landed == "/back/"


def test_sign_out_ends_the_sign_in_on_the_server(sign_in):
    client = sign_in("admin")
    stolen = client.get_cookie("bureau").value
    client.post("/sign-out", data={"csrf_token": token_of(client)})
    client.set_cookie("bureau", stolen)
    assert client.get("/back/").status_code == 302


def test_the_cookie_holds_no_name_and_nothing_of_an_account(sign_in):
    client = sign_in("admin")
    with client.session_transaction() as cookie:
        assert "Dana" not in str(dict(cookie))
        assert "admin@" not in str(dict(cookie))
        assert set(cookie) <= {"_user_id", "_fresh", "_id", "csrf_token", "_flashes"}


def test_a_cookie_of_the_login_library_that_remembers_opens_nothing(app, sign_in):
    """It is signed with our key only when it holds a live token; even then nobody comes in by it."""
    from flask_login.utils import encode_cookie

    client = sign_in("admin")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    client.post("/sign-out", data={"csrf_token": token_of(client)})
    with app.test_request_context():
        kept = encode_cookie(token)
    client.set_cookie("remember_token", kept)
    assert client.get("/back/").status_code == 302


def test_signing_in_starts_a_new_cookie(app):
    client = app.test_client()
    before = token_of(client)
    planted = client.get_cookie("bureau").value
    client.post("/", data={"email": email("admin"), "password": PASSWORD, "door": "back", "csrf_token": before})
    assert client.get_cookie("bureau").value != planted
    client.set_cookie("bureau", planted)
    assert client.get("/back/").status_code == 302


def test_idle_people_are_signed_out_and_busy_ones_are_not(sign_in, house):
    busy, idle = sign_in("admin"), sign_in("admin")
    for _ in range(3):
        house.clock.advance(IDLE - timedelta(minutes=1))
        busy.get("/back/").close()
    assert busy.get("/back/").status_code == 200
    assert idle.get("/back/").status_code == 302


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(sign_in, house):
    client = sign_in("tester", "lab")
    for _ in range(3):
        house.clock.advance(IDLE / 2 - timedelta(minutes=1))
        client.get("/lab/runs/latest", headers={"HX-Request": "true"}).close()
    assert client.get("/lab/").status_code == 302


def test_nobody_stays_longer_than_a_working_day(sign_in, house):
    client = sign_in("admin")
    steps = int(ABSOLUTE / (IDLE - timedelta(minutes=2))) + 1
    seen = []
    for _ in range(steps):
        house.clock.advance(IDLE - timedelta(minutes=2))
        answer = client.get("/back/")
        answer.close()
        seen.append(answer.status_code)
    assert seen[0] == 200
    assert seen[-1] == 302


def test_how_a_person_likes_the_screens_is_remembered(sign_in):
    client = sign_in("auditor")
    sent = {"name": "theme", "value": "dark", "back": "/back/", "csrf_token": token_of(client, "/back/")}
    assert client.post("/me/preferences", data=sent).location == "/back/"
    assert 'data-theme="dark"' in client.get("/back/").text
    client.post("/me/preferences", data=sent | {"value": "pink"})
    assert 'data-theme="dark"' in client.get("/back/").text
