"""What a 270 and a 271 are read into and written from: questions about coverage, and the benefits answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bureau.x12.inquiries import Delivery, Entity, Heading, Parties, Procedure, Rejection
from bureau.x12.values837 import Dated


@dataclass(slots=True)
class Circumstance:
    """One III: ZZ with a place of service, or an injury."""

    kind: str = ""  # III01: ZZ, GR, NI
    code: str = ""  # III02
    category: str = ""  # III03
    text: str = ""  # III04


@dataclass(slots=True)
class Question:
    """One 2110 loop of a 270: service types (several at once) or a procedure."""

    service_types: tuple[str, ...] = ("30",)  # EQ01: 30 plan coverage, 98 office visit, UC, MH ...
    procedure: Procedure | None = None  # EQ02
    level: str = ""  # EQ03: FAM
    pointers: tuple[int, ...] = ()  # EQ05, into the patient's diagnoses
    amounts: tuple[tuple[str, int], ...] = ()  # AMT: R spend-down, PB billed, in cents
    circumstances: tuple[Circumstance, ...] = ()
    refs: tuple[tuple[str, str], ...] = ()  # 9F referral, G1 prior authorization
    dates: tuple[Dated, ...] = ()  # 291, where it differs from the patient's
    segment: int = field(default=0, compare=False)  # 1-based place of its EQ in the file


@dataclass(slots=True)
class EligibilityInquiry(Parties):
    """What is asked about one patient; the date of service is a 291 among the patient's dates."""

    questions: list[Question] = field(default_factory=list)
    segment: int = field(default=0, compare=False)  # of the patient's HL


@dataclass(slots=True)
class EligibilityInquirySet(Heading):
    """One ST*270 (005010X279A1), with as many patients as there are inquiries."""

    inquiries: list[EligibilityInquiry] = field(default_factory=list)
    purpose: str = "13"


@dataclass(slots=True)
class Benefit:
    """One 2110 loop of a 271; which elements have a meaning depends on `code`."""

    code: str  # EB01: 1-5 active, 6-8 inactive, A coinsurance, B copay, C deductible, G out of pocket ...
    level: str = ""  # EB02: IND, FAM, EMP ...
    service_types: tuple[str, ...] = ()  # EB03
    insurance: str = ""  # EB04: HM, PR, MA, MB, MC, HN ...
    plan: str = ""  # EB05
    period: str = ""  # EB06: 23 calendar year, 27 visit, 29 remaining ...
    cents: int | None = None  # EB07
    share: Decimal | None = None  # EB08: 0.2 is 20 %
    quantity_kind: str = ""  # EB09: VS visits, DY days ...
    quantity: Decimal | None = None  # EB10
    authorization: str = ""  # EB11: Y needed, N not, U unknown
    network: str = ""  # EB12: Y in, N out, W both, U unknown
    procedure: Procedure | None = None  # EB13
    pointers: tuple[int, ...] = ()  # EB14
    deliveries: tuple[Delivery, ...] = ()
    refs: tuple[tuple[str, str], ...] = ()
    dates: tuple[Dated, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    messages: tuple[str, ...] = ()  # MSG
    circumstances: tuple[Circumstance, ...] = ()
    related: list[Entity] = field(default_factory=list)  # 2120: P3 PCP, PRP, SEP, TTP other payers, VN ...
    segment: int = field(default=0, compare=False)  # 1-based place of its EB in the file


@dataclass(slots=True)
class EligibilityAnswer(Parties):
    """What is answered about one patient, or the refusal of everything below the lowest party."""

    benefits: list[Benefit] = field(default_factory=list)
    segment: int = field(default=0, compare=False)  # of the lowest party's HL


@dataclass(slots=True)
class EligibilityAnswerSet(Heading):
    """One ST*271 (005010X279A1)."""

    answers: list[EligibilityAnswer] = field(default_factory=list)
    purpose: str = "11"
