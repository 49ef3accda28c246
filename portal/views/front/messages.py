"""The practice's messages: what the bureau wrote, what was answered, and writing about a claim, a file or anything."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks import messages as desk
from bureau.models import Claim, Thread, Upload
from bureau.models.talk import Side, Topic
from bureau.office import Office
from bureau.queries import talk
from clients.access import Permission
from config.identifiers import reference
from portal.doors import front
from portal.forms import Fields
from portal.guards import current_person, open_office, permits
from portal.views.front.place import here


def _reader() -> talk.Reader:
    return talk.Reader(current_person().id, Side.CLIENT)


@front.get("/messages")
@permits(Permission.CLIENT_READ)
def messages() -> ResponseReturnValue:
    closed = request.args.get("show") == "closed"
    with open_office() as office:
        found = talk.find_threads(office, _reader(), client_id=here(), closed=closed)
        days = talk.get_promise(office, here())
    return render_template(
        "front/messages/index.html", threads=found[: talk.PAGE], closed=closed, more=len(found) > talk.PAGE, days=days
    )


@front.get("/messages/new")
@permits(Permission.CLIENT_MESSAGES)
def messages_new() -> ResponseReturnValue:
    return _show_new(Fields(request.args), 200)


@front.post("/messages")
@permits(Permission.CLIENT_MESSAGES)
def messages_start() -> ResponseReturnValue:
    fields = Fields(request.form)
    topic, subject = _subject(fields)
    with open_office() as office:
        letter = desk.Letter(Side.CLIENT, fields["text"], topic, subject, fields["title"])
        done = desk.write_letter(office, here(), letter)
        thread_id = 0 if isinstance(done, list) else done.id
    if isinstance(done, list):
        fields.problems += done
        return _show_new(fields, 422)
    flash("Sent. You see here when we have answered.", "done")
    return redirect(url_for("front.messages_one", thread_id=thread_id))


def _subject(fields: Fields) -> tuple[Topic, int]:
    """What a new message is about, as the form's address said."""
    for topic in (Topic.CLAIM, Topic.UPLOAD):
        if fields[topic].isdecimal() and len(fields[topic]) < 19:
            return topic, int(fields[topic])
    return Topic.CLIENT, 0


def _show_new(fields: Fields, status: int) -> ResponseReturnValue:
    with open_office() as office:
        about = _say_subject(office, *_subject(fields))
    return render_template("front/messages/new.html", fields=fields, about=about), status


def _say_subject(office: Office, topic: Topic, subject: int) -> str:
    """Raises NotFound where there is no such thing of this practice."""
    if topic is Topic.CLAIM:
        return f"Claim {reference('CLM', office.get(Claim, here(), subject).id)}"
    return f"File {office.get(Upload, here(), subject).file_name}" if topic is Topic.UPLOAD else ""


@front.get("/messages/<int:thread_id>")
@permits(Permission.CLIENT_READ)
def messages_one(thread_id: int) -> ResponseReturnValue:
    return _show(thread_id, Fields(request.args), 200)


def _show(thread_id: int, fields: Fields, status: int) -> ResponseReturnValue:
    with open_office() as office:
        line = talk.get_line(office, _reader(), office.get(Thread, here(), thread_id))
        written = talk.find_messages(office, here(), thread_id)
    return render_template("front/messages/one.html", line=line, written=written, fields=fields), status


@front.post("/messages/<int:thread_id>")
@permits(Permission.CLIENT_MESSAGES)
def messages_reply(thread_id: int) -> ResponseReturnValue:
    fields = Fields(request.form)
    with open_office() as office:
        fields.problems += desk.reply(office, here(), thread_id, Side.CLIENT, fields["text"])
    if fields.problems:
        return _show(thread_id, fields, 422)
    flash("Sent. You see here when we have answered.", "done")
    return redirect(url_for("front.messages_one", thread_id=thread_id))


@front.post("/messages/<int:thread_id>/read")
@permits(Permission.CLIENT_MESSAGES)
def messages_read(thread_id: int) -> ResponseReturnValue:
    with open_office() as office:
        desk.mark_read(office, here(), thread_id, Side.CLIENT, current_person().id)
    return "" if "HX-Request" in request.headers else redirect(url_for("front.messages"))
