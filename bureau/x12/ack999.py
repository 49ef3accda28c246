"""Implementation acknowledgements (005010X231A1): what the other side says of our groups and sets."""

from __future__ import annotations

import re

from bureau.x12.acks import FunctionalAck, Note, SetAck
from bureau.x12.reading import PAD, Handler, Reader, read_all
from bureau.x12.syntax import slices
from bureau.x12.values import Envelope
from bureau.x12.writing import Cleaner, trim, write_interchange
from config.problems import Problem

__all__ = ["Reader999", "read_999", "write_999"]

VERSION = "005010X231A1"
_VERSION, _CONTROL = 12, 9  # characters of AK103 and AK202
_CONTEXT = 35  # characters of CTX01-2; a part of a claim number would name no claim, or another
_NO_NAME = "ZZZ"  # IK301 of a segment whose name cannot be written
_NO_CONTROL = "0"  # AK202 of a set that was sent without a control number
_LOOP = 4  # characters of IK303: "2010" stands for 2010AA and 2010BA alike
_KINDS = {"HC": "837", "HP": "835", "HS": "270", "HB": "271", "HR": "276", "HN": "277", "HI": "278"}
# After the segment, of whatever characters that was: a garbled one is answered too.
_ELEMENT = re.compile(r"(?:.{1,3}?)??(\d{1,2})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", re.ASCII | re.DOTALL)


class Reader999(Reader[FunctionalAck]):
    """One pass over 999 text; a note's element is written "CLM05-3", copies of bad data are never kept."""

    kind = "999"
    versions = ("005010X231",)

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "AK1": self._ak1, "AK2": self._ak2, "IK3": self._ik3, "CTX": self._ctx, "IK4": self._ik4,
            "IK5": self._ik5, "AK9": self._ak9,
        }  # fmt: skip

    def start_set(self, control: str, _version: str, _n: int) -> None:
        self.current = FunctionalAck(control, "", "", 0, 0, 0)
        self.answered: SetAck | None = None
        self.note: Note | None = None  # the open IK3
        self.is_told = False  # whether an IK4 below it was read

    def end_set(self, n: int) -> None:
        self._end_note()
        if not self.current.verdict:
            self.error("segment_missing", n, "AK9", "The acknowledgement gives no verdict on the group.")
        self.ready.append(self.current)

    def _end_note(self) -> None:
        if self.note is not None and self.answered is not None and not self.is_told:
            self.answered.notes.append(self.note)
        self.note, self.is_told = None, False

    def _ak1(self, e: list[str], n: int) -> None:
        e += PAD
        self.current.group_control, self.current.group_kind, self.current.group_version = e[2], e[1], e[3]
        if not e[2]:
            self.error("element_missing", n, "AK102", "The acknowledgement does not name a group.")

    def _ak2(self, e: list[str], n: int) -> None:
        self._end_answer(n)
        e += PAD
        self.answered = SetAck(e[2], "")
        self.current.sets.append(self.answered)

    def _end_answer(self, n: int) -> None:
        """The next AK2 or the AK9 stands at segment `n`: an answer that is still open has no verdict."""
        self._end_note()
        if self.answered is not None:
            self.error("segment_missing", n, "IK5", "The acknowledgement gives no verdict on a set.", "2000")
            self.answered = None

    def _ik3(self, e: list[str], n: int) -> None:
        self._end_note()
        e += PAD
        position = int(e[2]) if e[2].isascii() and e[2].isdigit() and len(e[2]) < 11 else 0
        if not position:
            self.error("bad_position", n, "IK302", "IK302 is not the position of a segment.")
        self.note = Note(position, e[1], e[4], loop=e[3])

    def _ctx(self, e: list[str], _n: int) -> None:
        name, _, value = (e + PAD)[1].partition(self.component)
        if name == "CLM01" and self.note is not None:
            self.note = self.note._replace(claim=value)

    def _ik4(self, e: list[str], n: int) -> None:
        if self.answered is None or self.note is None:
            self.error("ik4_misplaced", n, "IK4", "An IK4 stands here without an IK3 before it.")
            return
        e += PAD
        place, _, component = e[1].partition(self.component)
        component = component.partition(self.component)[0]
        element = f"{self.note.segment}{place.zfill(2)}{f'-{component}' if component else ''}" if place else ""
        self.answered.notes.append(self.note._replace(element=element, element_code=e[3]))
        self.is_told = True

    def _ik5(self, e: list[str], n: int) -> None:
        self._end_note()
        e += PAD
        if self.answered is None:
            self.error("ik5_misplaced", n, "IK5", "An IK5 stands here without an AK2 before it.")
            return
        self.answered.verdict = e[1]
        self.answered.codes = tuple(code for code in e[2:7] if code)
        self.answered = None

    def _ak9(self, e: list[str], n: int) -> None:
        self._end_answer(n)
        e += PAD
        one = self.current
        one.verdict = e[1]
        counts = [int(text) if text.isascii() and text.isdigit() and len(text) < 11 else -1 for text in e[2:5]]
        if -1 in counts:
            self.error("bad_count", n, "AK902", "AK9 does not give three counts.")
        one.included, one.received, one.accepted = (max(count, 0) for count in counts)
        one.codes = tuple(code for code in e[5:10] if code)


def read_999(text: str, file: str = "") -> tuple[list[FunctionalAck], list[Problem]]:
    """Every 999 of the text; note positions count from the ST (= 1) of the set acknowledged."""
    reader = Reader999(file)
    return read_all(reader, slices(text)), reader.problems


def write_999(envelope: Envelope, acks: list[FunctionalAck]) -> str:
    """One interchange with one group, one ST per acknowledgement; ValueError for an element like "??".

    What is too long for its element, as it was too long where it was sent, is cut.
    """
    clean = Cleaner()
    return write_interchange(envelope, "FA", VERSION, (_write_set(one, clean) for one in acks))


def _write_set(one: FunctionalAck, clean: Cleaner) -> list[str]:
    out = [
        f"ST*999*{one.control}*{VERSION}",
        trim(f"AK1*{clean[one.group_kind]}*{clean[one.group_control]}*{clean[one.group_version][:_VERSION]}"),
    ]
    kind, version = _KINDS.get(one.group_kind, "837"), clean[one.group_version][:_VERSION]
    for answered in one.sets:
        control = clean[answered.control][:_CONTROL] or _NO_CONTROL
        out.append(trim(f"AK2*{kind}*{control}*{version}"))
        out += _note_segments(answered.notes, clean)
        codes = "".join([f"*{clean[code]}" for code in answered.codes[:5]])
        out.append(f"IK5*{clean[answered.verdict]}{codes}")
    counts = f"{one.included}*{one.received}*{one.accepted}"
    codes = "".join([f"*{clean[code]}" for code in one.codes[:5]])
    out.append(f"AK9*{clean[one.verdict]}*{counts}{codes}")
    return out


def _note_segments(notes: list[Note], clean: Cleaner) -> list[str]:
    """IK3 with its claim, then IK4 per element; notes of one segment that follow each other share their IK3."""
    out: list[str] = []
    before: Note | None = None
    for note in notes:
        head = note._replace(element="", element_code="")
        if head != before or not note.element:
            segment, loop = clean[note.segment][:3] or _NO_NAME, clean[note.loop][:_LOOP]
            out.append(trim(f"IK3*{segment}*{note.position}*{loop}*{clean[note.code]}"))
            out += [f"CTX*CLM01:{clean[note.claim]}"] if 0 < len(clean[note.claim]) <= _CONTEXT else []
        before = head
        if note.element or note.element_code:
            out.append(f"IK4*{_position(note.element)}**{clean[note.element_code]}")
    return out


def _position(element: str) -> str:
    """IK401 of an element: "CLM05-3" and "5-3" become "5:3", "CLM05" and "5" become "5"."""
    match = _ELEMENT.fullmatch(element)
    if match is None:
        raise ValueError("an element is named like CLM05-3")
    return ":".join(str(int(part)) for part in match.groups() if part)
