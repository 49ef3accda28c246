"""The reader of professional service lines: 2400 and all below it, each part placed by its qualifier."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bureau.x12.details837 import TRIP_ENDS, DetailReader, add_reference, open_party, pass_over, read_span
from bureau.x12.read837_cob import DecisionReader
from bureau.x12.reading import PAD, Handler, Reader
from bureau.x12.scalars import CENTS, DATES, QUANTITIES
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, Drug, Form, LineExtras, Rental, ServiceLine

_ZERO = Decimal(0)
_POINTERS: dict[str, tuple[int, ...]] = {str(number): (number,) for number in range(1, 13)}
_PROCEDURES = frozenset({"HC", "ER", "IV", "WK"})
_PRESCRIPTIONS = frozenset({"XZ", "VY"})
_AMOUNTS = {"T": "sales_tax_cents", "F4": "postage_cents"}
_PLAIN_REF = 3  # elements of a REF without a payer of its own
_PLAIN = 8  # elements of an SV1 without marks


class LineReader:
    """The lines of one claim after the other; `total` is the sum of the charges read so far, in cents."""

    def __init__(self, reader: Reader[Any]) -> None:
        self._reader = reader
        self._claim = Claim("", 0, "", "", Party(), Party(), Party())
        self._line: ServiceLine | None = None
        self._awaits_service = False
        self._number = 0
        self._opened = 0
        self._provider = ""  # NM101 of whoever a REF hangs on
        self.total = 0
        self._pointers = dict(_POINTERS)
        self._decisions = DecisionReader(reader)
        self._details = DetailReader(reader, "2400", self._find_extras)

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "LX": self.lx, "SV1": self._sv1, "DTP": self._dtp, "REF": self._ref, "NM1": self._nm1, "SVD": self._svd,
            "CAS": self._decisions.add_adjustments, "AMT": self._amt, "LIN": self._lin, "CTP": self._ctp,
            "SV5": self._sv5, "CR3": self._cr3, "QTY": self._qty, "MEA": self._mea, "NTE": self._nte, "PS1": self._ps1,
            "LQ": self._lq, "FRM": self._frm,
            **self._details.make_handlers(),
        }  # fmt: skip

    def reset(self) -> None:
        """Forget the pointers of the set before, whose separator may have been another."""
        self._pointers = dict(_POINTERS)

    def begin(self, claim: Claim) -> None:
        self._claim, self._line, self._awaits_service, self.total = claim, None, False, 0

    def end(self, n: int) -> None:
        """The open line ends before segment `n`."""
        if self._awaits_service:
            self._awaits_service = False
            self._reader.error("segment_missing", n - 1, "SV1", "A service line has no service.", "2400")

    def lx(self, e: list[str], n: int) -> None:
        """Take the LX that opens a 2400."""
        self.end(n)
        self._reader.party = self._line = self._decisions.decision = None
        self._awaits_service, self._opened = True, n
        expected = self._number = len(self._claim.lines) + 1
        if len(e) < 2 or e[1] != str(expected):
            self._reader.error("line_sequence", n, "LX01", "LX01 does not count the lines of the claim from 1.", "2400")

    def _sv1(self, e: list[str], n: int) -> None:
        reader = self._reader
        if self._line is not None:
            reader.error("line_misplaced", n, "SV1", "A second service stands in one service line.", "2400")
        size = len(e)
        e += PAD
        parts = e[1].split(reader.component)
        if len(parts) < 2:
            parts = [*reader.components(e[1], n, "SV101"), ""]
        if parts[0] not in _PROCEDURES:
            reader.error("bad_code", n, "SV101-1", "SV101-1 is no kind of procedure code.", "2400")
        charge, units = CENTS[e[2]], QUANTITIES[e[4]]
        if charge is None:
            charge = reader.cents(e[2], n, "SV102", needed=True) or 0
        if units is None:
            units = reader.quantity(e[4] or "?", n, "SV104") or _ZERO
        line = ServiceLine(
            self._number, parts[1], charge, units, None, None, parts[0],
            tuple([m for m in parts[2:6] if m]) if len(parts) > 2 else (), parts[6] if len(parts) > 6 else "",
            e[3], e[5], self._point(e[7], n),
        )  # fmt: skip
        if size > _PLAIN:
            line.emergency, line.epsdt, line.family_planning = e[9] == "Y", e[11] == "Y", e[12] == "Y"
            line.copay_exempt = e[15] == "0"
        line.segment = self._opened
        self.total += charge
        self._line, self._awaits_service = line, False
        self._claim.lines.append(line)

    def _point(self, text: str, n: int) -> tuple[int, ...]:
        pointers = self._pointers.get(text)
        if pointers is None:
            parts = text.split(self._reader.component)
            pointers = tuple([number for part in parts for number in _POINTERS.get(part, ())])
            if len(pointers) == len(parts):
                self._pointers[text] = pointers
            else:
                self._reader.error("bad_pointer", n, "SV107", "SV107 is not a list of diagnosis numbers.", "2400")
        return pointers

    def _dtp(self, e: list[str], n: int) -> None:
        line, size = self._line, len(e)
        if line is not None and size > 3 and e[1] == "472":
            first = DATES[e[3]]
            if first is not None:
                line.date_from = first
            else:
                line.date_from, line.date_to = read_span(self._reader, e[3], n)
        elif size > 3 and e[1] == "573":
            self._decisions.set_day(e, n)
        else:
            self._details.add_date(e, n)

    def _ref(self, e: list[str], n: int) -> None:
        line, party, size = self._line, self._reader.party, len(e)
        if size == _PLAIN_REF and e[1] == "6R" and party is None and line is not None:
            line.control = e[2]
            return
        e += PAD
        kind, value = e[1], e[2]
        if size > 4 and e[4]:
            self._refer_to_payer(kind, value, e[4], n)
        elif party is not None:
            add_reference(self._reader, party, e, n)
        elif kind == "6R" and line is not None:
            line.control = value
        elif kind in _PRESCRIPTIONS and line is not None and line.drug is not None:
            line.drug.prescription, line.drug.prescription_kind = value, kind
        else:
            self._details.add_reference(kind, value, n)

    def _refer_to_payer(self, kind: str, value: str, whose: str, n: int) -> None:
        """A REF whose REF04 names the payer that gave the number."""
        extras = self._open(n, "REF")
        if extras is not None:
            payer = whose.partition(self._reader.component)[2]
            who = self._provider if self._reader.party is not None else ""
            extras.payer_refs = self._reader.joined(extras.payer_refs, [(who, kind, value, payer)], n, "REF")

    def _nm1(self, e: list[str], n: int) -> None:
        party, line = open_party(self._reader, e, n), self._line
        code = self._provider = e[1]
        if line is None:
            pass_over(self._reader, n, "NM1", "2420")
        elif code in TRIP_ENDS:
            self._details.add_trip_end(code, party, n)
        else:
            line.providers = self._reader.joined(line.providers, [(code, party)], n, "NM1")

    def _svd(self, e: list[str], n: int) -> None:
        line = self._line
        self._reader.party = None
        decision = self._decisions.begin(e, n)
        if line is None:
            pass_over(self._reader, n, "SVD", "2430")
        else:
            line.decisions = self._reader.joined(line.decisions, [decision], n, "SVD")

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        kind = e[1]
        if kind == "EAF":
            self._decisions.set_remaining(e, n)
            return
        slot = _AMOUNTS.get(kind)
        extras = self._find_extras() if slot is not None else None
        if slot is None or extras is None:
            pass_over(self._reader, n, "AMT", "2400")
        else:
            setattr(extras, slot, self._reader.cents(e[2], n, "AMT02", needed=True))

    def _lin(self, e: list[str], n: int) -> None:
        line = self._line
        if line is None or line.drug is not None:  # the guide has room for one
            pass_over(self._reader, n, "LIN", "2410")
            return
        e += PAD
        self._reader.party = None
        line.drug = Drug(e[3], qualifier=e[2])

    def _ctp(self, e: list[str], n: int) -> None:
        drug = self._line.drug if self._line is not None else None
        if drug is None or drug.quantity is not None:
            pass_over(self._reader, n, "CTP", "2410")
            return
        e += PAD
        drug.quantity, drug.unit = self._reader.quantity(e[4], n, "CTP04"), e[5].partition(self._reader.component)[0]

    def _sv5(self, e: list[str], n: int) -> None:
        extras = self._open(n, "SV5")
        if extras is None:
            return
        e += PAD
        cents = self._reader.cents
        extras.rental = Rental(
            e[1].partition(self._reader.component)[2], self._reader.quantity(e[3] or "?", n, "SV503") or _ZERO,
            cents(e[4], n, "SV504", needed=True) or 0, cents(e[5], n, "SV505", needed=True) or 0, e[6],
        )  # fmt: skip

    def _cr3(self, e: list[str], n: int) -> None:
        extras = self._open(n, "CR3")
        if extras is not None:
            e += PAD
            extras.certification = (e[1], e[2], self._reader.quantity(e[3] or "?", n, "CR303") or _ZERO)

    def _qty(self, e: list[str], n: int) -> None:
        extras = self._open(n, "QTY")
        if extras is not None:
            e += PAD
            found = (e[1], self._reader.quantity(e[2] or "?", n, "QTY02") or _ZERO)
            extras.quantities = self._reader.joined(extras.quantities, [found], n, "QTY")

    def _mea(self, e: list[str], n: int) -> None:
        extras = self._open(n, "MEA")
        if extras is not None:
            e += PAD
            found = (e[1], e[2], self._reader.quantity(e[3] or "?", n, "MEA03") or _ZERO)
            extras.measures = self._reader.joined(extras.measures, [found], n, "MEA")

    def _nte(self, e: list[str], n: int) -> None:
        extras = self._open(n, "NTE")
        if extras is not None:
            e += PAD
            extras.notes = self._reader.joined(extras.notes, [(e[1], e[2])], n, "NTE")

    def _ps1(self, e: list[str], n: int) -> None:
        extras = self._open(n, "PS1")
        if extras is not None:
            e += PAD
            extras.purchased = (e[1], self._reader.cents(e[2], n, "PS102", needed=True) or 0)

    def _lq(self, e: list[str], n: int) -> None:
        extras = self._open(n, "LQ")
        if extras is not None:
            e += PAD
            extras.forms = self._reader.joined(extras.forms, [Form(e[1], e[2])], n, "LQ")

    def _frm(self, e: list[str], n: int) -> None:
        extras = self._open(n, "FRM")
        if extras is None:
            return
        if not extras.forms:
            pass_over(self._reader, n, "FRM", "2440")
            return
        e += PAD
        form = extras.forms[-1]
        form.answers = self._reader.joined(form.answers, [(e[1], e[2], e[3], e[4], e[5])], n, "FRM")

    def _find_extras(self) -> LineExtras | None:
        """The extras of the open line, made at the first call; None before its SV1."""
        line = self._line
        if line is None:
            return None
        if line.extras is None:
            line.extras = LineExtras()
        return line.extras

    def _open(self, n: int, identifier: str) -> LineExtras | None:
        extras = self._find_extras()
        if extras is None:
            pass_over(self._reader, n, identifier, "2400")
        return extras
