"""The other end of the line: takes 837P files, answers with 999, 277CA and 835 files when they are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from bureau.office import Delivery
from config.clock import as_utc
from config.settings import PayerPace
from simulator.acknowledging import answer_claims, answer_file
from simulator.arrivals import Arrival, read_arrival
from simulator.bookkeeping import number_outcomes, refused_rows, store_outcomes
from simulator.payers import PayerProfile, by_code
from simulator.paying import pay
from simulator.processing import House, decide, load_memories, open_door, schedule
from simulator.record import PayerRecord
from simulator.storage import to_micros
from simulator.timetable import Timetable, received_on


class SimulatedClearinghouse:
    """Fulfils the port `Clearinghouse` of the bureau; all it knows is in the record, so it survives restarts.

    Claims are decided when they arrive, by dice keyed on the claim; only the moment of delivery depends on
    `pace`. A scenario may replace a profile in `profiles` while it runs: what is decided stays decided.
    """

    def __init__(self, profiles: Iterable[PayerProfile], record: PayerRecord, *, seed: int, pace: PayerPace) -> None:
        self.record = record
        self.profiles = by_code(profiles)
        self._house = House(self.profiles, seed, Timetable(pace))

    def submit(self, account: str, name: str, content: bytes, at: datetime) -> None:
        """Take a file; the same content from the same account a second time changes nothing."""
        digest = sha256(content).hexdigest()
        if self.record.has_file(account, digest):
            return
        arrival, moment = read_arrival(content), as_utc(at)
        with self.record.transaction():
            if self.record.has_file(account, digest):  # another process was quicker
                return
            file_id = self.record.next_number("files")
            claims = arrival.claims
            cents = sum(claim.charge_cents for claim in claims)
            row = (file_id, account, name, digest, to_micros(moment), arrival.verdict, len(claims), cents)
            self.record.add("files", [row])
            answer_file(self.record, self._house, arrival, account, moment)
            self._process(arrival, file_id, account, moment)

    def waiting(self, account: str, at: datetime) -> Sequence[Delivery]:
        """What is due by `at` and not taken, in the order it became due."""
        moment = to_micros(as_utc(at))
        if not self.record.has_due(account, moment):
            return []
        with self.record.transaction():
            pay(self.record, self._house, account, moment)
            return self.record.offer(account, moment)

    def taken(self, account: str, names: Sequence[str]) -> None:
        """Stored on the other side: not offered again."""
        with self.record.transaction():
            self.record.take(account, names)

    def _process(self, arrival: Arrival, file_id: int, account: str, at: datetime) -> None:
        self._number_refused(arrival, file_id, account, at)
        outcomes = open_door(self.record, self._house, arrival.sets, account, at)
        if not outcomes:
            return
        number_outcomes(self.record, outcomes)
        admitted = [one for one in outcomes if one.refused is None]
        memories = load_memories(self.record, admitted)
        for one in admitted:
            decide(self._house, memories, one, received_on(at))
            schedule(self._house, one, at)
        store_outcomes(self.record, outcomes, file_id, account, at)
        answer_claims(self.record, self._house, outcomes, account, at)

    def _number_refused(self, arrival: Arrival, file_id: int, account: str, at: datetime) -> None:
        claims = [claim for one in arrival.rejected for claim in one.claims]
        if claims:
            first = self.record.next_number("submissions", len(claims))
            self.record.add("submissions", refused_rows(claims, first, file_id, account, at))
