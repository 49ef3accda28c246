"""The inbox: what practices write and wait for, with the oldest first; answers, new threads, and who takes them on."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks import messages
from bureau.models import Thread
from bureau.models.talk import Side, Topic
from bureau.office import NotFound, Office
from bureau.queries import claim_page, talk
from bureau.queries.files import get_file
from bureau.queries.paging import get_by_id
from clients.access import Permission
from config.identifiers import reference as make_reference
from portal.doors import back
from portal.forms import Fields
from portal.guards import current_person, open_office, permits
from portal.rendering import now, render_page
from portal.views.back import asked


def _reader() -> talk.Reader:
    return talk.Reader(current_person().id, Side.BUREAU)


@back.get("/messages")
@permits(Permission.BUREAU_READ)
def messages_list() -> ResponseReturnValue:
    closed = request.args.get("show") == "closed"
    with open_office() as office:
        found = talk.find_threads(office, _reader(), client_id=asked.asked_client_id(), closed=closed)
    return render_page(
        "back/messages/list.html", "back/messages/_rows.html", threads=found[: talk.PAGE], closed=closed, now=now(),
        more=len(found) > talk.PAGE, clients=asked.clients_by_id(), choices=asked.client_choices(),
        may_write=asked.can(Permission.BUREAU_MESSAGES),
    )  # fmt: skip


@back.get("/messages/new")
@permits(Permission.BUREAU_MESSAGES)
def messages_new() -> ResponseReturnValue:
    return _show_new(Fields(request.args), 200)


@back.post("/messages")
@permits(Permission.BUREAU_MESSAGES)
def messages_start() -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        thread = _start(office, fields)
        if thread is None:
            return _show_new(fields, 422)
        where = make_reference("THR", thread.id)
    flash("Sent. The practice reads it under Messages.", "done")
    return redirect(url_for("back.messages_one", reference=where))


def _start(office: Office, fields: Fields) -> Thread | None:
    """Open the thread that the form asks for; else what is wrong stands at its fields."""
    if not any(fields[name] for name in ("claim", "file", "client")):
        fields.refuse("client", "message.client", "Choose the practice you write to.")
        return None
    client_id, topic, subject = _subject(office, fields)
    letter = messages.Letter(Side.BUREAU, fields["text"], topic, subject, fields["title"])
    done = messages.write_letter(office, client_id, letter)
    if isinstance(done, list):
        fields.problems += done
        return None
    return done


def _subject(office: Office, fields: Fields) -> tuple[int, Topic, int]:
    """Whom and what a new thread is about. Raises NotFound for what is out of reach."""
    if fields["claim"]:
        claim = claim_page.load_claim(office, asked.number_of("CLM", fields["claim"])).claim
        return claim.client_id, Topic.CLAIM, claim.id
    if fields["file"]:
        mail = get_file(office, asked.number_of("FIL", fields["file"]), content=False)
        if mail.client_id is None:
            raise NotFound("this file is nobody's")
        return mail.client_id, Topic.MAIL, mail.id
    for client_id, client in asked.clients_by_id().items():
        if client_id is not None and client.code == fields["client"]:
            return client_id, Topic.CLIENT, 0
    raise NotFound("no such client")


def _show_new(fields: Fields, status: int) -> ResponseReturnValue:
    return render_template("back/messages/new.html", fields=fields, choices=asked.client_choices()), status


@back.get("/messages/<reference>")
@permits(Permission.BUREAU_READ)
def messages_one(reference: str) -> ResponseReturnValue:
    return _show(reference, Fields(request.args), 200)


def _show(reference: str, fields: Fields, status: int) -> ResponseReturnValue:
    with open_office() as office:
        thread = get_by_id(office, Thread, asked.number_of("THR", reference))
        line = talk.get_line(office, _reader(), thread)
        written = talk.find_messages(office, thread.client_id, thread.id)
    may_write = asked.can(Permission.BUREAU_MESSAGES, line.client_id)
    return render_template(
        "back/messages/one.html", line=line, written=written, fields=fields, now=now(), may_write=may_write,
        client=asked.clients_by_id()[line.client_id], ref=reference,
    ), status  # fmt: skip


@back.post("/messages/<reference>/reply")
@permits(Permission.BUREAU_MESSAGES)
def messages_reply(reference: str) -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        thread = get_by_id(office, Thread, asked.number_of("THR", reference))
        fields.problems += messages.reply(office, thread.client_id, thread.id, Side.BUREAU, fields["text"])
    if fields.problems:
        return _show(reference, fields, 422)
    flash("Sent.", "done")
    return redirect(url_for("back.messages_one", reference=reference))


@back.post("/messages/<reference>/close")
@permits(Permission.BUREAU_MESSAGES)
def messages_close(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        thread = get_by_id(office, Thread, asked.number_of("THR", reference))
        messages.close(office, thread.client_id, thread.id)
    flash("The thread is closed; a new message opens it again.", "done")
    return redirect(url_for("back.messages_list"))


@back.post("/messages/<reference>/take")
@permits(Permission.BUREAU_MESSAGES)
def messages_take(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        thread = get_by_id(office, Thread, asked.number_of("THR", reference))
        name = "" if request.form.get("back") else current_person().name
        messages.assign(office, thread.client_id, thread.id, name)
    return redirect(url_for("back.messages_one", reference=reference))


@back.post("/messages/<reference>/read")
@permits(Permission.BUREAU_MESSAGES)
def messages_read(reference: str) -> ResponseReturnValue:
    with open_office() as office:
        thread = get_by_id(office, Thread, asked.number_of("THR", reference))
        messages.mark_read(office, thread.client_id, thread.id, Side.BUREAU, current_person().id)
    return "" if "HX-Request" in request.headers else redirect(url_for("back.messages_list"))
