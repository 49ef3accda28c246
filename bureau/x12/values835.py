"""What an 835 is read into and written from: a payment, the claims it answers, their lines.

What every claim has stands as fields of its own; what few have hangs on one optional `extras` value, so that a plain
claim costs nothing for it. Account numbers of BPR are not kept. Positions are 1-based places in the file, 0: not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bureau.x12.values import Adjustment, Party

Coded = tuple[tuple[str, str], ...]  # (qualifier, value)
Amounts = tuple[tuple[str, int], ...]  # (qualifier or element, cents)
Counts = tuple[tuple[str, Decimal], ...]  # (qualifier or element, number)
Dates = tuple[tuple[str, date | None], ...]  # (qualifier, day)


@dataclass(slots=True)
class Contact:
    """One PER: BL technical, CX claims, IC policies on the web; numbers as (TE, EX, FX, EM or UR, number)."""

    kind: str  # PER01
    name: str = ""
    numbers: Coded = ()


@dataclass(slots=True)
class Figures:
    """The numbers of a TS2, TS3 or MIA by element ("MIA04"): days and weights as counts, money as amounts."""

    counts: Counts = ()
    amounts: Amounts = ()


@dataclass(slots=True)
class ProviderTotals:
    """One TS3: what a payer sums up for one provider, place and fiscal year."""

    provider: str
    facility: str  # TS302, a place of service or bill type
    year_end: date | None
    claims: Decimal | None
    charge_cents: int | None
    figures: Figures = field(default_factory=Figures)  # TS306 on


@dataclass(slots=True)
class ClaimGroup:
    """One 2000 loop: an LX, and the claims up to the next."""

    number: str  # LX01
    claims_before: int  # of the remittance
    totals: ProviderTotals | None = None
    inpatient: Figures | None = None  # TS2


@dataclass(slots=True)
class PaidLineExtras:
    """What few lines of an 835 carry."""

    description: str = ""  # SVC01-7
    revenue: str = ""  # SVC04
    billed_qualifier: str = ""  # SVC06-1 where it is not that of SVC01
    billed_modifiers: tuple[str, ...] = ()
    billed_description: str = ""
    refs: Coded = ()  # LU place, 0K policy, 1S, APC, BB, E9, G1, G3, RB; 0B, G2, HPI, TJ ... of the rendering provider
    amounts: Amounts = ()  # AMT besides B6: KH late filing, T tax, T2, ZK ...
    quantities: Counts = ()  # QTY
    codes: Coded = ()  # LQ besides HE: RX, pharmacy rejects
    dates: Dates = ()  # DTM besides the service dates


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
    extras: PaidLineExtras | None = None
    segment: int = field(default=0, compare=False)  # place of its SVC


@dataclass(slots=True)
class Outpatient:
    """What a MOA says besides its remark codes."""

    rate: Decimal | None = None  # MOA01, of reimbursement
    payable_cents: int | None = None  # MOA02, HCPCS payable
    esrd_cents: int | None = None  # MOA08
    professional_cents: int | None = None  # MOA09, not payable


@dataclass(slots=True)
class PaidClaimExtras:
    """What few claims of an 835 carry."""

    corrected: Party | None = None  # NM1*74, the patient or insured as the payer knows them
    priority_payer: Party | None = None  # NM1*PR, who should have been billed first
    other_subscriber: Party | None = None  # NM1*GB
    parties: tuple[tuple[str, Party], ...] = ()  # any other NM1, or a second one
    period_from: date | None = None  # DTM*232
    period_to: date | None = None  # DTM*233
    coverage_ends: date | None = None  # DTM*036
    dates: Dates = ()  # any other DTM, or a second one
    refs: Coded = ()  # 1L group, 1W member, 9A repriced, CE contract class, EA record, F8 earlier claim, G1 ...
    contacts: tuple[Contact, ...] = ()  # PER*CX
    amounts: Amounts = ()  # AU coverage, D8 discount, F5 patient paid, I interest, T tax ...
    quantities: Counts = ()  # QTY: CA days covered, LA lifetime reserve ...
    outpatient: Outpatient | None = None
    inpatient: Figures | None = None  # MIA; the claim's first five remarks then stand there
    drg: str = ""  # CLP11
    drg_weight: Decimal | None = None  # CLP12
    discharge_fraction: Decimal | None = None  # CLP13


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
    extras: PaidClaimExtras | None = None
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
class RemittanceExtras:
    """What few payments carry."""

    originator: str = ""  # BPR10, the payer's company id at its bank
    originator_supplement: str = ""  # BPR11
    trace_supplement: str = ""  # TRN04
    currency: tuple[str, Decimal | None] | None = None  # CUR02 and the exchange rate
    receiver: str = ""  # REF*EV
    version: str = ""  # REF*F2, of the payer's system
    refs: Coded = ()  # any other REF of the header
    dates: Dates = ()  # any other DTM of the header
    contacts: tuple[Contact, ...] = ()  # PER besides a first BL that `payer` holds whole
    parties: tuple[tuple[str, Party], ...] = ()  # any other N1, or a second one
    deliveries: tuple[tuple[str, str, str], ...] = ()  # RDM: BM, EM, FT or OL; name; number
    groups: tuple[ClaimGroup, ...] = ()  # LX loops, where there is more to say than LX*1


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
    handling: str = "I"  # BPR01: I with advice, H notice only, C with a cheque, D, P prenote, U, X
    credit: str = "C"  # BPR03: C or D
    format: str = ""  # BPR05: CCP, CTX
    extras: RemittanceExtras | None = None
    first_segment: int = field(default=0, compare=False)
    last_segment: int = field(default=0, compare=False)
    unreadable: bool = field(default=False, compare=False)  # an amount was not readable, 0 stands there
