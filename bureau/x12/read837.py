"""The reader of professional claims: each loop is placed by its qualifier, never by its order alone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from bureau.x12.details837 import add_reference, open_party, pass_over
from bureau.x12.hierarchy import CLAIM_PARENTS, Hierarchy
from bureau.x12.read837_claims import ClaimReader
from bureau.x12.read837_cob import OtherPayerReader
from bureau.x12.read837_lines import LineReader
from bureau.x12.reading import PAD, Handler, Reader
from bureau.x12.scalars import parse_moment
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimSet

_EPOCH = datetime.min  # noqa: DTZ901 - moments in X12 are local and have no zone
_NUMBERS = {"TE": "phone", "EX": "extension", "FX": "fax", "EM": "email"}
_NOBODY = (None, None, False)
_PLAIN = 10  # elements of a CLM that says nothing rare
_HEADER, _BILLING, _SUBSCRIBER, _PATIENT, _CLAIM, _OTHER_PAYER, _LINE = range(7)
_LOOPS = ("1000", "2010AA", "2010BA", "2010CA", "2300", "2320", "2400")


class Reader837(Reader["ClaimSet | Claim"]):
    """One pass over 837P text; problems name segment, element and loop, never what stands in them.

    Hands over each ClaimSet when it ends; without `keep_claims` each Claim when that ends, and the set empty.
    Every level has a table of handlers of its own; what has no handler there is told and not kept.
    """

    kind = "837"
    versions = ("005010X222",)

    def __init__(self, file: str = "", *, keep_claims: bool = True) -> None:
        super().__init__(file)
        self.keep_claims = keep_claims
        levels = self._make_levels()
        self.known = frozenset().union(*levels)
        self.levels = [{**handlers, **self.control} for handlers in levels]

    def make_handlers(self) -> dict[str, Handler]:
        return {}  # each level has its own

    def _make_levels(self) -> list[dict[str, Handler]]:
        """The handlers of each level, in the order of their numbers."""
        self.hierarchy = Hierarchy(CLAIM_PARENTS, self.error)
        self.lines = LineReader(self)
        self.others = OtherPayerReader(self)
        self.claims = ClaimReader(self)
        always: dict[str, Handler] = {"HL": self._hl, "CLM": self._clm, "LX": self._stray_line, "SV1": self._stray_line}
        place: dict[str, Handler] = {"N3": self._n3, "N4": self._n4}
        person = {**always, **place, "PER": self._per, "REF": self._party_ref, "PAT": self._pat, "DMG": self._dmg}
        claim = {**always, **place, "SBR": self._other_sbr, "LX": self._lx}
        return [
            {**always, "BHT": self._bht, "NM1": self._header_nm1, "PER": self._per},
            {
                **always, **place, "PRV": self._billing_prv, "CUR": self._cur, "NM1": self._billing_nm1,
                "REF": self._billing_ref, "PER": self._per,
            },
            {**person, "SBR": self._sbr, "NM1": self._subscriber_nm1},
            {**person, "NM1": self._patient_nm1},
            {**claim, "PRV": self._prv, "PER": self._per, **self.claims.make_handlers()},
            {**claim, **self.others.make_handlers()},
            {**claim, "PRV": self._prv, "PER": self._per, **self.lines.make_handlers()},
        ]  # fmt: skip

    def start_set(self, control: str, version: str, n: int) -> None:
        self.current = ClaimSet(control, "", _EPOCH, Party(), Party(), version=version, first_segment=n)
        self.party = None
        self.claim: Claim | None = None
        self.seen: set[str] = set()
        self.lines.reset()
        self.hierarchy.reset()
        self._open_billing()
        self._enter(_HEADER)

    def end_set(self, n: int) -> None:
        self._end_claim(n)
        self.hierarchy.finish()
        if not self.seen:
            self.error("claim_missing", n, "CLM", "The transaction set holds no claim.", "2300")
        self.current.last_segment = n
        self.ready.append(self.current)

    def on_other(self, e: list[str], n: int) -> None:
        if self.table is self.inside and e[0] in self.known:
            pass_over(self, n, e[0], _LOOPS[self.level])
        else:
            super().on_other(e, n)

    def _enter(self, level: int) -> None:
        self.level = level
        self.inside = self.table = self.levels[level]

    def _end_claim(self, n: int) -> None:
        """Close the claim that ends before segment `n` and see whether it is whole."""
        claim, self.claim, self.party = self.claim, None, None
        if claim is None:
            return
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

    def _bht(self, e: list[str], n: int) -> None:
        e += PAD
        self.current.purpose, self.current.reference, self.current.use = e[2], e[3], e[6]
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
            self._open_billing()
            self._enter(_BILLING)
        elif kind == "22":
            self._open_subscriber()
            self._enter(_SUBSCRIBER)
        elif kind == "23":
            self._open_patient()
            self._enter(_PATIENT)

    def _open_billing(self) -> None:
        self.billing = Party()
        self.pay_to: Party | None = None
        self.pay_to_plan: Party | None = None
        self.taxonomy = self.currency = ""
        self._open_subscriber()

    def _open_subscriber(self) -> None:
        self.subscriber = self.payer = Party()
        self.cover = ("", "", "", "", "", "")  # SBR01, SBR02, SBR03, SBR04, SBR05, SBR09
        self._open_patient()

    def _open_patient(self) -> None:
        self.patient: Party | None = None
        self.relationship = ""
        self.facts: tuple[date | None, Decimal | None, bool] = _NOBODY  # PAT06, PAT08, PAT09

    def _sbr(self, e: list[str], _n: int) -> None:
        e += PAD
        self.cover = (e[1], e[2], e[3], e[4], e[5], e[9])

    def _pat(self, e: list[str], n: int) -> None:
        e += PAD
        if self.level == _PATIENT:
            self.relationship = e[1]
        self.facts = (self.day(e[6], n, "PAT06"), self.quantity(e[8], n, "PAT08"), e[9] == "Y")

    def _header_nm1(self, e: list[str], n: int) -> None:
        party = open_party(self, e, n)
        if e[1] == "41":
            self.current.submitter = party
        elif e[1] == "40":
            self.current.receiver = party
        else:
            pass_over(self, n, "NM1", "1000")

    def _billing_nm1(self, e: list[str], n: int) -> None:
        party = open_party(self, e, n)
        if e[1] == "85":
            party.taxonomy = self.taxonomy
            self.billing = party
        elif e[1] == "87":
            self.pay_to = party
        elif e[1] == "PE":
            self.pay_to_plan = party
        else:
            pass_over(self, n, "NM1", "2010AA")

    def _subscriber_nm1(self, e: list[str], n: int) -> None:
        party = open_party(self, e, n)
        if e[1] == "IL":
            self.subscriber = party
        elif e[1] == "PR":
            self.payer = party
        else:
            pass_over(self, n, "NM1", "2010BA")

    def _patient_nm1(self, e: list[str], n: int) -> None:
        self.patient = open_party(self, e, n)

    def _dmg(self, e: list[str], n: int) -> None:
        if self.party is not None:
            e += PAD
            self.party.birth, self.party.sex = self.day(e[2], n, "DMG02"), e[3]

    def _billing_prv(self, e: list[str], _n: int) -> None:
        e += PAD
        self.taxonomy = self.billing.taxonomy = e[3]

    def _cur(self, e: list[str], _n: int) -> None:
        e += PAD
        self.currency = e[2]

    def _prv(self, e: list[str], _n: int) -> None:
        if self.party is not None:
            e += PAD
            self.party.taxonomy = e[3]

    def _per(self, e: list[str], n: int) -> None:
        """Contacts of one party run together: the first of each kind of number counts."""
        party = self.party
        if party is None:
            return
        e += PAD
        if party.contact and e[2] not in ("", party.contact):
            pass_over(self, n, "PER", _LOOPS[self.level])
        party.contact = party.contact or e[2]
        for kind, value in ((e[3], e[4]), (e[5], e[6]), (e[7], e[8])):
            slot = _NUMBERS.get(kind)
            if slot is not None and not getattr(party, slot):
                setattr(party, slot, value)

    def _billing_ref(self, e: list[str], n: int) -> None:
        e += PAD
        party, kind = self.party, e[1]
        if party is not None and kind in ("EI", "SY") and not party.tax_id:
            party.tax_id, party.tax_id_kind = e[2], "" if kind == "EI" else kind
        else:
            self._party_ref(e, n)

    def _party_ref(self, e: list[str], n: int) -> None:
        if self.party is not None:
            add_reference(self, self.party, e, n)

    def _clm(self, e: list[str], n: int) -> None:
        self._end_claim(n)
        size = len(e)
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
        rank, relationship, group, plan, why, filing = self.cover
        claim = Claim(
            e[1], self.cents(e[2], n, "CLM02", needed=True) or 0, place, frequency,
            self.billing, self.subscriber, self.payer, rank, filing, group,
            relationship if self.patient is None else self.relationship, self.patient,
        )  # fmt: skip
        claim.signature, claim.assignment, claim.benefits, claim.release = e[6], e[7], e[8], e[9]
        claim.plan_name, claim.insurance_type = plan, why
        claim.pay_to, claim.pay_to_plan = self.pay_to, self.pay_to_plan
        claim.died, claim.weight_pounds, claim.pregnant = self.facts
        claim.first_segment = n
        self._check_loops(claim, n)
        self.party, self.claim = None, claim
        self.claims.begin(claim, e, is_plain=size <= _PLAIN)
        self.lines.begin(claim)
        self._enter(_CLAIM)
        if self.currency:
            self.claims.open_extras().currency = self.currency

    def _check_loops(self, claim: Claim, n: int) -> None:
        if not claim.relationship:
            self.error("relationship_missing", n, "SBR02", "Neither SBR02 nor a patient loop is there.", "2000B")
        for party, loop in ((claim.billing, "2010AA"), (claim.subscriber, "2010BA"), (claim.payer, "2010BB")):
            if not party.name:
                self.error("loop_missing", n, "NM1", f"Loop {loop} is missing or has no name.", loop)

    def _other_sbr(self, e: list[str], n: int) -> None:
        other = self.others.begin(e, n)
        if self.claim is not None:
            self.claim.other_payers = self.joined(self.claim.other_payers, [other], n, "SBR")
        self._enter(_OTHER_PAYER)

    def _lx(self, e: list[str], n: int) -> None:
        if self.claim is not None:
            self.lines.lx(e, n, self.claim)
        self._enter(_LINE)

    def _stray_line(self, e: list[str], n: int) -> None:
        what = "A service line stands outside a claim." if e[0] == "LX" else "A service stands outside a service line."
        self.error("line_misplaced", n, e[0], what, "2400")
