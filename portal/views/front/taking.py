"""Taking a staged file in: a small one at once, a large one beside the request, with a note of how far it is."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread

from bureau import notices
from bureau.desks.intake import check_upload, commit_upload
from bureau.models.talk import NoticeKind
from bureau.office import Bureau, Office
from bureau.queries.verdicts import Intake
from clients.scope import Scope
from clients.trail import Actor
from portal.staging import Stage, Staged, Staging
from portal.views.front.sources import Source, find_source

LARGE = 200_000  # bytes; smaller files take less than a second
STUCK = timedelta(minutes=15)  # without a step: the process that did it is gone
# Of the work how much is behind when a stage begins, in percent: measured with ten thousand rows.
DONE = {Stage.WAITING: 0, Stage.CHECKING: 2, Stage.WRITING: 30, Stage.FAILED: 0}
log = logging.getLogger("portal")


def check_staged(office: Office, staging: Staging, staged: Staged, chosen: str) -> tuple[Source, Intake]:
    """What would become of every row; writes nothing. `chosen` is the mapping asked for, if any."""
    data = staging.read(staged)
    source = find_source(office, staged.client_id, staged.file_name, data, chosen=chosen)
    read = source.reader(office.today(staged.client_id))
    checked = check_upload(
        office, staged.client_id, staged.file_name, data, profile=source.profile, read=read, version=source.version
    )
    return source, checked


def is_under_way(staged: Staged, now: datetime) -> bool:
    """Whether somebody is taking it in right now."""
    if staged.stage not in (Stage.CHECKING, Stage.WRITING) or staged.begun_at is None:
        return False
    return now - staged.begun_at < STUCK


def start(bureau: Bureau, actor: Actor, staging: Staging, staged: Staged, chosen: str) -> None:
    """Begin in a thread of its own; the note tells whoever asks how far it is, and where it led."""
    begun = staging.note(replace(staged, stage=Stage.CHECKING, begun_at=bureau.clock.now()))
    Thread(target=_take_in, args=(bureau, actor, staging, begun, chosen), daemon=True).start()


def _take_in(bureau: Bureau, actor: Actor, staging: Staging, staged: Staged, chosen: str) -> None:
    try:
        with bureau.open_office(actor, Scope.of(staged.client_id)) as office:
            _source, intake = check_staged(office, staging, staged, chosen)
            staging.note(replace(staged, stage=Stage.WRITING, rows=intake.rows))
            if not intake.is_refused:
                done = commit_upload(office, intake)
                kind, who = NoticeKind.UPLOAD_FINISHED, str(actor)  # they may have gone on to something else
                notices.tell(office, staged.client_id, kind, subject_id=done, only=who)
        if intake.upload_id is None:
            staging.note(replace(staged, stage=Stage.WAITING))  # refused: the check says why
        else:
            staging.settle(staged, intake.upload_id)
    except Exception as error:  # noqa: BLE001  (whatever it was, whoever waits must be told)
        # Neither the text of an error nor its trace is logged: they may quote a row.
        log.error("an upload was not taken in: %s", type(error).__name__)  # noqa: TRY400
        staging.note(replace(staged, stage=Stage.FAILED))
