"""Interchange acknowledgements (TA1): did the envelope as such arrive whole."""

from __future__ import annotations

import re

from bureau.x12.envelope import InterchangeAck, read_envelope
from bureau.x12.scalars import DATE_TEXTS
from bureau.x12.values import Envelope
from bureau.x12.writing import END, Cleaner, isa_segment
from config.problems import Problem

_NUMBER = re.compile("[0-9]{1,9}")

__all__ = ["InterchangeAck", "read_ta1", "write_ta1"]


def read_ta1(text: str, file: str = "") -> tuple[list[InterchangeAck], list[Problem]]:
    """Every TA1 of the text, whether or not groups follow it."""
    interchanges, problems = read_envelope(text, file)
    return [ack for one in interchanges for ack in one.tas], problems


def write_ta1(envelope: Envelope, acks: list[InterchangeAck]) -> str:
    """An interchange that holds TA1 segments only; a missing moment is the envelope's.

    TA101 is a number: an ISA13 that was none is answered as zero.
    """
    segments = [isa_segment(envelope, Cleaner())]
    for ack in acks:
        moment = ack.created or envelope.created
        day = DATE_TEXTS[moment.date()][2:]
        control = ack.control if _NUMBER.fullmatch(ack.control) else "000000000"
        segments.append(f"TA1*{control}*{day}*{moment:%H%M}*{ack.verdict}*{ack.note or '000'}")
    segments += [f"IEA*0*{envelope.control:09d}", ""]
    return END.join(segments)
