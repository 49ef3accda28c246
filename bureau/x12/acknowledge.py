"""The answer to a file from outside, from one look at it: TA1 per interchange, 999 per group, 277CA on its claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bureau.x12.ack277 import write_277ca
from bureau.x12.ack999 import write_999
from bureau.x12.acknowledge_claims import Refusal, Speaker, Verdict, answer_batch, number_sets
from bureau.x12.acknowledge_sets import Reply, Told, answer_envelope
from bureau.x12.acks import ClaimAckSet
from bureau.x12.check import inspect
from bureau.x12.edits.catalog import Judge
from bureau.x12.edits.edit import ERROR, Context
from bureau.x12.edits.files import Memory
from bureau.x12.ta1 import write_ta1
from bureau.x12.values import Envelope
from bureau.x12.values837 import Claim, ClaimSet
from config.problems import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """Every reply to one text, none where there is no ISA to reply to.

    `problems` is what is wrong with its form; what is wrong with a claim stands in the answer to it.
    """

    replies: Sequence[Reply] = ()
    problems: Sequence[Problem] = ()


def acknowledge(text: str, speaker: Speaker, context: Context | None = None, name: str = "") -> Answer:
    """Read and judge a text once, and say of every part what its sender is to be told.

    Nothing is acknowledged inside an interchange that is rejected. Claims are answered for accepted sets of
    professional claims: turned away by the edits that are errors, as far as `context` lets them judge.
    """
    seen = inspect(text, name, judges=False)
    batches = [one for one in seen.values if isinstance(one, ClaimSet)]
    told = Told(seen.problems, (claim for one in batches for claim in one.claims))
    replies = [answer_envelope(one, told) for one in seen.interchanges]
    memory = Memory()
    known = Context(speaker.today, is_repeat=memory.has_bill, is_known_number=memory.has_number)
    judge = Judge(context or known)
    for reply in replies:
        for batch in (batch for batch in batches if batch.first_segment in reply.accepted):
            reply.claim_acks += _answer_claims(batch, speaker, judge)
        number_sets(reply.claim_acks, 0)
    return Answer(replies, seen.problems)


def _answer_claims(batch: ClaimSet, speaker: Speaker, judge: Judge) -> list[ClaimAckSet]:
    """In the order of the file, parted where the billing provider changes."""
    runs = groupby(batch.claims, key=lambda claim: claim.billing.id)
    return [answer_batch(batch, speaker, [_judge(claim, judge) for claim in claims]) for _, claims in runs]


def _judge(claim: Claim, judge: Judge) -> Verdict:
    refusals: list[Refusal] = []
    lines: dict[int, list[Refusal]] = {}
    for found in judge.find(claim):
        if found.edit.severity is ERROR:
            home = lines.setdefault(found.mark.line, []) if found.mark.line else refusals
            home.append(Refusal(*found.status, found.edit.text))
    return Verdict(claim, refusals, lines)


def write_reply(reply: Reply, envelope: Envelope) -> dict[str, str]:
    """The files of a reply by kind; each takes the next control number from that of `envelope` on."""
    texts: dict[str, str] = {}

    def stamp() -> Envelope:
        number = envelope.control + len(texts)
        return replace(envelope, control=number, group_control=number)

    if reply.wants_ta1 and reply.ta1 is not None:
        texts["TA1"] = write_ta1(stamp(), [reply.ta1])
    if reply.functional_acks:
        texts["999"] = write_999(stamp(), reply.functional_acks)
    if reply.claim_acks:
        number_sets(reply.claim_acks, stamp().control)
        texts["277CA"] = write_277ca(stamp(), reply.claim_acks)
    return texts
