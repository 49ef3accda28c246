"""The reader of other coverage: 2320 with its 2330 loops at the claim, 2430 at the line, for any kind of claim."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bureau.x12.adjustments import read_adjustments
from bureau.x12.details837 import add_reference, open_party, pass_over
from bureau.x12.reading import PAD, Handler, Reader
from bureau.x12.values import Adjustment, Party
from bureau.x12.values837 import LineDecision, OtherPayer

_REFS = {"G1": "prior_auth", "9F": "referral", "T4": "adjustment_indicator", "F8": "payer_icn"}
_AMOUNTS = {"D": "paid_cents", "A8": "noncovered_cents", "EAF": "remaining_cents"}


class OtherPayerReader:
    """The handlers of 2320 and below; `begin` opens the loop and gives the value that they fill."""

    def __init__(self, reader: Reader[Any]) -> None:
        self._reader = reader
        self._other = OtherPayer(Party(), Party(), "")

    def begin(self, e: list[str], _n: int) -> OtherPayer:
        """Take the SBR that opens a 2320."""
        e += PAD
        self._reader.party = None
        self._other = OtherPayer(Party(), Party(), e[1], e[2], e[3], e[4], e[5], e[9], benefits="", release="")
        return self._other

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "CAS": self._cas, "AMT": self._amt, "OI": self._oi, "MOA": self._moa, "NM1": self._nm1,
            "DTP": self._dtp, "REF": self._ref,
        }  # fmt: skip

    def _cas(self, e: list[str], n: int) -> None:
        found = _adjustments(self._reader, e, n, "2320")
        self._other.adjustments = self._reader.joined(self._other.adjustments, found, n, "CAS")

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        slot = _AMOUNTS.get(e[1])
        if slot is None:
            pass_over(self._reader, n, "AMT", "2320")
        else:
            setattr(self._other, slot, self._reader.cents(e[2], n, "AMT02", needed=True))

    def _oi(self, e: list[str], _n: int) -> None:
        e += PAD
        self._other.benefits, self._other.signature_source, self._other.release = e[3], e[4], e[6]

    def _moa(self, e: list[str], _n: int) -> None:
        self._other.moa = tuple(e[1:10])

    def _nm1(self, e: list[str], n: int) -> None:
        party, other = open_party(self._reader, e, n), self._other
        code = e[1]
        if code == "IL":
            other.subscriber = party
        elif code == "PR":
            other.payer = party
        else:
            other.providers = self._reader.joined(other.providers, [(code, party)], n, "NM1")

    def _dtp(self, e: list[str], n: int) -> None:
        e += PAD
        if e[1] == "573":
            self._other.decided_on = self._reader.day(e[3], n, "DTP03")
        else:
            pass_over(self._reader, n, "DTP", "2330B")

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        party, slot = self._reader.party, _REFS.get(e[1])
        if party is None:
            pass_over(self._reader, n, "REF", "2320")
        elif slot is not None and party is self._other.payer:
            setattr(self._other, slot, e[2])
        else:
            add_reference(self._reader, party, e, n)


class DecisionReader:
    """2430 loops: `begin` opens one and gives its value, the rest fills it."""

    def __init__(self, reader: Reader[Any]) -> None:
        self._reader = reader
        self.decision: LineDecision | None = None

    def begin(self, e: list[str], n: int) -> LineDecision:
        """Take the SVD that opens a 2430."""
        e += PAD
        reader = self._reader
        parts = reader.components(e[3], n, "SVD03")
        self.decision = LineDecision(
            e[1], reader.cents(e[2], n, "SVD02", needed=True) or 0, parts[1] if len(parts) > 1 else "",
            reader.quantity(e[5] or "?", n, "SVD05") or Decimal(0), None, parts[0],
            tuple([modifier for modifier in parts[2:6] if modifier]), parts[6] if len(parts) > 6 else "", e[6],
        )  # fmt: skip
        return self.decision

    def add_adjustments(self, e: list[str], n: int) -> None:
        if self.decision is None:
            pass_over(self._reader, n, "CAS", "2400")
            return
        found = _adjustments(self._reader, e, n, "2430")
        self.decision.adjustments = self._reader.joined(self.decision.adjustments, found, n, "CAS")

    def set_day(self, e: list[str], n: int) -> None:
        """DTP*573."""
        if self.decision is None:
            pass_over(self._reader, n, "DTP", "2400")
        else:
            self.decision.decided_on = self._reader.day(e[3], n, "DTP03")

    def set_remaining(self, e: list[str], n: int) -> None:
        """AMT*EAF."""
        if self.decision is None:
            pass_over(self._reader, n, "AMT", "2400")
        else:
            self.decision.remaining_cents = self._reader.cents(e[2], n, "AMT02", needed=True)


def _adjustments(reader: Reader[Any], e: list[str], n: int, loop: str) -> list[Adjustment]:
    found, _ = read_adjustments(reader, e, n)
    if not found:
        reader.error("element_missing", n, "CAS02", "An adjustment has no reason with an amount.", loop)
    return found
