"""The registry of a practice: whether its identity, clinicians, places and contacts are what payers take."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from config.identifiers import ein_ok, npi_ok
from config.problems import Problem

MISSING = "registry.missing"
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
_ZIP = re.compile(r"[0-9]{9}")
_PO_BOX = re.compile(r"\bP\.?\s*O\.?\s*BOX\b", re.IGNORECASE)
_REGION = re.compile(r"[A-Z]{2}")
_PLACE = re.compile(r"[0-9]{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DUTIES = {"billing": "Billing", "clinical": "Clinical", "owner": "Owner", "technical": "Technical"}


@dataclass(frozen=True, slots=True)
class PracticeIdentity:
    """Who bills: what loop 2010AA of a claim says."""

    name: str
    npi: str
    tax_id: str
    taxonomy: str
    street: str
    city: str
    region: str
    zip: str


@dataclass(frozen=True, slots=True)
class ProviderDetails:
    """A clinician as entered; half-open dates, None: always."""

    npi: str
    last: str
    first: str
    taxonomy: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class LocationDetails:
    """A place of service as entered; it may have an NPI of its own."""

    name: str
    place: str
    npi: str
    street: str
    city: str
    region: str
    zip: str
    phone: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """Somebody the bureau may call; an escalation contact is called when nobody else answers."""

    name: str
    duty: str
    email: str = ""
    phone: str = ""
    is_escalation: bool = False


def find_practice_problems(practice: PracticeIdentity, *, clinicians: Collection[str], test_ids: bool) -> list[Problem]:
    """What keeps a practice from billing, each problem at its field; what is not filled in has the code MISSING.

    `clinicians` are the NPIs of its people: one of those in the group's field names a person, and payers turn
    every claim of such a group back.
    """
    found = _find_missing(practice, PracticeIdentity.__dataclass_fields__)
    if practice.npi and not npi_ok(practice.npi, test_ids=test_ids):
        found.append(Problem("npi", "registry.npi", "This NPI fails its check digit; compare it with the registry."))
    elif practice.npi in clinicians:
        text = "This NPI belongs to a clinician (type 1). A group bills under its own, of type 2."
        found.append(Problem("npi", "registry.npi_type", text))
    if practice.tax_id and not ein_ok(practice.tax_id, test_ids=test_ids):
        found.append(Problem("tax_id", "registry.tax_id", "An EIN has nine digits and a prefix the IRS assigns."))
    found += _find_taxonomy(practice.taxonomy)
    if _PO_BOX.search(practice.street):
        text = "The billing address is a street, not a P.O. box; a box may stand as pay-to address only."
        found.append(Problem("street", "registry.po_box", text))
    if practice.zip and not _ZIP.fullmatch(practice.zip):
        found.append(Problem("zip", "registry.zip", "A billing address needs the ZIP with its four extra digits."))
    return found + _find_region(practice.region)


def find_provider_problems(provider: ProviderDetails, *, practice_npi: str, test_ids: bool) -> list[Problem]:
    """What keeps a clinician from rendering services."""
    found = _find_missing(provider, ("npi", "last", "first", "taxonomy"))
    if provider.npi and not npi_ok(provider.npi, test_ids=test_ids):
        found.append(Problem("npi", "registry.npi", "This NPI fails its check digit; compare it with the registry."))
    elif provider.npi and provider.npi == practice_npi:
        text = "This is the practice's own NPI (type 2). A clinician has one of their own, of type 1."
        found.append(Problem("npi", "registry.npi_type", text))
    return found + _find_taxonomy(provider.taxonomy) + _find_dates(provider.starts_on, provider.ends_on)


def find_location_problems(location: LocationDetails, *, test_ids: bool) -> list[Problem]:
    found = _find_missing(location, ("name", "place", "street", "city", "region", "zip"))
    if location.npi and not npi_ok(location.npi, test_ids=test_ids):
        found.append(Problem("npi", "registry.npi", "This NPI fails its check digit; compare it with the registry."))
    if location.place and not _PLACE.fullmatch(location.place):
        found.append(Problem("place", "registry.place", "A place of service has two digits; an office is 11."))
    return found + _find_region(location.region) + _find_dates(location.starts_on, location.ends_on)


def find_contact_problems(contact: ContactDetails) -> list[Problem]:
    found = _find_missing(contact, ("name",))
    if contact.duty not in DUTIES:
        found.append(Problem("duty", "registry.duty", "Choose one of the list."))
    if contact.email and not _EMAIL.fullmatch(contact.email):
        found.append(Problem("email", "registry.email", "This is no e-mail address."))
    if not contact.email and not contact.phone:
        found.append(Problem("phone", "registry.reach", "Give a phone number or an e-mail address."))
    return found


def _find_missing(entry: object, names: Collection[str]) -> list[Problem]:
    return [Problem(name, MISSING, "Fill this in.") for name in names if not getattr(entry, name)]


def _find_taxonomy(taxonomy: str) -> list[Problem]:
    if not taxonomy or _TAXONOMY.fullmatch(taxonomy):
        return []
    text = "A taxonomy has ten characters and ends in X, such as 207Q00000X."
    return [Problem("taxonomy", "registry.taxonomy", text)]


def _find_region(region: str) -> list[Problem]:
    if not region or _REGION.fullmatch(region):
        return []
    return [Problem("region", "registry.region", "A state has two letters, such as MA.")]


def _find_dates(starts_on: date | None, ends_on: date | None) -> list[Problem]:
    if starts_on is None or ends_on is None or starts_on < ends_on:
        return []
    return [Problem("ends_on", "registry.dates", "This ends before it begins.")]
