"""Every page, for every role, at one's own client and at another's: over HTTP, on both databases, from one policy.

The policy is `GRANTS`: what a role may do. The pages are those of the app itself, so that a new one is covered without
being listed; only what stands in its address has to have a sample (samples.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map, Rule

from clients.access import GRANTS, OPEN_TO_ALL, Permission, Person, Role
from clients.scope import Scope
from config.problems import Problem
from portal.app import build_app
from tests.portal.back.book import HARBOR, RIDGE
from tests.portal.samples import NOWHERE, RUN, Samples, Unknown, build_full, stage, walk_in
from tests.portal.world import SmallLab

# What differs in any two answers: the reference to quote, and the token of the page's forms.
NOISE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}|csrf[-_]token\" (content|value)=\"[^\"]+\"")
LAST = ("entrance.sign_out_post",)  # ends the walk


class WholeLab(SmallLab):
    """A bench that also answers about its runs, and starts none."""

    def start(self, scenario: str, *, days: int, seed: int) -> str | Problem:
        return Problem("scenario", "lab.closed", "No run is started here.")

    def get_run(self, run_id: str):
        return self.runs()[1]

    def cancel(self, run_id: str) -> None:
        """A run that is over stays as it is."""

    def read_summary(self, run_id: str) -> dict:
        return {}


@dataclass
class Place:
    """One book with its portal, and the rows to ask for."""

    app: Flask
    samples: Samples
    foreign_token: str

    def rules(self, method: str) -> list[Rule]:
        found = [rule for rule in self.app.url_map.iter_rules() if method in rule.methods and rule.endpoint != "static"]
        return sorted(found, key=lambda rule: (rule.endpoint in LAST, rule.rule))

    def permission(self, rule: Rule) -> Permission:
        return self.app.view_functions[rule.endpoint].permission

    def is_about_a_client(self, rule: Rule) -> bool:
        return "client_code" in rule.arguments or self.samples.names_a_row(rule)

    def may(self, role: Role, rule: Rule) -> bool:
        return self.permission(rule) in OPEN_TO_ALL | GRANTS[role]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request, tmp_path_factory, quick_hashes):
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    url = server.new_database() if server else ""
    house = build_full(tmp_path_factory.mktemp("matrix"), url)
    app = build_app(house, house.settings, WholeLab({RUN: house}))
    yield Place(app, Samples(house), stage(walk_in(app, "boss-RIDGE")))
    house.engine.dispose()
    if server:
        server.drop(url)


@dataclass
class Walk:
    """One person who tries every page with one method, and what was answered wrongly."""

    place: Place
    client: FlaskClient
    role: Role
    method: str
    wrong: list[str] = field(default_factory=list)

    def own(self, rule: Rule) -> None:
        """One's own rows: a page that is allowed opens, one that is not says so."""
        may = self.place.may(self.role, rule)
        token = stage(self.client) if may and "check/<token>" in rule.rule else self.place.foreign_token
        status, said = self.ask(rule, self.place.samples.values(rule, HARBOR, token))
        is_open = status < 500 and (status not in (403, 404) or rule.endpoint.startswith("entrance.invitation"))
        if is_open != may or not (may or status == 403):
            self.blame(rule, f"answers {status} although they {'may' if may else 'may not'}")
        if self.place.is_about_a_client(rule):
            self.foreign(rule) if may else self.closed(rule, said)

    def foreign(self, rule: Rule) -> None:
        """Another client's rows behind a page that is allowed: they are answered like rows that do not exist."""
        samples = self.place.samples
        theirs = samples.values(rule, RIDGE, self.place.foreign_token)
        nobodys = samples.values(rule, NOWHERE, "0" * 32)
        pairs = [(theirs, nobodys)]
        if "client_code" in theirs and samples.names_a_row(rule):  # behind one's own client's door, a row of another
            mine = {"client_code": "HARBOR"}
            pairs.append((theirs | mine, nobodys | mine))
        for one, other in pairs:
            answer = self.ask(rule, one)
            if answer[0] != 404:
                self.blame(rule, f"answers {answer[0]} for another client's {sorted(one)}")
            if answer != self.ask(rule, other):
                self.blame(rule, f"tells that another client's {sorted(one)} is there")

    def closed(self, rule: Rule, refusal: str) -> None:
        """Another client's rows behind a page that is not: refused like one's own, before anything is looked up."""
        theirs = self.place.samples.values(rule, RIDGE, self.place.foreign_token)
        status, said = self.ask(rule, theirs)
        if status not in ({403, 404} if "client_code" in theirs else {403}):
            self.blame(rule, f"answers {status} for another client's {sorted(theirs)} although they may not")
        if status == 403 and said != refusal:
            self.blame(rule, f"tells that another client's {sorted(theirs)} is there")

    def ask(self, rule: Rule, values: dict[str, str]) -> tuple[int, str]:
        """Status and, of a refusal, the page without what differs in any two."""
        _, address = rule.build(dict(values), append_unknown=False)
        data = {"csrf_token": self.client.token} if self.method == "POST" else None
        answer = self.client.open(address, method=self.method, data=data)
        answer.close()
        if answer.status_code < 400:
            if self.method == "POST":
                with self.client.session_transaction() as kept:
                    kept.pop("_flashes", None)  # what is said to the person would stand in the next answer
            return answer.status_code, ""
        return answer.status_code, NOISE.sub("", answer.get_data(as_text=True)).replace(address, "this very address")

    def blame(self, rule: Rule, what: str) -> None:
        self.wrong.append(f"{self.method} {rule.rule} to {self.role}: {what}")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_page_keeps_to_the_policy(place: Place, role: Role, method: str):
    walk = Walk(place, walk_in(place.app, role), role, method)
    for rule in place.rules(method):
        walk.own(rule)
    assert walk.wrong == []


def test_the_matrix_covers_every_page_and_is_not_blind(place: Place):
    rules = place.rules("GET") + place.rules("POST")
    foreign = [rule for rule in rules if place.is_about_a_client(rule)]
    assert len(rules) > 100
    assert len(foreign) > 60


def test_without_the_scope_of_the_door_the_matrix_fails(place: Place, monkeypatch):
    """The proof that it is not blind: a door that lets everybody reach every client is found out page after page."""
    monkeypatch.setattr(Person, "scope", lambda _person, _door: Scope.all())
    monkeypatch.setattr(Person, "reach", lambda _person, _permission: Scope.all())
    walk = Walk(place, walk_in(place.app, Role.BILLER), Role.BILLER, "GET")
    asked = [rule for rule in place.rules("GET") if rule.endpoint.startswith("back.") and place.may(Role.BILLER, rule)]
    for rule in filter(place.samples.names_a_row, asked):
        walk.foreign(rule)
    assert len(walk.wrong) > 10


def test_without_the_question_of_permission_the_matrix_fails(place: Place, monkeypatch):
    monkeypatch.setattr("portal.guards.may", lambda *_: True)
    walk = Walk(place, walk_in(place.app, Role.AUDITOR), Role.AUDITOR, "GET")
    forbidden = [rule for rule in place.rules("GET") if not place.may(Role.AUDITOR, rule) and "back." in rule.endpoint]
    for rule in forbidden:
        walk.own(rule)
    assert len(walk.wrong) >= len(forbidden) - 2 > 3


def test_an_address_without_a_sample_is_named(place: Place):
    rule = Rule("/back/<thing>", endpoint="back.things", methods=["GET"])
    with pytest.raises(Unknown, match="things has the argument thing"):
        place.samples.values(Map([rule]) and rule, HARBOR, "")
