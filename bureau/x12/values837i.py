"""What an institutional claim (837I) is read into: what a hospital bills, flat and in whole cents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bureau.x12.values import Party
from bureau.x12.values837 import ClaimExtras, Drug, LineDecision, LineExtras, OtherPayer


@dataclass(slots=True)
class CodedDiagnosis:
    """A diagnosis without its dot, and whether it was present on admission."""

    code: str
    present: str = ""  # Y, N, U unknown, W undetermined; empty where it is exempt or not asked


@dataclass(slots=True)
class DatedCode:
    """A procedure, an occurrence or an occurrence span."""

    code: str
    first: date | None
    last: date | None = None  # None: one day


@dataclass(slots=True)
class ValueCode:
    """A value code; some count days or units, which the text too gives as an amount: 3 days are 300."""

    code: str
    cents: int


@dataclass(slots=True)
class InstitutionalLine:
    """One 2400 loop of an 837I."""

    number: int  # LX01
    revenue: str  # SV201
    charge_cents: int
    units: Decimal
    unit: str = "UN"  # DA: days
    code: str = ""  # SV202-2, absent for many revenue codes
    qualifier: str = ""  # SV202-1: HC, HP ...
    modifiers: tuple[str, ...] = ()
    description: str = ""  # SV202-7
    noncovered_cents: int | None = None  # SV207
    date_from: date | None = None  # DTP*472, absent for many inpatient lines
    date_to: date | None = None  # None: same day
    control: str = ""  # REF*6R
    service_tax_cents: int | None = None  # AMT*GT
    facility_tax_cents: int | None = None  # AMT*N8
    drug: Drug | None = None
    providers: tuple[tuple[str, Party], ...] = ()  # 2420: (72, ZZ, 82 or DN, who)
    decisions: tuple[LineDecision, ...] = ()
    extras: LineExtras | None = None
    segment: int = field(default=0, compare=False)  # place of its LX


@dataclass(slots=True)
class InstitutionalClaim:
    """One 2300 loop of an 837I with everything around it that a payer reads."""

    pcn: str  # CLM01
    charge_cents: int
    facility_type: str  # CLM05-1, the first digits of the type of bill
    frequency: str  # CLM05-3, its last digit
    billing: Party
    subscriber: Party  # 2010BA
    payer: Party  # 2010BB
    payer_rank: str = "P"  # SBR01
    filing_code: str = ""  # SBR09
    group_number: str = ""  # SBR03
    plan_name: str = ""  # SBR04
    relationship: str = "18"  # SBR02 or PAT01; 18 = the subscriber is the patient
    patient: Party | None = None  # 2010CA
    pay_to: Party | None = None  # 2010AB, address only
    pay_to_plan: Party | None = None  # 2010AC
    assignment: str = ""  # CLM07
    benefits: str = ""  # CLM08
    release: str = ""  # CLM09
    statement_from: date | None = None  # DTP*434
    statement_to: date | None = None  # None: one day
    admitted: date | None = None  # DTP*435
    admission_hour: str = ""  # HHMM, where DTP*435 has one
    discharge_hour: str = ""  # HHMM of DTP*096
    admission_type: str = ""  # CL101
    admission_source: str = ""  # CL102
    patient_status: str = ""  # CL103
    diagnosis_kind: str = "10"  # 9: ICD-9-CM
    principal: CodedDiagnosis | None = None  # HI*BK, ABK
    admitting: str = ""  # HI*BJ, ABJ
    reasons: tuple[str, ...] = ()  # HI*PR, APR: why the patient came
    external_causes: tuple[CodedDiagnosis, ...] = ()  # HI*BN, ABN
    other_diagnoses: tuple[CodedDiagnosis, ...] = ()  # HI*BF, ABF
    drg: str = ""  # HI*DR
    principal_procedure: DatedCode | None = None  # HI*BR, BBR
    procedures: tuple[DatedCode, ...] = ()  # HI*BQ, BBQ
    occurrence_spans: tuple[DatedCode, ...] = ()  # HI*BI
    occurrences: tuple[DatedCode, ...] = ()  # HI*BH
    value_codes: tuple[ValueCode, ...] = ()  # HI*BE
    condition_codes: tuple[str, ...] = ()  # HI*BG
    treatment_codes: tuple[str, ...] = ()  # HI*TC
    attending: Party | None = None  # 2310A, NM1*71
    operating: Party | None = None  # 2310B, NM1*72
    other_operating: Party | None = None  # 2310C, NM1*ZZ
    rendering: Party | None = None  # 2310D, NM1*82
    facility: Party | None = None  # 2310E, NM1*77
    referring: Party | None = None  # 2310F, NM1*DN
    prior_auth: str = ""  # REF*G1
    referral: str = ""  # REF*9F
    payer_icn: str = ""  # REF*F8
    trace: str = ""  # REF*D9
    patient_due_cents: int | None = None  # AMT*F3, as the hospital estimates it
    notes: tuple[tuple[str, str], ...] = ()  # NTE01, NTE02
    other_payers: tuple[OtherPayer, ...] = ()
    lines: list[InstitutionalLine] = field(default_factory=list)
    extras: ClaimExtras | None = None
    first_segment: int = field(default=0, compare=False)  # place of CLM
    last_segment: int = field(default=0, compare=False)

    @property
    def bill_type(self) -> str:
        """The type of bill without its leading zero: 131."""
        return self.facility_type + self.frequency


@dataclass(slots=True)
class InstitutionalSet:
    """One ST*837 of an 837I."""

    control: str  # ST02
    reference: str  # BHT03
    created: datetime  # BHT04/05, naive local as in the file
    submitter: Party
    receiver: Party
    claims: list[InstitutionalClaim] = field(default_factory=list)
    purpose: str = "00"  # BHT02
    version: str = "005010X223A2"
    use: str = "CH"  # BHT06: CH chargeable, RP reporting
    first_segment: int = field(default=0, compare=False)  # place of ST
    last_segment: int = field(default=0, compare=False)
