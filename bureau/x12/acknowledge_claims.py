"""What we say of the claims of a set: 277CA values from a verdict per claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus, LineAck
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimSet

PAYER, CLEARINGHOUSE = "PR", "AY"
# What is said of a claim that goes on: a payer takes it into adjudication, a clearinghouse has received it.
TAKEN = {PAYER: ("A2", "20", "PR"), CLEARINGHOUSE: ("A1", "19", "PR")}
_LOOK_AT_LINE = ("A7", "247", "")  # what is wrong is said at the line
_MOST = 10  # statuses of a claim or line


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who answers, as which of the two, and the day of the answer at its place."""

    party: Party
    kind: str  # PAYER or CLEARINGHOUSE
    today: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a claim, or one line of it, goes back: the triple of the STC and what may be said beside it."""

    category: str
    code: str
    entity: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim and why it goes back, if it does; `lines` by their number (LX01)."""

    claim: Claim
    refusals: Sequence[Refusal] = ()
    lines: dict[int, list[Refusal]] = field(default_factory=dict)
    icn: str = ""

    @property
    def is_refused(self) -> bool:
        return bool(self.refusals or self.lines)


def answer_batch(batch: ClaimSet, speaker: Speaker, verdicts: Sequence[Verdict]) -> ClaimAckSet:
    """A 277CA on claims of one ST that came through one billing provider, yet to be numbered by `number_sets`.

    `verdicts` must not be empty.
    """
    taken = [one for one in verdicts if not one.is_refused]
    refused = [one for one in verdicts if one.is_refused]
    accepted_cents = sum(one.claim.charge_cents for one in taken)
    rejected_cents = sum(one.claim.charge_cents for one in refused)
    received = ClaimStatus("A1", "19", speaker.kind, speaker.today, "WQ", accepted_cents + rejected_cents)
    billing = verdicts[0].claim.billing
    return ClaimAckSet(
        control="",
        reference="",
        source_kind=speaker.kind,
        source=speaker.party,
        receiver=Party(batch.submitter.name, id_kind="46", id=batch.submitter.id),
        provider=Party(billing.name, billing.first, is_person=billing.is_person, id_kind="XX", id=billing.id),
        batch_reference=batch.reference,
        batch_statuses=[received],
        claims=[_answer_claim(one, speaker) for one in verdicts],
        accepted=len(taken),
        rejected=len(refused),
        accepted_cents=accepted_cents,
        rejected_cents=rejected_cents,
        provider_statuses=[received],
    )


def _answer_claim(verdict: Verdict, speaker: Speaker) -> ClaimAck:
    claim, today = verdict.claim, speaker.today
    if verdict.is_refused:
        said = verdict.refusals or [Refusal(*_LOOK_AT_LINE)]
        statuses = _statuses(said, today, claim.charge_cents)
    else:
        statuses = [ClaimStatus(*TAKEN[speaker.kind], today, "WQ", claim.charge_cents)]
    days = [line.date_from for line in claim.lines if line.date_from]
    first, last = min(days, default=None), max(days, default=None)
    patient, member = claim.patient or claim.subscriber, claim.subscriber.id
    return ClaimAck(
        claim.pcn, statuses, verdict.icn, claim.trace, first,
        Party(patient.name, patient.first, is_person=True, id_kind="MI" if member else "", id=member),
        last if last != first else None,
        [
            LineAck(line.code, line.charge_cents, line.control, _line_statuses(verdict.lines[line.number], today))
            for line in claim.lines
            if line.number in verdict.lines
        ],
    )  # fmt: skip


def _statuses(refusals: Sequence[Refusal], today: date, cents: int | None) -> list[ClaimStatus]:
    return [
        ClaimStatus(one.category, one.code, one.entity, today, "U", cents, one.text.upper())
        for one in list(dict.fromkeys(refusals))[:_MOST]
    ]


def _line_statuses(refusals: Sequence[Refusal], today: date) -> list[ClaimStatus]:
    """Codes alone: a line has no place for words or amounts that every receiver takes."""
    return _statuses([replace(one, text="") for one in refusals], today, None)


def number_sets(sets: Sequence[ClaimAckSet], control: int) -> None:
    """Give the sets of one file the numbers they go by: ST02, BHT03 and the traces of 2200A and 2200C."""
    for at, one in enumerate(sets, 1):
        one.control = f"{at:04d}"
        one.reference = one.provider_reference = f"{control:09d}{at:04d}"
