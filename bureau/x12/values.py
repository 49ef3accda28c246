"""The typed values that X12 text is read into and written from: flat, slotted, whole cents."""

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


@dataclass(slots=True)
class Adjustment:
    """One CAS triple: group (CO, PR, OA, PI), CARC, cents, quantity if sent."""

    group: str
    carc: str
    cents: int
    quantity: Decimal | None = None


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
    unit: str = "UN"
    place: str = ""  # SV105 when it differs from the claim's
    pointers: tuple[int, ...] = ()
    control: str = ""  # REF*6R


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
    referring: Party | None = None  # 2310A
    facility: Party | None = None  # 2310C
    prior_auth: str = ""  # REF*G1
    referral: str = ""  # REF*9F
    payer_icn: str = ""  # REF*F8
    trace: str = ""  # REF*D9, clearinghouse trace
    signature: str = "Y"  # CLM06
    assignment: str = "A"  # CLM07
    benefits: str = "Y"  # CLM08
    release: str = "Y"  # CLM09
    first_segment: int = field(default=0, compare=False)  # 1-based place of CLM in its file, 0: not read
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
    first_segment: int = field(default=0, compare=False)  # 1-based place of ST in its file
    last_segment: int = field(default=0, compare=False)


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


@dataclass(slots=True)
class SetAck:
    """What a 999 says of one ST: AK2 .. IK5.

    `notes` are (position counted from ST = 1, segment id, code, element like "CLM05-3", element code).
    """

    control: str  # AK202
    verdict: str  # IK501: A, E, R ...
    codes: tuple[str, ...] = ()
    notes: list[tuple[int, str, str, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class FunctionalAck:
    """One ST*999: the answer to one GS of ours."""

    control: str  # ST02 of the 999
    group_control: str  # AK102 = our GS06
    verdict: str  # AK901: A, E, P, R
    included: int
    received: int
    accepted: int
    sets: list[SetAck] = field(default_factory=list)
    group_kind: str = "HC"  # AK101 = our GS01
    group_version: str = "005010X222A1"  # AK103 = our GS08
    codes: tuple[str, ...] = ()  # AK905..


@dataclass(slots=True)
class ClaimStatus:
    """One STC: category:status:entity, date, accept or reject, amount, free text."""

    category: str  # A0 A1 A2 A3 A4 A6 A7 A8
    code: str
    entity: str = ""
    on: date | None = None
    action: str = ""  # WQ or U
    cents: int | None = None
    text: str = ""


@dataclass(slots=True)
class LineAck:
    """What a 277CA says of one service line (2220D)."""

    code: str  # SVC01-2
    charge_cents: int | None = None  # SVC02
    control: str = ""  # REF*FJ = our REF*6R
    statuses: list[ClaimStatus] = field(default_factory=list)


@dataclass(slots=True)
class ClaimAck:
    """What a 277CA says of one claim (2200D)."""

    pcn: str  # TRN02
    statuses: list[ClaimStatus] = field(default_factory=list)
    payer_icn: str = ""  # REF*1K
    trace: str = ""  # REF*D9
    date_from: date | None = None
    patient: Party | None = None
    date_to: date | None = None  # None: same day
    lines: list[LineAck] = field(default_factory=list)
    segment: int = field(default=0, compare=False)  # 1-based place of its TRN in the file


@dataclass(slots=True)
class ClaimAckSet:
    """One ST*277 (005010X214). `source` says who answers: PR the payer, AY the clearinghouse."""

    control: str
    reference: str  # BHT03
    source_kind: str  # NM101 of 2000A: PR or AY
    source: Party
    receiver: Party
    provider: Party | None
    batch_reference: str  # 2200B TRN02 = our BHT03
    batch_statuses: list[ClaimStatus] = field(default_factory=list)
    claims: list[ClaimAck] = field(default_factory=list)
    accepted: int = 0
    rejected: int = 0
    accepted_cents: int = 0
    rejected_cents: int = 0
    created: datetime | None = None
    first_segment: int = field(default=0, compare=False)
    last_segment: int = field(default=0, compare=False)
    provider_reference: str = ""  # 2200C TRN02
    provider_statuses: list[ClaimStatus] = field(default_factory=list)  # 2200C: answers for every claim below


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
