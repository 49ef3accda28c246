"""The desk of the old book: takes in what was open at the former biller, holds it against its letter, takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256

from sqlalchemy import select, update

from bureau import books
from bureau.models import OpeningBadRow, OpeningClaim, OpeningLetter, OpeningList
from bureau.office import Office
from bureau.queries.opening import count_answered, find_fingerprints, find_same_list
from bureau.rules.intake.readers import SheetOpener, find_other_kind, find_size_problem
from bureau.rules.opening import FIELDS, OpeningReading, part_known, read_opening
from clients.agreements import may_hold
from clients.models import ClientState, Payer
from clients.rows import add_rows
from config.money import format_cents
from config.problems import Problem

OPEN_TO = frozenset({*ClientState} - {ClientState.LEAD, ClientState.CONTRACTING, ClientState.CLOSED})


@dataclass(slots=True)
class Opening:
    """A list of old claims that was read and held against the book; nothing of it is written yet."""

    client_id: int
    file_name: str
    sha256: str
    reading: OpeningReading = field(default_factory=OpeningReading)
    list_id: int | None = None  # what it became, or is a repeat of

    @property
    def is_refused(self) -> bool:
        return bool(self.reading.problems)

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.reading.problems, *(one for row in self.reading.bad for one in row.problems)]


def check_opening(office: Office, client_id: int, name: str, data: bytes, *, open_sheet: SheetOpener) -> Opening:
    """Read a list and say what would become of every row; writes nothing. The same bytes twice are refused."""
    opening = Opening(client_id, name, sha256(data).hexdigest())
    earlier = find_same_list(office, client_id, opening.sha256)
    if earlier is not None:
        opening.list_id = earlier.id
        text = (
            f"This very file was taken before, as {earlier.file_name} on {earlier.received_at:%d %b %Y} "
            f"(list {earlier.id}); nothing was done."
        )
        return _refuse(opening, [Problem(name, "file.duplicate", text)])
    refused = _may_take(office, client_id) or find_size_problem(name, data, office.settings.max_upload_bytes)
    refused = refused or find_other_kind(name, data)
    if refused is not None:
        return _refuse(opening, [refused])
    table, problems = open_sheet(name, data)
    if problems:
        return _refuse(opening, problems)
    opening.reading = read_opening(name, table, _find_payers(office), office.today(client_id))
    known = find_fingerprints(office, client_id, [one.number for one in opening.reading.claims])
    part_known(name, opening.reading, known)
    return opening


def commit_opening(office: Office, opening: Opening) -> int:
    """Write a checked list: its good rows as claims of the old book, its bad rows with the reason. Returns its id.

    Raises ValueError for a list that was refused.
    """
    if opening.is_refused:
        raise ValueError("a refused list cannot be taken in")
    client_id, reading = opening.client_id, opening.reading
    row = {
        "client_id": client_id, "sha256": opening.sha256, "file_name": opening.file_name, "received_at": office.now,
        "sent_by": str(office.actor), "rows": reading.rows, "accepted": len(reading.claims),
        "problems": len(reading.bad), "duplicates": reading.duplicates, "undone_at": None, "undone_by": "",
    }  # fmt: skip
    opening.list_id = list_id = office.insert(OpeningList, [row])[0]
    place = {"client_id": client_id, "list_id": list_id}
    claims = [
        place | {name: getattr(one, name) for name in FIELDS}
        | {"row_no": one.row_no, "fingerprint": one.fingerprint, "undone_at": None}
        for one in reading.claims
    ]  # fmt: skip
    office.insert(OpeningClaim, claims)
    bad = [
        place | {"row_no": one.row_no, "raw": one.raw, "problems": [asdict(problem) for problem in one.problems]}
        for one in reading.bad
    ]
    office.insert(OpeningBadRow, bad)
    text = f"{len(claims)} of {reading.rows} rows, {format_cents(reading.cents)} open"
    books.record(office, client_id, "old book taken in", items=len(claims), text=text)
    return list_id


def undo_opening(office: Office, client_id: int, list_id: int, *, why: str) -> list[Problem]:
    """Take a list back, unless something was written on a claim of it. Raises NotFound for a foreign one."""
    row = office.get(OpeningList, client_id, list_id)
    if row.undone_at is not None:
        return [Problem(row.file_name, "undo.done", f"The list was taken back on {row.undone_at:%d %b %Y}.")]
    answered = count_answered(office, client_id, list_id)
    if answered:
        text = f"Payers have answered {answered} of its claims since; what they said stands on them."
        return [Problem(row.file_name, "undo.too_late", text)]
    made = update(OpeningClaim).where(OpeningClaim.client_id == client_id, OpeningClaim.list_id == list_id)
    office.session.execute(made.values(undone_at=office.now))
    row.undone_at, row.undone_by = office.now, str(office.actor)
    office.session.flush()
    books.record(office, client_id, "old book taken back", items=row.accepted, text=why)
    return []


def keep_letter(office: Office, client_id: int, dated: date, claims: int, cents: int) -> None:
    """Keep what the former biller's letter says is open; earlier letters stay on record."""
    row = {"at": office.now, "by": str(office.actor), "dated": dated, "claims": claims, "cents": cents}
    add_rows(office.session, OpeningLetter, client_id, [row])
    text = f"letter of {dated}: {claims} claims, {format_cents(cents)}"
    books.record(office, client_id, "old book control totals", items=claims, text=text)


def _refuse(opening: Opening, problems: Sequence[Problem]) -> Opening:
    opening.reading = OpeningReading(problems=list(problems))
    return opening


def _may_take(office: Office, client_id: int) -> Problem | None:
    client = office.client(client_id)
    if client.state not in OPEN_TO:
        return Problem(client.code, "opening.closed", f"Nothing is taken in for {client.name} at this stage.")
    return may_hold(office.session, client, office.today(client_id))


def _find_payers(office: Office) -> dict[str, int]:
    """Code and name of every payer, in small letters -> id; where a name is another's code, the code counts."""
    rows = office.rows(select(Payer.code, Payer.name, Payer.id).order_by(Payer.id))
    return {row.name.casefold(): row.id for row in rows} | {row.code.casefold(): row.id for row in rows}
