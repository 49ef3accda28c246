"""The submission desk: freezes ready claims into 837P files, one per payer, and lays them in the outbox."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bureau import progress
from bureau.models import Filing, Mail, Submission
from bureau.models.post import MailState
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.filings import load_filings
from bureau.queries.snapshots import Snapshot, iter_snapshots
from bureau.rules.lifecycle import Event, State
from bureau.x12.claim837 import write_837
from bureau.x12.values import Envelope, Party
from bureau.x12.values837 import ClaimSet
from clients.enrolments import Gate, load_gate
from clients.models import Client, Payer
from config.identifiers import pcn

CLAIMS_PER_FILE = 1_000
RECEIVER = Party(name="PRACTICE CLEARINGHOUSE", id_kind="46", id="CLEARHOUSE")


def batch_ready(office: Office, client_id: int) -> list[int]:
    """Batch every ready claim of a client, payer by payer; returns the ids of the files now in the outbox."""
    waiting = office.session.scalars(
        select(Filing.payer_id)
        .where(Filing.client_id == client_id, Filing.state == State.READY, Filing.payer_id.is_not(None))
        .distinct()
    )
    files, gate = [], load_gate(office.session, client_id, office.today(client_id))
    for payer_id in sorted(payer_id for payer_id in waiting if payer_id is not None):
        files += _batch_payer(office, client_id, payer_id, gate)
    return files


def _batch_payer(office: Office, client_id: int, payer_id: int, gate: Gate) -> list[int]:
    files: list[int] = []
    today = office.today(client_id)
    ready = (Filing.state == State.READY, Filing.payer_id == payer_id)
    for batch in iter_snapshots(office, client_id, *ready, size=CLAIMS_PER_FILE):
        fit = [
            one
            for one in batch
            if gate.may_send(payer_id, one.provider_id) and (one.file_by is None or today <= one.file_by)
        ]
        kept = {one.filing.id for one in fit}
        stopped = [
            Move(one.filing, (Event.EDITED,), "no longer fit to send") for one in batch if one.filing.id not in kept
        ]
        progress.advance(office, stopped, act="held back")
        if fit:
            files.append(_write_file(office, client_id, payer_id, fit))
    return files


def _write_file(office: Office, client_id: int, payer_id: int, batch: Sequence[Snapshot]) -> int:
    client = office.client(client_id)
    control, group = office.next_number("isa"), office.next_number("gs")
    mail_id = office.reserve(Mail, 1)[0]
    for snapshot in batch:
        snapshot.claim.pcn = pcn(client_id, snapshot.filing.id, snapshot.attempt + 1)
    local = office.now.astimezone(ZoneInfo(client.time_zone)).replace(tzinfo=None)
    reference = f"B{group:08d}"
    claims = [snapshot.claim for snapshot in batch]
    envelope = Envelope(client.account, RECEIVER.id, control, group, local, production=office.settings.production)
    text = write_837(envelope, [_claim_set(office, reference, local, client, claims)])
    content = text.encode()
    payer = office.session.get_one(Payer, payer_id)
    office.insert(
        Mail,
        [
            {
                "id": mail_id, "client_id": client_id, "outgoing": True, "kind": "837P",
                "name": f"{client.code}_{payer.code}_{control:09d}.837", "sha256": sha256(content).hexdigest(),
                "content": zlib.compress(content, 1), "size": len(content), "partner": RECEIVER.id,
                "control": control, "group_control": group, "reference": reference, "state": MailState.TO_SEND,
                "problem": "", "items": len(claims), "cents": sum(claim.charge_cents for claim in claims),
                "received_at": office.now, "done_at": None,
            }
        ],
    )  # fmt: skip
    office.insert(Submission, [_submission(snapshot, mail_id, office.now) for snapshot in batch])
    moves = [Move(one.filing, (Event.BATCHED,), "", {"attempt": one.attempt + 1}) for one in batch]
    progress.advance(office, moves, act="batched", mail_id=mail_id)
    return mail_id


def _claim_set(office: Office, reference: str, created: datetime, client: Client, claims: list) -> ClaimSet:  # type: ignore[type-arg]
    settings = office.settings
    submitter = Party(
        name=settings.name, id_kind="46", id=client.account, contact="EDI DESK", phone=settings.contact_phone
    )
    return ClaimSet("0001", reference, created, submitter, RECEIVER, claims)


def _submission(snapshot: Snapshot, mail_id: int, at: datetime) -> dict[str, object]:
    return {
        "client_id": snapshot.filing.client_id, "filing_id": snapshot.filing.id, "mail_id": mail_id,
        "pcn": snapshot.claim.pcn, "frequency": snapshot.claim.frequency, "status": "BATCHED",
        "charge_cents": snapshot.claim.charge_cents, "created_at": at, "sent_at": None,
    }  # fmt: skip


def count_outbox(office: Office, client_id: int) -> int:
    """Files of a client that have not left the house."""
    waiting = select(func.count()).where(Mail.client_id == client_id, Mail.state == MailState.TO_SEND)
    return office.session.scalar(waiting) or 0


def mark_sent(office: Office, mail: Mail) -> int:
    """A file has left the house: stamp it and move its claims on. Returns how many claims moved."""
    assert mail.client_id is not None
    mail.state, mail.done_at = MailState.SENT, office.now
    office.session.flush()
    wanted = select(Submission.id, Submission.filing_id).where(
        Submission.client_id == mail.client_id, Submission.mail_id == mail.id, Submission.status == "BATCHED"
    )
    rows = office.rows(wanted.order_by(Submission.filing_id))
    now = office.now
    sent = [{"client_id": mail.client_id, "id": row.id, "status": "SENT", "sent_at": now} for row in rows]
    office.update(Submission, sent)
    filings = load_filings(office, [row.filing_id for row in rows])
    moves = [Move(filings[row.filing_id], (Event.SENT,)) for row in rows]
    progress.advance(office, moves, act="sent", mail_id=mail.id)
    return len(moves)


def mark_answered(
    office: Office,
    client_id: int,
    *,
    pcns: Collection[str] = (),
    groups: Collection[int] = (),
    names: Collection[str] = (),
) -> None:
    """An answer proves that its file has left, even where the process died before it could say so.

    It names the file by control numbers of its claims, by its group's, or by its reference.
    """
    unsaid = (Mail.client_id == client_id, Mail.state == MailState.TO_SEND)
    files = office.session.scalars(select(Mail).where(*unsaid).order_by(Mail.id).with_for_update()).all()
    if not files:
        return
    of_claims = select(Submission.mail_id, Submission.pcn).where(Submission.client_id == client_id)
    named = {row.mail_id for row in office.rows_in(of_claims, Submission.pcn, pcns)}
    for mail in files:
        if mail.id in named or mail.group_control in groups or mail.reference in names:
            mark_sent(office, mail)
