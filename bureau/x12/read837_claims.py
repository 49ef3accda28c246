"""The reader of what a professional claim says of itself: 2300 and the providers of 2310."""

from __future__ import annotations

from typing import Any

from bureau.x12.details837 import TRIP_ENDS, DetailReader, add_reference, open_party, pass_over, read_dated
from bureau.x12.reading import PAD, Handler, Reader
from bureau.x12.values import Party
from bureau.x12.values837 import Accident, Claim, ClaimExtras

_PROVIDERS = {"DN": "referring", "P3": "primary_care", "82": "rendering", "77": "facility", "DQ": "supervising"}
_REFS = {"G1": "prior_auth", "9F": "referral", "F8": "payer_icn", "D9": "trace"}
_DIAGNOSES = {"ABK": "10", "ABF": "10", "BK": "9", "BF": "9"}


class ClaimReader:
    """The handlers of 2300, except for its CLM: that is taken by whoever knows the levels around it."""

    def __init__(self, reader: Reader[Any]) -> None:
        self._reader = reader
        self._claim = Claim("", 0, "", "", Party(), Party(), Party())
        self._details = DetailReader(reader, "2300", self.open_extras)

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "HI": self._hi, "DTP": self._dtp, "REF": self._ref, "NM1": self._nm1, "AMT": self._amt,
            "NTE": self._nte, "CR2": self._cr2, **self._details.make_handlers(),
        }  # fmt: skip

    def begin(self, claim: Claim, e: list[str], *, is_plain: bool) -> None:
        """Fill `claim` from here on, first with what few say in their padded CLM."""
        self._claim = claim
        if is_plain:
            return
        causes = e[11].split(self._reader.component)
        if causes != [""]:
            causes += PAD
            claim.accident = Accident(tuple([one for one in causes[:3] if one]), None, causes[3], causes[4])
        if e[10] or e[12] or e[20]:
            claim.extras = ClaimExtras(e[10], e[12], e[20])

    def open_extras(self) -> ClaimExtras:
        """The extras of the claim, made at the first call."""
        claim = self._claim
        if claim.extras is None:
            claim.extras = ClaimExtras()
        return claim.extras

    def _nm1(self, e: list[str], n: int) -> None:
        party, claim = open_party(self._reader, e, n), self._claim
        code = e[1]
        slot = _PROVIDERS.get(code)
        if slot is not None and getattr(claim, slot) is None:
            setattr(claim, slot, party)
        elif code in TRIP_ENDS:
            self._details.add_trip_end(code, party, n)
        else:
            pass_over(self._reader, n, "NM1", "2310")

    def _ref(self, e: list[str], n: int) -> None:
        party = self._reader.party
        if party is not None:
            add_reference(self._reader, party, e, n)
            return
        e += PAD
        slot = _REFS.get(e[1])
        if slot is not None and not getattr(self._claim, slot):
            setattr(self._claim, slot, e[2])
        else:
            self._details.add_reference(e[1], e[2], n)

    def _hi(self, e: list[str], n: int) -> None:
        reader, claim = self._reader, self._claim
        if len(e) > 1 and reader.component not in e[1]:
            reader.components(e[1], n, "HI01")
        found = []
        for at, composite in enumerate(e[1:], 1):
            kind, _, rest = composite.partition(reader.component)
            code = rest.partition(reader.component)[0]
            revision = _DIAGNOSES.get(kind)
            if revision is not None:
                claim.diagnosis_kind = revision
                found.append(code)
            else:
                self._add_code(kind, code, n, f"HI{at:02d}-1")
        if found:
            claim.diagnoses = reader.joined(claim.diagnoses, found, n, "HI")

    def _add_code(self, kind: str, code: str, n: int, element: str) -> None:
        """A code of HI that is no diagnosis: an anesthesia procedure or a condition."""
        if kind in ("BP", "BO"):
            extras = self.open_extras()
            extras.anesthesia = self._reader.joined(extras.anesthesia, [code], n, "HI")
        elif kind == "BG":
            extras = self.open_extras()
            extras.condition_codes = self._reader.joined(extras.condition_codes, [code], n, "HI")
        else:
            self._reader.error("bad_code", n, element, "This is no kind of code that HI holds.", "2300")

    def _dtp(self, e: list[str], n: int) -> None:
        if len(e) < 2 or e[1] != "439":
            self._details.add_date(e, n)
            return
        dated = read_dated(self._reader, e, n)
        if dated is not None:
            claim = self._claim
            claim.accident = claim.accident or Accident(())
            claim.accident.on = dated.first

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        if e[1] == "F5":
            self.open_extras().patient_paid_cents = self._reader.cents(e[2], n, "AMT02", needed=True)
        else:
            pass_over(self._reader, n, "AMT", "2300")

    def _nte(self, e: list[str], n: int) -> None:
        e += PAD
        extras = self.open_extras()
        if extras.note is None:
            extras.note = (e[1], e[2])
        else:
            pass_over(self._reader, n, "NTE", "2300")

    def _cr2(self, e: list[str], n: int) -> None:
        e += PAD
        extras = self.open_extras()
        if extras.spinal is None:
            extras.spinal = (e[8], e[10], e[11])
        else:
            pass_over(self._reader, n, "CR2", "2300")
