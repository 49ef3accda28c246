"""What eligibility (270, 271) and authorization (278) have in common: who asks whom about which patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bureau.x12.values import Party
from bureau.x12.values837 import Dated


@dataclass(slots=True)
class Heading:
    """ST and BHT: what every set begins with."""

    control: str  # ST02
    reference: str = ""  # BHT03: the asker's number for the set, sent back with the answer
    created: datetime | None = None  # BHT04, BHT05; the envelope's when written without
    purpose: str = ""  # BHT02: 13 request, 01 cancellation, 11 response
    mode: str = ""  # BHT06: RT; 18 final answer, 19 more will follow
    first_segment: int = field(default=0, compare=False, kw_only=True)
    last_segment: int = field(default=0, compare=False, kw_only=True)


@dataclass(slots=True)
class Trace:
    """One TRN: the number a question is known by; the answer sends it back."""

    number: str  # TRN02
    origin: str = ""  # TRN03, ten characters: 1 and a tax id, or 9 and a name of one's own
    extra: str = ""  # TRN04
    kind: str = "1"  # TRN01: 1 the sender's own, 2 the other side's, sent back


@dataclass(slots=True)
class Rejection:
    """One AAA: why something could not be answered, and what to do next."""

    reason: str  # AAA03
    action: str  # AAA04: C correct and resend, N do not resend, R resend, P resend as it was ...
    is_valid: bool = True  # AAA01: the request was well formed


@dataclass(slots=True)
class Contact:
    """One PER; numbers are (kind, value), kind TE, FX, EM, UR or EX."""

    name: str = ""
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class ProviderRole:
    """One PRV: what a provider is here (BI, PE, RF, PC ...) and under which further id."""

    code: str
    id_kind: str = ""  # PRV02: PXC taxonomy, HPI NPI ...
    id: str = ""


@dataclass(slots=True)
class Diagnosis:
    """One composite of an HI; the code has no dot."""

    kind: str  # ABK first, ABF others, ABJ admitting, LOI ...
    code: str
    on: date | None = None


@dataclass(slots=True)
class Procedure:
    """A medical procedure composite (C003)."""

    code: str
    kind: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""
    through: str = ""  # last code of a range


@dataclass(slots=True)
class Delivery:
    """One HSD: how many of what, how often, over how long."""

    unit: str = ""  # HSD01: VS visits, DY days, HS hours, MN months, FL units
    quantity: Decimal | None = None
    per: str = ""  # HSD03: DA, WK, MO, YR ...
    every: Decimal | None = None  # HSD04
    period: str = ""  # HSD05: 7 day, 35 week, 34 month, 23 calendar year, 29 remaining ...
    periods: Decimal | None = None  # HSD06
    pattern: str = ""  # HSD07
    time: str = ""  # HSD08


@dataclass(slots=True)
class Entity:
    """A name at a level or in a loop with everything that hangs on it.

    Of the party count name, id, address, birth, sex and `refs` (every REF); contacts and taxonomy are here.
    """

    kind: str = ""  # NM101: PR, X3 the payer; 1P the provider; IL; 03, QC the dependent; P3, DK, SJ ...
    party: Party = field(default_factory=Party)
    traces: tuple[Trace, ...] = ()
    level_rejections: tuple[Rejection, ...] = ()  # AAA before the name: nothing below could be worked
    rejections: tuple[Rejection, ...] = ()  # AAA after the name
    contacts: tuple[Contact, ...] = ()
    role: ProviderRole | None = None
    relationship: str = ""  # INS02: 18 self, 01 spouse, 19 child, G8 other ...
    maintenance: str = ""  # INS03: 001 where the payer corrected what was asked with
    maintenance_reason: str = ""  # INS04: 25 goes with 001
    birth_order: int | None = None  # INS17, of a multiple birth
    diagnoses: tuple[Diagnosis, ...] = ()
    dates: tuple[Dated, ...] = ()


@dataclass(slots=True)
class Parties:
    """The levels from the payer down to the patient; a refusal may end at any of them."""

    source: Entity = field(default_factory=Entity)  # 2000A: the payer, the review organization
    receiver: Entity | None = None  # 2000B: the provider that asks
    subscriber: Entity | None = None  # 2000C
    dependent: Entity | None = None  # 2000D, when the subscriber is not the patient

    @property
    def patient(self) -> Entity | None:
        return self.dependent or self.subscriber
