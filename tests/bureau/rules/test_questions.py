"""Every kind of answer: what is taken, in which form it is kept, and what is refused; the days of reminders."""

from __future__ import annotations

from datetime import date

import pytest

from bureau.rules.questions import FIELDS, About, Goes, Kind, plan_chase, read_answer, say_answer
from config.clock import BusinessCalendar
from config.identifiers import make_test_mbi, make_test_npi
from config.problems import Problem

ABOUT = About(date(2026, 3, 2), date(2026, 3, 18), test_ids=True)
MEDICARE = About(date(2026, 3, 2), date(2026, 3, 18), is_medicare=True, test_ids=True)

TAKEN = [
    ("member_id", " m 123 ", "M 123", {"member_id": "M 123"}),
    ("group_number", "gr-55/a", "GR-55/A", {"group_number": "GR-55/A"}),
    ("relationship", "g8", "G8", {"relationship": "G8"}),
    ("other_insurance", "y", "Y", {}),
    ("first_name", "Ana  Maria Ruiz", "Ana Maria Ruiz", {"first": "Ana Maria", "last": "Ruiz"}),
    ("birth_date", "1980-02-29", "1980-02-29", {"born_on": date(1980, 2, 29)}),
    ("birth_date", "2026-03-02", "2026-03-02", {"born_on": date(2026, 3, 2)}),  # born on the day of the visit
    ("sex", "f", "F", {"sex": "F"}),
    ("address", "1 Elm St ;Boston; ma;02110", "1 Elm St; Boston; MA; 02110",
     {"street": "1 Elm St", "city": "Boston", "region": "MA", "zip": "02110"}),
    ("address", "1 Elm St;Boston;MA;02110-1234", "1 Elm St; Boston; MA; 02110-1234",
     {"street": "1 Elm St", "city": "Boston", "region": "MA", "zip": "02110-1234"}),
    ("phone", "+1 (617) 555-0111", "617-555-0111", {}),
    ("served_on", "2026-03-01", "2026-03-01", {}),
    ("place", "11", "11", {"place": "11"}),
    ("diagnoses", "j02.9, j069;J029", "J029 J069", {"diagnoses": "J029 J069"}),
    ("prior_auth", "ab 12-3", "AB 12-3", {"prior_auth": "AB 12-3"}),
    ("referring_npi", make_test_npi(4), make_test_npi(4), {}),
    ("accident", "N", "N", {}),
    ("accident_date", "2026-02-27", "2026-02-27", {}),
    ("procedure", "flu shot, left arm", "flu shot, left arm", {}),
]  # fmt: skip
REFUSED = [
    ("member_id", "M", "answer.member_id"),
    ("member_id", "M" * 81, "answer.member_id"),
    ("group_number", "<script>", "answer.code"),
    ("relationship", "77", "answer.choice"),
    ("first_name", "Ana", "answer.name"),
    ("birth_date", "1980-02-30", "answer.date"),
    ("birth_date", "2/3/1980", "answer.date"),
    ("birth_date", "2026-03-03", "answer.late"),  # the day after the visit
    ("birth_date", "1875-01-01", "answer.early"),
    ("served_on", "2026-03-19", "answer.late"),
    ("address", "1 Elm St; Boston; MX; 02110", "answer.address"),
    ("address", "1 Elm St; Boston; MA", "answer.address"),
    ("address", "; Boston; MA; 02110", "answer.address"),
    ("address", "1 Elm St; Boston; MA; 021", "answer.zip"),
    ("phone", "555-0111", "answer.phone"),
    ("place", "ZZ", "answer.choice"),
    ("diagnoses", "J02.9 NOPE", "answer.diagnosis"),
    ("referring_npi", "1234567890", "answer.npi"),
    ("accident", "maybe", "answer.choice"),
    ("other", "x" * 501, "answer.long"),
    ("other", "a\x00b", "answer.long"),
]


@pytest.mark.parametrize(("name", "given", "kept", "change"), TAKEN)
def test_taken(name, given, kept, change):
    found = read_answer(name, given, ABOUT)
    assert (found.text, found.change) == (kept, change)


@pytest.mark.parametrize(("name", "given", "code"), REFUSED)
def test_refused(name, given, code):
    found = read_answer(name, given, ABOUT)
    assert isinstance(found, Problem)
    assert (found.where, found.code) == (name, code)


@pytest.mark.parametrize("name", FIELDS)
def test_nothing_is_no_answer(name):
    assert read_answer(name, "  ", ABOUT).code == "answer.empty"


def test_medicare_numbers_have_a_form_of_their_own():
    assert read_answer("member_id", make_test_mbi(3), MEDICARE).text == make_test_mbi(3)
    assert read_answer("member_id", "M123456", MEDICARE).code == "answer.member_id"


def test_every_kind_is_asked_for_and_what_has_a_place_names_its_column():
    assert {field.kind for field in FIELDS.values()} == set(Kind)
    for field in FIELDS.values():
        assert bool(field.choices) == (field.kind in (Kind.CHOICE, Kind.YES_NO)), field.name
        if field.goes is not Goes.NOWHERE:
            assert field.column or field.kind in (Kind.NAME, Kind.ADDRESS), field.name


def test_a_choice_is_told_by_its_word():
    assert say_answer("sex", "F") == "Female"
    assert say_answer("member_id", "F") == "F"


# Asked on Friday 13 March 2026; business days after it: 16, 17, 18 ... 27 March is the tenth, 1 April the thirteenth.
@pytest.mark.parametrize(
    ("today", "reminders", "expiries", "due"),
    [
        ("03-13", 0, 0, "03-18"), ("03-16", 0, 0, "03-18"), ("03-17", 1, 0, "03-18"), ("03-18", 1, 0, "03-18"),
        ("03-19", 1, 1, "04-01"), ("03-20", 2, 1, "04-01"), ("03-26", 2, 1, "04-01"), ("03-27", 3, 1, "04-01"),
        ("04-01", 3, 1, "04-01"), ("04-02", 3, 2, "04-01"), ("05-01", 3, 2, "04-01"),
    ],
)  # fmt: skip
def test_reminders_on_the_second_fifth_and_tenth_business_day_and_two_terms(today, reminders, expiries, due):
    found = plan_chase(BusinessCalendar(), date(2026, 3, 13), date.fromisoformat(f"2026-{today}"))
    assert (found.reminders, found.expiries) == (reminders, expiries)
    assert found.due_on == date.fromisoformat(f"2026-{due}")
