"""What acknowledgements are read into and written from: the 999 on a group, the 277CA on claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from bureau.x12.values import Party


class Note(NamedTuple):
    """One IK3 with one IK4 below it, or with none. There is no field for a copy of the data: it may be PHI."""

    position: int  # IK302, from ST = 1
    segment: str  # IK301
    code: str  # IK304
    element: str = ""  # "CLM05-3"
    element_code: str = ""  # IK403
    loop: str = ""  # IK303
    claim: str = ""  # CLM01 as CTX names it


@dataclass(slots=True)
class SetAck:
    """What a 999 says of one ST: AK2 .. IK5."""

    control: str  # AK202
    verdict: str  # IK501: A, E, R ...
    codes: tuple[str, ...] = ()  # IK502..
    notes: list[Note] = field(default_factory=list)


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
