"""The hand-over: everything we hold of a client as one archive, written a piece at a time, and what is still open."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from bureau.models import (
    Claim,
    ClaimLine,
    Coverage,
    Denial,
    Encounter,
    Filing,
    Journal,
    Mail,
    OpeningClaim,
    OpeningLetter,
    OpeningPayment,
    Patient,
    Question,
    Remittance,
    Transfer,
)
from bureau.office import Office
from bureau.rules.lifecycle import CLOSED
from clients.models import (
    Agreement,
    AuditEntry,
    Contact,
    Enrollment,
    Fee,
    FeeTerm,
    Location,
    Payer,
    Provider,
    SlaClause,
    StageChange,
    TierPeriod,
)
from config.cells import safe_cell

# Each table under the name of its sheet; every one is narrowed to the client, column by column as it is kept.
SHEETS: dict[str, type[Any]] = {
    "patients": Patient, "coverages": Coverage, "encounters": Encounter, "claims": Claim, "claim_lines": ClaimLine,
    "filings": Filing, "ledger": Transfer, "remittances": Remittance, "denials": Denial, "questions": Question,
    "old_book": OpeningClaim, "old_book_answers": OpeningPayment, "old_book_letters": OpeningLetter,
    "journal": Journal, "agreements": Agreement, "tiers": TierPeriod, "fees": FeeTerm, "service_levels": SlaClause,
    "charge_master": Fee, "clinicians": Provider, "places": Location, "contacts": Contact,
    "enrolments": Enrollment, "stages": StageChange, "audit": AuditEntry,
}  # fmt: skip
BATCH = 1_000
ABOUT = """What this archive holds
=======================
*.csv      one table each: a header row, dates as YYYY-MM-DD, amounts in whole cents
x12/sent   every file sent to payers on your behalf, byte for byte
x12/received   every file that came back for you, byte for byte
payers.csv names the payers that the other tables know by number.
In the ledger money moves from `credit` to `debit`; nothing in it was ever changed.
A text that begins like a formula has an apostrophe before it.
"""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is still open at a client; cents are what insurance and patients owe on open claims."""

    claims: int
    cents: int
    questions: int
    last_remittance: datetime | None


def find_leftovers(office: Office, client_id: int) -> Leftovers:
    claims, cents = office.rows(
        select(func.count(), func.coalesce(func.sum(Claim.charge_cents), 0))
        .select_from(Filing)
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .where(Filing.client_id == client_id, Filing.rank == 1, Filing.state.not_in(CLOSED))
    )[0]
    asked = select(func.count()).where(Question.client_id == client_id, Question.state == "SENT")
    last = select(func.max(Remittance.received_at)).where(Remittance.client_id == client_id)
    return Leftovers(claims, int(cents), office.session.scalar(asked) or 0, office.session.scalar(last))


def iter_archive(office: Office, client_id: int) -> Iterator[bytes]:
    """The archive of one client, in pieces as they are made: never more than a batch of rows or one file is held."""
    target = _Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", ABOUT)
        for name, model in SHEETS.items():
            columns = [column.name for column in model.__table__.columns if column.name != "client_id"]
            rows = _read_rows(office, model, client_id, columns)
            yield from _write_sheet(archive, target, name, columns, rows)
        payers = office.rows(select(Payer.id, Payer.code, Payer.name).order_by(Payer.id))
        yield from _write_sheet(archive, target, "payers", ["id", "code", "name"], payers)
        for folder, name, content in _read_mail(office, client_id):
            archive.writestr(f"x12/{folder}/{name}", content)
            yield target.taken()
    yield target.taken()


def _write_sheet(
    archive: zipfile.ZipFile, target: _Pipe, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    with archive.open(f"{name}.csv", "w") as sheet:
        sheet.write(_as_csv([columns]))
        for batch in _batches(rows):
            sheet.write(_as_csv([[_plain(value) for value in row] for row in batch]))
            yield target.taken()
    yield target.taken()


def _read_rows(office: Office, model: type[Any], client_id: int, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    """All rows of a table, in the order of their ids, a batch at a time."""
    last, more = 0, True
    while more:
        wanted = select(*(getattr(model, name) for name in columns)).where(model.client_id == client_id)
        rows = office.rows(wanted.where(model.id > last).order_by(model.id).limit(BATCH))
        yield from rows
        more = len(rows) == BATCH
        last = rows[-1].id if rows else last


def _read_mail(office: Office, client_id: int) -> Iterator[tuple[str, str, bytes]]:
    ids = office.session.scalars(select(Mail.id).where(Mail.client_id == client_id).order_by(Mail.id)).all()
    for mail_id in ids:
        wanted = select(Mail.outgoing, Mail.name, Mail.content).where(Mail.client_id == client_id, Mail.id == mail_id)
        outgoing, name, content = office.rows(wanted)[0]
        safe = name.replace("/", "_").replace("\\", "_")
        yield "sent" if outgoing else "received", f"{mail_id}_{safe}", zlib.decompress(content)


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    batch: list[Sequence[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return safe_cell(value) if isinstance(value, str) else value


def _as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


class _Pipe(io.RawIOBase):
    """What a ZIP is written to and read from at the same time; it never looks back."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
