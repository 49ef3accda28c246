"""What every answer carries, and what no template may contain."""

from __future__ import annotations

import base64
import gzip
import json
import re
from hashlib import sha384
from pathlib import Path

import pytest

import portal
from portal.headers import CONTENT_POLICY
from portal.navigation import SHORTCUTS
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

PORTAL = Path(portal.__file__).parent
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))
VENDORED = (PORTAL / "static" / "vendor", Path(__file__).parent / "vendor")


@pytest.mark.parametrize("page", ["/", "/back/", "/nothing", "/static/portal.css", "/healthz"])
def test_the_content_policy_is_on_every_answer(app, page):
    policy = app.test_client().get(page).headers["Content-Security-Policy"]
    assert policy == CONTENT_POLICY
    assert "unsafe" not in policy


def test_pages_stay_in_no_cache_and_files_do(app):
    client = app.test_client()
    assert client.get("/").headers["Cache-Control"] == "no-store"
    versioned = re.search(r'href="(/static/portal\.css\?v=[0-9a-f]+)"', client.get("/").text)[1]
    assert "immutable" in client.get(versioned).headers["Cache-Control"]
    assert client.get("/static/portal.css?v=old").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/../app.py").status_code == 404


def test_files_come_packed_to_those_who_can_unpack(app):
    client = app.test_client()
    packed = client.get("/static/portal.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get("/static/portal.js").data


def test_the_cookie_is_plain_on_http_and_bound_to_its_host_on_https(app):
    plain = app.test_client().get("/").headers["Set-Cookie"]
    assert plain.startswith("bureau=")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    secure = app.test_client().get("/", base_url="https://localhost/")
    cookie = secure.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bureau=")
    assert "; Secure" in cookie
    assert "; Path=/" in cookie
    assert "Domain" not in cookie
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_a_production_portal_is_secure_behind_a_proxy_too(house):
    from portal.app import build_app

    settings = house.settings.model_copy(update={"production": True})
    assert "__Host-bureau" in build_app(house, settings).test_client().get("/").headers["Set-Cookie"]


def test_https_forms_work_with_the_referrer_the_policy_allows(house):
    from portal.app import build_app

    client = build_app(house, house.settings).test_client()
    page = client.get("/", base_url="https://localhost/")
    token = page.text.split('name="csrf-token" content="')[1].split('"')[0]
    sent = {"email": email("admin"), "password": PASSWORD, "csrf_token": token}
    foreign = client.post("/", base_url="https://localhost/", data=sent, headers={"Referer": "https://evil.test/"})
    assert foreign.status_code == 400
    own = client.post("/", base_url="https://localhost/", data=sent, headers={"Referer": "https://localhost/"})
    assert own.status_code == 302


def test_there_are_templates():
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(PORTAL / "templates").as_posix())
def test_no_template_holds_script_or_style(path):
    text = path.read_text()
    inline = r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|hx-on|hx-vals=.js:"
    assert not re.search(inline, text, re.IGNORECASE)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "|safe" not in text.replace(" ", "")
    assert "://" not in text


def test_every_key_that_a_template_binds_is_listed():
    listed = {shortcut.keys for shortcut in SHORTCUTS}
    texts = "".join(path.read_text() for path in TEMPLATES)
    bound = set(re.findall(r'data-key="([^"{]+)"', texts)) | set(re.findall(r'key="([a-z])"', texts))
    assert bound
    assert bound <= listed


def test_every_single_key_of_the_script_is_listed():
    script = (PORTAL / "static" / "portal.js").read_text()
    keys = re.findall(r'^  "?([^\s"]+?)"?: ', script.split("const KEYS = {")[1].split("};")[0], re.MULTILINE)
    assert len(keys) == 4
    assert set(keys) <= {shortcut.keys for shortcut in SHORTCUTS if shortcut.single}


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.parent.name)
def test_what_others_wrote_is_what_they_released(folder):
    entries = json.loads((folder / "vendor.json").read_text())
    for entry in entries:
        digest = base64.b64encode(sha384((folder / entry["file"]).read_bytes()).digest()).decode()
        assert entry["sha384"] == f"sha384-{digest}", entry["file"]
        assert entry["version"]
        assert entry["license"]
    named = {entry["file"] for entry in entries}
    rest = {path.name for path in folder.iterdir()} - named - {"vendor.json"}
    assert all(name.endswith(".LICENSE.txt") for name in rest)


def test_every_icon_that_is_asked_for_is_in_the_sprite():
    from portal import navigation, words

    there = set(re.findall(r'<symbol id="([^"]+)"', (VENDORED[0] / "icons.svg").read_text()))
    asked = {sign.icon for sign in words.STATES.values()} | set(words._TURN_ICONS.values())
    asked |= {place.icon for places in navigation.PLACES.values() for place in places}
    asked |= {door[1] for door in words.DOORS.values()}
    texts = "".join(path.read_text() for path in TEMPLATES)
    asked |= set(re.findall(r'icon\("([a-z0-9-]+)"', texts)) | set(re.findall(r'icon_name="([a-z0-9-]+)"', texts))
    assert asked <= there, asked - there


def test_every_state_and_turn_has_words():
    from bureau.rules.lifecycle import State, Turn
    from clients.access import Role
    from clients.models import ClientState
    from portal import words

    for state in (*(set(State) - {State.NEW}), *ClientState):
        assert words.state_sign(state).word
    assert {words.turn_sign(turn).word for turn in Turn} == {
        "Bureau",
        "Practice",
        "Payer",
        "Patient",
        "Nobody",
    }
    assert words.explain("Q11").name == "Denials"
    with pytest.raises(KeyError):
        words.explain("no such word")
    assert set(words.ROLES) == set(Role)


@pytest.mark.parametrize(("who", "page"), [("admin", "/back/"), ("owner", "/front/"), ("tester", "/lab/")])
def test_a_work_page_weighs_little(sign_in, who, page):
    client = sign_in(who)
    text = client.get(page).text
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', text))
    weight = sum(len(client.get(each, headers={"Accept-Encoding": "gzip"}).data) for each in files)
    assert len(files) <= 11
    assert weight + len(gzip.compress(text.encode())) < 60_000


def test_the_token_of_a_page_serves_its_fragments(sign_in):
    client = sign_in("viewer", "front")
    sent = {"name": "density", "value": "comfortable", "back": "/front/"}
    answer = client.post("/me/preferences", data=sent, headers={"X-CSRFToken": token_of(client, "/front/")})
    assert answer.status_code == 302
