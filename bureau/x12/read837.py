"""The reader of professional claims: each loop is placed by its qualifier, never by its order alone."""

from __future__ import annotations

from bureau.x12.claim_levels import CLAIM, EPOCH, LINE, OTHER_PAYER, ClaimLevelReader
from bureau.x12.read837_claims import ClaimReader
from bureau.x12.read837_cob import OtherPayerReader
from bureau.x12.read837_lines import LineReader
from bureau.x12.reading import PAD, Handler
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimSet

_PLAIN = 10  # elements of a CLM that says nothing rare
_PLACE_PARTS = 3  # place, its kind, frequency


class Reader837(ClaimLevelReader["ClaimSet | Claim"]):
    """One pass over 837P text; problems name segment, element and loop, never what stands in them.

    Hands over each ClaimSet when it ends; without `keep_claims` each Claim when that ends, and the set empty.
    """

    versions = ("005010X222",)

    def make_claim_levels(self) -> list[dict[str, Handler]]:
        self.lines = LineReader(self)
        self.claims = ClaimReader(self)
        self.others = OtherPayerReader(self)
        claim: dict[str, Handler] = {
            "CLM": self.clm, "SBR": self._other_sbr, "LX": self._first_lx, "SV1": self.stray_line, "N3": self._n3,
            "N4": self._n4,
        }  # fmt: skip
        return [
            {**claim, "PRV": self.prv, "PER": self.per, **self.claims.make_handlers()},
            {**claim, **self.others.make_handlers()},
            {**claim, "PRV": self.prv, "PER": self.per, **self.lines.make_handlers()},
        ]

    def start_set(self, control: str, version: str, n: int) -> None:
        self.current = ClaimSet(control, "", EPOCH, Party(), Party(), version=version, first_segment=n)
        self.claim: Claim | None = None
        self.lines.reset()
        self.start_levels(self.current)

    def end_set(self, n: int) -> None:
        self.end_levels(n)
        self.current.last_segment = n
        self.ready.append(self.current)

    def open_claim(self, e: list[str], n: int) -> None:
        size = len(e)
        e += PAD
        parts = e[5].split(self.component)
        if len(parts) < _PLACE_PARTS:
            parts = [*(self.components(e[5], n, "CLM05") if e[5] else ()), "", "", ""]
        if not e[6]:
            self.error("element_missing", n, "CLM06", "CLM06 is required.", "2300")
        rank, relationship, group, plan, why, filing = self.cover
        claim = self.claim = Claim(
            e[1], self.cents(e[2], n, "CLM02", needed=True) or 0, parts[0], parts[2],
            self.billing, self.subscriber, self.payer, rank, filing, group,
            relationship if self.patient is None else self.relationship, self.patient,
        )  # fmt: skip
        claim.signature, claim.assignment, claim.benefits, claim.release = e[6], e[7], e[8], e[9]
        claim.plan_name, claim.insurance_type = plan, why
        claim.pay_to, claim.pay_to_plan = self.pay_to, self.pay_to_plan
        claim.died, claim.weight_pounds, claim.pregnant = self.facts
        claim.first_segment = n
        self.check_claim(claim.pcn, claim.relationship, n)
        self.party = None
        self.claims.begin(claim, e, is_plain=size <= _PLAIN)
        self.lines.begin(claim)
        self.enter(CLAIM)
        if self.currency:
            self.claims.open_extras().currency = self.currency

    def end_claim(self, n: int) -> None:
        """Close the claim that ends before segment `n` and see whether it is whole."""
        claim, self.claim, self.party = self.claim, None, None
        if claim is None:
            return
        self.lines.end(n)
        claim.last_segment = n - 1
        (self.current.claims if self.keep_claims else self.ready).append(claim)
        first = claim.first_segment
        if not claim.diagnoses:
            self.error("segment_missing", first, "HI", "The claim has no diagnosis.", "2300")
        if not claim.lines:
            self.error("loop_missing", first, "LX", "The claim has no service line.", "2400")
        elif self.lines.total != claim.charge_cents:
            self.error("charge_sum", first, "CLM02", "CLM02 is not the sum of the line charges.", "2300")
        for line in claim.lines:
            if line.date_from is None:
                self.error("date_missing", first, "DTP", f"Service line {line.number} has no date.", "2400")

    def _other_sbr(self, e: list[str], n: int) -> None:
        other = self.others.begin(e, n)
        if self.claim is not None:
            self.claim.other_payers = self.joined(self.claim.other_payers, [other], n, "SBR")
        self.enter(OTHER_PAYER)

    def _first_lx(self, e: list[str], n: int) -> None:
        self.lines.lx(e, n)
        self.enter(LINE)

    def stray_line(self, e: list[str], n: int) -> None:
        what = "A service line stands outside a claim." if e[0] == "LX" else "A service stands outside a service line."
        self.error("line_misplaced", n, e[0], what, "2400")
