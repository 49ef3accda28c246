"""The reader under 270, 271 and 278: levels, names and what hangs on a name, wherever the transaction puts it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol, TypeVar

from bureau.x12.hierarchy import Hierarchy
from bureau.x12.inquiries import (
    Contact,
    Delivery,
    Diagnosis,
    Entity,
    Heading,
    Parties,
    Procedure,
    ProviderRole,
    Rejection,
    Trace,
)
from bureau.x12.reading import PAD, Handler, Reader, party_of
from bureau.x12.scalars import parse_moment, parse_time
from bureau.x12.values837 import Dated

_RANKS = {"20": 0, "21": 1, "22": 2, "23": 3}
_V = TypeVar("_V")


class Item(Protocol):
    """What a question, a benefit, an event and a service have in common: segments that also hang on names."""

    refs: tuple[tuple[str, str], ...]
    dates: tuple[Dated, ...]


class InquiryReader(Reader[_V]):
    """Keeps the chain of levels and hands each segment to the name or item that stands open.

    A chain without an item below it (a refusal at the payer, say) still makes a value: `close_chain`
    is called for every level that nothing deeper followed.
    """

    entity: Entity | None  # the name that the next segments hang on
    item: Item | None  # the question, benefit, event or service they belong to where no name is open
    parents: Mapping[str, str] = {}  # HL03 -> HL03 of the level above, as Hierarchy takes it
    answers = False  # the other side's hierarchy is worth a word, our own must be right

    def make_handlers(self) -> dict[str, Handler]:
        self.hierarchy = Hierarchy(self.parents, self.warn if self.answers else self.error)
        return {
            "BHT": self._bht, "HL": self._hl, "TRN": self._trn, "NM1": self._nm1, "REF": self._ref,
            "N3": self._n3, "N4": self._n4, "PER": self._per, "AAA": self._aaa, "PRV": self._prv,
            "DMG": self._dmg, "INS": self._ins, "HI": self._hi, "DTP": self._dtp,
        }  # fmt: skip

    @abstractmethod
    def close_chain(self) -> None:
        """The level that stood open ends and nothing deeper follows."""

    def start_chain(self, heading: Heading) -> None:
        """To be called at every ST."""
        self.heading = heading
        self.chain: list[Entity | None] = [None] * 4
        self.rank = -1  # of the level that stands open
        self.level_segment = 0
        self.party = self.entity = self.item = None
        self.hierarchy.reset()

    def end_chain(self, n: int) -> None:
        """To be called before SE."""
        self._require_name()
        if self.rank >= 0:
            self.close_chain()
        self.hierarchy.finish()
        self.heading.last_segment = n

    def parties(self) -> Parties:
        """The chain as it stands; a payer that is missing has been reported as a fault of the hierarchy."""
        source, receiver, subscriber, dependent = self.chain
        return Parties(source or Entity(), receiver, subscriber, dependent)

    def _bht(self, e: list[str], _n: int) -> None:
        e += PAD
        heading = self.heading
        heading.purpose, heading.reference, heading.mode = e[2], e[3], e[6]
        heading.created = parse_moment(e[4], e[5])

    def _hl(self, e: list[str], n: int) -> None:
        e += PAD
        kind = self.hierarchy.add(e, n)
        self._require_name()
        self.party = self.item = self.entity = None
        rank = self.rank_of(kind)
        if self.rank >= 0 and rank <= self.rank:
            self.close_chain()
        self.rank, self.level_segment = rank, n
        if 0 <= rank < len(self.chain):
            self.entity = Entity()
            self.chain[rank:] = [self.entity] + [None] * (len(self.chain) - rank - 1)
        self.open_level(kind, n)

    def _require_name(self) -> None:
        entity = self.chain[self.rank] if 0 <= self.rank < len(self.chain) else None
        if entity is not None and not entity.kind:
            self.error("segment_missing", self.level_segment, "NM1", "The level names nobody.")

    def rank_of(self, kind: str) -> int:
        """How deep a level is, 0 the payer's; -1 for one that is no level of the transaction."""
        return _RANKS.get(kind, -1)

    def open_level(self, kind: str, n: int) -> None:
        """A level of HL03 `kind` begins at segment `n`: for what comes below the patient."""

    def _nm1(self, e: list[str], n: int) -> None:
        e += PAD
        entity = self.entity
        if self.item is not None:
            entity = self.entity = self.add_related(n)
        elif entity is None or entity.kind:
            self.error("name_misplaced", n, "NM101", "A name stands where the level has none, or has one already.")
            entity = self.entity = Entity()
        entity.kind, entity.party = e[1], party_of(e, n)
        self.party = entity.party

    def add_related(self, n: int) -> Entity:
        """The place of a name below the open item, in transactions that have such."""
        self.error("name_misplaced", n, "NM101", "A name stands where none belongs.")
        return Entity()

    def _trn(self, e: list[str], n: int) -> None:
        if self.entity is not None:
            self.entity.traces = self.joined(self.entity.traces, [trace_of(e)], n, "TRN")

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        holder = self.entity.party if self.entity is not None else self.item
        if holder is not None and e[1]:
            holder.refs = self.joined(holder.refs, [(e[1], e[2])], n, "REF")

    def _per(self, e: list[str], n: int) -> None:
        e += PAD
        if self.entity is not None:
            numbers = tuple((e[at], e[at + 1]) for at in (3, 5, 7) if e[at])
            self.entity.contacts = self.joined(self.entity.contacts, [Contact(e[2], numbers)], n, "PER")

    def _aaa(self, e: list[str], n: int) -> None:
        e += PAD
        if not e[3]:
            self.error("element_missing", n, "AAA03", "The refusal has no reason.")
        found = [Rejection(e[3], e[4], e[1] != "N")]
        entity = self.entity
        if entity is None:
            self.reject_item(found, n)
        elif entity.kind:
            entity.rejections = self.joined(entity.rejections, found, n, "AAA")
        else:
            entity.level_rejections = self.joined(entity.level_rejections, found, n, "AAA")

    def reject_item(self, _found: list[Rejection], n: int) -> None:
        """A refusal of the open item, in transactions where items can be refused."""
        self.error("refusal_misplaced", n, "AAA", "A refusal stands where none belongs.")

    def _prv(self, e: list[str], _n: int) -> None:
        e += PAD
        if self.entity is not None:
            self.entity.role = ProviderRole(e[1], e[2], e[3])

    def _dmg(self, e: list[str], n: int) -> None:
        e += PAD
        if self.party is not None:
            self.party.birth, self.party.sex = self.day(e[2], n, "DMG02"), e[3]

    def _ins(self, e: list[str], n: int) -> None:
        e += PAD + PAD
        entity = self.entity
        if entity is None:
            return
        entity.relationship, entity.maintenance, entity.maintenance_reason = e[2], e[3], e[4]
        order = self.quantity(e[17], n, "INS17")
        entity.birth_order = int(order) if order is not None else None

    def _hi(self, e: list[str], n: int) -> None:
        if self.entity is not None:
            self.entity.diagnoses = self.joined(self.entity.diagnoses, self.diagnoses(e, n), n, "HI")

    def diagnoses(self, e: list[str], n: int) -> list[Diagnosis]:
        """The codes of one HI."""
        found = []
        for at, composite in enumerate(e[1:13], 1):
            if composite:
                kind, code, _, day, *_ = [*composite.split(self.component), "", "", ""]
                found.append(Diagnosis(kind, code, self.day(day, n, f"HI{at:02d}")))
        return found

    def _dtp(self, e: list[str], n: int) -> None:
        e += PAD
        dated = self.dated(e, n)
        holder = self.entity if self.entity is not None else self.item
        if dated is not None and holder is not None:
            holder.dates = self.joined(holder.dates, [dated], n, "DTP")

    def dated(self, e: list[str], n: int) -> Dated | None:
        """The date or range of a DTP; None, with a problem, where there is none that can be read."""
        kind, form, text = e[1], e[2], e[3]
        clock = ""
        if form in ("DT", "DTS"):
            text, clock = text[:8], text[8:]
            if parse_time(clock) is None:
                self.error("bad_time", n, "DTP03", "DTP03 has no time of day.")
                clock = ""
        start, dash, end = text.partition("-")
        first = self.day(start, n, "DTP03")
        last = self.day(end, n, "DTP03") if dash else None
        return None if first is None else Dated(kind, first, last if last != first else None, clock)

    def delivery(self, e: list[str], n: int) -> Delivery:
        """One HSD; `e` must be padded."""
        quantity, every, periods = (self.quantity(e[at], n, f"HSD{at:02d}") for at in (2, 4, 6))
        return Delivery(e[1], quantity, e[3], every, e[5], periods, e[7], e[8])

    def procedure(self, text: str, n: int, element: str) -> Procedure | None:
        """A procedure composite; None where the element is empty."""
        if not text:
            return None
        parts = [*self.components(text, n, element), *PAD]
        modifiers = tuple(modifier for modifier in parts[2:6] if modifier)
        return Procedure(parts[1], parts[0], modifiers, parts[6], parts[7])

    def pointers(self, text: str, n: int, element: str) -> tuple[int, ...]:
        """Positions of diagnoses, from 1."""
        parts = [part for part in text.split(self.component) if part]
        if not all(part.isascii() and part.isdigit() for part in parts):
            self.error("bad_number", n, element, f"{element} is not a diagnosis pointer.")
            return ()
        return tuple(int(part[:2]) for part in parts)

    def repeated(self, text: str) -> tuple[str, ...]:
        """The repetitions of an element, by the separator that this interchange names."""
        mark = self.tracker.delimiters.repetition
        parts = text.split(mark) if mark else [text]
        return tuple(part for part in parts if part)


def trace_of(e: list[str]) -> Trace:
    """One TRN."""
    e += PAD
    return Trace(e[2], e[3], e[4], e[1])
