"""One file's claims through the door and through adjudication: every row the payers' record gets of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bureau.x12.values import Claim, ClaimSet
from config.clock import as_utc
from simulator.adjudication import Decision, MemberMemory, adjudicate, claim_number, delay_days
from simulator.answers import Answered
from simulator.arrivals import fingerprint
from simulator.frontdoor import Reject, Source, find_reject
from simulator.payers import PayerProfile
from simulator.record import PayerRecord
from simulator.storage import to_micros
from simulator.streams import Dice
from simulator.timetable import Timetable, received_on

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class House:
    """What all files have in common: who pays, the seed of the world, when answers come."""

    profiles: Mapping[str, PayerProfile]
    seed: int
    timetable: Timetable


@dataclass(slots=True)
class Outcome:
    """One claim after the door: refused by somebody, or decided."""

    batch: ClaimSet
    claim: Claim
    payer: str
    attempt: int
    print: int
    dice: Dice
    refused: tuple[Source, Reject] | None = None
    icn: str = ""
    submission_id: int = 0
    decision_id: int = 0
    decision: Decision | None = None

    @property
    def fate(self) -> str:
        if self.refused is None:
            return "adjudicated"
        return "payer-rejected" if self.refused[0] is Source.PAYER else "clearinghouse-rejected"

    def answered(self, source: Source) -> Answered:
        """What that source says of the claim."""
        if self.refused is not None and self.refused[0] is source:
            return Answered(self.claim, self.refused[1])
        return Answered(self.claim, None, self.icn if source is Source.PAYER else "")


@dataclass(slots=True)
class Memories:
    """What payers remember of the members in a file, growing as its claims are decided in turn."""

    services: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    deductibles: dict[tuple[str, str], dict[int, int]] = field(default_factory=lambda: defaultdict(dict))


def load_memories(record: PayerRecord, outcomes: list[Outcome]) -> Memories:
    """Two statements per payer, whatever the number of members."""
    members: dict[str, set[str]] = defaultdict(set)
    for one in outcomes:
        members[one.payer].add(one.claim.subscriber.id)
    found = Memories()
    for payer, ids in sorted(members.items()):
        for member, service, pcn in record.services(payer, sorted(ids)):
            found.services[payer, member][service] = pcn
        for member, year, cents in record.accumulators(payer, sorted(ids)):
            found.deductibles[payer, member][year] = cents
    return found


def open_door(record: PayerRecord, house: House, sets: list[ClaimSet], at: datetime) -> list[Outcome]:
    """Number each claim's attempt, draw its dice and see whether it gets in."""
    prints = [(batch, claim, fingerprint(claim)) for batch in sets for claim in batch.claims]
    before = record.attempts(sorted({number for _, _, number in prints}))
    today = received_on(at)
    found = []
    for batch, claim, number in prints:
        attempt = before.get(number, 0)
        before[number] = attempt + 1
        payer = claim.payer.id
        dice = Dice(house.seed, payer, f"{number}:{attempt}")
        one = Outcome(batch, claim, payer, attempt, number, dice)
        one.refused = find_reject(claim, house.profiles.get(payer), attempt, today, dice)
        if one.refused is None:
            one.icn = claim_number(dice, today)
        found.append(one)
    return found


def decide(house: House, memories: Memories, one: Outcome, today: date) -> None:
    """Adjudicate, and let the payer remember it."""
    profile = house.profiles[one.payer]
    member = (one.payer, one.claim.subscriber.id)
    used = memories.deductibles[member]
    for year in {line.date_from.year for line in one.claim.lines if line.date_from}:
        if year not in used:
            used[year] = opening_deductible(profile, Dice(house.seed, one.payer, member[1], str(year)))
    memory = MemberMemory(used, memories.services[member], one.attempt)
    one.decision = adjudicate(one.claim, profile, memory, today, one.dice)
    used.update(one.decision.deductible_used)
    memories.services[member].update((service, one.claim.pcn) for service in one.decision.services)


def opening_deductible(profile: PayerProfile, dice: Dice) -> int:
    """What a member had met of the year's deductible before our practices saw them: often all of it."""
    return min(profile.deductible_cents, int(profile.deductible_cents * 1.8 * dice("deductible met")))


# -- rows -----------------------------------------------------------------------------------------------


def rows_of(house: House, outcomes: list[Outcome], file_id: int, account: str, at: datetime) -> Rows:
    """The rows of every claim of a file, in the order of the tables' columns."""
    rows: Rows = defaultdict(list)
    moment, today = to_micros(as_utc(at)), received_on(at)
    for one in outcomes:
        claim, reject = one.claim, one.refused[1] if one.refused else None
        reason = f"{reject.category}:{reject.code}:{reject.entity}".rstrip(":") if reject else ""
        cause = reject.cause if reject else one.decision.cause if one.decision else ""
        rows["submissions"].append(
            (
                one.submission_id, file_id, account, one.payer, claim.pcn, one.print, one.attempt + 1, moment,
                today.isoformat(), claim.charge_cents, claim.frequency, one.fate, reason, cause, one.icn,
            )
        )  # fmt: skip
        if one.decision is not None:
            _add_decision(rows, house, one, account, at)
    return rows


def refused_rows(
    claims: list[Claim], first: int, file_id: int, account: str, at: datetime
) -> list[tuple[Any, ...]]:
    """Claims of a set that a 999 rejected: they came and went no further, and count as no attempt."""
    moment, today = to_micros(as_utc(at)), received_on(at).isoformat()
    return [
        (
            number, file_id, account, claim.payer.id, claim.pcn, -number, 0, moment, today,
            claim.charge_cents, claim.frequency, "file-rejected", "999:R", "rule", "",
        )
        for number, claim in enumerate(claims, first)
    ]  # fmt: skip


def _add_decision(rows: Rows, house: House, one: Outcome, account: str, at: datetime) -> None:
    decision, claim, profile = one.decision, one.claim, house.profiles[one.payer]
    assert decision is not None
    days = delay_days(decision, profile, one.dice)
    run_on, due_at = house.timetable.payment(at, profile, days)
    patient = claim.patient or claim.subscriber
    other = claim.subscriber if claim.patient is not None else None
    rows["decisions"].append(
        (
            one.decision_id, one.submission_id, account, one.payer, claim.billing.id, claim.pcn,
            decision.icn, decision.status,
            decision.charge_cents, decision.allowed_cents, decision.paid_cents, decision.patient_cents,
            decision.cause, received_on(at).isoformat(), run_on.isoformat(), to_micros(as_utc(due_at)), None,
            claim.filing_code, claim.place, claim.frequency, claim.subscriber.id, patient.name, patient.first,
            other.name if other else "", other.first if other else "",
            claim.rendering.id if claim.rendering else "",
        )
    )  # fmt: skip
    for number, line in enumerate(decision.lines, 1):
        billed = line.line
        rows["decision_lines"].append(
            (
                one.decision_id, number, billed.code, billed.qualifier, " ".join(billed.modifiers),
                str(billed.units), _day(billed.date_from), _day(billed.date_to), billed.control,
                billed.charge_cents, line.allowed_cents, line.paid_cents, " ".join(line.remarks), line.cause,
            )
        )  # fmt: skip
        for place, part in enumerate(line.adjustments, 1):
            rows["adjustments"].append((one.decision_id, number, place, part.group, part.carc, part.cents))
    member = claim.subscriber.id
    rows["services"] += [(one.payer, member, service, claim.pcn) for service in decision.services]
    rows["accumulators"] += [
        (one.payer, member, year, cents) for year, cents in decision.deductible_used.items()
    ]
    billing = claim.billing
    rows["payees"].append(
        (
            account, billing.id, billing.name, billing.first, billing.tax_id, billing.street, billing.city,
            billing.state, billing.zip,
        )
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
