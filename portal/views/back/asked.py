"""What the address of a staff page asks for: a client, a payer, a date, a row by its reference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import request, url_for

from bureau.office import NotFound, Office
from bureau.queries.paging import Page
from clients.access import SANDBOX_PERMISSIONS, Permission, may
from clients.models import Client
from config.identifiers import read_reference, reference
from config.money import parse_cents
from portal.guards import current_entry, open_office
from portal.rendering import url_with


def asked_client() -> Client | None:
    """The client of the door's address, else the one chosen in a filter; None for all within reach."""
    entry = current_entry()
    code = request.args.get("client", "")
    return entry.client or next((client for client in entry.clients if client.code == code), None)


def asked_client_id() -> int | None:
    client = asked_client()
    return client.id if client else None


def client_of(code: str) -> Client:
    """The client an address is about. Raises NotFound for a code that is unknown, and for a foreign one alike."""
    entry = current_entry()
    reachable = (entry.client,) if entry.client else entry.clients
    found = next((one for one in reachable if one.code == code), None)
    if found is None:
        raise NotFound("no such client")
    return found


@contextmanager
def open_client(code: str) -> Iterator[tuple[Office, Client]]:
    """An office with the client an address is about. Raises NotFound as `client_of`, and where the scope is less."""
    client = client_of(code)
    with open_office() as office:
        office.client(client.id)
        yield office, client


def asked_text(name: str = "q") -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:100]


def asked_number(name: str) -> int | None:
    """A whole number of the address, None when there is none that can be read."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def asked_cents(name: str) -> int | None:
    cents = parse_cents(request.args.get(name, ""))
    return cents if isinstance(cents, int) else None


def asked_day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def number_of(kind: str, text: str) -> int:
    """The row a reference in an address names. Raises NotFound for a wrong one, as for a foreign one."""
    found = read_reference(text)
    if found is None or found[0] != kind:
        raise NotFound("no such reference")
    return found[1]


def can(permission: Permission, client_id: int | None = None) -> bool:
    """Whether to offer an act here: never in a sandbox, and only to those whom the door would let do it."""
    entry = current_entry()
    if entry.book.is_sandbox and permission not in SANDBOX_PERMISSIONS:
        return False
    return may(entry.person, permission, client_id)


def paging(page: Page[Any]) -> dict[str, str]:
    """The addresses of the first and the next page, empty where there is none."""
    return {
        "next_url": url_with(after=page.after) if page.after else "",
        "first_url": url_with(after=None) if request.args.get("after") else "",
    }


def clients_by_id() -> dict[int | None, Client]:
    return {client.id: client for client in current_entry().clients}


def client_choices() -> list[tuple[str, str]]:
    return [(client.code, client.name) for client in current_entry().clients]


def url_of(subject: str, row_id: int, **values: Any) -> str:
    """The page of whatever a work item or a search result is about."""
    kind, endpoint = _PAGES[subject]
    return url_for(endpoint, reference=reference(kind, row_id), **values)


_PAGES = {
    "claim": ("CLM", "back.claims_one"),
    "remittance": ("REM", "back.money_one"),
    "mail": ("FIL", "back.files_one"),
    "upload_row": ("ROW", "back.work_row"),
}
