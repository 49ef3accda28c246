"""The audit log as pages ask for it: whose a row is, and all that belongs to a claim."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bureau.models import (
    ChargeDraft,
    Claim,
    ClaimLine,
    Filing,
    JobRun,
    Mail,
    Question,
    Remittance,
    Thread,
    Upload,
    UploadRow,
)
from bureau.office import Office
from bureau.queries.paging import anyones
from clients.models import Provider, Rehearsal

OWNED: dict[str, Any] = {
    "charge": ChargeDraft, "claim": Claim, "clinician": Provider, "file": Mail, "filing": Filing, "job_run": JobRun,
    "message": Thread, "question": Question, "rehearsal": Rehearsal, "remittance": Remittance, "upload": Upload,
    "upload_row": UploadRow,
}  # fmt: skip


def find_owner(office: Office, subject: str, row_id: str | int) -> int | None:
    """The client whose row this is; None for a row that is no client's."""
    model = OWNED.get(subject)
    if model is None or not str(row_id).isdecimal():
        return None
    owner: int | None = office.session.scalar(select(model.client_id).where(anyones(model), model.id == int(row_id)))
    return owner


def find_parts(office: Office, claim_id: int) -> tuple[tuple[str, str], ...]:
    """The subjects under which the log speaks of one claim: itself, its filings, lines, visit and patient."""
    claim = office.session.scalars(select(Claim).where(anyones(Claim), Claim.id == claim_id)).one_or_none()
    if claim is None:
        return (("claim", str(claim_id)),)
    found = [("claim", claim.id), ("encounter", claim.encounter_id), ("patient", claim.patient_id)]
    for word, model in (("filing", Filing), ("claim_line", ClaimLine)):
        wanted = select(model.id).where(model.client_id == claim.client_id, model.claim_id == claim_id)
        found += [(word, row_id) for row_id in office.session.scalars(wanted)]
    return tuple((word, str(row_id)) for word, row_id in found)
