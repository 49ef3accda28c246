"""The scrubber: which edits a claim of ours must pass before it is sent, and in what words they are told here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from bureau.rules.codebook import CodeBook
from bureau.x12.edits import edit as x12
from bureau.x12.edits.catalog import BY_ID, Judge
from bureau.x12.values837 import Claim
from config.problems import Severity

_CODES = CodeBook()
_SOON = 14  # days


@dataclass(frozen=True, slots=True)
class Facts:
    """What an edit may know beside the claim."""

    today: date  # at the client's place
    enrolled: bool  # the client may send 837P to this payer, for this clinician
    file_by: date | None
    is_repeat: bool  # an earlier claim has the same patient, date and services
    payer_kind: str
    test_ids: bool
    is_rendered_outside: bool = False  # on a day the clinician was not (or no longer) the practice's


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
    """One edit of ours over one or more of the catalogue, by their ids; `where` is the place that needs no number."""

    id: str
    where: str
    fix: str
    of: tuple[str, ...]
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


def _soon(_claim: Claim, context: x12.Context) -> x12.Marks:
    days = -1 if context.file_by is None else (context.file_by - context.today).days
    return x12.HERE if 0 <= days < _SOON else ()


_NEAR = x12.Edit(
    "filing_limit_near", _soon, "CLM", "2300", x12.Status("A1", "718"), "The payer's filing limit is near.",
    "Send this claim first.", severity=Severity.WARNING, needs="file_by",
)  # fmt: skip

EDITS: tuple[Edit, ...] = (
    Edit("billing.npi", "billing provider", "Correct the NPI on the client's page.", ("billing_npi",)),
    Edit("billing.tax_id", "billing provider", "Correct the tax id on the client's page.", ("tax_id",)),
    Edit(
        "billing.address", "billing provider", "Complete the billing address on the client's page.",
        ("billing_address", "billing_zip", "billing_po_box"),
    ),
    Edit(
        "rendering.npi", "rendering provider", "Choose the provider who rendered the service.",
        ("rendering_missing", "rendering_npi"),
    ),
    Edit(
        "member_id.missing", "coverage", "Ask the practice for the member id on the card.", ("member_id_missing",),
        asks="member_id",
    ),
    Edit("member_id.form", "coverage", "Compare the member id with the card.", ("member_id_form",)),
    Edit("patient.name", "patient", "Ask the practice for the full name.", ("patient_name",), asks="first_name"),
    Edit(
        "patient.birth", "patient", "Ask the practice for the date of birth.", ("birth_missing",),
        asks="birth_date",
    ),
    Edit(
        "patient.birth_order", "patient", "Check date of birth against date of service.",
        ("birth_after_service", "birth_too_old"),
    ),
    Edit("patient.sex", "patient", "Ask the practice; M, F or U.", ("sex",), asks="sex"),
    Edit("patient.address", "patient", "Ask the practice for the address.", ("patient_address",), asks="address"),
    Edit("patient.zip", "patient", "Correct the ZIP code.", ("patient_zip",)),
    Edit("relationship", "coverage", "Choose how the patient is related to the subscriber.", ("relationship",)),
    Edit("lines.present", "lines", "Add the services of the visit.", ("lines_missing", "lines_count")),
    Edit(
        "diagnosis.count", "diagnoses", "Drop the repeated or surplus diagnosis.",
        ("diagnosis_count", "diagnosis_repeated"),
    ),
    Edit(
        "diagnosis.valid", "diagnoses", "Choose a diagnosis valid on that date, in full detail.",
        ("diagnosis_unknown", "diagnosis_heading"),
    ),
    Edit("pointers", "lines", "Point each line at a diagnosis of the claim.", ("bad_pointer", "more_pointers")),
    Edit("procedure.valid", "lines", "Choose a procedure code valid on that date.", ("procedure_unknown",)),
    Edit(
        "modifiers", "lines", "Correct the modifiers.", ("modifier_repeated", "modifier_form", "modifier_unknown")
    ),
    Edit("units", "lines", "Correct the units.", ("units",)),
    Edit(
        "charges", "claim", "Correct the charges so that lines and claim agree.", ("charge_sum", "charge_negative")
    ),
    Edit("charges.zero", "claim", "Give the line its price from the charge master.", ("charge_zero",)),
    Edit(
        "dates", "lines", "Correct the date of service.",
        ("date_missing", "service_in_future", "service_backwards"),
    ),
    Edit("timely", "claim", "Decide: write off, or send with proof of timely filing.", ("filing_limit",)),
    Edit("timely.soon", "claim", "Send this claim first.", ("filing_limit_near",), Severity.WARNING),
    Edit("place", "claim", "Choose a valid place of service.", ("place",)),
    Edit("enrollment", "payer", "Finish the enrolment, or hold the claim.", ("enrollment",)),
    Edit("repeat", "claim", "Bill it once: mark this claim not billable, or change what differs.", ("repeat",)),
)  # fmt: skip


_CATALOGUED = [BY_ID[name] for edit in EDITS for name in edit.of if name in BY_ID]
_OF_ONE = (BY_ID["filing_limit"], _NEAR, BY_ID["repeat"])  # look at facts that differ from claim to claim

_OUTSIDE = Hit(
    "rendering.dates", Severity.ERROR, "rendering provider",
    "The clinician was not with the practice on the day of service.",
    "Correct the clinician's dates on the client's page, or choose who rendered the service.",
)  # fmt: skip


def find_hits(claim: Claim, facts: Facts) -> Result:
    """Run every edit over one claim."""
    found = _judge(replace(facts, file_by=None, is_repeat=False, is_rendered_outside=False)).find(claim)
    if facts.file_by is not None or facts.is_repeat:
        context = _context(facts)
        found += [
            x12.Finding(edit, mark)
            for edit in _OF_ONE
            if getattr(context, edit.needs)
            for mark in edit.judge(claim, context)
        ]
    return Result(
        [
            Hit(edit.id, edit.severity, _where(edit, one.mark), one.edit.text, edit.fix, edit.asks)
            for edit in (EDITS if found else ())
            for one in found
            if one.edit.id in edit.of
        ]
        + ([_OUTSIDE] if facts.is_rendered_outside else [])
    )


@lru_cache(maxsize=16)
def _judge(facts: Facts) -> Judge:
    """Kept from one claim to the next, so that what has passed once is not looked at again."""
    return Judge(_context(facts), _CATALOGUED)


def _context(facts: Facts) -> x12.Context:
    return x12.Context(
        facts.today,
        codes=_CODES,
        is_repeat=(lambda _claim: True) if facts.is_repeat else None,
        not_enrolled=not facts.enrolled,
        file_by=facts.file_by,
        is_medicare=facts.payer_kind == "medicare",
        needs_rendering=True,
        test_ids=facts.test_ids,
    )


def _where(edit: Edit, mark: x12.Mark) -> str:
    if mark.line:
        return f"line {mark.line}"
    return f"diagnosis {mark.at}" if mark.at else edit.where
