"""Sending a file in: it is checked first and nothing is written, then taken in by a second press of a button."""

from __future__ import annotations

from dataclasses import asdict

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bureau.desks.intake import commit_upload
from bureau.models.intake import RowState
from bureau.queries.intake import Cause, find_uploads, group_causes
from bureau.queries.verdicts import Intake
from clients.access import Permission
from clients.profiles import find_profiles
from clients.stages import BEFORE_LIVE
from clients.trail import Actor, ActorKind
from portal.doors import front
from portal.forms import Fields
from portal.guards import current_person, open_office, permits
from portal.rendering import now, plural, render_page
from portal.sandbox import live_bureau
from portal.staging import Staged, Staging, safe_name
from portal.views.front.place import here, this_client
from portal.views.front.sources import PREVIEW, find_unused
from portal.views.front.taking import DONE, LARGE, check_staged, is_under_way, start

PAGE = 25


@front.get("/upload")
@permits(Permission.CLIENT_READ)
def upload() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    with open_office() as office:
        uploads = find_uploads(office, here(), limit=PAGE + 1, before=before)
        profiles = find_profiles(office.session, here())
    waiting = staging().find(here(), current_person().id, now())
    return render_template(
        "front/upload/index.html", uploads=uploads[:PAGE], more=len(uploads) > PAGE, before=before, waiting=waiting,
        limit=current_app.config["MAX_CONTENT_LENGTH"], profiles=profiles,
    )  # fmt: skip


@front.post("/upload")
@permits(Permission.CLIENT_UPLOAD)
def upload_send() -> ResponseReturnValue:
    sent = request.files.get("file")
    data = sent.read() if sent and sent.filename else b""
    if sent is None or not data:
        flash("Choose a file first; the one that came was empty or missing.", "error")
        return redirect(url_for("front.upload"))
    token = staging().put(here(), current_person().id, safe_name(sent.filename or ""), data, now())
    return redirect(url_for("front.upload_check", token=token))


@front.get("/upload/check/<token>")
@permits(Permission.CLIENT_UPLOAD)
def upload_check(token: str) -> ResponseReturnValue:
    staged = get_staged(token)
    if staged.upload_id is not None or is_under_way(staged, now()):
        return _to_where_it_is(staged)
    if this_client().state in BEFORE_LIVE:
        return redirect(url_for("front.start_check", token=token, **request.args))
    with open_office() as office:
        source, intake = check_staged(office, staging(), staged, request.args.get("profile", ""))
    if source.missing:
        return redirect(url_for("front.upload_map", token=token))
    return render_template(
        "front/upload/check.html", staged=staged, source=source, intake=intake, causes=causes_of(intake),
        preview=list(intake.verdicts.values())[:PREVIEW], states=RowState,
        unused=find_unused(source, staged.file_name, staging().read(staged)),
    )  # fmt: skip


@front.post("/upload/check/<token>/commit")
@permits(Permission.CLIENT_UPLOAD)
def upload_commit(token: str) -> ResponseReturnValue:
    staged, chosen = get_staged(token), Fields(request.form)["profile"]
    if staged.upload_id is not None or is_under_way(staged, now()):
        return _to_where_it_is(staged)
    if staged.size > LARGE:
        start(live_bureau(), Actor(ActorKind.PERSON, current_person().name), staging(), staged, chosen)
        return redirect(url_for("front.upload_progress", token=token))
    with open_office() as office:
        _source, intake = check_staged(office, staging(), staged, chosen)
        if not intake.is_refused:
            commit_upload(office, intake)
    return _lead_on(staged, intake)


@front.get("/upload/check/<token>/progress")
@permits(Permission.CLIENT_UPLOAD, polls=True)
def upload_progress(token: str) -> ResponseReturnValue:
    """How far a large file is; asked for every other second, and by whoever comes back to look."""
    staged = get_staged(token)
    if staged.upload_id is not None or not is_under_way(staged, now()):
        return _to_where_it_is(staged)
    return render_page(
        "front/upload/taking.html", "front/upload/_taking.html", staged=staged, percent=DONE[staged.stage]
    )


@front.post("/upload/check/<token>/drop")
@permits(Permission.CLIENT_UPLOAD)
def upload_drop(token: str) -> ResponseReturnValue:
    staged = get_staged(token)
    staging().drop(token)
    flash(f"{staged.file_name} was put away; nothing of it was taken in.")
    return redirect(url_for("front.upload"))


def staging() -> Staging:
    return Staging(live_bureau().settings.home / "staging")


def get_staged(token: str) -> Staged:
    """The waiting file, or NotFound unless it is this person's, for this client."""
    return staging().get(token, here(), current_person().id, now())


def causes_of(intake: Intake) -> list[Cause]:
    return group_causes(asdict(problem) for problem in intake.all_problems)


def _to_where_it_is(staged: Staged) -> ResponseReturnValue:
    """To the upload it became, to how far it is, or back to its check."""
    page = "front.upload_progress" if is_under_way(staged, now()) else "front.upload_check"
    there = url_for(page, token=staged.token)
    if staged.upload_id is not None:
        there = url_for("front.upload_one", upload_id=staged.upload_id)
    return ("", 200, {"HX-Redirect": there}) if "HX-Request" in request.headers else redirect(there)


def _lead_on(staged: Staged, intake: Intake) -> ResponseReturnValue:
    if intake.upload_id is None:
        return redirect(url_for("front.upload_check", token=staged.token))
    staging().settle(staged, intake.upload_id)
    flash(*_told(intake))
    return redirect(url_for("front.upload_one", upload_id=intake.upload_id))


def _told(intake: Intake) -> tuple[str, str]:
    """What to say after a commit; pressing the button twice leads to the same upload."""
    if intake.is_refused:
        return intake.problems[0].text, "info"
    bad = intake.count(RowState.PROBLEM)
    taken = f"{plural(intake.accepted, 'row')} taken in as {plural(len(intake.drafts), 'visit')}."
    return (f"{taken} {plural(bad, 'row')} still to fix." if bad else taken), "done"
