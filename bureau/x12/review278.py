"""Requests for review and the answers to them (278, 005010X217) to Review values; the writers are next door."""

from __future__ import annotations

from dataclasses import replace

from bureau.x12.hierarchy import REVIEW_PARENTS
from bureau.x12.inquiries import Entity, Parties, Rejection
from bureau.x12.inquiry_reading import InquiryReader, trace_of
from bureau.x12.reading import PAD, Handler, read_all
from bureau.x12.syntax import slices
from bureau.x12.values278 import Decision, Event, Review, Reviewed, ReviewKind, Service
from bureau.x12.values837 import Attachment, Condition
from bureau.x12.write278 import write_278_request, write_278_response
from config.problems import Problem

__all__ = ["Reader278", "read_278", "write_278_request", "write_278_response"]

_RANKS = {"EV": 4, "SS": 5}
_NOT_KEPT = ("CL1", "CR1", "CR2", "CR5", "CR6", "SV3", "TOO")


class Reader278(InquiryReader[Review]):
    """One pass over 278 text, requests and responses alike; a value per event.

    A set without an event makes a value too: a request that was refused above it.
    """

    kind = "278"
    versions = ("005010X217",)
    parents = REVIEW_PARENTS
    answers = True

    def make_handlers(self) -> dict[str, Handler]:
        return {
            **super().make_handlers(), **dict.fromkeys(_NOT_KEPT, self._pass_over),
            "UM": self._um, "HCR": self._hcr, "HSD": self._hsd, "CRC": self._crc, "PWK": self._pwk,
            "MSG": self._msg, "SV1": self._sv1, "SV2": self._sv2,
        }  # fmt: skip

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.review = Review(control, first_segment=n)
        self.reviews: list[Review] = []
        self.reviewed: Reviewed | None = None
        self.start_chain(self.review)

    def end_set(self, n: int) -> None:
        self.end_chain(n)
        if self.review.event is not None or not self.reviews:
            self.reviews.append(self.review)
        if self.rank < 0:
            self.error("review_missing", self.review.first_segment, "HL", "The set reviews nothing.")
        for review in self.reviews:
            review.last_segment = n
        self.ready += self.reviews

    def rank_of(self, kind: str) -> int:
        return _RANKS.get(kind, super().rank_of(kind))

    def close_chain(self) -> None:
        """A patient without an event, or a level above: the refusal of all that would have stood below."""
        if self.review.event is None:
            self.review.parties = self.parties()
            self._next_review()

    def _next_review(self) -> None:
        self.reviews.append(self.review)
        self.review = replace(self.review, parties=Parties(), event=None, services=[])

    def open_level(self, kind: str, n: int) -> None:
        self.reviewed = None
        if kind != "SS" and self.review.event is not None:
            self._next_review()
        review = self.review
        if kind == "EV":
            review.parties = self.parties()
            self.reviewed = review.event = Event(segment=n)
        elif kind == "SS" and review.event is not None:
            service = Service(segment=n)
            review.services.append(service)
            self.reviewed = service
        self.item = self.reviewed

    def add_related(self, _n: int) -> Entity:
        related = Entity()
        if self.reviewed is not None:
            self.reviewed.providers.append(related)
        return related

    def reject_item(self, found: list[Rejection], n: int) -> None:
        reviewed = self._open(n, "AAA")
        if reviewed is not None:
            reviewed.rejections = self.joined(reviewed.rejections, found, n, "AAA")

    def _open(self, n: int, identifier: str) -> Reviewed | None:
        """The event or service that a segment belongs to; a problem where none is open."""
        if self.reviewed is None:
            self.error("review_misplaced", n, identifier, "This segment stands outside an event or service.")
        return self.reviewed

    def _pass_over(self, e: list[str], n: int) -> None:
        self.warn("not_carried", n, e[0], f"{e[0]} is read by nobody here.")

    def _trn(self, e: list[str], n: int) -> None:
        if self.reviewed is None:
            super()._trn(e, n)
        else:
            self.reviewed.traces = self.joined(self.reviewed.traces, [trace_of(e)], n, "TRN")

    def _hi(self, e: list[str], n: int) -> None:
        reviewed = self._open(n, "HI")
        if reviewed is not None:
            reviewed.diagnoses = self.joined(reviewed.diagnoses, self.diagnoses(e, n), n, "HI")

    def _um(self, e: list[str], n: int) -> None:
        e += PAD
        reviewed = self._open(n, "UM")
        if reviewed is None:
            return
        place, place_kind, *_ = [*e[4].split(self.component), ""]
        causes = [*e[5].split(self.component), "", "", "", ""]
        reviewed.asked = ReviewKind(e[1], e[2], e[3], place, place_kind, tuple(one for one in causes[:3] if one))
        reviewed.asked.accident_state, reviewed.asked.accident_country = causes[3], causes[4]
        for slot, value in zip(("urgency", "health", "prognosis", "release", "delay_reason"), e[6:11], strict=True):
            setattr(reviewed.asked, slot, value)

    def _hcr(self, e: list[str], n: int) -> None:
        e += PAD
        reviewed = self._open(n, "HCR")
        if reviewed is not None:
            reviewed.decision = Decision(e[1], e[2], self.repeated(e[3]), e[4])

    def _hsd(self, e: list[str], n: int) -> None:
        e += PAD
        reviewed = self._open(n, "HSD")
        if reviewed is not None:
            reviewed.deliveries = self.joined(reviewed.deliveries, [self.delivery(e, n)], n, "HSD")

    def _pwk(self, e: list[str], n: int) -> None:
        e += PAD
        reviewed = self._open(n, "PWK")
        if reviewed is not None:
            reviewed.attachments = self.joined(reviewed.attachments, [Attachment(e[1], e[2], e[6])], n, "PWK")

    def _msg(self, e: list[str], n: int) -> None:
        e += PAD
        reviewed = self._open(n, "MSG")
        if reviewed is not None and e[1]:
            reviewed.messages = self.joined(reviewed.messages, [e[1]], n, "MSG")

    def _crc(self, e: list[str], n: int) -> None:
        e += PAD
        event = self._open(n, "CRC")
        if isinstance(event, Event):
            found = Condition(e[1], e[2] == "Y", tuple(code for code in e[3:8] if code))
            event.conditions = self.joined(event.conditions, [found], n, "CRC")

    def _service(self, n: int, identifier: str) -> Service | None:
        if isinstance(self.reviewed, Service):
            self.reviewed.segment_id = identifier
            return self.reviewed
        self.error("service_misplaced", n, identifier, "A service line stands outside a service level.", "2000F")
        return None

    def _sv1(self, e: list[str], n: int) -> None:
        e += PAD + PAD
        service = self._service(n, "SV1")
        if service is not None:
            service.procedure = self.procedure(e[1], n, "SV101")
            service.cents, service.unit = self.cents(e[2], n, "SV102"), e[3]
            service.quantity = self.quantity(e[4], n, "SV104")
            service.pointers = self.pointers(e[7], n, "SV107")
            service.early_screening, service.nursing_level = e[11], e[20]

    def _sv2(self, e: list[str], n: int) -> None:
        e += PAD
        service = self._service(n, "SV2")
        if service is not None:
            service.revenue, service.procedure = e[1], self.procedure(e[2], n, "SV202")
            service.cents, service.unit = self.cents(e[3], n, "SV203"), e[4]
            service.quantity = self.quantity(e[5], n, "SV205")
            service.rate_cents = self.cents(e[6], n, "SV206")
            service.residence, service.nursing_level = e[9], e[10]


def read_278(text: str, file: str = "") -> tuple[list[Review], list[Problem]]:
    """Every 278 of the text, asked or answered (`is_response`); one value per set by the guide."""
    reader = Reader278(file)
    return read_all(reader, slices(text)), reader.problems
