"""Service lines as segments: 2400 with its drug, its providers, other payers' decisions and forms."""

from __future__ import annotations

from collections.abc import Iterable

from bureau.x12.details837 import (
    attachment_segments,
    condition_segments,
    contract_segments,
    dated_segments,
    file_note_segments,
    note_segments,
    repricing_segments,
    span_segment,
    trip_end_segments,
    trip_segments,
)
from bureau.x12.scalars import AMOUNT_TEXTS, QUANTITY_TEXTS
from bureau.x12.values import Party
from bureau.x12.values837 import Drug, Form, LineExtras, Rental, ServiceLine
from bureau.x12.write837_cob import procedure_text, write_decisions
from bureau.x12.writing import Cleaner, address_segments, contact_segments, name_segment, reference_segments, trim

_MOST_ANSWERS = 99


def provider_segments(code: str, party: Party, clean: Cleaner, more: Iterable[str] = ()) -> list[str]:
    """A provider of a claim or line: NM1, PRV where it is the rendering one, address, REFs (and `more`), contact."""
    out = [name_segment(clean[code], party, clean)]
    if party.taxonomy and code == "82":
        out.append(f"PRV*PE*PXC*{clean[party.taxonomy]}")
    if party.street or party.city:
        out += address_segments(party, clean)
    if party.refs:
        out += reference_segments(party, clean)
    return [*out, *more, *contact_segments(party, clean)]


def write_line(number: int, line: ServiceLine, out: list[str], clean: Cleaner) -> None:
    """Append the 2400 loop. Raises ValueError for what it has no room for."""
    if len(line.pointers) > 4:
        raise ValueError("a line has up to four modifiers and four diagnosis pointers")
    procedure = procedure_text(line.qualifier, line.code, line.modifiers, line.description, clean)
    out += (
        f"LX*{number}",
        trim(
            f"SV1*{procedure}*{AMOUNT_TEXTS[line.charge_cents]}*{clean[line.unit]}*{QUANTITY_TEXTS[line.units]}"
            f"*{clean[line.place]}**{':'.join(map(str, line.pointers))}{_marks(line)}"
        ),
    )
    extras = line.extras
    if extras is not None:
        _write_above_date(extras, out, clean)
    if line.date_from is not None:
        out.append(span_segment("472", line.date_from, line.date_to))
    if extras is not None:
        _write_below_date(extras, out, clean)
    if line.control:
        out.append(f"REF*6R*{clean[line.control]}")
    if extras is not None:
        _write_below_references(extras, out, clean)
    if line.drug is not None:
        out += _drug_segments(line.drug, clean)
    for code, party in line.providers:
        more = _payer_references(code, extras, clean) if extras is not None else ()
        out += provider_segments(code, party, clean, more)
    if extras is not None:
        out += trip_end_segments(extras.ambulance, clean)
    if line.decisions:
        write_decisions(line.decisions, out, clean)
    if extras is not None:
        for form in extras.forms:
            out += _form_segments(form, clean)


def _marks(line: ServiceLine) -> str:
    """SV108 to SV115, as far as one of them is said."""
    if not (line.emergency or line.epsdt or line.family_planning or line.copay_exempt):
        return ""
    said = ["Y" if mark else "" for mark in (line.emergency, False, line.epsdt, line.family_planning)]
    return "**" + "*".join([*said, "", "", "0" if line.copay_exempt else ""])


def _write_above_date(extras: LineExtras, out: list[str], clean: Cleaner) -> None:
    if extras.rental is not None:
        out.append(_rental_segment(extras.rental, clean))
    out += attachment_segments(extras, clean)
    out += trip_segments(extras.ambulance, clean)
    if extras.certification is not None:
        kind, unit, count = extras.certification
        out.append(f"CR3*{clean[kind]}*{clean[unit]}*{QUANTITY_TEXTS[count]}")
    out += condition_segments(extras.conditions, clean)


def _write_below_date(extras: LineExtras, out: list[str], clean: Cleaner) -> None:
    out += dated_segments(extras.dates, clean)
    out += [f"QTY*{clean[kind]}*{QUANTITY_TEXTS[count]}" for kind, count in extras.quantities]
    out += [f"MEA*{clean[what]}*{clean[kind]}*{QUANTITY_TEXTS[value]}" for what, kind, value in extras.measures]
    out += contract_segments(extras.contract, clean)


def _write_below_references(extras: LineExtras, out: list[str], clean: Cleaner) -> None:
    out += [f"REF*{clean[kind]}*{clean[value]}" for kind, value in extras.refs if value]
    out += _payer_references("", extras, clean)
    amounts = (("T", extras.sales_tax_cents), ("F4", extras.postage_cents))
    out += [f"AMT*{kind}*{AMOUNT_TEXTS[cents]}" for kind, cents in amounts if cents is not None]
    out += file_note_segments(extras, clean)
    out += note_segments(extras.notes, clean)
    if extras.purchased is not None:
        provider, cents = extras.purchased
        out.append(f"PS1*{clean[provider]}*{AMOUNT_TEXTS[cents]}")
    out += repricing_segments(extras.repricing, clean)


def _payer_references(who: str, extras: LineExtras, clean: Cleaner) -> list[str]:
    """The numbers that other payers gave: to the line where `who` is empty, else to that provider of it."""
    return [
        f"REF*{clean[kind]}*{clean[value]}**2U:{clean[payer]}"
        for owner, kind, value, payer in extras.payer_refs
        if owner == who
    ]


def _rental_segment(one: Rental, clean: Cleaner) -> str:
    return (
        f"SV5*HC:{clean[one.code]}*DA*{QUANTITY_TEXTS[one.days]}*{AMOUNT_TEXTS[one.rental_cents]}"
        f"*{AMOUNT_TEXTS[one.purchase_cents]}*{clean[one.frequency]}"
    )


def _drug_segments(drug: Drug, clean: Cleaner) -> list[str]:
    out = [f"LIN**{clean[drug.qualifier]}*{clean[drug.ndc]}"]
    if drug.quantity is not None:
        out.append(f"CTP****{QUANTITY_TEXTS[drug.quantity]}*{clean[drug.unit]}")
    if drug.prescription:
        out.append(f"REF*{clean[drug.prescription_kind] or 'XZ'}*{clean[drug.prescription]}")
    return out


def _form_segments(form: Form, clean: Cleaner) -> list[str]:
    if len(form.answers) > _MOST_ANSWERS:
        raise ValueError("a form has up to 99 answers")
    return [
        f"LQ*{clean[form.qualifier]}*{clean[form.code]}",
        *[trim("FRM*" + "*".join([clean[part] for part in answer])) for answer in form.answers],
    ]
