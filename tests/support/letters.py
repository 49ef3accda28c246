"""What tests of letters share: people to write to, a mailer that keeps a pile, and verbs to read aloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from bureau import notices
from bureau.letters import write_invitation
from bureau.models import Letter
from bureau.models.talk import NoticeKind
from bureau.office import Refusal
from bureau.postman import make_round
from clients.access import Grant, Person, Role
from clients.accounts import add_membership, add_user
from clients.invitations import Link, invite
from clients.models import Client
from config.vault import Vault
from tests.support.houses import House, open_house

VAULT = Vault("for tests only, of enough length")
ADMIN = Person(1, "Ada", "ada@x.test", (Grant(Role.ADMIN, None),))


@dataclass
class Pile:
    """A mailer that keeps what it is given, and refuses or breaks where the test says so."""

    name: str = "pile"
    leaves_the_house: bool = True
    mails: list[EmailMessage] = field(default_factory=list)
    answer: Callable[[EmailMessage], Refusal | None] = lambda _mail: None

    def send(self, letter: EmailMessage) -> Refusal | None:
        refusal = self.answer(letter)
        if refusal is None:
            self.mails.append(letter)
        return refusal

    def check(self) -> str:
        return ""

    @property
    def subjects(self) -> list[tuple[str, str]]:
        return [(mail["To"].addresses[0].username, mail["Subject"]) for mail in self.mails]


def add_people(house: House) -> None:
    harbor, ridge = (client.id for client in house.clients)
    people: list[tuple[str, list[Grant]]] = [
        ("Ada", [Grant(Role.ADMIN, None)]),
        ("Acco", [Grant(Role.ACCOUNT_MANAGER, None)]),
        ("Biller", [Grant(Role.BILLER, harbor)]),
        ("Owner", [Grant(Role.OWNER, harbor)]),
        ("Manager", [Grant(Role.PRACTICE_MANAGER, harbor)]),
        ("Ridge", [Grant(Role.PRACTICE_MANAGER, ridge)]),
    ]
    with house.office(everywhere=True) as office:
        for name, grants in people:
            user_id = add_user(office.session, f"{name}@x.test", name, "-")
            for grant in grants:
                add_membership(office.session, user_id, grant)


def open_manned() -> House:
    """The two practices in memory, with people."""
    house = open_house()
    add_people(house)
    return house


def tell(house: House, kind: NoticeKind, *, client: Client | None = None, count: int = 1) -> None:
    with house.office(client=client, by="job") as office:
        notices.tell(office, (client or house.client).id, kind, count=count)


def ask_in(house: House, name: str = "Guest", role: Role = Role.OWNER) -> Link:
    with house.office(everywhere=True) as office:
        link = invite(office.session, ADMIN, (f"{name}@x.test", name), Grant(role, house.client.id), office.now)
        assert isinstance(link, Link)
        office.session.flush()
        write_invitation(office, VAULT, link)
    return link


def letters(house: House) -> list[Letter]:
    with house.office(everywhere=True) as office:
        return list(office.session.scalars(select(Letter).order_by(Letter.id)))


def go(house: House, pile: Any, **later: float) -> tuple[int, int, int]:
    if later:
        house.tick(**later)
    done = make_round(house.bureau, pile, VAULT)
    return done.written, done.sent, done.failed
