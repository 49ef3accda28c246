"""Other coverage as segments: the 2320 loops of a claim and the 2430 loops of its lines."""

from __future__ import annotations

from bureau.x12.adjustments import count_segments, write_adjustments
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, QUANTITY_TEXTS
from bureau.x12.values import Adjustment
from bureau.x12.values837 import LineDecision, OtherPayer
from bureau.x12.writing import Cleaner, address_segments, name_segment, reference_segments, trim

_MOST_PAYERS, _MOST_DECISIONS, _MOST_CAS = 10, 15, 5


def procedure_text(qualifier: str, code: str, modifiers: tuple[str, ...], description: str, clean: Cleaner) -> str:
    """A procedure as SV101 and SVD03 hold it. Raises ValueError for more than four modifiers."""
    if len(modifiers) > 4:
        raise ValueError("a line has up to four modifiers and four diagnosis pointers")
    text = f"{clean[qualifier]}:{clean[code]}"
    if modifiers:
        text += ":" + ":".join([clean[modifier] for modifier in modifiers])
    if description:
        text += ":" * (5 - len(modifiers)) + clean[description][:80]
    return text


def write_other_payers(payers: tuple[OtherPayer, ...], out: list[str], clean: Cleaner) -> None:
    """Append the 2320 loops. Raises ValueError for more than there is room for."""
    if len(payers) > _MOST_PAYERS:
        raise ValueError("a claim has up to ten other payers")
    for other in payers:
        out += _coverage_segments(other, clean)
        out += _subscriber_segments(other, clean)
        out += _payer_segments(other, clean)
        for code, party in other.providers:
            out += [name_segment(clean[code], party, clean), *reference_segments(party, clean)]


def _coverage_segments(other: OtherPayer, clean: Cleaner) -> list[str]:
    amounts = (("D", other.paid_cents), ("A8", other.noncovered_cents), ("EAF", other.remaining_cents))
    out = [
        trim(
            f"SBR*{clean[other.rank]}*{clean[other.relationship]}*{clean[other.group_number]}*{clean[other.plan_name]}"
            f"*{clean[other.insurance_type]}****{clean[other.filing_code]}"
        ),
    ]
    _write_adjustments(other.adjustments, out, clean)
    out += [f"AMT*{kind}*{AMOUNT_TEXTS[cents]}" for kind, cents in amounts if cents is not None]
    if other.benefits or other.release:
        out.append(f"OI***{clean[other.benefits]}*{clean[other.signature_source]}**{clean[other.release]}")
    if other.moa:
        out.append("MOA*" + "*".join([clean[one] for one in other.moa]))
    return out


def _subscriber_segments(other: OtherPayer, clean: Cleaner) -> list[str]:
    party = other.subscriber
    return [name_segment("IL", party, clean), *address_segments(party, clean), *reference_segments(party, clean)]


def _payer_segments(other: OtherPayer, clean: Cleaner) -> list[str]:
    numbers = (
        ("G1", other.prior_auth), ("9F", other.referral), ("T4", other.adjustment_indicator), ("F8", other.payer_icn),
    )  # fmt: skip
    out = [name_segment("PR", other.payer, clean), *address_segments(other.payer, clean)]
    if other.decided_on is not None:
        out.append(f"DTP*573*D8*{DATE_TEXTS[other.decided_on]}")
    out += reference_segments(other.payer, clean)
    out += [f"REF*{kind}*{clean[value]}" for kind, value in numbers if value]
    return out


def write_decisions(decisions: tuple[LineDecision, ...], out: list[str], clean: Cleaner) -> None:
    """Append the 2430 loops of a line. Raises ValueError for more than there is room for."""
    if len(decisions) > _MOST_DECISIONS:
        raise ValueError("a line has up to 15 decisions of other payers")
    for one in decisions:
        procedure = procedure_text(one.qualifier, one.code, one.modifiers, one.description, clean)
        out.append(
            trim(
                f"SVD*{clean[one.payer_id]}*{AMOUNT_TEXTS[one.paid_cents]}*{procedure}**{QUANTITY_TEXTS[one.units]}"
                f"*{clean[one.bundled_into]}"
            )
        )
        _write_adjustments(one.adjustments, out, clean)
        if one.decided_on is not None:
            out.append(f"DTP*573*D8*{DATE_TEXTS[one.decided_on]}")
        if one.remaining_cents is not None:
            out.append(f"AMT*EAF*{AMOUNT_TEXTS[one.remaining_cents]}")


def _write_adjustments(adjustments: tuple[Adjustment, ...], out: list[str], clean: Cleaner) -> None:
    if count_segments(adjustments) > _MOST_CAS:
        raise ValueError("a payer's adjustments need more than the five segments there is room for")
    write_adjustments(adjustments, out, clean)
