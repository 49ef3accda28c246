"""What a 278 is read into and written from: a request for review, or the decision on one."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bureau.x12.inquiries import Delivery, Diagnosis, Entity, Heading, Parties, Procedure, Rejection, Trace
from bureau.x12.values837 import Attachment, Condition, Dated


@dataclass(slots=True)
class ReviewKind:
    """One UM: what kind of review is asked for."""

    category: str  # UM01: HS services, AR admission, SC referral to a specialist, IN individual
    action: str = ""  # UM02: I initial, R renewal, S revised, 3 cancel, 1 appeal, 4 extension
    service_type: str = ""  # UM03
    place: str = ""  # UM04-1
    place_kind: str = ""  # UM04-2: B place of service, A type of bill
    causes: tuple[str, ...] = ()  # UM05-1 to 3: AA auto, AP another's fault, EM employment
    accident_state: str = ""  # UM05-4
    accident_country: str = ""  # UM05-5
    urgency: str = ""  # UM06: U urgent, E elective, 03 emergency
    health: str = ""  # UM07
    prognosis: str = ""  # UM08
    release: str = ""  # UM09
    delay_reason: str = ""  # UM10


@dataclass(slots=True)
class Decision:
    """One HCR: what the reviewer decided."""

    action: str  # HCR01: A1 certified, A2 in part, A3 not, A4 pended, A6 modified, C cancelled, CT contact, NA none
    number: str = ""  # HCR02: the authorization number
    reasons: tuple[str, ...] = ()  # HCR03, decision reason codes
    second_opinion: str = ""  # HCR04


@dataclass(slots=True)
class Reviewed:
    """What the patient's event and each service under it may both carry."""

    traces: tuple[Trace, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    asked: ReviewKind | None = None
    decision: Decision | None = None
    refs: tuple[tuple[str, str], ...] = ()  # BB earlier authorization, NT administrative reference
    dates: tuple[
        Dated, ...
    ] = ()  # AAH event, 435 admission, 096 discharge, 472 service, 102, 036, 007 of a certificate
    diagnoses: tuple[Diagnosis, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    messages: tuple[str, ...] = ()
    providers: list[Entity] = field(default_factory=list)  # 2010E, 2010F: DK orders, SJ serves, FA facility ...
    segment: int = field(default=0, compare=False, kw_only=True)  # 1-based place of its HL in the file


@dataclass(slots=True)
class Event(Reviewed):
    """One 2000E loop: the stay, visit or course of treatment under review."""

    conditions: tuple[Condition, ...] = ()  # CRC


@dataclass(slots=True)
class Service(Reviewed):
    """One 2000F loop: a procedure or revenue code under review."""

    segment_id: str = ""  # SV1 professional, SV2 institutional, empty for none
    procedure: Procedure | None = None  # SV101, SV202
    revenue: str = ""  # SV201
    cents: int | None = None  # SV102, SV203
    unit: str = ""  # SV103, SV204: UN, MJ, DA, F2
    quantity: Decimal | None = None  # SV104, SV205
    pointers: tuple[int, ...] = ()  # SV107
    early_screening: str = ""  # SV111: Y for EPSDT
    rate_cents: int | None = None  # SV206
    residence: str = ""  # SV209
    nursing_level: str = ""  # SV120, SV210


@dataclass(slots=True)
class Review(Heading):
    """One ST*278 (005010X217) with the review it holds; no event where everything was refused above it."""

    parties: Parties = field(default_factory=Parties)
    event: Event | None = None
    services: list[Service] = field(default_factory=list)

    @property
    def is_response(self) -> bool:
        return self.purpose == "11"
