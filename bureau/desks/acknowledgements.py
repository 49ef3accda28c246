"""The acknowledgement desk: reads TA1, 999 and 277CA answers and moves each claim to where they say it stands."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from bureau import progress
from bureau.models import Acknowledgement, Mail, Submission
from bureau.office import AnySelect, Office
from bureau.progress import Move
from bureau.queries.filings import FilingAt, load_filings
from bureau.rules.acknowledgements import Answer, Standing, read_file_standing, read_standing
from bureau.rules.lifecycle import Event, State, may_follow
from bureau.x12.acks import ClaimAckSet, FunctionalAck
from bureau.x12.envelope import InterchangeAck
from bureau.x12.locate import ClaimMap
from bureau.x12.resolve import Said, resolve_999, resolve_ta1

EVENTS = {
    Standing.RECEIVED: Event.RECEIVED,
    Standing.ACCEPTED: Event.PAYER_ACCEPTED,
    Standing.REJECTED: Event.PAYER_REJECTED,
    Standing.FILE_ACCEPTED: Event.FILE_ACCEPTED,
    Standing.FILE_REJECTED: Event.FILE_REJECTED,
}
STAYS = frozenset({Standing.RECEIVED, Standing.FILE_ACCEPTED})  # good to know, and moves no claim
# What a submission becomes by an answer, and the statuses an answer may overrule: late ones change nothing.
STATUSES = {
    Standing.FILE_ACCEPTED: ("FILE_ACCEPTED", {"BATCHED", "SENT"}),
    Standing.FILE_REJECTED: ("FILE_REJECTED", {"BATCHED", "SENT"}),
    Standing.ACCEPTED: ("ACCEPTED", {"BATCHED", "SENT", "FILE_ACCEPTED"}),
    Standing.REJECTED: ("REJECTED", {"BATCHED", "SENT", "FILE_ACCEPTED", "ACCEPTED"}),
}
VERDICTS = frozenset("AEPRMWX")  # AK901; a file that was cut off before it gives no verdict


class _Sent(NamedTuple):
    id: int
    filing_id: int
    pcn: str
    status: str


def apply_ta1(office: Office, mail: Mail, acks: Iterable[InterchangeAck]) -> int:
    """Take back the claims of an interchange that was refused as a whole. Returns how many claims it answered."""
    answered = 0
    for ack in acks:
        if ack.verdict == "R":
            ours = _find_ours(office, mail, Mail.control, ack.control)
            answered += _apply_to_file(office, mail, ours, "TA1", partial(resolve_ta1, ack)) if ours else 0
    return answered


def apply_999(office: Office, mail: Mail, acks: Iterable[FunctionalAck]) -> int:
    """Take the verdict on our groups: all claims of a rejected set come back. Returns how many claims it answered."""
    answered = 0
    for ack in acks:
        ours = _find_ours(office, mail, Mail.group_control, ack.group_control)
        if ours is not None and ack.verdict in VERDICTS:
            answered += _apply_to_file(office, mail, ours, "999", partial(resolve_999, ack))
    return answered


def _find_ours(office: Office, mail: Mail, column: InstrumentedAttribute[int | None], control: str) -> Mail | None:
    """The file of ours that an answer for this client names by a control number."""
    number = int(control) if control.isdecimal() else 0
    wanted = select(Mail).where(Mail.outgoing, column == number, Mail.client_id == mail.client_id)
    return office.session.scalars(wanted).one_or_none()


def _apply_to_file(
    office: Office, mail: Mail, ours: Mail, source: str, resolve: Callable[[ClaimMap], Sequence[Said]]
) -> int:
    """Apply what an answer says of a file we sent, claim by claim, with what it found at each."""
    said = resolve(ClaimMap(zlib.decompress(ours.content).decode()))
    answers = read_file_standing(said, source)
    found = office.rows(_submissions(mail.client_id).where(Submission.mail_id == ours.id))
    sent = sorted((_Sent(*row) for row in found if row.pcn in answers), key=lambda one: one.filing_id)
    return _apply(office, mail, answers, sent)


def apply_277ca(office: Office, mail: Mail, sets: Iterable[ClaimAckSet]) -> int:
    """Take the verdict on each claim. Returns how many of our claims it answered."""
    assert mail.client_id is not None
    answers: dict[str, Answer] = {}
    icns: dict[str, str] = {}
    for one in sets:
        below = [] if one.claims else _pcns_of_batch(office, mail.client_id, one.batch_reference)
        answers |= read_standing(one, below)
        icns |= {claim.pcn: claim.payer_icn for claim in one.claims if claim.payer_icn}
    sent = [_Sent(*row) for row in office.rows_in(_submissions(mail.client_id), Submission.pcn, answers)]
    sent.sort(key=lambda one: one.filing_id)
    return _apply(office, mail, answers, sent, icns)


def _pcns_of_batch(office: Office, client_id: int, reference: str) -> list[str]:
    """Our control numbers in the file a 277CA speaks of as a whole, without naming its claims."""
    wanted = (
        select(Submission.pcn)
        .join(Mail, Mail.id == Submission.mail_id)
        .where(Submission.client_id == client_id, Mail.outgoing, Mail.reference == reference)
    )
    return list(office.session.scalars(wanted))


def _submissions(client_id: int | None) -> AnySelect:
    """A query whose rows are _Sent values, to be narrowed by the caller."""
    columns = (Submission.id, Submission.filing_id, Submission.pcn, Submission.status)
    return select(*columns).where(Submission.client_id == client_id)


def _apply(
    office: Office,
    mail: Mail,
    answers: dict[str, Answer],
    sent: list[_Sent],
    icns: dict[str, str] | None = None,
) -> int:
    rows, changes, now = [], [], office.now
    for one in sent:
        answer = answers[one.pcn]
        rows.append(
            {
                "client_id": mail.client_id, "submission_id": one.id, "mail_id": mail.id, "source": answer.source,
                "code": answer.code, "text": answer.text, "received_at": now,
            }
        )  # fmt: skip
        status, overruled = STATUSES.get(answer.standing, ("", set()))
        if one.status in overruled:
            changes.append({"client_id": mail.client_id, "id": one.id, "status": status})
    office.insert(Acknowledgement, rows)
    office.update(Submission, changes)
    moving = [one for one in sent if answers[one.pcn].standing not in STAYS and one.status != "SUPERSEDED"]
    filings = load_filings(office, [one.filing_id for one in moving]) if moving else {}
    moves = _moves(filings, moving, answers, icns or {})
    progress.advance(office, moves, act="acknowledged", mail_id=mail.id)
    return len(sent)


def _moves(
    filings: dict[int, FilingAt], sent: list[_Sent], answers: dict[str, Answer], icns: dict[str, str]
) -> list[Move]:
    """An answer that comes late (the claim has gone on already) is kept as a row and moves nothing."""
    moves = []
    for one in sent:
        answer, filing = answers[one.pcn], filings[one.filing_id]
        event = EVENTS[answer.standing]
        if not may_follow(filing.state, event):
            continue
        changes = {"payer_icn": icns.get(one.pcn, "")} if filing.state is State.TRANSMITTED else None
        moves.append(Move(filing, (event,), f"{answer.code} {answer.text}".strip()[:200], changes))
    return moves
