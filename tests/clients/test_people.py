"""Who may manage whom: roles, accounts and invitations; every refusal, and what is written down of the rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update

from clients.access import CLIENT_ROLES, GRANTS, Grant, Person, Role, may_grant, may_manage
from clients.invitations import (
    offer_new_password,
)
from clients.models import PersonAct
from clients.people import (
    Circle,
    Wanted,
    change_role,
    close_account,
    drop_second_factor,
    find_grants,
    find_people,
    find_person,
    give_role,
    reopen_account,
    take_role,
)
from clients.person_acts import ActError, find_acts
from clients.scope import Scope
from clients.sign_ins import SignedIn, find_visit
from config.problems import Problem
from tests.clients.people import (
    HARBOR,
    NOW,
    PEOPLE,
    RIDGE,
    acts,
    book,
    do,
    email,
    enter,
    user_of,
)

EVERYBODY = Wanted()


# -- who may give what ----------------------------------------------------------------------------------------

ANY = None
MAY_GRANT = {
    # who: (role, client) that they may give; all others they may not
    "admin": {(role, ANY) for role in Role if role not in CLIENT_ROLES}
    | {(role, place) for role in Role if role is not Role.TESTER for place in (HARBOR, RIDGE)},
    "manager": {(role, ANY) for role in Role if role not in CLIENT_ROLES | {Role.ADMIN}}
    | {(role, place) for role in Role if role not in {Role.ADMIN, Role.TESTER} for place in (HARBOR, RIDGE)},
    "harbor_manager": {(role, HARBOR) for role in Role if role not in {Role.ADMIN, Role.TESTER}},
    "owner": {(role, HARBOR) for role in CLIENT_ROLES},
    "ridge": {(role, RIDGE) for role in CLIENT_ROLES},
    "group": {(role, RIDGE) for role in CLIENT_ROLES},
    "biller": set(),
    "auditor": set(),
    "viewer": set(),
    "nobody": set(),
}


@pytest.mark.parametrize("who", MAY_GRANT)
def test_nobody_gives_what_reaches_further_than_their_own(who):
    person = Person(1, who, email(who), tuple(PEOPLE[who]))
    given = {(role, place) for role in Role for place in (ANY, HARBOR, RIDGE) if may_grant(person, role, place)}
    assert given == MAY_GRANT[who]


def test_whoever_gives_a_role_holds_all_that_it_may(engine):
    """Whatever the table of roles becomes: giving never widens what the giver could do, but for the practice's own."""
    for who, places in MAY_GRANT.items():
        person = Person(1, who, email(who), tuple(PEOPLE[who]))
        for role, place in places:
            if role not in CLIENT_ROLES:
                reaches = [person.reach(permission) for permission in GRANTS[role]]
                assert all(reach.clients is None or (place and reach.holds(place)) for reach in reaches)


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("admin", "manager", True), ("admin", "nobody", True), ("manager", "admin", False), ("manager", "biller", True),
        ("harbor_manager", "biller", True), ("harbor_manager", "manager", False), ("harbor_manager", "ridge", False),
        ("owner", "viewer", True), ("owner", "partner", True), ("owner", "group", False), ("owner", "ridge", False),
        ("owner", "biller", False), ("owner", "nobody", False), ("viewer", "owner", False), ("biller", "viewer", False),
        ("harbor_manager", "nobody", False), ("harbor_manager", "group", False), ("manager", "group", True),
    ],
)  # fmt: skip
def test_an_account_is_managed_by_those_who_could_have_given_all_its_roles(who, whom, may):
    assert may_manage(Person(1, who, email(who), tuple(PEOPLE[who])), PEOPLE[whom]) == may


# -- lists ----------------------------------------------------------------------------------------------------


def names(engine, scope: Scope, wanted: Wanted = EVERYBODY, limit: int = 50) -> list[str]:
    with book(engine) as session:
        return [one.email.partition("@")[0] for one in find_people(session, Circle(scope), wanted, limit)]


def test_one_sees_the_people_of_ones_own_clients_and_their_roles_there(engine):
    assert set(names(engine, Scope.all())) == set(PEOPLE)
    assert set(names(engine, Scope.of(RIDGE))) == {"ridge", "group"}
    assert names(engine, Scope.of()) == []
    with book(engine) as session:
        group = user_of(session, "group").id
        line = find_person(session, Circle(Scope.of(HARBOR)), group)
        assert line.grants == (Grant(Role.VIEWER, HARBOR),), "what they do elsewhere is nobody's business here"
        assert len(find_person(session, Circle(Scope.all()), group).grants) == 2
        assert find_person(session, Circle(Scope.of(RIDGE)), user_of(session, "viewer").id) is None


def test_a_practice_does_not_see_who_works_for_it_at_the_bureau(engine):
    practice = Circle(Scope.of(HARBOR), CLIENT_ROLES)
    with book(engine) as session:
        found = find_people(session, practice, EVERYBODY, 50)
        assert {one.email.partition("@")[0] for one in found} == {"owner", "partner", "viewer", "group"}
        assert find_person(session, practice, user_of(session, "biller").id) is None
        assert find_person(session, Circle(Scope.of(HARBOR)), user_of(session, "biller").id) is not None


def test_lists_are_narrowed_and_paged(engine):
    everyone = names(engine, Scope.all())
    assert names(engine, Scope.all(), Wanted(text="MANAG")) == ["harbor_manager", "manager"]
    assert names(engine, Scope.all(), Wanted(text="%")) == []
    assert names(engine, Scope.all(), Wanted(role=Role.AUDITOR)) == ["auditor"]
    seen, after = [], None
    while True:
        with book(engine) as session:
            page = find_people(session, Circle(Scope.all()), Wanted(after=after), 3)
        if not page:
            break
        seen, after = seen + [one.email.partition("@")[0] for one in page], page[-1].id
    assert seen == everyone


# -- changes --------------------------------------------------------------------------------------------------


def grants(engine, whom: str) -> tuple[Grant, ...]:
    with book(engine) as session:
        return find_grants(session, user_of(session, whom).id)


def test_a_role_is_given_changed_and_taken_and_all_of_it_written_down(engine):
    coder, biller = Grant(Role.CODER, HARBOR), Grant(Role.BILLER, HARBOR)
    assert do(engine, "manager", give_role, "biller", coder) is None
    assert do(engine, "manager", give_role, "biller", coder).code == "person.held"
    assert do(engine, "manager", take_role, "biller", biller) is None
    assert grants(engine, "biller") == (coder,)
    viewer, uploader = Grant(Role.VIEWER, HARBOR), Grant(Role.UPLOADER, HARBOR)
    assert do(engine, "owner", change_role, "viewer", (viewer, uploader)) is None
    assert do(engine, "owner", change_role, "viewer", (uploader, uploader)) is None
    assert do(engine, "owner", change_role, "viewer", (viewer, uploader)).code == "person.gone"
    assert grants(engine, "viewer") == (uploader,)
    assert acts(engine) == [
        ("Manager", "role given", "", "coder"),
        ("Manager", "role taken", "biller", ""),
        ("Owner", "role changed", "viewer", "uploader"),
    ]


@pytest.mark.parametrize(
    ("who", "whom", "grant"),
    [
        ("owner", "viewer", Grant(Role.OWNER, RIDGE)),
        ("owner", "viewer", Grant(Role.BILLER, HARBOR)),
        ("owner", "viewer", Grant(Role.ADMIN, None)),
        ("owner", "viewer", Grant(Role.OWNER, None)),
        ("harbor_manager", "biller", Grant(Role.BILLER, RIDGE)),
        ("harbor_manager", "biller", Grant(Role.BILLER, None)),
        ("manager", "biller", Grant(Role.ADMIN, None)),
        ("viewer", "nobody", Grant(Role.VIEWER, HARBOR)),
        ("auditor", "nobody", Grant(Role.VIEWER, HARBOR)),
    ],
)
def test_a_role_out_of_reach_is_neither_given_nor_taken(engine, who, whom, grant):
    before = grants(engine, whom)
    assert do(engine, who, give_role, whom, grant).code == "person.reach"
    assert do(engine, who, take_role, whom, grant).code == "person.reach"
    assert do(engine, who, change_role, whom, (grant, grant)).code == "person.reach"
    assert grants(engine, whom) == before
    assert acts(engine) == []


def test_nobody_changes_their_own_roles_or_account(engine):
    for who, act, *more in (
        ("admin", give_role, Grant(Role.TESTER, None)), ("admin", take_role, Grant(Role.ADMIN, None)),
        ("owner", change_role, (Grant(Role.OWNER, HARBOR), Grant(Role.VIEWER, HARBOR))),
        ("admin", close_account), ("owner", reopen_account), ("admin", drop_second_factor),
        ("owner", offer_new_password),
    ):  # fmt: skip
        assert do(engine, who, act, who, *more).code == "person.self"


def test_the_last_owner_and_the_last_administrator_stay(engine):
    assert do(engine, "admin", give_role, "manager", Grant(Role.ADMIN, None)) is None
    assert do(engine, "manager", take_role, "admin", Grant(Role.ADMIN, None)) is None
    assert do(engine, "admin", take_role, "manager", Grant(Role.ADMIN, None)).code == "person.reach"
    assert do(engine, "owner", close_account, "partner") is None
    assert do(engine, "partner", take_role, "owner", Grant(Role.OWNER, HARBOR)).code == "person.last"
    assert do(engine, "manager", close_account, "owner").code == "person.last"
    demoted = (Grant(Role.OWNER, HARBOR), Grant(Role.VIEWER, HARBOR))
    assert do(engine, "manager", change_role, "owner", demoted).code == "person.last"
    assert do(engine, "manager", reopen_account, "partner") is None
    assert do(engine, "manager", close_account, "owner") is None


def test_two_owners_who_remove_each_other_at_once_leave_one(any_engine):
    def remove(pair):
        return do(any_engine, pair[0], take_role, pair[1], Grant(Role.OWNER, HARBOR))

    for _ in range(3):
        with ThreadPoolExecutor(2) as both:
            outcomes = list(both.map(remove, (("owner", "partner"), ("partner", "owner"))))
        assert sum(one is None for one in outcomes) <= 1
        left = [who for who in ("owner", "partner") if grants(any_engine, who)]
        assert left
        for who in {"owner", "partner"} - set(left):
            assert do(any_engine, left[0], give_role, who, Grant(Role.OWNER, HARBOR)) is None


def test_closing_an_account_ends_its_sign_ins_at_once_and_reopening_brings_none_back(engine):
    signed = enter(engine, "viewer")
    assert do(engine, "owner", close_account, "viewer") is None
    assert isinstance(enter(engine, "viewer"), Problem)
    assert do(engine, "owner", reopen_account, "viewer") is None
    with book(engine) as session:
        assert find_visit(session, signed.token, NOW) is None
    assert isinstance(enter(engine, "viewer"), SignedIn)
    assert [act for _, act, _, _ in acts(engine)] == ["account closed", "account reopened"]


@pytest.mark.parametrize("act", [close_account, reopen_account, drop_second_factor])
def test_an_account_with_a_role_elsewhere_is_not_ones_own(engine, act):
    assert do(engine, "owner", act, "group").code == "person.reach"
    assert do(engine, "harbor_manager", act, "admin").code == "person.reach"
    assert do(engine, "owner", take_role, "group", Grant(Role.VIEWER, HARBOR)) is None
    assert grants(engine, "group") == (Grant(Role.OWNER, RIDGE),)


def test_acts_are_seen_where_they_belong_and_never_changed(engine):
    do(engine, "owner", close_account, "viewer")
    do(engine, "manager", give_role, "group", Grant(Role.UPLOADER, HARBOR))
    with book(engine) as session:
        viewer, group = user_of(session, "viewer").id, user_of(session, "group").id
        assert len(find_acts(session, viewer, Scope.of(HARBOR))) == 1
        assert len(find_acts(session, group, Scope.of(HARBOR))) == 1
        assert not find_acts(session, group, Scope.of(RIDGE))

        for statement in (delete(PersonAct), update(PersonAct).values(actor="x")):
            with pytest.raises(ActError):
                session.execute(statement)
    for spoil in (lambda session, row: setattr(row, "actor", "x"), lambda session, row: session.delete(row)):
        with book(engine) as session:
            spoil(session, session.scalars(select(PersonAct)).first())
            with pytest.raises(ActError):
                session.flush()
            session.expunge_all()
