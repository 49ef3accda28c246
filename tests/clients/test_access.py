"""The table of who may do what, and the page that tells it."""

from __future__ import annotations

from clients.access import GRANTS, MEANS, OPEN_TO_ALL, Permission, Role
from portal.cli.access import describe_access
from tests.support.samples import PROJECT


def test_the_page_of_who_may_do_what_is_that_of_the_table():
    told = (PROJECT / "docs" / "access.md").read_text("utf-8")
    assert told == describe_access(), "./run access > docs/access.md brings it up to date"


def test_every_permission_has_its_words_and_every_role_its_grants():
    assert set(MEANS) == set(Permission)
    assert set(GRANTS) == set(Role)


def test_every_permission_is_held_by_somebody_and_no_role_holds_what_is_open_to_all():
    assert frozenset().union(*GRANTS.values()) == set(Permission) - OPEN_TO_ALL
