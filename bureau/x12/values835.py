"""What an 835 is read into and written from: a payment, the claims it answers, their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bureau.x12.values import Adjustment, Party


@dataclass(slots=True)
class PaidLine:
    """One 2110 loop of an 835."""

    code: str  # SVC01-2
    charge_cents: int  # SVC02
    paid_cents: int  # SVC03
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    units: Decimal | None = None  # SVC05
    billed_code: str = ""  # SVC06-2 when the payer changed the code
    billed_units: Decimal | None = None  # SVC07
    date_from: date | None = None
    date_to: date | None = None
    control: str = ""  # REF*6R
    adjustments: list[Adjustment] = field(default_factory=list)
    allowed_cents: int | None = None  # AMT*B6
    remarks: tuple[str, ...] = ()  # LQ*HE RARCs


@dataclass(slots=True)
class PaidClaim:
    """One 2100 loop (CLP) of an 835."""

    pcn: str  # CLP01
    status: str  # CLP02
    charge_cents: int
    paid_cents: int
    patient_cents: int | None = None  # CLP05
    filing_code: str = ""  # CLP06
    payer_icn: str = ""  # CLP07
    place: str = ""  # CLP08
    frequency: str = ""  # CLP09
    patient: Party | None = None  # NM1*QC
    subscriber: Party | None = None  # NM1*IL
    rendering: Party | None = None  # NM1*82
    crossover: Party | None = None  # NM1*TT
    received: date | None = None  # DTM*050
    adjustments: list[Adjustment] = field(default_factory=list)  # claim level
    lines: list[PaidLine] = field(default_factory=list)
    remarks: tuple[str, ...] = ()  # MOA/MIA remark codes
    first_segment: int = field(default=0, compare=False)
    last_segment: int = field(default=0, compare=False)
    unreadable: bool = field(default=False, compare=False)  # an amount was not readable, 0 stands there


@dataclass(slots=True)
class ProviderAdjustment:
    """One PLB triple: positive cents reduce the payment, negative increase it."""

    provider: str
    year_end: date | None
    reason: str
    reference: str
    cents: int


@dataclass(slots=True)
class Remittance:
    """One ST*835: a payment and the claims it answers."""

    control: str  # ST02
    payment_cents: int  # BPR02
    method: str  # BPR04: ACH, CHK, NON ...
    paid_on: date | None  # BPR16
    trace: str  # TRN02
    payer_tax_id: str  # TRN03
    payer: Party
    payee: Party  # id is the NPI (N103 XX)
    produced: date | None = None  # DTM*405
    claims: list[PaidClaim] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)
    handling: str = "I"  # BPR01
    first_segment: int = field(default=0, compare=False)
    last_segment: int = field(default=0, compare=False)
    unreadable: bool = field(default=False, compare=False)  # an amount was not readable, 0 stands there
