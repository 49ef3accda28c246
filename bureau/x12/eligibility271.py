"""Eligibility answers (271, 005010X279A1) to EligibilityAnswerSet values; the writer is next door."""

from __future__ import annotations

from decimal import Decimal

from bureau.x12.hierarchy import ELIGIBILITY_PARENTS
from bureau.x12.inquiries import Entity, Rejection
from bureau.x12.inquiry_reading import InquiryReader
from bureau.x12.reading import PAD, Handler, read_all
from bureau.x12.syntax import slices
from bureau.x12.values271 import Benefit, Circumstance, EligibilityAnswer, EligibilityAnswerSet
from bureau.x12.write271 import write_271
from config.problems import Problem

__all__ = ["Reader271", "read_271", "write_271"]


class Reader271(InquiryReader[EligibilityAnswerSet]):
    """One pass over 271 text; a value per set. A level that nothing follows is an answer too: a refusal."""

    kind = "271"
    versions = ("005010X279",)
    known = frozenset({"LS", "MPI"})
    parents = ELIGIBILITY_PARENTS
    answers = True

    def make_handlers(self) -> dict[str, Handler]:
        return {
            **super().make_handlers(),
            "EB": self._eb, "HSD": self._hsd, "MSG": self._msg, "III": self._iii, "LE": self._le,
        }  # fmt: skip

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = EligibilityAnswerSet(control, first_segment=n)
        self.answer: EligibilityAnswer | None = None
        self.benefit: Benefit | None = None
        self.start_chain(self.current)

    def end_set(self, n: int) -> None:
        self.end_chain(n)
        if not self.current.answers:
            self.error("answer_missing", self.current.first_segment, "HL", "The set answers nothing.")
        self.ready.append(self.current)

    def open_level(self, _kind: str, _n: int) -> None:
        self.answer = self.benefit = None

    def close_chain(self) -> None:
        self._open_answer()

    def _open_answer(self) -> EligibilityAnswer:
        if self.answer is None:
            chain = self.parties()
            self.answer = EligibilityAnswer(
                chain.source, chain.receiver, chain.subscriber, chain.dependent, segment=self.level_segment
            )
            self.current.answers.append(self.answer)
        return self.answer

    def _eb(self, e: list[str], n: int) -> None:
        e += PAD
        if self.chain[2] is None:
            self.error("benefit_misplaced", n, "EB", "A benefit stands above the patients.", "2110")
            return
        benefit = Benefit(e[1], e[2], self.repeated(e[3]), e[4], e[5], e[6])
        benefit.cents = self.cents(e[7], n, "EB07")
        benefit.share = self._share(e[8], n)
        benefit.quantity_kind, benefit.quantity = e[9], self.quantity(e[10], n, "EB10")
        benefit.authorization, benefit.network = e[11], e[12]
        benefit.procedure = self.procedure(e[13], n, "EB13")
        benefit.pointers = self.pointers(e[14], n, "EB14")
        benefit.segment = n
        self._open_answer().benefits.append(benefit)
        self.benefit = self.item = benefit
        self.entity = self.party = None

    def _share(self, text: str, n: int) -> Decimal | None:
        share = self.quantity(text, n, "EB08")
        if share is not None and not 0 <= share <= 1:
            self.warn("bad_share", n, "EB08", "EB08 is not a part of one: 0.2 is 20 %.", "2110")
        return share

    def add_related(self, _n: int) -> Entity:
        related = Entity()
        if self.benefit is not None:
            self.benefit.related.append(related)
        return related

    def reject_item(self, found: list[Rejection], n: int) -> None:
        if self.benefit is not None:
            self.benefit.rejections = self.joined(self.benefit.rejections, found, n, "AAA")

    def _hsd(self, e: list[str], n: int) -> None:
        e += PAD
        if self.benefit is not None:
            self.benefit.deliveries = self.joined(self.benefit.deliveries, [self.delivery(e, n)], n, "HSD")

    def _msg(self, e: list[str], n: int) -> None:
        e += PAD
        if self.benefit is not None and e[1]:
            self.benefit.messages = self.joined(self.benefit.messages, [e[1]], n, "MSG")

    def _iii(self, e: list[str], n: int) -> None:
        e += PAD
        if self.benefit is not None:
            found = [Circumstance(e[1], e[2], e[3], e[4])]
            self.benefit.circumstances = self.joined(self.benefit.circumstances, found, n, "III")

    def _le(self, _e: list[str], _n: int) -> None:
        """The related names are over; what follows is the benefit's again."""
        if self.benefit is not None:
            self.entity = self.party = None


def read_271(text: str, file: str = "") -> tuple[list[EligibilityAnswerSet], list[Problem]]:
    """Every 271 of the text; one answer per patient, and one for a refusal above the patients."""
    reader = Reader271(file)
    return read_all(reader, slices(text)), reader.problems
