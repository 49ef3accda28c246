"""People through the doors: the second step, invitations, roles and accounts, and one's own page."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

from clients.misses import FREE_TRIES
from config.identifiers import reference
from portal.app import build_app
from portal.entering import name_device
from tests.portal.browser import look, watch
from tests.portal.browser import sign_in as walk_in
from tests.portal.conftest import token_of
from tests.portal.world import NOW, PASSWORD, add_people, build_book, email

NEW = "a brand new morning"


@pytest.fixture
def strict(tmp_path):
    """A portal whose staff come in only with a second factor."""
    house = build_book(tmp_path / "book.sqlite", filled=False)
    add_people(house)
    yield build_app(house, house.settings.model_copy(update={"staff_second_factor": True}))
    house.engine.dispose()


@pytest.fixture
def own(tmp_path):
    """A portal of the test's own: what it changes of people meets nobody else."""
    house = build_book(tmp_path / "book.sqlite", filled=False)
    add_people(house)
    yield build_app(house, house.settings)
    house.engine.dispose()


def enter(app, who: str, door: str = "back", password: str = PASSWORD) -> FlaskClient:
    client = app.test_client()
    sent = {"email": email(who), "password": password, "door": door, "csrf_token": token_of(client)}
    client.landed = client.post("/", data=sent).location
    return client


def post(client: FlaskClient, address: str, /, **fields: str):
    return client.post(address, data={"csrf_token": token_of(client, "/me"), **fields})


def link_in(answer) -> str:
    """The path of the link a page shows once."""
    found = re.search(r'id="link"[^>]*value="https?://[^/]+([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


# -- the second step ------------------------------------------------------------------------------------------


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """Do what the page says; the secret and the recovery codes."""
    page = client.get("/second-step").text
    secret = re.sub(r"\s", "", re.search(r'class="told"><code>([^<]+)</code>', page)[1])
    sent = {"code": pyotp.TOTP(secret).at(NOW), "csrf_token": token_of(client, "/second-step")}
    codes = re.findall(r"<li><code>([^<]+)</code>", client.post("/second-step", data=sent).text)
    assert len(codes) == 10
    return secret, codes


def test_staff_set_up_a_second_factor_and_are_asked_for_it_from_then_on(strict):
    client = enter(strict, "admin")
    assert client.landed == "/second-step"
    assert "data:image/svg+xml" in client.get("/second-step").text
    assert client.get("/back/").location.startswith("/?"), "half way in is not in"
    secret, codes = set_up(client)
    assert client.get("/back/").status_code == 200
    again = enter(strict, "admin")
    assert "Set up" not in again.get("/second-step").text
    sent = {"code": pyotp.TOTP(secret).at(NOW), "csrf_token": token_of(again, "/second-step")}
    refused = again.post("/second-step", data=sent)
    assert refused.status_code == 401
    assert "does not open" in refused.text
    assert again.post("/second-step", data=sent | {"code": codes[0]}).location == "/back/"
    assert again.get("/back/").status_code == 200


def test_the_way_back_is_kept_over_both_steps(strict):
    client = strict.test_client()
    sent = {"email": email("tester"), "password": PASSWORD, "back": "/lab/runs", "csrf_token": token_of(client)}
    client.post("/", data=sent)
    page = client.get("/second-step").text
    secret = re.sub(r"\s", "", re.search(r'class="told"><code>([^<]+)</code>', page)[1])
    code = pyotp.TOTP(secret).at(NOW)
    done = client.post("/second-step", data={"code": code, "csrf_token": token_of(client, "/second-step")})
    assert 'href="/lab/runs"' in done.text


def test_a_practices_people_come_in_without_one_and_may_choose_one(strict):
    client = enter(strict, "owner", "front")
    assert client.landed == "/front/"
    assert post(client, "/me/second-factor").location == "/me/second-factor"
    page = client.get("/me/second-factor").text
    secret = re.sub(r"\s", "", re.search(r'class="told"><code>([^<]+)</code>', page)[1])
    assert post(client, "/me/second-factor/confirm", code="000000").status_code == 400
    done = post(client, "/me/second-factor/confirm", code=pyotp.TOTP(secret).at(NOW))
    assert "Keep these recovery codes" in done.text
    assert enter(strict, "owner", "front").landed == "/second-step"
    assert post(client, "/me/second-factor/off", password="wrong").status_code == 400
    assert post(client, "/me/second-factor/off", password=PASSWORD).location == "/me"
    assert enter(strict, "owner", "front").landed == "/front/"


def test_the_cookie_half_way_holds_nothing_of_the_second_factor(strict):
    client = enter(strict, "admin")
    client.get("/second-step")
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"half_way", "csrf_token", "_flashes"}


def test_wrong_tries_count_for_all_processes_together(own):
    """Two portals over one book, as two processes would be."""
    bureau = own.extensions["bureau"]
    other = build_app(bureau, bureau.settings)
    for number in range(FREE_TRIES):
        assert enter((own, other)[number % 2], "viewer", password="not this one").landed is None
    assert enter(own, "viewer").landed is None
    assert enter(other, "viewer").landed is None
    bureau.clock.advance(timedelta(seconds=31))
    assert enter(other, "viewer").landed == "/front/"


# -- invitations, roles, accounts -----------------------------------------------------------------------------


def test_an_owner_invites_promotes_and_closes(own):
    owner = enter(own, "owner", "front")
    wrong = post(owner, "/front/people/invite", name="Nia Person", email="nowhere", role="uploader")
    assert wrong.status_code == 400
    assert 'value="Nia Person"' in wrong.text, "what was typed is still there"
    link = link_in(post(owner, "/front/people/invite", name="Nia Person", email="Nia@Example.test", role="uploader"))
    assert link not in owner.get("/front/people").text, "it is shown once"
    nia = own.test_client()
    assert "Nia@" not in nia.get(link).text
    sent = {"csrf_token": token_of(nia, link), "name": "Nia Person", "password": NEW, "again": "another"}
    assert "are not the same" in nia.post(link, data=sent).text
    assert nia.post(link, data=sent | {"again": NEW}).location == "/front/"
    assert nia.get("/front/upload").status_code == 200
    assert nia.get("/front/people").status_code == 403
    assert "People" not in nia.get("/front/").text, "nothing is offered that the guard would refuse"
    assert own.test_client().get(link).status_code == 404
    user_id = re.search(r'/front/people/(\d+)">Nia Person', owner.get("/front/people").text)[1]
    post(owner, f"/front/people/{user_id}/role", old="uploader", role="owner")
    assert nia.get("/front/people").status_code == 200
    post(owner, f"/front/people/{user_id}/close")
    assert nia.get("/front/").location.startswith("/?"), "out at once"
    told = owner.get(f"/front/people/{user_id}").text
    assert "Account closed" in told
    assert "Uploader → Practice owner" in told


def test_staff_invite_staff_and_practices_and_send_a_new_link(own):
    admin = enter(own, "admin")
    sent = {"name": "Cy Coder", "email": "cy@example.test", "role": "coder", "client": "all"}
    first = link_in(post(admin, "/back/people/invite", **sent))
    again = re.search(r"/back/people/invitations/INV-[^/]+/again", admin.get("/back/people").text)[0]
    second = link_in(post(admin, again))
    assert own.test_client().get(first).status_code == 404
    assert "Coder" in own.test_client().get(second).text
    revoke = re.search(r"/back/people/invitations/INV-[^/]+/revoke", admin.get("/back/people").text)[0]
    assert post(admin, revoke).location == "/back/people"
    assert own.test_client().get(second).status_code == 404
    for role, client in (("owner", "all"), ("coder", "NOSUCH"), ("pope", "all")):
        assert post(admin, "/back/people/invite", **sent | {"role": role, "client": client}).status_code == 400


def test_a_lost_password_is_renewed_by_a_link(own):
    admin, biller = enter(own, "admin"), enter(own, "biller")
    page = admin.get("/back/people?q=biller").text
    ref = re.search(r"/back/people/(USR-[^\"]+)\"", page)[1]
    link = link_in(post(admin, f"/back/people/{ref}/password"))
    fresh = own.test_client()
    sent = {"csrf_token": token_of(fresh, link), "password": NEW, "again": NEW}
    assert fresh.post(link, data=sent).location == "/back/"
    assert biller.get("/back/").status_code == 302
    assert enter(own, "biller").landed is None
    assert enter(own, "biller", password=NEW).landed == "/back/"


def test_roles_are_given_and_taken_and_never_ones_own(own):
    admin = enter(own, "admin")
    ref = re.search(r"/back/people/(USR-[^\"]+)\"", admin.get("/back/people?q=auditor").text)[1]
    post(admin, f"/back/people/{ref}/roles", role="coder", client="HARBOR")
    told = admin.get(f"/back/people/{ref}").text
    assert "Role given" in told
    assert "Harbor Family Medicine" in told
    post(admin, f"/back/people/{ref}/roles/take", role="auditor", client="all")
    assert "Role taken" in admin.get(f"/back/people/{ref}").text
    mine = re.search(r"/back/people/(USR-[^\"]+)\"", admin.get("/back/people?q=admin").text)[1]
    post(admin, f"/back/people/{mine}/roles", role="tester", client="all")
    assert "Nobody changes their own roles" in admin.get("/back/people").text


def test_an_unknown_person_and_a_number_that_is_none_are_answered_alike(own):
    admin = enter(own, "admin")
    for ref in (reference("USR", 10**9), "USR-1-Z", "CLM-1-2", "x"):
        assert admin.get(f"/back/people/{ref}").status_code == 404


# -- one's own page -------------------------------------------------------------------------------------------


def test_ones_own_password_and_sign_ins(own):
    here, there = enter(own, "admin"), enter(own, "admin")
    page = here.get("/me").text
    assert page.count("Unknown browser") == 2
    assert page.count("(this one)") == 1
    refused = post(here, "/me/password", old=PASSWORD, new="short", again="short")
    assert refused.status_code == 400
    assert "at least 12 characters" in refused.text
    assert post(here, "/me/password", old="wrong", new=NEW, again=NEW).status_code == 400
    assert post(here, "/me/sign-ins/end").location == "/me"
    assert there.get("/back/").status_code == 302
    assert post(here, "/me/password", old=PASSWORD, new=NEW, again=NEW).location == "/me"
    assert here.get("/back/").status_code == 200
    assert enter(own, "admin", password=NEW).landed == "/back/"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML) Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 (KHTML) Version/18 Safari/605",
         "Safari on Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604",
         "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140.0 Mobile Safari/537", "Chrome on Android"),
        ("<script>alert(1)</script>", "Unknown browser on an unknown system"),
        ("", "Unknown browser on an unknown system"),
    ],
)  # fmt: skip
def test_a_device_is_named_in_two_words_of_ours(agent, name):
    assert name_device(agent) == name


# -- looks ----------------------------------------------------------------------------------------------------

VISITS = {
    ("admin", "back"): ("/back/people", "/back/people?q=nobodyatall", "/back/people/invite", "/me"),
    ("owner", "front"): ("/front/people", "/me"),
}


@pytest.mark.browser
def test_every_page_of_people_is_accessible_and_fits(page, address):
    complaints, wrong = watch(page.context), []
    for (who, door), paths in VISITS.items():
        page.context.clear_cookies()
        walk_in(page, address, who, door)
        for path in paths:
            page.goto(f"{address}{path}")
            wrong += look(page)
    with page.expect_navigation():
        page.click("main button:has-text('Set it up')")
    wrong += look(page)
    page.goto(f"{address}/front/people")
    with page.expect_navigation():
        page.click("main th a >> nth=0")
    wrong += look(page)
    page.goto(f"{address}/front/people")
    page.fill("main input[name=name]", "Nia Person")
    page.fill("main input[name=email]", "nia@example.test")
    page.select_option("main select[name=role]", "viewer")
    with page.expect_navigation():
        page.click("button:has-text('Make the link')")
    wrong += look(page)
    link = page.input_value("#link")
    page.context.clear_cookies()
    for path in (link, f"{address}/invitation/no-such"):
        page.goto(path)
        wrong += look(page)
    assert wrong == []
    assert [each for each in complaints if "404" not in each] == []
