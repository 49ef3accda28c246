"""A row of every kind that stands in an address, for two practices: what the crawl and the matrix of doors ask for."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from bureau.desks.charges import open_draft
from bureau.desks.messages import Letter, write_letter
from bureau.desks.opening import check_opening, commit_opening
from bureau.desks.setup import save_details
from bureau.models import ChargeDraft, Claim, JobRun, Mail, OpeningList, Question, Remittance, Thread, UploadRow
from bureau.models.talk import Side
from bureau.office import Bureau
from bureau.rules.intake.sheets import read_sheet
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.invitations import invite
from clients.models import Contact, Invitation, Membership, Provider, Rehearsal, User
from clients.registry import ContactDetails
from clients.scope import Scope
from clients.sign_ins import as_person
from clients.trail import Actor, ActorKind
from config.identifiers import make_test_npi, reference
from tests.portal.back.book import HARBOR, RIDGE, build_simulated, run, troubled, upload
from tests.portal.conftest import token_of
from tests.portal.world import PASSWORD, email

CODES = {HARBOR: "HARBOR", RIDGE: "RIDGE"}
NOWHERE = 10**9  # an id that no row has
RUN = "r1"
READER = Actor(ActorKind.PERSON, "test")


def invite_guest(house: Bureau, client_id: int) -> None:
    with house.open_office(READER, Scope.all()) as office:
        boss = office.session.scalars(select(User).where(User.email == email(f"boss-{CODES[client_id]}").lower())).one()
        guest = (f"guest@{CODES[client_id]}.test", "Guest")
        invite(office.session, as_person(office.session, boss), guest, Grant(Role.VIEWER, client_id), office.now)


def send_troubled(house: Bureau, client_id: int) -> None:
    """Visits of which some cannot be taken as they are, as new ones each time."""
    number = house.clock.now().timestamp()
    house.clock.advance(timedelta(seconds=1))
    own = {"provider_npi": make_test_npi(10 + client_id)}
    visits = [visit | own | {"encounter_id": f"{visit['encounter_id']}-{number:.0f}"} for visit in troubled()]
    upload(house, client_id, visits)


def talk_about(house: Bureau, client_id: int) -> None:
    """A thread between a practice and the bureau."""
    with house.open_office(READER, Scope.of(client_id)) as office:
        assert not isinstance(write_letter(office, client_id, Letter(Side.CLIENT, "Hello", title="A word")), list)


@dataclass(frozen=True)
class Row:
    """How an address names a row: the latest there is, by reference (kind) or by bare id (kind "")."""

    kind: str
    id: Any
    client: Any
    where: tuple[Any, ...] = ()
    make: Callable[[Bureau, int], None] | None = None  # where the walk itself uses them up

    def name(self, row_id: int) -> str:
        return reference(self.kind, row_id) if self.kind else str(row_id)


def begin_charge(house: Bureau, client_id: int) -> None:
    with house.open_office(READER, Scope.of(client_id)) as office:
        open_draft(office, client_id, {})


def owned(kind: str, model: Any) -> Row:
    return Row(kind, model.id, model.client_id)


def person(kind: str) -> Row:
    return Row(kind, Membership.user_id, Membership.membership_client_id)


def invitation(kind: str) -> Row:
    is_open = (Invitation.revoked_at.is_(None), Invitation.accepted_at.is_(None))
    return Row(kind, Invitation.id, Invitation.invitation_client_id, is_open, invite_guest)


def to_fix(column: Any) -> Row:
    return Row("", column, UploadRow.client_id, (UploadRow.state == "problem",), send_troubled)


def name_contact(house: Bureau, client_id: int) -> None:
    with house.open_office(READER, Scope.of(client_id)) as office:
        assert not save_details(office, client_id, None, ContactDetails("Pat Lane", "billing", phone="6175550191"))


def open_old_book(house: Bureau, client_id: int) -> None:
    head = "claim_number,patient_id,last_name,service_date,charge,payer_open,patient_open"
    old = f"{head}\nA-1,P900,Oldham,2025-11-03,120.00,0,120.00\nA-2,P901,Oldham,2025-11-04,99.00,0,1.00\n".encode()
    with house.open_office(READER, Scope.of(client_id)) as office:
        commit_opening(office, check_opening(office, client_id, "old.csv", old, open_sheet=read_sheet))


def keep_rehearsal(house: Bureau, client_id: int) -> None:
    row = {"client_id": client_id, "at": house.clock.now(), "by": "test", "file_name": "test.csv", "run": "",
           "profile": "standard", "fates": [], **dict.fromkeys(COUNTS, 0)}  # fmt: skip
    with house.open_office(READER, Scope.of(client_id)) as office:
        office.insert(Rehearsal, [row])


COUNTS = ("bad_rows", "claims", "accepted", "answered", "clean", "lines", "priced")
CONTACT = Row("", Contact.id, Contact.client_id, make=name_contact)
REHEARSAL = Row("", Rehearsal.id, Rehearsal.client_id, make=keep_rehearsal)
DRAFT = Row("", ChargeDraft.id, ChargeDraft.client_id, make=begin_charge)
# Of a page, or of a section (what its endpoint begins with): argument -> the row it names.
ROWS: dict[str, dict[str, Row]] = {
    "back.charges": {"draft_id": DRAFT},
    "back.claims": {"reference": owned("CLM", Claim)},
    "back.messages": {"reference": Row("THR", Thread.id, Thread.client_id, (), talk_about)},
    "back.questions": {"reference": owned("QST", Question)},
    "back.files": {"reference": owned("FIL", Mail)},
    "back.money": {"reference": owned("REM", Remittance)},
    "back.jobs": {"reference": owned("RUN", JobRun)},
    "back.work_row": {"reference": owned("ROW", UploadRow)},
    "back.clients_entry": {"entry": CONTACT},
    "back.clients_contact": {"entry": CONTACT},
    "back.clients_opening": {"list_id": Row("", OpeningList.id, OpeningList.client_id, make=open_old_book)},
    "back.clients_test": {"rehearsal_id": REHEARSAL},
    "back.people": {"reference": person("USR")},
    "back.people_revoke": {"reference": invitation("INV")},
    "back.people_again": {"reference": invitation("INV")},
    "front.charges": {"draft_id": DRAFT},
    "front.claims": {"claim_id": owned("", Claim)},
    "front.messages": {"thread_id": Row("", Thread.id, Thread.client_id, (), talk_about)},
    "front.questions": {"question_id": owned("", Question)},
    "front.upload": {"upload_id": to_fix(UploadRow.upload_id), "row_id": to_fix(UploadRow.id)},
    "front.expected": {"provider_id": owned("", Provider)},
    "front.start": {"rehearsal_id": REHEARSAL},
    "front.people": {"user_id": person("")},
    "front.people_revoke": {"invitation_id": invitation("")},
    "front.people_again": {"invitation_id": invitation("")},
}
# Arguments that name no row of a client.
FREE: dict[str, dict[str, str]] = {
    "back.work": {"queue": "Q8"},
    "back.schedules": {"name": "submit"},
    "back.reports": {"report_id": "aging"},
    "back.clients_entry": {"kind": "contacts"},
    "back.clients_promises": {"measure": "remittance_to_posted"},
    "back.clients_tier": {"capability": "denial.route"},
    "front.plan": {"capability": "denial.route"},
    "front.expected": {"day": "2026-03-02"},
    "front.home_promises": {"measure": "remittance_to_posted"},
    "front.reports": {"report_id": "aging"},
    "lab.runs": {"run_id": RUN},
    "entrance.invitation": {"token": "no-such-link"},
}


class Unknown(Exception):
    """A page has an argument that nobody gave a sample for."""


def section_of(endpoint: str, among: dict[str, Any]) -> str:
    """The longest entry that the endpoint begins with, whole words only; "" for none."""
    fits = [name for name in among if endpoint == name or endpoint.startswith(f"{name}_")]
    return max(fits, key=len, default="")


class Samples:
    """The ids of one book."""

    def __init__(self, house: Bureau) -> None:
        self._house = house

    def values(self, rule: Rule, client_id: int, token: str) -> dict[str, str]:
        """What to fill into the rule for a row of this client; NOWHERE gives rows that nobody has. Raises Unknown."""
        return {name: self._value(rule.endpoint, name, client_id, token) for name in rule.arguments}

    def names_a_row(self, rule: Rule) -> bool:
        """Whether the address names a row of a client besides the one whose door it is behind."""
        rows = ROWS.get(section_of(rule.endpoint, ROWS), {})
        return bool(rule.arguments & {"code", "token", *rows}) and not rule.endpoint.startswith("entrance")

    def _value(self, endpoint: str, name: str, client_id: int, token: str) -> str:
        if name in ("client_code", "code"):
            return CODES.get(client_id, "NOSUCH")
        free = FREE.get(section_of(endpoint, FREE), {})
        if name in free:
            return free[name]
        if name == "token":
            return token
        row = ROWS.get(section_of(endpoint, ROWS), {}).get(name)
        if row is None:
            raise Unknown(f"{endpoint} has the argument {name}: say in tests/portal/samples.py what it names")
        return row.name(NOWHERE if client_id == NOWHERE else self._latest(row, client_id))

    def _latest(self, row: Row, client_id: int) -> int:
        found = self._find(row, client_id)
        if found is None and row.make:
            row.make(self._house, client_id)
            found = self._find(row, client_id)
        if found is None:
            raise Unknown(f"the book has no {row.id} of client {client_id}")
        return int(found)

    def _find(self, row: Row, client_id: int) -> int | None:
        with self._house.open_office(READER, Scope.all(), read_only=True) as office:
            return office.session.scalar(select(func.max(row.id)).where(row.client == client_id, *row.where))


def build_full(folder: Path, url: str = "") -> Bureau:
    """The simulated book with rows of every kind for both practices, and everybody in it."""
    house = build_simulated(folder, url)
    send_troubled(house, RIDGE)
    run(house, RIDGE, "scrub", "collect", "post")
    add_staff_and_practices(house)
    return house


def add_staff_and_practices(house: Bureau) -> None:
    """One person for each role, at Harbor where a role is for a client; of each practice an owner and a viewer."""
    with house.open_office(READER, Scope.all()) as office:
        for role in Role:
            create_user(office.session, email(role), role.value, PASSWORD, [grant_of(role, HARBOR)])
        for client_id, code in CODES.items():
            boss, zoe = Grant(Role.OWNER, client_id), Grant(Role.VIEWER, client_id)
            create_user(office.session, email(f"boss-{code}"), f"Boss of {code}", PASSWORD, [boss])
            create_user(office.session, email(f"zoe-{code}"), f"Zoe of {code}", PASSWORD, [zoe])


def grant_of(role: Role, client_id: int) -> Grant:
    return Grant(role, None if role is Role.TESTER else client_id)


def walk_in(app: Flask, who: str) -> FlaskClient:
    """A browser of this person; `token` is what its forms carry."""
    client = app.test_client()
    sent = {"email": email(who), "password": PASSWORD, "csrf_token": token_of(client)}
    answer = client.post("/", data=sent)
    assert answer.status_code == 302, answer.text
    client.token = token_of(client, "/me")
    return client


def stage(client: FlaskClient) -> str:
    """A file of this person waits for its commit; returns its token, or one of nobody's where they may not upload."""
    sheet = io.BytesIO(b"encounter_id,last_name\nE1,Doe\n")
    sent = {"csrf_token": client.token, "file": (sheet, "visits.csv")}
    answer = client.post("/front/upload", data=sent, content_type="multipart/form-data")
    found = (answer.location or "").partition("/check/")[2].partition("/")[0]
    return found or "0" * 32
