"""Eligibility inquiries (270, 005010X279A1) to EligibilityInquirySet values and back."""

from __future__ import annotations

from bureau.x12.hierarchy import ELIGIBILITY_PARENTS
from bureau.x12.inquiry_reading import InquiryReader
from bureau.x12.inquiry_writing import (
    Chains,
    Levels,
    circumstance_segments,
    dated_segments,
    heading_segments,
    is_refused,
    item_reference_segments,
    pointer_text,
    procedure_text,
)
from bureau.x12.reading import PAD, Handler, read_all
from bureau.x12.scalars import AMOUNT_TEXTS
from bureau.x12.syntax import slices
from bureau.x12.values import Envelope
from bureau.x12.values271 import Circumstance, EligibilityInquiry, EligibilityInquirySet, Question
from bureau.x12.writing import Cleaner, trim, write_interchange
from config.problems import Problem

VERSION = "005010X279A1"


class Reader270(InquiryReader[EligibilityInquirySet]):
    """One pass over 270 text; a value per set."""

    kind = "270"
    versions = ("005010X279",)
    parents = ELIGIBILITY_PARENTS

    def make_handlers(self) -> dict[str, Handler]:
        return {**super().make_handlers(), "EQ": self._eq, "AMT": self._amt, "III": self._iii}

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = EligibilityInquirySet(control, first_segment=n)
        self.inquiry: EligibilityInquiry | None = None
        self.question: Question | None = None
        self.start_chain(self.current)

    def end_set(self, n: int) -> None:
        self.end_chain(n)
        if not self.current.inquiries:
            self.error("inquiry_missing", self.current.first_segment, "EQ", "The set asks about nobody.")
        self.ready.append(self.current)

    def open_level(self, _kind: str, _n: int) -> None:
        self.inquiry = self.question = None

    def close_chain(self) -> None:
        if self.inquiry is None:
            if self.chain[2] is None:
                text = "The level has no patient below it."
                self.error("hl_child", self.level_segment, "HL", text)
                return
            self.error("segment_missing", self.level_segment, "EQ", "Nothing is asked about the patient.", "2110")
            self._open_inquiry()

    def _open_inquiry(self) -> EligibilityInquiry:
        if self.inquiry is None:
            parties = self.parties()
            self.inquiry = EligibilityInquiry(
                parties.source, parties.receiver, parties.subscriber, parties.dependent, segment=self.level_segment
            )
            self.current.inquiries.append(self.inquiry)
        return self.inquiry

    def _eq(self, e: list[str], n: int) -> None:
        e += PAD
        if self.chain[2] is None:
            self.error("question_misplaced", n, "EQ", "A question stands above the patients.", "2110")
            return
        if not e[1] and not e[2]:
            self.error("element_missing", n, "EQ01", "The question has neither service type nor procedure.", "2110")
        question = Question(self.repeated(e[1]), self.procedure(e[2], n, "EQ02"), e[3], self.pointers(e[5], n, "EQ05"))
        question.segment = n
        self._open_inquiry().questions.append(question)
        self.question = self.item = question
        self.entity = self.party = None

    def _amt(self, e: list[str], n: int) -> None:
        e += PAD
        cents = self.cents(e[2], n, "AMT02", needed=True)
        if self.question is not None and cents is not None:
            self.question.amounts = self.joined(self.question.amounts, [(e[1], cents)], n, "AMT")

    def _iii(self, e: list[str], n: int) -> None:
        e += PAD
        if self.question is not None:
            found = [Circumstance(e[1], e[2], e[3], e[4])]
            self.question.circumstances = self.joined(self.question.circumstances, found, n, "III")


def read_270(text: str, file: str = "") -> tuple[list[EligibilityInquirySet], list[Problem]]:
    """Every 270 of the text; one inquiry per patient, dependents beside their subscriber."""
    reader = Reader270(file)
    return read_all(reader, slices(text)), reader.problems


def write_270(envelope: Envelope, sets: list[EligibilityInquirySet]) -> str:
    """One interchange with one group, one ST per set.

    Neighbours with the same payer, provider or subscriber share those levels. Raises ValueError for an
    inquiry without provider, subscriber or question, or with a refusal, which only an answer can have.
    """
    clean = Cleaner()
    return write_interchange(envelope, "HS", VERSION, (_write_set(one, envelope, clean) for one in sets))


def _write_set(one: EligibilityInquirySet, envelope: Envelope, clean: Cleaner) -> list[str]:
    if not one.inquiries:
        raise ValueError("a 270 asks about somebody")
    levels = Levels()
    chains = Chains(levels, clean)
    for inquiry in one.inquiries:
        if inquiry.receiver is None or inquiry.subscriber is None or not inquiry.questions:
            raise ValueError("an inquiry has a provider, a subscriber and a question")
        if is_refused(inquiry):
            raise ValueError("an inquiry carries no refusal")
        level = chains.down_to(inquiry)
        for question in inquiry.questions:
            levels.extend(level, _question_segments(question, clean))
    return [*heading_segments("270", VERSION, one, envelope, clean), *levels.segments()]


def _question_segments(question: Question, clean: Cleaner) -> list[str]:
    types = "^".join(clean[one] for one in question.service_types)
    procedure = procedure_text(question.procedure, clean)
    if not types and not procedure:
        raise ValueError("a question has a service type or a procedure")
    return [
        trim(f"EQ*{types}*{procedure}*{clean[question.level]}**{pointer_text(question.pointers)}"),
        *(f"AMT*{clean[kind]}*{AMOUNT_TEXTS[cents]}" for kind, cents in question.amounts),
        *circumstance_segments(question.circumstances, clean),
        *item_reference_segments(question.refs, clean),
        *dated_segments(question.dates, clean),
    ]
