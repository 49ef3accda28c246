"""What the staff's search box finds beyond pages and clients: claims, patients, payers and files."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from bureau.queries import find
from bureau.queries.claims import ClaimRow
from config.identifiers import parse_pcn, reference
from portal.guards import open_office
from portal.views.back.asked import clients_by_id, url_of
from portal.words import STATES

Hit = tuple[str, str, str, str, str]  # kind, label, detail, address, icon


def find_in_book(text: str) -> list[Hit]:
    """Everything in reach that the text names, the most exact kind first."""
    with open_office() as office:
        patients = find.find_patients(office, text)
        claims = find.find_claims_named(office, text)
        payers = find.find_payers(office, text) if text else []
        files = find.find_files(office, text) if len(text) > 2 and not parse_pcn(text) else []
    return [*_claims(claims), *_patients(patients), *_payers(payers), *_files(files)]


def _claims(found: list[ClaimRow]) -> Iterator[Hit]:
    for row in found:
        detail = f"{row.last}, {row.first} · {row.served_on:%d %b %Y} · {STATES[row.state].word}"
        yield "Claim", reference("CLM", row.id), detail, url_of("claim", row.id), "file-text"


def _patients(found: list[find.FoundPatient]) -> Iterator[Hit]:
    clients = clients_by_id()
    for row in found:
        detail = f"{row.external_id} · {clients[row.client_id].name}"
        yield "Patient", f"{row.last}, {row.first}", detail, url_for("back.claims_list", patient=row.id), "user"


def _payers(found: list[tuple[int, str, str]]) -> Iterator[Hit]:
    for payer_id, name, code in found:
        yield "Payer", name, code, url_for("back.claims_list", payer=payer_id), "landmark"


def _files(found: list[find.FoundFile]) -> Iterator[Hit]:
    for row in found:
        yield "File", row.name, row.kind, url_of("mail", row.id), "files"
