"""What a claim status inquiry (276) and its answer (277), both 005010X212, are read into and written from.

Flat: every inquiry and every answer carries its payer, receiver, provider and people, in whole cents. Neighbours
with equal parties stand under one level in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bureau.x12.values import Party


@dataclass(slots=True)
class StatusCode:
    """One composite of an STC: what stage, what exactly, about whom."""

    category: str  # A1, P2, F1, R3, E0 ...
    code: str
    entity: str = ""  # who it is about: 85, IL, QC ...
    code_list: str = ""  # RX: the code is one of the pharmacy list


@dataclass(slots=True)
class Status:
    """One STC: up to three codes with one date and the money as the payer has it."""

    codes: tuple[StatusCode, ...]  # STC01, STC10, STC11
    on: date | None = None  # STC02
    charge_cents: int | None = None  # STC04
    paid_cents: int | None = None  # STC05
    decided_on: date | None = None  # STC06
    paid_on: date | None = None  # STC08
    check: str = ""  # STC09: number of the check or of the EFT trace


@dataclass(slots=True)
class StatusLine:
    """One service line as the 2210 loop of a 276 asks for it."""

    code: str  # SVC01-2
    charge_cents: int  # SVC02
    date_from: date | None
    date_to: date | None = None  # None: same day
    qualifier: str = "HC"  # SVC01-1: HC, NU, N4, AD ...
    modifiers: tuple[str, ...] = ()
    revenue: str = ""  # SVC04
    units: Decimal | None = None  # SVC07
    control: str = ""  # REF*FJ = our REF*6R


@dataclass(slots=True)
class LineAnswer(StatusLine):
    """One service line as the 2220 loop of a 277 answers for it."""

    paid_cents: int | None = None  # SVC03
    statuses: list[Status] = field(default_factory=list)


@dataclass(slots=True)
class StatusClaim:
    """What an inquiry and its answer both say of one claim (2200D or 2200E)."""

    trace: str  # TRN02: ours in the 276, given back in the 277
    payer: Party
    receiver: Party  # 2100B: who asks
    provider: Party | None = None
    subscriber: Party | None = None
    patient: Party | None = None  # 2100E; None where the subscriber is the patient
    payer_icn: str = ""  # REF*1K
    bill_type: str = ""  # REF*BLT
    pcn: str = ""  # REF*EJ = our CLM01
    refs: tuple[tuple[str, str], ...] = ()  # other REF: LU, 6P, XZ, VV, D9
    date_from: date | None = None  # DTP*472
    date_to: date | None = None  # None: same day
    segment: int = field(default=0, compare=False, kw_only=True)  # place of its TRN in the file


@dataclass(slots=True)
class StatusInquiry(StatusClaim):
    """One question of a 276; its provider and subscriber are always there."""

    charge_cents: int | None = None  # AMT*T3
    lines: list[StatusLine] = field(default_factory=list)


@dataclass(slots=True)
class StatusAnswer(StatusClaim):
    """One answer of a 277: about a claim, or about all that was asked for a provider or in the whole inquiry.

    Without a subscriber it stands for every question of its provider; without a provider for the whole 276.
    """

    statuses: list[Status] = field(default_factory=list)
    lines: list[LineAnswer] = field(default_factory=list)

    @property
    def is_about_claim(self) -> bool:
        return self.subscriber is not None


@dataclass(slots=True)
class InquirySet:
    """One ST*276."""

    control: str  # ST02
    reference: str  # BHT03
    claims: list[StatusInquiry] = field(default_factory=list)
    created: datetime | None = None  # BHT04/05, naive local as in the file
    first_segment: int = field(default=0, compare=False)
    last_segment: int = field(default=0, compare=False)


@dataclass(slots=True)
class AnswerSet:
    """One ST*277 of version 005010X212."""

    control: str  # ST02
    reference: str  # BHT03
    answers: list[StatusAnswer] = field(default_factory=list)
    created: datetime | None = None
    first_segment: int = field(default=0, compare=False)
    last_segment: int = field(default=0, compare=False)

    @property
    def claims(self) -> list[StatusAnswer]:
        """The answers on claims alone."""
        return [one for one in self.answers if one.is_about_claim]
