"""The answer to HL7 v2 messages: accepted, accepted with errors, or rejected, one ACK for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bureau.rules.intake.hl7 import find_message_problem
from bureau.rules.intake.hl7_syntax import Message, decode, escape, read_messages

ACCEPTED, ERROR, REJECTED = "AA", "AE", "AR"
CHANGED = "message.changed"


Wrong = Mapping[int, Sequence[Mapping[str, Any]]]  # problems (code, text) by the number of their segment


def write_acks(data: bytes, wrong: Wrong, at: datetime, *, refused: Mapping[str, Any] | None = None) -> str:
    """An ACK for every message of a file, segments ended by CR; a file without messages gets no answer.

    `refused` is why the file as a whole was not taken.
    """
    messages, _problems = read_messages("", decode(data))
    return "".join(
        _write_ack(message, {message.head.number: [refused]} if refused else wrong, at, is_refused=bool(refused))
        for message in messages
    )


def _write_ack(message: Message, wrong: Wrong, at: datetime, *, is_refused: bool) -> str:
    head, marks = message.head, message.head.delimiters
    numbers = range(head.number, message.last_number + 1)
    found = [(number, problem) for number in numbers for problem in wrong.get(number, ())]
    is_refused |= find_message_problem(message) is not None or any(one["code"] == CHANGED for _, one in found)
    code = REJECTED if is_refused else ERROR if found else ACCEPTED
    kind = f"ACK{marks.component}{head.get(9, 2) or 'P03'}{marks.component}ACK"
    sender, receiver = [_as_written(message, at) for at in (5, 6)], [_as_written(message, at) for at in (3, 4)]
    said = escape(found[0][1]["text"], marks) if found else ""
    control = escape(message.control, marks)
    segments = [
        ["MSH", head.fields[2], *sender, *receiver, f"{at:%Y%m%d%H%M%S%z}", "", kind, f"A{control}"[:20],
         _as_written(message, 11) or "P", _as_written(message, 12) or "2.5.1"],
        ["MSA", code, control, said],
    ]  # fmt: skip
    for number, problem in found:
        segment = next(one for one in message.segments if one.number == number)
        place = 1 + sum(one.name == segment.name and one.number < number for one in message.segments)
        location = f"{segment.name}{marks.component}{place}"
        segments.append(["ERR", "", location, "207", "E", escape(problem["code"], marks), "", "",
                         escape(problem["text"], marks)])  # fmt: skip
    return "".join(marks.field.join(segment) + "\r" for segment in segments)


def _as_written(message: Message, at: int) -> str:
    fields = message.head.fields
    return fields[at] if at < len(fields) else ""
