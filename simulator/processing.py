"""One file's claims through the door and through adjudication."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bureau.x12.acknowledge_claims import Refusal, Verdict
from bureau.x12.values837 import Claim, ClaimSet
from config.clock import as_utc
from simulator.adjudication import VOID, Decision, MemberMemory, adjudicate, claim_number, delay_days
from simulator.arrivals import fingerprint
from simulator.frontdoor import Reject, Source, find_reject
from simulator.payers import PayerProfile
from simulator.record import PayerRecord
from simulator.storage import to_micros
from simulator.streams import Dice
from simulator.takebacks import Original, find_originals, is_correction, refuse_unmatched
from simulator.timetable import Timetable, received_on


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
    original: Original | None = None
    reversal_id: int = 0
    run_on: date = date.min
    due_at: int = 0  # microseconds
    deductible_used: dict[int, int] = field(default_factory=dict)  # where it changed

    @property
    def fate(self) -> str:
        if self.refused is None:
            return "adjudicated" if self.decision is not None else "voided"
        return "payer-rejected" if self.refused[0] is Source.PAYER else "clearinghouse-rejected"

    def refused_by(self, source: Source) -> Reject | None:
        """Why that source sends the claim back, if it does."""
        return self.refused[1] if self.refused is not None and self.refused[0] is source else None

    def verdict(self, source: Source) -> Verdict:
        """What that source says of the claim; only a payer gives it a number."""
        reject = self.refused_by(source)
        if reject is not None:
            return Verdict(self.claim, (Refusal(reject.category, reject.code, reject.entity, reject.text),))
        return Verdict(self.claim, icn=self.icn if source is Source.PAYER else "")


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


def open_door(record: PayerRecord, house: House, sets: list[ClaimSet], account: str, at: datetime) -> list[Outcome]:
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
        found.append(one)
    match_originals(record, account, found)
    for one in found:
        if one.refused is None:
            one.icn = claim_number(one.dice, today)
    return found


def match_originals(record: PayerRecord, account: str, outcomes: list[Outcome]) -> None:
    """Give corrected and void claims the decision they replace; what replaces nothing goes back."""
    corrections = [one for one in outcomes if one.refused is None and is_correction(one.claim)]
    for payer in sorted({one.payer for one in corrections}):
        theirs = [one for one in corrections if one.payer == payer]
        originals = find_originals(record, account, payer, [one.claim.payer_icn for one in theirs])
        for one in theirs:
            one.original = originals.pop(one.claim.payer_icn, None)
            if one.original is None:
                one.refused = refuse_unmatched(one.claim)


def decide(house: House, memories: Memories, one: Outcome, today: date) -> None:
    """Adjudicate, and let the payer remember it."""
    profile = house.profiles[one.payer]
    member = (one.payer, one.claim.subscriber.id)
    used = memories.deductibles[member]
    for year in {line.date_from.year for line in one.claim.lines if line.date_from}:
        if year not in used:
            used[year] = opening_deductible(profile, Dice(house.seed, one.payer, member[1], str(year)))
    if one.original is not None:
        _forget(one.original, used, memories.services[member])
        one.deductible_used = {year: used[year] for year, _ in one.original.deductible}
        if one.claim.frequency == VOID:
            return
    attempts = one.attempt if one.original is None else max(one.attempt, 1)
    memory = MemberMemory(used, memories.services[member], attempts)
    one.decision = adjudicate(one.claim, profile, memory, today, one.dice)
    one.deductible_used |= {
        year: cents for year, cents in one.decision.deductible_used.items() if cents or year in one.deductible_used
    }
    used.update(one.decision.deductible_used)
    memories.services[member].update((service, one.claim.pcn) for service in one.decision.services)


def _forget(original: Original, used: dict[int, int], services: dict[str, str]) -> None:
    """The member gets back what the original took of the deductible, and its services were not rendered."""
    for year, cents in original.deductible:
        used[year] = max(used.get(year, 0) - cents, 0)
    for service in [name for name, pcn in services.items() if pcn == original.pcn]:
        del services[service]


def schedule(house: House, one: Outcome, at: datetime) -> None:
    """Find the payment run; a correction never goes out before what it corrects."""
    profile = house.profiles[one.payer]
    if one.decision is not None:
        days = delay_days(one.decision, profile, one.dice)
    else:
        days = max(1, round(one.dice.lognormal("delay", profile.median_days, profile.sigma)))
    run_on, due_at = house.timetable.payment(at, profile, days)
    one.run_on, one.due_at = run_on, to_micros(as_utc(due_at))
    if one.original is not None:
        one.run_on, one.due_at = max(run_on, one.original.run_on), max(one.due_at, one.original.due_at)


def opening_deductible(profile: PayerProfile, dice: Dice) -> int:
    """What a member had met of the year's deductible before our practices saw them: often all of it."""
    return min(profile.deductible_cents, int(profile.deductible_cents * 1.8 * dice("deductible met")))
