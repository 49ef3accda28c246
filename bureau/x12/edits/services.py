"""Edits on service lines: codes, modifiers, place, units, drugs, descriptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable

from bureau.x12.edits.edit import HERE, WARNING, Context, Edit, Group, Mark, Marks, Status, lacks_number, mark_lines
from bureau.x12.edits.lists import CLASHES, PLACES, UNLISTED
from bureau.x12.values837 import Claim, ServiceLine

_NDC = re.compile(r"[0-9]{11}")
_DRUG_UNITS = frozenset({"F2", "GR", "ME", "ML", "UN"})
_MOST_LINES, _MOST_MODIFIERS, _LONGEST_CONTROL = 50, 4, 30
_LAB = re.compile(r"8[0-9]{4}|P[23][0-9]{3}")  # the laboratory chapter, and pathology of HCPCS Level II
_EQUIPMENT = frozenset("EKL")  # durable equipment and prosthetics of HCPCS Level II: somebody ordered them
_CLIA = frozenset({"X4", "F4"})
_LAB_PAYERS = frozenset({"MB", "MC"})  # whose law (42 CFR 493) every payer of theirs applies


def _line_parts(claim: Claim) -> Collection[Hashable] | None:
    """What few lines carry is not compared but always looked at: a new object is like no other."""
    if not 0 < len(claim.lines) <= _MOST_LINES or claim.extras is not None:
        return None
    around = (claim.filing_code, len(claim.diagnoses), claim.referring is None)
    return [
        (
            line.code, line.modifiers, line.units, line.pointers, line.place, not line.description, len(line.control),
            (line.extras or line.drug or line.providers) and object(), around,
        )
        for line in claim.lines
    ]  # fmt: skip


def _code_parts(claim: Claim) -> Collection[Hashable]:
    return [(line.code, line.qualifier, line.modifiers, line.date_from) for line in claim.lines]


def _lines_missing(claim: Claim, _context: Context) -> Marks:
    return () if claim.lines else HERE


def _lines_count(claim: Claim, _context: Context) -> Marks:
    return [Mark(line.segment) for line in claim.lines[_MOST_LINES : _MOST_LINES + 1]]


def _pointer(claim: Claim, _context: Context) -> Marks:
    sent = len(claim.diagnoses)
    return mark_lines(claim, lambda line: not line.pointers or not 0 < line.pointers[0] <= sent)


def _more_pointers(claim: Claim, _context: Context) -> Marks:
    sent = len(claim.diagnoses)
    return mark_lines(claim, lambda line: any(not 0 < pointer <= sent for pointer in line.pointers[1:]))


def _modifier_form(claim: Claim, _context: Context) -> Marks:
    def fails(line: ServiceLine) -> bool:
        sound = all(len(one) == 2 and one.isascii() and one.isalnum() for one in line.modifiers)
        return not sound or len(line.modifiers) > _MOST_MODIFIERS

    return mark_lines(claim, fails)


def _modifier_repeated(claim: Claim, _context: Context) -> Marks:
    return mark_lines(claim, lambda line: len(set(line.modifiers)) != len(line.modifiers))


def _modifier_clash(claim: Claim, _context: Context) -> Marks:
    return mark_lines(claim, lambda line: any(clash.issubset(line.modifiers) for clash in CLASHES))


def _units(claim: Claim, _context: Context) -> Marks:
    return mark_lines(claim, lambda line: line.units <= 0)


def _place(claim: Claim, _context: Context) -> Marks:
    return mark_lines(claim, lambda line: line.place and line.place not in PLACES)


def _description(claim: Claim, _context: Context) -> Marks:
    if claim.extras is not None and claim.extras.note is not None:
        return ()

    def fails(line: ServiceLine) -> bool:
        told = line.description or (line.extras is not None and line.extras.notes)
        return line.code in UNLISTED and not told

    return mark_lines(claim, fails)


def _clia(claim: Claim, _context: Context) -> Marks:
    if claim.filing_code not in _LAB_PAYERS:
        return ()
    if claim.extras is not None and any(kind in _CLIA for kind, _ in claim.extras.refs):
        return ()

    def fails(line: ServiceLine) -> bool:
        told = line.extras is not None and any(kind in _CLIA for kind, _ in line.extras.refs)
        return _LAB.fullmatch(line.code) is not None and not told

    return mark_lines(claim, fails)


def _control(claim: Claim, _context: Context) -> Marks:
    return mark_lines(claim, lambda line: len(line.control) > _LONGEST_CONTROL, "6R")


def _drug_code(claim: Claim, _context: Context) -> Marks:
    return mark_lines(
        claim, lambda line: line.drug and line.drug.qualifier == "N4" and not _NDC.fullmatch(line.drug.ndc)
    )


def _drug_quantity(claim: Claim, _context: Context) -> Marks:
    def fails(line: ServiceLine) -> bool:
        drug = line.drug
        return drug is not None and (not drug.quantity or drug.quantity < 0 or drug.unit not in _DRUG_UNITS)

    return mark_lines(claim, fails)


def _attachment(claim: Claim, _context: Context) -> Marks:
    def fails(line: ServiceLine) -> bool:
        return line.extras is not None and any(lacks_number(one) for one in line.extras.attachments)

    return mark_lines(claim, fails)


def _orderer_missing(claim: Claim, _context: Context) -> Marks:
    if claim.referring is not None:
        return ()
    return mark_lines(
        claim,
        lambda line: line.code[:1] in _EQUIPMENT and not any(role in ("DK", "DN") for role, _ in line.providers),
    )


def _procedure(claim: Claim, context: Context) -> Marks:
    codes = context.codes
    if codes is None:
        return ()
    return mark_lines(
        claim,
        lambda line: line.qualifier == "HC" and not codes.is_procedure(line.code, line.date_from or context.today),
    )


def _modifier_unknown(claim: Claim, context: Context) -> Marks:
    codes = context.codes
    if codes is None:
        return ()
    return mark_lines(claim, lambda line: any(len(one) == 2 and not codes.is_modifier(one) for one in line.modifiers))


_POINTER_FIX = "Point each line at a diagnosis of the claim."

_LINES = (
    Edit(
        "lines_missing", _lines_missing, "LX", "2400", Status("A6", "247"), "The claim has no service line.",
        "Add the services of the visit.", level=2,
    ),
    Edit(
        "lines_count", _lines_count, "LX", "2400", Status("A7", "121"), "A claim carries at most 50 service lines.",
        "Split the claim.", level=2,
    ),
    Edit(
        "bad_pointer", _pointer, "SV107", "2400", Status("A7", "477"),
        "The line does not point at a diagnosis that the claim has.", _POINTER_FIX, rank=9,
    ),
    Edit(
        "more_pointers", _more_pointers, "SV107", "2400", Status("A7", "477"),
        "A pointer after the first names a diagnosis that the claim does not have.", _POINTER_FIX, severity=WARNING,
        rank=9,
    ),
    Edit(
        "modifier_form", _modifier_form, "SV101-3", "2400", Status("A7", "453"),
        "A modifier is not two letters or digits, or there are more than four.", "Correct the modifiers.", level=2,
        rank=1,
    ),
    Edit(
        "modifier_repeated", _modifier_repeated, "SV101-3", "2400", Status("A7", "453"), "A modifier is repeated.",
        "Send each modifier once; say a number of services by units.", rank=1,
    ),
    Edit(
        "modifier_clash", _modifier_clash, "SV101-3", "2400", Status("A8", "453"),
        "Two modifiers contradict each other.", "Keep the one that the record supports.", severity=WARNING, rank=1,
    ),
    Edit(
        "units", _units, "SV104", "2400", Status("A7", "476"), "Units must be above zero.", "Correct the units.",
        rank=11,
    ),
    Edit(
        "line_place", _place, "SV105", "2400", Status("A7", "249"), "The line's place of service is no such code.",
        "Choose a valid place of service.", level=5,
    ),
    Edit(
        "description_missing", _description, "SV101-7", "2400", Status("A8", "306"),
        "The code stands for what has none of its own, and the service is not described.",
        "Describe the service on the line.", rank=14,
    ),
    Edit(
        "clia_missing", _clia, "REF", "2400", Status("A6", "142", "85"),
        "A laboratory service is billed without the laboratory's certificate number.",
        "Add the CLIA number of the laboratory.", severity=WARNING, level=7, rank=15,
    ),
    Edit(
        "line_control", _control, "REF02", "2400", Status("A7", "481"),
        "The line control number has more than 30 characters.", "Shorten the line control number.", level=1, rank=19,
    ),
    Edit(
        "drug_code", _drug_code, "LIN03", "2410", Status("A7", "218"),
        "The national drug code is not eleven digits.", "Write the drug code 5-4-2, with zeros and without hyphens.",
        level=5, rank=18,
    ),
    Edit(
        "drug_quantity", _drug_quantity, "CTP04", "2410", Status("A6", "216"),
        "A drug needs a quantity above zero and its unit.", "Give quantity and unit of the drug.", rank=18,
    ),
    Edit(
        "line_attachment", _attachment, "PWK06", "2400", Status("A6", "294"),
        "An attachment is sent apart, and its control number is missing.", "Number the attachment.", rank=22,
    ),
    Edit(
        "orderer_missing", _orderer_missing, "NM1", "2420E", Status("A6", "562", "DK"),
        "Equipment is billed without an ordering or referring provider.", "Name the provider who ordered it.",
        severity=WARNING, level=7, rank=13,
    ),
)  # fmt: skip
_CODES = (
    Edit(
        "procedure_unknown", _procedure, "SV101-2", "2400", Status("A7", "507"),
        "The procedure is no code valid on the date of service.", "Choose a procedure code valid on that date.",
        level=5, rank=1, needs="codes",
    ),
    Edit(
        "modifier_unknown", _modifier_unknown, "SV101-3", "2400", Status("A7", "453"),
        "A modifier is not one in use.", "Correct the modifiers.", level=5, rank=1, needs="codes",
    ),
)  # fmt: skip
GROUPS = (Group(_line_parts, _LINES), Group(_code_parts, _CODES))
