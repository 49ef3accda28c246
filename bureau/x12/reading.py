"""The loop under every typed reader: one split per segment, one table of handlers, problems gathered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from bureau.x12.envelope import Tracker
from bureau.x12.resting import collector_at_rest
from bureau.x12.scalars import CENTS, DATES, QUANTITIES
from bureau.x12.syntax import X12Error, iter_blocks
from bureau.x12.values import Party

Handler = Callable[[list[str], int], None]
PAD = [""] * 16
_COMPONENT_SEPARATORS = ":><|"
MOST_REPEATS = 100
_N4_HERE = 4  # elements of an N4 inside the United States
_I = TypeVar("_I")
_V = TypeVar("_V")


class Reader(ABC, Generic[_V]):
    """Base of the readers: a subclass names its ST01, the versions it knows and its handlers.

    Values that are complete stand in `ready` until the caller takes them, so a stream is read in
    bounded memory. A set of another kind or version is passed over, not mixed in.
    """

    kind = ""  # ST01
    versions: tuple[str, ...] = ()  # accepted beginnings of GS08 / ST03
    known: frozenset[str] = frozenset()  # segments that belong to the set and carry nothing we keep

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.ready: list[_V] = []
        self.tracker = Tracker(file)
        self.problems = self.tracker.problems
        self.error, self.warn = self.problems.error, self.problems.warn
        self.component = ":"
        self.party: Party | None = None  # whose address follows
        self.sets = 0
        self.body = self.make_handlers()
        self.control: dict[str, Handler] = dict(self.tracker.handlers)
        self.control["ST"], self.control["SE"] = self._on_st, self._on_se
        self.control["GS"], self.control["GE"] = self._on_gs, self._on_ge
        self.control["ISA"], self.control["IEA"] = self._on_isa, self._on_iea
        self.table = self.control
        self.inside = {**self.body, **self.control}

    @abstractmethod
    def make_handlers(self) -> dict[str, Handler]:
        """The handler of each segment that means something inside a set."""

    @abstractmethod
    def start_set(self, control: str, version: str, n: int, /) -> None:
        """An ST of our kind begins at segment `n`."""

    @abstractmethod
    def end_set(self, n: int) -> None:
        """The set ends before segment `n` (its SE, or whatever stands where an SE should)."""

    def _n3(self, e: list[str], _n: int) -> None:
        if self.party is not None:
            e += PAD
            self.party.street, self.party.street2 = e[1], e[2]

    def _n4(self, e: list[str], _n: int) -> None:
        if self.party is not None:
            is_abroad = len(e) > _N4_HERE
            e += PAD
            self.party.city, self.party.state, self.party.zip = e[1], e[2], e[3]
            if is_abroad:
                self.party.country, self.party.region = e[4], e[7]

    def stream(self, chunks: Iterable[str]) -> Iterator[list[_V]]:
        """Read on and hand over what became ready, run by run; an unreadable text is one problem."""
        n = 0
        try:
            for delimiters, segments in iter_blocks(chunks):
                if delimiters is not self.tracker.delimiters:
                    self.tracker.delimiters, self.component = delimiters, delimiters.component
                n = self._run(segments, delimiters.element, n)
                if self.ready:
                    taken, self.ready = self.ready, []
                    yield taken
        except X12Error as error:
            self.problems.refuse(error)
            return
        self._leave(n + 1)
        self.tracker.finish(n)
        self._require_one(n)
        if self.ready:
            yield self.ready

    def _run(self, segments: list[str], separator: str, before: int) -> int:
        """The hot loop: the segments after the `before` ones already read; returns the count of all."""
        n = before
        for raw in segments:
            n += 1
            e = raw.split(separator)
            handler = self.table.get(e[0])
            if handler is None:
                self.on_other(e, n)
            else:
                handler(e, n)
        return n

    def on_other(self, e: list[str], n: int) -> None:
        """A segment nobody asked for: fine if the guide knows it, reported if not."""
        if self.table is self.control:
            if self.tracker.set is None:
                self.tracker.outside(e[0], n)
        elif e[0] not in self.known:
            self.warn("unknown_segment", n, e[0][:3], "This segment has no place in the transaction set.")

    def _on_st(self, e: list[str], n: int) -> None:
        self._leave(n)
        self.tracker.on_st(e, n)
        current = self.tracker.set
        if current is None or current.kind != self.kind:
            return
        self.sets += 1
        if not current.version.startswith(self.versions):
            text = f"Version {current.version[:12]} of the {self.kind} is not one that is read here."
            self.error("version", n, "ST03", text)
            return
        self.table = self.inside
        self.start_set(current.control, current.version, n)

    def _leave(self, n: int) -> None:
        if self.table is not self.control:
            self.end_set(n)
            self.table = self.control

    def _on_se(self, e: list[str], n: int) -> None:
        self._leave(n)
        self.tracker.on_se(e, n)

    def _on_gs(self, e: list[str], n: int) -> None:
        self._leave(n)
        self.tracker.on_gs(e, n)

    def _on_ge(self, e: list[str], n: int) -> None:
        self._leave(n)
        self.tracker.on_ge(e, n)

    def _on_isa(self, e: list[str], n: int) -> None:
        self._leave(n)
        self.tracker.on_isa(e, n)

    def _on_iea(self, e: list[str], n: int) -> None:
        self._leave(n)
        self.tracker.on_iea(e, n)

    def _require_one(self, n: int) -> None:
        if not self.sets and not any(problem.code == "no_transactions" for problem in self.problems):
            self.error("no_transactions", n, "ST", f"The file holds no {self.kind} transaction set.")

    def joined(self, items: tuple[_I, ...], more: list[_I], n: int, element: str) -> tuple[_I, ...]:
        """`items` and `more`, as long as that is a number somebody could have meant."""
        if len(items) + len(more) > MOST_REPEATS:
            self.warn("too_many", n, element, f"{element} is repeated too often; not all are kept.")
            more = more[: max(MOST_REPEATS - len(items), 0)]
        return (*items, *more) if more else items

    def cents(self, text: str, n: int, element: str, *, needed: bool = False) -> int | None:
        """The amount, or None with a problem when it cannot be read (or is absent though needed)."""
        value = CENTS[text]
        if value is None and (text or needed):
            self.error("bad_amount" if text else "missing_amount", n, element, f"{element} is not an amount.")
        return value

    def quantity(self, text: str, n: int, element: str) -> Decimal | None:
        value = QUANTITIES[text]
        if value is None and text:
            self.error("bad_quantity", n, element, f"{element} is not a number.")
        return value

    def day(self, text: str, n: int, element: str, *, matters: bool = True) -> date | None:
        value = DATES[text]
        if value is None and text:
            report = self.error if matters else self.warn
            report("bad_date", n, element, f"{element} is not a date.")
        return value

    def components(self, text: str, n: int, element: str) -> list[str]:
        """The parts of a composite; adopts the separator of a payer whose data do not use their own ISA16."""
        parts = text.split(self.component)
        if len(parts) > 1:
            return parts
        other = next((c for c in _COMPONENT_SEPARATORS if c in text), "")
        if not other:
            return parts
        self.component = other
        self.warn("component_separator", n, element, f"{element} uses a separator that ISA16 does not name.")
        return text.split(other)


def read_all(reader: Reader[_V], chunks: Iterable[str]) -> list[_V]:
    """All values of a text at once."""
    values: list[_V] = []
    with collector_at_rest():
        for ready in reader.stream(chunks):
            values += ready
    return values


def party_of(e: list[str], n: int = 0) -> Party:
    """The party that the NM1 at segment `n` names; `e` must be padded to ten elements."""
    return Party(e[3], e[4], e[5], e[7], e[2] == "1", e[8], e[9], segment=n)
