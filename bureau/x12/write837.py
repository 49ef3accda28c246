"""ClaimSet values to 837P text as payers want it: one 2000A per billing provider, subscribers below."""

from __future__ import annotations

from collections.abc import Iterable

from bureau.x12.details837 import (
    attachment_segments,
    condition_segments,
    contract_segments,
    dated_segments,
    file_note_segments,
    note_segments,
    number_text,
    repricing_segments,
    span_segment,
    trip_end_segments,
    trip_segments,
)
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, format_time
from bureau.x12.values import Envelope, Party
from bureau.x12.values837 import Accident, Claim, ClaimExtras, ClaimSet
from bureau.x12.write837_cob import write_other_payers
from bureau.x12.write837_lines import provider_segments, write_line
from bureau.x12.writing import (
    Cleaner,
    address_segments,
    birth_segment,
    contact_segment,
    contact_segments,
    name_segment,
    reference_segments,
    trim,
    write_interchange,
)

_LONGEST_PCN = 20
_MOST_CONDITIONS = 24
_PER_SEGMENT = 12  # codes in one HI


def write_837(envelope: Envelope, sets: list[ClaimSet]) -> str:
    """One interchange with one group; every set must have the same version.

    Claims of one billing provider are put together (otherwise the order is kept). Raises ValueError
    for what no 837P can hold: a claim number that is absent or over 20 characters (payers cut it, and
    the answer is lost), no line, more than 12 diagnoses, four modifiers, ten other payers and the like.
    """
    versions = {one.version for one in sets}
    if len(versions) != 1:
        raise ValueError("an 837 group needs at least one set, all of one version")
    clean = Cleaner()
    return write_interchange(envelope, "HC", clean[versions.pop()], (_write_set(one, clean) for one in sets))


def _write_set(one: ClaimSet, clean: Cleaner) -> list[str]:
    created = one.created
    out = [
        f"ST*837*{one.control}*{clean[one.version]}",
        (
            f"BHT*0019*{clean[one.purpose]}*{clean[one.reference]}*{DATE_TEXTS[created.date()]}*{format_time(created)}"
            f"*{clean[one.use]}"
        ),
        name_segment("41", one.submitter, clean),
        contact_segment(one.submitter, clean),
        name_segment("40", one.receiver, clean),
    ]
    level = 0
    for claims in _by_billing(one.claims):
        level += 1
        provider = level
        out += _billing_segments(claims[0], provider, clean)
        before: Claim | None = None
        subscriber = provider
        for claim in claims:
            if before is None or not _is_same_subscriber(before, claim):
                level += 1
                subscriber = level
                out += _subscriber_segments(claim, subscriber, provider, clean)
                before = None
            if claim.patient is not None and (before is None or not _is_same_patient(before, claim)):
                level += 1
                out += _patient_segments(claim, claim.patient, level, subscriber, clean)
            write_claim(claim, out, clean)
            before = claim
    return out


def _by_billing(claims: Iterable[Claim]) -> list[list[Claim]]:
    """The claims that share all of a 2000A, in the order of its first."""
    known: dict[tuple[int, int, int, str], list[Claim]] = {}
    groups: list[list[Claim]] = []
    for claim in claims:
        key = (id(claim.billing), id(claim.pay_to), id(claim.pay_to_plan), _currency(claim))
        group = known.get(key)
        if group is None:
            group = next((found for found in groups if _is_same_billing(found[0], claim)), None)
            if group is None:
                group = []
                groups.append(group)
            known[key] = group
        group.append(claim)
    return groups


def _currency(claim: Claim) -> str:
    return claim.extras.currency if claim.extras is not None else ""


def _is_same_billing(one: Claim, other: Claim) -> bool:
    return (
        one.billing == other.billing
        and one.pay_to == other.pay_to
        and one.pay_to_plan == other.pay_to_plan
        and _currency(one) == _currency(other)
    )


def _is_same_subscriber(one: Claim, other: Claim) -> bool:
    return (
        (one.patient is None) == (other.patient is None)
        and one.subscriber == other.subscriber
        and one.payer == other.payer
        and one.payer_rank == other.payer_rank
        and one.filing_code == other.filing_code
        and one.group_number == other.group_number
        and one.plan_name == other.plan_name
        and one.insurance_type == other.insurance_type
        and (one.patient is not None or _is_same_person(one, other))
    )


def _is_same_patient(one: Claim, other: Claim) -> bool:
    return one.patient == other.patient and _is_same_person(one, other)


def _is_same_person(one: Claim, other: Claim) -> bool:
    """Whether two claims agree on what PAT says of the patient."""
    return (
        one.relationship == other.relationship
        and one.died == other.died
        and one.weight_pounds == other.weight_pounds
        and one.pregnant == other.pregnant
    )


def _billing_segments(claim: Claim, level: int, clean: Cleaner) -> list[str]:
    party, currency = claim.billing, _currency(claim)
    out = [f"HL*{level}**20*1"]
    if party.taxonomy:
        out.append(f"PRV*BI*PXC*{clean[party.taxonomy]}")
    if currency:
        out.append(f"CUR*85*{clean[currency]}")
    out.append(name_segment("85", party, clean))
    out += address_segments(party, clean)
    out += _tax_segments(party, clean)
    out += reference_segments(party, clean)
    out += contact_segments(party, clean)
    if claim.pay_to is not None:
        out += [name_segment("87", claim.pay_to, clean), *address_segments(claim.pay_to, clean)]
    plan = claim.pay_to_plan
    if plan is not None:
        out += [name_segment("PE", plan, clean), *address_segments(plan, clean)]
        out += [*reference_segments(plan, clean), *_tax_segments(plan, clean)]
    return out


def _tax_segments(party: Party, clean: Cleaner) -> list[str]:
    return [f"REF*{clean[party.tax_id_kind] or 'EI'}*{clean[party.tax_id]}"] if party.tax_id else []


def _subscriber_segments(claim: Claim, level: int, parent: int, clean: Cleaner) -> list[str]:
    own = claim.patient is None
    rank, relationship = clean[claim.payer_rank], clean[claim.relationship] if own else ""
    cover = f"{clean[claim.group_number]}*{clean[claim.plan_name]}*{clean[claim.insurance_type]}"
    return [
        f"HL*{level}*{parent}*22*{'0' if own else '1'}",
        trim(f"SBR*{rank}*{relationship}*{cover}****{clean[claim.filing_code]}"),
        *(_patient_facts(claim, "") if own else ()),
        *_person_segments("IL", claim.subscriber, clean),
        name_segment("PR", claim.payer, clean),
        *address_segments(claim.payer, clean),
        *reference_segments(claim.payer, clean),
    ]


def _patient_segments(claim: Claim, patient: Party, level: int, parent: int, clean: Cleaner) -> list[str]:
    return [
        f"HL*{level}*{parent}*23*0",
        *_patient_facts(claim, clean[claim.relationship]),
        *_person_segments("QC", patient, clean),
    ]


def _patient_facts(claim: Claim, relationship: str) -> list[str]:
    """The PAT of a level, where it has anything to say."""
    if claim.died is None and claim.weight_pounds is None and not claim.pregnant:
        return [f"PAT*{relationship}"] if relationship else []
    died = f"D8*{DATE_TEXTS[claim.died]}" if claim.died is not None else "*"
    weight = f"01*{number_text(claim.weight_pounds)}" if claim.weight_pounds is not None else "*"
    return [trim(f"PAT*{relationship}****{died}*{weight}*{'Y' if claim.pregnant else ''}")]


def _person_segments(code: str, person: Party, clean: Cleaner) -> list[str]:
    return [
        name_segment(code, person, clean),
        *address_segments(person, clean),
        *birth_segment(person, clean),
        *reference_segments(person, clean),
        *contact_segments(person, clean),
    ]


def write_claim(claim: Claim, out: list[str], clean: Cleaner) -> None:
    """Append the 2300 loop of one claim with its lines."""
    pcn = clean[claim.pcn]
    if not pcn or len(pcn) > _LONGEST_PCN:
        raise ValueError("a claim number has 1 to 20 characters")
    if len(claim.diagnoses) > _PER_SEGMENT or not 0 < len(claim.lines) <= 50:
        raise ValueError("a claim has up to 12 diagnoses and 1 to 50 lines")
    extras, accident = claim.extras, claim.accident
    head = (
        f"CLM*{pcn}*{AMOUNT_TEXTS[claim.charge_cents]}***{clean[claim.place]}:B:{clean[claim.frequency]}*{clean[claim.signature]}"
        f"*{clean[claim.assignment]}*{clean[claim.benefits]}*{clean[claim.release]}"
    )
    out.append(head if extras is None and accident is None else trim(head + _claim_end(extras, accident, clean)))
    if accident is not None and accident.on is not None:
        out.append(span_segment("439", accident.on, None))
    if extras is not None:
        _write_above_references(extras, out, clean)
    for kind, value in (
        ("9F", claim.referral), ("G1", claim.prior_auth), ("F8", claim.payer_icn), ("D9", claim.trace),
    ):  # fmt: skip
        if value:
            out.append(f"REF*{kind}*{clean[value]}")
    if extras is not None:
        _write_below_references(extras, out, clean)
    if claim.diagnoses:
        out.append(_diagnosis_segment(claim, clean))
    if extras is not None:
        _write_codes(extras, out, clean)
    _write_providers(claim, out, clean)
    if claim.other_payers:
        write_other_payers(claim.other_payers, out, clean)
    for number, line in enumerate(claim.lines, 1):
        write_line(number, line, out, clean)


def _claim_end(extras: ClaimExtras | None, accident: Accident | None, clean: Cleaner) -> str:
    """CLM10 to CLM20."""
    causes = ""
    if accident is not None:
        if len(accident.causes) > 3:
            raise ValueError("an accident has up to three causes")
        parts = [*accident.causes, "", "", ""][:3]
        causes = ":".join([clean[part] for part in (*parts, accident.state, accident.country)]).rstrip(":")
    if extras is None:
        return f"**{causes}"
    program = f"{clean[extras.special_program]}********{clean[extras.delay_reason]}"
    return f"*{clean[extras.signature_source]}*{causes}*{program}"


def _write_above_references(extras: ClaimExtras, out: list[str], clean: Cleaner) -> None:
    out += dated_segments(extras.dates, clean)
    out += attachment_segments(extras, clean)
    out += contract_segments(extras.contract, clean)
    if extras.patient_paid_cents is not None:
        out.append(f"AMT*F5*{AMOUNT_TEXTS[extras.patient_paid_cents]}")


def _write_below_references(extras: ClaimExtras, out: list[str], clean: Cleaner) -> None:
    out += [f"REF*{clean[kind]}*{clean[value]}" for kind, value in extras.refs if value]
    out += file_note_segments(extras, clean)
    out += note_segments((extras.note,) if extras.note is not None else (), clean)
    out += trip_segments(extras.ambulance, clean)
    if extras.spinal is not None:
        nature, first, second = extras.spinal
        out.append(trim(f"CR2********{clean[nature]}**{clean[first]}*{clean[second]}"))
    out += condition_segments(extras.conditions, clean)


def _diagnosis_segment(claim: Claim, clean: Cleaner) -> str:
    first, other = ("BK", "BF") if claim.diagnosis_kind == "9" else ("ABK", "ABF")
    codes = [clean[code].replace(".", "") for code in claim.diagnoses]
    return "*".join(["HI", f"{first}:{codes[0]}", *[f"{other}:{code}" for code in codes[1:]]])


def _write_codes(extras: ClaimExtras, out: list[str], clean: Cleaner) -> None:
    """The HI segments besides the diagnoses, and HCP."""
    if len(extras.anesthesia) > 2 or len(extras.condition_codes) > _MOST_CONDITIONS:
        raise ValueError("a claim has up to two anesthesia procedures and 24 condition codes")
    if extras.anesthesia:
        kinds = zip(("BP", "BO"), extras.anesthesia, strict=False)
        out.append("HI*" + "*".join([f"{kind}:{clean[code]}" for kind, code in kinds]))
    codes = [f"BG:{clean[code]}" for code in extras.condition_codes]
    out += ["HI*" + "*".join(codes[at : at + _PER_SEGMENT]) for at in range(0, len(codes), _PER_SEGMENT)]
    out += repricing_segments(extras.repricing, clean)


def _write_providers(claim: Claim, out: list[str], clean: Cleaner) -> None:
    for code, party in (
        ("DN", claim.referring), ("P3", claim.primary_care), ("82", claim.rendering), ("77", claim.facility),
        ("DQ", claim.supervising),
    ):  # fmt: skip
        if party is not None:
            out += provider_segments(code, party, clean)
    if claim.extras is not None:
        out += trip_end_segments(claim.extras.ambulance, clean)
