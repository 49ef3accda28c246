"""The read side of intake: what was uploaded, what became of every row, and what is wrong, grouped by cause."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bureau.models import Upload, UploadRow
from bureau.models.intake import RowState
from bureau.office import NotFound, Office
from bureau.queries.registry import find_mapping
from bureau.rules.charge_form import KEYED
from bureau.rules.intake.corrections import BadRow, write_sheet
from bureau.rules.intake.hl7_ack import write_acks
from bureau.rules.intake.readers import HL7

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class UploadLine:
    """One upload as a list shows it; `rows` is the sum of the four states that follow."""

    client_id: int
    id: int
    file_name: str
    profile: str
    version: int | None  # of the saved mapping it was read with
    received_at: datetime
    sent_by: str
    rows: int
    accepted: int
    problems: int
    duplicates: int
    discarded: int
    encounters: int
    kinds: dict[str, int]  # resources or segments of the source by kind, where it has many
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of an upload; `values` and `problems` are kept while it is a problem."""

    id: int
    file_name: str
    row_no: int
    state: RowState
    encounter_id: int | None
    values: dict[str, str]
    problems: list[dict[str, Any]]  # where, code, text ...


@dataclass(slots=True)
class Cause:
    """Problems of one kind: how many rows, and where the first of them are."""

    code: str
    text: str
    rows: int = 0
    examples: list[str] = field(default_factory=list)


def find_uploads(
    office: Office, client_id: int | None = None, *, limit: int = 50, before: int | None = None
) -> list[UploadLine]:
    """Files within the scope, newest first; `before` is the id the last page ended with. Keyed charges are none."""
    columns = (
        Upload.client_id, Upload.id, Upload.file_name, Upload.profile, Upload.profile_version, Upload.received_at,
        Upload.sent_by, Upload.rows, Upload.accepted, Upload.problems, Upload.duplicates, Upload.encounters,
        Upload.kinds, Upload.undone_at,
    )  # fmt: skip
    wanted = select(*columns).where(Upload.profile != KEYED).order_by(Upload.id.desc()).limit(limit)
    if client_id is not None:
        wanted = wanted.where(Upload.client_id == client_id)
    if before is not None:
        wanted = wanted.where(Upload.id < before)
    return [_upload_line(row) for row in office.rows(wanted)]


def get_upload(office: Office, client_id: int, upload_id: int) -> UploadLine:
    """One upload, or NotFound."""
    return _upload_line(office.get(Upload, client_id, upload_id))


def get_content(office: Office, client_id: int, upload_id: int) -> bytes:
    """The bytes as the client sent them, or NotFound."""
    return zlib.decompress(office.get(Upload, client_id, upload_id).content)


def find_rows(
    office: Office, client_id: int, upload_id: int, *,
    state: RowState | None = None, limit: int = 200, after: int = 0,
) -> list[RowLine]:  # fmt: skip
    """Rows of an upload as they came, those of one state if asked; `after` is the row id the last page ended with."""
    wanted = _rows_of(client_id, upload_id).where(UploadRow.id > after).order_by(UploadRow.id).limit(limit)
    if state is not None:
        wanted = wanted.where(UploadRow.state == state)
    return [_row_line(row) for row in office.rows(wanted)]


def get_row(office: Office, client_id: int, row_id: int) -> RowLine:
    """One row, or NotFound."""
    wanted = select(*_ROW_COLUMNS).where(UploadRow.client_id == client_id, UploadRow.id == row_id)
    found = office.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("no such uploadrow")
    return _row_line(found)


def count_states(office: Office, client_id: int, upload_id: int) -> dict[RowState, int]:
    """How many stored rows are in each state; rows that carry no charge are not stored and not counted."""
    wanted = select(UploadRow.state, func.count()).where(
        UploadRow.client_id == client_id, UploadRow.upload_id == upload_id
    )
    found = {RowState(state): count for state, count in office.rows(wanted.group_by(UploadRow.state))}
    return {state: found.get(state, 0) for state in RowState}


def find_causes(office: Office, client_id: int, upload_id: int) -> list[Cause]:
    """The open problems of an upload grouped by cause, the commonest first."""
    wanted = _rows_of(client_id, upload_id).where(UploadRow.state == RowState.PROBLEM).order_by(UploadRow.id)
    return group_causes(problem for row in office.rows(wanted) for problem in row.problems or ())


def group_causes(problems: Iterable[dict[str, Any]]) -> list[Cause]:
    """Problems as dicts (where, code, text) grouped by code, the commonest first, each with its first places."""
    causes: dict[str, Cause] = {}
    for problem in problems:
        cause = causes.setdefault(problem["code"], Cause(problem["code"], problem["text"]))
        cause.rows += 1
        if len(cause.examples) < EXAMPLES:
            cause.examples.append(f"{problem['where']}: {problem['text']}")
    return sorted(causes.values(), key=lambda cause: (-cause.rows, cause.code))


def bad_rows_csv(office: Office, client_id: int, upload_id: int) -> str:
    """The problem rows as CSV in the client's own columns, with a key before and the reason after them.

    Sent back corrected, by whatever way files come in, the key leads each row to its place.
    """
    upload = office.get(Upload, client_id, upload_id)
    wanted = _rows_of(client_id, upload_id).where(UploadRow.state == RowState.PROBLEM).order_by(UploadRow.id)
    rows = [
        BadRow(row.id, row.raw or {}, " ".join(problem["text"] for problem in row.problems or ()))
        for row in office.rows(wanted)
    ]
    return write_sheet(upload_id, rows, find_mapping(office, client_id, upload.profile, upload.profile_version))


def write_acknowledgements(office: Office, client_id: int, upload_id: int) -> str:
    """The HL7 answers to an upload of messages as things stand now; empty for any other upload."""
    upload = office.get(Upload, client_id, upload_id)
    if upload.profile != HL7:
        return ""
    wanted = _rows_of(client_id, upload_id).where(UploadRow.state == RowState.PROBLEM)
    wrong = {row.row_no: row.problems or [] for row in office.rows(wanted)}
    return write_acks(zlib.decompress(upload.content), wrong, office.now)


_ROW_COLUMNS = (
    UploadRow.id, UploadRow.file_name, UploadRow.row_no, UploadRow.state, UploadRow.encounter_id, UploadRow.raw,
    UploadRow.problems,
)  # fmt: skip


def _rows_of(client_id: int, upload_id: int) -> Any:
    return select(*_ROW_COLUMNS).where(UploadRow.client_id == client_id, UploadRow.upload_id == upload_id)


def _row_line(row: Any) -> RowLine:
    problems: Sequence[dict[str, Any]] = row.problems or ()
    return RowLine(
        row.id, row.file_name, row.row_no, RowState(row.state), row.encounter_id, dict(row.raw or {}), list(problems)
    )


def _upload_line(row: Any) -> UploadLine:
    settled = row.accepted + row.problems + row.duplicates
    return UploadLine(
        row.client_id, row.id, row.file_name, row.profile, row.profile_version, row.received_at, row.sent_by,
        row.rows, row.accepted, row.problems, row.duplicates, row.rows - settled, row.encounters, row.kinds or {},
        row.undone_at,
    )  # fmt: skip
