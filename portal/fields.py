"""What the columns of our layout are called on a page, and how a problem with one of them is said."""

from __future__ import annotations

from bureau.rules.intake.layout import DIAGNOSES

# Field -> label, and what is expected in it where the label does not say.
FIELDS: dict[str, tuple[str, str]] = {
    "patient_id": ("Patient number", "Your own number for the patient"),
    "last_name": ("Last name", ""),
    "service_date": ("Date of service", "The day the patient was seen, as YYYY-MM-DD"),
    "provider_npi": ("Provider", "The ten-digit national number (NPI) of who saw the patient"),
    "encounter_id": ("Visit number", "Your own number for the visit; rows with the same one are one visit"),
    "first_name": ("First name", ""),
    "birth_date": ("Date of birth", "YYYY-MM-DD"),
    "sex": ("Sex", "M, F or U"),
    "street": ("Street", ""),
    "city": ("City", ""),
    "state": ("State", "Two letters"),
    "zip": ("ZIP", ""),
    "payer_id": ("Insurer", "The insurer's id with us; empty when the patient pays"),
    "member_id": ("Member number", "As on the insurance card"),
    "group_number": ("Group number", ""),
    "relationship": ("Relation to the insured", "18 is the patient in person"),
    "place_of_service": ("Place of service", "11 is the office"),
    **{name: (f"Diagnosis {name[2:]}", "ICD-10-CM code") for name in DIAGNOSES},
    "procedure": ("Procedure", "The procedure code; leave it empty to have it coded by us"),
    "modifiers": ("Modifiers", "Up to four, with spaces between"),
    "units": ("Units", "A whole number"),
    "charge": ("Charge", "Empty: the price of your list counts"),
    "pointers": ("Diagnoses it was done for", "Numbers of the diagnoses above, such as 1 2"),
    "prior_auth": ("Permission number", "The insurer's number for a service it allowed beforehand"),
    "note": ("Note", "What was done, in your own words"),
    "line_date": ("Date of this line", "Only where it differs from the date of service"),
    "subscriber_last": ("Insured's last name", ""),
    "subscriber_first": ("Insured's first name", ""),
    "subscriber_birth_date": ("Insured's date of birth", "YYYY-MM-DD"),
    "subscriber_sex": ("Insured's sex", "M, F or U"),
    "separate_visit": ("Separate visit", "yes: this is another visit than the one at your former biller"),
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Visit", ("encounter_id", "service_date", "provider_npi", "place_of_service", "prior_auth",
               "separate_visit")),
    ("Patient", ("patient_id", "last_name", "first_name", "birth_date", "sex", "street", "city", "state", "zip")),
    ("Insurance", ("payer_id", "member_id", "group_number", "relationship", "subscriber_last", "subscriber_first",
                   "subscriber_birth_date", "subscriber_sex")),
    ("Service", ("procedure", "modifiers", "units", "charge", "pointers", "line_date", "note")),
    ("Diagnoses", DIAGNOSES),
)  # fmt: skip


def label_of(field: str) -> str:
    """What a column of ours is called; one that is not ours keeps its name."""
    return FIELDS.get(field, (field, ""))[0]


def place_of(where: str) -> str:
    """`visits.csv row 42 column service_date` as a person says it: row 42, Date of service."""
    before, _, column = where.rpartition(" column ")
    _, _, row = (before or where).rpartition(" row ")
    place = f"Row {row}" if row.isdecimal() else before or where
    return f"{place}, {label_of(column)}" if before else place


def column_of(where: str) -> str:
    """The column a problem names, or nothing."""
    return where.rpartition(" column ")[2] if " column " in where else ""


def plain(text: str) -> str:
    """A problem's sentence, beginning with a capital and with our columns under their labels."""
    first, _, rest = text.partition(" ")
    said = f"{label_of(first)} {rest}" if first in FIELDS else text
    return said[:1].upper() + said[1:]
