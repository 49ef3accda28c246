"""Claims as they would be sent: everything the 837P says of a filing, gathered in two statements per batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Claim, ClaimLine, Coverage, Encounter, Filing, Patient
from bureau.office import Office
from bureau.queries.filings import STATES, FilingAt
from bureau.x12 import values837 as x12
from bureau.x12.scalars import Memo
from bureau.x12.values import Party
from clients.models import Client, Payer, Provider

# The same few counts, modifiers and pointers stand on every line.
_UNITS: Memo[int, Decimal] = Memo(Decimal)
_WORDS: Memo[str, tuple[str, ...]] = Memo(lambda text: tuple(text.split()))
_POINTERS: Memo[str, tuple[int, ...]] = Memo(lambda text: tuple(map(int, text.split())))


@dataclass(slots=True)
class Snapshot:
    """One filing with the claim as it stands now, and what scrubbing needs beside the claim itself."""

    filing: FilingAt
    payer_id: int
    scrubs: int
    attempt: int
    file_by: date | None
    patient_id: int
    provider_id: int | None
    claim: x12.Claim
    wanted: list[str]  # wording of lines that have no code yet
    note: str


def load_snapshots(office: Office, client_id: int, *where: ColumnElement[bool], limit: int) -> list[Snapshot]:
    """Snapshots of up to `limit` filings of a client that meet the conditions, oldest first."""
    columns = (
        Filing.id, Filing.claim_id, Filing.state, Filing.version, Filing.payer_id, Filing.scrubs, Filing.attempt,
        Filing.file_by, Filing.rank, Claim.charge_cents, Claim.place, Claim.diagnoses, Claim.prior_auth,
        Claim.patient_id, Claim.provider_id, Coverage.member_id, Coverage.group_number, Coverage.relationship,
        Coverage.subscriber, Patient.last, Patient.first, Patient.born_on, Patient.sex, Patient.street, Patient.city,
        Patient.region, Patient.zip, Encounter.source,
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .join(Coverage, and_(Coverage.client_id == Filing.client_id, Coverage.id == Filing.coverage_id))
        .where(Filing.client_id == client_id, *where)
        .order_by(Filing.id)
        .limit(limit)
    )
    rows = office.rows(statement)
    if not rows:
        return []
    lines = _load_lines(office, client_id, [row.claim_id for row in rows])
    parties = _Parties(office, client_id)
    return [_snapshot(client_id, row, lines[row.claim_id], parties) for row in rows]


def iter_snapshots(office: Office, client_id: int, *where: ColumnElement[bool], size: int) -> Iterator[list[Snapshot]]:
    """Every filing that meets the conditions, up to `size` at a time; each batch may be moved on before the next."""
    last, is_more = 0, True
    while is_more:
        batch = load_snapshots(office, client_id, *where, Filing.id > last, limit=size)
        if batch:
            last = batch[-1].filing.id
            yield batch
        is_more = len(batch) == size


class _Parties:
    """The parties that many claims share: billing provider, payers, rendering providers."""

    def __init__(self, office: Office, client_id: int) -> None:
        self.billing = billing_party(office.client(client_id))
        payers = office.session.scalars(select(Payer)).all()
        self.payers = {payer.id: Party(name=payer.name, id_kind="PI", id=payer.code) for payer in payers}
        self.filing_codes = {payer.id: payer.filing_code for payer in payers}
        self.alarms = {payer.id: payer.alarm_days for payer in payers}
        providers = office.session.scalars(select(Provider).where(Provider.client_id == client_id))
        self.rendering = {provider.id: _rendering(provider) for provider in providers}


def billing_party(client: Client) -> Party:
    return Party(
        name=client.name, id_kind="XX", id=client.npi, street=client.street, city=client.city, state=client.region,
        zip=client.zip, tax_id=client.tax_id, tax_id_kind="EI", taxonomy=client.taxonomy, phone=client.phone,
    )  # fmt: skip


def _rendering(provider: Provider) -> Party:
    return Party(
        name=provider.last, first=provider.first, is_person=True, id_kind="XX", id=provider.npi,
        taxonomy=provider.taxonomy,
    )  # fmt: skip


def _load_lines(office: Office, client_id: int, claim_ids: Sequence[int]) -> dict[int, list[Any]]:
    columns = (
        ClaimLine.claim_id, ClaimLine.id, ClaimLine.line_no, ClaimLine.code, ClaimLine.modifiers, ClaimLine.units,
        ClaimLine.charge_cents, ClaimLine.pointers, ClaimLine.served_on, ClaimLine.wanted,
    )  # fmt: skip
    statement = select(*columns).where(ClaimLine.client_id == client_id).order_by(ClaimLine.claim_id, ClaimLine.line_no)
    lines: dict[int, list[Any]] = {claim_id: [] for claim_id in claim_ids}
    for row in office.rows_in(statement, ClaimLine.claim_id, claim_ids):
        lines[row[0]].append(row)
    return lines


def _snapshot(client_id: int, row: Any, lines: list[Any], parties: _Parties) -> Snapshot:
    (
        filing_id, claim_id, state, version, payer_id, scrubs, attempt, file_by, rank, charge_cents, place, diagnoses,
        prior_auth, patient_id, provider_id, member_id, group_number, relationship, subscriber, last, first, born_on,
        sex, street, city, region, zip_code, source,
    ) = row  # fmt: skip
    patient = Party(
        name=last, first=first, is_person=True, id_kind="MI", id=member_id, street=street, city=city, state=region,
        zip=zip_code, birth=born_on, sex=sex,
    )  # fmt: skip
    claim = x12.Claim(
        pcn="", charge_cents=charge_cents, place=place, frequency="1", billing=parties.billing, subscriber=patient,
        payer=parties.payers[payer_id], payer_rank="PST"[rank - 1], filing_code=parties.filing_codes[payer_id],
        group_number=group_number, relationship=relationship, diagnoses=_WORDS[diagnoses],
        lines=[_line(line) for line in lines], rendering=parties.rendering.get(provider_id), prior_auth=prior_auth,
    )  # fmt: skip
    if relationship != "18":
        _split_dependent(claim, patient, subscriber)
    filing = FilingAt(client_id, filing_id, claim_id, STATES[state], version, charge_cents, parties.alarms[payer_id])
    wanted = [line.wanted for line in lines if not line.code]
    note = (source or {}).get("note", "")
    return Snapshot(filing, payer_id, scrubs, attempt, file_by, patient_id, provider_id, claim, wanted, note)


def _split_dependent(claim: x12.Claim, patient: Party, named: dict[str, str] | None) -> None:
    """A dependent is billed under the subscriber; where the upload names none, the dependent's own data stand in."""
    claim.patient = replace(patient, id_kind="", id="")
    if named:
        born = named.get("birth_date")
        claim.subscriber = replace(
            patient,
            name=named.get("last") or patient.name,
            first=named.get("first", ""),
            birth=date.fromisoformat(born) if born else patient.birth,
            sex=named.get("sex") or patient.sex,
        )


def _line(line: Any) -> x12.ServiceLine:
    _claim_id, line_id, number, code, modifiers, units, charge_cents, pointers, served_on, _wanted = line
    return x12.ServiceLine(
        number=number,
        code=code,
        charge_cents=charge_cents,
        units=_UNITS[units],
        date_from=served_on,
        modifiers=_WORDS[modifiers],
        pointers=_POINTERS[pointers],
        control=f"L{line_id}",
    )
