"""The answer to a file from outside, from one look at it: TA1 per interchange, 999 per group, 277CA on its claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bureau.x12.ack277 import write_277ca
from bureau.x12.ack999 import write_999
from bureau.x12.acknowledge_claims import Refusal, Speaker, Verdict, answer_claims, number_sets
from bureau.x12.acknowledge_sets import Told, answer_group, answer_interchange
from bureau.x12.acks import ClaimAckSet, FunctionalAck
from bureau.x12.check import inspect
from bureau.x12.edits.catalog import BY_ID, Judge
from bureau.x12.edits.edit import ERROR, Context
from bureau.x12.edits.files import Memory
from bureau.x12.envelope import Interchange, InterchangeAck
from bureau.x12.ta1 import write_ta1
from bureau.x12.values import Envelope
from bureau.x12.values837 import Claim, ClaimSet
from config.problems import Problem

_ACKNOWLEDGEMENTS = "FA"  # GS01: there is no 999 for a 999


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the sender of one interchange."""

    interchange: Interchange
    ta1: InterchangeAck | None
    functional_acks: Sequence[FunctionalAck] = ()
    claim_acks: Sequence[ClaimAckSet] = ()

    @property
    def wants_ta1(self) -> bool:
        """A TA1 is sent where it was asked for, and where there is something to say."""
        return self.ta1 is not None and (self.interchange.ack_requested or self.ta1.verdict != "A")


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
    memory = Memory()
    known = Context(speaker.today, is_repeat=memory.has_bill, is_known_number=memory.has_number)
    judge = _Door(told, context or known)
    replies = []
    for one in seen.interchanges:
        ta1 = answer_interchange(one, told)
        groups = [group for group in one.groups if group.kind != _ACKNOWLEDGEMENTS]
        if ta1 is None or ta1.verdict == "R":
            replies.append(Reply(one, ta1))
            continue
        acks = [answer_group(group, told, f"{at:04d}") for at, group in enumerate(groups, 1)]
        taken = {
            answered.first
            for group, ack in zip(groups, acks, strict=True)
            for answered, said in zip(group.sets, ack.sets, strict=False)
            if said.verdict in "AE"
        }
        mine = [batch for batch in batches if batch.first_segment in taken]
        claims = [answer_claims(batch, speaker, each) for batch in mine for each in judge.by_provider(batch)]
        number_sets(claims, 0)
        replies.append(Reply(one, ta1, acks, claims))
    return Answer(replies, seen.problems)


class _Door:
    """Holds claims against the edits; each finding of the first look at a claim counts as well."""

    def __init__(self, told: Told, context: Context) -> None:
        self._told = told
        self._judge = Judge(context)

    def by_provider(self, batch: ClaimSet) -> list[list[Verdict]]:
        """Verdicts in the order of the file, parted where the billing provider changes."""
        runs = groupby(batch.claims, key=lambda claim: claim.billing.id)
        return [[self._verdict(claim) for claim in claims] for _, claims in runs]

    def _verdict(self, claim: Claim) -> Verdict:
        refusals: list[Refusal] = []
        lines: dict[int, list[Refusal]] = {}
        judged = set()
        for found in self._judge.find(claim):
            judged.add(found.edit.id)
            if found.edit.severity is ERROR:
                refusal = Refusal(*found.status, found.edit.text)
                (lines.setdefault(found.mark.line, []) if found.mark.line else refusals).append(refusal)
        for problem in self._told.between(claim.first_segment, claim.last_segment):
            edit = BY_ID.get(problem.code)
            if edit is not None and problem.is_error and edit.id not in judged:
                refusals.append(Refusal(*edit.status, edit.text))
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
        texts["999"] = write_999(stamp(), list(reply.functional_acks))
    if reply.claim_acks:
        number_sets(reply.claim_acks, stamp().control)
        texts["277CA"] = write_277ca(stamp(), list(reply.claim_acks))
    return texts
