"""Letters: one for what a person has not looked at, each sent once, and never a word about a patient in it."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, is_dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import String, inspect, select, text

from bureau import notices, wording
from bureau.audience import AUDIENCE, KEPT_AS, Choice, Pace, is_due, kinds_for, read_choice, roles_told, write_choices
from bureau.desks.messages import Letter as Message
from bureau.desks.messages import reply, write_letter
from bureau.desks.questions import ask_question
from bureau.gateways import FolderMailer
from bureau.letters import find_invitation_letters, write_invitation
from bureau.models import Letter, Notice
from bureau.models.letters import LetterState
from bureau.models.talk import NoticeKind, Side
from bureau.office import Refusal
from bureau.postman import PAUSES, make_round
from bureau.wording import SAYINGS, Contents, Token
from clients.access import Grant, Person, Role
from clients.accounts import add_membership, add_user
from clients.invitations import Link, invite, revoke
from clients.models import Client, Invitation, Membership, User
from config.settings import Settings
from config.vault import Vault
from tests.support.houses import House, connect, open_house, visit

VAULT = Vault("for tests only, of enough length")
ADMIN = Person(1, "Ada", "ada@x.test", (Grant(Role.ADMIN, None),))
MARK = "Zqxvw"  # in nobody's name


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


@pytest.fixture
def house() -> Iterator[House]:
    with closing(open_house()) as opened:
        add_people(opened)
        yield opened


def tell(house: House, kind: NoticeKind, *, client: Client | None = None, count: int = 1) -> None:
    with house.office(client=client, by="job") as office:
        notices.tell(office, (client or house.client).id, kind, count=count)


def choose(house: House, name: str, kind: NoticeKind, choice: Choice) -> None:
    with house.office() as office:
        user = office.session.scalars(select(User).where(User.name == name)).one()
        user.preferences = {KEPT_AS: user.preferences.get(KEPT_AS, {}) | write_choices({kind: choice})}


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


# -- digests --------------------------------------------------------------------------------------------------


def test_what_waits_is_one_letter_an_hour_and_each_thing_is_told_once(house):
    pile = Pile()
    tell(house, NoticeKind.QUESTION_ASKED, count=3)
    assert go(house, pile) == (1, 1, 0)
    assert pile.subjects == [("manager", "HARBOR MEDICINE: 3 new questions to answer")]
    assert go(house, pile, minutes=2) == (0, 0, 0)
    tell(house, NoticeKind.QUESTION_ASKED, count=2)
    tell(house, NoticeKind.MESSAGE_TO_CLIENT)
    assert go(house, pile, minutes=50) == (1, 1, 0), "the owner, whose first letter it is"
    assert go(house, pile, minutes=10) == (1, 1, 0)
    assert pile.subjects[1:] == [
        ("owner", "HARBOR MEDICINE: A new message"),
        ("manager", "HARBOR MEDICINE: 3 things wait for you"),
    ]
    body = pile.mails[-1].get_content()
    assert "- 2 new questions to answer\n- A new message" in body
    assert "http://127.0.0.1:8000/front/\n" in body
    assert "/me/notices" in body
    assert go(house, pile, hours=5) == (0, 0, 0)


def test_a_daily_letter_comes_the_next_morning_and_not_for_what_was_looked_at(house):
    pile = Pile()
    choose(house, "Manager", NoticeKind.QUESTION_ASKED, Choice(is_shown=True, pace=Pace.NEVER))
    tell(house, NoticeKind.QUESTION_ASKED, count=2)
    assert go(house, pile) == (0, 0, 0)
    assert go(house, pile, hours=19, minutes=50) == (0, 0, 0), "6:50 in Boston"
    assert go(house, pile, minutes=20) == (1, 1, 0)
    assert pile.subjects == [("owner", "HARBOR MEDICINE: 2 new questions to answer")]
    tell(house, NoticeKind.QUESTION_OVERDUE)
    with house.office() as office:
        (owner,) = office.session.scalars(select(User.id).where(User.name == "Owner"))
        notices.mark_seen(office, owner)
    choose(house, "Manager", NoticeKind.QUESTION_OVERDUE, Choice(is_shown=True, pace=Pace.NEVER))
    assert go(house, pile, days=1) == (0, 0, 0)


@pytest.mark.parametrize(
    ("told_at", "now", "due"),
    [
        ("03-18 10:59", "03-18 11:00", True),  # 7:00 in New York
        ("03-18 11:00", "03-18 23:00", False),
        ("03-18 11:00", "03-19 10:59", False),
        ("03-18 11:00", "03-19 11:00", True),
        ("03-07 20:00", "03-08 10:59", False),  # clocks go forward that night
        ("03-07 20:00", "03-08 11:00", True),
    ],
)
def test_a_day_turns_at_seven_at_the_bureaus_place(told_at, now, due):
    moments = [datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC) for text in (told_at, now)]
    assert is_due(Pace.DAILY, *moments, "America/New_York") is due


def test_staff_get_one_letter_for_all_their_practices(house):
    pile = Pile()
    for client in house.clients:
        tell(house, NoticeKind.MESSAGE_TO_BUREAU, client=client)
        tell(house, NoticeKind.JOB_FAILED, client=client, count=2)
    go(house, pile)
    assert sorted(pile.subjects) == [("acco", "2 new messages"), ("ada", "Jobs failed 4 times")]
    assert {letter.client_id for letter in letters(house)} == {None}
    ada = next(mail for mail in pile.mails if mail["To"].addresses[0].username == "ada")
    assert "HARBOR MEDICINE\n- Jobs failed 2 times\n\nRIDGE MEDICINE\n- Jobs failed 2 times" in ada.get_content()


def test_who_left_or_lost_the_role_meanwhile_is_not_written_to(house):
    pile = Pile()
    tell(house, NoticeKind.QUESTION_ASKED)
    tell(house, NoticeKind.QUESTION_ASKED, client=house.clients[1])
    with house.office(everywhere=True) as office:
        people = {one.name: one for one in office.session.scalars(select(User))}
        people["Ridge"].is_active = False
        held = office.session.scalars(select(Membership).where(Membership.user_id == people["Manager"].id)).one()
        held.role = Role.VIEWER
    assert go(house, pile) == (0, 0, 0)


def test_a_week_later_it_is_no_news(house):
    tell(house, NoticeKind.QUESTION_ASKED)
    assert go(house, Pile(), days=8) == (0, 0, 0)


# -- what one chose -------------------------------------------------------------------------------------------


def test_everything_that_is_told_has_words_and_an_audience():
    assert set(AUDIENCE) == set(SAYINGS) == set(NoticeKind)
    for kind in NoticeKind:
        assert roles_told(kind)
        assert "{}" in SAYINGS[kind].several
        sides = {role in (Role.OWNER, Role.PRACTICE_MANAGER, Role.UPLOADER, Role.VIEWER) for role in roles_told(kind)}
        assert sides == {SAYINGS[kind].side is Side.CLIENT}, kind
    assert kinds_for([Role.VIEWER, Role.TESTER, Role.AUDITOR]) == []


def test_a_choice_counts_over_what_fits_the_role():
    kind = NoticeKind.QUESTION_ASKED
    assert read_choice({}, kind, [Role.OWNER]).pace is Pace.DAILY
    assert read_choice({}, kind, [Role.OWNER, Role.PRACTICE_MANAGER]).pace is Pace.AT_ONCE
    kept = {KEPT_AS: write_choices({kind: Choice(is_shown=False, pace=Pace.NEVER)})}
    assert not read_choice(kept, kind, [Role.OWNER]).is_any


def test_who_wants_to_hear_nothing_is_told_nothing_and_who_wants_letters_gets_only_those(house):
    pile, kind = Pile(), NoticeKind.QUESTION_ASKED
    choose(house, "Manager", kind, Choice(is_shown=False, pace=Pace.NEVER))
    choose(house, "Owner", kind, Choice(is_shown=False, pace=Pace.AT_ONCE))
    tell(house, kind)
    told = house.rows(select(User.name).join(Notice, Notice.user_id == User.id))
    assert [name for (name,) in told] == ["Owner"]
    go(house, pile)
    assert pile.subjects == [("owner", "HARBOR MEDICINE: A new question to answer")]


# -- invitations ----------------------------------------------------------------------------------------------


def test_an_invitation_is_mailed_with_its_link_which_the_book_forgets(house):
    pile, link = Pile(), ask_in(house)
    (waiting,) = letters(house)
    assert link.token not in str(vars(waiting))
    assert go(house, pile) == (0, 1, 0)
    (mail,) = pile.mails
    assert mail["To"] == "Guest <guest@x.test>"
    assert f"http://127.0.0.1:8000/invitation/{link.token}\n" in mail.get_content()
    assert "HARBOR MEDICINE" in mail.get_content()
    (sent,) = letters(house)
    assert (sent.state, sent.sealed, sent.client_id) == (LetterState.SENT, "", house.client.id)
    with house.office(client=house.clients[1]) as office:
        assert find_invitation_letters(office, [link.invitation_id]) == {}, "another practice does not see it"


def test_a_link_that_was_replaced_or_taken_back_is_not_mailed_any_more(house):
    pile, first = Pile(), ask_in(house)
    second = ask_in(house)
    gone = ask_in(house, "Gone")
    with house.office(everywhere=True) as office:
        revoke(office.session, ADMIN, office.session.get_one(Invitation, gone.invitation_id), office.now)
    assert go(house, pile) == (0, 1, 0)
    assert second.token in pile.mails[0].get_content()
    states = {letter.invitation_id: (letter.state, letter.sealed) for letter in letters(house)}
    assert states[first.invitation_id] == states[gone.invitation_id] == (LetterState.DROPPED, "")


# -- delivery -------------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """The process ends here."""


def test_a_process_that_dies_after_the_hand_over_sends_one_more_copy_that_can_be_known(house, tmp_path):
    folder, pile = FolderMailer(tmp_path / "mail"), Pile()

    def send_and_die(mail: EmailMessage) -> None:
        folder.send(mail)
        pile.mails.append(mail)
        raise PowerCut

    ask_in(house)
    pile.answer = send_and_die
    with pytest.raises(PowerCut):
        go(house, pile)
    pile.answer = folder.send
    assert go(house, pile, minutes=1) == (0, 0, 0), "it may still be on its way"
    assert go(house, pile, minutes=5) == (0, 1, 0)
    assert go(house, pile, days=2) == (0, 0, 0)
    assert len(pile.mails) == 2
    assert len({mail["Message-ID"] for mail in pile.mails}) == 1
    assert len(list((tmp_path / "mail").iterdir())) == 1


def test_tries_are_further_and_further_apart_and_end(house):
    pile = Pile(answer=lambda _mail: Refusal("Full."))
    ask_in(house)
    assert go(house, pile) == (0, 0, 1)
    for pause in PAUSES[:-1]:
        assert go(house, pile, minutes=pause.total_seconds() // 60 - 1) == (0, 0, 0)
        assert go(house, pile, minutes=1) == (0, 0, 1)
    assert go(house, pile, days=2) == (0, 0, 0)
    (letter,) = letters(house)
    assert (letter.state, letter.problem, letter.sealed, letter.tries) == ("failed", "Full.", "", len(PAUSES))


def test_a_final_refusal_is_the_last_and_a_server_that_is_down_is_asked_once_a_round(house):
    asked: list[str] = []

    def answer(mail: EmailMessage) -> Refusal:
        asked.append(mail["To"].addresses[0].username)
        return Refusal("No such address.", is_final=True) if asked[-1] == "guest" else Refusal("Away.", is_down=True)

    for name in ("Guest", "Gwen", "Gus"):
        ask_in(house, name)
    assert go(house, Pile(answer=answer)) == (0, 0, 2)
    assert asked == ["guest", "gwen"]
    assert go(house, Pile(answer=answer)) == (0, 0, 1)
    assert asked[2:] == ["gus"]
    assert [letter.state for letter in letters(house)] == ["failed", "waiting", "waiting"]


def test_of_two_postmen_one_writes_and_one_sends(any_url, tmp_path):
    """Both have found the same letter before either takes it, on each database."""
    one, other = (connect(any_url, tmp_path / f"{name}.sqlite") for name in ("one", "other"))
    with closing(one), closing(other):
        add_people(one)
        tell(one, NoticeKind.QUESTION_ASKED)
        pile, second = Pile(), Pile()

        def meet(_mail: EmailMessage) -> None:
            assert go(other, second) == (0, 0, 0)

        pile.answer = meet
        assert go(one, pile) == (1, 1, 0)
        assert go(other, second) == (0, 0, 0)
        with one.office(everywhere=True) as office:
            office.session.execute(text("UPDATE notices SET mailed = 0"))
            office.session.execute(text("UPDATE letters SET kind = 'other'"))
        assert go(one, pile) == (0, 0, 0), "a digest of this hour is there: the key holds"
        assert len(pile.mails) == 1


# -- nothing of a patient -------------------------------------------------------------------------------------


def test_the_makers_of_letters_take_no_free_text():
    """Rows of people and clients, kinds, numbers and tokens: every parameter, down to the last field."""
    leaves, ahead = set(), [*get_args(Contents), *SHOWN]
    while ahead:
        one = ahead.pop()
        if is_dataclass(one) and one not in (Token, SAYINGS):
            ahead += get_type_hints(one).values()
        elif isinstance(one, types.UnionType | types.GenericAlias):
            ahead += [part for part in get_args(one) if part is not ...]
        else:
            leaves.add(one)
    assert leaves == {User, Invitation, Client, NoticeKind, int, Token, types.NoneType, Settings, Letter, datetime}


SHOWN = [hint for name, hint in get_type_hints(wording.write_letter).items() if name != "return"]


@pytest.mark.parametrize("symbols", ["Doe, Jamie 1980", "a b", "short", "x" * 200, "\r\nBcc: a@b.test", ""])
def test_a_token_cannot_say_anything(symbols):
    with pytest.raises(ValueError, match="no token"):
        Token(symbols)


def test_a_name_carries_neither_headers_nor_a_text(house):
    pile = Pile()
    ask_in(house, "Eve\r\nBcc: all@x.test\r\n\r\n" + "word " * 200)
    go(house, pile)
    assert pile.mails == []
    (letter,) = letters(house)
    assert letter.problem == "The address cannot be written to."
    with house.office(everywhere=True) as office:
        office.session.get_one(Invitation, letter.invitation_id).email = "eve@x.test"
        again = {"sealed": VAULT.seal("x" * 43, letter.key)}
        office.session.execute(text("UPDATE letters SET state = 'waiting', sealed = :sealed"), again)
    go(house, pile, hours=1)
    (mail,) = pile.mails
    assert mail["Bcc"] is None
    assert len(mail["To"].addresses) == 1
    assert len(str(mail["To"])) < 200


def test_no_letter_says_a_word_of_a_patient(house):
    """Marked patients, notes, questions, messages and files by every way in; then all that is told is mailed."""
    patient = {
        "last_name": MARK, "first_name": MARK, "street": MARK, "city": MARK, "note": MARK, "group_number": MARK,
        "patient_id": MARK, "encounter_id": MARK, "prior_auth": MARK,
    }  # fmt: skip
    house.upload(
        visit(1, **patient), visit(2, **patient | {"encounter_id": f"{MARK}2"}, member_id=""), name=f"{MARK}.csv"
    )
    filing = house.filing(MARK)
    with house.office(by="Biller") as office:
        assert ask_question(office, house.client.id, filing.id, "phone", f"Where does {MARK} live?") == []
        thread = write_letter(office, house.client.id, Message(Side.CLIENT, f"About {MARK}", title=MARK))
        assert not isinstance(thread, list)
        reply(office, house.client.id, thread.id, Side.BUREAU, f"{MARK} is fine")
    house.receive(f"ISA*{MARK}".encode(), f"{MARK}.835")
    house.run("scrub")
    for client in house.clients:
        for kind in NoticeKind:
            tell(house, kind, client=client)
    with house.office(everywhere=True) as office:
        for user in office.session.scalars(select(User)):
            wants = Choice(is_shown=True, pace=Pace.AT_ONCE)
            user.preferences = {KEPT_AS: write_choices(dict.fromkeys(NoticeKind, wants))}
    ask_in(house)
    pile = Pile()
    go(house, pile)
    assert count_marked(house) >= 12, "the mark is all over the book"
    assert len(pile.mails) == 7
    told = "".join(mail.get_content() for mail in pile.mails)
    for kind in NoticeKind:
        assert SAYINGS[kind].one in told or SAYINGS[kind].several.partition("{}")[2] in told, kind
    for mail in pile.mails:
        assert MARK.lower() not in mail.as_string().lower()
        assert MARK.lower() not in mail.get_content().lower()


def count_marked(house: House) -> int:
    """Columns of the book that hold the mark."""
    found = 0
    with house.bureau.engine.connect() as connection:
        for table in inspect(house.bureau.engine).get_table_names():
            for column in Letter.metadata.tables[table].columns if table in Letter.metadata.tables else ():
                if isinstance(column.type, String):
                    marked = select(column).where(column.contains(MARK)).limit(1)
                    found += connection.execute(marked).first() is not None
    return found


def test_a_house_that_lives_in_virtual_time_writes_no_letter(house):
    """Only the postman makes letters, and only the scheduler of the wall clock sends him."""
    tell(house, NoticeKind.QUESTION_ASKED)
    for _ in range(3):
        house.day()
        house.tick(days=1)
    assert letters(house) == []
