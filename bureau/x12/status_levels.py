"""What 276 and 277 (005010X212) share: levels from payer to patient, the claims on them, their service lines."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from bureau.x12.details837 import amount_text, number_text, read_span, span_segment
from bureau.x12.hierarchy import Hierarchy
from bureau.x12.reading import PAD, Handler, Reader, party_of
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, format_time, parse_moment
from bureau.x12.values import Party
from bureau.x12.values277 import StatusClaim, StatusLine
from bureau.x12.writing import Cleaner, contact_segment, name_segment, trim

VERSION = "005010X212"
_PARENTS = {"20": "", "21": "20", "19": "21", "22": "19", "23": "22"}
_LEVELS = tuple(_PARENTS)  # HL03 from the top down
_NAMES = ("PR", "41", "1P", "IL", "QC")  # NM101 of each level
_SUBSCRIBER, _PATIENT = 3, 4
_PROCEDURES = frozenset({"AD", "ER", "HC", "HP", "IV", "N4", "NU", "WK"})
_CLAIM_REFS = {"1K": "payer_icn", "BLT": "bill_type", "EJ": "pcn"}
_V = TypeVar("_V")


class Header(Protocol):
    """The value of a set, as far as its BHT fills it."""

    reference: str
    created: datetime | None


class StatusReader(Reader[_V]):
    """Follows the levels by HL01 and HL02, so that a claim has the parties above it whatever the order.

    A subclass says what an HL or TRN begins, and takes the segments that only its transaction has.
    """

    versions = (VERSION,)

    def make_handlers(self) -> dict[str, Handler]:
        self.hierarchy = Hierarchy(_PARENTS, self.complain)
        return {
            "BHT": self._bht, "HL": self._hl, "NM1": self._nm1, "DMG": self._dmg, "TRN": self._trn,
            "REF": self._ref, "DTP": self._dtp, "SVC": self._svc,
        }  # fmt: skip

    def start_levels(self, header: Header) -> None:
        """Begin the set that `header` is the value of; forget everything of the one before."""
        self.header = header
        self.path: list[Party | None] = []  # the parties from the payer down to the open level
        self.paths: dict[str, list[Party | None]] = {}  # the same by HL01
        self.born: tuple[date | None, str] = (None, "")  # a DMG stands before the NM1 it belongs to
        self.claim: StatusClaim | None = None
        self.line: StatusLine | None = None
        self.hierarchy.reset()

    @abstractmethod
    def complain(self, code: str, n: int, element: str, text: str, loop: str = "") -> None:
        """Report what is wrong with the form, as severely as the sender deserves."""

    @abstractmethod
    def end_claim(self) -> None:
        """Whatever was open ends: see whether it is whole."""

    @abstractmethod
    def open_claim(self, trace: str, kind: str, n: int) -> None:
        """A TRN with this TRN02 and TRN01 begins at the level of `path`, which has at least one party."""

    @abstractmethod
    def open_line(self, e: list[str], n: int) -> None:
        """A SVC begins a line of the open claim; `e` is padded."""

    @property
    def letter(self) -> str:
        """The letter of the loops at this level: A for the payer .. E for the patient."""
        return "ABCDE"[max(len(self.path) - 1, 0)]

    def parties(self, n: int) -> tuple[Party, Party, Party | None, Party | None, Party | None]:
        """Payer, receiver, provider, subscriber and patient as far as the level goes; says which lacks its name.

        One that lacks it is there nevertheless, so that a claim is not taken for a word on the whole provider.
        """
        for letter, party in zip("ABCDE", self.path, strict=False):
            if party is None:
                self.complain("loop_missing", n, "NM1", f"Loop 2100{letter} is missing.", f"2100{letter}")
        named = [party or Party() for party in self.path]
        payer, receiver = [*named, Party(), Party()][:2]
        provider, subscriber, patient = [*named[2:], None, None, None][:3]
        return payer, receiver, provider, subscriber, patient

    def _bht(self, e: list[str], _n: int) -> None:
        e += PAD
        self.header.reference, self.header.created = e[3], parse_moment(e[4], e[5])

    def _hl(self, e: list[str], n: int) -> None:
        self.end_claim()
        e += PAD
        kind = self.hierarchy.add(e, n)
        self.claim, self.line, self.born = None, None, (None, "")
        if kind not in _PARENTS:
            self.path = []
            return
        depth = _LEVELS.index(kind)
        above = self.paths.get(e[2], self.path)
        self.path = [*above[:depth], *[None] * (depth - len(above)), None]
        self.paths[e[1]] = self.path

    def _nm1(self, e: list[str], n: int) -> None:
        e += PAD
        if not self.path:
            self.complain("name_misplaced", n, "NM1", "A name stands outside a level.")
            return
        if e[1] != _NAMES[len(self.path) - 1]:
            self.complain("bad_code", n, "NM101", "NM101 is not the name this level is for.", f"2100{self.letter}")
        if self.path[-1] is not None:
            self.warn("not_carried", n, "NM1", "A second name of one level is not kept.", f"2100{self.letter}")
            return
        party = party_of(e)
        party.segment = n
        party.birth, party.sex = self.born
        self.path[-1] = party

    def _dmg(self, e: list[str], n: int) -> None:
        e += PAD
        self.born = self.day(e[2], n, "DMG02"), e[3]
        if self.path and self.path[-1] is not None:
            self.path[-1].birth, self.path[-1].sex = self.born

    def _trn(self, e: list[str], n: int) -> None:
        e += PAD
        self.end_claim()
        self.claim = self.line = None
        if not self.path:
            self.complain("trace_misplaced", n, "TRN", "A trace number stands outside a level.")
            return
        if not e[2]:
            self.complain("element_missing", n, "TRN02", "The trace number is missing.", f"2200{self.letter}")
        self.open_claim(e[2], e[1], n)

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        claim, slot = self.claim, _CLAIM_REFS.get(e[1])
        if self.line is not None and e[1] == "FJ":
            self.line.control = e[2]
        elif claim is None or self.line is not None:
            self.pass_over("REF", n)
        elif slot is not None:
            setattr(claim, slot, e[2])
        else:
            claim.refs = self.joined(claim.refs, [(e[1], e[2])], n, "REF")

    def _dtp(self, e: list[str], n: int) -> None:
        e += PAD
        owner = self.line or self.claim
        if owner is None or e[1] != "472":
            self.pass_over("DTP", n)
        else:
            owner.date_from, owner.date_to = read_span(self, e[3], n)

    def _svc(self, e: list[str], n: int) -> None:
        e += PAD
        if self.claim is None:
            self.error("line_misplaced", n, "SVC", "A service line stands outside a claim.")
        else:
            self.open_line(e, n)

    def procedure(self, e: list[str], n: int) -> tuple[str, str, tuple[str, ...]]:
        """Qualifier, code and modifiers of SVC01."""
        qualifier, code, *modifiers = [*self.components(e[1], n, "SVC01"), ""]
        if qualifier not in _PROCEDURES:
            self.complain("bad_code", n, "SVC01-1", "SVC01-1 is no kind of procedure code.")
        return qualifier, code, tuple([one for one in modifiers[:4] if one])

    def pass_over(self, identifier: str, n: int) -> None:
        self.warn("not_carried", n, identifier, "More is said here than is carried over.", f"2200{self.letter}")


class Ladder:
    """Writes HL levels into `out`; a level stays open while neighbours have the same parties."""

    def __init__(self, out: list[str], clean: Cleaner) -> None:
        self._out, self._clean = out, clean
        self._open: list[_Rung] = []
        self._count = 0

    def climb(self, parties: list[Party], *, anew: bool = False) -> None:
        """Open what is not open yet of a path that begins at the payer; with `anew` at least its last level.

        A subscriber who is the patient has a level beside the one above the dependents.
        """
        last = len(parties) - 1
        same = 0
        for at, (party, rung) in enumerate(zip(parties, self._open, strict=False)):
            if party != rung.party or (at == last and anew) or (at == _SUBSCRIBER and rung.is_patient != (at == last)):
                break
            same += 1
        del self._open[same:]
        for depth in range(same, last + 1):
            self._step(depth, parties[depth], is_patient=depth == last)

    def _step(self, depth: int, party: Party, *, is_patient: bool) -> None:
        self._count += 1
        out, above = self._out, ""
        if self._open:
            rung = self._open[-1]
            above, out[rung.at] = str(rung.number), out[rung.at][:-1] + "1"
        self._open.append(_Rung(party, self._count, len(out), is_patient))
        out.append(f"HL*{self._count}*{above}*{_LEVELS[depth]}" + ("" if depth == _PATIENT else "*0"))
        if party.birth is not None:
            out.append(trim(f"DMG*D8*{DATE_TEXTS[party.birth]}*{self._clean[party.sex]}"))
        out.append(name_segment(_NAMES[depth], party, self._clean))
        if depth == 0 and (party.phone or party.email):
            out.append(contact_segment(party, self._clean))


@dataclass(frozen=True, slots=True)
class _Rung:
    """A level that is open; its HL is at `at` of the output and says 0 until something stands below it."""

    party: Party
    number: int
    at: int
    is_patient: bool


def path_of(claim: StatusClaim) -> list[Party]:
    """The parties from the payer down; raises ValueError where one in the middle is missing."""
    path = [claim.payer, claim.receiver, claim.provider, claim.subscriber, claim.patient]
    named = [party for party in path if party is not None]
    if None in path[: len(named)]:
        raise ValueError("a claim status names the provider above the subscriber and the subscriber above the patient")
    return named


def claim_references(claim: StatusClaim, clean: Cleaner) -> list[str]:
    """The REF of a claim."""
    named = [(kind, getattr(claim, slot)) for kind, slot in _CLAIM_REFS.items()]
    return [f"REF*{clean[kind]}*{clean[value]}" for kind, value in (*named, *claim.refs) if value]


def service_date(of: StatusClaim | StatusLine) -> list[str]:
    """DTP*472, where there is a date."""
    return [] if of.date_from is None else [span_segment("472", of.date_from, of.date_to)]


def service_segment(line: StatusLine, paid_cents: int | None, clean: Cleaner) -> str:
    """The SVC of a line."""
    code = ":".join(clean[part] for part in (line.qualifier, line.code, *line.modifiers))
    return trim(
        f"SVC*{code}*{AMOUNT_TEXTS[line.charge_cents]}*{amount_text(paid_cents)}*{clean[line.revenue]}***"
        f"{number_text(line.units)}"
    )


def header_segments(kind: str, control: str, purpose: str, reference: str, created: datetime) -> list[str]:
    """ST and BHT, without what only the answer has at its end."""
    return [
        f"ST*{kind}*{control}*{VERSION}",
        f"BHT*0010*{purpose}*{reference}*{DATE_TEXTS[created.date()]}*{format_time(created)}",
    ]
