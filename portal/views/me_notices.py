"""What a person is told and how: each kind of notice by the bell, by letter, or not at all."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.audience import KEPT_AS, Choice, Pace, kinds_for, read_choice, write_choices
from bureau.models.talk import NoticeKind, Side
from bureau.wording import SAYINGS
from clients.access import Permission, Role
from clients.accounts import set_preference
from clients.scope import Scope, ScopedSession
from portal.forms import Fields
from portal.guards import current_person, permits
from portal.sandbox import live_bureau
from portal.views.entrance import entrance

PACES = {Pace.AT_ONCE: "At once", Pace.DAILY: "Once a day", Pace.NEVER: "Never"}
SIDES = {Side.CLIENT: "For your practice", Side.BUREAU: "At the bureau"}


@entrance.get("/me/notices")
@permits(Permission.SIGNED_IN)
def me_notices() -> ResponseReturnValue:
    found = {kind: read_choice(current_person().preferences, kind, _roles()) for kind in kinds_for(_roles())}
    groups = [(word, [kind for kind in found if SAYINGS[kind].side is side]) for side, word in SIDES.items()]
    return render_template("entrance/me_notices.html", groups=groups, choices=found, sayings=SAYINGS, paces=PACES)


@entrance.post("/me/notices")
@permits(Permission.SIGNED_IN)
def me_notices_save() -> ResponseReturnValue:
    fields = Fields(request.form)
    choices = {kind: _read(fields, kind) for kind in kinds_for(_roles())}
    if fields.problems:
        flash("Choose one of the list.", "error")
        return redirect(url_for("entrance.me_notices"))
    with ScopedSession(live_bureau().engine, scope=Scope.of()) as book, book.begin():
        set_preference(book, current_person().id, KEPT_AS, write_choices(choices))
    flash("Saved. It counts from the next thing that happens.", "done")
    return redirect(url_for("entrance.me_notices"))


def _roles() -> list[Role]:
    return [grant.role for grant in current_person().grants]


def _read(fields: Fields, kind: NoticeKind) -> Choice:
    pace = fields.choice(f"pace {kind}", list(Pace))
    return Choice(bool(fields[f"shown {kind}"]), Pace(pace) if pace in list(Pace) else Pace.NEVER)
