"""The registry: identifiers of practices, clinicians and places as payers take them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from clients.registry import (
    MISSING,
    ContactDetails,
    LocationDetails,
    PracticeIdentity,
    ProviderDetails,
    find_contact_problems,
    find_location_problems,
    find_practice_problems,
    find_provider_problems,
)
from config.identifiers import make_test_ein, make_test_npi

GROUP, PERSON = make_test_npi(1), make_test_npi(2)
PRACTICE = PracticeIdentity("Harbor", GROUP, make_test_ein(1), "207Q00000X", "1 Main St", "Salem", "MA", "019700001")
CLINICIAN = ProviderDetails(PERSON, "Reed", "Alex", "207Q00000X")
PLACE = LocationDetails("Office", "11", "", "1 Main St", "Salem", "MA", "01970")


def fields(problems) -> list[tuple[str, str]]:
    return [(one.where, one.code) for one in problems]


def test_what_is_right_is_left_in_peace():
    assert not find_practice_problems(PRACTICE, clinicians=[PERSON], test_ids=True)
    assert not find_provider_problems(CLINICIAN, practice_npi=GROUP, test_ids=True)
    assert not find_location_problems(PLACE, test_ids=True)
    assert not find_contact_problems(ContactDetails("Pat", "billing", phone="6175550100"))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"npi": "1234567890"}, ("npi", "registry.npi")),
        ({"npi": PERSON}, ("npi", "registry.npi_type")),
        ({"npi": ""}, ("npi", MISSING)),
        ({"tax_id": "123456789"}, ("tax_id", "registry.tax_id")),
        ({"taxonomy": "207Q"}, ("taxonomy", "registry.taxonomy")),
        ({"street": "P.O. Box 12"}, ("street", "registry.po_box")),
        ({"street": "po box 12"}, ("street", "registry.po_box")),
        ({"zip": "01970"}, ("zip", "registry.zip")),
        ({"region": "Mass"}, ("region", "registry.region")),
    ],
)
def test_a_practice_no_payer_would_take(changes, found):
    problems = find_practice_problems(replace(PRACTICE, **changes), clinicians=[PERSON], test_ids=True)
    assert fields(problems) == [found]


def test_a_production_book_takes_no_identifiers_that_cannot_be_real():
    found = find_practice_problems(PRACTICE, clinicians=[], test_ids=False)
    assert fields(found) == [("npi", "registry.npi"), ("tax_id", "registry.tax_id")]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"npi": GROUP}, ("npi", "registry.npi_type")),
        ({"npi": "9999999999"}, ("npi", "registry.npi")),
        ({"last": ""}, ("last", MISSING)),
        ({"taxonomy": ""}, ("taxonomy", MISSING)),
        ({"starts_on": date(2026, 1, 2), "ends_on": date(2026, 1, 2)}, ("ends_on", "registry.dates")),
    ],
)
def test_a_clinician_no_payer_would_take(changes, found):
    problems = find_provider_problems(replace(CLINICIAN, **changes), practice_npi=GROUP, test_ids=True)
    assert fields(problems) == [found]


def test_places_and_contacts_are_looked_at_too():
    bad = replace(PLACE, place="1", npi="1")
    assert fields(find_location_problems(bad, test_ids=True)) == [("npi", "registry.npi"), ("place", "registry.place")]
    nobody = ContactDetails("", "gossip", email="at")
    assert {where for where, _ in fields(find_contact_problems(nobody))} == {"name", "duty", "email"}
    assert fields(find_contact_problems(ContactDetails("Pat", "owner"))) == [("phone", "registry.reach")]
