"""Segments that a claim and a service line both may carry, from attachments to repricing: read and written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from bureau.x12.reading import PAD, Handler, Reader, party_of
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, DATES, QUANTITY_TEXTS
from bureau.x12.values import Party
from bureau.x12.values837 import (
    Ambulance,
    Attachment,
    ClaimExtras,
    Condition,
    Contract,
    Dated,
    LineExtras,
    Repricing,
)
from bureau.x12.writing import Cleaner, address_segments, name_segment, trim

Extras = ClaimExtras | LineExtras
TRIP_ENDS = {"PW": "pickup", "45": "dropoff"}
_MOST = (("attachments", 10), ("file_notes", 10))


def pass_over(reader: Reader[Any], n: int, identifier: str, loop: str) -> None:
    """Say that something known stands where it means nothing, or once too often, and is not kept."""
    text = "The claim says more here than is carried over."
    reader.warn("not_carried", n, identifier, text, loop)


def open_party(reader: Reader[Any], e: list[str], n: int) -> Party:
    """The party of an NM1, which then takes what follows it; pads `e`."""
    e += PAD
    party = reader.party = party_of(e)
    party.segment = n
    return party


def add_reference(reader: Reader[Any], party: Party, e: list[str], n: int) -> None:
    """A REF of a party."""
    e += PAD
    party.refs = reader.joined(party.refs, [(e[1], e[2])], n, "REF")


class DetailReader:
    """The handlers of one level; `find_extras` gives the value to fill, None where it does not exist yet."""

    def __init__(self, reader: Reader[Any], loop: str, find_extras: Callable[[], Extras | None]) -> None:
        self._reader = reader
        self._loop = loop
        self._find_extras = find_extras

    def make_handlers(self) -> dict[str, Handler]:
        return {
            "PWK": self._pwk, "CN1": self._cn1, "K3": self._k3, "CR1": self._cr1, "CRC": self._crc, "HCP": self._hcp,
        }  # fmt: skip

    def open_extras(self, n: int, identifier: str) -> Extras | None:
        """The extras that segment `n` belongs to; says so when there are none."""
        extras = self._find_extras()
        if extras is None:
            pass_over(self._reader, n, identifier, self._loop)
        return extras

    def add_date(self, e: list[str], n: int) -> None:
        """Any DTP but those that have a field of their own."""
        dated = read_dated(self._reader, e, n)
        extras = self.open_extras(n, "DTP") if dated is not None else None
        if extras is not None and dated is not None:
            extras.dates = self._reader.joined(extras.dates, [dated], n, "DTP")

    def add_reference(self, kind: str, value: str, n: int) -> None:
        extras = self.open_extras(n, "REF")
        if extras is not None:
            extras.refs = self._reader.joined(extras.refs, [(kind, value)], n, "REF")

    def add_trip_end(self, code: str, party: Party, n: int) -> None:
        """NM1*PW or NM1*45."""
        extras = self.open_extras(n, "NM1")
        if extras is not None:
            if extras.ambulance is None:
                extras.ambulance = Ambulance()
            setattr(extras.ambulance, TRIP_ENDS[code], party)

    def _pwk(self, e: list[str], n: int) -> None:
        extras = self.open_extras(n, "PWK")
        if extras is not None:
            e += PAD
            extras.attachments = self._reader.joined(extras.attachments, [Attachment(e[1], e[2], e[6])], n, "PWK")

    def _cn1(self, e: list[str], n: int) -> None:
        extras = self.open_extras(n, "CN1")
        if extras is None:
            return
        if extras.contract is not None:
            pass_over(self._reader, n, "CN1", self._loop)
            return
        e += PAD
        cents, quantity = self._reader.cents, self._reader.quantity
        extras.contract = Contract(
            e[1], cents(e[2], n, "CN102"), quantity(e[3], n, "CN103"), e[4], quantity(e[5], n, "CN105"), e[6]
        )

    def _k3(self, e: list[str], n: int) -> None:
        extras = self.open_extras(n, "K3")
        if extras is not None and len(e) > 1:
            extras.file_notes = self._reader.joined(extras.file_notes, [e[1]], n, "K3")

    def _cr1(self, e: list[str], n: int) -> None:
        extras = self.open_extras(n, "CR1")
        if extras is None:
            return
        trip = extras.ambulance = extras.ambulance or Ambulance()
        if trip.reason:
            pass_over(self._reader, n, "CR1", self._loop)
            return
        e += PAD
        trip.weight_pounds, trip.miles = (
            self._reader.quantity(e[2], n, "CR102"),
            self._reader.quantity(e[6], n, "CR106"),
        )
        trip.reason, trip.round_trip, trip.stretcher = e[4], e[9], e[10]

    def _crc(self, e: list[str], n: int) -> None:
        extras = self.open_extras(n, "CRC")
        if extras is not None:
            e += PAD
            condition = Condition(e[1], e[2] == "Y", tuple([code for code in e[3:8] if code]))
            extras.conditions = self._reader.joined(extras.conditions, [condition], n, "CRC")

    def _hcp(self, e: list[str], n: int) -> None:
        extras = self.open_extras(n, "HCP")
        if extras is None:
            return
        if extras.repricing is not None:
            pass_over(self._reader, n, "HCP", self._loop)
            return
        e += PAD
        cents, quantity = self._reader.cents, self._reader.quantity
        extras.repricing = Repricing(
            e[1], cents(e[2], n, "HCP02"), cents(e[3], n, "HCP03"), e[4], quantity(e[5], n, "HCP05"),
            e[6], cents(e[7], n, "HCP07"), e[9], e[10], e[11], quantity(e[12], n, "HCP12"), e[13], e[14], e[15],
        )  # fmt: skip


def read_span(reader: Reader[Any], text: str, n: int) -> tuple[date | None, date | None]:
    """The days of a DTP03: first and last, the last None when it is the same or there is but one."""
    first = DATES[text]
    if first is not None:
        return first, None
    start, dash, end = text.partition("-")
    first = reader.day(start, n, "DTP03")
    last = reader.day(end, n, "DTP03") if dash else None
    return first, last if last != first else None


def read_dated(reader: Reader[Any], e: list[str], n: int) -> Dated | None:
    """The value of a DTP; None, and a problem, when it holds no day."""
    e += PAD
    text, clock = (e[3][:8], e[3][8:]) if e[2] == "DT" else (e[3], "")
    first, last = read_span(reader, text, n)
    return None if first is None else Dated(e[1], first, last, clock)


def check_counts(extras: Extras) -> None:
    """Raises ValueError where there is more than the guide has room for."""
    for name, most in _MOST:
        if len(getattr(extras, name)) > most:
            raise ValueError(f"a claim or line has up to {most} {name.replace('_', ' ')}")


def amount_text(cents: int | None) -> str:
    return "" if cents is None else AMOUNT_TEXTS[cents]


def number_text(number: Decimal | None) -> str:
    return "" if number is None else QUANTITY_TEXTS[number]


def span_segment(kind: str, first: date, last: date | None) -> str:
    """A DTP for a day or for a span of days."""
    if last is None or last == first:
        return f"DTP*{kind}*D8*{DATE_TEXTS[first]}"
    return f"DTP*{kind}*RD8*{DATE_TEXTS[first]}-{DATE_TEXTS[last]}"


def dated_segments(dates: tuple[Dated, ...], clean: Cleaner) -> list[str]:
    return [
        f"DTP*{clean[one.kind]}*DT*{DATE_TEXTS[one.first]}{clean[one.clock]}"
        if one.clock
        else span_segment(clean[one.kind], one.first, one.last)
        for one in dates
    ]


def attachment_segments(extras: Extras, clean: Cleaner) -> list[str]:
    check_counts(extras)
    return [
        f"PWK*{clean[one.kind]}*{clean[one.by]}" + (f"***AC*{clean[one.control]}" if one.control else "")
        for one in extras.attachments
    ]


def contract_segments(one: Contract | None, clean: Cleaner) -> list[str]:
    if one is None:
        return []
    return [
        trim(
            f"CN1*{clean[one.kind]}*{amount_text(one.cents)}*{number_text(one.percent)}*{clean[one.code]}"
            f"*{number_text(one.discount)}*{clean[one.version]}"
        )
    ]


def trip_segments(one: Ambulance | None, clean: Cleaner) -> list[str]:
    """CR1, where there is more than the addresses."""
    if one is None or not one.reason:
        return []
    weight = f"LB*{QUANTITY_TEXTS[one.weight_pounds]}" if one.weight_pounds is not None else "*"
    return [
        trim(
            f"CR1*{weight}**{clean[one.reason]}*DH*{number_text(one.miles)}***{clean[one.round_trip]}"
            f"*{clean[one.stretcher]}"
        )
    ]


def trip_end_segments(one: Ambulance | None, clean: Cleaner) -> list[str]:
    """NM1*PW and NM1*45 with their addresses."""
    out: list[str] = []
    for code, party in (("PW", one.pickup), ("45", one.dropoff)) if one is not None else ():
        if party is not None:
            out += [name_segment(code, party, clean), *address_segments(party, clean)]
    return out


def condition_segments(conditions: tuple[Condition, ...], clean: Cleaner) -> list[str]:
    if any(len(one.codes) > 5 for one in conditions):
        raise ValueError("a condition has up to five codes")
    return [
        "*".join(["CRC", clean[one.category], "Y" if one.applies else "N", *[clean[code] for code in one.codes]])
        for one in conditions
    ]


def note_segments(notes: tuple[tuple[str, str], ...], clean: Cleaner) -> list[str]:
    return [f"NTE*{clean[kind]}*{clean[text]}" for kind, text in notes]


def file_note_segments(extras: Extras, clean: Cleaner) -> list[str]:
    return [f"K3*{clean[text]}" for text in extras.file_notes]


def repricing_segments(one: Repricing | None, clean: Cleaner) -> list[str]:
    if one is None:
        return []
    return [
        trim(
            f"HCP*{clean[one.method]}*{amount_text(one.allowed_cents)}*{amount_text(one.saved_cents)}"
            f"*{clean[one.organization]}*{number_text(one.rate)}*{clean[one.group]}*{amount_text(one.group_cents)}"
            f"**{clean[one.qualifier]}*{clean[one.code]}*{clean[one.unit]}*{number_text(one.units)}"
            f"*{clean[one.rejection]}*{clean[one.policy]}*{clean[one.exception]}"
        )
    ]
