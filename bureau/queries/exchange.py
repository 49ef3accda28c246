"""What went to and fro about one claim, segment by segment: its part of the 837 and of every answer."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from bureau.models import Acknowledgement, Mail, Remittance, RemittanceClaim, Submission
from bureau.office import Office
from bureau.x12.outline import Outline, read_outline
from bureau.x12.tree import Node, tree

_NAMING = frozenset({"837P", "835", "277CA"})  # kinds of file that name each claim
WHOLE = 80  # segments shown of one that does not


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The segments of one file that are about the claim, in order."""

    mail_id: int
    kind: str
    name: str
    outgoing: bool
    at: datetime
    pcn: str
    nodes: Sequence[Node]


def load_exchange(office: Office, client_id: int, filing_ids: Sequence[int]) -> list[Excerpt]:
    """Every file that says something of these filings, oldest first, cut down to what it says of them."""
    sent = office.rows(
        select(Submission.mail_id, Submission.pcn)
        .where(Submission.client_id == client_id, Submission.filing_id.in_(filing_ids))
        .order_by(Submission.id)
    )
    answered = office.rows(
        select(Acknowledgement.mail_id, Submission.pcn)
        .join(
            Submission,
            and_(Submission.client_id == Acknowledgement.client_id, Submission.id == Acknowledgement.submission_id),
        )
        .where(Submission.client_id == client_id, Submission.filing_id.in_(filing_ids))
    )
    paid = office.rows(
        select(Remittance.mail_id, RemittanceClaim.pcn)
        .join(
            Remittance,
            and_(Remittance.client_id == RemittanceClaim.client_id, Remittance.id == RemittanceClaim.remittance_id),
        )
        .where(RemittanceClaim.client_id == client_id, RemittanceClaim.filing_id.in_(filing_ids))
    )
    pairs = list(dict.fromkeys((row[0], row[1]) for row in (*sent, *answered, *paid)))
    mails = {row[0].id: row[0] for row in office.rows_in(select(Mail), Mail.id, {mail_id for mail_id, _ in pairs})}
    found = [_excerpt(mails[mail_id], pcn) for mail_id, pcn in pairs if mail_id in mails]
    return sorted(found, key=lambda one: (one.at, one.mail_id))


def _excerpt(mail: Mail, pcn: str) -> Excerpt:
    text = read_text(mail)
    nodes = cut_out(mail.kind, text, pcn)
    return Excerpt(mail.id, mail.kind, mail.name, mail.outgoing, mail.received_at, pcn, nodes)


def read_text(mail: Mail) -> str:
    """The file as text; bytes that are none are shown as such."""
    return zlib.decompress(mail.content).decode("utf-8", errors="replace") if mail.content else ""


def cut_out(kind: str, text: str, pcn: str) -> list[Node]:
    """The segments of a file that are about the claim with this control number, and the level they hang on."""
    if kind not in _NAMING:
        return tree(text, last=WHOLE)
    return cut_claim(text, read_outline(text), pcn)


def cut_claim(text: str, outline: Outline, number: str) -> list[Node]:
    """The segments of every part of a file that goes by this claim number, with the levels they hang on."""
    spans: list[tuple[int, int]] = []
    for part in outline.find(number):
        spans += [(part.head_first, part.head_last)] if part.head_first else []
        spans.append((part.first, part.last))
    if not spans:
        return []
    nodes = tree(text, spans[0][0], spans[-1][1])
    return [node for node in nodes if any(first <= node.position <= last for first, last in spans)]
