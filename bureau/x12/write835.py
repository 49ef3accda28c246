"""Remittance values to 835 text, with what receivers insist on: PER*BL, dates, one group code per CAS."""

from __future__ import annotations

from collections.abc import Iterable

from bureau.x12.adjustments import write_adjustments
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, QUANTITY_TEXTS
from bureau.x12.values import Envelope, Party
from bureau.x12.values835 import (
    Amounts,
    ClaimGroup,
    Coded,
    Contact,
    Counts,
    Dates,
    Figures,
    Outpatient,
    PaidClaim,
    PaidClaimExtras,
    PaidLine,
    PaidLineExtras,
    ProviderAdjustment,
    Remittance,
    RemittanceExtras,
)
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
_PLAIN_GROUPS = (ClaimGroup("1", 0),)
_NOTHING = RemittanceExtras()


def write_835(envelope: Envelope, remittances: list[Remittance]) -> str:
    """One interchange with one group, one ST per remittance; amounts go out as they are, balanced or not."""
    clean = Cleaner()
    return write_interchange(envelope, "HP", VERSION, (_write_set(one, clean) for one in remittances))


def _write_set(one: Remittance, clean: Cleaner) -> list[str]:
    extras = one.extras or _NOTHING
    out = _payment_segments(one, extras, clean)
    out += _payer_segments(one.payer, extras.contacts, clean)
    out += _party_segments("PE", one.payee, clean)
    out += [f"RDM*{clean[kind]}*{clean[name]}*{clean[number]}" for kind, name, number in extras.deliveries]
    for kind, party in extras.parties:
        out += _party_segments(kind, party, clean)
    groups = extras.groups or (_PLAIN_GROUPS if one.claims else ())
    ends = [group.claims_before for group in groups[1:]] + [len(one.claims)]
    for group, end in zip(groups, ends, strict=False):
        out += _group_segments(group, clean)
        for claim in one.claims[group.claims_before : end]:
            _write_claim(claim, out, clean)
    out += _plb_segments(one.provider_adjustments, clean)
    return out


def _payment_segments(one: Remittance, extras: RemittanceExtras, clean: Cleaner) -> list[str]:
    """ST to the header's DTM."""
    paid_on = DATE_TEXTS[one.paid_on] if one.paid_on else ""
    out = [
        f"ST*835*{one.control}",
        trim(
            f"BPR*{clean[one.handling]}*{AMOUNT_TEXTS[one.payment_cents]}*{clean[one.credit]}*{clean[one.method]}"
            f"*{clean[one.format]}*****{clean[extras.originator]}*{clean[extras.originator_supplement]}*****{paid_on}"
        ),
        trim(f"TRN*1*{clean[one.trace]}*{clean[one.payer_tax_id]}*{clean[extras.trace_supplement]}"),
    ]
    if extras.currency is not None:
        code, rate = extras.currency
        out.append(trim(f"CUR*PR*{clean[code]}*{'' if rate is None else QUANTITY_TEXTS[rate]}"))
    out += _coded("REF", (("EV", extras.receiver),) if extras.receiver else (), clean)
    out += _coded("REF", (("F2", extras.version),) if extras.version else (), clean)
    out += _coded("REF", extras.refs, clean)
    if one.produced:
        out.append(f"DTM*405*{DATE_TEXTS[one.produced]}")
    return out + _dated(extras.dates, clean)


def _payer_segments(party: Party, contacts: tuple[Contact, ...], clean: Cleaner) -> list[str]:
    """N1*PR to its last PER, claim contacts before technical before web, as the guide has them."""
    out = _party_segments("PR", party, clean)
    out += [_contact(one, clean) for one in contacts if one.kind == "CX"]
    if all(one.kind != "BL" for one in contacts):
        out.append(contact_segment(party, clean, "BL"))
    return out + [_contact(one, clean) for one in contacts if one.kind != "CX"]


def _party_segments(kind: str, party: Party, clean: Cleaner) -> list[str]:
    """N1, N3, N4 and the REF of a party; the id of a payer goes into REF*2U unless it is a plan's."""
    is_second = party.id_kind == "PI"
    identifier = f"*{clean[party.id_kind] or 'XX'}*{clean[party.id]}" if party.id and not is_second else ""
    out = [f"N1*{clean[kind]}*{clean[party.name][:60]}{identifier}"]
    out += address_segments(party, clean)
    if party.id and is_second:
        out.append(f"REF*2U*{clean[party.id]}")
    if party.tax_id:
        out.append(f"REF*TJ*{clean[party.tax_id]}")
    return out + _coded("REF", party.refs, clean)


def _contact(one: Contact, clean: Cleaner) -> str:
    """A PER; a web address goes without its scheme, whose colon would be a separator."""
    numbers = [f"*{clean[kind]}*{clean[number.partition('://')[2] or number]}" for kind, number in one.numbers[:3]]
    return trim(f"PER*{clean[one.kind]}*{clean[one.name][:60]}{''.join(numbers)}")


def _coded(identifier: str, pairs: Coded, clean: Cleaner) -> list[str]:
    return [trim(f"{identifier}*{clean[kind]}*{clean[value]}") for kind, value in pairs]


def _dated(dates: Dates, clean: Cleaner) -> list[str]:
    return [trim(f"DTM*{clean[kind]}*{DATE_TEXTS[day] if day else ''}") for kind, day in dates]


def _sums(amounts: Amounts, quantities: Counts, clean: Cleaner) -> list[str]:
    """AMT, then QTY."""
    out = [f"AMT*{clean[kind]}*{AMOUNT_TEXTS[cents]}" for kind, cents in amounts]
    return out + [f"QTY*{clean[kind]}*{QUANTITY_TEXTS[quantity]}" for kind, quantity in quantities]


def _group_segments(group: ClaimGroup, clean: Cleaner) -> list[str]:
    out = [trim(f"LX*{clean[group.number]}")]
    totals = group.totals
    if totals is not None:
        head = [
            clean[totals.provider], clean[totals.facility], DATE_TEXTS[totals.year_end] if totals.year_end else "",
            "" if totals.claims is None else QUANTITY_TEXTS[totals.claims], _amount(totals.charge_cents),
        ]  # fmt: skip
        out.append(_figures("TS3", totals.figures, 24, enumerate(head, 1)))
    if group.inpatient is not None:
        out.append(_figures("TS2", group.inpatient, 19))
    return out


def _figures(identifier: str, figures: Figures, size: int, others: Iterable[tuple[int, str]] = ()) -> str:
    """A segment from its figures, which know their elements, and from what stands at other elements."""
    elements = [identifier] + [""] * size
    for element, quantity in figures.counts:
        elements[int(element[-2:])] = QUANTITY_TEXTS[quantity]
    for element, cents in figures.amounts:
        elements[int(element[-2:])] = AMOUNT_TEXTS[cents]
    for at, text in others:
        elements[at] = text
    return trim("*".join(elements))


def _amount(cents: int | None) -> str:
    return "" if cents is None else AMOUNT_TEXTS[cents]


def _write_claim(claim: PaidClaim, out: list[str], clean: Cleaner) -> None:
    extras = claim.extras
    patient_share = "" if claim.patient_cents is None else AMOUNT_TEXTS[claim.patient_cents]
    head = (
        f"CLP*{clean[claim.pcn]}*{clean[claim.status]}*{AMOUNT_TEXTS[claim.charge_cents]}"
        f"*{AMOUNT_TEXTS[claim.paid_cents]}*{patient_share}"
        f"*{_FILING.get(claim.filing_code) or clean[claim.filing_code]}*{clean[claim.payer_icn]}"
        f"*{clean[claim.place]}*{clean[claim.frequency]}"
    )
    out.append(trim(head if extras is None else head + _grouping(extras, clean)))
    if claim.adjustments:
        write_adjustments(claim.adjustments, out, clean)
    if claim.patient is not None:
        out.append(name_segment("QC", claim.patient, clean))
    if claim.subscriber is not None:
        out.append(name_segment("IL", claim.subscriber, clean))
    if claim.rendering is not None:
        out.append(name_segment("82", claim.rendering, clean))
    if claim.crossover is not None:
        out.append(name_segment("TT", claim.crossover, clean))
    if extras is not None:
        out += _more_parties(extras, clean)
        out += _adjudication(extras.inpatient, extras.outpatient, claim.remarks, clean)
        out += _coded("REF", extras.refs, clean)
    elif claim.remarks:
        out += _adjudication(None, None, claim.remarks, clean)
    if claim.received is not None:
        out.append(f"DTM*050*{DATE_TEXTS[claim.received]}")
    if extras is not None:
        out += _claim_dates(extras, clean)
        out += [_contact(one, clean) for one in extras.contacts]
        out += _sums(extras.amounts, extras.quantities, clean)
    for line in claim.lines:
        _write_line(line, out, clean)


def _grouping(extras: PaidClaimExtras, clean: Cleaner) -> str:
    """CLP10 to CLP13."""
    weight, fraction = extras.drg_weight, extras.discharge_fraction
    return (
        f"**{clean[extras.drg]}*{'' if weight is None else QUANTITY_TEXTS[weight]}"
        f"*{'' if fraction is None else QUANTITY_TEXTS[fraction]}"
    )


def _more_parties(extras: PaidClaimExtras, clean: Cleaner) -> list[str]:
    named = (("74", extras.corrected), ("PR", extras.priority_payer), ("GB", extras.other_subscriber), *extras.parties)
    return [name_segment(clean[kind], party, clean) for kind, party in named if party is not None]


def _adjudication(
    inpatient: Figures | None, outpatient: Outpatient | None, remarks: tuple[str, ...], clean: Cleaner
) -> list[str]:
    """MIA where the stay was priced, else MOA; five remark codes to a segment, as many segments as it takes."""
    out = []
    codes = [clean[code] for code in remarks]
    if inpatient is not None:
        out.append(_figures("MIA", inpatient, 24, zip((5, 20, 21, 22, 23), codes, strict=False)))
        del codes[:5]
    if outpatient is not None or codes:
        rest = outpatient or Outpatient()
        rate = "" if rest.rate is None else QUANTITY_TEXTS[rest.rate]
        first = codes[:5] + [""] * (5 - len(codes[:5]))
        elements = [rate, _amount(rest.payable_cents), *first, _amount(rest.esrd_cents)]
        out.append(trim(f"MOA*{'*'.join(elements)}*{_amount(rest.professional_cents)}"))
    return out + [f"MOA***{'*'.join(codes[at : at + 5])}" for at in range(5, len(codes), 5)]


def _claim_dates(extras: PaidClaimExtras, clean: Cleaner) -> list[str]:
    named = (("232", extras.period_from), ("233", extras.period_to), ("036", extras.coverage_ends))
    return _dated((*[pair for pair in named if pair[1] is not None], *extras.dates), clean)


def _write_line(line: PaidLine, out: list[str], clean: Cleaner) -> None:
    extras, units = line.extras, line.units
    procedure = f"{clean[line.qualifier]}:{clean[line.code]}"
    if line.modifiers:
        procedure += ":" + ":".join([clean[modifier] for modifier in line.modifiers])
    head = f"*{AMOUNT_TEXTS[line.charge_cents]}*{AMOUNT_TEXTS[line.paid_cents]}"
    if extras is None and not line.billed_code and line.billed_units is None:
        quantity = "" if units is None else f"**{QUANTITY_TEXTS[units]}"
        out.append(f"SVC*{procedure}{head}{quantity}")
    else:
        out.append(trim(f"SVC*{_changed_service(line, extras or PaidLineExtras(), head, clean)}"))
    if line.date_from is not None:
        out.append(f"DTM*{'150' if line.date_to else '472'}*{DATE_TEXTS[line.date_from]}")
    if line.date_to is not None:
        out.append(f"DTM*151*{DATE_TEXTS[line.date_to]}")
    if extras is not None:
        out += _dated(extras.dates, clean)
    if line.adjustments:
        write_adjustments(line.adjustments, out, clean)
    if line.control:
        out.append(f"REF*6R*{clean[line.control]}")
    if extras is not None:
        out += _coded("REF", extras.refs, clean)
    if line.allowed_cents is not None:
        out.append(f"AMT*B6*{AMOUNT_TEXTS[line.allowed_cents]}")
    if extras is not None:
        out += _sums(extras.amounts, extras.quantities, clean)
    for remark in line.remarks:
        out.append(f"LQ*HE*{clean[remark]}")
    if extras is not None:
        out += _coded("LQ", extras.codes, clean)


def _changed_service(line: PaidLine, extras: PaidLineExtras, amounts: str, clean: Cleaner) -> str:
    """The elements of an SVC with all that few have: descriptions, revenue code, what was billed."""
    paid = _composite(line.qualifier, line.code, line.modifiers, extras.description, clean)
    billed = ""
    if line.billed_code or extras.billed_qualifier:
        qualifier = extras.billed_qualifier or line.qualifier
        billed = _composite(qualifier, line.billed_code, extras.billed_modifiers, extras.billed_description, clean)
    units = "" if line.units is None else QUANTITY_TEXTS[line.units]
    billed_units = "" if line.billed_units is None else QUANTITY_TEXTS[line.billed_units]
    return f"{paid}{amounts}*{clean[extras.revenue]}*{units}*{billed}*{billed_units}"


def _composite(qualifier: str, code: str, modifiers: tuple[str, ...], description: str, clean: Cleaner) -> str:
    parts = [clean[qualifier], clean[code], *[clean[modifier] for modifier in modifiers]]
    if description:
        parts += [""] * (6 - len(parts)) + [clean[description]]
    return ":".join(parts)


def _plb_segments(adjustments: list[ProviderAdjustment], clean: Cleaner) -> list[str]:
    """One PLB per provider and year end in a row, six reasons to each."""
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
