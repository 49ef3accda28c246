"""What a file handed to the clearinghouse holds: claims that can be read, and a 999 for each group."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from bureau.x12.acknowledge_sets import Told, answer_envelope
from bureau.x12.acks import FunctionalAck
from bureau.x12.check import inspect
from bureau.x12.envelope import InterchangeAck, decode
from bureau.x12.values837 import Claim, ClaimSet


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file as read. `sets` are those accepted; `verdict` is accepted, partly, rejected or unreadable."""

    verdict: str
    sets: list[ClaimSet] = field(default_factory=list)
    rejected: list[ClaimSet] = field(default_factory=list)
    acks: list[FunctionalAck] = field(default_factory=list)
    interchange_acks: list[InterchangeAck] = field(default_factory=list)

    @property
    def claims(self) -> list[Claim]:
        return [claim for one in (*self.sets, *self.rejected) for claim in one.claims]


def read_arrival(content: bytes) -> Arrival:
    """Read a file; whatever is wrong with its form becomes part of an acknowledgement."""
    text, _ = decode(content)
    seen = inspect(text, judges=False)
    if not seen.interchanges:
        return Arrival("unreadable")
    claim_sets = [one for one in seen.values if isinstance(one, ClaimSet)]
    told = Told(seen.problems, (claim for one in claim_sets for claim in one.claims))
    replies = [answer_envelope(one, told) for one in seen.interchanges]
    taken = {first for reply in replies for first in reply.accepted}
    sets = [one for one in claim_sets if one.first_segment in taken]
    rejected = [one for one in claim_sets if one.first_segment not in taken]
    verdict = "accepted" if sets and not rejected else "partly" if sets else "rejected"
    acks = [ack for reply in replies for ack in reply.functional_acks]
    tas = [reply.ta1 for reply in replies if reply.ta1 is not None and reply.wants_ta1]
    return Arrival(verdict, sets, rejected, acks, tas)


def fingerprint(claim: Claim) -> int:
    """What stays the same when a claim comes again under another control number; 63 bits."""
    patient = claim.patient or claim.subscriber
    parts = [
        claim.payer.id,
        claim.billing.id,
        claim.subscriber.id,
        patient.name,
        patient.first,
        str(patient.birth),
    ]
    parts += [f"{line.date_from}{line.code}{','.join(line.modifiers)}" for line in claim.lines]
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=8).digest()) >> 1
