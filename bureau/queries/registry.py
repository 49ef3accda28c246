"""Who and what a client already knows: patients, providers, coverages, encounters, prices, looked up in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from bureau.models import Coverage, Encounter, Patient, Upload, UploadMessage, UploadRow
from bureau.models.intake import RowState
from bureau.office import Office
from bureau.rules.intake.profiles import STANDARD, Profile, read_profile
from bureau.rules.pricing import Prices, build_prices
from clients.models import Fee, Payer, Provider
from clients.profiles import find_profile


def find_payers(office: Office) -> dict[str, int]:
    """Payer code -> id."""
    return {row.code: row.id for row in office.rows(select(Payer.code, Payer.id))}


def find_filing_days(office: Office) -> dict[int, int]:
    """Payer id -> days from the date of service within which it takes a claim."""
    return {row.id: row.filing_days for row in office.rows(select(Payer.id, Payer.filing_days))}


def find_upload(office: Office, client_id: int, sha256: str) -> Row[int, str, datetime] | None:
    """The earlier upload of the very same bytes, unless it was taken back: id, file_name, received_at."""
    wanted = select(Upload.id, Upload.file_name, Upload.received_at).where(Upload.undone_at.is_(None))
    return office.session.execute(wanted.where(Upload.client_id == client_id, Upload.sha256 == sha256)).one_or_none()


def find_standing_upload(office: Office, client_id: int, upload_id: int | None) -> Upload | None:
    """An upload that was not taken back; None where there is none such."""
    wanted = select(Upload).where(Upload.client_id == client_id, Upload.id == upload_id, Upload.undone_at.is_(None))
    return office.session.scalars(wanted).one_or_none()


def find_mapping(office: Office, client_id: int, name: str, version: int | None) -> Profile:
    """The client's saved mapping of that name and version; our own layout where it saved none."""
    saved = find_profile(office.session, client_id, name, version)
    profile, _problems = read_profile(saved.mapping, name) if saved else (None, [])
    return profile or STANDARD


def find_messages(office: Office, client_id: int, controls: Iterable[str]) -> dict[str, str]:
    """Control id -> hash of the messages that were taken in before."""
    statement = select(UploadMessage.control, UploadMessage.fingerprint).where(
        UploadMessage.client_id == client_id, UploadMessage.undone_at.is_(None)
    )
    return {row[0]: row[1] for row in office.rows_in(statement, UploadMessage.control, controls)}


def find_problem_rows(office: Office, upload: Upload) -> Sequence[Row[Any]]:
    """The rows of an upload that are open problems, in the order they came: id, file_name, row_no, raw."""
    wanted = select(UploadRow.id, UploadRow.file_name, UploadRow.row_no, UploadRow.raw)
    return office.rows(
        wanted.where(
            UploadRow.client_id == upload.client_id,
            UploadRow.upload_id == upload.id,
            UploadRow.state == RowState.PROBLEM,
        ).order_by(UploadRow.id)
    )


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
    """The client's own encounter number -> (fingerprint, id); what was taken back is forgotten."""
    columns = (Encounter.external_id, Encounter.fingerprint, Encounter.id)
    statement = select(*columns).where(Encounter.undone_at.is_(None))
    rows = office.rows_in(statement.where(Encounter.client_id == client_id), Encounter.external_id, external_ids)
    return {row[0]: (row[1], row[2]) for row in rows}
