"""From an acknowledgement back to what we sent: which file, set, segment and claim each word of it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bureau.x12.ackcodes import ELEMENT_ERRORS, GROUP_ERRORS, INTERCHANGE_NOTES, SEGMENT_ERRORS, SET_ERRORS
from bureau.x12.acks import ClaimAckSet, ClaimStatus, FunctionalAck, Note, SetAck
from bureau.x12.envelope import InterchangeAck, TransactionSet
from bureau.x12.locate import ClaimMap

_ACCEPTED = frozenset("AE")
_TOLD_BY_SET = frozenset("AEP")  # AK901 that leaves the verdict to each set


@dataclass(frozen=True, slots=True)
class Said:
    """One word of an acknowledgement, laid beside what we sent.

    `claims` are the CLM01 it is about: one, or all below a provider, subscriber or set. `segment` is the
    1-based place in our file, 0 for the file as a whole. `text` is in our own words, without data.
    """

    verdict: str  # A, E, P, R of TA1 and 999; the category (A2, A7 ...) of a 277CA
    claims: tuple[str, ...]
    segment: int = 0
    loop: str = ""
    element: str = ""
    code: str = ""  # TA105, AK905, IK502, IK403 or IK304; the triple of a 277CA
    text: str = ""
    control: str = ""  # ST02 of the set, empty for what is said of a group or interchange
    line: str = ""  # our line control number (REF*6R)


def resolve_ta1(ack: InterchangeAck, sent: ClaimMap) -> list[Said]:
    """What a TA1 says of us; nothing when it is about another interchange."""
    for one in sent.interchanges:
        if _same(one.control, ack.control):
            claims = _claims_between(sent, one.first, one.last)
            said = INTERCHANGE_NOTES.get(ack.note, "the note code is not known")
            return [Said(ack.verdict, claims, one.first, code=ack.note, text=said)]
    return []


def resolve_999(ack: FunctionalAck, sent: ClaimMap) -> list[Said]:
    """What a 999 says of our group: its verdict on every set, then each finding at its claim.

    A set that it does not name fared as the group did, and so does every set of a group that was refused.
    Nothing when it is about another group.
    """
    group = next(
        (group for one in sent.interchanges for group in one.groups if _same(group.control, ack.group_control)), None
    )
    if group is None:
        return []
    named: Mapping[str, SetAck] = {one.control: one for one in ack.sets}
    found = [
        Said(ack.verdict, (), group.first, code=code, text=GROUP_ERRORS.get(code, "the error code is not known"))
        for code in ack.codes
    ]
    for one in group.sets:
        said = named.get(one.control) or SetAck(one.control, ack.verdict)
        verdict = said.verdict if ack.verdict in _TOLD_BY_SET else ack.verdict
        found += _resolve_set(one, replace(said, verdict=verdict), sent)
    return found


def find_rejected(said: Iterable[Said]) -> set[str]:
    """CLM01 of every claim whose set or interchange was not taken."""
    return {pcn for one in said if one.verdict not in _ACCEPTED for pcn in one.claims}


def _resolve_set(one: TransactionSet, ack: SetAck, sent: ClaimMap) -> list[Said]:
    everyone = _claims_between(sent, one.first, one.last)
    texts = [SET_ERRORS.get(code, "the error code is not known") for code in ack.codes]
    found = [
        Said(ack.verdict, everyone, one.first, code=",".join(ack.codes), text="; ".join(texts), control=one.control)
    ]
    for note in ack.notes:
        at = one.first + note.position - 1
        inside = one.first <= at <= one.last
        claims = tuple(pcn for _, pcn in sent.claims_at(at)) if inside else ()
        claims = claims or ((note.claim,) if note.claim in everyone else everyone)
        code, text = words_of(note)
        found.append(
            Said(ack.verdict, claims, at if inside else one.first, note.loop, _place(note), code, text, one.control)
        )
    return found


def words_of(note: Note) -> tuple[str, str]:
    """The code of a note that says most, IK403 or else IK304, and what it means."""
    if note.element_code:
        return note.element_code, ELEMENT_ERRORS.get(note.element_code, "the error code is not known")
    return note.code, SEGMENT_ERRORS.get(note.code, "the error code is not known")


def _place(note: Note) -> str:
    return note.element or note.segment


def resolve_277ca(answer: ClaimAckSet, sent: ClaimMap) -> list[Said]:
    """What a 277CA says of each claim and line of ours; what is said of batch or provider holds for all claims.

    A claim that is not ours is left out; the triple's meaning is in the published lists.
    """
    places = sent.places
    found = [_said(one, tuple(places)) for one in (*answer.batch_statuses, *answer.provider_statuses)]
    for claim in answer.claims:
        if claim.pcn not in places:
            continue
        first = places[claim.pcn][0]
        found += [_said(one, (claim.pcn,), first) for one in claim.statuses]
        for line in claim.lines:
            found += [_said(one, (claim.pcn,), first, line.control) for one in line.statuses]
    return found


def _said(one: ClaimStatus, claims: tuple[str, ...], segment: int = 0, line: str = "") -> Said:
    code = ":".join(part for part in (one.category, one.code, one.entity) if part)
    return Said(one.category, claims, segment, code=code, text=one.text, line=line)


def _claims_between(sent: ClaimMap, first: int, last: int) -> tuple[str, ...]:
    return tuple(pcn for pcn, (start, _) in sent.places.items() if first <= start <= last)


def _same(one: str, other: str) -> bool:
    """Whether two control numbers are one, however many zeros stand before them."""
    return one.lstrip("0") == other.lstrip("0") and bool(one)
