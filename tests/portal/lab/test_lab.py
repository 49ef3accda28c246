"""The lab door over a real bench: a world is chosen, runs by itself, is looked at, and its book is entered."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from bureau.office import NotFound
from portal.app import build_app
from portal.lab import Bench
from portal.views.lab.runs import MONEY
from simulator.payers import default_profiles
from simulator.runs import RunShelf
from tests.portal.browser import look, served, watch
from tests.portal.browser import sign_in as walk_in
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

PATIENCE = 120


@pytest.fixture(scope="module")
def bench(tmp_path_factory, house) -> Bench:
    return Bench(RunShelf(tmp_path_factory.mktemp("runs")), house.settings)


@pytest.fixture(scope="module")
def finished(bench) -> str:
    """A run of a few virtual days, over and done."""
    run_id = bench.start("denials", days=12, seed=7)
    deadline = time.monotonic() + PATIENCE
    while bench.get_run(run_id).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert bench.get_run(run_id).state == "done"
    return run_id


@pytest.fixture(scope="module")
def lab_portal(house, bench) -> Flask:
    return build_app(house, house.settings, bench)


@pytest.fixture
def tester(lab_portal):
    client = lab_portal.test_client()
    sent = {"email": email("tester"), "password": PASSWORD, "door": "lab", "csrf_token": token_of(client)}
    client.post("/", data=sent)
    client.token = token_of(client, "/lab/")
    return client


def test_a_world_is_started_watched_and_cancelled(tester, bench):
    page = tester.get("/lab/").text
    for name in ("clean", "perfect", "denials", "slow-practices"):
        assert f'value="{name}"' in page
    begun = tester.post("/lab/", data={"csrf_token": tester.token, "scenario": "perfect", "days": "400", "seed": "3"})
    run_id = begun.location.rpartition("/")[2]
    watching = tester.get(f"{begun.location}/progress", headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in watching.text
    assert "HX-Refresh" not in watching.headers
    assert "Cancel the run" in tester.get(begun.location).text
    with pytest.raises(NotFound):
        bench.open_book(run_id)  # nobody looks into a book that is being written
    assert tester.get(f"/run/{run_id}/back/").status_code == 404
    tester.post(f"{begun.location}/cancel", data={"csrf_token": tester.token})
    deadline = time.monotonic() + PATIENCE
    while bench.get_run(run_id).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    over = tester.get(f"{begun.location}/progress", headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"
    assert "every 1s" not in over.text
    assert "Cancelled" in tester.get(begun.location).text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"scenario": "nowhere", "days": "3", "seed": "1"}, ""),
        ({"scenario": "clean", "days": "0", "seed": "1"}, "Choose from 1 to 1,100 days."),
        ({"scenario": "clean", "days": "many", "seed": "1"}, "Write a whole number."),
        ({"scenario": "clean", "days": "3", "seed": "-1"}, "Write a whole number."),
        ({"scenario": "clean", "days": "", "seed": ""}, "Fill this in."),
    ],
)
def test_what_cannot_be_run_is_told_and_starts_nothing(tester, bench, sent, told):
    before = [run.id for run in bench.runs()]
    refused = tester.post("/lab/", data={"csrf_token": tester.token, **sent})
    assert refused.status_code == 400
    assert told in refused.text
    assert [run.id for run in bench.runs()] == before


def test_a_finished_run_says_where_the_money_is_and_why_claims_were_denied(tester, finished):
    page = tester.get(f"/lab/runs/{finished}").text
    summary = json.loads(tester.get(f"/lab/runs/{finished}/summary.json").text)
    assert "equals what was charged" in page
    assert sum(summary[name] for name, _ in MONEY) == summary["charges_cents"]
    dearest = max(summary["denials_by_carc"], key=lambda code: summary["denials_by_carc"][code]["cents"])
    shown = re.findall(r'<span class="ref">(\w+)</span> ', page.partition('id="denials"')[2])
    assert shown[0] == dearest
    assert sorted(shown) == sorted(summary["denials_by_carc"])
    assert re.findall(r'data-label="Up to here">([\d.]+)%', page)[-1] == "100.0"
    for code in summary["sla"]:
        assert f'<th scope="col" class="num">{code}</th>' in page


def test_the_book_of_a_run_is_entered_as_a_sandbox_at_its_last_moment(tester, finished, bench):
    page = tester.get(f"/run/{finished}/back/")
    assert page.status_code == 200
    assert "Sandbox: A hard quarter with payers" in page.text
    assert "Virtual date Fri 16 Jan 2026" in page.text or "Virtual date Sat 17 Jan 2026" in page.text
    front = tester.get(f"/run/{finished}/front/", follow_redirects=True)
    assert "Where your claims are" in front.text
    assert 'type="file"' not in tester.get(f"/run/{finished}/front/upload", follow_redirects=True).text
    where = f"/run/{finished}/front/c/HARBOR"
    sent = tester.get(f"{where}/reports/aging.csv")
    assert 'filename="sandbox-' in sent.headers["Content-Disposition"]
    assert tester.post(f"{where}/upload", data={"csrf_token": tester.token}).status_code == 403
    assert bench.open_book(finished) is bench.open_book(finished)


def test_unknown_runs_are_not_there(tester):
    for path in ("/lab/runs/nope", "/lab/runs/nope/progress", "/lab/runs/nope/summary.json", "/run/nope/back/"):
        assert tester.get(path).status_code == 404, path
    assert tester.post("/lab/runs/nope/cancel", data={"csrf_token": tester.token}).status_code == 404


def test_every_payer_is_described(tester):
    page = tester.get("/lab/payers").text
    assert all(profile.name in page for profile in default_profiles())


def test_the_lab_is_for_testers(sign_in):
    owner = sign_in("owner", "front")
    for path in ("/lab/", "/lab/runs", "/lab/payers", "/lab/runs/r1"):
        assert owner.get(path).status_code == 403


@pytest.fixture(scope="module")
def lab_address(lab_portal) -> Iterator[str]:
    with served(lab_portal) as where:
        yield where


@pytest.mark.browser
def test_every_page_is_accessible_and_fits(page, lab_address, finished):
    complaints, wrong = watch(page.context), []
    walk_in(page, lab_address, "tester", "lab")
    for path in ("/lab/", "/lab/runs", f"/lab/runs/{finished}", "/lab/payers", "/lab/runs/nope"):
        page.goto(f"{lab_address}{path}")
        wrong += look(page)
    assert not wrong
    assert [each for each in complaints if "404" not in each] == []
