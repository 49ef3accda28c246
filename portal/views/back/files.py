"""X12 files in and out: the list, any file as a readable tree beside its segments, and receiving one by hand."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau import mailroom
from bureau.models.post import MailState
from bureau.office import Delivery, NotFound
from bureau.queries import files
from bureau.x12.edits.catalog import BY_ID as EDITS
from bureau.x12.names import loop_name
from clients.access import Permission
from clients.scope import ScopeError
from config.identifiers import reference as make_reference
from portal.doors import back
from portal.guards import open_office, permits
from portal.rendering import plural, render_page
from portal.views.back import asked

STATES = tuple(MailState)


@back.get("/files")
@permits(Permission.BUREAU_READ)
def files_list() -> ResponseReturnValue:
    wanted = files.Wanted(
        client_id=asked.asked_client_id(), way=asked.asked_text("way"), kind=asked.asked_text("kind"),
        state=asked.asked_text("state"), text=asked.asked_text(),
    )  # fmt: skip
    with open_office() as office:
        page = files.find_files(office, wanted, request.args.get("after", ""))
        total, kinds = files.count_files(office, wanted), files.find_kinds(office)
    return render_page(
        "back/files/list.html", "back/files/_rows.html", rows=page.rows, total=total, kinds=kinds, states=STATES,
        clients=asked.clients_by_id(), choices=asked.client_choices(), may_work=asked.can(Permission.BUREAU_WORK),
        **asked.paging(page),
    )  # fmt: skip


@back.get("/files/<reference>")
@permits(Permission.BUREAU_READ)
def files_one(reference: str) -> ResponseReturnValue:
    claim, judge = asked.asked_text("claim"), "problems" in request.args
    with open_office() as office:
        number = asked.number_of("FIL", reference)
        page = files.load_file(office, number, asked.asked_number("from") or 1, claim, judge=judge)
    return render_page(
        "back/files/one.html", "back/files/_content.html", page=page, claim=claim, is_asked=judge,
        listed=files.LISTED, loop_name=loop_name, fixes=EDITS, clients=asked.clients_by_id(), url_of=asked.url_of,
    )  # fmt: skip


@back.get("/files/<reference>/download")
@permits(Permission.BUREAU_READ)
def files_download(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        mail = files.get_file(office, asked.number_of("FIL", reference))
    answer = Response(files.read_content(mail), mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=mail.name.rpartition("/")[2] or reference)
    return answer


@back.get("/files/receive")
@permits(Permission.BUREAU_WORK)
def files_receive() -> ResponseReturnValue:
    return render_template("back/files/receive.html")


@back.post("/files/receive")
@permits(Permission.BUREAU_WORK)
def files_receive_post() -> ResponseReturnValue:
    sent = [
        Delivery(file.filename or "unnamed", file.read()) for file in request.files.getlist("file") if file.filename
    ]
    if not sent:
        flash("Choose at least one file.", "error")
        return redirect(url_for("back.files_receive"))
    receipt = mailroom.Receipt()
    try:
        with open_office() as office:
            stored = mailroom.store(office, sent, receipt)
    except ScopeError as error:
        raise NotFound("a file for a client out of reach") from error
    said = f"{plural(receipt.stored, 'file')} taken in, {plural(receipt.duplicates, 'file')} known before."
    flash(f"{said} The next runs of Collect answers and Post remittances work them.", "done")
    for problem in receipt.problems:
        flash(f"{problem.where}: {problem.text}", "error")
    if len(stored) == 1:
        return redirect(url_for("back.files_one", reference=make_reference("FIL", stored[0])))
    return redirect(url_for("back.files_list", way="in"))
