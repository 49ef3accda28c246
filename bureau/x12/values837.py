"""What an 837P is read into and written from: claims as a payer sees them, flat and in whole cents.

What every claim has stands as fields of its own; what few claims have hangs on one optional value per subject,
so that a plain claim costs nothing for it. Positions are 1-based places in the file, 0 where nothing was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bureau.x12.values import Adjustment, Party


@dataclass(slots=True)
class Dated:
    """One DTP besides the service date: 431 onset, 454 first seen, 439 accident, 435 admission, 607, 461 ..."""

    kind: str  # DTP01
    first: date
    last: date | None = None  # None: one day
    clock: str = ""  # HHMM where DTP02 is DT


@dataclass(slots=True)
class Attachment:
    """One PWK: what goes beside the claim, how, and under which number."""

    kind: str  # PWK01: OZ, EB, CT, 77 ...
    by: str  # PWK02: BM mail, FX fax, EL electronic, EM e-mail, FT file transfer, AA on request
    control: str = ""  # PWK06, needed unless by is AA; DMERC CMN: NS, AB ...


@dataclass(slots=True)
class Condition:
    """One CRC: 07 ambulance, 70 hospice, 75 homebound, ZZ EPSDT, 09 DME; the answer and its codes."""

    category: str
    applies: bool
    codes: tuple[str, ...]  # 1 to 5


@dataclass(slots=True)
class Ambulance:
    """CR1 with the addresses of 2310E/F (or 2420G/H); a line may name addresses alone, without a reason."""

    reason: str = ""  # CR104
    miles: Decimal | None = None  # CR106
    weight_pounds: Decimal | None = None  # CR102
    round_trip: str = ""  # CR109
    stretcher: str = ""  # CR110
    pickup: Party | None = None  # NM1*PW
    dropoff: Party | None = None  # NM1*45


@dataclass(slots=True)
class Contract:
    """One CN1."""

    kind: str
    cents: int | None = None
    percent: Decimal | None = None
    code: str = ""
    discount: Decimal | None = None
    version: str = ""


@dataclass(slots=True)
class Repricing:
    """One HCP: what a repricer made of the claim or line."""

    method: str  # HCP01
    allowed_cents: int | None = None
    saved_cents: int | None = None
    organization: str = ""
    rate: Decimal | None = None
    group: str = ""  # HCP06
    group_cents: int | None = None
    qualifier: str = ""  # HCP09
    code: str = ""  # HCP10
    unit: str = ""
    units: Decimal | None = None
    rejection: str = ""  # HCP13
    policy: str = ""  # HCP14
    exception: str = ""  # HCP15


@dataclass(slots=True)
class Drug:
    """One 2410 loop: what was given, how much, under which prescription."""

    ndc: str  # LIN03, 11 digits of an NDC
    quantity: Decimal | None = None  # CTP04
    unit: str = ""  # CTP05: F2, GR, ME, ML, UN
    prescription: str = ""  # REF02
    prescription_kind: str = ""  # REF01: XZ, or VY for a compound
    qualifier: str = "N4"  # LIN02: NDC; EN, EO, HI, ON, UK, UP for supplies


@dataclass(slots=True)
class LineDecision:
    """One 2430 loop: what another payer made of the line."""

    payer_id: str  # SVD01 = NM109 of its 2330B
    paid_cents: int
    code: str
    units: Decimal
    decided_on: date | None  # DTP*573
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""
    bundled_into: str = ""  # SVD06
    adjustments: tuple[Adjustment, ...] = ()
    remaining_cents: int | None = None  # AMT*EAF
    revenue: str = ""  # SVD04, of an institutional line


@dataclass(slots=True)
class OtherPayer:
    """One 2320 loop: another coverage of the patient, and what it decided where it is earlier."""

    payer: Party  # 2330B, with its REF 2U, EI, FY, NF
    subscriber: Party  # 2330A
    rank: str  # SBR01
    relationship: str = "18"  # SBR02
    group_number: str = ""
    plan_name: str = ""
    insurance_type: str = ""  # SBR05, why Medicare is second
    filing_code: str = ""  # SBR09
    adjustments: tuple[Adjustment, ...] = ()  # claim level
    paid_cents: int | None = None  # AMT*D
    noncovered_cents: int | None = None  # AMT*A8
    remaining_cents: int | None = None  # AMT*EAF
    benefits: str = "Y"  # OI03
    signature_source: str = ""  # OI04
    release: str = "Y"  # OI06
    moa: tuple[str, ...] = ()  # MOA01.. as sent
    decided_on: date | None = None  # DTP*573 of 2330B
    payer_icn: str = ""  # REF*F8 of 2330B
    prior_auth: str = ""  # REF*G1 of 2330B
    referral: str = ""  # REF*9F of 2330B
    adjustment_indicator: str = ""  # REF*T4
    providers: tuple[tuple[str, Party], ...] = ()  # 2330C..: (NM101, who)
    mia: tuple[str, ...] = ()  # MIA01.. as sent, of an institutional claim


@dataclass(slots=True)
class Form:
    """One 2440 loop: a form and its answers, each (question, Y/N/W, text, date as CCYYMMDD, percent) as sent."""

    qualifier: str  # LQ01: AS, UT
    code: str
    answers: tuple[tuple[str, str, str, str, str], ...] = ()


@dataclass(slots=True)
class Rental:
    """One SV5: equipment that may be rented or bought."""

    code: str  # SV501-2, a HCPCS code
    days: Decimal  # SV503
    rental_cents: int  # SV504
    purchase_cents: int  # SV505
    frequency: str  # SV506: 1 weekly, 4 monthly, 6 daily


@dataclass(slots=True)
class LineExtras:
    """What few service lines carry."""

    attachments: tuple[Attachment, ...] = ()
    ambulance: Ambulance | None = None
    conditions: tuple[Condition, ...] = ()
    dates: tuple[Dated, ...] = ()
    refs: tuple[tuple[str, str], ...] = ()  # G1, 9F, X4, F4, BT, EW ... besides 6R
    notes: tuple[tuple[str, str], ...] = ()  # NTE01, NTE02
    measures: tuple[tuple[str, str, Decimal], ...] = ()  # MEA01, MEA02, MEA03
    quantities: tuple[tuple[str, Decimal], ...] = ()  # QTY*PT patients carried, QTY*FL
    file_notes: tuple[str, ...] = ()  # K3
    certification: tuple[str, str, Decimal] | None = None  # CR3: R/I/S, MO, months
    rental: Rental | None = None
    contract: Contract | None = None
    repricing: Repricing | None = None
    purchased: tuple[str, int] | None = None  # PS1: provider, cents
    sales_tax_cents: int | None = None  # AMT*T
    postage_cents: int | None = None  # AMT*F4
    forms: tuple[Form, ...] = ()
    payer_refs: tuple[tuple[str, str, str, str], ...] = ()  # NM101 or "" for the line, REF01, REF02, payer of REF04


@dataclass(slots=True)
class ServiceLine:
    """One 2400 loop of an 837P."""

    number: int  # LX01
    code: str
    charge_cents: int
    units: Decimal
    date_from: date | None
    date_to: date | None = None  # None: same day
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""  # SV101-7
    unit: str = "UN"  # MJ: minutes of anesthesia
    place: str = ""  # SV105 when it differs from the claim's
    pointers: tuple[int, ...] = ()
    control: str = ""  # REF*6R
    emergency: bool = False  # SV109
    epsdt: bool = False  # SV111
    family_planning: bool = False  # SV112
    copay_exempt: bool = False  # SV115 is 0
    drug: Drug | None = None
    providers: tuple[tuple[str, Party], ...] = ()  # 2420: (82, QB, 77, DQ, DK, DN or P3, who)
    decisions: tuple[LineDecision, ...] = ()
    extras: LineExtras | None = None
    segment: int = field(default=0, compare=False)  # place of its LX


@dataclass(slots=True)
class Accident:
    """CLM11 with DTP*439."""

    causes: tuple[str, ...]  # AA auto, EM employment, OA other
    on: date | None = None
    state: str = ""  # CLM11-4, needed for AA
    country: str = ""  # CLM11-5


@dataclass(slots=True)
class ClaimExtras:
    """What few claims carry."""

    signature_source: str = ""  # CLM10
    special_program: str = ""  # CLM12
    delay_reason: str = ""  # CLM20
    dates: tuple[Dated, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    contract: Contract | None = None
    patient_paid_cents: int | None = None  # AMT*F5
    refs: tuple[tuple[str, str], ...] = ()  # X4 CLIA, EA, EW, F5, 4N, LX, P4, 1J, 9C, 9A ...
    file_notes: tuple[str, ...] = ()  # K3
    note: tuple[str, str] | None = None  # NTE01, NTE02
    ambulance: Ambulance | None = None
    spinal: tuple[str, str, str] | None = None  # CR208, CR210, CR211 as sent
    conditions: tuple[Condition, ...] = ()
    anesthesia: tuple[str, ...] = ()  # HI*BP principal, HI*BO other procedure
    condition_codes: tuple[str, ...] = ()  # HI*BG
    repricing: Repricing | None = None
    currency: str = ""  # CUR02 of 2000A, where it is not US dollars


@dataclass(slots=True)
class Claim:
    """One 2300 loop of an 837P with everything around it that a payer reads."""

    pcn: str  # CLM01
    charge_cents: int
    place: str  # CLM05-1
    frequency: str  # CLM05-3: 1, 7, 8
    billing: Party
    subscriber: Party  # 2010BA
    payer: Party  # 2010BB
    payer_rank: str = "P"  # SBR01
    filing_code: str = ""  # SBR09: MB, MC, CI, BL ...
    group_number: str = ""  # SBR03
    relationship: str = "18"  # SBR02 or PAT01; 18 = the subscriber is the patient
    patient: Party | None = None  # 2010CA; None when relationship is 18
    diagnoses: tuple[str, ...] = ()  # no dots, first is principal; all ICD-10-CM unless diagnosis_kind says 9
    diagnosis_kind: str = "10"
    lines: list[ServiceLine] = field(default_factory=list)
    rendering: Party | None = None  # 2310B
    referring: Party | None = None  # 2310A DN
    facility: Party | None = None  # 2310C
    prior_auth: str = ""  # REF*G1
    referral: str = ""  # REF*9F
    payer_icn: str = ""  # REF*F8
    trace: str = ""  # REF*D9, clearinghouse trace
    signature: str = "Y"  # CLM06
    assignment: str = "A"  # CLM07
    benefits: str = "Y"  # CLM08
    release: str = "Y"  # CLM09
    plan_name: str = ""  # SBR04
    insurance_type: str = ""  # SBR05, why Medicare is second
    pay_to: Party | None = None  # 2010AB, address only
    pay_to_plan: Party | None = None  # 2010AC
    primary_care: Party | None = None  # 2310A P3
    supervising: Party | None = None  # 2310D
    accident: Accident | None = None
    other_payers: tuple[OtherPayer, ...] = ()
    extras: ClaimExtras | None = None
    died: date | None = None  # PAT06 of whoever is the patient
    weight_pounds: Decimal | None = None  # PAT08
    pregnant: bool = False  # PAT09
    first_segment: int = field(default=0, compare=False)  # place of CLM
    last_segment: int = field(default=0, compare=False)


@dataclass(slots=True)
class ClaimSet:
    """One ST*837: who sends, who receives, and the claims."""

    control: str  # ST02
    reference: str  # BHT03
    created: datetime  # BHT04/05, naive local as in the file
    submitter: Party
    receiver: Party
    claims: list[Claim] = field(default_factory=list)
    purpose: str = "00"  # BHT02
    version: str = "005010X222A1"
    use: str = "CH"  # BHT06: CH chargeable, RP reporting
    first_segment: int = field(default=0, compare=False)  # place of ST
    last_segment: int = field(default=0, compare=False)
