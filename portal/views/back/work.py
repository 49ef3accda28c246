"""The work queues: all of them at a glance, one of them in the order it is worked, and the next item of it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau import worklist
from bureau.desks import denials, followup
from bureau.models import Filing, UploadRow
from bureau.office import NotFound, Office
from bureau.queries import intake, today, work
from bureau.queries.claims import find_payers
from bureau.queries.paging import get_by_id
from bureau.rules.routing import Queue
from clients.access import Permission
from config.codes import Lane
from config.glossary import QUEUES
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_client, current_person, open_office, permits
from portal.rendering import plural, render_page
from portal.views.back import asked

ALL = "all"
BULK = frozenset({Queue.REJECTIONS, Queue.NO_RESPONSE, Queue.DENIALS})


@back.get("/work")
@permits(Permission.BUREAU_READ)
def work_queues() -> ResponseReturnValue:
    with open_office() as office:
        lines = today.find_queues(office, current_person().name)
    lines.sort(key=lambda line: int(line.queue[1:]))
    held = {line.queue for line in lines}
    idle = [queue for queue in Queue if queue not in held]
    return render_template("back/work/queues.html", queues=lines, idle=idle)


@back.get("/work/<queue>")
@permits(Permission.BUREAU_READ)
def work_queue(queue: str) -> ResponseReturnValue:
    wanted = _wanted(queue)
    with open_office() as office:
        page = work.find_items(office, wanted, request.args.get("after", ""))
        context: dict[str, Any] = {
            "abouts": work.find_abouts(office, [(item.subject, item.subject_id) for item in page.rows]),
            "sums": work.sum_items(office, wanted),
            "payers": find_payers(office),
            "now": office.now,
        }
    bulk = queue if queue in BULK and asked.can(Permission.BUREAU_WORK) else ""
    context |= asked.paging(page) | {"clients": asked.clients_by_id(), "queue": queue, "entry": QUEUES.get(queue)}
    return render_page(
        "back/work/queue.html", "back/work/_items.html", items=page.rows, wanted=wanted, bulk=bulk, lanes=list(Lane),
        url_of=asked.url_of, choices=asked.client_choices(), may_work=asked.can(Permission.BUREAU_WORK), **context,
    )  # fmt: skip


def _wanted(queue: str) -> work.Wanted:
    """What the address narrows the queue to. Raises NotFound for a queue that does not exist."""
    if queue != ALL and queue not in set(Queue):
        raise NotFound("no such queue")
    return work.Wanted(
        queue="" if queue == ALL else queue,
        client_id=asked.asked_client_id(),
        payer_id=asked.asked_number("payer"),
        min_days=asked.asked_number("age"),
        min_cents=asked.asked_cents("amount"),
        due=request.args.get("due", ""),
        assignee=current_person().name if request.args.get("mine") else "",
    )


@back.post("/work/<queue>/next")
@permits(Permission.BUREAU_WORK)
def work_next(queue: str) -> ResponseReturnValue:
    if queue not in set(Queue):
        raise NotFound("no such queue")
    client = current_client()
    with open_office() as office:
        try:
            item = worklist.take(
                office, Queue(queue), by=current_person().name, client_id=client.id if client else None
            )
        except NotFound:
            flash("Nothing in this queue is free: every item is being worked on, or there is none.")
            return redirect(url_for("back.work_queue", queue=queue))
        return redirect(_address_of(office, item.subject, item.subject_id, queue))


def _address_of(office: Office, subject: str, subject_id: int, queue: str) -> str:
    """The page on which an item is worked."""
    if subject == work.FILING:
        return asked.url_of("claim", get_by_id(office, Filing, subject_id).claim_id, queue=queue)
    about = work.find_abouts(office, [(subject, subject_id)])[subject, subject_id]
    return asked.url_of(about.subject, about.row_id, queue=queue)


@back.post("/work/<queue>/bulk")
@permits(Permission.BUREAU_WORK)
def work_bulk(queue: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    note = fields.text("note", required=queue != Queue.DENIALS)
    filings = [asked.number_of("FLG", text) for text in request.form.getlist("filing")]
    if fields.problems or not filings:
        flash("Choose at least one claim, and write what was found out.", "error")
        return redirect(url_for("back.work_queue", queue=queue))
    with open_office() as office:
        done = _do_bulk(office, queue, filings, note)
    flash(f"{plural(done, 'claim')} done.", "done")
    return redirect(url_for("back.work_queue", queue=queue))


def _do_bulk(office: Office, queue: str, filing_ids: list[int], note: str) -> int:
    """One desk verb per client; only claims that still lie in this queue are touched."""
    owners: dict[int, list[int]] = defaultdict(list)
    for client_id, filing_id in work.find_filings_in(office, queue, filing_ids):
        owners[client_id].append(filing_id)
    for client_id, ids in owners.items():
        if queue == Queue.DENIALS:
            lane = request.form.get("lane", "")
            lanes = denials.find_lanes(office, client_id, ids)
            denials.triage(office, client_id, ids, lane=lane if lane in lanes else None, note=note)
        elif queue == Queue.NO_RESPONSE:
            status = followup.Status(request.form.get("status", followup.Status.IN_PROCESS))
            followup.record_status(office, client_id, ids, status, note=note)
        elif queue == Queue.REJECTIONS:
            followup.fix_rejections(office, client_id, ids, note=note)
    return sum(map(len, owners.values()))


@back.get("/work/rows/<reference>")
@permits(Permission.BUREAU_READ)
def work_row(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        row = get_by_id(office, UploadRow, asked.number_of("ROW", reference))
        return render_template(
            "back/work/row.html",
            row=intake.get_row(office, row.client_id, row.id),
            upload=intake.get_upload(office, row.client_id, row.upload_id),
            client=asked.clients_by_id()[row.client_id],
        )
