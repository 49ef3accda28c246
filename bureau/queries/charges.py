"""The read side of charge entry: drafts, patients to pick from, what the book knows of them, and what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from bureau.models import ChargeDraft, Claim, Coverage, Encounter, Patient, Upload
from bureau.office import NotFound, Office
from bureau.rules.charge_form import KEYED, Form, KnownCoverage, KnownPatient
from clients.models import Location, Payer, Provider

MOST = 8
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m%d%Y")


class DraftLine(NamedTuple):
    """A charge that waits to be finished; `patient` is empty until there is one."""

    client_id: int
    id: int
    kept_at: datetime
    kept_by: str
    patient: str
    day: str
    lines: int


class FoundPatient(NamedTuple):
    number: str
    last: str
    first: str
    born_on: date | None


class SavedCharge(NamedTuple):
    upload_id: int
    claim_id: int
    saved_at: datetime
    saved_by: str
    patient: str
    served_on: date
    cents: int


def get_draft(office: Office, draft_id: int) -> ChargeDraft:
    """A draft of a client within the scope, or NotFound."""
    found = office.session.scalars(select(ChargeDraft).where(ChargeDraft.id == draft_id)).one_or_none()
    if found is None:
        raise NotFound("no such draft")
    return found


def find_drafts(office: Office) -> list[DraftLine]:
    """Charges that wait to be finished, the latest first; those nobody wrote into are left out."""
    wanted = select(ChargeDraft).where(ChargeDraft.upload_id.is_(None)).order_by(ChargeDraft.kept_at.desc()).limit(50)
    return [_draft_line(draft) for draft in office.session.scalars(wanted) if "patient_id" in draft.form]


def _draft_line(draft: ChargeDraft) -> DraftLine:
    form = draft.form
    patient = ", ".join(filter(None, (form.get("last_name", ""), form.get("first_name", "")))) or form["patient_id"]
    lines = len({name.split("-")[1] for name in form if name.startswith("line-")})
    return DraftLine(
        draft.client_id, draft.id, draft.kept_at, draft.kept_by, patient, form.get("service_date", ""), lines
    )


def find_patients(office: Office, client_id: int, text: str) -> list[FoundPatient]:
    """Patients by the beginning of their names, their date of birth, or their number; every word must fit."""
    words = text.replace(",", " ").split()
    if not words:
        return []
    wanted = select(Patient.external_id, Patient.last, Patient.first, Patient.born_on).where(
        Patient.client_id == client_id, and_(*map(_fits, words))
    )
    rows = office.rows(wanted.order_by(Patient.last, Patient.first, Patient.born_on, Patient.id).limit(MOST))
    return [FoundPatient(*row) for row in rows]


def _fits(word: str) -> ColumnElement[bool]:
    day = _read_day(word)
    if day is not None:
        return or_(Patient.born_on == day, Patient.external_id == word)
    return or_(
        Patient.last.istartswith(word, autoescape=True),
        Patient.first.istartswith(word, autoescape=True),
        func.lower(Patient.external_id) == word.lower(),
    )


def _read_day(word: str) -> date | None:
    for spelling in _DATES:
        try:
            return datetime.strptime(word, spelling).date()  # noqa: DTZ007  (a date of birth has no zone)
        except ValueError:
            continue
    return None


def find_known(office: Office, client_id: int, number: str) -> KnownPatient | None:
    """The patient with this number of the practice, None for nobody."""
    wanted = select(Patient).where(Patient.client_id == client_id, Patient.external_id == number)
    patient = office.session.scalars(wanted).one_or_none() if number else None
    if patient is None:
        return None
    fields = {
        "patient_id": patient.external_id, "last_name": patient.last, "first_name": patient.first,
        "birth_date": patient.born_on.isoformat() if patient.born_on else "", "sex": patient.sex,
        "street": patient.street, "city": patient.city, "state": patient.region, "zip": patient.zip,
    }  # fmt: skip
    return KnownPatient(fields, _load_coverages(office, client_id, patient.id))


def _load_coverages(office: Office, client_id: int, patient_id: int) -> tuple[KnownCoverage, ...]:
    wanted = (
        select(
            Coverage.id, Payer.code, Payer.name, Coverage.member_id, Coverage.group_number, Coverage.relationship,
            Coverage.subscriber,
        )
        .join(Payer, Payer.id == Coverage.payer_id)
        .where(Coverage.client_id == client_id, Coverage.patient_id == patient_id)
        .order_by(Coverage.id.desc())
    )  # fmt: skip
    return tuple(KnownCoverage(*row) for row in office.rows(wanted))


def find_same_day(office: Office, client_id: int, form: Form) -> list[int]:
    """Claims the book has already for this patient, provider and day: perhaps the charge was sent before."""
    try:
        day = date.fromisoformat(form.get("service_date", ""))
    except ValueError:
        return []
    wanted = (
        select(Claim.id)
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .join(Provider, and_(Provider.client_id == Claim.client_id, Provider.id == Claim.provider_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .where(
            Claim.client_id == client_id,
            Encounter.undone_at.is_(None),
            Claim.served_on == day,
            Patient.external_id == form.get("patient_id", ""),
            Provider.npi == form.get("provider_npi", ""),
        )
    )
    return [row[0] for row in office.rows(wanted.order_by(Claim.id).limit(3))]


def find_saved(office: Office, since: datetime) -> list[SavedCharge]:
    """Keyed charges saved since then, the latest first."""
    wanted = (
        select(
            Upload.id, Claim.id, Upload.received_at, Upload.sent_by, Patient.last, Patient.first, Claim.served_on,
            Claim.charge_cents,
        )
        .join(Encounter, and_(Encounter.client_id == Upload.client_id, Encounter.upload_id == Upload.id))
        .join(Claim, and_(Claim.client_id == Encounter.client_id, Claim.encounter_id == Encounter.id))
        .join(Patient, and_(Patient.client_id == Claim.client_id, Patient.id == Claim.patient_id))
        .where(Upload.profile == KEYED, Upload.received_at >= since, Upload.undone_at.is_(None))
        .order_by(Upload.id.desc())
        .limit(200)
    )  # fmt: skip
    rows = office.rows(wanted)
    return [SavedCharge(row[0], row[1], row[2], row[3], f"{row[4]}, {row[5]}", row[6], row[7]) for row in rows]


def find_providers(office: Office, client_id: int) -> list[tuple[str, str]]:
    """NPI and name of the client's providers, by name."""
    wanted = select(Provider.npi, Provider.last, Provider.first).where(Provider.client_id == client_id)
    return [(row[0], f"{row[1]}, {row[2]}") for row in office.rows(wanted.order_by(Provider.last, Provider.first))]


def find_payers(office: Office) -> list[tuple[str, str]]:
    """Code and name of every payer, by name."""
    return [(row[0], row[1]) for row in office.rows(select(Payer.code, Payer.name).order_by(Payer.name))]


def find_places(office: Office, client_id: int) -> list[tuple[str, str]]:
    """The places of service of the client's own locations, by name."""
    wanted = select(Location.place, Location.name).where(Location.client_id == client_id)
    rows: Sequence[Any] = office.rows(wanted.order_by(Location.name))
    return list({row[0]: (row[0], row[1]) for row in reversed(rows)}.values())[::-1]
