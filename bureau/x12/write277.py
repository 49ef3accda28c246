"""ClaimAckSet values to 277CA text: source, receiver, provider and a patient level per claim."""

from __future__ import annotations

from dataclasses import replace

from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, format_time
from bureau.x12.values import Envelope, Party
from bureau.x12.writing import Cleaner, name_segment, trim, write_interchange

VERSION = "005010X214"
_NO_NUMBER = "0"  # of what was sent without a number, or with one that cannot be written


def write_277ca(envelope: Envelope, sets: list[ClaimAckSet]) -> str:
    """One interchange with one group, one ST per set; dates that a set leaves open are the envelope's.

    The provider level must carry a status: where a set has none, plain receipt (A1:19) is written.
    Raises ValueError for claims without a provider above them or without a patient.
    """
    clean = Cleaner()
    return write_interchange(envelope, "HN", VERSION, (_write_set(one, envelope, clean) for one in sets))


def _write_set(one: ClaimAckSet, envelope: Envelope, clean: Cleaner) -> list[str]:
    created = one.created or envelope.created
    today = DATE_TEXTS[created.date()]
    out = [
        f"ST*277*{one.control}*{VERSION}",
        f"BHT*0085*08*{clean[one.reference]}*{today}*{format_time(created)}*TH",
        "HL*1**20*1",
        name_segment(one.source_kind, one.source, clean),
        f"TRN*1*{clean[one.reference]}",
        f"DTP*050*D8*{today}",
        f"DTP*009*D8*{today}",
        f"HL*2*1*21*{'1' if one.provider or one.claims else '0'}",
        name_segment("41", one.receiver, clean),
        f"TRN*2*{clean[one.batch_reference] or _NO_NUMBER}",
        *_status_segments(one.batch_statuses, clean),
        *_counts(one),
    ]
    if one.provider is not None:
        out += _provider_segments(one, one.provider, clean)
    elif one.claims:
        raise ValueError("a 277CA that answers claims names their billing provider")
    for number, claim in enumerate(one.claims, 4):
        out.append(f"HL*{number}*3*PT")
        _write_claim(claim, out, clean)
    return out


def _provider_segments(one: ClaimAckSet, provider: Party, clean: Cleaner) -> list[str]:
    """The 2000C level; its status has no date by the guide."""
    total = one.accepted_cents + one.rejected_cents
    statuses = one.provider_statuses or [ClaimStatus("A1", "19", "PR", action="WQ", cents=total)]
    return [
        f"HL*3*2*19*{'1' if one.claims else '0'}",
        name_segment("85", provider, clean),
        f"TRN*1*{clean[one.provider_reference] or _NO_NUMBER}",
        *_status_segments([replace(status, on=None) for status in statuses], clean),
    ]


def _counts(one: ClaimAckSet) -> list[str]:
    """How many claims, and how much money, were taken and turned away; zero is left out."""
    return [
        *([f"QTY*90*{one.accepted}"] if one.accepted else []),
        *([f"QTY*AA*{one.rejected}"] if one.rejected else []),
        *([f"AMT*YU*{AMOUNT_TEXTS[one.accepted_cents]}"] if one.accepted_cents else []),
        *([f"AMT*YY*{AMOUNT_TEXTS[one.rejected_cents]}"] if one.rejected_cents else []),
    ]


def _write_claim(claim: ClaimAck, out: list[str], clean: Cleaner) -> None:
    if claim.patient is None:
        raise ValueError("a claim acknowledgement names the patient")
    out.append(name_segment("QC", claim.patient, clean))
    out.append(f"TRN*2*{clean[claim.pcn] or _NO_NUMBER}")
    out += _status_segments(claim.statuses, clean)
    if claim.payer_icn:
        out.append(f"REF*1K*{clean[claim.payer_icn]}")
    if claim.trace:
        out.append(f"REF*D9*{clean[claim.trace]}")
    if claim.date_from is not None:
        day = DATE_TEXTS[claim.date_from]
        span = claim.date_to is not None
        out.append(f"DTP*472*RD8*{day}-{DATE_TEXTS[claim.date_to or claim.date_from]}" if span else f"DTP*472*D8*{day}")
    for line in claim.lines:
        cents = line.charge_cents
        out.append(trim(f"SVC*HC:{clean[line.code]}*{'' if cents is None else AMOUNT_TEXTS[cents]}"))
        out += _status_segments(line.statuses, clean)
        if line.control:
            out.append(f"REF*FJ*{clean[line.control]}")


def _status_segments(statuses: list[ClaimStatus], clean: Cleaner) -> list[str]:
    """One STC per status."""
    return [
        trim(
            f"STC*{clean[one.category]}:{clean[one.code]}{f':{clean[one.entity]}' if one.entity else ''}"
            f"*{DATE_TEXTS[one.on] if one.on else ''}*{clean[one.action]}"
            f"*{'' if one.cents is None else AMOUNT_TEXTS[one.cents]}********{clean[one.text][:264]}"
        )
        for one in statuses
    ]
