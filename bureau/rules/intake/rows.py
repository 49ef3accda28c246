"""Encounter drafts as rows for the tables: patients, coverages, encounters, claims, lines and filings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bureau.rules.intake.layout import SELF_PAY, SUBSCRIBER, EncounterDraft, ProviderDraft
from bureau.rules.intake.profiles import SEXES

Row = dict[str, object]
CoverageKey = tuple[int, int, str]  # patient, payer, member id
_SOURCE = ("source_note", "note")


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of whom the drafts name."""

    payers: Mapping[str, int]
    filing_days: Mapping[int, int]  # by payer id
    providers: Mapping[str, int]
    patients: Mapping[str, int]
    coverages: Mapping[CoverageKey, int]


@dataclass(frozen=True, slots=True)
class Place:
    """The ids under which one draft is written."""

    client_id: int
    upload_id: int
    encounter_id: int
    claim_id: int
    filing_id: int


def payer_code(draft: EncounterDraft) -> str | None:
    """The payer's code as the book writes it; None where the patient pays."""
    code = draft.values.get("payer_id", "").upper()
    return None if code in SELF_PAY else code


def provider_row(client_id: int, draft: ProviderDraft) -> Row:
    return {
        "client_id": client_id, "npi": draft.npi, "last": draft.last, "first": draft.first,
        "taxonomy": draft.taxonomy, "external_id": draft.external_id, "starts_on": None, "ends_on": None,
    }  # fmt: skip


def patient_row(client_id: int, draft: EncounterDraft) -> Row:
    get = draft.values.get
    return {
        "client_id": client_id, "external_id": get("patient_id", ""), "last": get("last_name", ""),
        "first": get("first_name", ""), "born_on": draft.birth_date, "sex": SEXES[get("sex", "").upper()],
        "street": get("street", ""), "city": get("city", ""), "region": get("state", "").upper(),
        "zip": get("zip", ""),
    }  # fmt: skip


def coverage_row(client_id: int, key: CoverageKey, draft: EncounterDraft) -> Row:
    """`subscriber` is kept where the source names one: last, first, birth_date (YYYY-MM-DD) and sex."""
    values = draft.values
    subscriber = {name.removeprefix("subscriber_"): values[name] for name in SUBSCRIBER if values.get(name)}
    return {
        "client_id": client_id, "patient_id": key[0], "payer_id": key[1], "member_id": key[2],
        "group_number": values.get("group_number", ""), "relationship": values.get("relationship") or "18",
        "subscriber": subscriber or None,
    }  # fmt: skip


def encounter_row(place: Place, draft: EncounterDraft, known: Known, received_at: datetime) -> Row:
    values = draft.values
    return {
        "client_id": place.client_id, "id": place.encounter_id, "upload_id": place.upload_id,
        "external_id": draft.external_id, "fingerprint": draft.fingerprint,
        "patient_id": known.patients[values["patient_id"]], "provider_id": known.providers[values["provider_npi"]],
        "served_on": draft.served_on, "received_at": received_at, "source": _source(values),
    }  # fmt: skip


def _source(values: Mapping[str, str]) -> dict[str, str] | None:
    note = next((values[name] for name in _SOURCE if values.get(name)), "")
    reported = values.get("reported_date")
    found = {"note": note} if note else {}
    return (found | {"reported_date": reported} if reported else found) or None


def claim_row(place: Place, draft: EncounterDraft, known: Known, created_at: datetime) -> Row:
    values = draft.values
    return {
        "client_id": place.client_id, "id": place.claim_id, "encounter_id": place.encounter_id,
        "patient_id": known.patients[values["patient_id"]], "provider_id": known.providers[values["provider_npi"]],
        "served_on": draft.served_on, "place": values.get("place_of_service") or "11",
        "diagnoses": draft.diagnoses, "charge_cents": charge_of(draft), "prior_auth": values.get("prior_auth", ""),
        "created_at": created_at,
    }  # fmt: skip


def charge_of(draft: EncounterDraft) -> int:
    """Cents of all lines; a line that waits for its code counts nothing until it has a price."""
    return sum([line.charge_cents or 0 for line in draft.lines])


def line_rows(place: Place, draft: EncounterDraft) -> list[Row]:
    return [
        {
            "client_id": place.client_id, "claim_id": place.claim_id, "line_no": number, "code": line.code,
            "modifiers": line.modifiers, "units": line.units, "charge_cents": line.charge_cents or 0,
            "pointers": line.pointers, "served_on": line.served_on, "wanted": line.wanted,
            "coded_by": (line.row.values.get("coded_by") or "client") if line.code else "",
        }
        for number, line in enumerate(draft.lines, start=1)
    ]  # fmt: skip


def filing_row(place: Place, draft: EncounterDraft, known: Known) -> Row:
    """The claim with its first payer (or with the patient), and the last day to file it."""
    code = payer_code(draft)
    row: Row = {
        "client_id": place.client_id, "id": place.filing_id, "claim_id": place.claim_id, "payer_id": None,
        "coverage_id": None, "rank": 1, "file_by": None,
    }  # fmt: skip
    if code is not None:
        payer_id = known.payers[code]
        key = (known.patients[draft.values["patient_id"]], payer_id, draft.values.get("member_id", ""))
        row["payer_id"], row["coverage_id"] = payer_id, known.coverages[key]
        row["file_by"] = file_by(draft.served_on, known.filing_days[payer_id])
    return row


def file_by(served_on: date | None, days: int) -> date:
    """The last day on which the payer takes the claim."""
    if served_on is None:
        raise ValueError("an encounter without a date of service cannot become a claim")
    return served_on + timedelta(days=days)
