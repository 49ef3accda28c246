"""ClaimSet values to 837P text as payers want it: one 2000A per billing provider, subscribers below."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, QUANTITY_TEXTS, format_time
from bureau.x12.values import Envelope, Party
from bureau.x12.values837 import Claim, ClaimSet, ServiceLine
from bureau.x12.writing import (
    Cleaner,
    address_segments,
    birth_segment,
    contact_segment,
    name_segment,
    reference_segments,
    trim,
    write_interchange,
)

_LONGEST_PCN = 20


def write_837(envelope: Envelope, sets: list[ClaimSet]) -> str:
    """One interchange with one group; every set must have the same version.

    Claims of one billing provider are put together (otherwise the order is kept). Raises ValueError
    for what no 837P can hold: a claim number that is absent or over 20 characters (payers cut it, and
    the answer is lost), no line, more than 12 diagnoses, four modifiers or four pointers.
    """
    versions = {one.version for one in sets}
    if len(versions) != 1:
        raise ValueError("an 837 group needs at least one set, all of one version")
    clean = Cleaner()
    return write_interchange(envelope, "HC", versions.pop(), (_write_set(one, clean) for one in sets))


def _write_set(one: ClaimSet, clean: Cleaner) -> list[str]:
    created = one.created
    out = [
        f"ST*837*{one.control}*{one.version}",
        f"BHT*0019*{one.purpose}*{clean[one.reference]}*{DATE_TEXTS[created.date()]}*{format_time(created)}*CH",
        name_segment("41", one.submitter, clean),
        contact_segment(one.submitter, clean),
        name_segment("40", one.receiver, clean),
    ]
    level = 0
    for claims in _by_billing(one.claims):
        level += 1
        provider = level
        out += _billing_segments(claims[0].billing, provider, clean)
        before: Claim | None = None
        subscriber = provider
        for claim in claims:
            if before is None or not _same_subscriber(before, claim):
                level += 1
                subscriber = level
                out += _subscriber_segments(claim, subscriber, provider, clean)
                before = None
            if claim.patient is not None and (before is None or before.patient != claim.patient):
                level += 1
                out += _patient_segments(claim, claim.patient, level, subscriber, clean)
            write_claim(claim, out, clean)
            before = claim
    return out


def _by_billing(claims: Iterable[Claim]) -> list[list[Claim]]:
    """The claims of each billing provider, in the order of its first."""
    known: dict[int, list[Claim]] = {}
    groups: list[tuple[Party, list[Claim]]] = []
    for claim in claims:
        group = known.get(id(claim.billing))
        if group is None:
            group = next((found for party, found in groups if party == claim.billing), None)
            if group is None:
                group = []
                groups.append((claim.billing, group))
            known[id(claim.billing)] = group
        group.append(claim)
    return [group for _, group in groups]


def _same_subscriber(one: Claim, other: Claim) -> bool:
    return (
        (one.patient is None) == (other.patient is None)
        and one.subscriber == other.subscriber
        and one.payer == other.payer
        and one.payer_rank == other.payer_rank
        and one.filing_code == other.filing_code
        and one.group_number == other.group_number
        and one.relationship == other.relationship
    )


def _billing_segments(party: Party, level: int, clean: Cleaner) -> list[str]:
    out = [f"HL*{level}**20*1"]
    if party.taxonomy:
        out.append(f"PRV*BI*PXC*{clean[party.taxonomy]}")
    out.append(name_segment("85", party, clean))
    out += address_segments(party, clean)
    if party.tax_id:
        out.append(f"REF*{clean[party.tax_id_kind] or 'EI'}*{clean[party.tax_id]}")
    out += reference_segments(party, clean)
    if party.contact or party.phone or party.email:
        out.append(contact_segment(party, clean))
    return out


def _subscriber_segments(claim: Claim, level: int, parent: int, clean: Cleaner) -> list[str]:
    own = claim.patient is None
    rank, relationship = clean[claim.payer_rank], clean[claim.relationship] if own else ""
    return [
        f"HL*{level}*{parent}*22*{'0' if own else '1'}",
        trim(f"SBR*{rank}*{relationship}*{clean[claim.group_number]}******{clean[claim.filing_code]}"),
        name_segment("IL", claim.subscriber, clean),
        *address_segments(claim.subscriber, clean),
        *birth_segment(claim.subscriber, clean),
        *reference_segments(claim.subscriber, clean),
        name_segment("PR", claim.payer, clean),
        *address_segments(claim.payer, clean),
        *reference_segments(claim.payer, clean),
    ]


def _patient_segments(claim: Claim, patient: Party, level: int, parent: int, clean: Cleaner) -> list[str]:
    return [
        f"HL*{level}*{parent}*23*0",
        f"PAT*{clean[claim.relationship]}",
        name_segment("QC", patient, clean),
        *address_segments(patient, clean),
        *birth_segment(patient, clean),
        *reference_segments(patient, clean),
    ]


def write_claim(claim: Claim, out: list[str], clean: Cleaner) -> None:
    """Append the 2300 loop of one claim with its lines."""
    pcn = clean[claim.pcn]
    if not pcn or len(pcn) > _LONGEST_PCN:
        raise ValueError("a claim number has 1 to 20 characters")
    if len(claim.diagnoses) > 12 or not 0 < len(claim.lines) <= 50:
        raise ValueError("a claim has up to 12 diagnoses and 1 to 50 lines")
    out.append(
        f"CLM*{pcn}*{AMOUNT_TEXTS[claim.charge_cents]}***{clean[claim.place]}:B:{clean[claim.frequency]}*{clean[claim.signature]}"
        f"*{clean[claim.assignment]}*{clean[claim.benefits]}*{clean[claim.release]}"
    )
    for kind, value in (
        ("9F", claim.referral), ("G1", claim.prior_auth), ("F8", claim.payer_icn), ("D9", claim.trace),
    ):  # fmt: skip
        if value:
            out.append(f"REF*{kind}*{clean[value]}")
    if claim.diagnoses:
        out.append(_diagnosis_segment(claim, clean))
    if claim.referring is not None:
        out += _provider_segments("DN", claim.referring, clean)
    if claim.rendering is not None:
        out += _provider_segments("82", claim.rendering, clean)
    if claim.facility is not None:
        out += _provider_segments("77", claim.facility, clean)
    for number, line in enumerate(claim.lines, 1):
        _write_line(number, line, out, clean)


def _diagnosis_segment(claim: Claim, clean: Cleaner) -> str:
    first, other = ("BK", "BF") if claim.diagnosis_kind == "9" else ("ABK", "ABF")
    codes = [clean[code].replace(".", "") for code in claim.diagnoses]
    return "*".join(["HI", f"{first}:{codes[0]}", *[f"{other}:{code}" for code in codes[1:]]])


def _provider_segments(code: str, party: Party, clean: Cleaner) -> list[str]:
    out = [name_segment(code, party, clean)]
    if party.taxonomy and code == "82":
        out.append(f"PRV*PE*PXC*{clean[party.taxonomy]}")
    if party.street or party.city:
        out += address_segments(party, clean)
    if party.refs:
        out += reference_segments(party, clean)
    return out


def _write_line(number: int, line: ServiceLine, out: list[str], clean: Cleaner) -> None:
    if len(line.modifiers) > 4 or len(line.pointers) > 4:
        raise ValueError("a line has up to four modifiers and four diagnosis pointers")
    procedure = f"{clean[line.qualifier]}:{clean[line.code]}"
    if line.modifiers:
        procedure += ":" + ":".join([clean[modifier] for modifier in line.modifiers])
    if line.description:
        procedure += ":" * (5 - len(line.modifiers)) + clean[line.description][:80]
    out += (
        f"LX*{number}",
        trim(
            f"SV1*{procedure}*{AMOUNT_TEXTS[line.charge_cents]}*{clean[line.unit]}*{QUANTITY_TEXTS[line.units]}"
            f"*{clean[line.place]}**{':'.join(map(str, line.pointers))}"
        ),
    )
    if line.date_from is not None:
        out.append(service_date(line.date_from, line.date_to))
    if line.control:
        out.append(f"REF*6R*{clean[line.control]}")


def service_date(first: date, last: date | None) -> str:
    """DTP*472 for a day or for a span of days."""
    if last is None or last == first:
        return f"DTP*472*D8*{DATE_TEXTS[first]}"
    return f"DTP*472*RD8*{DATE_TEXTS[first]}-{DATE_TEXTS[last]}"
