"""For the owner of a practice: who looked at its patients, bureau included, and what its own people did."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from bureau.queries.paging import PAGE, cut
from clients.access import Permission
from clients.audit.reading import find_entries, key_of
from portal import audit
from portal.doors import front
from portal.guards import open_office, permits
from portal.rendering import render_page, url_with
from portal.views.front.place import here


@front.get("/audit")
@permits(Permission.CLIENT_AUDIT)
def audit_list() -> ResponseReturnValue:
    with open_office() as office:
        wanted = audit.read_wanted(office, here(), for_practice=True)
        page = cut(find_entries(office.session, wanted, PAGE + 1, audit.read_key()), key_of)
    return render_page(
        "front/audit/list.html", "audit/_rows.html", lines=audit.describe(page.rows, for_practice=True),
        rows=page.rows, sorts=audit.SORTS, next_url=url_with(after=page.after) if page.after else "",
        first_url=url_with(after=None) if request.args.get("after") else "",
    )  # fmt: skip
