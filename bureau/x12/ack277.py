"""Claim acknowledgements (277CA, 005010X214) to ClaimAckSet values; the writer is next door."""

from __future__ import annotations

from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus, LineAck
from bureau.x12.hierarchy import ACK_PARENTS, Hierarchy
from bureau.x12.reading import PAD, Handler, Reader, party_of, read_all
from bureau.x12.scalars import parse_moment
from bureau.x12.syntax import slices
from bureau.x12.values import Party
from bureau.x12.write277 import write_277ca
from config.problems import Problem

__all__ = ["Reader277CA", "read_277ca", "write_277ca"]

_COUNTS = {"90": "accepted", "AA": "rejected", "YU": "accepted_cents", "YY": "rejected_cents"}


class Reader277CA(Reader[ClaimAckSet]):
    """One pass over 277CA text. The provider level and its status may be absent."""

    kind = "277"
    versions = ("005010X214",)
    known = frozenset({"DTP", "REF", "QTY", "AMT", "SVC", "TRN"})

    def make_handlers(self) -> dict[str, Handler]:
        self.hierarchy = Hierarchy(ACK_PARENTS, self._hierarchy_problem)
        return {
            "BHT": self._bht, "HL": self._hl, "NM1": self._nm1, "TRN": self._trn, "STC": self._stc,
            "REF": self._ref, "DTP": self._dtp, "QTY": self._qty, "AMT": self._amt, "SVC": self._svc,
        }  # fmt: skip

    def _hierarchy_problem(self, code: str, n: int, element: str, text: str) -> None:
        """A payer's odd hierarchy is worth a word, not a refusal: the answers in it still count."""
        self.warn(code, n, element, text)

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = ClaimAckSet(control, "", "", Party(), Party(), None, "", first_segment=n)
        self.level = ""
        self.claim: ClaimAck | None = None
        self.line: LineAck | None = None
        self.patient: Party | None = None
        self.hierarchy.reset()

    def end_set(self, n: int) -> None:
        self.current.last_segment = n
        self.ready.append(self.current)

    def _bht(self, e: list[str], _n: int) -> None:
        e += PAD
        self.current.reference, self.current.created = e[3], parse_moment(e[4], e[5])

    def _hl(self, e: list[str], n: int) -> None:
        e += PAD
        self.level = self.hierarchy.add(e, n)
        self.claim = self.line = self.patient = None

    def _nm1(self, e: list[str], _n: int) -> None:
        e += PAD
        party = party_of(e)
        if self.level == "20":
            self.current.source_kind, self.current.source = e[1], party
        elif self.level == "21":
            self.current.receiver = party
        elif self.level == "19":
            self.current.provider = self.current.provider or party
        elif self.level == "PT":
            self.patient = party

    def _trn(self, e: list[str], n: int) -> None:
        e += PAD
        if self.level == "21":
            self.current.batch_reference = e[2]
        elif self.level == "19":
            self.current.provider_reference = "" if e[2] == "0" else e[2]
        elif self.level == "PT":
            self.claim, self.line = ClaimAck(e[2], patient=self.patient, segment=n), None
            self.current.claims.append(self.claim)
            if not e[2]:
                self.error("element_missing", n, "TRN02", "The answer does not name a claim.", "2200D")

    def _stc(self, e: list[str], n: int) -> None:
        e += PAD
        on = self.day(e[2], n, "STC02")
        cents = self.cents(e[4], n, "STC04")
        found = []
        for at in (1, 10, 11):
            if e[at]:
                category, code, entity, *_ = [*e[at].split(self.component), "", ""]
                found.append(ClaimStatus(category, code, entity, on, e[3], cents, e[12]))
        if not found:
            self.error("element_missing", n, "STC01", "The status has no code.")
        self._statuses(n).extend(found)

    def _statuses(self, n: int) -> list[ClaimStatus]:
        """Where a status at segment `n` belongs."""
        if self.line is not None:
            return self.line.statuses
        if self.claim is not None:
            return self.claim.statuses
        if self.level == "21":
            return self.current.batch_statuses
        if self.level == "19":
            return self.current.provider_statuses
        self.error("status_misplaced", n, "STC", "A status stands outside a batch, provider or claim.")
        return []

    def _ref(self, e: list[str], _n: int) -> None:
        e += PAD
        if self.line is not None:
            if e[1] == "FJ":
                self.line.control = e[2]
        elif self.claim is not None:
            if e[1] == "1K":
                self.claim.payer_icn = e[2]
            elif e[1] == "D9":
                self.claim.trace = e[2]

    def _dtp(self, e: list[str], n: int) -> None:
        e += PAD
        if self.claim is None or self.line is not None or e[1] != "472":
            return
        start, _, end = e[3].partition("-")
        self.claim.date_from = self.day(start, n, "DTP03")
        last = self.day(end, n, "DTP03")
        self.claim.date_to = last if last != self.claim.date_from else None

    def _qty(self, e: list[str], n: int) -> None:
        e += PAD
        slot = _COUNTS.get(e[1])
        if slot and self.level == "21":
            count = self.quantity(e[2], n, "QTY02")
            setattr(self.current, slot, int(count) if count is not None else 0)

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        slot = _COUNTS.get(e[1])
        if slot and self.level == "21":
            setattr(self.current, slot, self.cents(e[2], n, "AMT02") or 0)

    def _svc(self, e: list[str], n: int) -> None:
        e += PAD
        if self.claim is not None:
            parts = [*e[1].split(self.component), ""]
            self.line = LineAck(parts[1], self.cents(e[2], n, "SVC02"))
            self.claim.lines.append(self.line)


def read_277ca(text: str, file: str = "") -> tuple[list[ClaimAckSet], list[Problem]]:
    """Every 277CA of the text; STC10 and STC11 become statuses of their own beside STC01."""
    reader = Reader277CA(file)
    return read_all(reader, slices(text)), reader.problems
