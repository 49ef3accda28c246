"""The practice's words: what our columns and the events of a claim are called when nobody should need a glossary."""

from __future__ import annotations

from typing import Any

from bureau.rules.intake.layout import DIAGNOSES
from bureau.rules.lifecycle import Event

# Field -> label, and what is expected in it where the label does not say.
FIELDS: dict[str, tuple[str, str]] = {
    "patient_id": ("Patient number", "Your own number for the patient"),
    "last_name": ("Last name", ""),
    "service_date": ("Date of service", "The day the patient was seen, as YYYY-MM-DD"),
    "provider_npi": ("Provider", "The ten-digit national number (NPI) of who saw the patient"),
    Event.HANDED_BACK: "The question is back with us, and we decide how to go on",
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
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Visit", ("encounter_id", "service_date", "provider_npi", "place_of_service", "prior_auth")),
    ("Patient", ("patient_id", "last_name", "first_name", "birth_date", "sex", "street", "city", "state", "zip")),
    ("Insurance", ("payer_id", "member_id", "group_number", "relationship", "subscriber_last", "subscriber_first",
                   "subscriber_birth_date", "subscriber_sex")),
    ("Service", ("procedure", "modifiers", "units", "charge", "pointers", "line_date", "note")),
    ("Diagnoses", DIAGNOSES),
)  # fmt: skip

# What happened, said to the practice.
EVENTS: dict[Event, str] = {
    Event.COMMITTED: "The visit came in and became a claim",
    Event.COMMITTED_SELF_PAY: "The visit came in; the patient pays for it",
    Event.INFO_MISSING: "Something was missing, so we asked you",
    Event.ANSWERED: "You answered; we went on",
    Event.UNANSWERED: "Our question stayed unanswered",
    Event.NEEDS_CODING: "A procedure or diagnosis code was missing, so a coder looks at it",
    Event.CODED: "The codes were completed",
    Event.SCRUB_FAILED: "Our checks found an error; we are fixing it",
    Event.SCRUB_PASSED: "All our checks passed",
    Event.EDITED: "The claim was changed and is checked again",
    Event.BATCHED: "Put into the next file for the insurer",
    Event.SENT: "Sent to the insurer",
    Event.BATCH_CANCELLED: "Taken out of a file before it was sent",
    Event.FILE_REJECTED: "The file was refused; it goes out again",
    Event.FILE_ACCEPTED: "The file arrived whole",
    Event.RECEIVED: "The clearinghouse has the claim",
    Event.PAYER_ACCEPTED: "The insurer took the claim in and is deciding",
    Event.PAYER_REJECTED: "Sent back for an error before anybody judged it",
    Event.FIXED: "We fixed the error; it goes out again",
    Event.FIXED_CORRECTION: "We fixed the error; a corrected claim goes out",
    Event.NO_ACK: "No receipt came in time, so we follow up",
    Event.PENDED: "The insurer holds the claim and may want more information",
    Event.NO_ANSWER: "No answer came in time, so we follow up",
    Event.IN_PROCESS: "We asked: the insurer is still deciding",
    Event.NOT_ON_FILE: "We asked: the insurer does not have it, so it goes out again",
    Event.POSTED_UNCLEAR: "An answer came that we look at by hand",
    Event.POSTED_PAID: "The insurer decided and paid its part",
    Event.POSTED_VARIANCE: "Paid, but not what the contract says",
    Event.POSTED_PART_DENIED: "Some of it was paid and some refused",
    Event.POSTED_DENIED: "The insurer refused to pay",
    Event.CROSSED_OVER: "Passed on to the next insurer",
    Event.NEXT_PAYER: "The next insurer gets it now",
    Event.CORRECT: "We are correcting the claim",
    Event.APPEALED: "We contested the decision",
    Event.UPHELD: "The insurer kept to its decision",
    Event.OVERTURNED: "The insurer changed its decision",
    Event.APPEAL_OVERDUE: "The answer to our objection is late",
    Event.WRITTEN_OFF: "Given up, with an approved reason",
    Event.PATIENT_SHARE: "What is left is the patient's part",
    Event.PATIENT_SETTLED: "The patient settled it",
    Event.BAD_DEBT: "The patient's part was given up",
    Event.OVERPAID: "More came in than was owed",
    Event.CREDIT_SETTLED: "What was too much went back",
    Event.CREDIT_SETTLED_CLOSED: "What was too much went back; nothing is open",
    Event.REVERSED: "The insurer took its decision back to decide anew",
    Event.SETTLED: "Nothing is open any more",
    Event.VOID_ACCEPTED: "Withdrawn from the insurer",
    Event.OFFBOARDED: "Handed over",
    Event.REOPENED: "Opened again to be looked at",
    Event.REOPENED_TO_BILL: "Opened again to be billed",
    Event.NEXT_PAYER_FINAL: "The last insurer decided",
    Event.CROSSOVER_LATE: "The next insurer should have had it by now; we follow up",
    Event.VARIANCE_CLOSED: "The difference to the contract is settled",
    Event.DENIALS_CLOSED: "The refused part is settled",
    Event.NOT_BILLABLE: "Cannot be billed",
    Event.UNDONE: "The upload it came with was taken back",
}


SOURCES = {
    "standard": "a sheet with our own column names",
    "837p": "an 837P file",
    "folder": "a folder of files",
    "synthea": "a Synthea export",
    "synthea-dated": "a Synthea export with its own dates",
}


def name_source(read: Any) -> str:
    """How something with a `profile` was read."""
    return SOURCES.get(read.profile, f"“{read.profile}”")


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
