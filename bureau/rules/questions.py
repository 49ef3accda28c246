"""What a practice can be asked: the kind of answer each question takes, where the answer goes, and when it is due."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from config import codes
from config.clock import BusinessCalendar
from config.identifiers import mbi_ok, npi_ok
from config.problems import Problem

FIRST_TERM, LAST_TERM = 3, 13  # business days to answer in; after the second nobody waits any longer
REMIND_ON = (2, 5, 10)  # business days after the question
LONGEST = 500
OLDEST = 150  # years
_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP"
)
STATES = frozenset(_STATES.split())


class Kind(StrEnum):
    """How an answer is given and judged."""

    TEXT = "text"
    NAME = "name"
    DATE = "date"
    PHONE = "phone"
    ADDRESS = "address"  # street; city; state; ZIP
    MEMBER_ID = "member id"
    CODE = "code"  # a number somebody gave out: letters and digits
    DIAGNOSES = "diagnoses"
    NPI = "npi"
    CHOICE = "choice"
    YES_NO = "yes or no"


class Goes(StrEnum):
    """Which row an answer changes; NOWHERE leaves it to the one who asked."""

    PATIENT = "patient"
    COVERAGE = "coverage"
    CLAIM = "claim"
    NOWHERE = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be asked; `column` is where the answer lies where it is a single one."""

    name: str
    category: str
    label: str
    text: str
    kind: Kind = Kind.TEXT
    goes: Goes = Goes.NOWHERE
    choices: tuple[tuple[str, str], ...] = ()
    column: str = ""


SEXES = (("F", "Female"), ("M", "Male"), ("U", "Unknown"))
YES_NO = (("Y", "Yes"), ("N", "No"))
RELATIONSHIPS = (("18", "The patient holds it"), ("01", "Spouse"), ("19", "Child"), ("G8", "Other"))
_K, _G = Kind, Goes
FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("member_id", "Insurance", "Member number", "What is the member id on the patient's insurance card?",
              _K.MEMBER_ID, _G.COVERAGE, column="member_id"),
        Field("group_number", "Insurance", "Group number", "What is the group number on the insurance card?",
              _K.CODE, _G.COVERAGE, column="group_number"),
        Field("relationship", "Insurance", "Whose insurance", "Who holds the insurance, seen from the patient?",
              _K.CHOICE, _G.COVERAGE, RELATIONSHIPS, "relationship"),
        Field("other_insurance", "Insurance", "Other insurance", "Does the patient have any other insurance?",
              _K.YES_NO, choices=YES_NO),
        Field("first_name", "Patient", "First and last name", "What is the patient's full name?", _K.NAME, _G.PATIENT),
        Field("birth_date", "Patient", "Date of birth", "What is the patient's date of birth?",
              _K.DATE, _G.PATIENT, column="born_on"),
        Field("sex", "Patient", "Sex on record", "What sex is on record for the patient?",
              _K.CHOICE, _G.PATIENT, SEXES, "sex"),
        Field("address", "Patient", "Address", "What is the patient's address?",
              _K.ADDRESS, _G.PATIENT),
        Field("phone", "Patient", "Phone number", "At which phone number can the patient be reached?", _K.PHONE),
        Field("served_on", "Visit", "Date of the visit", "On which day was the patient seen?", _K.DATE),
        Field("place", "Visit", "Place of the visit", "Where was the patient seen?",
              _K.CHOICE, _G.CLAIM, tuple(codes.labels(codes.Labels.PLACE).items()), "place"),
        Field("diagnoses", "Visit", "Diagnosis codes", "Which diagnoses are on record for this visit?",
              _K.DIAGNOSES, _G.CLAIM, column="diagnoses"),
        Field("procedure", "Visit", "What was done", "What exactly was done at this visit?"),
        Field("prior_auth", "Authorization", "Authorization number", "Under which number was this authorized?",
              _K.CODE, _G.CLAIM, column="prior_auth"),
        Field("referring_npi", "Authorization", "NPI of the referring clinician", "Who referred the patient (NPI)?",
              _K.NPI),
        Field("accident", "Accident", "Due to an accident", "Was the visit due to an accident?",
              _K.YES_NO, choices=YES_NO),
        Field("accident_date", "Accident", "Date of the accident", "On which day was the accident?", _K.DATE),
        Field("other", "Other", "Your answer", "", _K.TEXT),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """What an answer has to fit: the visit it is about, and the day at the practice."""

    served_on: date
    today: date
    is_medicare: bool = False
    test_ids: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer read: the text in its one form, and the columns that it changes where its field says."""

    text: str
    change: dict[str, Any]


def read_answer(name: str, given: str, about: About) -> Answer | Problem:
    """What was answered in a field of the catalogue, or what is wrong with it."""
    field, text = FIELDS[name], " ".join(given.split())
    if not text:
        return Problem(name, "answer.empty", "Please give an answer.")
    if len(text) > LONGEST or "\x00" in text:
        return Problem(name, "answer.long", f"Please keep to {LONGEST} plain characters.")
    found = _READERS[field.kind](field, text, about)
    if isinstance(found, Problem) or field.goes is Goes.NOWHERE or not field.column:
        return found
    value = date.fromisoformat(found.text) if field.kind is Kind.DATE else found.text
    return Answer(found.text, {field.column: value})


def _read_text(_field: Field, text: str, _about: About) -> Answer | Problem:
    return Answer(text, {})


def _read_name(field: Field, text: str, _about: About) -> Answer | Problem:
    first, _, last = text.rpartition(" ")
    if not first:
        return Problem(field.name, "answer.name", "Please give both first and last name.")
    return Answer(text, {"first": first, "last": last})


def _read_date(field: Field, text: str, about: About) -> Answer | Problem:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return Problem(field.name, "answer.date", "Please give the date as YYYY-MM-DD.")
    is_birth = field.name == "birth_date"
    if day > about.today or (is_birth and day > about.served_on):
        late = "the date of the visit" if is_birth else "today"
        return Problem(field.name, "answer.late", f"This date lies after {late}.")
    if about.today.year - day.year > OLDEST:
        return Problem(field.name, "answer.early", f"This is more than {OLDEST} years ago.")
    return Answer(day.isoformat(), {})


def _read_phone(field: Field, text: str, _about: About) -> Answer | Problem:
    digits = re.sub(r"[\s().+-]", "", text).removeprefix("1")
    if not re.fullmatch(r"[2-9][0-9]{9}", digits):
        return Problem(field.name, "answer.phone", "Please give ten digits, area code first.")
    return Answer(f"{digits[:3]}-{digits[3:6]}-{digits[6:]}", {})


def _read_address(field: Field, text: str, _about: About) -> Answer | Problem:
    parts = [part.strip() for part in text.split(";")]
    if len(parts) != 4 or not parts[0] or not parts[1] or parts[2].upper() not in STATES:
        return Problem(field.name, "answer.address", "Please give street, city, two-letter state and ZIP.")
    if not re.fullmatch(r"[0-9]{5}(-?[0-9]{4})?", parts[3]):
        return Problem(field.name, "answer.zip", "Please give a ZIP of five or nine digits.")
    parts[2] = parts[2].upper()
    return Answer("; ".join(parts), dict(zip(("street", "city", "region", "zip"), parts, strict=True)))


def _read_member_id(field: Field, text: str, about: About) -> Answer | Problem:
    member = text.upper()
    fits = mbi_ok(member, test_ids=about.test_ids) if about.is_medicare else 1 < len(member) <= 80
    if not fits:
        said = "A Medicare number has 11 characters, as on the red, white and blue card."
        other = "This does not look like a member number. Please compare it with the card."
        return Problem(field.name, "answer.member_id", said if about.is_medicare else other)
    return Answer(member, {})


def _read_code(field: Field, text: str, _about: About) -> Answer | Problem:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,29}", text):
        return Problem(field.name, "answer.code", "Please give up to 30 letters and digits.")
    return Answer(text.upper(), {})


def _read_diagnoses(field: Field, text: str, about: About) -> Answer | Problem:
    listed = list(dict.fromkeys(re.split(r"[\s,;]+", text.replace(".", "").upper().strip(" ,;"))))
    wrong = [one for one in listed if codes.diagnosis_status(one, about.served_on) is not codes.CodeStatus.VALID]
    if wrong:
        return Problem(field.name, "answer.diagnosis", f"{wrong[0][:12]} is not valid on the date of the visit.")
    if len(listed) > 12:
        return Problem(field.name, "answer.diagnoses", "Please name up to twelve diagnoses.")
    return Answer(" ".join(listed), {})


def _read_npi(field: Field, text: str, about: About) -> Answer | Problem:
    if not npi_ok(text, test_ids=about.test_ids):
        return Problem(field.name, "answer.npi", "This is no NPI: ten digits of which the last checks the others.")
    return Answer(text, {})


def _read_choice(field: Field, text: str, _about: About) -> Answer | Problem:
    if text.upper() not in dict(field.choices):
        listed = ", ".join(code for code, _ in field.choices[:-1])
        is_short = len(field.choices) < 5
        said = f"Please answer {listed} or {field.choices[-1][0]}." if is_short else "Please choose from the list."
        return Problem(field.name, "answer.choice", said)
    return Answer(text.upper(), {})


_READERS: dict[Kind, Callable[[Field, str, About], Answer | Problem]] = {
    Kind.TEXT: _read_text,
    Kind.NAME: _read_name,
    Kind.DATE: _read_date,
    Kind.PHONE: _read_phone,
    Kind.ADDRESS: _read_address,
    Kind.MEMBER_ID: _read_member_id,
    Kind.CODE: _read_code,
    Kind.DIAGNOSES: _read_diagnoses,
    Kind.NPI: _read_npi,
    Kind.CHOICE: _read_choice,
    Kind.YES_NO: _read_choice,
}


def say_answer(name: str, answer: str) -> str:
    """The answer as people read it: the word of a choice, not its code."""
    field = FIELDS.get(name)
    return dict(field.choices).get(answer, answer) if field else answer


# -- asking and reminding ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to be sent; an empty text asks in the words of the catalogue."""

    client_id: int
    filing_id: int
    field: str
    text: str = ""
    follows_id: int | None = None  # the question whose answer would not do


def draft_question(asking: Asking, at: datetime, due_on: date, by: str) -> dict[str, Any]:
    """The row of a question that goes out now."""
    field = FIELDS[asking.field]
    return {
        "client_id": asking.client_id, "filing_id": asking.filing_id, "category": field.category,
        "field": asking.field, "text": asking.text or field.text, "state": "SENT", "asked_at": at, "asked_by": by,
        "due_on": due_on, "answer": "", "answered_at": None, "answered_by": "", "before": "", "reason": "",
        "decided_at": None, "decided_by": "", "follows_id": asking.follows_id, "reminders": 0, "expiries": 0,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chase:
    """Where an open question should stand: reminders sent so far, terms that ran out (two end it), the day due."""

    reminders: int
    expiries: int
    due_on: date


def plan_chase(calendar: BusinessCalendar, asked_on: date, today: date) -> Chase:
    """What the days since a question ask for, in business days of the practice."""
    reminders = sum(today >= calendar.add_business_days(asked_on, days) for days in REMIND_ON)
    terms = [calendar.add_business_days(asked_on, days) for days in (FIRST_TERM, LAST_TERM)]
    expiries = sum(today > term for term in terms)
    return Chase(reminders, expiries, terms[min(expiries, 1)])
