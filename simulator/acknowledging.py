"""Acknowledgements into the mailbox: TA1 and 999 for a file, 277CA of clearinghouse and payers."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import groupby

from bureau.x12.ack277 import write_277ca
from bureau.x12.ack999 import write_999
from bureau.x12.acknowledge_claims import TAKEN, Speaker, answer_batch, number_sets
from bureau.x12.acks import ClaimAckSet
from bureau.x12.ta1 import write_ta1
from bureau.x12.values import Party
from simulator.answers import CLEARINGHOUSE, CLEARINGHOUSE_NAME, envelope, local_time, payer_party
from simulator.arrivals import Arrival
from simulator.frontdoor import Source
from simulator.processing import House, Outcome
from simulator.record import PayerRecord
from simulator.storage import to_micros
from simulator.streams import Dice

_SPEAKER = Party(name=CLEARINGHOUSE_NAME, id_kind="46", id=CLEARINGHOUSE)


def answer_file(record: PayerRecord, house: House, arrival: Arrival, account: str, at: datetime) -> None:
    """TA1 where one is due, 999 for every group that can be named."""
    due = house.timetable.functional_ack(at, _chance(house, account, at)("999"))
    if arrival.interchange_acks:
        control = record.next_number("interchange")
        text = write_ta1(envelope(CLEARINGHOUSE, account, control, due), arrival.interchange_acks)
        record.put_answer(account, "TA1", control, to_micros(due), text.encode())
    if arrival.acks:
        control = record.next_number("interchange")
        for number, ack in enumerate(arrival.acks, 1):  # of several interchanges
            ack.control = f"{number:04d}"
        text = write_999(envelope(CLEARINGHOUSE, account, control, due), arrival.acks)
        record.put_answer(account, "999", control, to_micros(due), text.encode())


def answer_claims(record: PayerRecord, house: House, outcomes: list[Outcome], account: str, at: datetime) -> None:
    """One 277CA of the clearinghouse for the file, then one of each payer that was handed something."""
    chance = _chance(house, account, at)
    due = house.timetable.clearinghouse_ack(at, chance("277"))
    _write(record, outcomes, Source.CLEARINGHOUSE, _SPEAKER, (account, due))
    forwarded: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.refused is None or one.refused[0] is Source.PAYER:
            forwarded[one.payer].append(one)
    for payer, theirs in forwarded.items():
        due = house.timetable.payer_ack(at, chance(f"277 {payer}"))
        _write(record, theirs, Source.PAYER, payer_party(house.profiles[payer]), (account, due))


def _write(
    record: PayerRecord, outcomes: list[Outcome], source: Source, speaker: Party, to: tuple[str, datetime]
) -> None:
    """One file of one speaker, a set per batch and billing provider."""
    account, due = to
    control = record.next_number("interchange")
    voice = Speaker(speaker, source.value, local_time(due).date())
    sets: list[ClaimAckSet] = []
    for _, group in groupby(outcomes, key=_provider_of):
        members = list(group)
        sets.append(answer_batch(members[0].batch, voice, [one.verdict(source) for one in members]))
    number_sets(sets, control)
    text = write_277ca(envelope(speaker.id, account, control, due), sets)
    record.put_answer(account, "277CA", control, to_micros(due), text.encode())
    rows = []
    for one in outcomes:
        said = one.refused_by(source)
        triple = (said.category, said.code, said.entity) if said else TAKEN[source]
        rows.append((one.submission_id, source.value, *triple, to_micros(due)))
    record.add("acks", rows)


def _provider_of(one: Outcome) -> tuple[int, str]:
    return one.batch.first_segment, one.claim.billing.id


def _chance(house: House, account: str, at: datetime) -> Dice:
    return Dice(house.seed, "file", account, at.isoformat())
