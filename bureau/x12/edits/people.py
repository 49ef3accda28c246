"""Edits on the member and the patient: ids, names, births, addresses."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from datetime import date

from bureau.x12.edits.edit import Context, Edit, Group, Mark, Marks, Status, always, first_day
from bureau.x12.values837 import Claim
from config.identifiers import mbi_ok

_SEXES = ("M", "F", "U")
_ONLY_MBI = date(2020, 1, 1)  # Medicare has taken no other member id since
_OLDEST = 150  # years


def _parts(claim: Claim) -> Collection[Hashable]:
    """Of what differs from one person to the next only whether it is there."""
    one = claim.patient or claim.subscriber
    has = (not one.name, not one.first, not one.street, not one.city, one.birth is None, not claim.subscriber.id)
    return ((has, one.sex, one.state, one.zip, one.country),)


def _at_patient(claim: Claim) -> Marks:
    """A mark at whoever is the patient."""
    if claim.patient is None:
        return (Mark(claim.subscriber.segment),)
    return (Mark(claim.patient.segment, loop="2010CA", entity="QC"),)


def _member_missing(claim: Claim, _context: Context) -> Marks:
    return () if claim.subscriber.id else (Mark(claim.subscriber.segment),)


def _member_form(claim: Claim, context: Context) -> Marks:
    member, medicare = claim.subscriber.id, context.is_medicare
    if not member:
        return ()
    if medicare is None:
        medicare = claim.filing_code == "MB" and (first_day(claim) or context.today) >= _ONLY_MBI
    fits = mbi_ok(member, test_ids=context.test_ids) if medicare else 1 < len(member) <= 80
    return () if fits else (Mark(claim.subscriber.segment),)


def _name(claim: Claim, _context: Context) -> Marks:
    person = claim.patient or claim.subscriber
    return () if person.name and person.first else _at_patient(claim)


def _birth_missing(claim: Claim, _context: Context) -> Marks:
    person = claim.patient or claim.subscriber
    return () if person.birth is not None else _at_patient(claim)


def _birth_order(claim: Claim, context: Context) -> Marks:
    born = (claim.patient or claim.subscriber).birth
    if born is None or born <= (first_day(claim) or context.today):
        return ()
    return _at_patient(claim)


def _birth_age(claim: Claim, context: Context) -> Marks:
    born = (claim.patient or claim.subscriber).birth
    return () if born is None or context.today.year - born.year <= _OLDEST else _at_patient(claim)


def _sex(claim: Claim, _context: Context) -> Marks:
    return () if (claim.patient or claim.subscriber).sex in _SEXES else _at_patient(claim)


def _address(claim: Claim, _context: Context) -> Marks:
    person = claim.patient or claim.subscriber
    if person.street and person.city and (person.country or (len(person.state) == 2 and person.zip)):
        return ()
    return _at_patient(claim)


def _zip(claim: Claim, _context: Context) -> Marks:
    person = claim.patient or claim.subscriber
    number = person.zip.replace("-", "")
    if not number or person.country or (number.isdecimal() and len(number) in (5, 9)):
        return ()
    return _at_patient(claim)


_WHOEVER = (
    Edit(
        "member_id_missing", _member_missing, "NM109", "2010BA", Status("A6", "164", "IL"),
        "The member id is missing.", "Ask for the member id on the insurance card.", level=2, rank=3,
    ),
    Edit(
        "patient_name", _name, "NM103", "2010BA", Status("A6", "125", "IL"),
        "The patient's first or last name is missing.", "Ask for the full name.", level=2, rank=4,
    ),
    Edit(
        "birth_missing", _birth_missing, "DMG02", "2010BA", Status("A6", "158", "IL"),
        "The patient's date of birth is missing.", "Ask for the date of birth.", level=2, rank=4,
    ),
    Edit(
        "sex", _sex, "DMG03", "2010BA", Status("A7", "157", "IL"),
        "The patient's sex is missing or not one of M, F and U.", "Ask what is on record with the payer.", level=2,
        rank=4,
    ),
    Edit(
        "patient_address", _address, "N301", "2010BA", Status("A6", "126", "IL"),
        "The patient's address needs street, city, state and ZIP.", "Ask for the address.", level=2, rank=4,
    ),
    Edit(
        "patient_zip", _zip, "N403", "2010BA", Status("A7", "500", "IL"),
        "The patient's ZIP code must have five or nine digits.", "Correct the ZIP code.", level=5, rank=4,
    ),
)  # fmt: skip
_EACH = (
    Edit(
        "member_id_form", _member_form, "NM109", "2010BA", Status("A7", "164", "IL"),
        "The member id does not have the form that the payer's ids have.", "Compare the member id with the card.",
        level=7, rank=3,
    ),
    Edit(
        "birth_after_service", _birth_order, "DMG02", "2010BA", Status("A7", "158", "IL"),
        "The patient's date of birth lies after the date of service.", "Check date of birth against date of service.",
        rank=4,
    ),
    Edit(
        "birth_too_old", _birth_age, "DMG02", "2010BA", Status("A7", "158", "IL"),
        "The patient's date of birth is more than 150 years ago.", "Check the year of birth.", rank=4,
    ),
)  # fmt: skip
GROUPS = (Group(_parts, _WHOEVER), Group(always, _EACH))
