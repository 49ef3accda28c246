"""Visits that practices say they had and that never reached us: what to ask whom about."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from bureau.queries.expected import find_missing
from clients.access import Permission
from portal.doors import back
from portal.guards import open_office, permits
from portal.views.back.asked import clients_by_id


@back.get("/expected")
@permits(Permission.BUREAU_READ)
def expected() -> ResponseReturnValue:
    with open_office() as office:
        return render_template("back/expected/list.html", missing=find_missing(office), clients=clients_by_id())
