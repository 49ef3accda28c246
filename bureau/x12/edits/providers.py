"""Edits on who bills, who rendered, who ordered and where: identifiers, taxonomies, addresses."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator

from bureau.x12.edits.edit import HERE, WARNING, Context, Edit, Group, Mark, Marks, Status
from bureau.x12.values import Party
from bureau.x12.values837 import Claim
from config.identifiers import ein_ok, npi_ok

_BOX = re.compile(r"(P\.?\s*O\.?\s*(BOX|DRAWER)|POST\s+OFFICE\s+BOX|LOCK\s*BOX)\b", re.IGNORECASE)
_TAXONOMY = re.compile(r"[0-9]{3}[0-9A-Z]{6}X")
_LOOPS = {"82": "2420A", "QB": "2420B", "77": "2420C", "DQ": "2420D", "DK": "2420E", "DN": "2420F", "P3": "2420F"}


def _billing_parts(claim: Claim) -> Collection[Hashable]:
    one = claim.billing
    address = (one.street, one.city, one.state, one.zip, one.country)
    return ((one.id, one.tax_id, one.tax_id_kind, one.taxonomy, one.is_person, address),)


def _provider_parts(claim: Claim) -> Collection[Hashable] | None:
    if claim.referring is not None or claim.facility is not None or claim.supervising is not None:
        return None
    if claim.primary_care is not None or [line for line in claim.lines if line.providers]:
        return None
    one = claim.rendering
    if one is None:
        return ((claim.billing.is_person,),)
    return ((one.id, one.refs, one.taxonomy),)


def _billing_npi(claim: Claim, context: Context) -> Marks:
    return () if npi_ok(claim.billing.id, test_ids=context.test_ids) else (Mark(claim.billing.segment),)


def _rendering_npi(claim: Claim, context: Context) -> Marks:
    party = claim.rendering
    if party is None or npi_ok(party.id, test_ids=context.test_ids) or (not party.id and party.refs):
        return ()
    return (Mark(party.segment),)


def _others(claim: Claim) -> Iterator[tuple[str, str, int, Party]]:
    """NM101, loop, line and value of every provider besides the billing and the claim's rendering one."""
    slots = (
        ("DN", "2310A", claim.referring), ("P3", "2310A", claim.primary_care), ("77", "2310C", claim.facility),
        ("DQ", "2310D", claim.supervising),
    )  # fmt: skip
    for role, loop, party in slots:
        if party is not None:
            yield role, loop, 0, party
    for line in claim.lines:
        for role, party in line.providers:
            yield role, _LOOPS.get(role, "2420"), line.number, party


def _other_npi(claim: Claim, context: Context) -> Marks:
    return [
        Mark(party.segment, line, loop=loop, entity=role)
        for role, loop, line, party in _others(claim)
        if party.id and party.id_kind == "XX" and not npi_ok(party.id, test_ids=context.test_ids)
    ]


def _tax_id(claim: Claim, context: Context) -> Marks:
    party = claim.billing
    number = party.tax_id.replace("-", "")
    if party.tax_id_kind == "SY":
        fits = len(number) == 9 and number.isdecimal() and len(set(number)) > 1
    else:
        fits = ein_ok(number, test_ids=context.test_ids)
    return () if fits else (Mark(party.segment, qualifier=party.tax_id_kind or "EI"),)


def _taxonomy_missing(claim: Claim, _context: Context) -> Marks:
    return () if claim.billing.taxonomy else (Mark(claim.billing.segment),)


def _billing_taxonomy(claim: Claim, _context: Context) -> Marks:
    party = claim.billing
    return () if not party.taxonomy or _TAXONOMY.fullmatch(party.taxonomy) else (Mark(party.segment),)


def _rendering_taxonomy(claim: Claim, _context: Context) -> Marks:
    party = claim.rendering
    if party is None or not party.taxonomy or _TAXONOMY.fullmatch(party.taxonomy):
        return ()
    return (Mark(party.segment),)


def _rendering_missing(claim: Claim, _context: Context) -> Marks:
    if claim.rendering is not None or claim.billing.is_person:
        return ()
    named = all(any(role == "82" for role, _ in line.providers) for line in claim.lines)
    return () if named else HERE


def _billing_address(claim: Claim, _context: Context) -> Marks:
    party = claim.billing
    return () if party.street and party.city and (party.state or party.country) else (Mark(party.segment),)


def _billing_box(claim: Claim, _context: Context) -> Marks:
    return (Mark(claim.billing.segment),) if _BOX.match(claim.billing.street) else ()


def _billing_zip(claim: Claim, _context: Context) -> Marks:
    party = claim.billing
    return () if party.country or _is_long_zip(party.zip) else (Mark(party.segment),)


def _is_long_zip(code: str) -> bool:
    number = code.replace("-", "")
    return len(number) == 9 and number.isdecimal()


def _facility_zip(claim: Claim, _context: Context) -> Marks:
    party = claim.facility
    return () if party is None or party.country or _is_long_zip(party.zip) else (Mark(party.segment),)


def _facility_box(claim: Claim, _context: Context) -> Marks:
    party = claim.facility
    return (Mark(party.segment),) if party is not None and _BOX.match(party.street) else ()


_NPI = "The NPI is not ten digits with a right check digit."
_NPI_FIX = "Compare the NPI with the national registry and correct it."
_TAXONOMY_TEXT = "The taxonomy code is not ten characters that end in X."
_TAXONOMY_FIX = "Correct the taxonomy code."

_BILLING = (
    Edit(
        "billing_npi", _billing_npi, "NM109", "2010AA", Status("A7", "562", "85"), _NPI, _NPI_FIX,
        severity=WARNING, level=5, rank=2,
    ),
    Edit(
        "tax_id", _tax_id, "REF02", "2010AA", Status("A7", "128", "85"),
        "The tax id is not nine digits that the tax office can have issued.",
        "Correct the tax id on the provider's record.", severity=WARNING, level=5, rank=21,
    ),
    Edit(
        "taxonomy_missing", _taxonomy_missing, "PRV", "2000A", Status("A6", "145", "85"),
        "The payer wants the billing provider's taxonomy code, and none is sent.",
        "Add the taxonomy code the provider is enrolled under.", level=7, rank=12, needs="needs_taxonomy",
    ),
    Edit(
        "billing_taxonomy", _billing_taxonomy, "PRV03", "2000A", Status("A7", "145", "85"), _TAXONOMY_TEXT,
        _TAXONOMY_FIX, severity=WARNING, level=5, rank=12,
    ),
    Edit(
        "billing_address", _billing_address, "N301", "2010AA", Status("A6", "126", "85"),
        "The billing address lacks street, city or state.", "Complete the billing address.", level=2, rank=7,
    ),
    Edit(
        "billing_po_box", _billing_box, "N301", "2010AA", Status("A7", "503", "85"),
        "The billing address is a post-office box; payers want a street.",
        "Bill from the street address; a box may stand as pay-to address.", severity=WARNING, level=7, rank=7,
    ),
    Edit(
        "billing_zip", _billing_zip, "N403", "2010AA", Status("A7", "500", "85"),
        "The billing address needs a ZIP code of nine digits.", "Add the last four digits of the ZIP code.",
        severity=WARNING, level=7, rank=7,
    ),
)  # fmt: skip
_OTHERS = (
    Edit(
        "rendering_npi", _rendering_npi, "NM109", "2310B", Status("A7", "562", "82"), _NPI, _NPI_FIX,
        severity=WARNING, level=5, rank=2,
    ),
    Edit(
        "provider_npi", _other_npi, "NM109", "2310", Status("A7", "562"), _NPI, _NPI_FIX,
        severity=WARNING, level=5, rank=2,
    ),
    Edit(
        "rendering_taxonomy", _rendering_taxonomy, "PRV03", "2310B", Status("A7", "145", "82"), _TAXONOMY_TEXT,
        _TAXONOMY_FIX, severity=WARNING, level=5, rank=12,
    ),
    Edit(
        "rendering_missing", _rendering_missing, "NM1", "2310B", Status("A6", "562", "82"),
        "The payer wants to know who rendered the service, and nobody is named.", "Name the rendering provider.",
        level=7, rank=13, needs="needs_rendering",
    ),
    Edit(
        "facility_po_box", _facility_box, "N301", "2310C", Status("A7", "503", "77"),
        "The service location is a post-office box.", "Give the street where the service was rendered.",
        severity=WARNING, level=7, rank=7,
    ),
    Edit(
        "facility_zip", _facility_zip, "N403", "2310C", Status("A7", "500", "77"),
        "The service location needs a ZIP code of nine digits.", "Add the last four digits of the ZIP code.",
        severity=WARNING, level=7, rank=7,
    ),
)  # fmt: skip
GROUPS = (Group(_billing_parts, _BILLING), Group(_provider_parts, _OTHERS))
