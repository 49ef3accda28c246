"""Eligibility answers to 271 text: the payer's side, for a simulated payer and for tests of the reader."""

from __future__ import annotations

from bureau.x12.inquiry_writing import (
    Chains,
    Levels,
    amount_text,
    circumstance_segments,
    dated_segments,
    delivery_segments,
    entity_segments,
    heading_segments,
    item_reference_segments,
    pointer_text,
    procedure_text,
    rejection_segments,
)
from bureau.x12.scalars import QUANTITY_TEXTS
from bureau.x12.values import Envelope
from bureau.x12.values271 import Benefit, EligibilityAnswerSet
from bureau.x12.writing import Cleaner, trim, write_interchange

VERSION = "005010X279A1"
_LONGEST_MESSAGE = 264
_LONGEST_PLAN = 50


def write_271(envelope: Envelope, sets: list[EligibilityAnswerSet]) -> str:
    """One interchange with one group, one ST per set; neighbours share the levels they have in common.

    Raises ValueError for a set without answers and for benefits that belong to no patient.
    """
    clean = Cleaner()
    return write_interchange(envelope, "HB", VERSION, (_write_set(one, envelope, clean) for one in sets))


def _write_set(one: EligibilityAnswerSet, envelope: Envelope, clean: Cleaner) -> list[str]:
    if not one.answers:
        raise ValueError("a 271 answers something")
    levels = Levels()
    chains = Chains(levels, clean)
    for answer in one.answers:
        if answer.benefits and answer.subscriber is None:
            raise ValueError("a benefit belongs to a patient")
        level = chains.down_to(answer)
        for benefit in answer.benefits:
            levels.extend(level, _benefit_segments(benefit, clean))
    return [*heading_segments("271", VERSION, one, envelope, clean), *levels.segments()]


def _benefit_segments(benefit: Benefit, clean: Cleaner) -> list[str]:
    out = [
        _eb_segment(benefit, clean),
        *delivery_segments(benefit.deliveries, clean),
        *item_reference_segments(benefit.refs, clean),
        *dated_segments(benefit.dates, clean),
        *rejection_segments(benefit.rejections, clean),
        *(f"MSG*{clean[message][:_LONGEST_MESSAGE]}" for message in benefit.messages),
        *circumstance_segments(benefit.circumstances, clean),
    ]
    if benefit.related:
        out.append("LS*2120")
        for entity in benefit.related:
            out += entity_segments(entity, clean)
        out.append("LE*2120")
    return out


def _eb_segment(benefit: Benefit, clean: Cleaner) -> str:
    types = "^".join(clean[one] for one in benefit.service_types)
    share = "" if benefit.share is None else QUANTITY_TEXTS[benefit.share]
    quantity = "" if benefit.quantity is None else QUANTITY_TEXTS[benefit.quantity]
    return trim(
        f"EB*{clean[benefit.code]}*{clean[benefit.level]}*{types}*{clean[benefit.insurance]}"
        f"*{clean[benefit.plan][:_LONGEST_PLAN]}*{clean[benefit.period]}*{amount_text(benefit.cents)}*{share}"
        f"*{clean[benefit.quantity_kind]}*{quantity}*{clean[benefit.authorization]}*{clean[benefit.network]}"
        f"*{procedure_text(benefit.procedure, clean)}*{pointer_text(benefit.pointers)}"
    )
