"""Letters: one for what a person has not looked at, and each sent once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import select, text

from bureau import notices
from bureau.audience import AUDIENCE, KEPT_AS, Choice, Pace, is_due, kinds_for, read_choice, roles_told, write_choices
from bureau.gateways import FolderMailer
from bureau.letters import find_invitation_letters
from bureau.models import Notice
from bureau.models.letters import LetterState
from bureau.models.talk import NoticeKind, Side
from bureau.office import Refusal
from bureau.postman import PAUSES
from bureau.wording import SAYINGS
from clients.access import Role
from clients.invitations import revoke
from clients.models import Invitation, Membership, User
from tests.support.houses import House, connect
from tests.support.letters import ADMIN, Pile, add_people, ask_in, go, letters, open_manned, tell


@pytest.fixture
def house() -> Iterator[House]:
    with closing(open_manned()) as opened:
        yield opened


def choose(house: House, name: str, kind: NoticeKind, choice: Choice) -> None:
    with house.office() as office:
        user = office.session.scalars(select(User).where(User.name == name)).one()
        user.preferences = {KEPT_AS: user.preferences.get(KEPT_AS, {}) | write_choices({kind: choice})}


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


def test_a_house_that_lives_in_virtual_time_writes_no_letter(house):
    """Only the postman makes letters, and only the scheduler of the wall clock sends him."""
    tell(house, NoticeKind.QUESTION_ASKED)
    for _ in range(3):
        house.day()
        house.tick(days=1)
    assert letters(house) == []
