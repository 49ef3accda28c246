"""Telling us what the columns of a new source mean: once per source, with the first rows as we would read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from bureau.office import Office
from bureau.rules.intake.layout import COLUMNS, REQUIRED, SELF_PAY
from clients.access import Permission
from clients.models import Payer, Provider
from clients.profiles import save_profile
from portal.doors import front
from portal.fields import label_of
from portal.forms import Fields
from portal.guards import open_office, permits
from portal.rendering import render_page
from portal.views.front.place import here
from portal.views.front.sources import DATE_FORMATS, find_names, find_source, guess_mapping, preview, read_head
from portal.views.front.upload import get_staged, staging

ALWAYS = "always:"  # in the place of a column: the same value for every row
LOOKED_UP = ("payer_id", "provider_npi")


@front.get("/upload/check/<token>/map")
@permits(Permission.CLIENT_UPLOAD)
def upload_map(token: str) -> ResponseReturnValue:
    return _show(token, Fields(request.args))


@front.post("/upload/check/<token>/map")
@permits(Permission.CLIENT_UPLOAD)
def upload_map_save(token: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    mapping = _read_mapping(fields)
    lacking = [each for each in REQUIRED if each not in mapping["columns"] and each not in mapping["defaults"]]
    for each in lacking:
        fields.refuse(f"column.{each}", "mapping.lacking", f"Say which column holds this: {label_of(each).lower()}.")
    if fields.problems:
        return _show(token, fields), 400
    get_staged(token)
    with open_office() as office:
        save_profile(office.session, here(), name, mapping, office.now)
    flash(f"Saved as “{name}”. The next file with these columns is read the same way.", "done")
    return redirect(url_for("front.upload_check", token=token, profile=name))


def _show(token: str, fields: Fields) -> str:
    staged = get_staged(token)
    data = staging().read(staged)
    table = read_head(staged.file_name, data)
    header = [cell.strip() for cell in table[0]] if table else []
    with open_office() as office:
        choices = find_choices(office)
        source = find_source(office, here(), staged.file_name, data, chosen=fields["profile"])
    if "date_format" in fields.as_dict() or not table:
        mapping = _read_mapping(fields)
    else:
        mapping = _as_form(source.mapping) if source.mapping else guess_mapping(table)
        fields = Fields(MultiDict({"name": source.profile if source.mapping else ""}))
    return render_page(
        "front/upload/map.html", "front/upload/_preview.html", staged=staged, header=header, fields=fields,
        mapping=mapping, preview=preview(staged.file_name, table, mapping), formats=DATE_FORMATS, required=REQUIRED,
        foreign=_find_foreign(table, mapping, choices), choices=choices,
    )  # fmt: skip


def _as_form(saved: Mapping[str, Any]) -> dict[str, Any]:
    """A saved mapping with every part the form shows."""
    return {"columns": {}, "date_format": "%Y-%m-%d", "defaults": {}, "lookups": {}, **saved}


def _read_mapping(fields: Fields) -> dict[str, Any]:
    """The form as a mapping: columns by name, values that are always the same, ids of ours for the file's own names."""
    sent = fields.as_dict()
    columns = {name: text for name in COLUMNS if (text := sent.get(f"column.{name}", ""))}
    always = {name: text.removeprefix(ALWAYS) for name, text in columns.items() if text.startswith(ALWAYS)}
    lookups: dict[str, dict[str, str]] = {}
    for key, code in sent.items():
        kind, _, rest = key.partition(".")
        name, _, text = rest.partition(".")
        if kind == "lookup" and name in LOOKED_UP and code:
            lookups.setdefault(name, {})[text] = code
    return {
        "columns": {name: text for name, text in columns.items() if name not in always},
        "date_format": fields.choice("date_format", DATE_FORMATS, default="%Y-%m-%d"),
        "defaults": always,
        "lookups": lookups,
    }


def find_choices(office: Office) -> dict[str, list[tuple[str, str]]]:
    """The values of which one may hold for every row: providers, insurers."""
    providers = select(Provider.npi, Provider.first, Provider.last).where(Provider.client_id == here())
    rows = office.rows(providers.order_by(Provider.last, Provider.first))
    payers = select(Payer.code, Payer.name).order_by(Payer.name)
    return {
        "provider_npi": [(row.npi, f"{row.first} {row.last}") for row in rows],
        "payer_id": [(row.code, row.name) for row in office.rows(payers)],
    }


def _find_foreign(
    table: list[list[str]], mapping: Mapping[str, Any], choices: Mapping[str, list[tuple[str, str]]]
) -> dict[str, list[str]]:
    """What the file calls insurers and providers, where that is no id of ours."""
    found = {}
    for name, known in choices.items():
        codes = {code for code, _ in known} | (SELF_PAY if name == "payer_id" else set())
        found[name] = find_names(table, mapping["columns"].get(name, ""), codes)
    return {name: texts for name, texts in found.items() if texts}
