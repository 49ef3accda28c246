"""Claim status answers (277, 005010X212) to AnswerSet values and back; the 277CA is read in a room of its own."""

from __future__ import annotations

from bureau.x12.details837 import amount_text
from bureau.x12.reading import MOST_REPEATS, PAD, Handler, read_all
from bureau.x12.scalars import DATE_TEXTS
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
from bureau.x12.values277 import AnswerSet, LineAnswer, Status, StatusAnswer, StatusCode
from bureau.x12.writing import Cleaner, trim, write_interchange
from config.problems import Problem

_PURPOSE = "08"  # an answer
_COMPOSITES = (1, 10, 11)  # STC01, STC10, STC11
_MOST_CODES = len(_COMPOSITES)


class Reader277(StatusReader[AnswerSet]):
    """One pass over 277 text. A payer's odd form is worth a word, not a refusal: the answers in it still count."""

    kind = "277"

    def make_handlers(self) -> dict[str, Handler]:
        return {**super().make_handlers(), "STC": self._stc, "PER": self._per}

    def complain(self, code: str, n: int, element: str, text: str, loop: str = "") -> None:
        self.warn(code, n, element, text, loop)

    def start_set(self, control: str, _version: str, n: int) -> None:
        self.current = AnswerSet(control, "", first_segment=n)
        self.answer: StatusAnswer | None = None
        self.answered: LineAnswer | None = None
        self.start_levels(self.current)

    def end_set(self, n: int) -> None:
        self.end_claim()
        self.hierarchy.finish()
        if not self.current.answers:
            self.error("claim_missing", n, "TRN", "The transaction set answers nothing.", "2200D")
        self.current.last_segment = n
        self.ready.append(self.current)

    def end_claim(self) -> None:
        answer, self.answer, self.answered = self.answer, None, None
        if answer is not None and not answer.statuses:
            self.error("segment_missing", answer.segment, "STC", "An answer has no status.", "2200")

    def open_claim(self, trace: str, kind: str, n: int) -> None:
        """An answer on the level's own behalf may have the trace 0, which is none."""
        trace = "" if trace == "0" and kind == "1" else trace
        self.answer = answer = StatusAnswer(trace, *self.parties(n), segment=n)
        if answer.is_about_claim:
            self.claim = answer
        self.current.answers.append(answer)

    def open_line(self, e: list[str], n: int) -> None:
        qualifier, code, modifiers = self.procedure(e, n)
        charge, paid = self.cents(e[2], n, "SVC02", needed=True) or 0, self.cents(e[3], n, "SVC03")
        self.line = self.answered = line = LineAnswer(
            code, charge, None, None, qualifier, modifiers, e[4], self.quantity(e[7], n, "SVC07"), paid_cents=paid
        )
        if self.answer is not None:
            self.answer.lines.append(line)

    def _stc(self, e: list[str], n: int) -> None:
        e += PAD
        if self.answer is None and self.path:
            self.complain("segment_missing", n, "TRN", "A status stands without a trace number.", "2200")
            self.open_claim("", "2", n)
        owner = self.answered or self.answer
        if owner is None:
            self.error("status_misplaced", n, "STC", "A status stands outside every level.")
            return
        codes = tuple([self._code(e[at], n, at) for at in _COMPOSITES if e[at]])
        if not codes:
            self.error("element_missing", n, "STC01", "The status has no code.", "2200")
        status = Status(
            codes, self.day(e[2], n, "STC02"), self.cents(e[4], n, "STC04"), self.cents(e[5], n, "STC05"),
            self.day(e[6], n, "STC06", matters=False), self.day(e[8], n, "STC08", matters=False), e[9],
        )  # fmt: skip
        if len(owner.statuses) == MOST_REPEATS:
            self.warn("too_many", n, "STC", "STC is repeated too often; not all are kept.", "2200")
        else:
            owner.statuses.append(status)

    def _code(self, text: str, n: int, at: int) -> StatusCode:
        category, code, entity, code_list, *_ = [*self.components(text, n, f"STC{at:02d}"), "", "", ""]
        return StatusCode(category, code, entity, code_list)

    def _per(self, e: list[str], _n: int) -> None:
        e += PAD
        party = self.path[-1] if self.path else None
        if party is None:
            return
        party.contact = e[2]
        for kind, value in ((e[3], e[4]), (e[5], e[6]), (e[7], e[8])):
            if kind == "TE":
                party.phone = value
            elif kind == "EM":
                party.email = value


def read_277(text: str, file: str = "") -> tuple[list[AnswerSet], list[Problem]]:
    """Every 277 of the text that answers a 276, and what is wrong with it."""
    reader = Reader277(file)
    return read_all(reader, slices(text)), reader.problems


def write_277(envelope: Envelope, sets: list[AnswerSet]) -> str:
    """One interchange with one group, one ST per set; a set without a date gets the envelope's.

    Raises ValueError for a set or an answer that says nothing, and for a claim without its parties.
    """
    clean = Cleaner()
    return write_interchange(envelope, "HN", VERSION, (_write_set(one, envelope, clean) for one in sets))


def _write_set(one: AnswerSet, envelope: Envelope, clean: Cleaner) -> list[str]:
    if not one.answers:
        raise ValueError("a claim status answer answers something")
    out = header_segments("277", one.control, _PURPOSE, clean[one.reference], one.created or envelope.created)
    out[-1] += "*DG"
    ladder = Ladder(out, clean)
    for answer in one.answers:
        if not answer.statuses or not all(0 < len(one.codes) <= _MOST_CODES for one in answer.statuses):
            raise ValueError("an answer has a status, and a status one to three codes")
        ladder.climb(path_of(answer), anew=not answer.is_about_claim)
        if answer.provider is not None and not answer.is_about_claim:
            out.append(f"TRN*1*{clean[answer.trace] or '0'}")
        else:
            out.append(f"TRN*2*{clean[answer.trace]}")
        out += _status_segments(answer.statuses, clean)
        out += claim_references(answer, clean)
        out += service_date(answer)
        for line in answer.lines:
            out.append(service_segment(line, line.paid_cents, clean))
            out += _status_segments(line.statuses, clean)
            out += [f"REF*FJ*{clean[line.control]}"] if line.control else []
            out += service_date(line)
    return out


def _status_segments(statuses: list[Status], clean: Cleaner) -> list[str]:
    """One STC per status."""
    out = []
    for one in statuses:
        first, second, third, *_ = [*[_composite(code, clean) for code in one.codes], "", "", ""]
        money = f"{amount_text(one.charge_cents)}*{amount_text(one.paid_cents)}"
        days = [DATE_TEXTS[day] if day else "" for day in (one.on, one.decided_on, one.paid_on)]
        out.append(
            trim(f"STC*{first}*{days[0]}**{money}*{days[1]}**{days[2]}*{clean[one.check][:16]}*{second}*{third}")
        )
    return out


def _composite(code: StatusCode, clean: Cleaner) -> str:
    parts = (code.category, code.code, code.entity, code.code_list)
    return ":".join(clean[part] for part in parts).rstrip(":")
