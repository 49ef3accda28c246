"""A client's clinicians, places and contacts: the lists, and the form in which one of them is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from bureau.desks import setup
from bureau.office import NotFound
from clients.access import Permission
from clients.models import Client, Contact, Location, Provider
from clients.registry import DUTIES, ContactDetails, LocationDetails, ProviderDetails
from config.identifiers import clean_identifier
from portal.doors import back
from portal.forms import Fields
from portal.guards import permits
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three lists: its words, its rows, and how its form is read."""

    noun: str
    title: str
    model: Any
    read: Callable[[Fields], setup.Details]
    names: tuple[str, ...]


def _read_provider(fields: Fields) -> ProviderDetails:
    texts = {name: fields.text(name, required=False, most=60) for name in ("last", "first")}
    ids = _read_ids(fields, "npi", "taxonomy")
    starts_on, ends_on = _read_dates(fields)
    return ProviderDetails(ids["npi"], texts["last"], texts["first"], ids["taxonomy"], starts_on, ends_on)


def _read_location(fields: Fields) -> LocationDetails:
    texts = {name: fields.text(name, required=False, most=80) for name in ("name", "street", "city", "phone")}
    ids = _read_ids(fields, "place", "npi", "region", "zip")
    starts_on, ends_on = _read_dates(fields)
    return LocationDetails(
        texts["name"], ids["place"], ids["npi"], texts["street"], texts["city"], ids["region"], ids["zip"],
        texts["phone"], starts_on, ends_on,
    )  # fmt: skip


def _read_contact(fields: Fields) -> ContactDetails:
    texts = {name: fields.text(name, required=False, most=120) for name in ("name", "email", "phone")}
    duty = fields.choice("duty", DUTIES)
    return ContactDetails(
        texts["name"], duty, texts["email"], texts["phone"], is_escalation=fields["is_escalation"] == "yes"
    )


def _read_ids(fields: Fields, *names: str) -> dict[str, str]:
    return {name: clean_identifier(fields.text(name, required=False, most=20)) for name in names}


def _read_dates(fields: Fields) -> tuple[Any, Any]:
    return fields.day("starts_on", required=False), fields.day("ends_on", required=False)


_SPAN = ("starts_on", "ends_on")
KINDS = {
    "clinicians": Kind(
        "clinician", "Clinicians", Provider, _read_provider, ("npi", "last", "first", "taxonomy", *_SPAN)
    ),
    "places": Kind(
        "place", "Places", Location, _read_location,
        ("name", "place", "npi", "street", "city", "region", "zip", "phone", *_SPAN),
    ),
    "contacts": Kind(
        "contact", "Contacts", Contact, _read_contact, ("name", "duty", "email", "phone", "is_escalation")
    ),
}  # fmt: skip


@back.get("/clients/<code>/people")
@permits(Permission.BUREAU_READ)
def clients_people(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        rows = {
            name: office.session.scalars(
                select(kind.model).where(kind.model.client_id == client.id).order_by(kind.model.id)
            ).all()
            for name, kind in KINDS.items()
        }
        today = office.today(client.id)
    return render_template(
        "back/registry/people.html", client=client, rows=rows, kinds=KINDS, duties=DUTIES, today=today,
        tabs=step_tabs(client), may_change=asked.can(Permission.CLIENTS_MANAGE, client.id),
        may_invite=asked.can(Permission.PEOPLE_MANAGE, client.id),
    )  # fmt: skip


@back.get("/clients/<code>/people/<kind>/<entry>")
@permits(Permission.CLIENTS_MANAGE)
def clients_entry(code: str, kind: str, entry: str) -> ResponseReturnValue:
    row_id, values = _row_of(entry), {}
    with asked.open_client(code) as (office, client):
        if row_id is not None:
            row = office.get(_kind(kind).model, client.id, row_id)
            values = {name: getattr(row, name) for name in _kind(kind).names}
    shown = {name: "yes" if value is True else str(value or "") for name, value in values.items()}
    return _show_entry(client, kind, entry, Fields(MultiDict(shown)))


@back.post("/clients/<code>/people/<kind>/<entry>")
@permits(Permission.CLIENTS_MANAGE)
def clients_entry_save(code: str, kind: str, entry: str) -> ResponseReturnValue:
    fields, row_id = Fields(request.form), _row_of(entry)
    details = _kind(kind).read(fields)
    with asked.open_client(code) as (office, client):
        if not fields.problems:
            fields.problems += setup.save_details(office, client.id, row_id, details)
    if fields.problems:
        return _show_entry(client, kind, entry, fields), 422
    flash("Saved.", "done")
    return redirect(url_for("back.clients_people", code=code))


@back.post("/clients/<code>/people/contacts/<entry>/drop")
@permits(Permission.CLIENTS_MANAGE)
def clients_contact_drop(code: str, entry: str) -> ResponseReturnValue:
    row_id = _row_of(entry)
    with asked.open_client(code) as (office, client):
        setup.drop_contact(office, client.id, row_id or 0)
    flash("The contact is gone.", "done")
    return redirect(url_for("back.clients_people", code=code))


def _show_entry(client: Client, kind: str, entry: str, fields: Fields) -> str:
    return render_template(
        "back/registry/entry.html", client=client, kind=_kind(kind), name=kind, entry=entry, fields=fields,
        duties=DUTIES,
    )  # fmt: skip


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound("no such list")
    return KINDS[name]


def _row_of(entry: str) -> int | None:
    """The row an address names, None for a new one. Raises NotFound for what can be no id."""
    if entry == "new":
        return None
    if not entry.isdecimal() or len(entry) > 18:
        raise NotFound("no such entry")
    return int(entry)
