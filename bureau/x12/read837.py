"""The reader of professional claims: each loop is placed by its qualifier, never by its order alone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bureau.x12.hierarchy import CLAIM_PARENTS, Hierarchy
from bureau.x12.reading import PAD, Handler, Reader, party_of
from bureau.x12.scalars import CENTS, DATES, QUANTITIES, parse_moment
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimSet, ServiceLine

_EPOCH = datetime.min  # noqa: DTZ901 - moments in X12 are local and have no zone
_ZERO = Decimal(0)
_POINTERS: dict[str, tuple[int, ...]] = {str(number): (number,) for number in range(1, 13)}
_BELOW_CLAIM = {"DN": "referring", "P3": "referring", "82": "rendering", "77": "facility"}
_CLAIM_REFS = {"G1": "prior_auth", "9F": "referral", "F8": "payer_icn", "D9": "trace"}
_OTHER_CODES = frozenset({"BP", "BO", "BG", "TC"})  # anesthesia procedures, conditions, treatment codes
_PROCEDURES = frozenset({"HC", "ER", "IV", "WK"})
_HEADER, _BILLING, _SUBSCRIBER, _PATIENT, _CLAIM, _OTHER_PAYER, _LINE = range(7)
_LOOPS = ("1000", "2010AA", "2010BA", "2010CA", "2300", "2320", "2400")


class Reader837(Reader["ClaimSet | Claim"]):
    """One pass over 837P text; problems name segment, element and loop, never what stands in them.

    Hands over each ClaimSet when it ends; without `keep_claims` each Claim when that ends, and the set empty.
    """

    kind = "837"
    versions = ("005010X222",)
    known = frozenset(
        {
            "AMT",
            "CAS",
            "CN1",
            "CR1",
            "CR2",
            "CR3",
            "CRC",
            "CTP",
            "CUR",
            "FRM",
            "HCP",
            "K3",
            "LIN",
            "LQ",
            "MEA",
            "MIA",
            "MOA",
            "NTE",
            "OI",
            "PS1",
            "PWK",
            "QTY",
            "SV5",
            "SVD",
            "TST",
        }
    )

    def __init__(self, file: str = "", *, keep_claims: bool = True) -> None:
        super().__init__(file)
        self.keep_claims = keep_claims

    def make_handlers(self) -> dict[str, Handler]:
        self.hierarchy = Hierarchy(CLAIM_PARENTS, self.error)
        return {
            "LX": self._lx, "SV1": self._sv1, "DTP": self._dtp, "REF": self._ref, "NM1": self._nm1,
            "N3": self._n3, "N4": self._n4, "CLM": self._clm, "HI": self._hi, "HL": self._hl,
            "SBR": self._sbr, "DMG": self._dmg, "PRV": self._prv, "PER": self._per, "PAT": self._pat,
            "BHT": self._bht,
        }  # fmt: skip

    def start_set(self, control: str, version: str, n: int) -> None:
        self.current = ClaimSet(control, "", _EPOCH, Party(), Party(), version=version, first_segment=n)
        self.level = _HEADER
        self.billing = self.subscriber = self.payer = Party()
        self.patient: Party | None = None
        self.party = None
        self.claim: Claim | None = None
        self.line: ServiceLine | None = None
        self.number = 0
        self.total = 0
        self.taxonomy = ""
        self.pointers = dict(_POINTERS)
        self.cover = ("", "", "", "")  # SBR01, SBR02, SBR03, SBR09
        self.relationship = ""
        self.seen: set[str] = set()
        self.carried: set[str] = set()
        self.hierarchy.reset()

    def end_set(self, n: int) -> None:
        self._end_claim(n)
        self.hierarchy.finish()
        if not self.seen:
            self.error("claim_missing", n, "CLM", "The transaction set holds no claim.", "2300")
        self.current.last_segment = n
        self.ready.append(self.current)

    def _end_claim(self, n: int) -> None:
        """Close the claim that ends before segment `n` and see whether it is whole."""
        claim, self.claim, self.line, self.party = self.claim, None, None, None
        if claim is None:
            return
        claim.last_segment = n - 1
        (self.current.claims if self.keep_claims else self.ready).append(claim)
        first = claim.first_segment
        if not claim.diagnoses:
            self.error("segment_missing", first, "HI", "The claim has no diagnosis.", "2300")
        if not claim.lines:
            self.error("loop_missing", first, "LX", "The claim has no service line.", "2400")
        elif self.total != claim.charge_cents:
            self.error("charge_sum", first, "CLM02", "CLM02 is not the sum of the line charges.", "2300")
        for line in claim.lines:
            if line.date_from is None:
                self.error("date_missing", first, "DTP", f"Service line {line.number} has no date.", "2400")

    def _bht(self, e: list[str], n: int) -> None:
        e += PAD
        self.current.purpose, self.current.reference = e[2], e[3]
        moment = parse_moment(e[4], e[5])
        if moment is None:
            self.error("bad_date", n, "BHT04", "BHT04 is not a date.")
        else:
            self.current.created = moment

    def _hl(self, e: list[str], n: int) -> None:
        self._end_claim(n)
        e += PAD
        kind = self.hierarchy.add(e, n)
        if e[4] not in ("0", "1"):
            self.error("element_missing", n, "HL04", "HL04 does not say whether a level below follows.")
        if kind == "20":
            self.level, self.billing, self.taxonomy = _BILLING, Party(), ""
            self.subscriber = self.payer = Party()
        elif kind == "22":
            self.level = _SUBSCRIBER
            self.subscriber, self.payer, self.cover = Party(), Party(), ("", "", "", "")
        elif kind == "23":
            self.level = _PATIENT
        self.patient, self.relationship = None, ""

    def _sbr(self, e: list[str], n: int) -> None:
        e += PAD
        if self.claim is None:
            self.cover = (e[1], e[2], e[3], e[9])
        else:
            self.level, self.party, self.line = _OTHER_PAYER, None, None
            self.on_other(e, n)

    def _pat(self, e: list[str], _n: int) -> None:
        e += PAD
        if self.level == _PATIENT:
            self.relationship = e[1]

    def _nm1(self, e: list[str], n: int) -> None:
        e += PAD
        code, level = e[1], self.level
        party = party_of(e)
        self.party = party
        if level == _CLAIM:
            slot = _BELOW_CLAIM.get(code)
            if slot and getattr(self.claim, slot) is None:
                setattr(self.claim, slot, party)
            else:
                self._pass_over(n, "NM1", "2310")
        elif level == _SUBSCRIBER:
            if code == "IL":
                self.subscriber = party
            elif code == "PR":
                self.payer = party
        elif level == _PATIENT:
            self.patient = party
        elif level == _BILLING:
            if code == "85":
                party.taxonomy = self.taxonomy
                self.billing = party
        elif level == _HEADER:
            if code == "41":
                self.current.submitter = party
            elif code == "40":
                self.current.receiver = party

    def _dmg(self, e: list[str], n: int) -> None:
        if self.party is not None and self.level < _OTHER_PAYER:
            e += PAD
            self.party.birth, self.party.sex = self.day(e[2], n, "DMG02"), e[3]

    def _prv(self, e: list[str], _n: int) -> None:
        e += PAD
        if self.level == _BILLING and self.party is None:
            self.taxonomy = e[3]
        elif self.party is not None and self.level == _CLAIM:
            self.party.taxonomy = e[3]

    def _per(self, e: list[str], _n: int) -> None:
        party = self.party
        if party is None or self.level > _BILLING:
            return
        e += PAD
        party.contact = party.contact or e[2]
        for kind, value in ((e[3], e[4]), (e[5], e[6]), (e[7], e[8])):
            if kind == "TE":
                party.phone = party.phone or value
            elif kind == "EM":
                party.email = party.email or value

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        kind, value, party = e[1], e[2], self.party
        if self.level == _LINE:
            if kind == "6R" and party is None and self.line is not None:
                self.line.control = value
            else:
                self._pass_over(n, "REF", "2400")
        elif party is not None:
            if kind in ("EI", "SY") and self.level == _BILLING and not party.tax_id:
                party.tax_id, party.tax_id_kind = value, "" if kind == "EI" else kind
            else:
                party.refs = self.joined(party.refs, [(kind, value)], n, "REF")
        elif self.claim is not None and self.level == _CLAIM:
            slot = _CLAIM_REFS.get(kind)
            if slot is None:
                self._pass_over(n, "REF", "2300")
            else:
                setattr(self.claim, slot, value)

    def _clm(self, e: list[str], n: int) -> None:
        self._end_claim(n)
        e += PAD
        if self.level < _SUBSCRIBER:
            self.error("claim_misplaced", n, "CLM", "A claim stands outside a subscriber or patient.", "2300")
        place, _, frequency, *_ = [*e[5].split(self.component), "", "", ""]
        if not e[1]:
            self.error("element_missing", n, "CLM01", "The claim has no number.", "2300")
        elif e[1] in self.seen:
            self.warn("claim_duplicate", n, "CLM01", "The claim number occurs twice in the transaction set.", "2300")
        self.seen.add(e[1])
        if not e[6]:
            self.error("element_missing", n, "CLM06", "CLM06 is required.", "2300")
        rank, relationship, group, filing = self.cover
        claim = Claim(
            e[1], self.cents(e[2], n, "CLM02", needed=True) or 0, place, frequency,
            self.billing, self.subscriber, self.payer, rank, filing, group,
            relationship if self.patient is None else self.relationship, self.patient,
        )  # fmt: skip
        claim.signature, claim.assignment, claim.benefits, claim.release = e[6], e[7], e[8], e[9]
        claim.first_segment = n
        self._check_loops(claim, n)
        self.level, self.party, self.claim, self.total = _CLAIM, None, claim, 0
        self.carried.clear()

    def _check_loops(self, claim: Claim, n: int) -> None:
        if not claim.relationship:
            self.error("relationship_missing", n, "SBR02", "Neither SBR02 nor a patient loop is there.", "2000B")
        for party, loop in ((claim.billing, "2010AA"), (claim.subscriber, "2010BA"), (claim.payer, "2010BB")):
            if not party.name:
                self.error("loop_missing", n, "NM1", f"Loop {loop} is missing or has no name.", loop)

    def _hi(self, e: list[str], n: int) -> None:
        claim = self.claim
        if claim is None or self.level != _CLAIM:
            return
        if len(e) > 1 and self.component not in e[1]:
            self.components(e[1], n, "HI01")
        found = []
        for at, composite in enumerate(e[1:], 1):
            kind, _, rest = composite.partition(self.component)
            if kind in ("ABK", "ABF", "BK", "BF"):
                claim.diagnosis_kind = "10" if kind[0] == "A" else "9"
                found.append(rest.partition(self.component)[0])
            elif kind not in _OTHER_CODES:
                self.error("bad_code", n, f"HI{at:02d}-1", "This is no kind of code that HI holds.", "2300")
        claim.diagnoses = self.joined(claim.diagnoses, found, n, "HI")

    def _lx(self, e: list[str], n: int) -> None:
        claim = self.claim
        if claim is None:
            self.error("line_misplaced", n, "LX", "A service line stands outside a claim.", "2400")
            return
        if self.level == _LINE and self.line is None:
            self.error("segment_missing", n - 1, "SV1", "A service line has no service.", "2400")
        self.level, self.party, self.line = _LINE, None, None
        expected = len(claim.lines) + 1
        self.number = expected
        if len(e) < 2 or e[1] != str(expected):
            self.error("line_sequence", n, "LX01", "LX01 does not count the lines of the claim from 1.", "2400")

    def _sv1(self, e: list[str], n: int) -> None:
        claim = self.claim
        if claim is None or self.level != _LINE:
            self.error("line_misplaced", n, "SV1", "A service stands outside a service line.", "2400")
            return
        if self.line is not None:
            self.error("line_misplaced", n, "SV1", "A second service stands in one service line.", "2400")
        e += PAD
        parts = e[1].split(self.component)
        if len(parts) < 2:
            parts = [*self.components(e[1], n, "SV101"), ""]
        if parts[0] not in _PROCEDURES:
            self.error("bad_code", n, "SV101-1", "SV101-1 is no kind of procedure code.", "2400")
        charge, units = CENTS[e[2]], QUANTITIES[e[4]]
        if charge is None:
            charge = self.cents(e[2], n, "SV102", needed=True) or 0
        if units is None:
            units = self.quantity(e[4] or "?", n, "SV104") or _ZERO
        line = ServiceLine(
            self.number, parts[1], charge, units, None, None, parts[0],
            tuple([m for m in parts[2:6] if m]) if len(parts) > 2 else (), parts[6] if len(parts) > 6 else "",
            e[3], e[5], self._pointers(e[7], n),
        )  # fmt: skip
        self.total += charge
        self.line = line
        claim.lines.append(line)

    def _pointers(self, text: str, n: int) -> tuple[int, ...]:
        pointers = self.pointers.get(text)
        if pointers is None:
            parts = text.split(self.component)
            pointers = tuple([number for part in parts for number in _POINTERS.get(part, ())])
            if len(pointers) == len(parts):
                self.pointers[text] = pointers
            else:
                self.error("bad_pointer", n, "SV107", "SV107 is not a list of diagnosis numbers.", "2400")
        return pointers

    def _dtp(self, e: list[str], n: int) -> None:
        line = self.line
        if line is None or self.level != _LINE or len(e) < 4 or e[1] != "472":
            self._pass_over(n, "DTP", _LOOPS[self.level])
            return
        text = e[3]
        first = DATES[text]
        if first is not None:
            line.date_from = first
            return
        start, dash, end = text.partition("-")
        line.date_from = self.day(start, n, "DTP03")
        last = self.day(end, n, "DTP03") if dash else None
        line.date_to = last if last != line.date_from else None

    def _pass_over(self, n: int, identifier: str, loop: str) -> None:
        """Say once per claim and kind that something is not carried into the value."""
        if self.claim is not None and identifier + loop not in self.carried:
            self.carried.add(identifier + loop)
            text = "The claim says more here than is carried over."
            self.warn("not_carried", n, identifier, text, loop)

    def on_other(self, e: list[str], n: int) -> None:
        if self.table is self.inside and (e[0] in self.known or e[0] == "SBR"):
            self._pass_over(n, e[0], _LOOPS[self.level])
        else:
            super().on_other(e, n)
