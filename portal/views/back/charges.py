"""Keying a charge for a client, by staff: the practice's own form, behind the bureau's door."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from clients.access import Permission
from portal import charges as keying
from portal.doors import back
from portal.guards import current_client, permits


@back.get("/charges")
@permits(Permission.BUREAU_READ)
def charges() -> ResponseReturnValue:
    return keying.show_list()


@back.post("/charges")
@permits(Permission.BUREAU_WORK)
def charges_begin() -> ResponseReturnValue:
    client = current_client()
    if client is None:
        abort(400, "A charge is keyed for one client: choose the client first.")
    return keying.begin(client)


@back.get("/charges/<int:draft_id>")
@permits(Permission.BUREAU_WORK)
def charges_one(draft_id: int) -> ResponseReturnValue:
    return keying.show(draft_id)


@back.post("/charges/<int:draft_id>")
@permits(Permission.BUREAU_WORK)
def charges_save(draft_id: int) -> ResponseReturnValue:
    return keying.save(draft_id)


@back.post("/charges/<int:draft_id>/keep")
@permits(Permission.BUREAU_WORK)
def charges_keep(draft_id: int) -> ResponseReturnValue:
    return keying.keep(draft_id)


@back.post("/charges/<int:draft_id>/patients")
@permits(Permission.BUREAU_WORK)
def charges_patients(draft_id: int) -> ResponseReturnValue:
    return keying.find(draft_id)


@back.post("/charges/<int:draft_id>/drop")
@permits(Permission.BUREAU_WORK)
def charges_drop(draft_id: int) -> ResponseReturnValue:
    return keying.drop(draft_id)
