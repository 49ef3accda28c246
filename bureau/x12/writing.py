"""What every writer shares: cleaning of data, the envelope round a transaction set, parties as segments."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bureau.x12.scalars import DATE_TEXTS, Memo, format_time
from bureau.x12.syntax import STANDARD
from bureau.x12.values import Envelope, Party

END = STANDARD.segment + "\n"
_NAME, _FIRST, _STREET, _CITY = 60, 35, 55, 30
_NUMBERS = 3
_SPELLED = str.maketrans({
    "ß": "SS", "Æ": "AE", "æ": "AE", "Ø": "O", "ø": "O", "Œ": "OE", "œ": "OE", "Ł": "L", "ł": "L",
    "Đ": "D", "đ": "D", "ð": "D", "Ð": "D", "Þ": "TH", "þ": "TH", "ı": "I", "\u2018": "'", "\u2019": "'",
    "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2026": "...",
})  # fmt: skip
_FORBIDDEN = {code: " " for code in range(128) if not 32 <= code < 127 or chr(code) in "*:~^"}


def clean_text(text: str) -> str:
    """Data as a payer takes it: upper case, no accents, no delimiter, printable ASCII only."""
    if text.isascii() and text.isalnum():  # nearly every id, code and name
        return text.upper()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_SPELLED))
        text = "".join(c for c in text if not unicodedata.combining(c)).upper()
        text = "".join(c if c.isascii() else " " for c in text)
    return " ".join(text.upper().translate(_FORBIDDEN).split())


class Cleaner(Memo[str, str]):
    """`clean[text]` is the cleaned text; one per file written, so that no name outlives its file."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(clean_text)
        self[""] = ""


def trim(segment: str) -> str:
    """A segment without empty elements at its end."""
    return segment.rstrip("*")


def isa_segment(envelope: Envelope, clean: Cleaner) -> str:
    """The ISA, every element at its fixed width."""
    created = envelope.created
    return (
        f"ISA*00*          *00*          *{envelope.sender_kind}*{clean[envelope.sender]:15.15}"
        f"*{envelope.receiver_kind}*{clean[envelope.receiver]:15.15}*{created:%y%m%d}*{created:%H%M}*^*00501"
        f"*{envelope.control:09d}*{'1' if envelope.ack_requested else '0'}"
        f"*{'P' if envelope.production else 'T'}*:"
    )


def write_interchange(envelope: Envelope, kind: str, version: str, sets: Iterable[list[str]]) -> str:
    """One ISA with one GS of the given GS01 and GS08 round the sets; each runs from ST to before its SE.

    Raises ValueError for no set at all, and for partner ids or control numbers that ISA or ST cannot hold.
    """
    created, clean = envelope.created, Cleaner()
    sender, receiver = clean[envelope.sender], clean[envelope.receiver]
    if not 0 < len(sender) <= 15 or not 0 < len(receiver) <= 15:
        raise ValueError("sender and receiver of an interchange have 1 to 15 characters")
    if not 0 < envelope.control < 10**9 or not 0 < envelope.group_control < 10**9:
        raise ValueError("control numbers have 1 to 9 digits")
    out = [
        isa_segment(envelope, clean),
        (
            f"GS*{kind}*{sender}*{receiver}*{DATE_TEXTS[created.date()]}*{format_time(created)}"
            f"*{envelope.group_control}*X*{version}"
        ),
    ]
    count = 0
    for segments in sets:
        count += 1
        control = segments[0].split("*", 3)[2]
        if not (0 < len(control) < 10 and control.isascii() and control.isalnum()):
            raise ValueError("the control number of a transaction set has 1 to 9 letters and digits")
        out += segments
        out.append(f"SE*{len(segments) + 1}*{control}")
    if not count:
        raise ValueError("an interchange without a transaction set is no message")
    out += [f"GE*{count}*{envelope.group_control}", f"IEA*1*{envelope.control:09d}", ""]
    return END.join(out)


def name_segment(code: str, party: Party, clean: Cleaner) -> str:
    """The NM1 of a party; an id goes only with its kind."""
    name = clean[party.name][:_NAME]
    identifier = f"*{clean[party.id_kind]}*{clean[party.id]}" if party.id else ""
    if not party.is_person:
        return f"NM1*{code}*2*{name}****{identifier}" if identifier else trim(f"NM1*{code}*2*{name}")
    first, middle = clean[party.first][:_FIRST], clean[party.middle][:25]
    return trim(f"NM1*{code}*1*{name}*{first}*{middle}**{clean[party.suffix][:10]}{identifier}")


def address_segments(party: Party, clean: Cleaner) -> list[str]:
    """N3 and N4, as far as there is an address."""
    out = []
    if party.street:
        out.append(trim(f"N3*{clean[party.street][:_STREET]}*{clean[party.street2][:_STREET]}"))
    if party.city or party.zip:
        abroad = f"*{clean[party.country]}***{clean[party.region]}" if party.country else ""
        zip_code = clean[party.zip].replace("-", "")
        out.append(trim(f"N4*{clean[party.city][:_CITY]}*{clean[party.state]}*{zip_code}{abroad}"))
    return out


def reference_segments(party: Party, clean: Cleaner) -> list[str]:
    return [f"REF*{clean[kind]}*{clean[value]}" for kind, value in party.refs if value]


def contact_segment(party: Party, clean: Cleaner, kind: str = "IC") -> str:
    """A PER with whatever numbers there are. Raises ValueError for more than its three places hold."""
    numbers = []
    if party.phone:
        numbers.append(f"*TE*{digits_of(party.phone)}")
        if party.extension:
            numbers.append(f"*EX*{clean[party.extension]}")
    if party.fax:
        numbers.append(f"*FX*{digits_of(party.fax)}")
    if party.email:
        numbers.append(f"*EM*{clean[party.email]}")
    if len(numbers) > _NUMBERS:
        raise ValueError("a contact has up to three numbers")
    return trim(f"PER*{kind}*{clean[party.contact][:_NAME]}" + "".join(numbers))


def contact_segments(party: Party, clean: Cleaner) -> list[str]:
    """The PER of a party that has anything to put into one."""
    if party.contact or party.phone or party.fax or party.email:
        return [contact_segment(party, clean)]
    return []


def birth_segment(party: Party, clean: Cleaner) -> list[str]:
    """DMG, with "unknown" where the sex is not given; both elements stand or fall together."""
    if party.birth is None:
        return []
    return [f"DMG*D8*{DATE_TEXTS[party.birth]}*{clean[party.sex] or 'U'}"]


def digits_of(phone: str) -> str:
    """A phone number without what stands between its digits."""
    return "".join(c for c in phone if c in "0123456789")
