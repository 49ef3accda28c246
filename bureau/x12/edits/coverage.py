"""Edits on coverage and on what goes with the claim: payer, frequency, references, accident, attachments."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from bureau.x12.edits.edit import HERE, WARNING, Context, Edit, Group, Mark, Marks, Status, always, lacks_number
from bureau.x12.edits.lists import FILINGS, PLACES, RELATIONSHIPS
from bureau.x12.values837 import Claim

_FREQUENCIES = frozenset("123456789")  # CLM05-3
_REPEATING = frozenset({"7", "8"})  # replace, void
_MEDICARE = frozenset({"MA", "MB"})
_US = ("", "US", "USA")


def _head_parts(claim: Claim) -> Collection[Hashable]:
    coverage = (claim.filing_code, claim.relationship, claim.payer_rank, claim.insurance_type)
    return ((claim.place, claim.frequency, not claim.payer_icn, claim.patient is None, coverage),)


def _accident_parts(claim: Claim) -> Collection[Hashable] | None:
    return () if claim.accident is None else None


def _attachment_parts(claim: Claim) -> Collection[Hashable] | None:
    return () if claim.extras is None else None


def _at_coverage(claim: Claim) -> Marks:
    return (Mark(claim.subscriber.segment),)


def _relationship(claim: Claim, _context: Context) -> Marks:
    if claim.relationship in RELATIONSHIPS:
        return ()
    if claim.patient is None:
        return _at_coverage(claim)
    return (Mark(claim.patient.segment, element="PAT01", loop="2000C"),)


def _filing_missing(claim: Claim, _context: Context) -> Marks:
    return () if claim.filing_code else _at_coverage(claim)


def _filing_unknown(claim: Claim, _context: Context) -> Marks:
    return () if claim.filing_code in FILINGS or not claim.filing_code else _at_coverage(claim)


def _payer_unknown(claim: Claim, context: Context) -> Marks:
    return () if context.payers is None or claim.payer.id in context.payers else (Mark(claim.payer.segment),)


def _enrolled(claim: Claim, _context: Context) -> Marks:
    return (Mark(claim.billing.segment),)


def _place(claim: Claim, _context: Context) -> Marks:
    return () if claim.place in PLACES else HERE


def _why_second(claim: Claim, _context: Context) -> Marks:
    second = claim.filing_code in _MEDICARE and claim.payer_rank not in ("P", "U")
    return _at_coverage(claim) if second and not claim.insurance_type else ()


def _original_missing(claim: Claim, _context: Context) -> Marks:
    return HERE if claim.frequency in _REPEATING and not claim.payer_icn else ()


def _frequency(claim: Claim, _context: Context) -> Marks:
    return () if claim.frequency in _FREQUENCIES else HERE


def _frequency_medicare(claim: Claim, _context: Context) -> Marks:
    return HERE if claim.frequency in _REPEATING and claim.filing_code == "MB" else ()


def _number_again(claim: Claim, context: Context) -> Marks:
    return HERE if context.is_known_number is not None and context.is_known_number(claim) else ()


def _repeat(claim: Claim, context: Context) -> Marks:
    return HERE if context.is_repeat is not None and context.is_repeat(claim) else ()


def _authorization(claim: Claim, _context: Context) -> Marks:
    return () if claim.prior_auth else HERE


def _referral(claim: Claim, _context: Context) -> Marks:
    return () if claim.referral else HERE


def _accident_date(claim: Claim, _context: Context) -> Marks:
    accident = claim.accident
    return HERE if accident is not None and accident.on is None else ()


def _accident_state(claim: Claim, _context: Context) -> Marks:
    accident = claim.accident
    if accident is None or "AA" not in accident.causes or accident.state or accident.country not in _US:
        return ()
    return HERE


def _attachment(claim: Claim, _context: Context) -> Marks:
    if claim.extras is None:
        return ()
    return [Mark(qualifier=one.kind) for one in claim.extras.attachments if lacks_number(one)]


_HEAD = (
    Edit(
        "place", _place, "CLM05-1", "2300", Status("A7", "249"), "The place of service is no such code.",
        "Choose a valid place of service.", level=5,
    ),
    Edit(
        "relationship", _relationship, "SBR02", "2000B", Status("A7", "156"),
        "The patient's relationship to the subscriber is missing or no code in use.",
        "Choose how the patient is related to the subscriber.", level=2, rank=4,
    ),
    Edit(
        "filing_code_missing", _filing_missing, "SBR09", "2000B", Status("A6", "480", "PR"),
        "The kind of payer is missing.", "Give the claim filing code of the coverage.", level=7, rank=5,
    ),
    Edit(
        "filing_code_unknown", _filing_unknown, "SBR09", "2000B", Status("A7", "480", "PR"),
        "The kind of payer is no claim filing code.", "Correct the claim filing code of the coverage.", level=5,
        rank=5,
    ),
    Edit(
        "original_missing", _original_missing, "CLM05-3", "2300", Status("A6", "464"),
        "A claim that replaces or voids another does not name the payer's number of it.",
        "Add the payer's claim number as REF*F8.", rank=6,
    ),
    Edit(
        "frequency", _frequency, "CLM05-3", "2300", Status("A7", "535"), "This is no claim frequency code.",
        "Send 1 for an original, 7 for a replacement, 8 for a void.", level=5, rank=6,
    ),
    Edit(
        "frequency_medicare", _frequency_medicare, "CLM05-3", "2300", Status("A7", "535"),
        "Medicare takes no replacement or void.", "Send an original claim, or ask for a reopening.", level=7, rank=6,
    ),
    Edit(
        "insurance_type_missing", _why_second, "SBR05", "2000B", Status("A6", "171"),
        "Medicare is not first, and why is not sent.", "Add the Medicare secondary reason.", rank=16,
    ),
)  # fmt: skip
_GIVEN = (
    Edit(
        "payer_unknown", _payer_unknown, "NM109", "2010BB", Status("A7", "153", "PR"),
        "The payer id is not one that claims can be sent to.", "Look the payer up in the payer list.", level=7,
        rank=5, needs="payers",
    ),
    Edit(
        "enrollment", _enrolled, "NM109", "2010AA", Status("A8", "496", "85"),
        "The billing provider is not enrolled to send claims to this payer.",
        "Finish the enrolment, or hold the claim.", level=7, rank=2, needs="not_enrolled",
    ),
    Edit(
        "authorization_missing", _authorization, "REF", "2300", Status("A6", "252"),
        "The payer wants an authorization number, and none is sent.", "Add the authorization number.", level=7,
        rank=15, needs="needs_authorization",
    ),
    Edit(
        "referral_missing", _referral, "REF", "2300", Status("A6", "252"),
        "The payer wants a referral number, and none is sent.", "Add the referral number.", level=7, rank=15,
        needs="needs_referral",
    ),
    Edit(
        "claim_duplicate", _number_again, "CLM01", "2300", Status("A7", "746"),
        "The claim number occurs twice in the file.", "Give each claim a number of its own.", severity=WARNING,
        rank=20, needs="is_known_number",
    ),
    Edit(
        "repeat", _repeat, "CLM", "2300", Status("A3", "54"),
        "An earlier claim has the same patient, date and services.", "Bill it once, or change what differs.",
        severity=WARNING, rank=20, needs="is_repeat",
    ),
)  # fmt: skip
_ACCIDENT = (
    Edit(
        "accident_date", _accident_date, "CLM11", "2300", Status("A6", "248"),
        "The claim is for an accident, and its date is not sent.", "Add the date of the accident.", rank=17,
    ),
    Edit(
        "accident_state", _accident_state, "CLM11-4", "2300", Status("A6", "248"),
        "The claim is for a car accident, and its state is not sent.", "Add the state of the accident.", rank=17,
    ),
)  # fmt: skip
_ATTACHMENTS = (
    Edit(
        "attachment_control", _attachment, "PWK06", "2300", Status("A6", "294"),
        "An attachment is sent apart, and its control number is missing.", "Number the attachment.", rank=22,
    ),
)  # fmt: skip
GROUPS = (
    Group(_head_parts, _HEAD), Group(always, _GIVEN), Group(_accident_parts, _ACCIDENT),
    Group(_attachment_parts, _ATTACHMENTS),
)  # fmt: skip
