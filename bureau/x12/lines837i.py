"""The reader of institutional service lines: 2400 and all below it, each part placed by its qualifier."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bureau.x12.details837 import DetailReader, add_reference, open_party, pass_over, read_span
from bureau.x12.read837_cob import DecisionReader
from bureau.x12.reading import PAD, Handler, Reader
from bureau.x12.values837 import Drug, LineExtras
from bureau.x12.values837i import InstitutionalClaim, InstitutionalLine

_PROCEDURES = frozenset({"HC", "HP", "ER", "IV", "WK"})
_PRESCRIPTIONS = frozenset({"XZ", "VY"})
_TAXES = {"GT": "service_tax_cents", "N8": "facility_tax_cents"}


class InstitutionalLineReader:
    """The lines of one claim after the other; `total` is the sum of the charges read so far, in cents."""

    def __init__(self, reader: Reader[Any]) -> None:
        self._reader = reader
        self._claim: InstitutionalClaim | None = None
        self._line: InstitutionalLine | None = None
        self._number = 0
        self._opened = 0  # place of the LX that has had no SV2 yet
        self.total = 0
        self._decisions = DecisionReader(reader)
        self._details = DetailReader(reader, "2400", self._find_extras)

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "LX": self.lx, "SV2": self._sv2, "DTP": self._dtp, "REF": self._ref, "NM1": self._nm1, "SVD": self._svd,
            "CAS": self._decisions.add_adjustments, "AMT": self._amt, "LIN": self._lin, "CTP": self._ctp,
            "NTE": self._nte, **self._details.make_handlers(),
        }  # fmt: skip

    def begin(self, claim: InstitutionalClaim) -> None:
        self._claim, self._line, self._opened, self.total = claim, None, 0, 0

    def lx(self, e: list[str], n: int) -> None:
        """Take the LX that opens a line, whatever stood open."""
        self.finish()
        self._reader.party, self._line, self._decisions.decision = None, None, None
        self._opened = n
        self._number = len(self._claim.lines) + 1 if self._claim is not None else 1
        if len(e) < 2 or e[1] != str(self._number):
            self._reader.error("line_sequence", n, "LX01", "LX01 does not count the lines of the claim from 1.", "2400")

    def finish(self) -> None:
        """The open line ends."""
        if self._opened and self._line is None:
            self._reader.error("segment_missing", self._opened, "SV2", "A service line has no service.", "2400")

    def _sv2(self, e: list[str], n: int) -> None:
        reader, claim = self._reader, self._claim
        if claim is None:
            return
        if self._line is not None:
            reader.error("line_misplaced", n, "SV2", "A second service stands in one service line.", "2400")
        e += PAD
        if not e[1]:
            reader.error("element_missing", n, "SV201", "The line has no revenue code.", "2400")
        qualifier, code, modifiers, description = self._procedure(e[2], n, "SV202")
        charge = reader.cents(e[3], n, "SV203", needed=True) or 0
        units = reader.quantity(e[5] or "?", n, "SV205") or Decimal(0)
        self._line = InstitutionalLine(
            self._number, e[1], charge, units, e[4], code, qualifier, modifiers, description,
            reader.cents(e[7], n, "SV207"), segment=self._opened,
        )  # fmt: skip
        self.total += charge
        claim.lines.append(self._line)

    def _procedure(self, text: str, n: int, element: str) -> tuple[str, str, tuple[str, ...], str]:
        """Qualifier, code, modifiers and description of a composite that may be absent but not blank."""
        if not text:
            return "", "", (), ""
        parts = [*self._reader.components(text, n, element), *PAD]
        if parts[0] not in _PROCEDURES:
            self._reader.error("bad_code", n, f"{element}-1", f"{element}-1 is no kind of procedure code.", "2400")
        if not parts[1]:
            self._reader.error("element_missing", n, f"{element}-2", f"{element}-2 holds no code.", "2400")
        return parts[0], parts[1], tuple([one for one in parts[2:6] if one]), parts[6]

    def _dtp(self, e: list[str], n: int) -> None:
        e += PAD
        if e[1] == "472" and self._line is not None:
            self._line.date_from, self._line.date_to = read_span(self._reader, e[3], n)
        elif e[1] == "573":
            self._decisions.set_day(e, n)
        else:
            self._details.add_date(e, n)

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        line, party = self._line, self._reader.party
        if party is not None:
            add_reference(self._reader, party, e, n)
        elif line is not None and e[1] == "6R":
            line.control = e[2]
        elif line is not None and line.drug is not None and e[1] in _PRESCRIPTIONS:
            line.drug.prescription, line.drug.prescription_kind = e[2], e[1]
        else:
            self._details.add_reference(e[1], e[2], n)

    def _nm1(self, e: list[str], n: int) -> None:
        party = open_party(self._reader, e, n)
        if self._line is None:
            pass_over(self._reader, n, "NM1", "2420")
        else:
            self._line.providers = self._reader.joined(self._line.providers, [(e[1], party)], n, "NM1")

    def _svd(self, e: list[str], n: int) -> None:
        self._reader.party = None
        decision = self._decisions.begin(e, n)
        decision.revenue = e[4]
        self._procedure(e[3], n, "SVD03")
        if self._line is None:
            pass_over(self._reader, n, "SVD", "2430")
        else:
            self._line.decisions = self._reader.joined(self._line.decisions, [decision], n, "SVD")

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        slot = _TAXES.get(e[1])
        if e[1] == "EAF":
            self._decisions.set_remaining(e, n)
        elif slot is not None and self._line is not None:
            setattr(self._line, slot, self._reader.cents(e[2], n, "AMT02", needed=True))
        else:
            pass_over(self._reader, n, "AMT", "2400")

    def _lin(self, e: list[str], n: int) -> None:
        e += PAD
        self._reader.party = None
        if self._line is None or self._line.drug is not None:  # the guide has room for one
            pass_over(self._reader, n, "LIN", "2410")
        else:
            self._line.drug = Drug(e[3], qualifier=e[2])

    def _ctp(self, e: list[str], n: int) -> None:
        e += PAD
        drug = self._line.drug if self._line is not None else None
        if drug is None or drug.quantity is not None:
            pass_over(self._reader, n, "CTP", "2410")
        else:
            unit = e[5].partition(self._reader.component)[0]
            drug.quantity, drug.unit = self._reader.quantity(e[4], n, "CTP04"), unit

    def _nte(self, e: list[str], n: int) -> None:
        e += PAD
        extras = self._details.open_extras(n, "NTE")
        if isinstance(extras, LineExtras):
            extras.notes = self._reader.joined(extras.notes, [(e[1], e[2])], n, "NTE")

    def _find_extras(self) -> LineExtras | None:
        """The extras of the open line, made at the first call; None before its SV2."""
        line = self._line
        if line is None:
            return None
        if line.extras is None:
            line.extras = LineExtras()
        return line.extras
