"""The part of the 835 reader that sees claims and their lines; a table of handlers for each of the two levels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bureau.x12.adjustments import read_adjustments
from bureau.x12.codes835 import (
    CLAIM_AMOUNTS,
    CLAIM_QUANTITIES,
    CLAIM_REFS,
    FILINGS,
    GROUPS,
    LINE_AMOUNTS,
    LINE_QUANTITIES,
    LINE_REFS,
    PROCEDURES,
    STATUSES,
)
from bureau.x12.reading import PAD, Handler, Reader, party_of
from bureau.x12.scalars import CENTS, DATES, QUANTITIES
from bureau.x12.values import Adjustment
from bureau.x12.values835 import (
    Contact,
    Figures,
    Outpatient,
    PaidClaim,
    PaidClaimExtras,
    PaidLine,
    PaidLineExtras,
    Remittance,
)

Procedure = tuple[str, str, tuple[str, ...], str]  # qualifier, code, modifiers, description

_PARTIES = {"QC": "patient", "IL": "subscriber", "82": "rendering", "TT": "crossover"}
_MORE_PARTIES = {"74": "corrected", "PR": "priority_payer", "GB": "other_subscriber"}
_CLAIM_DATES = {"232": "period_from", "233": "period_to", "036": "coverage_ends"}
_LINE_DATES = frozenset({"", "150", "151", "472"})
_MIA_REMARKS = (5, 20, 21, 22, 23)
_MIA_DAYS = (1, 3, 15)
_MOST_PROCEDURES = 1 << 12


class PaidReader(Reader["Remittance | PaidClaim"]):
    """Reads what stands between a CLP and the next; the header around it is the subclass's.

    `table` is the handlers of the level reached: `inside` the header, `claim_table`, `line_table`.
    """

    current: Remittance

    def __init__(self, file: str = "", *, keep_claims: bool = True) -> None:
        super().__init__(file)
        self.keep_claims = keep_claims
        self.claim = PaidClaim("", "", 0, 0)  # the open one, or the last
        both: dict[str, Handler] = {
            "CLP": self._clp, "SVC": self._svc, "CAS": self._cas, "MOA": self._moa, "MIA": self._mia,
            "LX": self.inside["LX"], "PLB": self.inside["PLB"], **self.control,
        }  # fmt: skip
        self.claim_table: dict[str, Handler] = {
            **both, "NM1": self._nm1, "DTM": self._claim_dtm, "REF": self._claim_ref, "AMT": self._claim_amt,
            "QTY": self._claim_qty, "PER": self._claim_per,
        }  # fmt: skip
        self.line_table: dict[str, Handler] = {
            **both, "DTM": self._line_dtm, "REF": self._line_ref, "AMT": self._line_amt, "QTY": self._line_qty,
            "LQ": self._lq,
        }  # fmt: skip

    def begin_claims(self) -> None:
        """Nothing is open yet in this set."""
        self.line: PaidLine | None = None
        self.is_open = False
        self.claims = 0
        self.procedures: dict[str, Procedure] = {}

    def end_claim(self, n: int) -> None:
        """Hand over the claim that ends before segment `n`, if one is open, and go back to the header's handlers."""
        if self.is_open:
            self.is_open, self.line, self.table = False, None, self.inside
            self.claims += 1
            self.claim.last_segment = n - 1
            (self.current.claims if self.keep_claims else self.ready).append(self.claim)

    def unknown(self, n: int, element: str) -> None:
        self.warn("unknown_code", n, element, f"{element} is not one of the codes known here; it is kept as sent.")

    def _clp(self, e: list[str], n: int) -> None:
        self.end_claim(n)
        if len(e) < 10:
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
        self.claim, self.is_open, self.table = claim, True, self.claim_table
        if e[2] not in STATUSES:
            self.unknown(n, "CLP02")
        if e[6] not in FILINGS:
            self.unknown(n, "CLP06")
        if len(e) > 11 and (e[11] or any(e[12:14])):
            self._grouping(e + PAD, n)

    def _grouping(self, e: list[str], n: int) -> None:
        extras = self._claim_extras()
        extras.drg = e[11]
        extras.drg_weight = self.quantity(e[12], n, "CLP12")
        extras.discharge_fraction = self.quantity(e[13], n, "CLP13")

    def _claim_extras(self) -> PaidClaimExtras:
        if self.claim.extras is None:
            self.claim.extras = PaidClaimExtras()
        return self.claim.extras

    def _line_extras(self) -> PaidLineExtras:
        assert self.line is not None
        if self.line.extras is None:
            self.line.extras = PaidLineExtras()
        return self.line.extras

    def _nm1(self, e: list[str], n: int) -> None:
        if len(e) < 10:
            e += PAD
        kind, party = e[1], party_of(e, n)
        slot = _PARTIES.get(kind)
        if slot is not None and getattr(self.claim, slot) is None:
            setattr(self.claim, slot, party)
            return
        extras, slot = self._claim_extras(), _MORE_PARTIES.get(kind)
        if slot is not None and getattr(extras, slot) is None:
            setattr(extras, slot, party)
            return
        if slot is None and kind not in _PARTIES:
            self.unknown(n, "NM101")
        extras.parties = self.joined(extras.parties, [(kind, party)], n, "NM1")

    def _svc(self, e: list[str], n: int) -> None:
        size = len(e)
        if size < 4:
            e += PAD
        procedure = self.procedures.get(e[1])
        if procedure is None:
            procedure = self._procedure(e[1], n)
        charge, paid = CENTS[e[2]], CENTS[e[3]]
        if charge is None or paid is None:
            self.claim.unreadable = True
            charge = self.cents(e[2], n, "SVC02", needed=True)
            paid = self.cents(e[3], n, "SVC03", needed=True)
        qualifier, code, modifiers, description = procedure
        units = None
        if size > 5:
            units = QUANTITIES[e[5]]
            if units is None and e[5]:
                self.quantity(e[5], n, "SVC05")
        line = PaidLine(code, charge or 0, paid or 0, qualifier, modifiers, units)
        line.segment = n
        self.line, self.table = line, self.line_table
        self.claim.lines.append(line)
        if size > 4 and (size > 6 or e[4]):
            self._service(line, e + PAD, n)
        if description:
            self._line_extras().description = description

    def _service(self, line: PaidLine, e: list[str], n: int) -> None:
        """What few SVC carry: a revenue code, and what was billed where the payer changed it."""
        if e[4]:
            self._line_extras().revenue = e[4]
        line.billed_units = self.quantity(e[7], n, "SVC07")
        if not e[6]:
            return
        qualifier, line.billed_code, modifiers, description = self._taken_apart(e[6], n, "SVC06")
        if qualifier == line.qualifier:
            qualifier = ""
        if qualifier or modifiers or description:
            extras = self._line_extras()
            extras.billed_qualifier, extras.billed_modifiers = qualifier, modifiers
            extras.billed_description = description

    def _procedure(self, composite: str, n: int) -> Procedure:
        """SVC01 taken apart; remembered, as few procedures make up most lines."""
        procedure = self._taken_apart(composite, n, "SVC01")
        if procedure[0] not in PROCEDURES:
            self.unknown(n, "SVC01-1")
        elif len(self.procedures) < _MOST_PROCEDURES:
            self.procedures[composite] = procedure
        return procedure

    def _taken_apart(self, composite: str, n: int, element: str) -> Procedure:
        parts = self.components(composite, n, element)
        if len(parts) < 2:
            if composite:
                self.unknown(n, f"{element}-1")
            return "", composite, (), ""
        modifiers = tuple([modifier for modifier in parts[2:6] if modifier])
        return parts[0], parts[1], modifiers, parts[6] if len(parts) > 6 else ""

    def _cas(self, e: list[str], n: int) -> None:
        line = self.line
        adjustments = self.claim.adjustments if line is None else line.adjustments
        if len(e) == 4 and e[1] in GROUPS:  # the common case: one reason, no quantity
            cents = CENTS[e[3]]
            if cents is not None:
                adjustments.append(Adjustment(e[1], e[2], cents))
                return
        if len(e) > 1 and e[1] not in GROUPS:
            self.unknown(n, "CAS01")
        found, is_whole = read_adjustments(self, e, n)
        adjustments += found
        if not is_whole:
            self.claim.unreadable = True

    def _line_dtm(self, e: list[str], n: int) -> None:
        if len(e) < 3:
            e += PAD
        kind, line = e[1], self.line
        assert line is not None
        day = DATES[e[2]] or self.day(e[2], n, "DTM02")
        if line.date_from is None and kind in ("472", "150"):
            line.date_from = day
        elif line.date_to is None and kind == "151":
            line.date_to = day if day != line.date_from else None
        else:
            self._date(self._line_extras(), kind, day, n, is_known=kind in _LINE_DATES)

    def _claim_dtm(self, e: list[str], n: int) -> None:
        if len(e) < 3:
            e += PAD
        kind = e[1]
        day = DATES[e[2]] or self.day(e[2], n, "DTM02")
        if kind == "050" and self.claim.received is None:
            self.claim.received = day
            return
        extras, slot = self._claim_extras(), _CLAIM_DATES.get(kind)
        if slot is not None and getattr(extras, slot) is None:
            setattr(extras, slot, day)
        else:
            self._date(extras, kind, day, n, is_known=slot is not None or kind == "050")

    def _date(
        self, extras: PaidClaimExtras | PaidLineExtras, kind: str, day: date | None, n: int, *, is_known: bool
    ) -> None:
        if not is_known:
            self.unknown(n, "DTM01")
        extras.dates = self.joined(extras.dates, [(kind, day)], n, "DTM")

    def _line_ref(self, e: list[str], n: int) -> None:
        line = self.line
        assert line is not None
        if len(e) == 3 and e[1] == "6R" and not line.control:
            line.control = e[2]
        else:
            self._reference(self._line_extras(), e, n, LINE_REFS)

    def _claim_ref(self, e: list[str], n: int) -> None:
        self._reference(self._claim_extras(), e, n, CLAIM_REFS)

    def _reference(self, extras: PaidClaimExtras | PaidLineExtras, e: list[str], n: int, known: frozenset[str]) -> None:
        e += PAD
        if e[1] not in known:
            self.unknown(n, "REF01")
        extras.refs = self.joined(extras.refs, [(e[1], e[2])], n, "REF")

    def _line_amt(self, e: list[str], n: int) -> None:
        line = self.line
        assert line is not None
        if line.allowed_cents is None and len(e) > 2 and e[1] == "B6":
            line.allowed_cents = self.cents(e[2], n, "AMT02")
        else:
            self._amount(self._line_extras(), e, n, LINE_AMOUNTS)

    def _claim_amt(self, e: list[str], n: int) -> None:
        self._amount(self._claim_extras(), e, n, CLAIM_AMOUNTS)

    def _amount(self, extras: PaidClaimExtras | PaidLineExtras, e: list[str], n: int, known: frozenset[str]) -> None:
        e += PAD
        cents = self.cents(e[2], n, "AMT02")
        if e[1] not in known:
            self.unknown(n, "AMT01")
        if cents is not None:
            extras.amounts = self.joined(extras.amounts, [(e[1], cents)], n, "AMT")

    def _line_qty(self, e: list[str], n: int) -> None:
        self._quantity(self._line_extras(), e, n, LINE_QUANTITIES)

    def _claim_qty(self, e: list[str], n: int) -> None:
        self._quantity(self._claim_extras(), e, n, CLAIM_QUANTITIES)

    def _quantity(self, extras: PaidClaimExtras | PaidLineExtras, e: list[str], n: int, known: frozenset[str]) -> None:
        e += PAD
        quantity = self.quantity(e[2], n, "QTY02")
        if e[1] not in known:
            self.unknown(n, "QTY01")
        if quantity is not None:
            extras.quantities = self.joined(extras.quantities, [(e[1], quantity)], n, "QTY")

    def _lq(self, e: list[str], n: int) -> None:
        e += PAD
        line = self.line
        assert line is not None
        if e[1] == "HE":
            line.remarks = self.joined(line.remarks, [e[2]], n, "LQ")
            return
        if e[1] != "RX":
            self.unknown(n, "LQ01")
        extras = self._line_extras()
        extras.codes = self.joined(extras.codes, [(e[1], e[2])], n, "LQ")

    def _claim_per(self, e: list[str], n: int) -> None:
        extras = self._claim_extras()
        extras.contacts = self.joined(extras.contacts, [contact_of(e)], n, "PER")

    def _moa(self, e: list[str], n: int) -> None:
        e += PAD
        self._remarks(e[3:8], n, "MOA")
        if e[1] or e[2] or e[8] or e[9]:
            self._claim_extras().outpatient = Outpatient(
                self.quantity(e[1], n, "MOA01"), self.cents(e[2], n, "MOA02"), self.cents(e[8], n, "MOA08"),
                self.cents(e[9], n, "MOA09"),
            )  # fmt: skip

    def _mia(self, e: list[str], n: int) -> None:
        self._remarks([*e[5:6], *e[20:24]], n, "MIA")
        amounts = [at for at in range(1, 25) if at not in _MIA_REMARKS and at not in _MIA_DAYS]
        self._claim_extras().inpatient = self.figures(e, n, _MIA_DAYS, amounts)

    def _remarks(self, codes: list[str], n: int, element: str) -> None:
        self.claim.remarks = self.joined(self.claim.remarks, [code for code in codes if code], n, element)

    def figures(self, e: list[str], n: int, counts: tuple[int, ...], amounts: list[int]) -> Figures:
        """The counts and the amounts that stand at these elements of a segment, as far as they are sent."""
        found: list[tuple[str, Decimal]] = []
        money: list[tuple[str, int]] = []
        for at, text in enumerate(e):
            element = f"{e[0]}{at:02d}"
            if text and at in counts:
                quantity = self.quantity(text, n, element)
                found += [(element, quantity)] if quantity is not None else []
            elif text and at in amounts:
                cents = self.cents(text, n, element)
                money += [(element, cents)] if cents is not None else []
        return Figures(tuple(found), tuple(money))


def contact_of(e: list[str]) -> Contact:
    """The contact a PER names, with up to three numbers."""
    e += PAD
    pairs = ((e[3], e[4]), (e[5], e[6]), (e[7], e[8]))
    return Contact(e[1], e[2], tuple([pair for pair in pairs if pair[1]]))
