"""837P files of a client's own system as rows of our layout: one row per service line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import blake2b

from bureau.rules.intake.layout import Reading, SheetRow, refusal
from bureau.x12.claim837 import read_837
from bureau.x12.envelope import decode
from bureau.x12.syntax import iter_blocks, slices
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimSet, ServiceLine
from config.money import format_cents
from config.problems import Problem

DESCRIPTION = (
    "837P (005010X222A1) as the practice's own system exports it. Each claim becomes an encounter under its own "
    "number (CLM01), each service line a row; the rendering provider, or the billing one where none is named, "
    "must be known, and the payer is found by its id (NM109)."
)
_FEMALE_MALE = frozenset("FMU")
# What a claim may say that no column takes: field of its value -> segment it was read from.
_BEYOND_CLAIM = {"other_payers": "SBR", "accident": "CLM11", "primary_care": "NM1", "supervising": "NM1"}
_BEYOND_LINE = {"drug": "LIN", "providers": "NM1", "decisions": "SVD"}
_BEYOND_DETAILS = {
    "attachments": "PWK", "ambulance": "CR1", "conditions": "CRC", "dates": "DTP", "refs": "REF", "payer_refs": "REF",
    "note": "NTE", "notes": "NTE", "measures": "MEA", "quantities": "QTY", "file_notes": "K3", "certification": "CR3",
    "rental": "SV5", "contract": "CN1", "repricing": "HCP", "purchased": "PS1", "sales_tax_cents": "AMT",
    "postage_cents": "AMT", "patient_paid_cents": "AMT", "forms": "LQ", "spinal": "CR2", "anesthesia": "HI",
    "condition_codes": "HI", "special_program": "CLM12", "delay_reason": "CLM20", "currency": "CUR",
}  # fmt: skip


def read_edi(name: str, data: bytes) -> Reading:
    """Read 837P bytes. What is wrong inside a transaction set holds its claims back, outside of one the file."""
    text, problems = decode(data)
    if not text and problems:
        return Reading(problems=[_in_file(name, problem) for problem in problems])
    if "\x00" in text:
        return refusal(name, "file.binary", "The file holds characters that no text has.")
    sets, found = read_837(text, name)
    errors = [problem for problem in found if problem.is_error]
    whole = [problem for problem in errors if _is_of_file(problem, sets)]
    if whole or not sets:
        return Reading(problems=[_in_file(name, problem) for problem in whole or errors[:1]])
    lines = _find_lines(text)
    reading = Reading()
    for one in sets:
        reading.rows += _rows_of_set(name, one, errors, found, lines)
    reading.rows = _tell_apart(reading.rows)
    passed = [problem for problem in errors if problem.code == "version"]
    for problem in passed:
        reading.rows.append(SheetRow(name, problem.segment or 0, {}, f"ST{problem.segment} 0", problem, "segment"))
    if not reading.rows:
        reading.problems.append(Problem(name, "file.no_rows", "The file holds no claim with a service line."))
    return reading


def _tell_apart(rows: list[SheetRow]) -> list[SheetRow]:
    """Claims of one file under one number: said twice the later is a repeat, else it needs a number of its own.

    Some systems number the patient and not the claim; lines of two claims must never run together into one.
    """
    claims: dict[str, list[SheetRow]] = {}
    for row in rows:
        claims.setdefault(row.identity.partition(" ")[0], []).append(row)
    taken: dict[str, list[list[SheetRow]]] = {}
    found: list[SheetRow] = []
    for lines in claims.values():
        earlier = taken.setdefault(lines[0].values.get("encounter_id", ""), [])
        same = next((one for one in earlier if [row.values for row in one] == [row.values for row in lines]), None)
        if same is not None:
            found += [replace(row, identity=first.identity) for row, first in zip(lines, same, strict=True)]
        else:
            found += _renumber(lines, len(earlier) + 1) if earlier else lines
            earlier.append(lines)
    return found


def _renumber(lines: list[SheetRow], count: int) -> list[SheetRow]:
    text = "The claim number stands in the file before, on another claim; give this one an encounter id of its own."
    head = lines[0]
    problem = head.problem or Problem(head.where(), "claim.number", text, segment=head.number, element="CLM01")
    number = f"{head.values.get('encounter_id', '')}-{count}"
    moved = [replace(row, values=row.values | {"encounter_id": number}) for row in lines]
    return [replace(moved[0], problem=problem), *moved[1:]]


def _is_of_file(problem: Problem, sets: list[ClaimSet]) -> bool:
    at = problem.segment
    if problem.code == "version" and sets:
        return False
    return at is None or not any(one.first_segment <= at <= one.last_segment for one in sets)


def _in_file(name: str, problem: Problem) -> Problem:
    where = problem.where if name in problem.where else f"{name} {problem.where}"
    return Problem(where, problem.code, problem.text, problem.severity, problem.segment, problem.element, problem.loop)


def _find_lines(text: str) -> list[int]:
    """Positions of all LX segments, ascending."""
    found, n = [], 0
    for delimiters, segments in iter_blocks(slices(text)):
        start = "LX" + delimiters.element
        found += [at for at, segment in enumerate(segments, start=n + 1) if segment.startswith(start)]
        n += len(segments)
    return found


def _rows_of_set(
    name: str, one: ClaimSet, errors: list[Problem], found: list[Problem], lines: list[int]
) -> Iterator[SheetRow]:
    inside = [problem for problem in errors if one.first_segment <= (problem.segment or 0) <= one.last_segment]
    spans = [(claim.first_segment, claim.last_segment) for claim in one.claims]
    of_set = next((p for p in inside if not any(first <= (p.segment or 0) <= last for first, last in spans)), None)
    for claim in one.claims:
        first, last = claim.first_segment, claim.last_segment
        own = next((problem for problem in inside if first <= (problem.segment or 0) <= last), None)
        note = _not_carried(claim, [p for p in found if not p.is_error and first <= (p.segment or 0) <= last])
        places = [at for at in lines if first <= at <= last]
        yield from _rows_of_claim(name, claim, places, note, of_set or own or _find_problem(claim))


def _not_carried(claim: Claim, warnings: list[Problem]) -> str:
    what = {problem.element for problem in warnings if problem.code == "not_carried"}
    what |= _find_untaken(claim, _BEYOND_CLAIM) | _find_untaken(claim.extras, _BEYOND_DETAILS)
    for line in claim.lines:
        what |= _find_untaken(line, _BEYOND_LINE) | _find_untaken(line.extras, _BEYOND_DETAILS)
    return f"the file also says, and the claim does not: {', '.join(sorted(what))}" if what else ""


def _find_untaken(value: object, beyond: dict[str, str]) -> set[str]:
    """The segments whose content stands in a value but in no column of ours."""
    return {segment for name, segment in beyond.items() if getattr(value, name, None) not in (None, "", ())}


def _find_problem(claim: Claim) -> Problem | None:
    """What keeps a readable claim from being billed anew as it stands."""
    where, segment = f"segment {claim.first_segment} CLM", claim.first_segment
    if claim.frequency not in ("", "1"):
        text = "The claim replaces or voids an earlier one; only original claims are taken from a file."
        return Problem(where, "claim.frequency", text, segment=segment, element="CLM05-3")
    if claim.payer_rank != "P":
        text = "The claim is for a secondary payer; only claims to the first payer are taken from a file."
        return Problem(where, "claim.secondary", text, segment=segment, element="SBR01")
    if claim.diagnosis_kind != "10" and claim.diagnoses:
        text = "The diagnoses are ICD-9-CM; ICD-10-CM is needed."
        return Problem(where, "diagnosis.icd9", text, segment=segment, element="HI01-1")
    if any(line.date_to is not None for line in claim.lines):
        text = "A line covers several days; each day needs its own line."
        return Problem(where, "service_date.range", text, segment=segment, element="DTP03")
    if any(line.unit != "UN" for line in claim.lines):
        text = "A line counts minutes instead of units; only units are taken."
        return Problem(where, "units.unit", text, segment=segment, element="SV103")
    return None


def _rows_of_claim(
    name: str, claim: Claim, places: list[int], note: str, problem: Problem | None
) -> Iterator[SheetRow]:
    head = _head(claim)
    if note:
        head["source_note"] = note
    if problem is not None:
        problem = _in_file(name, problem)
    if not claim.lines:
        yield SheetRow(name, claim.first_segment, head, f"CLM{claim.first_segment} 0", problem, "segment")
    for at, line in enumerate(claim.lines):
        number = places[at] if at < len(places) else claim.first_segment + at + 1
        values = head | _line(line, claim)
        found, identity = problem if at == 0 else None, f"CLM{claim.first_segment} {number}"
        yield SheetRow(name, number, values, identity, found, "segment")


def _head(claim: Claim) -> dict[str, str]:
    patient = claim.patient or claim.subscriber
    served = min((line.date_from for line in claim.lines if line.date_from), default=None)
    provider = claim.rendering if claim.rendering is not None and claim.rendering.id else claim.billing
    head = {
        "encounter_id": claim.pcn,
        "patient_id": _patient_id(claim, patient),
        "last_name": patient.name,
        "first_name": patient.first,
        "birth_date": _iso(patient.birth),
        "sex": patient.sex if patient.sex in _FEMALE_MALE else "",
        "street": f"{patient.street} {patient.street2}".strip(),
        "city": patient.city,
        "state": patient.state,
        "zip": patient.zip,
        "payer_id": claim.payer.id,
        "member_id": claim.subscriber.id,
        "group_number": claim.group_number,
        "relationship": claim.relationship,
        "provider_npi": provider.id,
        "place_of_service": claim.place,
        "service_date": _iso(served),
        "prior_auth": claim.prior_auth,
        **{f"dx{number}": code for number, code in enumerate(claim.diagnoses[:12], start=1)},
    }
    return head | (_subscriber(claim.subscriber) if claim.patient is not None else {})


def _subscriber(person: Party) -> dict[str, str]:
    return {
        "subscriber_last": person.name,
        "subscriber_first": person.first,
        "subscriber_birth_date": _iso(person.birth),
        "subscriber_sex": person.sex,
    }


def _patient_id(claim: Claim, patient: Party) -> str:
    """An 837P names no patient number: payer, member id, first name and birth make one that stays the same."""
    said = (claim.payer.id, claim.subscriber.id, patient.name, patient.first, _iso(patient.birth))
    return "P" + blake2b("|".join(said).upper().encode(), digest_size=7).hexdigest().upper()


def _line(line: ServiceLine, claim: Claim) -> dict[str, str]:
    values = {
        "procedure": line.code,
        "modifiers": " ".join(line.modifiers),
        "units": f"{line.units.normalize():f}",
        "charge": format_cents(line.charge_cents, grouped=False),
        "pointers": " ".join(map(str, line.pointers)),
        "note": line.description,
        "line_date": _iso(line.date_from),
    }
    if line.place and line.place != claim.place:
        values["note"] = f"{line.description} at place {line.place}".strip()
    return values


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
