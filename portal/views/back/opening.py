"""A client's cutover and old book: from when we bill, what was open at the former biller, and whether it adds up."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bureau.desks import opening as desk
from bureau.desks.setup import set_cutover
from bureau.models import OpeningLetter, OpeningList
from bureau.office import NotFound
from bureau.queries import opening as book
from bureau.rules.opening import COLUMNS, REQUIRED
from clients.access import Permission
from clients.models import Client
from config.money import format_cents
from portal.contract_forms import read_number
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_person, open_office, permits
from portal.quarantine import open_sheet
from portal.rendering import now, plural, render_page
from portal.sandbox import live_bureau
from portal.staging import Staged, Staging, safe_name
from portal.views.back import asked
from portal.views.back.onboarding import step_tabs

SHOWN = 25  # problems of a list that is checked


@back.get("/clients/<code>/opening")
@permits(Permission.BUREAU_READ)
def clients_opening(code: str) -> ResponseReturnValue:
    return _show(asked.client_of(code))


@back.post("/clients/<code>/opening/cutover")
@permits(Permission.CLIENTS_MANAGE)
def clients_opening_cutover(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    on, bills_earlier = fields.day("cutover_on", required=False), fields["bills_earlier"] == "yes"
    with asked.open_client(code) as (office, client):
        if not fields.problems:
            set_cutover(office, client.id, on, bills_earlier=bills_earlier)
    if fields.problems:
        return _show(client, fields), 422
    flash("The cutover is on record." if on else "There is no cutover: visits of every day are taken in.", "done")
    return redirect(url_for("back.clients_opening", code=code))


@back.post("/clients/<code>/opening/letter")
@permits(Permission.CLIENTS_MANAGE)
def clients_opening_letter(code: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    dated, claims, cents = fields.day("dated"), read_number(fields, "claims", digits=7), fields.cents("cents")
    with asked.open_client(code) as (office, client):
        if dated is not None and not fields.problems:
            desk.keep_letter(office, client.id, dated, claims, cents)
    if fields.problems:
        return _show(client, fields), 422
    flash("The letter's figures are kept.", "done")
    return redirect(url_for("back.clients_opening", code=code))


@back.post("/clients/<code>/opening/check")
@permits(Permission.CLIENTS_MANAGE)
def clients_opening_check(code: str) -> ResponseReturnValue:
    name, data = _read_sent()
    with asked.open_client(code) as (office, client):
        opening = desk.check_opening(office, client.id, name, data, open_sheet=open_sheet)
    if not data:
        flash("Choose a file first; the one that came was empty or missing.", "error")
        return redirect(url_for("back.clients_opening", code=code))
    token = "" if opening.is_refused else _staging().put(client.id, current_person().id, name, data, now())
    page = render_template("back/opening/check.html", client=client, opening=opening, token=token, shown=SHOWN)
    return page, 422 if opening.is_refused else 200


@back.post("/clients/<code>/opening/take")
@permits(Permission.CLIENTS_MANAGE)
def clients_opening_take(code: str) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        staged = _find_staged(client.id, request.form.get("token", ""))
        if staged is None:
            flash("This check is over; send the file again.", "error")
            return redirect(url_for("back.clients_opening", code=code))
        data = _staging().read(staged)
        opening = desk.check_opening(office, client.id, staged.file_name, data, open_sheet=open_sheet)
        if not opening.is_refused:
            desk.commit_opening(office, opening)
    _staging().drop(staged.token)
    flash(*_told(opening))
    return redirect(url_for("back.clients_opening", code=code))


@back.get("/clients/<code>/opening/<int:list_id>/to-fix.csv")
@permits(Permission.BUREAU_READ)
def clients_opening_to_fix(code: str, list_id: int) -> ResponseReturnValue:
    with asked.open_client(code) as (office, client):
        text = book.write_bad_rows(office, client.id, list_id)
    headers = {"Content-Disposition": f'attachment; filename="{code}-old-book-to-fix-{list_id}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


@back.post("/clients/<code>/opening/<int:list_id>/undo")
@permits(Permission.CLIENTS_MANAGE)
def clients_opening_undo(code: str, list_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    why = fields.text("why", most=200)
    with asked.open_client(code) as (office, client):
        office.get(OpeningList, client.id, list_id)
        problems = fields.problems or desk.undo_opening(office, client.id, list_id, why=why)
    if problems:
        flash("Say in a few words why it is taken back." if fields.problems else problems[0].text, "error")
    else:
        flash("The list is taken back; the same file may be sent again.", "done")
    return redirect(url_for("back.clients_opening", code=code))


def _show(client: Client, fields: Fields | None = None) -> str:
    """The page; without `fields` its forms show what is in the book."""
    with open_office() as office:
        found = book.find_old_claims(office, client.id, asked.asked_text(), request.args.get("after", ""))
        lists, sums = book.find_old_lists(office, client.id), book.sum_old_book(office, client.id)
        there = office.client(client.id)
    return render_page(
        "back/opening/one.html", "back/opening/_rows.html", client=there, fields=fields or _as_form(there, sums.letter),
        rows=found.rows, lists=lists, sums=sums, columns=COLUMNS, required=REQUIRED, tabs=step_tabs(there),
        may_manage=asked.can(Permission.CLIENTS_MANAGE, client.id), **asked.paging(found),
    )  # fmt: skip


def _as_form(client: Client, letter: OpeningLetter | None) -> Fields:
    """What the forms show: the cutover, and the letter that counts."""
    shown = {
        "cutover_on": client.cutover_on.isoformat() if client.cutover_on else "",
        "bills_earlier": "yes" if client.bills_before_cutover else "no",
    }
    if letter is not None:
        shown |= {
            "dated": letter.dated.isoformat(), "claims": str(letter.claims), "cents": format_cents(letter.cents),
        }  # fmt: skip
    return Fields(MultiDict(shown))


def _read_sent() -> tuple[str, bytes]:
    """The name and the bytes of the file of this request, both empty when there is none."""
    sent = request.files.get("file")
    return (safe_name(sent.filename or ""), sent.read()) if sent and sent.filename else ("", b"")


def _staging() -> Staging:
    return Staging(live_bureau().settings.home / "staging-old-books")


def _find_staged(client_id: int, token: str) -> Staged | None:
    """The file that was checked; None once it is gone, or when it is somebody else's."""
    try:
        return _staging().get(token, client_id, current_person().id, now())
    except NotFound:
        return None


def _told(opening: desk.Opening) -> tuple[str, str]:
    if opening.is_refused:
        return opening.reading.problems[0].text, "info"
    taken = f"{plural(len(opening.reading.claims), 'old claim')} taken in."
    bad = len(opening.reading.bad)
    return (f"{taken} {plural(bad, 'row')} left out: download them with the reasons." if bad else taken), "done"
