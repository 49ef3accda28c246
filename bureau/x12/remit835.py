"""Remittances: an 835 (005010X221A1) to Remittance values, whole or as a stream; the writer is next door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from bureau.x12.codes835 import HANDLINGS, METHODS, PAYEE_REFS, PAYER_REFS, REASONS
from bureau.x12.paid835 import PaidReader, contact_of
from bureau.x12.reading import PAD, Handler, read_all
from bureau.x12.syntax import chunks_of, slices
from bureau.x12.values import Party
from bureau.x12.values835 import (
    ClaimGroup,
    Contact,
    PaidClaim,
    ProviderAdjustment,
    ProviderTotals,
    Remittance,
    RemittanceExtras,
)
from bureau.x12.write835 import write_835
from config.problems import Problem

__all__ = ["Reader835", "iter_835", "read_835", "write_835"]

_TS2_COUNTS = (7, 10, 11, 12, 13, 14, 16)
_TS3_COUNTS = (23,)
_PLAIN_NUMBERS = ((), ("TE",), ("EM",), ("TE", "EM"))  # of a contact that a Party holds whole


class Reader835(PaidReader):
    """One pass over 835 text: hands over each PaidClaim when it ends and its Remittance after them.

    With `keep_claims` the claims stay inside their remittance instead, for callers who want the whole.
    """

    kind = "835"
    versions = ("005010X221",)

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "BPR": self._bpr, "TRN": self._trn, "CUR": self._cur, "REF": self._ref, "DTM": self._dtm,
            "N1": self._n1, "N3": self._n3, "N4": self._n4, "PER": self._per, "RDM": self._rdm,
            "LX": self._lx, "TS3": self._ts3, "TS2": self._ts2, "CLP": self._first_clp, "PLB": self._plb,
            "SVC": self._stray_svc, "CAS": self._stray_cas,
        }  # fmt: skip

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = Remittance(control, 0, "", None, "", "", Party(), Party(), first_segment=n)
        self.current.unreadable = True  # until a BPR02 has been read
        self.party = None
        self.groups: list[ClaimGroup] = []
        self.contacts: list[Contact] = []
        self.begin_claims()

    def end_set(self, n: int) -> None:
        self.end_claim(n)
        current = self.current
        current.last_segment = n
        self._hang_on()
        if current.unreadable:
            self.error("payment_missing", current.first_segment, "BPR02", "There is no readable payment amount.")
        for text, element, plain in (
            (current.trace, "TRN02", "trace number"), (current.payer.name, "N102", "payer"),
            (current.payee.name, "N102", "payee"),
        ):  # fmt: skip
            if not text:
                self.error("element_missing", current.first_segment, element, f"The remittance has no {plain}.")
        self.ready.append(current)

    def _hang_on(self) -> None:
        """Keep contacts and groups as far as they say more than every 835 does."""
        payer = self.current.payer
        technical = [one for one in self.contacts if one.kind == "BL"]
        if technical:
            numbers = dict(reversed(technical[0].numbers))
            payer.contact, payer.phone, payer.email = technical[0].name, numbers.get("TE", ""), numbers.get("EM", "")
        if len(technical) == 1 and tuple(kind for kind, _ in technical[0].numbers) in _PLAIN_NUMBERS:
            self.contacts.remove(technical[0])
        if self.contacts:
            self._extras().contacts = tuple(self.contacts)
        if self.groups and not (self.claims and self.groups == [ClaimGroup("1", 0)]):
            self._extras().groups = tuple(self.groups)

    def _extras(self) -> RemittanceExtras:
        if self.current.extras is None:
            self.current.extras = RemittanceExtras()
        return self.current.extras

    def _bpr(self, e: list[str], n: int) -> None:
        e += PAD
        current = self.current
        cents = self.cents(e[2], n, "BPR02", needed=True)
        if cents is not None:
            current.payment_cents = cents
            current.unreadable = False
            if cents < 0:
                self.warn("negative_payment", n, "BPR02", "The payment is below zero; a balance owed belongs in PLB.")
        current.handling, current.credit, current.method, current.format = e[1], e[3], e[4], e[5]
        if e[1] not in HANDLINGS:
            self.unknown(n, "BPR01")
        if e[4] not in METHODS:
            self.unknown(n, "BPR04")
        current.paid_on = self.day(e[16], n, "BPR16", matters=False)
        if e[10] or e[11]:
            self._extras().originator, self._extras().originator_supplement = e[10], e[11]

    def _trn(self, e: list[str], _n: int) -> None:
        e += PAD
        self.current.trace, self.current.payer_tax_id = e[2], e[3]
        if e[4]:
            self._extras().trace_supplement = e[4]

    def _cur(self, e: list[str], n: int) -> None:
        e += PAD
        self._extras().currency = (e[2], self.quantity(e[3], n, "CUR03"))

    def _dtm(self, e: list[str], n: int) -> None:
        e += PAD
        day = self.day(e[2], n, "DTM02")
        if e[1] == "405" and self.current.produced is None:
            self.current.produced = day
            return
        if e[1] != "405":
            self.unknown(n, "DTM01")
        self._extras().dates = self.joined(self._extras().dates, [(e[1], day)], n, "DTM")

    def _ref(self, e: list[str], n: int) -> None:
        e += PAD
        kind, value = e[1], e[2]
        if self.party is not None:
            self._party_ref(self.party, kind, value, n)
        elif kind == "EV" and not (self.current.extras and self.current.extras.receiver):
            self._extras().receiver = value
        elif kind == "F2" and not (self.current.extras and self.current.extras.version):
            self._extras().version = value
        else:
            self.unknown(n, "REF01")
            self._extras().refs = self.joined(self._extras().refs, [(kind, value)], n, "REF")

    def _party_ref(self, party: Party, kind: str, value: str, n: int) -> None:
        is_payee = party is self.current.payee
        if is_payee and kind == "TJ" and not party.tax_id:
            party.tax_id = value
        elif kind == "2U" and not party.id:
            party.id_kind, party.id = "PI", value
        else:
            if kind not in (PAYEE_REFS if is_payee else PAYER_REFS):
                self.unknown(n, "REF01")
            party.refs = self.joined(party.refs, [(kind, value)], n, "REF")

    def _n1(self, e: list[str], n: int) -> None:
        e += PAD
        party = Party(e[2], id_kind=e[3], id=e[4], segment=n)
        self.party = party
        if e[1] == "PR" and not self.current.payer.segment:
            self.current.payer = party
        elif e[1] == "PE" and not self.current.payee.segment:
            self.current.payee = party
        else:
            if e[1] not in ("PR", "PE"):
                self.unknown(n, "N101")
            self._extras().parties = self.joined(self._extras().parties, [(e[1], party)], n, "N1")

    def _per(self, e: list[str], n: int) -> None:
        self.contacts = list(self.joined(tuple(self.contacts), [contact_of(e)], n, "PER"))

    def _rdm(self, e: list[str], n: int) -> None:
        e += PAD
        self._extras().deliveries = self.joined(self._extras().deliveries, [(e[1], e[2], e[3])], n, "RDM")

    def _lx(self, e: list[str], n: int) -> None:
        self.end_claim(n)
        self.party = None
        self.groups.append(ClaimGroup(e[1] if len(e) > 1 else "", self.claims))

    def _ts3(self, e: list[str], n: int) -> None:
        group = self._group(n, "TS3")
        if group is None:
            return
        figures = self.figures(e, n, _TS3_COUNTS, [at for at in range(6, 25) if at not in _TS3_COUNTS])
        e += PAD
        group.totals = ProviderTotals(
            e[1], e[2], self.day(e[3], n, "TS303", matters=False), self.quantity(e[4], n, "TS304"),
            self.cents(e[5], n, "TS305"), figures,
        )  # fmt: skip

    def _ts2(self, e: list[str], n: int) -> None:
        group = self._group(n, "TS2")
        if group is not None:
            amounts = [at for at in range(1, 20) if at not in _TS2_COUNTS]
            group.inpatient = self.figures(e, n, _TS2_COUNTS, amounts)

    def _group(self, n: int, identifier: str) -> ClaimGroup | None:
        if self.groups:
            return self.groups[-1]
        self.error("totals_misplaced", n, identifier, "Totals stand outside a group of claims.", "2000")
        return None

    def _first_clp(self, e: list[str], n: int) -> None:
        self.party = None
        if not self.groups:
            self.groups.append(ClaimGroup("1", 0))
            self.error("segment_missing", n, "LX", "The claims are not preceded by an LX.", "2000")
        self._clp(e, n)

    def _stray_svc(self, _e: list[str], n: int) -> None:
        self.error("line_misplaced", n, "SVC", "A service stands outside a claim.", "2110")

    def _stray_cas(self, _e: list[str], n: int) -> None:
        self.error("adjustment_misplaced", n, "CAS", "An adjustment stands outside a claim.", "2100")

    def _plb(self, e: list[str], n: int) -> None:
        self.end_claim(n)
        self.party = None
        size = len(e)
        e += PAD
        year_end = self.day(e[2], n, "PLB02")
        for at in range(3, max(size, 5), 2):
            if not (e[at] or e[at + 1]):
                continue
            cents = self.cents(e[at + 1], n, f"PLB{at + 1:02d}", needed=True)
            if cents is None:
                self.current.unreadable = True
                continue
            reason, _, reference = e[at].partition(self.component)
            if not reference and len(reason) > 2:
                reason, reference, *_ = [*self.components(reason, n, f"PLB{at:02d}"), ""]
            if reason not in REASONS:
                self.unknown(n, f"PLB{at:02d}-1")
            self.current.provider_adjustments.append(ProviderAdjustment(e[1], year_end, reason, reference, cents))


def read_835(text: str, file: str = "") -> tuple[list[Remittance], list[Problem]]:
    """Every 835 of the text with its claims, and what is wrong with it; balancing is apart (`balance`)."""
    reader = Reader835(file)
    return [one for one in read_all(reader, slices(text)) if isinstance(one, Remittance)], reader.problems


def iter_835(source: TextIO | Iterable[str], file: str = "") -> Iterator[PaidClaim | Remittance | Problem]:
    """Read an 835 of any size in bounded memory: claims as they end, then their remittance without claims.

    `source` is an open text file or any run of pieces of text. Problems come when they are found.
    """
    reader = Reader835(file, keep_claims=False)
    for ready in reader.stream(chunks_of(source)):
        yield from ready
        yield from reader.problems
        reader.problems.clear()
    yield from reader.problems
