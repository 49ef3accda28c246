"""The scrubber: a list of edits, each a pure look at one claim as it would be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from bureau.x12.values837 import Claim
from config import codes
from config.identifiers import ein_ok, mbi_ok, npi_ok
from config.problems import Severity


@dataclass(frozen=True, slots=True)
class Facts:
    """What an edit may know beside the claim."""

    today: date  # at the client's place
    enrolled: bool  # the client may send 837P to this payer
    file_by: date | None
    is_repeat: bool  # an earlier claim has the same patient, date and services
    payer_kind: str
    test_ids: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One failed edit; `asks` names the field only the client can supply, if that is the way out."""

    edit: str
    severity: Severity
    where: str
    text: str
    fix: str
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """`check` yields (where, what is wrong) for each place in the claim that fails."""

    id: str
    fix: str
    check: Callable[[Claim, Facts], Iterator[tuple[str, str]]]
    severity: Severity = Severity.ERROR
    asks: str = ""


@dataclass(slots=True)
class Result:
    """What scrubbing one claim found."""

    hits: list[Hit] = field(default_factory=list)

    @property
    def errors(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.severity is Severity.ERROR]

    @property
    def questions(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.asks]


Findings = Iterator[tuple[str, str]]
RELATIONSHIPS = frozenset({"18", "01", "19", "20", "21", "39", "40", "53", "G8"})  # SBR02 and PAT01


def procedure_ok(code: str, on: date) -> bool:
    """Valid on that date by our own lists, or of the licensed kind that only the client's list can judge."""
    return codes.procedure_status(code, on) in (codes.CodeStatus.VALID, codes.CodeStatus.LICENSED)


def _billing_npi(claim: Claim, facts: Facts) -> Findings:
    if not npi_ok(claim.billing.id, test_ids=facts.test_ids):
        yield "billing provider", "The billing NPI fails its check digit."


def _rendering_npi(claim: Claim, facts: Facts) -> Findings:
    if claim.rendering is None:
        yield "rendering provider", "No rendering provider is named."
    elif not npi_ok(claim.rendering.id, test_ids=facts.test_ids):
        yield "rendering provider", "The rendering NPI fails its check digit."


def _tax_id(claim: Claim, facts: Facts) -> Findings:
    if not ein_ok(claim.billing.tax_id, test_ids=facts.test_ids):
        yield "billing provider", "The tax id is not a valid EIN."


def _billing_address(claim: Claim, _facts: Facts) -> Findings:
    party = claim.billing
    if not (party.street and party.city and party.state and len(party.zip.replace("-", "")) == 9):
        yield "billing provider", "The billing address needs street, city, state and a nine-digit ZIP."
    elif party.street.upper().replace(".", "").startswith(("PO BOX", "P O BOX")):
        yield "billing provider", "The billing address is a post-office box; payers want a street."


def _member_id(claim: Claim, _facts: Facts) -> Findings:
    if not claim.subscriber.id:
        yield "coverage", "The member id is missing."


def _member_id_form(claim: Claim, facts: Facts) -> Findings:
    member = claim.subscriber.id
    if facts.payer_kind == "medicare" and member and not mbi_ok(member, test_ids=facts.test_ids):
        yield "coverage", "The member id is not a Medicare beneficiary identifier."
    elif len(member) == 1 or len(member) > 80:
        yield "coverage", "The member id must have 2 to 80 characters."


def _patient_name(claim: Claim, _facts: Facts) -> Findings:
    person = claim.patient or claim.subscriber
    if not (person.name and person.first):
        yield "patient", "The patient's first or last name is missing."


def _patient_birth(claim: Claim, _facts: Facts) -> Findings:
    if (claim.patient or claim.subscriber).birth is None:
        yield "patient", "The patient's date of birth is missing."


def _patient_birth_order(claim: Claim, facts: Facts) -> Findings:
    born = (claim.patient or claim.subscriber).birth
    if born is None:
        return
    first = min((line.date_from for line in claim.lines if line.date_from), default=facts.today)
    if born > first:
        yield "patient", "The date of birth lies after the date of service."
    elif facts.today.year - born.year > 150:
        yield "patient", "The date of birth is more than 150 years ago."


def _patient_sex(claim: Claim, _facts: Facts) -> Findings:
    if (claim.patient or claim.subscriber).sex not in ("M", "F", "U"):
        yield "patient", "The patient's sex is missing."


def _patient_address(claim: Claim, _facts: Facts) -> Findings:
    person = claim.patient or claim.subscriber
    if not (person.street and person.city and len(person.state) == 2 and person.zip):
        yield "patient", "The patient's address needs street, city, state and ZIP."


def _patient_zip(claim: Claim, _facts: Facts) -> Findings:
    digits = (claim.patient or claim.subscriber).zip.replace("-", "")
    if digits and not (digits.isdecimal() and len(digits) in (5, 9)):
        yield "patient", "The patient's ZIP must have five or nine digits."


def _diagnosis_count(claim: Claim, _facts: Facts) -> Findings:
    if len(claim.diagnoses) > 12:
        yield "diagnoses", "A claim carries at most twelve diagnoses."
    if len(set(claim.diagnoses)) != len(claim.diagnoses):
        yield "diagnoses", "A diagnosis is listed twice."


def _diagnosis_valid(claim: Claim, facts: Facts) -> Findings:
    served = min((line.date_from for line in claim.lines if line.date_from), default=facts.today)
    for number, code in enumerate(claim.diagnoses, start=1):
        status = codes.diagnosis_status(code, served)
        if status is codes.CodeStatus.HEADER:
            yield f"diagnosis {number}", f"{code} is a heading; a more specific code is needed."
        elif status is not codes.CodeStatus.VALID:
            yield f"diagnosis {number}", f"{code} is no ICD-10-CM code valid on the date of service."


def _pointers(claim: Claim, _facts: Facts) -> Findings:
    for line in claim.lines:
        if not line.pointers or max(line.pointers) > len(claim.diagnoses) or min(line.pointers) < 1:
            yield f"line {line.number}", "The line points at a diagnosis the claim does not have."


def _lines_present(claim: Claim, _facts: Facts) -> Findings:
    if not claim.lines:
        yield "lines", "The claim has no service line."
    elif len(claim.lines) > 50:
        yield "lines", "A claim carries at most 50 service lines."


def _procedure_valid(claim: Claim, facts: Facts) -> Findings:
    for line in claim.lines:
        if not procedure_ok(line.code, line.date_from or facts.today):
            yield f"line {line.number}", f"{line.code} is no procedure code valid on the date of service."


def _modifiers(claim: Claim, _facts: Facts) -> Findings:
    for line in claim.lines:
        if len(set(line.modifiers)) != len(line.modifiers):
            yield f"line {line.number}", "A modifier is repeated."
        if len(line.modifiers) > 4 or any(not codes.modifier_ok(modifier) for modifier in line.modifiers):
            yield (
                f"line {line.number}",
                "A modifier is not two letters or digits, or there are more than four.",
            )


def _units(claim: Claim, _facts: Facts) -> Findings:
    for line in claim.lines:
        if line.units <= 0:
            yield f"line {line.number}", "Units must be above zero."


def _charges(claim: Claim, _facts: Facts) -> Findings:
    if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
        yield "claim", "The claim's charge is not the sum of its lines."
    for line in claim.lines:
        if line.charge_cents < 0:
            yield f"line {line.number}", "A charge is below zero."


def _charge_zero(claim: Claim, _facts: Facts) -> Findings:
    if claim.charge_cents == 0:
        yield "claim", "The claim charges nothing."


def _dates(claim: Claim, facts: Facts) -> Findings:
    for line in claim.lines:
        if line.date_from is None:
            yield f"line {line.number}", "The date of service is missing."
        elif line.date_from > facts.today:
            yield f"line {line.number}", "The date of service is in the future."
        elif line.date_to is not None and line.date_to < line.date_from:
            yield f"line {line.number}", "The service ends before it begins."


def _timely(_claim: Claim, facts: Facts) -> Findings:
    if facts.file_by is not None and facts.today > facts.file_by:
        yield "claim", f"The payer's filing limit passed on {facts.file_by:%d %b %Y}."


def _timely_soon(_claim: Claim, facts: Facts) -> Findings:
    if facts.file_by is not None and 0 <= (facts.file_by - facts.today).days < 14:
        yield "claim", f"The payer's filing limit is near: {facts.file_by:%d %b %Y}."


def _place(claim: Claim, _facts: Facts) -> Findings:
    if not codes.place_ok(claim.place):
        yield "claim", f"{claim.place} is no place-of-service code."


def _enrolled(claim: Claim, facts: Facts) -> Findings:
    if not facts.enrolled:
        yield "payer", f"The practice is not enrolled to send claims to {claim.payer.name}."


def _repeat(_claim: Claim, facts: Facts) -> Findings:
    if facts.is_repeat:
        yield "claim", "An earlier claim has the same patient, date and services."


def _relationship(claim: Claim, _facts: Facts) -> Findings:
    if claim.relationship not in RELATIONSHIPS:
        yield "coverage", f"{claim.relationship} is no relationship code."


ERROR, WARNING = Severity.ERROR, Severity.WARNING
EDITS: tuple[Edit, ...] = (
    Edit("billing.npi", "Correct the NPI on the client's page.", _billing_npi),
    Edit("billing.tax_id", "Correct the tax id on the client's page.", _tax_id),
    Edit("billing.address", "Complete the billing address on the client's page.", _billing_address),
    Edit("rendering.npi", "Choose the provider who rendered the service.", _rendering_npi),
    Edit("member_id.missing", "Ask the practice for the member id on the card.", _member_id, asks="member_id"),
    Edit("member_id.form", "Compare the member id with the card.", _member_id_form),
    Edit("patient.name", "Ask the practice for the full name.", _patient_name, asks="first_name"),
    Edit("patient.birth", "Ask the practice for the date of birth.", _patient_birth, asks="birth_date"),
    Edit("patient.birth_order", "Check date of birth against date of service.", _patient_birth_order),
    Edit("patient.sex", "Ask the practice; M, F or U.", _patient_sex, asks="sex"),
    Edit("patient.address", "Ask the practice for the address.", _patient_address, asks="address"),
    Edit("patient.zip", "Correct the ZIP code.", _patient_zip),
    Edit("relationship", "Choose how the patient is related to the subscriber.", _relationship),
    Edit("lines.present", "Add the services of the visit.", _lines_present),
    Edit("diagnosis.count", "Drop the repeated or surplus diagnosis.", _diagnosis_count),
    Edit("diagnosis.valid", "Choose a diagnosis valid on that date, in full detail.", _diagnosis_valid),
    Edit("pointers", "Point each line at a diagnosis of the claim.", _pointers),
    Edit("procedure.valid", "Choose a procedure code valid on that date.", _procedure_valid),
    Edit("modifiers", "Correct the modifiers.", _modifiers),
    Edit("units", "Correct the units.", _units),
    Edit("charges", "Correct the charges so that lines and claim agree.", _charges),
    Edit("charges.zero", "Give the line its price from the charge master.", _charge_zero),
    Edit("dates", "Correct the date of service.", _dates),
    Edit("timely", "Decide: write off, or send with proof of timely filing.", _timely),
    Edit("timely.soon", "Send this claim first.", _timely_soon, WARNING),
    Edit("place", "Choose a valid place of service.", _place),
    Edit("enrollment", "Finish the enrolment, or hold the claim.", _enrolled),
    Edit("repeat", "Bill it once: mark this claim not billable, or change what differs.", _repeat),
)


def find_hits(claim: Claim, facts: Facts) -> Result:
    """Run every edit over one claim."""
    return Result(
        [
            Hit(edit.id, edit.severity, where, text, edit.fix, edit.asks)
            for edit in EDITS
            for where, text in edit.check(claim, facts)
        ]
    )
