"""What both doors show of a promise: how it was kept, the items behind it, and the time that did not count."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from bureau.office import NotFound, Office
from clients.promises import LABELS, Clause, load_clauses
from config.identifiers import reference
from reports.frames import Period
from reports.sla import Halt, Judged, load_halts, load_items
from reports.spans import SOURCES

SHOWN = 200
KINDS = {"CLM": "Claim", "REM": "Payment", "THR": "Conversation"}


@dataclass(frozen=True, slots=True)
class Items:
    """The items under one clause, the missed ones first; `kind` is the kind of reference they are known by."""

    clause: Clause
    label: str
    kind: str
    period: Period
    shown: list[Judged]
    total: int
    missed: int
    running: int
    halts: list[Halt]
    day_seconds: int

    def name(self, item: Judged) -> str:
        return f"{KINDS[self.kind]} {self.reference(item)}"

    def reference(self, item: Judged) -> str:
        return reference(self.kind, item.span.about)


def load_promise(office: Office, client_id: int, name: str, period: Period) -> Items:
    """The items of a measure under the clause that the address asks for. Raises NotFound where none is like that."""
    clauses = load_clauses(office.session, client_id, office.today(client_id))
    days = request.args.get("days", "")
    clause = next((one for one in clauses if one.measure == name and days in ("", str(one.business_days))), None)
    if clause is None:
        raise NotFound("no such promise")
    found = load_items(office, client_id, (name, clause.business_days), period)
    missed = sum(not one.is_met and not one.is_running for one in found)
    return Items(
        clause, LABELS[name], SOURCES[name].kind, period, found[:SHOWN], len(found), missed,
        sum(one.is_running for one in found), load_halts(office, client_id, period),
        office.calendar(client_id).day_seconds,
    )  # fmt: skip
