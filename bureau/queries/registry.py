"""Who and what a client already knows: patients, providers, coverages, encounters and prices, looked up in batches."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from bureau.models import Coverage, Encounter, Patient
from bureau.office import Office
from bureau.rules.pricing import Prices, build_prices
from clients.models import Fee, Payer, Provider


def find_payers(office: Office) -> dict[str, int]:
    """Payer code -> id."""
    return {row.code: row.id for row in office.rows(select(Payer.code, Payer.id))}


def find_providers(office: Office, client_id: int) -> dict[str, int]:
    """NPI -> id of the client's providers."""
    rows = office.rows(select(Provider.npi, Provider.id).where(Provider.client_id == client_id))
    return {row.npi: row.id for row in rows}


def find_prices(office: Office, client_id: int) -> Prices:
    columns = (Fee.code, Fee.modifier, Fee.starts_on, Fee.cents)
    return build_prices(tuple(row) for row in office.rows(select(*columns).where(Fee.client_id == client_id)))


def find_patients(office: Office, client_id: int, external_ids: Iterable[str]) -> dict[str, int]:
    """The client's own patient number -> id."""
    statement = select(Patient.external_id, Patient.id).where(Patient.client_id == client_id)
    return {row.external_id: row.id for row in office.rows_in(statement, Patient.external_id, external_ids)}


def find_coverages(office: Office, client_id: int, patient_ids: Iterable[int]) -> dict[tuple[int, int, str], int]:
    """(patient, payer, member id) -> coverage id."""
    statement = select(Coverage.patient_id, Coverage.payer_id, Coverage.member_id, Coverage.id)
    rows = office.rows_in(statement.where(Coverage.client_id == client_id), Coverage.patient_id, patient_ids)
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def find_encounters(office: Office, client_id: int, external_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The client's own encounter number -> (fingerprint, id)."""
    statement = select(Encounter.external_id, Encounter.fingerprint, Encounter.id)
    rows = office.rows_in(statement.where(Encounter.client_id == client_id), Encounter.external_id, external_ids)
    return {row[0]: (row[1], row[2]) for row in rows}
