"""What went to and fro about one claim, segment by segment: its part of the 837 and of every answer."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from bureau.models import Acknowledgement, Mail, Remittance, RemittanceClaim, Submission
from bureau.office import Office
from bureau.x12.locate import locate_claims
from bureau.x12.syntax import X12Error
from bureau.x12.tree import Node, tree

_CLAIM_ENDS = frozenset({"CLP", "LX", "PLB", "SE"})
_LEVEL_ENDS = frozenset({"HL", "SE"})
WHOLE = 80  # an answer this short is shown as it is


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The segments of one file that are about the claim, in order."""

    mail_id: int
    kind: str
    name: str
    outgoing: bool
    at: datetime
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
    return Excerpt(mail.id, mail.kind, mail.name, mail.outgoing, mail.received_at, cut_out(mail.kind, text, pcn))


def read_text(mail: Mail) -> str:
    """The file as text; bytes that are none are shown as such."""
    return zlib.decompress(mail.content).decode("utf-8", errors="replace") if mail.content else ""


def cut_out(kind: str, text: str, pcn: str) -> list[Node]:
    """The segments of a file that are about the claim with this control number."""
    nodes = tree(text)
    if kind == "837P":
        return _sent_claim(nodes, text, pcn)
    if kind == "835":
        return _between(nodes, "CLP", 0, pcn, _CLAIM_ENDS)
    if kind == "277CA":
        found = _between(nodes, "TRN", 1, pcn, _LEVEL_ENDS)
        return _with_its_level(nodes, found) if found else []
    return nodes[:WHOLE]


def _sent_claim(nodes: list[Node], text: str, pcn: str) -> list[Node]:
    """The claim with the subscriber it hangs on."""
    try:
        first, last = locate_claims(text).get(pcn, (0, 0))
    except X12Error:
        return []
    if not first:
        return []
    begin = first - 1
    while begin > 0 and nodes[begin].id != "HL":
        begin -= 1
    subscriber = nodes[begin : first - 1]
    end = next((at for at, node in enumerate(subscriber) if node.id == "CLM"), len(subscriber))
    return [*subscriber[:end], *nodes[first - 1 : last]]


def _between(nodes: list[Node], opener: str, element: int, pcn: str, ends: frozenset[str]) -> list[Node]:
    """From each opener that names the claim to what comes after it."""
    found: list[Node] = []
    inside = False
    for node in nodes:
        if node.id == opener and len(node.elements) > element:
            inside = node.elements[element] == pcn
        elif node.id in ends:
            inside = False
        if inside:
            found.append(node)
    return found


def _with_its_level(nodes: list[Node], found: list[Node]) -> list[Node]:
    begin = found[0].position - 1
    while begin > 0 and nodes[begin].id != "HL":
        begin -= 1
    return [*nodes[begin : found[0].position - 1], *found]
