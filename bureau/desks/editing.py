"""The editing desk: mends a claim before it goes out, or after it was refused, and says on record what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, update

from bureau import books, progress
from bureau.books import Entry
from bureau.models import Claim, ClaimLine, Coverage, Filing, Patient, Submission
from bureau.models.books import Account, Kind
from bureau.office import NotFound, Office
from bureau.progress import Move
from bureau.queries import registry
from bureau.queries.filings import FilingAt, load_filings
from bureau.queries.story import EDITED, NOTE
from bureau.rules.codebook import is_procedure
from bureau.rules.lifecycle import Event, State
from bureau.rules.pricing import price_line
from bureau.x12.edits.lists import RELATIONSHIPS
from config import codes
from config.money import format_cents
from config.problems import Problem

ACT = EDITED
EDITABLE = frozenset({State.DRAFT, State.READY, State.SCRUB_FAILED, State.REJECTED})
PATIENT_FIELDS = ("last", "first", "born_on", "sex", "street", "city", "region", "zip")
COVERAGE_FIELDS = ("member_id", "group_number", "relationship")
CLAIM_FIELDS = ("diagnoses", "place", "prior_auth")
LINE_FIELDS = ("code", "modifiers", "units", "pointers", "charge_cents")
LARGEST_UNITS = 9_999


@dataclass(frozen=True, slots=True)
class LineEdit:
    """One charge line as it should read; `charge_cents` None asks for the price of the charge master."""

    code: str
    modifiers: str
    units: int
    pointers: str
    charge_cents: int | None


@dataclass(frozen=True, slots=True)
class ClaimEdit:
    """What should stand in the claim from now on; a field that is not named stays as it is.

    `version` is that of the filing when the person began to edit.
    """

    version: int
    patient: Mapping[str, Any] = field(default_factory=dict)
    coverage: Mapping[str, str] = field(default_factory=dict)
    claim: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[int, LineEdit] = field(default_factory=dict)


@dataclass(slots=True)
class _File:
    """The rows an edit may touch."""

    filing: FilingAt
    claim: Claim
    patient: Patient
    coverage: Coverage | None
    lines: Sequence[ClaimLine]


def edit_claim(office: Office, client_id: int, filing_id: int, edit: ClaimEdit, *, why: str) -> list[Problem]:
    """Change a claim and send it on its way again: back to draft, where every edit is scrubbed.

    Returns what is wrong with the edit, in which case nothing was changed. What was changed, from what to what, and
    why stands in the journal. A changed charge is undone in the ledger by a contra entry and charged anew.
    """
    file = _load(office, client_id, filing_id)
    problems = _find_problems(file, edit)
    if problems:
        return problems
    changes = [
        *_change(file.patient, edit.patient, "patient"),
        *_change_coverage(office, file, edit.coverage),
        *_change(file.claim, edit.claim, "claim"),
        *_change_lines(office, file, edit.lines),
    ]
    if not changes and file.filing.state is not State.REJECTED:
        return [Problem("claim", "edit.nothing", "Nothing was changed. Change what is wrong, then send it again.")]
    office.session.flush()
    _move_on(office, file.filing, "; ".join([why, *changes] if why else changes))
    return []


def _load(office: Office, client_id: int, filing_id: int) -> _File:
    filing = load_filings(office, [filing_id]).get(filing_id)
    if filing is None or filing.client_id != client_id:
        raise NotFound("no such filing")
    claim = office.get(Claim, client_id, filing.claim_id)
    coverage_id = office.get(Filing, client_id, filing_id).coverage_id
    lines = select(ClaimLine).where(ClaimLine.client_id == client_id, ClaimLine.claim_id == claim.id)
    return _File(
        filing,
        claim,
        office.get(Patient, client_id, claim.patient_id),
        office.get(Coverage, client_id, coverage_id) if coverage_id else None,
        office.session.scalars(lines.order_by(ClaimLine.line_no)).all(),
    )


# -- what may not be written ---------------------------------------------------------------------------------


def _find_problems(file: _File, edit: ClaimEdit) -> list[Problem]:
    if file.filing.state not in EDITABLE:
        return [Problem("claim", "edit.state", "This claim cannot be edited in the state it is in now.")]
    if file.filing.version != edit.version:
        text = "Somebody changed this claim while you were editing it. Look at it again, then repeat your changes."
        return [Problem("claim", "edit.stale", text)]
    served, diagnoses = file.claim.served_on, edit.claim.get("diagnoses", file.claim.diagnoses).split()
    problems = [*_claim_problems(edit, diagnoses, served), *_person_problems(edit)]
    numbers = {line.id: line.line_no for line in file.lines}
    if edit.lines.keys() - numbers.keys():
        raise NotFound("no such line")
    for line_id, line in edit.lines.items():
        problems += _line_problems(line, f"line-{numbers[line_id]}", served, len(diagnoses))
    return problems


def _claim_problems(edit: ClaimEdit, diagnoses: list[str], served: date) -> Iterable[Problem]:
    if not diagnoses:
        yield Problem("diagnoses", "diagnosis.missing", "At least one diagnosis is needed.")
    for code in diagnoses:
        if codes.diagnosis_status(code, served) is not codes.CodeStatus.VALID:
            yield Problem("diagnoses", "diagnosis.invalid", f"{code} is not valid on the date of service.")
    if len(set(diagnoses)) != len(diagnoses) or len(diagnoses) > 12:
        yield Problem("diagnoses", "diagnosis.count", "Name up to twelve diagnoses, each once.")
    if "place" in edit.claim and not codes.place_ok(edit.claim["place"]):
        yield Problem("place", "place.unknown", "This is no place-of-service code.")


def _person_problems(edit: ClaimEdit) -> Iterable[Problem]:
    for name, words in (("last", "last name"), ("first", "first name")):
        if name in edit.patient and not edit.patient[name]:
            yield Problem(name, "patient.name", f"The patient's {words} is needed.")
    if "sex" in edit.patient and edit.patient["sex"] not in ("M", "F", "U"):
        yield Problem("sex", "patient.sex", "Choose M, F or U.")
    if "member_id" in edit.coverage and not edit.coverage["member_id"]:
        yield Problem("member_id", "coverage.member_id", "The member id is needed.")
    if "relationship" in edit.coverage and edit.coverage["relationship"] not in RELATIONSHIPS:
        yield Problem("relationship", "coverage.relationship", "Choose how the patient is related to the subscriber.")


def _line_problems(line: LineEdit, where: str, served: date, diagnoses: int) -> Iterable[Problem]:
    if not is_procedure(line.code, served):
        text = f"{line.code or 'An empty code'} is no procedure code valid on the date of service."
        yield Problem(f"{where}-code", "procedure.invalid", text)
    modifiers = line.modifiers.split()
    if len(modifiers) > 4 or len(set(modifiers)) != len(modifiers) or not all(map(codes.modifier_ok, modifiers)):
        yield Problem(f"{where}-modifiers", "modifier.invalid", "Give up to four different modifiers of two signs.")
    if not 0 < line.units <= LARGEST_UNITS:
        yield Problem(f"{where}-units", "units.range", f"Units lie between 1 and {LARGEST_UNITS:,}.")
    pointers = line.pointers.split()
    if not 0 < len(pointers) <= 4 or not all(one.isdecimal() and 1 <= int(one) <= diagnoses for one in pointers):
        yield Problem(f"{where}-pointers", "pointer.range", f"Point at one to four of the {diagnoses} diagnoses.")
    if line.charge_cents is not None and line.charge_cents < 0:
        yield Problem(f"{where}-charge", "charge.negative", "A charge is never below zero.")


# -- writing it --------------------------------------------------------------------------------------------


def _change(row: Any, new: Mapping[str, Any], what: str) -> list[str]:
    """Set what differs; says what was changed from what to what."""
    changes = []
    for name, value in new.items():
        old = getattr(row, name)
        if old != value:
            setattr(row, name, value)
            changes.append(f"{what} {name.replace('_', ' ')}: {_say(old)} → {_say(value)}")
    return changes


def _say(value: Any) -> str:
    return "none" if value in (None, "") else str(value)


def _change_coverage(office: Office, file: _File, new: Mapping[str, str]) -> list[str]:
    """A member id that is known for this patient and payer moves the filing over to that coverage."""
    if file.coverage is None or not new:
        return []
    coverage, member_id = file.coverage, new.get("member_id", file.coverage.member_id)
    if member_id != coverage.member_id:
        same = (Coverage.patient_id == coverage.patient_id, Coverage.payer_id == coverage.payer_id)
        known = office.session.scalars(
            select(Coverage).where(Coverage.client_id == coverage.client_id, *same, Coverage.member_id == member_id)
        ).one_or_none()
        if known is not None:
            office.get(Filing, coverage.client_id, file.filing.id).coverage_id = known.id
            said = f"coverage member id: {_say(coverage.member_id)} → {member_id} (known before)"
            return [said, *_change(known, {k: v for k, v in new.items() if k != "member_id"}, "coverage")]
    return _change(coverage, new, "coverage")


def _change_lines(office: Office, file: _File, new: Mapping[int, LineEdit]) -> list[str]:
    changes: list[str] = []
    entries: list[Entry] = []
    prices = registry.find_prices(office, file.claim.client_id)
    for line in file.lines:
        edit = new.get(line.id)
        if edit is None:
            continue
        values: dict[str, Any] = {name: getattr(edit, name) for name in LINE_FIELDS[:-1]}
        changed = _change(line, values, f"line {line.line_no}")
        if any(one.startswith(f"line {line.line_no} code") for one in changed):
            line.coded_by = str(office.actor)
        cents = edit.charge_cents
        if cents is None:
            cents = price_line(prices, edit.code, edit.modifiers, edit.units, line.served_on)
        if cents is not None and cents != line.charge_cents:
            entries += _recharge(file, line, cents)
            changed.append(f"line {line.line_no} charge: {format_cents(line.charge_cents)} → {format_cents(cents)}")
            line.charge_cents = cents
        changes += changed
    if entries:
        file.claim.charge_cents = sum(line.charge_cents for line in file.lines)
        books.enter(office, entries)
    return changes


def _recharge(file: _File, line: ClaimLine, cents: int) -> list[Entry]:
    """Undo the old charge and enter the new one; the filing's version tells one edit's entries from the next's."""
    mark = f"charge:{line.id}:v{file.filing.version}"
    return [_charge(file, line, -line.charge_cents, f"{mark}:undone"), _charge(file, line, cents, mark)]


def _charge(file: _File, line: ClaimLine, cents: int, source: str) -> Entry:
    return Entry(
        file.filing.client_id, Kind.CHARGE, Account.INSURANCE, Account.REVENUE, cents, source,
        claim_id=file.claim.id, line_id=line.id, filing_id=file.filing.id,
    )  # fmt: skip


def _move_on(office: Office, filing: FilingAt, text: str) -> None:
    if filing.state is State.DRAFT:
        moved = {"client_id": filing.client_id, "id": filing.id, "version": filing.version + 1}
        office.update(Filing, [moved])
        books.record(office, filing.client_id, ACT, text=text, filing_id=filing.id)
        return
    event = Event.EDITED if filing.state is not State.REJECTED else _close_submission(office, filing)
    progress.advance(office, [Move(filing, (event,), "", None)], act=ACT, why=text)


def _close_submission(office: Office, filing: FilingAt) -> Event:
    """The refused submission counts no more; a correction of something already judged stays a correction."""
    last = office.session.scalars(
        select(Submission)
        .where(Submission.client_id == filing.client_id, Submission.filing_id == filing.id)
        .order_by(Submission.id.desc())
        .limit(1)
    ).one()
    refused = (Submission.client_id == filing.client_id, Submission.filing_id == filing.id)
    office.session.execute(
        update(Submission).where(*refused, Submission.status == "REJECTED").values(status="SUPERSEDED")
    )
    return Event.FIXED if last.frequency == "1" else Event.FIXED_CORRECTION


def write_note(office: Office, client_id: int, filing_id: int, text: str) -> None:
    """Write a note into the story of a filing; it moves nothing. Raises NotFound outside the scope."""
    office.get(Filing, client_id, filing_id)
    books.record(office, client_id, NOTE, text=text, filing_id=filing_id)
