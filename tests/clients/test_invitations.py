"""Links that let people in: to an account, to one role more, to a new password; how they die, and who may send them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from clients.access import Grant, Role
from clients.invitations import (
    LASTS,
    Link,
    accept,
    find_invited,
    find_open_invitations,
    get_open_invitation,
    invite,
    offer_new_password,
    revoke,
    send_again,
)
from clients.models import Invitation
from clients.people import Circle, close_account
from clients.scope import Scope
from clients.second_factor import Challenged
from clients.sign_ins import SignedIn, find_visit
from config.problems import Problem
from tests.clients.people import (
    FACTOR,
    HARBOR,
    NOW,
    PASSWORD,
    RIDGE,
    STRICT,
    acts,
    book,
    do,
    email,
    enter,
    person_of,
)

NEW = "a brand new morning"
UPLOADER = Grant(Role.UPLOADER, HARBOR)


def ask(engine, who: str = "owner", address: str = "new@example.test", grant=UPLOADER, now=NOW):
    with book(engine) as session:
        return invite(session, person_of(session, who), (address, "New Person"), grant, now)


def use(engine, link, password=NEW, *, name="New Person", now=NOW, factor=FACTOR):
    return accept(engine, link.token, (name, password), now, factor=factor, device="Firefox on Linux")


def test_an_invitation_makes_an_account_once(engine):
    link = ask(engine)
    done = use(engine, link, name="  Nia Person ")
    assert isinstance(done, SignedIn)
    assert (done.person.name, done.person.email) == ("Nia Person", "new@example.test")
    assert done.person.grants == (Grant(Role.UPLOADER, HARBOR),)
    assert use(engine, link).code == "invitation.dead"
    assert acts(engine) == [
        ("Owner", "invited", "", "new@example.test: uploader"),
        ("Owner", "invitation accepted", "", "uploader"),
    ]


def test_only_a_hash_of_the_link_is_kept(engine):
    link = ask(engine)
    with book(engine) as session:
        assert link.token not in session.scalars(select(Invitation.token_hash)).all()


def test_staff_are_led_to_their_second_factor(engine):
    link = ask(engine, "manager", grant=Grant(Role.CODER, None))
    assert isinstance(use(engine, link, factor=STRICT), Challenged)


def test_a_link_dies_by_age_by_hand_and_by_a_newer_one(engine):
    old = ask(engine)
    assert find_invited_at(engine, old, NOW + LASTS - timedelta(seconds=1))
    assert not find_invited_at(engine, old, NOW + LASTS)
    assert use(engine, old, now=NOW + LASTS).code == "invitation.dead"
    new = ask(engine)
    assert not find_invited_at(engine, old, NOW)
    with book(engine) as session:
        (open_one,) = find_open_invitations(session, Circle(Scope.of(HARBOR)), NOW)
        newest = send_again(session, person_of(session, "owner"), open_one, NOW)
    assert not find_invited_at(engine, new, NOW)
    with book(engine) as session:
        (open_one,) = find_open_invitations(session, Circle(Scope.of(HARBOR)), NOW)
        assert revoke(session, person_of(session, "owner"), open_one, NOW) is None
    assert use(engine, newest).code == "invitation.dead"
    with book(engine) as session:
        assert find_open_invitations(session, Circle(Scope.all()), NOW) == []
        assert find_invited(session, "no such token", NOW) is None


def find_invited_at(engine, link, now):
    with book(engine) as session:
        return find_invited(session, link.token, now)


def test_one_sees_the_invitations_of_ones_own_clients(engine):
    ask(engine)
    ask(engine, "ridge", "other@example.test", Grant(Role.VIEWER, RIDGE))
    ask(engine, "admin", "staff@example.test", Grant(Role.BILLER, None))
    with book(engine) as session:
        (mine,) = find_open_invitations(session, Circle(Scope.of(HARBOR)), NOW)
        assert get_open_invitation(session, Circle(Scope.of(RIDGE)), mine.id, NOW) is None
        assert len(find_open_invitations(session, Circle(Scope.all()), NOW)) == 3
        assert revoke(session, person_of(session, "ridge"), mine, NOW).code == "invitation.reach"


@pytest.mark.parametrize(
    ("who", "grant"),
    [
        ("owner", Grant(Role.BILLER, HARBOR)),
        ("owner", Grant(Role.ADMIN, None)),
        ("owner", Grant(Role.VIEWER, RIDGE)),
        ("owner", Grant(Role.VIEWER, None)),
        ("viewer", Grant(Role.VIEWER, HARBOR)),
        ("harbor_manager", Grant(Role.BILLER, None)),
        ("manager", Grant(Role.ADMIN, None)),
    ],
)
def test_nobody_invites_beyond_their_reach(engine, who, grant):
    assert ask(engine, who, grant=grant).code == "invitation.reach"


def test_nobody_invites_themselves_or_whoever_is_there_already(engine):
    assert ask(engine, "manager", "Manager@example.test ", Grant(Role.CODER, None)).code == "invitation.self"
    assert ask(engine, "owner", email("viewer"), Grant(Role.VIEWER, HARBOR)).code == "invitation.held"


def test_a_known_person_proves_the_password_and_gets_one_role_more(engine):
    link = ask(engine, "owner", email("ridge"))
    assert isinstance(link, Link), "the owner does not learn that the address is known"
    assert use(engine, link, password=NEW).code == "password.wrong"
    done = use(engine, link, password=PASSWORD, name="Somebody Else")
    assert done.person.grants == (Grant(Role.OWNER, RIDGE), Grant(Role.UPLOADER, HARBOR))
    assert done.person.name == "Ridge"


def test_guessing_a_known_persons_password_through_a_link_is_slowed_down(engine):
    link = ask(engine, "owner", email("ridge"))
    codes = [use(engine, link, password="not this one").code for _ in range(6)]
    assert codes == ["password.wrong"] * 5 + ["sign_in.wait"]
    assert enter(engine, "ridge").code == "sign_in.wait", "both doors count together"


def test_a_weak_password_is_refused_and_the_link_stays_good(engine):
    link = ask(engine)
    assert use(engine, link, password="short").code == "password.short"
    assert use(engine, link, password="New Person 2026").code == "password.own"
    assert isinstance(use(engine, link), SignedIn)


def test_of_many_who_use_a_link_at_once_one_comes_in(any_engine):
    link = ask(any_engine)
    with ThreadPoolExecutor(5) as rush:
        outcomes = list(rush.map(lambda _: use(any_engine, link), range(5)))
    assert sum(isinstance(one, SignedIn) for one in outcomes) == 1
    assert {one.code for one in outcomes if isinstance(one, Problem)} == {"invitation.dead"}


# -- a new password -------------------------------------------------------------------------------------------


def offer(engine, who: str, whom: str):
    return do(engine, who, offer_new_password, whom)


def test_a_link_to_a_new_password_ends_all_sign_ins_and_the_old_password(engine):
    signed = enter(engine, "viewer")
    link = offer(engine, "owner", "viewer")
    assert isinstance(enter(engine, "viewer"), SignedIn), "the old one works until the new one is chosen"
    done = use(engine, link, name="")
    assert isinstance(done, SignedIn)
    with book(engine) as session:
        assert find_visit(session, signed.token, NOW) is None
        assert find_visit(session, done.token, NOW)
    assert isinstance(enter(engine, "viewer"), Problem)
    assert isinstance(enter(engine, "viewer", NEW), SignedIn)
    assert use(engine, link).code == "invitation.dead"


@pytest.mark.parametrize(
    ("who", "whom"),
    [("owner", "group"), ("owner", "biller"), ("owner", "admin"), ("manager", "admin"), ("harbor_manager", "manager"),
     ("viewer", "owner"), ("harbor_manager", "ridge")],
)  # fmt: skip
def test_no_link_leads_into_an_account_that_reaches_further(engine, who, whom):
    assert offer(engine, who, whom).code == "person.reach"


def test_a_closed_account_gets_no_new_password(engine):
    link = offer(engine, "owner", "viewer")
    do(engine, "owner", close_account, "viewer")
    assert use(engine, link).code == "invitation.dead"
    assert offer(engine, "owner", "viewer").code == "person.closed"
