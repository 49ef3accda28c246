"""The typed values that every transaction shares: parties, adjustments, the envelope; flat, slotted, whole cents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(slots=True)
class Party:
    """Anyone an NM1 or N1 names, with the N3/N4/REF/DMG/PRV/PER that hang on it."""

    name: str = ""  # organization, or last name
    first: str = ""
    middle: str = ""
    suffix: str = ""
    is_person: bool = False
    id_kind: str = ""  # NM108: XX (NPI), MI, PI, 46, XV, FI ...
    id: str = ""  # NM109
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    tax_id: str = ""  # REF*EI (or SY when tax_id_kind says so); REF*TJ of an 835 payee
    tax_id_kind: str = ""  # "" stands for EI
    taxonomy: str = ""  # PRV03
    birth: date | None = None
    sex: str = ""
    contact: str = ""  # PER02
    phone: str = ""  # PER04 of TE
    email: str = ""  # PER04 of EM
    refs: tuple[tuple[str, str], ...] = ()  # other REF (qualifier, value)
    extension: str = ""  # PER06 of EX, to the phone
    fax: str = ""  # PER04 of FX
    country: str = ""  # N404, where it is not the United States
    region: str = ""  # N407, part of a country that has no states of ours
    segment: int = field(default=0, compare=False)  # place of the NM1 or N1 in its file, 0: not read


@dataclass(slots=True)
class Adjustment:
    """One CAS triple: group (CO, PR, OA, PI), CARC, cents, quantity if sent."""

    group: str
    carc: str
    cents: int
    quantity: Decimal | None = None


@dataclass(slots=True)
class Envelope:
    """Who talks to whom in one interchange with one functional group, as we write it."""

    sender: str  # ISA06, GS02
    receiver: str  # ISA08, GS03
    control: int  # ISA13
    group_control: int  # GS06
    created: datetime  # naive local time as it goes into ISA09/10
    sender_kind: str = "ZZ"
    receiver_kind: str = "ZZ"
    production: bool = False  # ISA15: T or P
    ack_requested: bool = False  # ISA14
