"""A file as a tree: every segment with its loop and depth, for a page that shows it beside the raw text."""

from __future__ import annotations

from dataclasses import dataclass

from bureau.x12.names import SEGMENTS, loop_name
from bureau.x12.syntax import X12Error, iter_blocks, slices

_ENVELOPE = {"ISA": ("ISA", 0), "IEA": ("ISA", 0), "TA1": ("ISA", 1), "GS": ("GS", 1), "GE": ("GS", 1),
             "ST": ("ST", 2), "SE": ("ST", 2)}  # fmt: skip
_LEVELS_837 = {"20": ("2000A", 3), "22": ("2000B", 4), "23": ("2000C", 5)}
_LEVELS = {
    "20": ("2000A", 3),
    "21": ("2000B", 4),
    "19": ("2000C", 5),
    "1P": ("2000C", 5),
    "22": ("2000D", 6),
    "23": ("2000E", 7),
    "PT": ("2000D", 6),
    "EV": ("2000E", 7),
    "SS": ("2000F", 8),
}
_LEVELS_INQUIRY = {
    "20": ("2000A", 3), "21": ("2000B", 4), "22": ("2000C", 5), "23": ("2000D", 6),
    "EV": ("2000E", 7), "SS": ("2000F", 8),
}  # fmt: skip
_LEVELS_OF = dict.fromkeys(("270", "271", "278"), _LEVELS_INQUIRY) | {"837": _LEVELS_837}
_NAMES_837 = {
    ("", "41"): "1000A", ("", "40"): "1000B", ("2000A", "85"): "2010AA", ("2000A", "87"): "2010AB",
    ("2000A", "PE"): "2010AC", ("2000B", "IL"): "2010BA",
    ("2000B", "PR"): "2010BB", ("2000C", "QC"): "2010CA",
    ("2300", "DN"): "2310A", ("2300", "P3"): "2310A", ("2300", "82"): "2310B", ("2300", "77"): "2310C",
    ("2300", "DQ"): "2310D", ("2300", "PW"): "2310E", ("2300", "45"): "2310F", ("2320", "IL"): "2330A",
    ("2320", "PR"): "2330B", ("2320", "DN"): "2330C", ("2320", "P3"): "2330C", ("2320", "82"): "2330D",
    ("2320", "77"): "2330E", ("2320", "DQ"): "2330F", ("2320", "85"): "2330G",
    ("2400", "82"): "2420A", ("2400", "QB"): "2420B", ("2400", "77"): "2420C", ("2400", "DQ"): "2420D",
    ("2400", "DK"): "2420E", ("2400", "DN"): "2420F", ("2400", "P3"): "2420F", ("2400", "PW"): "2420G",
    ("2400", "45"): "2420H",
}  # fmt: skip
_NAMES_837I = _NAMES_837 | {
    ("2300", "71"): "2310A", ("2300", "72"): "2310B", ("2300", "ZZ"): "2310C", ("2300", "82"): "2310D",
    ("2300", "77"): "2310E", ("2300", "DN"): "2310F",
    ("2320", "71"): "2330C", ("2320", "72"): "2330D", ("2320", "ZZ"): "2330E", ("2320", "77"): "2330F",
    ("2320", "82"): "2330G", ("2320", "DN"): "2330H", ("2320", "85"): "2330I",
    ("2400", "72"): "2420A", ("2400", "ZZ"): "2420B", ("2400", "82"): "2420C", ("2400", "DN"): "2420D",
}  # fmt: skip
_INSTITUTIONAL = "005010X223"
_OPENERS = {  # segment -> (loop, depth below its home) by transaction kind
    "837": {"CLM": ("2300", 1), "LX": ("2400", 2), "LIN": ("2410", 3), "SVD": ("2430", 3), "LQ": ("2440", 3)},
    "835": {"N1": ("1000", 1), "LX": ("2000", 1), "CLP": ("2100", 2), "SVC": ("2110", 3), "PLB": ("PLB", 1)},
    "999": {"AK2": ("2000", 1), "IK3": ("2100", 2), "IK4": ("2110", 3)},
    "276": {"TRN": ("2200", 1), "SVC": ("2210", 2)},
    "277": {"TRN": ("2200", 1), "SVC": ("2220", 2)},
    "270": {"EQ": ("2110", 1)},
    "271": {"EB": ("2110", 1)},
}
_HOME_999 = frozenset({"IK5", "AK9"})


@dataclass(frozen=True, slots=True)
class Node:
    """One segment: where it stands (1-based), the loop it belongs to, how deep, and what it is called."""

    position: int
    id: str
    loop: str
    depth: int
    name: str
    loop_name: str
    elements: tuple[str, ...]
    raw: str
    opens: bool = False  # the first segment of its loop


class Placer:
    """Finds the loop of each segment from its identifier and qualifier and what came before."""

    def __init__(self) -> None:
        self.kind = ""
        self.named = ""  # the kind by which loops are named: 837I for an institutional claim
        self.level, self.level_depth = "", 2
        self.home, self.home_depth = "", 2  # the claim, line or other-coverage loop a name hangs on
        self.loop, self.depth = "ST", 2

    def place(self, e: list[str]) -> tuple[str, int, bool]:
        identifier = e[0]
        if identifier in _ENVELOPE:
            loop, depth = _ENVELOPE[identifier]
            if identifier == "ST":
                self.kind = self.named = e[1] if len(e) > 1 else ""
                if self.kind == "837" and len(e) > 3 and e[3].startswith(_INSTITUTIONAL):
                    self.named = "837I"
                self.level, self.level_depth, self.home, self.home_depth = "", 2, "", 2
                self.loop, self.depth = "ST", 2
            return loop, depth, identifier in ("ISA", "GS", "ST")
        opens = self._open(identifier, e[1] if len(e) > 1 else "", e[3] if len(e) > 3 else "")
        inner = self.depth + (0 if opens else 1)
        return self.loop, inner, opens

    def _open(self, identifier: str, first: str, third: str) -> bool:
        if identifier == "HL":
            levels = _LEVELS_OF.get(self.kind, _LEVELS)
            loop, depth = levels.get(third, ("2000", 3))
            self.level, self.level_depth = loop, depth
            return self._enter(loop, depth, home=True)
        opener = _OPENERS.get(self.kind, {}).get(identifier)
        if opener is not None and not (identifier == "LX" and self.kind == "837" and not self.home):
            return self._enter(opener[0] + self._suffix(identifier, first), self.level_depth + opener[1], home=True)
        if self.kind == "837" and identifier == "SBR" and self.home not in ("", "2000B"):
            return self._enter("2320", self.level_depth + 2, home=True)
        if identifier == "NM1" and self.kind != "835":
            if self.kind == "837" and self.home.startswith("24"):  # below a line, not below its drug or decision
                self.home, self.home_depth = "2400", self.level_depth + 2
            return self._enter(self._name_loop(first), self.home_depth + 1, home=False)
        if identifier == "III" and self.kind == "271":
            return self._enter(f"2115{self.level[-1:]}", self.home_depth + 1, home=False)
        if identifier in ("LS", "LE"):
            self.loop, self.depth = self.home, self.home_depth
        if identifier in _HOME_999 and self.kind == "999":
            self.loop, self.depth = ("2000", 3) if identifier == "IK5" else ("ST", 2)
        return False

    def _suffix(self, identifier: str, first: str) -> str:
        if identifier == "N1":
            return {"PR": "A", "PE": "B"}.get(first, "")
        return self.level[-1:] if identifier in ("TRN", "SVC", "EQ", "EB") else ""

    def _name_loop(self, qualifier: str) -> str:
        if self.kind == "837":
            fallback = {"2300": "2310", "2320": "2330", "2400": "2420"}.get(self.home, self.home)
            names = _NAMES_837I if self.named == "837I" else _NAMES_837
            return names.get((self.home, qualifier), fallback or "1000")
        if self.kind == "278":
            return self.level.replace("2000", "2010") + ("A" if self.level == "2000E" else "")
        if self.home.startswith("2110"):
            return self.home.replace("2110", "2120")
        return self.level.replace("2000", "2100") or "2100"

    def _enter(self, loop: str, depth: int, *, home: bool) -> bool:
        self.loop, self.depth = loop, depth
        if home:
            self.home, self.home_depth = loop, depth
        return True


def tree(text: str, first: int = 1, last: int | None = None) -> list[Node]:
    """The segments from `first` to `last` with their places in the tree; an unreadable text gives no nodes."""
    nodes: list[Node] = []
    placer = Placer()
    n = 0
    try:
        for delimiters, segments in iter_blocks(slices(text)):
            for raw in segments:
                n += 1
                if last is not None and n > last:
                    return nodes
                e = raw.split(delimiters.element)
                loop, depth, opens = placer.place(e)
                if n >= first:
                    names = SEGMENTS.get(e[0], "Unknown segment"), loop_name(placer.named, loop)
                    nodes.append(Node(n, e[0], loop, depth, *names, tuple(e[1:]), raw, opens))
    except X12Error:
        return nodes
    return nodes


def reemit(text: str) -> str:
    """The file written anew from its segments and elements; equal to `text` byte for byte when that is clean.

    The line break after the first segment is taken for all. Raises X12Error when there is no ISA.
    """
    out: list[str] = []
    for delimiters, segments in iter_blocks(slices(text)):
        end = delimiters.segment
        gap = _line_break(text, end)
        rows = (delimiters.element.join(raw.split(delimiters.element)) for raw in segments)
        out.extend(f"{row}{end}{gap}" for row in rows)
    whole = "".join(out)
    return whole if text[-1:] in ("\r", "\n") else whole.rstrip("\r\n")


def _line_break(text: str, end: str) -> str:
    """What stands between the first terminator and the next segment."""
    after = text[text.find(end) + 1 :][:2] if end in text else ""
    return after if after in ("\r\n", "\n\n") else after[:1] if after[:1] in ("\r", "\n") else ""
