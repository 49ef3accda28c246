"""Remittance values to 835 text, with what receivers insist on: PER*BL, dates, one group code per CAS."""

from __future__ import annotations

from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, QUANTITY_TEXTS
from bureau.x12.values import Adjustment, Envelope, Party
from bureau.x12.values835 import PaidClaim, PaidLine, ProviderAdjustment, Remittance
from bureau.x12.writing import (
    Cleaner,
    address_segments,
    contact_segment,
    name_segment,
    trim,
    write_interchange,
)

VERSION = "005010X221A1"
# CLP06 has fewer codes than SBR09: what an 837 calls commercial or Blue Cross is "12" or "15" here
_FILING = {"CI": "12", "BL": "12", "": "ZZ", "11": "ZZ", "FI": "OF", "DM": "ZZ"}


def write_835(envelope: Envelope, remittances: list[Remittance]) -> str:
    """One interchange with one group, one ST per remittance; amounts go out as they are, balanced or not."""
    clean = Cleaner()
    return write_interchange(envelope, "HP", VERSION, (_write_set(one, clean) for one in remittances))


def _write_set(one: Remittance, clean: Cleaner) -> list[str]:
    paid_on = DATE_TEXTS[one.paid_on] if one.paid_on else ""
    out = [
        f"ST*835*{one.control}",
        trim(f"BPR*{clean[one.handling]}*{AMOUNT_TEXTS[one.payment_cents]}*C*{clean[one.method]}************{paid_on}"),
        trim(f"TRN*1*{clean[one.trace]}*{clean[one.payer_tax_id]}"),
    ]
    if one.produced:
        out.append(f"DTM*405*{DATE_TEXTS[one.produced]}")
    out += _payer_segments(one.payer, clean)
    out += _payee_segments(one.payee, clean)
    if one.claims:
        out.append("LX*1")
    for claim in one.claims:
        _write_claim(claim, out, clean)
    out += _plb_segments(one.provider_adjustments, clean)
    return out


def _payer_segments(party: Party, clean: Cleaner) -> list[str]:
    plan_id = party.id_kind == "XV"
    out = [trim(f"N1*PR*{clean[party.name][:60]}{f'*XV*{clean[party.id]}' if plan_id else ''}")]
    out += address_segments(party, clean)
    if party.id and not plan_id:
        out.append(f"REF*2U*{clean[party.id]}")
    out += [f"REF*{clean[kind]}*{clean[value]}" for kind, value in party.refs]
    out.append(contact_segment(party, clean, "BL"))
    return out


def _payee_segments(party: Party, clean: Cleaner) -> list[str]:
    out = [trim(f"N1*PE*{clean[party.name][:60]}*{clean[party.id_kind] or 'XX'}*{clean[party.id]}")]
    out += address_segments(party, clean)
    if party.tax_id:
        out.append(f"REF*TJ*{clean[party.tax_id]}")
    out += [f"REF*{clean[kind]}*{clean[value]}" for kind, value in party.refs]
    return out


def _write_claim(claim: PaidClaim, out: list[str], clean: Cleaner) -> None:
    patient_share = "" if claim.patient_cents is None else AMOUNT_TEXTS[claim.patient_cents]
    out.append(
        trim(
            f"CLP*{clean[claim.pcn]}*{clean[claim.status]}*{AMOUNT_TEXTS[claim.charge_cents]}"
            f"*{AMOUNT_TEXTS[claim.paid_cents]}*{patient_share}"
            f"*{_FILING.get(claim.filing_code) or clean[claim.filing_code]}*{clean[claim.payer_icn]}"
            f"*{clean[claim.place]}*{clean[claim.frequency]}"
        )
    )
    if claim.adjustments:
        _write_adjustments(claim.adjustments, out, clean)
    if claim.patient is not None:
        out.append(name_segment("QC", claim.patient, clean))
    if claim.subscriber is not None:
        out.append(name_segment("IL", claim.subscriber, clean))
    if claim.rendering is not None:
        out.append(name_segment("82", claim.rendering, clean))
    if claim.crossover is not None:
        out.append(name_segment("TT", claim.crossover, clean))
    if claim.remarks:
        out.append("MOA***" + "*".join([clean[code] for code in claim.remarks[:5]]))
    if claim.received is not None:
        out.append(f"DTM*050*{DATE_TEXTS[claim.received]}")
    for line in claim.lines:
        _write_line(line, out, clean)


def _write_line(line: PaidLine, out: list[str], clean: Cleaner) -> None:
    procedure = f"{clean[line.qualifier]}:{clean[line.code]}"
    if line.modifiers:
        procedure += ":" + ":".join([clean[modifier] for modifier in line.modifiers])
    units, billed = line.units, line.billed_units
    out.append(
        trim(
            f"SVC*{procedure}*{AMOUNT_TEXTS[line.charge_cents]}*{AMOUNT_TEXTS[line.paid_cents]}"
            f"**{'' if units is None else QUANTITY_TEXTS[units]}"
            f"*{f'{clean[line.qualifier]}:{clean[line.billed_code]}' if line.billed_code else ''}"
            f"*{'' if billed is None else QUANTITY_TEXTS[billed]}"
        )
    )
    if line.date_from is not None:
        if line.date_to is None:
            out.append(f"DTM*472*{DATE_TEXTS[line.date_from]}")
        else:
            out += (f"DTM*150*{DATE_TEXTS[line.date_from]}", f"DTM*151*{DATE_TEXTS[line.date_to]}")
    if line.adjustments:
        _write_adjustments(line.adjustments, out, clean)
    if line.control:
        out.append(f"REF*6R*{clean[line.control]}")
    if line.allowed_cents is not None:
        out.append(f"AMT*B6*{AMOUNT_TEXTS[line.allowed_cents]}")
    for remark in line.remarks:
        out.append(f"LQ*HE*{clean[remark]}")


def _write_adjustments(adjustments: list[Adjustment], out: list[str], clean: Cleaner) -> None:
    """One CAS per group code and six reasons, groups in the order of their first."""
    by_group: dict[str, list[Adjustment]] = {}
    for one in adjustments:
        by_group.setdefault(one.group, []).append(one)
    for group, members in by_group.items():
        out += [
            trim(f"CAS*{clean[group]}" + "".join([_triple(one, clean) for one in members[at : at + 6]]))
            for at in range(0, len(members), 6)
        ]


def _triple(one: Adjustment, clean: Cleaner) -> str:
    quantity = "" if one.quantity is None else QUANTITY_TEXTS[one.quantity]
    return f"*{clean[one.carc]}*{AMOUNT_TEXTS[one.cents]}*{quantity}"


def _plb_segments(adjustments: list[ProviderAdjustment], clean: Cleaner) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(adjustments):
        first = adjustments[at]
        pairs: list[str] = []
        while at < len(adjustments) and len(pairs) < 6:
            one = adjustments[at]
            if (one.provider, one.year_end) != (first.provider, first.year_end):
                break
            reference = f":{clean[one.reference]}" if one.reference else ""
            pairs.append(f"{clean[one.reason]}{reference}*{AMOUNT_TEXTS[one.cents]}")
            at += 1
        year_end = DATE_TEXTS[first.year_end] if first.year_end else ""
        out.append(f"PLB*{clean[first.provider]}*{year_end}*" + "*".join(pairs))
    return out
