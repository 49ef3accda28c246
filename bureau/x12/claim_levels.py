"""What professional and institutional claim files share: the header and the levels above the claim."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from bureau.x12.details837 import add_reference, open_party, pass_over
from bureau.x12.hierarchy import CLAIM_PARENTS, Hierarchy
from bureau.x12.reading import PAD, Handler, Reader
from bureau.x12.scalars import parse_moment
from bureau.x12.values import Party

HEADER, BILLING, SUBSCRIBER, PATIENT, CLAIM, OTHER_PAYER, LINE, UNKNOWN = range(8)
EPOCH = datetime.min  # noqa: DTZ901 - moments in X12 are local and have no zone
_LOOPS = ("1000", "2010AA", "2010BA", "2010CA", "2300", "2320", "2400", "2000")
_NUMBERS = {"TE": "phone", "EX": "extension", "FX": "fax", "EM": "email"}
_NOBODY = (None, None, False)
_V = TypeVar("_V")


class Header(Protocol):
    """The value of a set, as far as its header fills it."""

    purpose: str
    reference: str
    use: str
    created: datetime
    submitter: Party
    receiver: Party


class ClaimLevelReader(Reader[_V]):
    """Keeps billing provider, subscriber and patient for the claims below them.

    Every level has a table of handlers of its own; what has no handler there is told and not kept.
    """

    kind = "837"

    def __init__(self, file: str = "", *, keep_claims: bool = True) -> None:
        super().__init__(file)
        self.keep_claims = keep_claims
        self.hierarchy = Hierarchy(CLAIM_PARENTS, self.error)
        unknown: dict[str, Handler] = {"CLM": self.clm, "LX": self.stray_line}
        levels = [*self._make_upper_levels(), *self.make_claim_levels(), unknown]
        self.known = frozenset().union(*levels)
        always = {"HL": self._hl, **self.control}
        self.levels: list[dict[str, Handler]] = [{**handlers, **always} for handlers in levels]

    def make_handlers(self) -> dict[str, Handler]:
        return {}  # each level has its own

    @abstractmethod
    def make_claim_levels(self) -> list[dict[str, Handler]]:
        """The handlers inside a claim: of 2300, of 2320, of 2400."""

    @abstractmethod
    def end_claim(self, n: int) -> None:
        """Close the claim that ends before segment `n`, if one is open."""

    @abstractmethod
    def open_claim(self, e: list[str], n: int) -> None:
        """Take a CLM; the claim before it has been closed."""

    @abstractmethod
    def stray_line(self, e: list[str], n: int) -> None:
        """A part of a service line stands outside a claim."""

    def _make_upper_levels(self) -> list[dict[str, Handler]]:
        always: dict[str, Handler] = {"CLM": self.clm, "LX": self.stray_line}
        place: dict[str, Handler] = {"N3": self._n3, "N4": self._n4}
        person = {**always, **place, "PER": self.per, "REF": self._party_ref, "PAT": self._pat, "DMG": self._dmg}
        return [
            {**always, "BHT": self._bht, "NM1": self._header_nm1, "PER": self.per},
            {
                **always, **place, "PRV": self._billing_prv, "CUR": self._cur, "NM1": self._billing_nm1,
                "REF": self._billing_ref, "PER": self.per,
            },
            {**person, "SBR": self._sbr, "NM1": self._subscriber_nm1},
            {**person, "NM1": self._patient_nm1},
        ]  # fmt: skip

    def start_levels(self, header: Header) -> None:
        """Begin the set that `header` is the value of."""
        self.header = header
        self.party = None
        self.seen: set[str] = set()
        self.hierarchy.reset()
        self._open_billing()
        self.enter(HEADER)

    def end_levels(self, n: int) -> None:
        """The set ends before segment `n`."""
        self.end_claim(n)
        self.hierarchy.finish()
        if not self.seen:
            self.error("claim_missing", n, "CLM", "The transaction set holds no claim.", "2300")

    def enter(self, level: int) -> None:
        self.level = level
        self.inside = self.table = self.levels[level]

    def on_other(self, e: list[str], n: int) -> None:
        if self.table is self.inside and e[0] in self.known:
            pass_over(self, n, e[0], _LOOPS[self.level])
        else:
            super().on_other(e, n)

    def clm(self, e: list[str], n: int) -> None:
        self.end_claim(n)
        if self.level < SUBSCRIBER or self.level == UNKNOWN:
            self.error("claim_misplaced", n, "CLM", "A claim stands outside a subscriber or patient.", "2300")
        self.open_claim(e, n)

    def check_claim(self, pcn: str, relationship: str, n: int) -> None:
        """Whether the claim that begins has a number of its own, and everybody above it."""
        if not pcn:
            self.error("element_missing", n, "CLM01", "The claim has no number.", "2300")
        elif pcn in self.seen:
            self.warn("claim_duplicate", n, "CLM01", "The claim number occurs twice in the transaction set.", "2300")
        self.seen.add(pcn)
        if not relationship:
            self.error("relationship_missing", n, "SBR02", "Neither SBR02 nor a patient loop is there.", "2000B")
        for party, loop in ((self.billing, "2010AA"), (self.subscriber, "2010BA"), (self.payer, "2010BB")):
            if not party.name:
                self.error("loop_missing", n, "NM1", f"Loop {loop} is missing or has no name.", loop)

    def _bht(self, e: list[str], n: int) -> None:
        e += PAD
        header = self.header
        header.purpose, header.reference, header.use = e[2], e[3], e[6]
        moment = parse_moment(e[4], e[5])
        if moment is None:
            self.error("bad_date", n, "BHT04", "BHT04 is not a date.")
        else:
            header.created = moment

    def _hl(self, e: list[str], n: int) -> None:
        self.end_claim(n)
        e += PAD
        kind = self.hierarchy.add(e, n)
        if e[4] not in ("0", "1"):
            self.error("element_missing", n, "HL04", "HL04 does not say whether a level below follows.")
        if kind == "20":
            self._open_billing()
            self.enter(BILLING)
        elif kind == "22":
            self._open_subscriber()
            self.enter(SUBSCRIBER)
        elif kind == "23":
            self._open_patient()
            self.enter(PATIENT)
        else:  # what hangs on it is nobody's, least of all the last claim's
            self._open_subscriber()
            self.enter(UNKNOWN)

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
        if self.level == PATIENT:
            self.relationship = e[1]
        self.facts = (self.day(e[6], n, "PAT06"), self.quantity(e[8], n, "PAT08"), e[9] == "Y")

    def _header_nm1(self, e: list[str], n: int) -> None:
        party = open_party(self, e, n)
        if e[1] == "41":
            self.header.submitter = party
        elif e[1] == "40":
            self.header.receiver = party
        else:
            pass_over(self, n, "NM1", "1000")
            return
        if party.id and party.id_kind != "46":
            self.error("bad_code", n, "NM108", "The parties of a file go by an identification number.", "1000")

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

    def prv(self, e: list[str], _n: int) -> None:
        """The taxonomy of whoever was named last."""
        if self.party is not None:
            e += PAD
            self.party.taxonomy = e[3]

    def per(self, e: list[str], n: int) -> None:
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
