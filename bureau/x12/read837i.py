"""Institutional claims (837I, 005010X223A2 and A3): text to InstitutionalSet values, whole or as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from bureau.x12.claim_levels import CLAIM, EPOCH, LINE, OTHER_PAYER, ClaimLevelReader
from bureau.x12.codes837i import CodeReader
from bureau.x12.details837 import DetailReader, add_reference, open_party, pass_over, read_dated, read_span
from bureau.x12.lines837i import InstitutionalLineReader
from bureau.x12.read837_cob import OtherPayerReader
from bureau.x12.reading import PAD, Handler, read_all
from bureau.x12.syntax import chunks_of, slices
from bureau.x12.values import Party
from bureau.x12.values837 import ClaimExtras
from bureau.x12.values837i import InstitutionalClaim, InstitutionalSet
from config.problems import Problem

_PROVIDERS = {
    "71": "attending", "72": "operating", "ZZ": "other_operating", "82": "rendering", "77": "facility",
    "DN": "referring",
}  # fmt: skip
_REFS = {"G1": "prior_auth", "9F": "referral", "F8": "payer_icn", "D9": "trace"}


class Reader837I(ClaimLevelReader["InstitutionalSet | InstitutionalClaim"]):
    """One pass over 837I text; problems name segment, element and loop, never what stands in them.

    Hands over each InstitutionalSet when it ends; without `keep_claims` each claim when that ends, and the set empty.
    """

    versions = ("005010X223",)

    def make_claim_levels(self) -> list[dict[str, Handler]]:
        self.codes, self.lines = CodeReader(self), InstitutionalLineReader(self)
        self.others, self.details = OtherPayerReader(self), DetailReader(self, "2300", self._open_extras)
        shared: dict[str, Handler] = {
            "CLM": self.clm, "N3": self._n3, "N4": self._n4, "PER": self.per, "PRV": self.prv,
            "SBR": self._other_sbr, "LX": self._lx, "SV2": self.stray_line,
        }  # fmt: skip
        return [
            {
                **shared, "NM1": self._nm1, "REF": self._ref, "DTP": self._dtp, "CL1": self._cl1, "AMT": self._amt,
                "NTE": self._nte, **self.codes.make_handlers(), **self.details.make_handlers(),
            },
            {**shared, "MIA": self._mia, **self.others.make_handlers()},
            {**shared, **self.lines.make_handlers()},
        ]  # fmt: skip

    def start_set(self, control: str, version: str, n: int) -> None:
        self.current = InstitutionalSet(control, "", EPOCH, Party(), Party(), version=version, first_segment=n)
        self.claim: InstitutionalClaim | None = None
        self.start_levels(self.current)

    def end_set(self, n: int) -> None:
        self.end_levels(n)
        self.current.last_segment = n
        self.ready.append(self.current)

    def stray_line(self, e: list[str], n: int) -> None:
        what = "A service line stands outside a claim." if e[0] == "LX" else "A service stands outside a service line."
        self.error("line_misplaced", n, e[0], what, "2400")

    def open_claim(self, e: list[str], n: int) -> None:
        e += PAD + PAD
        facility_type, _, frequency, *_ = [*self.components(e[5], n, "CLM05"), "", "", ""]
        rank, relationship, group, plan, _, filing = self.cover
        self.claim = claim = InstitutionalClaim(
            e[1], self.cents(e[2], n, "CLM02", needed=True) or 0, facility_type, frequency,
            self.billing, self.subscriber, self.payer, rank, filing, group, plan,
            relationship if self.patient is None else self.relationship, self.patient, self.pay_to, self.pay_to_plan,
            e[7], e[8], e[9], first_segment=n,
        )  # fmt: skip
        self.check_claim(e[1], claim.relationship, n)
        if e[20] or self.currency:
            claim.extras = ClaimExtras(delay_reason=e[20], currency=self.currency)
        self.party = None
        self.codes.begin(claim)
        self.lines.begin(claim)
        self.enter(CLAIM)

    def end_claim(self, n: int) -> None:
        """Close the claim that ends before segment `n` and see whether it is whole."""
        claim, self.claim, self.party = self.claim, None, None
        if claim is None:
            return
        self.lines.finish()
        claim.last_segment = n - 1
        (self.current.claims if self.keep_claims else self.ready).append(claim)
        first = claim.first_segment
        for there, code, element, text in (
            (claim.principal, "segment_missing", "HI", "The claim has no principal diagnosis."),
            (claim.statement_from, "date_missing", "DTP", "The claim has no statement dates."),
            (claim.patient_status, "segment_missing", "CL1", "The claim has no patient status."),
        ):
            if not there:
                self.error(code, first, element, text, "2300")
        if not claim.lines:
            self.error("loop_missing", first, "LX", "The claim has no service line.", "2400")
        elif self.lines.total != claim.charge_cents:
            self.error("charge_sum", first, "CLM02", "CLM02 is not the sum of the line charges.", "2300")

    def _open_extras(self) -> ClaimExtras | None:
        """The extras of the open claim, made at the first call."""
        claim = self.claim
        if claim is None:
            return None
        if claim.extras is None:
            claim.extras = ClaimExtras()
        return claim.extras

    def _other_sbr(self, e: list[str], n: int) -> None:
        other = self.other = self.others.begin(e, n)
        if self.claim is not None:
            self.claim.other_payers = self.joined(self.claim.other_payers, [other], n, "SBR")
        self.enter(OTHER_PAYER)

    def _mia(self, e: list[str], _n: int) -> None:
        self.other.mia = tuple(e[1:25])

    def _lx(self, e: list[str], n: int) -> None:
        self.lines.lx(e, n)
        self.enter(LINE)

    def _cl1(self, e: list[str], _n: int) -> None:
        e += PAD
        if self.claim is not None:
            self.claim.admission_type, self.claim.admission_source, self.claim.patient_status = e[1], e[2], e[3]

    def _nm1(self, e: list[str], n: int) -> None:
        party, slot = open_party(self, e, n), _PROVIDERS.get(e[1])
        if slot is not None and getattr(self.claim, slot) is None:
            setattr(self.claim, slot, party)
        else:
            pass_over(self, n, "NM1", "2310")

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        slot = _REFS.get(e[1])
        if self.party is not None:
            add_reference(self, self.party, e, n)
        elif slot is not None and not getattr(self.claim, slot):
            setattr(self.claim, slot, e[2])
        else:
            self.details.add_reference(e[1], e[2], n)

    def _dtp(self, e: list[str], n: int) -> None:
        e += PAD
        claim = self.claim
        if claim is None:
            return
        if e[1] == "434":
            claim.statement_from, claim.statement_to = read_span(self, e[3], n)
        elif e[1] == "096":
            claim.discharge_hour = e[3]
        elif e[1] == "435":
            admitted = read_dated(self, e, n)
            if admitted is not None:
                claim.admitted, claim.admission_hour = admitted.first, admitted.clock
        else:
            self.details.add_date(e, n)

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        if self.claim is not None and e[1] == "F3":
            self.claim.patient_due_cents = self.cents(e[2], n, "AMT02", needed=True)
        else:
            pass_over(self, n, "AMT", "2300")

    def _nte(self, e: list[str], n: int) -> None:
        e += PAD
        if self.claim is not None:
            self.claim.notes = self.joined(self.claim.notes, [(e[1], e[2])], n, "NTE")


def read_837i(text: str, file: str = "") -> tuple[list[InstitutionalSet], list[Problem]]:
    """Every 837I of the text with its claims, and what is wrong with them; parties may be shared objects."""
    reader = Reader837I(file)
    return [one for one in read_all(reader, slices(text)) if isinstance(one, InstitutionalSet)], reader.problems


def iter_837i(
    source: TextIO | Iterable[str], file: str = ""
) -> Iterator[InstitutionalClaim | InstitutionalSet | Problem]:
    """Read an 837I of any size in bounded memory: claims as they end, then their set without claims."""
    reader = Reader837I(file, keep_claims=False)
    for ready in reader.stream(chunks_of(source)):
        yield from ready
        yield from reader.problems
        reader.problems.clear()
    yield from reader.problems
