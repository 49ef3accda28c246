"""Remittances: an 835 (005010X221A1) to Remittance values, whole or as a stream; the writer is next door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from bureau.x12.reading import PAD, Handler, Reader, party_of, read_all
from bureau.x12.scalars import CENTS, DATES, QUANTITIES
from bureau.x12.syntax import chunks_of, slices
from bureau.x12.values import Adjustment, Party
from bureau.x12.values835 import PaidClaim, PaidLine, ProviderAdjustment, Remittance
from bureau.x12.write835 import write_835
from config.problems import Problem

__all__ = ["Reader835", "iter_835", "read_835", "write_835"]

_CLAIM_PARTIES = {"QC": "patient", "IL": "subscriber", "82": "rendering", "TT": "crossover"}


class Reader835(Reader["Remittance | PaidClaim"]):
    """One pass over 835 text: hands over each PaidClaim when it ends and its Remittance after them.

    With `keep_claims` the claims stay inside their remittance instead, for callers who want the whole.
    """

    kind = "835"
    versions = ("005010X221",)
    known = frozenset({"CUR", "TS3", "TS2", "QTY", "RDM", "N2"})

    def __init__(self, file: str = "", *, keep_claims: bool = True) -> None:
        super().__init__(file)
        self.keep_claims = keep_claims

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "CAS": self._cas, "SVC": self._svc, "DTM": self._dtm, "REF": self._ref, "NM1": self._nm1,
            "CLP": self._clp, "AMT": self._amt, "LQ": self._lq, "MOA": self._moa, "MIA": self._mia,
            "LX": self._lx, "PLB": self._plb, "BPR": self._bpr, "TRN": self._trn, "N1": self._n1,
            "N3": self._n3, "N4": self._n4, "PER": self._per,
        }  # fmt: skip

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = Remittance(control, 0, "", None, "", "", Party(), Party(), first_segment=n)
        self.current.unreadable = True  # until a BPR02 has been read
        self.claim: PaidClaim | None = None
        self.line: PaidLine | None = None
        self.party = None
        self.headed = False

    def end_set(self, n: int) -> None:
        self._end_claim(n)
        current = self.current
        current.last_segment = n
        if current.unreadable:
            self.error("payment_missing", current.first_segment, "BPR02", "There is no readable payment amount.")
        for text, element, plain in (
            (current.trace, "TRN02", "trace number"), (current.payer.name, "N102", "payer"),
            (current.payee.name, "N102", "payee"),
        ):  # fmt: skip
            if not text:
                self.error("element_missing", current.first_segment, element, f"The remittance has no {plain}.")
        self.ready.append(current)

    def _end_claim(self, n: int) -> None:
        claim, self.claim, self.line = self.claim, None, None
        if claim is not None:
            claim.last_segment = n - 1
            if self.keep_claims:
                self.current.claims.append(claim)
            else:
                self.ready.append(claim)

    def _bpr(self, e: list[str], n: int) -> None:
        e += PAD
        current = self.current
        cents = self.cents(e[2], n, "BPR02", needed=True)
        if cents is not None:
            current.payment_cents = cents
            current.unreadable = False
        current.handling, current.method = e[1], e[4]
        current.paid_on = self.day(e[16], n, "BPR16", matters=False)

    def _trn(self, e: list[str], _n: int) -> None:
        e += PAD
        if self.claim is None:
            self.current.trace, self.current.payer_tax_id = e[2], e[3]

    def _n1(self, e: list[str], _n: int) -> None:
        e += PAD
        party = Party(e[2], id_kind=e[3], id=e[4])
        self.party = party
        if e[1] == "PR":
            self.current.payer = party
        elif e[1] == "PE":
            self.current.payee = party

    def _per(self, e: list[str], _n: int) -> None:
        party = self.party
        if party is None or len(e) < 3 or e[1] not in ("BL", "CX") or (e[1] == "CX" and party.contact):
            return
        e += PAD
        party.contact = e[2]
        for kind, value in ((e[3], e[4]), (e[5], e[6]), (e[7], e[8])):
            if kind == "TE":
                party.phone = value
            elif kind == "EM":
                party.email = value

    def _lx(self, _e: list[str], n: int) -> None:
        self._end_claim(n)
        self.headed = True
        self.party = None

    def _clp(self, e: list[str], n: int) -> None:
        if self.claim is not None:
            self._end_claim(n)
        self.party = None
        e += PAD
        charge, paid = CENTS[e[3]], CENTS[e[4]]
        unreadable = charge is None or paid is None
        if unreadable:
            charge = self.cents(e[3], n, "CLP03", needed=True)
            paid = self.cents(e[4], n, "CLP04", needed=True)
        patient = CENTS[e[5]]
        if patient is None and e[5]:
            self.cents(e[5], n, "CLP05")
        claim = PaidClaim(e[1], e[2], charge or 0, paid or 0, patient, e[6], e[7], e[8], e[9])
        claim.first_segment = n
        claim.unreadable = unreadable
        if not self.headed:
            self.headed = True
            self.error("segment_missing", n, "LX", "The claims are not preceded by an LX.", "2000")
        self.claim = claim

    def _nm1(self, e: list[str], _n: int) -> None:
        claim = self.claim
        if claim is None or self.line is not None:
            return
        e += PAD
        slot = _CLAIM_PARTIES.get(e[1])
        if slot is not None:
            setattr(claim, slot, party_of(e))

    def _svc(self, e: list[str], n: int) -> None:
        claim = self.claim
        if claim is None:
            self.error("line_misplaced", n, "SVC", "A service stands outside a claim.", "2110")
            return
        e += PAD
        parts = e[1].split(self.component)
        if len(parts) < 2:
            parts = [*self.components(e[1], n, "SVC01"), ""]
        charge, paid = CENTS[e[2]], CENTS[e[3]]
        if charge is None or paid is None:
            claim.unreadable = True
            charge = self.cents(e[2], n, "SVC02", needed=True)
            paid = self.cents(e[3], n, "SVC03", needed=True)
        line = PaidLine(parts[1], charge or 0, paid or 0, parts[0])
        if len(parts) > 2:
            line.modifiers = tuple([m for m in parts[2:6] if m])
        if e[5]:
            line.units = QUANTITIES[e[5]] or self.quantity(e[5], n, "SVC05")
        if e[6]:
            line.billed_code = [*self.components(e[6], n, "SVC06"), ""][1]
        if e[7]:
            line.billed_units = QUANTITIES[e[7]] or self.quantity(e[7], n, "SVC07")
        self.line = line
        claim.lines.append(line)

    def _cas(self, e: list[str], n: int) -> None:
        claim = self.claim
        if claim is None:
            self.error("adjustment_misplaced", n, "CAS", "An adjustment stands outside a claim.", "2100")
            return
        line = self.line
        adjustments = claim.adjustments if line is None else line.adjustments
        if len(e) == 4:  # the common case: one reason, no quantity
            cents = CENTS[e[3]]
            if cents is not None:
                adjustments.append(Adjustment(e[1], e[2], cents))
                return
        self._cas_many(e, n, claim, adjustments)

    def _cas_many(self, e: list[str], n: int, claim: PaidClaim, adjustments: list[Adjustment]) -> None:
        size = len(e)
        e += PAD
        for at in range(2, max(size, 4), 3):
            reason, amount, quantity = e[at : at + 3]
            if not (reason or amount or quantity):
                continue
            element = f"CAS{at + 1:02d}"
            cents = self.cents(amount, n, element, needed=True)
            if cents is None:
                claim.unreadable = True
            else:
                adjustments.append(Adjustment(e[1], reason, cents, self.quantity(quantity, n, f"CAS{at + 2:02d}")))

    def _dtm(self, e: list[str], n: int) -> None:
        if len(e) < 3:
            return
        kind, line = e[1], self.line
        day = DATES[e[2]]
        if day is None:
            day = self.day(e[2], n, "DTM02")
        if line is not None:
            if kind in ("472", "150"):
                line.date_from = day
            elif kind == "151":
                line.date_to = day if day != line.date_from else None
        elif self.claim is not None:
            if kind == "050":
                self.claim.received = day
        elif kind == "405":
            self.current.produced = day

    def _ref(self, e: list[str], n: int) -> None:
        if len(e) < 3:
            return
        kind, value, party = e[1], e[2], self.party
        if self.line is not None:
            if kind == "6R":
                self.line.control = value
        elif party is not None and self.claim is None:
            if kind == "TJ":
                party.tax_id = value
            elif kind == "2U" and not party.id:
                party.id_kind, party.id = "PI", value
            else:
                party.refs = self.joined(party.refs, [(kind, value)], n, "REF")

    def _amt(self, e: list[str], n: int) -> None:
        if self.line is not None and len(e) > 2 and e[1] == "B6":
            self.line.allowed_cents = self.cents(e[2], n, "AMT02")

    def _lq(self, e: list[str], n: int) -> None:
        if self.line is not None and len(e) > 2 and e[1] == "HE":
            self.line.remarks = self.joined(self.line.remarks, [e[2]], n, "LQ")

    def _moa(self, e: list[str], n: int) -> None:
        self._remarks(e[3:8], n, "MOA")

    def _mia(self, e: list[str], n: int) -> None:
        self._remarks([*e[5:6], *e[20:24]], n, "MIA")

    def _remarks(self, codes: list[str], n: int, element: str) -> None:
        if self.claim is not None:
            self.claim.remarks = self.joined(self.claim.remarks, [code for code in codes if code], n, element)

    def _plb(self, e: list[str], n: int) -> None:
        self._end_claim(n)
        size = len(e)
        e += PAD
        year_end = self.day(e[2], n, "PLB02")
        for at in range(3, max(size, 5), 2):
            if not (e[at] or e[at + 1]):
                continue
            cents = self.cents(e[at + 1], n, f"PLB{at + 1:02d}", needed=True)
            if cents is None:
                self.current.unreadable = True
                continue
            reason, _, reference = e[at].partition(self.component)
            if not reference and len(reason) > 2:
                reason, reference, *_ = [*self.components(reason, n, f"PLB{at:02d}"), ""]
            self.current.provider_adjustments.append(ProviderAdjustment(e[1], year_end, reason, reference, cents))


def read_835(text: str, file: str = "") -> tuple[list[Remittance], list[Problem]]:
    """Every 835 of the text with its claims, and what is wrong with it; balancing is apart (`balance`)."""
    reader = Reader835(file)
    return [one for one in read_all(reader, slices(text)) if isinstance(one, Remittance)], reader.problems


def iter_835(source: TextIO | Iterable[str], file: str = "") -> Iterator[PaidClaim | Remittance | Problem]:
    """Read an 835 of any size in bounded memory: claims as they end, then their remittance without claims.

    `source` is an open text file or any run of pieces of text. Problems come when they are found.
    """
    reader = Reader835(file, keep_claims=False)
    for ready in reader.stream(chunks_of(source)):
        yield from ready
        yield from reader.problems
        reader.problems.clear()
    yield from reader.problems
