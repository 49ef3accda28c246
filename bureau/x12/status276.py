"""Claim status inquiries (276, 005010X212): text to InquirySet values and back."""

from __future__ import annotations

from bureau.x12.reading import PAD, Handler, read_all
from bureau.x12.scalars import AMOUNT_TEXTS
from bureau.x12.status_levels import (
    VERSION,
    Ladder,
    StatusReader,
    claim_references,
    header_segments,
    path_of,
    service_date,
    service_segment,
)
from bureau.x12.syntax import slices
from bureau.x12.values import Envelope
from bureau.x12.values277 import InquirySet, StatusInquiry, StatusLine
from bureau.x12.writing import Cleaner, write_interchange
from config.problems import Problem

_PURPOSE = "13"  # a request


class Reader276(StatusReader[InquirySet]):
    """One pass over 276 text: what others ask of a payer, and what we asked, read back."""

    kind = "276"

    def make_handlers(self) -> dict[str, Handler]:
        return {**super().make_handlers(), "AMT": self._amt}

    def complain(self, code: str, n: int, element: str, text: str, loop: str = "") -> None:
        self.error(code, n, element, text, loop)

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = InquirySet(control, "", first_segment=n)
        self.inquiry: StatusInquiry | None = None
        self.start_levels(self.current)

    def end_set(self, n: int) -> None:
        self.end_claim()
        self.hierarchy.finish()
        if not self.current.claims:
            self.error("claim_missing", n, "TRN", "The transaction set asks for no claim.", "2200D")
        self.current.last_segment = n
        self.ready.append(self.current)

    def end_claim(self) -> None:
        inquiry, self.inquiry = self.inquiry, None
        if inquiry is None:
            return
        if inquiry.patient is not None and inquiry.patient.birth is None:
            self.error("segment_missing", inquiry.segment, "DMG", "The patient has no date of birth.", "2000E")
        for line in inquiry.lines:
            if line.date_from is None:
                self.error("date_missing", inquiry.segment, "DTP", "A service line has no date.", "2210")

    def open_claim(self, trace: str, _kind: str, n: int) -> None:
        payer, receiver, provider, subscriber, patient = self.parties(n)
        if subscriber is None:
            self.error("claim_misplaced", n, "TRN", "A claim stands outside a subscriber or patient.")
        inquiry = StatusInquiry(trace, payer, receiver, provider, subscriber, patient, segment=n)
        self.claim = self.inquiry = inquiry
        self.current.claims.append(inquiry)

    def open_line(self, e: list[str], n: int) -> None:
        qualifier, code, modifiers = self.procedure(e, n)
        charge = self.cents(e[2], n, "SVC02", needed=True) or 0
        self.line = line = StatusLine(
            code, charge, None, None, qualifier, modifiers, e[4], self.quantity(e[7], n, "SVC07")
        )
        if self.inquiry is not None:
            self.inquiry.lines.append(line)

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        if self.inquiry is None or self.line is not None or e[1] != "T3":
            self.pass_over("AMT", n)
        else:
            self.inquiry.charge_cents = self.cents(e[2], n, "AMT02")


def read_276(text: str, file: str = "") -> tuple[list[InquirySet], list[Problem]]:
    """Every 276 of the text with its questions, and what is wrong with them."""
    reader = Reader276(file)
    return read_all(reader, slices(text)), reader.problems


def write_276(envelope: Envelope, sets: list[InquirySet]) -> str:
    """One interchange with one group, one ST per set; a set without a date gets the envelope's.

    Raises ValueError for a set that asks nothing, and for a question without a trace or without its parties.
    """
    clean = Cleaner()
    return write_interchange(envelope, "HR", VERSION, (_write_set(one, envelope, clean) for one in sets))


def _write_set(one: InquirySet, envelope: Envelope, clean: Cleaner) -> list[str]:
    if not one.claims:
        raise ValueError("a claim status inquiry asks for at least one claim")
    out = header_segments("276", one.control, _PURPOSE, clean[one.reference], one.created or envelope.created)
    ladder = Ladder(out, clean)
    for inquiry in one.claims:
        if inquiry.provider is None or inquiry.subscriber is None or not inquiry.trace:
            raise ValueError("a claim status inquiry has a trace, a provider and a subscriber")
        ladder.climb(path_of(inquiry))
        out.append(f"TRN*1*{clean[inquiry.trace]}")
        out += claim_references(inquiry, clean)
        if inquiry.charge_cents is not None:
            out.append(f"AMT*T3*{AMOUNT_TEXTS[inquiry.charge_cents]}")
        out += service_date(inquiry)
        for line in inquiry.lines:
            out.append(service_segment(line, None, clean))
            out += [f"REF*FJ*{clean[line.control]}"] if line.control else []
            out += service_date(line)
    return out
