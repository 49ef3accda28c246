"""The coding desk: gives a line or a claim the code it lacks, signs for it, and lets the claim go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from bureau import books, progress
from bureau.books import Entry
from bureau.models import Claim, ClaimLine, Filing
from bureau.models.books import Account, Kind
from bureau.office import Office
from bureau.progress import Move
from bureau.queries import registry
from bureau.queries.filings import FilingAt, load_filings
from bureau.rules.codebook import is_procedure
from bureau.rules.lifecycle import Event, State
from bureau.rules.pricing import price_line
from config import codes
from config.problems import Problem


def code_claim(
    office: Office,
    client_id: int,
    filing_id: int,
    procedures: Mapping[int, str],
    diagnoses: str | None = None,
) -> list[Problem]:
    """Set procedure codes by line id, and the claim's diagnoses (space between) when given; then back to draft.

    Every line must have a valid code afterwards and the claim a diagnosis, else the problems are returned and
    nothing is changed. A line that had no charge is priced from the charge master.
    """
    filing = load_filings(office, [filing_id])[filing_id]
    claim = office.get(Claim, client_id, filing.claim_id)
    lines = office.session.scalars(
        select(ClaimLine).where(ClaimLine.client_id == client_id, ClaimLine.claim_id == claim.id)
    ).all()
    wanted = (diagnoses if diagnoses is not None else claim.diagnoses).replace(".", "").upper()
    new = {line.id: procedures.get(line.id, line.code).strip().upper() for line in lines}
    problems = _find_problems(claim, new, wanted)
    if problems:
        return problems
    prices = registry.find_prices(office, client_id)
    for line in lines:
        if line.code == new[line.id]:
            continue
        line.code, line.coded_by = new[line.id], str(office.actor)
        if line.charge_cents == 0:
            line.charge_cents = price_line(prices, line.code, line.modifiers, line.units, line.served_on) or 0
    claim.diagnoses = wanted
    _charge_new_amounts(office, filing, claim, lines)
    progress.advance(office, [Move(filing, (Event.CODED,))], act="coded")
    return []


def _find_problems(claim: Claim, new: Mapping[int, str], diagnoses: str) -> list[Problem]:
    problems = []
    for line_id, code in new.items():
        if not is_procedure(code, claim.served_on):
            text = f"{code or 'an empty code'} is no procedure code valid on the date of service."
            problems.append(Problem(f"line {line_id}", "procedure.invalid", text))
    problems += [
        Problem("diagnoses", "diagnosis.invalid", f"{code} is not valid on the date of service.")
        for code in diagnoses.split()
        if codes.diagnosis_status(code, claim.served_on) is not codes.CodeStatus.VALID
    ]
    if not diagnoses:
        problems.append(Problem("diagnoses", "diagnosis.missing", "At least one diagnosis is needed."))
    return problems


def _charge_new_amounts(office: Office, filing: FilingAt, claim: Claim, lines: Sequence[ClaimLine]) -> None:
    claim.charge_cents = sum(line.charge_cents for line in lines)
    office.session.flush()
    entries = [
        Entry(
            filing.client_id, Kind.CHARGE, Account.INSURANCE, Account.REVENUE, line.charge_cents, f"charge:{line.id}",
            claim_id=claim.id, line_id=line.id, filing_id=filing.id,
        )
        for line in lines
    ]  # fmt: skip
    books.enter(office, entries)


def find_uncoded(office: Office, client_id: int) -> list[int]:
    """Filings of a client that wait for a coder, oldest first."""
    wanted = select(Filing.id).where(Filing.client_id == client_id, Filing.state == State.CODING)
    return list(office.session.scalars(wanted.order_by(Filing.since, Filing.id)))
