"""Keying a charge by hand, for the practice: a form that lives on the keyboard and is kept while it is written."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clients.access import Permission
from portal import charges as keying
from portal.doors import front
from portal.guards import permits
from portal.views.front.place import this_client


@front.get("/charges")
@permits(Permission.CLIENT_READ)
def charges() -> ResponseReturnValue:
    return keying.show_list()


@front.post("/charges")
@permits(Permission.CLIENT_CHARGES)
def charges_begin() -> ResponseReturnValue:
    return keying.begin(this_client())


@front.get("/charges/<int:draft_id>")
@permits(Permission.CLIENT_CHARGES)
def charges_one(draft_id: int) -> ResponseReturnValue:
    return keying.show(draft_id)


@front.post("/charges/<int:draft_id>")
@permits(Permission.CLIENT_CHARGES)
def charges_save(draft_id: int) -> ResponseReturnValue:
    return keying.save(draft_id)


@front.post("/charges/<int:draft_id>/keep")
@permits(Permission.CLIENT_CHARGES)
def charges_keep(draft_id: int) -> ResponseReturnValue:
    return keying.keep(draft_id)


@front.post("/charges/<int:draft_id>/patients")
@permits(Permission.CLIENT_CHARGES)
def charges_patients(draft_id: int) -> ResponseReturnValue:
    return keying.find(draft_id)


@front.post("/charges/<int:draft_id>/drop")
@permits(Permission.CLIENT_CHARGES)
def charges_drop(draft_id: int) -> ResponseReturnValue:
    return keying.drop(draft_id)
