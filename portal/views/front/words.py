"""The practice's words: what the events of a claim and the kinds of files are called without a glossary."""

from __future__ import annotations

from typing import Any

from bureau.rules.lifecycle import Event

# What happened, said to the practice.
EVENTS: dict[Event, str] = {
    Event.COMMITTED: "The visit came in and became a claim",
    Event.COMMITTED_SELF_PAY: "The visit came in; the patient pays for it",
    Event.INFO_MISSING: "Something was missing, so we asked you",
    Event.ANSWERED: "You answered; we went on",
    Event.UNANSWERED: "Our question stayed unanswered",
    Event.HANDED_BACK: "The question is back with us, and we decide how to go on",
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
    Event.GIVEN_BACK: "Handed back to you: your plan became smaller, and you chose to go on with it",
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
    "synthea-clinical": "a clinical Synthea export",
    "fhir": "FHIR bundles",
    "fhir-dated": "FHIR bundles with their own dates",
    "hl7": "HL7 charge messages",
    "corrected": "rows of an earlier upload, corrected",
    "keyed": "a charge keyed by hand",
}


def name_source(read: Any) -> str:
    """How something with a `profile` was read, and with which version where that is one the practice saved."""
    version = f", version {read.version}" if getattr(read, "version", None) else ""
    return SOURCES.get(read.profile, f"“{read.profile}”") + version
