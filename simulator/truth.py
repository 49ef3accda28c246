"""What really happened, told by the payers' record and the world's chronicle alone: the book is held against it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from config.identifiers import parse_pcn
from simulator.chronicle import Chronicle, Entry, Happening
from simulator.record import LineTruth, PayerRecord

REJECTIONS = frozenset({"A3", "A4", "A6", "A7", "A8"})
Reason = tuple[str, str]  # group, CARC


@dataclass(frozen=True, slots=True)
class Stretch:
    """One thing that was to be done in time: begun, done (None: not yet), and when its clock stood still: the client
    had the ball, or was paused. Pauses may overlap.
    """

    begun: datetime
    done: datetime | None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(slots=True)
class Money:
    """Cents and counts of everything the payers said in remittances that were delivered and posted."""

    adjusted: Counter[Reason] = field(default_factory=Counter)
    denied_lines: Counter[Reason] = field(default_factory=Counter)
    denied_claims: set[int] = field(default_factory=set)  # filing ids
    adjudicated_claims: set[int] = field(default_factory=set)
    paid_claims: set[int] = field(default_factory=set)
    paid_cents: int = 0
    patient_cents: int = 0
    contractual_cents: int = 0


@dataclass(frozen=True, slots=True)
class Witness:
    """Both records of one world, and the one client (code at the bureau, account at the clearinghouse) asked about.

    `self_pay` are the encounters no payer ever hears of.
    """

    record: PayerRecord
    chronicle: Chronicle
    code: str
    account: str
    self_pay: Collection[str] = ()

    # -- money ------------------------------------------------------------------------------------------

    def find_posted(self) -> dict[str, datetime]:
        """Trace -> when it was posted: at the first posting after the file was taken."""
        runs = [entry.at for entry in self.chronicle.find(Happening.POSTED, self.code)]
        posted = {}
        for trace, delivered_at in self._deliveries():
            place = bisect_left(runs, delivered_at)
            if place < len(runs):
                posted[trace] = runs[place]
        return posted

    def add_up_money(self) -> Money:
        posted, money = self.find_posted(), Money()
        money.paid_cents = sum(one.cents for one in self.record.remits(self.account) if one.trace in posted)
        for line in self.record.decisions(self.account, delivered=True):
            if line.trace in posted:
                _add(money, line)
        return money

    def count_rejections(self) -> int:
        """Claims sent back by an acknowledgement that has been taken."""
        taken = max(
            (one.delivered_at for one in self.record.deliveries(self.account) if one.delivered_at), default=None
        )
        return len(
            {
                ack.pcn
                for ack in self.record.acks(self.account)
                if ack.category in REJECTIONS and taken is not None and ack.due_at <= taken
            }
        )

    # -- time -------------------------------------------------------------------------------------------

    def find_submitting(self) -> list[Stretch]:
        """Each insured encounter, from its upload to its first arrival at the clearinghouse."""
        sent: dict[int, datetime] = {}
        for seen in self.record.submissions(self.account):
            filing = filing_of(seen.pcn)
            sent[filing] = min(seen.at, sent.get(filing, seen.at))
        asked = self._by_key(Happening.ASKED)
        answered = self._by_key(Happening.ANSWERED)
        stretches = []
        # Claims are numbered in the order they were taken in, over all clients.
        for filing, entry in enumerate(self._of_all(Happening.UPLOADED), start=1):
            if entry.client != self.code or entry.key in self.self_pay:
                continue
            ends = [*answered[entry.key], *[None] * len(asked[entry.key])]
            pauses = tuple(zip(asked[entry.key], ends, strict=False))
            stretches.append(Stretch(entry.at, sent.get(filing), (*pauses, *self.find_halts())))
        return stretches

    def find_posting(self) -> list[Stretch]:
        """Each payment, from its delivery to its posting."""
        posted, halts = self.find_posted(), self.find_halts()
        return [Stretch(delivered_at, posted.get(trace), halts) for trace, delivered_at in self._deliveries()]

    def find_touching(self) -> list[Stretch]:
        """Each denied amount, from its posting to the first look at it."""
        posted, touched = self.find_posted(), self._by_key(Happening.TOUCHED)
        stretches = []
        for line in self.record.decisions(self.account, delivered=True):
            if line.cause and line.trace in posted:
                begun = posted[line.trace]
                looks = [at for at in touched[str(filing_of(line.pcn))] if at >= begun]
                stretches += [Stretch(begun, min(looks, default=None), self.find_halts())] * len(line.adjustments)
        return stretches

    def find_halts(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """When the client was paused."""
        begun = [entry.at for entry in self.chronicle.find(Happening.PAUSED, self.code)]
        ended = [entry.at for entry in self.chronicle.find(Happening.RESUMED, self.code)]
        return tuple(zip_longest(begun, ended))

    def _deliveries(self) -> list[tuple[str, datetime]]:
        """Trace and moment of every payment that was taken."""
        remits = self.record.remits(self.account)
        return [(one.trace, one.delivered_at) for one in remits if one.delivered_at is not None]

    def _of_all(self, what: Happening) -> list[Entry]:
        return [entry for entry in self.chronicle.entries if entry.what is what]

    def _by_key(self, what: Happening) -> dict[str, list[datetime]]:
        found: dict[str, list[datetime]] = defaultdict(list)
        for entry in self.chronicle.find(what, self.code):
            found[entry.key].append(entry.at)
        return found


def filing_of(pcn: str) -> int:
    """The number of the filing that a control number of ours stands for."""
    parsed = parse_pcn(pcn)
    if parsed is None:
        raise ValueError(f"{pcn} is no control number of the bureau")
    return parsed.filing


def _add(money: Money, line: LineTruth) -> None:
    filing = filing_of(line.pcn)
    money.adjudicated_claims.add(filing)
    if line.paid_cents > 0:
        money.paid_claims.add(filing)
    for group, carc, cents in line.adjustments:
        money.adjusted[group, carc] += cents
        if line.cause:
            money.denied_lines[group, carc] += 1
            money.denied_claims.add(filing)
        elif group == "PR":
            money.patient_cents += cents
        else:
            money.contractual_cents += cents
