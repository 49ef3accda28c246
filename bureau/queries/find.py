"""What the search box of the staff finds in the book: claims, patients, payers and files, recent first."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, or_, select

from bureau.models import Claim, Filing, Mail, Patient
from bureau.office import Office
from bureau.queries.claims import ClaimRow, Wanted, find_claims, match_name
from clients.models import Payer
from config.identifiers import parse_pcn, read_reference

MOST = 6


class FoundPatient(NamedTuple):
    client_id: int
    id: int
    external_id: str
    last: str
    first: str


class FoundFile(NamedTuple):
    client_id: int | None
    id: int
    name: str
    kind: str


def find_patients(office: Office, text: str, most: int = MOST) -> list[FoundPatient]:
    """Patients whose name begins so or who carry exactly this number at the practice."""
    if len(text) < 2:
        return []
    columns = (Patient.client_id, Patient.id, Patient.external_id, Patient.last, Patient.first)
    wanted = select(*columns).where(or_(Patient.external_id == text, match_name(text)))
    return [FoundPatient(*row) for row in office.rows(wanted.order_by(Patient.id.desc()).limit(most))]


def find_claims_named(office: Office, text: str, most: int = MOST) -> list[ClaimRow]:
    """The claim with this reference or control number; for any other text the latest claims of patients named so."""
    named = read_reference(text) or parse_pcn(text)
    if not named and len(text) < 2:
        return []
    return list(find_claims(office, Wanted(text=text), limit=most).rows)


def find_payers(office: Office, text: str, most: int = MOST) -> list[tuple[int, str, str]]:
    """Payers as (id, name, code) whose name holds the text or whose code begins with it."""
    holds = or_(Payer.name.icontains(text, autoescape=True), Payer.code.istartswith(text, autoescape=True))
    found = select(Payer.id, Payer.name, Payer.code).where(holds).order_by(Payer.name).limit(most)
    return [(row[0], row[1], row[2]) for row in office.rows(found)]


def find_files(office: Office, text: str, most: int = MOST) -> list[FoundFile]:
    """Files by their name, their interchange number, or that carried the claim with this control number."""
    number = int(text) if text.isdecimal() and len(text) < 10 else None
    holds = Mail.name.icontains(text, autoescape=True) if number is None else Mail.control == number
    columns = (Mail.client_id, Mail.id, Mail.name, Mail.kind)
    return [FoundFile(*row) for row in office.rows(select(*columns).where(holds).order_by(Mail.id.desc()).limit(most))]


def get_claim_of(office: Office, client_id: int, filing_id: int) -> int | None:
    """The claim a filing belongs to, None outside the scope."""
    wanted = select(Claim.id).join(Filing, and_(Filing.client_id == Claim.client_id, Filing.claim_id == Claim.id))
    return office.session.scalar(wanted.where(Filing.client_id == client_id, Filing.id == filing_id))
