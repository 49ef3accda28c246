"""Review values to 278 text: the request we send, and the response that a simulated payer gives."""

from __future__ import annotations

from collections.abc import Iterable

from bureau.x12.inquiries import Entity
from bureau.x12.inquiry_writing import (
    Chains,
    Levels,
    amount_text,
    dated_segments,
    delivery_segments,
    diagnosis_segments,
    entity_segments,
    heading_segments,
    is_refused,
    item_reference_segments,
    pointer_text,
    procedure_text,
    rejection_segments,
    trace_segments,
)
from bureau.x12.scalars import QUANTITY_TEXTS
from bureau.x12.values import Envelope
from bureau.x12.values278 import Decision, Event, Review, Reviewed, ReviewKind, Service
from bureau.x12.values837 import Attachment, Condition
from bureau.x12.writing import Cleaner, trim, write_interchange

VERSION = "005010X217"
_LONGEST_MESSAGE = 264


def write_278_request(envelope: Envelope, reviews: list[Review]) -> str:
    """One interchange with one group, one ST per review.

    Raises ValueError for a review that is a response, has no patient or event, or carries a decision or refusal.
    """
    for review in reviews:
        items = [one for one in (review.event, *review.services) if one is not None]
        if review.is_response or review.event is None or review.parties.patient is None:
            raise ValueError("a request for review has a patient and an event")
        if is_refused(review.parties) or any(one.decision or one.rejections for one in items):
            raise ValueError("a request for review carries neither decision nor refusal")
    return _write(envelope, reviews)


def write_278_response(envelope: Envelope, reviews: list[Review]) -> str:
    """As the request; raises ValueError for a review that is no response or whose event lacks what is asked.

    A review without an event is the refusal of everything below the lowest of its parties.
    """
    for review in reviews:
        if not review.is_response:
            raise ValueError("a response to a review says so in its purpose")
    return _write(envelope, reviews)


def _write(envelope: Envelope, reviews: list[Review]) -> str:
    clean = Cleaner()
    return write_interchange(envelope, "HI", VERSION, (_write_set(one, envelope, clean) for one in reviews))


def _write_set(review: Review, envelope: Envelope, clean: Cleaner) -> list[str]:
    if review.event is None and review.services:
        raise ValueError("services under review belong to an event")
    if review.event is not None and (review.event.asked is None or review.parties.patient is None):
        raise ValueError("an event under review belongs to a patient and says what is asked")
    levels = Levels()
    patient = Chains(levels, clean).down_to(review.parties)
    if review.event is not None:
        event = levels.add(patient, "EV", _event_segments(review.event, clean))
        for service in review.services:
            levels.add(event, "SS", _service_segments(service, clean))
    return [*heading_segments("278", VERSION, review, envelope, clean), *levels.segments()]


def _event_segments(event: Event, clean: Cleaner) -> list[str]:
    return [
        *_opening_segments(event, clean),
        *diagnosis_segments(event.diagnoses, clean),
        *delivery_segments(event.deliveries, clean),
        *(_condition_segment(one, clean) for one in event.conditions),
        *_closing_segments(event, clean),
    ]


def _service_segments(service: Service, clean: Cleaner) -> list[str]:
    return [
        *_opening_segments(service, clean),
        *diagnosis_segments(service.diagnoses, clean),
        *_line_segments(service, clean),
        *delivery_segments(service.deliveries, clean),
        *_closing_segments(service, clean),
    ]


def _opening_segments(one: Reviewed, clean: Cleaner) -> list[str]:
    """What comes first in both levels: the numbers, what was asked, what was decided, the dates."""
    return [
        *trace_segments(one.traces, clean),
        *rejection_segments(one.rejections, clean),
        *([_kind_segment(one.asked, clean)] if one.asked is not None else []),
        *([_decision_segment(one.decision, clean)] if one.decision is not None else []),
        *item_reference_segments(one.refs, clean),
        *dated_segments(one.dates, clean),
    ]


def _closing_segments(one: Reviewed, clean: Cleaner) -> list[str]:
    """What comes last in both levels: attachments, messages and providers."""
    return [
        *(_attachment_segment(attachment, clean) for attachment in one.attachments),
        *(f"MSG*{clean[message][:_LONGEST_MESSAGE]}" for message in one.messages),
        *_provider_segments(one.providers, clean),
    ]


def _provider_segments(providers: Iterable[Entity], clean: Cleaner) -> list[str]:
    return [segment for provider in providers for segment in entity_segments(provider, clean)]


def _kind_segment(asked: ReviewKind, clean: Cleaner) -> str:
    place = f"{clean[asked.place]}:{clean[asked.place_kind]}".rstrip(":")
    causes = [clean[cause] for cause in asked.causes[:3]] + [""] * (3 - len(asked.causes))
    accident = ":".join([*causes, clean[asked.accident_state], clean[asked.accident_country]]).rstrip(":")
    return trim(
        f"UM*{clean[asked.category]}*{clean[asked.action]}*{clean[asked.service_type]}*{place}*{accident}"
        f"*{clean[asked.urgency]}*{clean[asked.health]}*{clean[asked.prognosis]}*{clean[asked.release]}"
        f"*{clean[asked.delay_reason]}"
    )


def _decision_segment(decision: Decision, clean: Cleaner) -> str:
    reasons = "^".join(clean[reason] for reason in decision.reasons)
    return trim(f"HCR*{clean[decision.action]}*{clean[decision.number]}*{reasons}*{clean[decision.second_opinion]}")


def _condition_segment(condition: Condition, clean: Cleaner) -> str:
    codes = "*".join(clean[code] for code in condition.codes)
    return f"CRC*{clean[condition.category]}*{'Y' if condition.applies else 'N'}*{codes}"


def _attachment_segment(attachment: Attachment, clean: Cleaner) -> str:
    control = f"***AC*{clean[attachment.control]}" if attachment.control else ""
    return f"PWK*{clean[attachment.kind]}*{clean[attachment.by]}{control}"


def _line_segments(service: Service, clean: Cleaner) -> list[str]:
    """SV1 or SV2; raises ValueError for a line of another kind."""
    if not service.segment_id:
        return []
    procedure, amount = procedure_text(service.procedure, clean), amount_text(service.cents)
    quantity = "" if service.quantity is None else QUANTITY_TEXTS[service.quantity]
    counted = f"{amount}*{clean[service.unit]}*{quantity}"
    level = clean[service.nursing_level]
    if service.segment_id == "SV1":
        screening = f"{clean[service.early_screening]}{'*' * 9}{level}"
        return [trim(f"SV1*{procedure}*{counted}***{pointer_text(service.pointers)}****{screening}")]
    if service.segment_id == "SV2":
        revenue, rate = clean[service.revenue], amount_text(service.rate_cents)
        return [trim(f"SV2*{revenue}*{procedure}*{counted}*{rate}***{clean[service.residence]}*{level}")]
    raise ValueError("a service under review is an SV1 or an SV2")
