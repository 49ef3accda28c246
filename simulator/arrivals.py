"""What a file handed to the clearinghouse holds: claims that can be read, and a 999 for each group."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from bureau.x12.acks import FunctionalAck, SetAck
from bureau.x12.claim837 import Reader837
from bureau.x12.envelope import Group, Interchange, InterchangeAck, TransactionSet, decode
from bureau.x12.reading import read_all
from bureau.x12.syntax import segment_of, slices
from bureau.x12.values837 import Claim, ClaimSet
from config.problems import Problem

# A claim whose total is not the sum of its lines is well-formed: it is refused by itself, not with its set.
_NOT_SYNTAX = frozenset({"charge_sum"})
_MISSING = frozenset({"element_missing", "missing_amount"})
_ABSENT = frozenset({"loop_missing", "segment_missing", "claim_missing", "date_missing", "relationship_missing"})
_NOTES = 10  # per set: who wants more looks at the file


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
    """Read a file; whatever is wrong with it becomes part of an acknowledgement."""
    text, problems = decode(content)
    reader = Reader837()
    claim_sets = [one for one in read_all(reader, slices(text)) if isinstance(one, ClaimSet)]
    interchanges = reader.tracker.interchanges
    if not interchanges:
        return Arrival("unreadable")
    errors = [one for one in (*problems, *reader.problems) if one.is_error and one.code not in _NOT_SYNTAX]
    whole = [one for one in interchanges if one.closed]
    acks = [_group_ack(group, errors) for one in whole for group in one.groups]
    good = {
        answered.first
        for one in whole
        for group in one.groups
        for answered in group.sets
        if not _inside(answered, errors) and group.kind == "HC"
    }
    sets = [one for one in claim_sets if one.first_segment in good]
    rejected = [one for one in claim_sets if one.first_segment not in good]
    verdict = "accepted" if sets and not rejected else "partly" if sets else "rejected"
    return Arrival(verdict, sets, rejected, acks, _interchange_acks(interchanges))


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


def _interchange_acks(interchanges: list[Interchange]) -> list[InterchangeAck]:
    """A TA1 where one was asked for, or where the envelope broke off."""
    found = []
    for one in interchanges:
        if not one.closed:
            found.append(InterchangeAck(one.control, "R", "023", one.created))
        elif one.ack_requested:
            found.append(InterchangeAck(one.control, "A", "000", one.created))
    return found


def _inside(one: TransactionSet, errors: list[Problem]) -> list[Problem]:
    return [error for error in errors if error.segment is not None and one.first <= error.segment <= one.last]


def _group_ack(group: Group, errors: list[Problem]) -> FunctionalAck:
    sets = [_set_ack(group, one, _inside(one, errors)) for one in group.sets]
    accepted = sum(one.verdict == "A" for one in sets)
    verdict = "A" if accepted == len(sets) else "P" if accepted else "R"
    if not sets:
        verdict = "R"
    return FunctionalAck(
        control="0001",
        group_control=group.control,
        verdict=verdict,
        included=len(sets),
        received=len(sets),
        accepted=accepted,
        sets=sets,
        group_kind=group.kind,
        group_version=group.version,
    )


def _set_ack(group: Group, one: TransactionSet, errors: list[Problem]) -> SetAck:
    if group.kind != "HC" or one.kind != "837":
        return SetAck(one.control, "R", ("1",))
    if not errors:
        return SetAck(one.control, "A")
    return SetAck(one.control, "R", ("5",), [_note(one, error) for error in errors[:_NOTES]])


def _note(one: TransactionSet, error: Problem) -> tuple[int, str, str, str, str]:
    """One finding as IK3 and IK4 say it: position from the ST, segment, why, element, why."""
    position = (error.segment or one.first) - one.first + 1
    identifier = segment_of(error.element) or "ST"
    if error.code in _ABSENT:
        return (position, identifier, "3", "", "")
    if error.element == identifier or not error.element:
        return (position, identifier, "2", "", "")
    return (position, identifier, "8", error.element, "1" if error.code in _MISSING else "7")
