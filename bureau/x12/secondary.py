"""The next payer's claim, made from the claim before and what its payer decided: pure, and every sum holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bureau.x12.adjustments import by_group, count_segments
from bureau.x12.balance import find_imbalances
from bureau.x12.findings import Findings
from bureau.x12.scalars import AMOUNT_TEXTS, QUANTITY_TEXTS
from bureau.x12.values import Adjustment, Party
from bureau.x12.values835 import Outpatient, PaidClaim, PaidLine
from bureau.x12.values837 import Claim, LineDecision, LineExtras, OtherPayer, ServiceLine
from config.problems import Problem

_ONE = Decimal(1)  # what an absent SVC05 stands for
_REVERSAL = "22"
_MOST_PAYERS, _MOST_DECISIONS, _MOST_CAS, _MOST_REMARKS = 10, 15, 5, 5
_OF_PAYER = frozenset({"2U", "EI", "FY", "NF"})  # REFs of 2330B
_PAYERS_OWN = frozenset({"G2", "LU"})  # numbers that one payer gave to a provider
_AUTHORIZATIONS = frozenset({"G1", "9F"})  # numbers that one payer gave to a line
_PROVIDERS = {"referring": "DN", "primary_care": "P3", "rendering": "82", "facility": "77", "supervising": "DQ"}
_Refs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who pays next, and how the patient is covered there: what 2000B, 2010BA and 2010BB of the new claim say."""

    payer: Party
    subscriber: Party  # whole, with address and birth where the patient is the subscriber
    rank: str = "S"  # SBR01
    relationship: str = "18"  # of the patient to that subscriber
    filing_code: str = ""
    group_number: str = ""
    plan_name: str = ""
    insurance_type: str = ""  # why Medicare is second
    prior_auth: str = ""
    referral: str = ""


def make_secondary(
    claim: Claim, paid: PaidClaim, decided_on: date, coverage: Coverage, *, file: str = ""
) -> tuple[Claim | None, list[Problem]]:
    """The claim to `coverage` after the payer of `claim` decided as `paid` says; None, and why, if it does not fit.

    `claim` is as it was sent to that payer, with the payers before it in `other_payers`: a secondary claim gives a
    tertiary one. `decided_on` is the day of the remittance, `file` its name. Lines are found by their control number,
    else by code, modifiers, day and charge. The claim number stays; what only the former payer gave (its claim
    number, authorizations, numbers of providers) moves into its own loops.
    """
    problems = Findings(file)
    _check_decision(claim, paid, problems)
    _check_coverage(claim, coverage, problems)
    decided = _match_lines(claim, paid, problems)
    if problems:
        return None, problems
    former = claim.payer.id
    lines = [
        _hand_on(line, former, tuple([_decision(one, former, decided_on) for one in found]))
        for line, found in zip(claim.lines, decided, strict=True)
    ]
    other = _former_payer(claim, paid, None if paid.lines else decided_on)
    return replace(_address(claim, coverage), lines=lines, other_payers=(*claim.other_payers, other)), problems


def _check_decision(claim: Claim, paid: PaidClaim, problems: Findings) -> None:
    """Whether the adjudication is of this claim, and adds up."""
    n = paid.first_segment
    if paid.pcn != claim.pcn:
        problems.note("claim_other", n, "CLP01", "The decision is on a claim of another number.", loop="2100")
    if paid.status == _REVERSAL:
        problems.note("claim_reversed", n, "CLP02", "A reversal decides nothing.", loop="2100")
    if paid.unreadable:
        problems.note("not_evaluable", n, "CLP", "An amount of the decision cannot be read.", loop="2100")
    elif paid.charge_cents != claim.charge_cents:
        problems.note("claim_charge", n, "CLP03", "The decision is on another charge than the claim's.", loop="2100")
    for one in find_imbalances(paid):
        problems.note(one.code, one.segment, one.element, "The decision does not add up.")
    for adjustments, segment, loop in (
        (paid.adjustments, n, "2100"), *[(line.adjustments, line.segment, "2110") for line in paid.lines],
    ):  # fmt: skip
        if count_segments(_grouped(adjustments)) > _MOST_CAS:
            text = "There are more adjustments than the next claim has room for."
            problems.note("too_many_adjustments", segment, "CAS", text, loop=loop)


def _check_coverage(claim: Claim, coverage: Coverage, problems: Findings) -> None:
    """Whether the next payer has a place of its own after those before."""
    before = [(claim.payer_rank, claim.payer.id), *[(one.rank, one.payer.id) for one in claim.other_payers]]
    if coverage.rank in [rank for rank, _ in before]:
        problems.note("rank_taken", 0, "SBR01", "Another payer has the rank of the next one.", loop="2000B")
    if coverage.payer.id in [payer for _, payer in before]:
        problems.note("payer_repeated", 0, "NM109", "The next payer has decided before.", loop="2010BB")
    if not claim.payer.id:
        problems.note("payer_unnamed", 0, "NM109", "The payer that decided has no id to name it by.", loop="2330B")
    if len(before) > _MOST_PAYERS:
        problems.note("too_many_payers", 0, "SBR", "A claim has up to ten other payers.", loop="2320")


def _match_lines(claim: Claim, paid: PaidClaim, problems: Findings) -> list[list[PaidLine]]:
    """The decisions on each line of the claim; a payer may split a line, but must leave none out."""
    places = {line.control: at for at, line in enumerate(claim.lines) if line.control}
    found: list[list[PaidLine]] = [[] for _ in claim.lines]
    unnamed = []
    for one in paid.lines:
        if one.control in places:
            found[places[one.control]].append(one)
        else:
            unnamed.append(one)
    for one in unnamed:
        place = next((at for at, line in enumerate(claim.lines) if not found[at] and _is_of(one, line)), None)
        if place is None:
            text = "No line of the claim is the one decided here."
            problems.note("line_unknown", one.segment, "SVC", text, loop="2110")
        else:
            found[place].append(one)
    if paid.lines:
        for line, ones in zip(claim.lines, found, strict=True):
            _check_line(line, ones, paid.first_segment, problems)
    return found


def _is_of(one: PaidLine, line: ServiceLine) -> bool:
    """Whether a decision without a control number can only be on this line."""
    code, modifiers = one.code, one.modifiers
    if one.billed_code:
        code, modifiers = one.billed_code, one.extras.billed_modifiers if one.extras is not None else ()
    return (
        (code, modifiers, one.charge_cents) == (line.code, line.modifiers, line.charge_cents)
        and one.date_from in (None, line.date_from)
    )  # fmt: skip


def _check_line(line: ServiceLine, ones: list[PaidLine], n: int, problems: Findings) -> None:
    if not ones:
        problems.note("line_undecided", n, "CLP", f"Nothing is decided on line {line.number}.", loop="2110")
    elif sum(one.charge_cents for one in ones) != line.charge_cents:
        text = f"The decision on line {line.number} is on another charge."
        problems.note("line_charge", ones[0].segment, "SVC02", text, loop="2110")
    elif len(line.decisions) + len(ones) > _MOST_DECISIONS:
        text = f"Line {line.number} has more decisions than there is room for."
        problems.note("too_many_decisions", ones[0].segment, "SVC", text, loop="2430")


def _grouped(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """The adjustments that change anything, those of one group together."""
    groups = by_group([one for one in adjustments if one.cents])
    return tuple([one for members in groups.values() for one in members])


def _left_to_patient(adjustments: list[Adjustment]) -> int | None:
    """What the patient, and so the next payer, is left with; None where that is nothing."""
    return sum(one.cents for one in adjustments if one.group == "PR") or None


def _decision(one: PaidLine, payer: str, decided_on: date) -> LineDecision:
    return LineDecision(
        payer, one.paid_cents, one.code, _ONE if one.units is None else one.units, decided_on, one.qualifier,
        one.modifiers, one.extras.description if one.extras is not None else "",
        adjustments=_grouped(one.adjustments), remaining_cents=_left_to_patient(one.adjustments),
    )  # fmt: skip


def _former_payer(claim: Claim, paid: PaidClaim, decided_on: date | None) -> OtherPayer:
    """The payer that decided, as 2320 names it; its day stands there only where no line has it."""
    return OtherPayer(
        replace(claim.payer, refs=_keep(claim.payer.refs, _OF_PAYER)), _former_subscriber(claim.subscriber),
        claim.payer_rank, claim.relationship, claim.group_number, claim.plan_name, claim.insurance_type,
        claim.filing_code, _grouped(paid.adjustments), paid.paid_cents,
        remaining_cents=_left_to_patient(paid.adjustments), benefits=claim.benefits,
        signature_source=claim.extras.signature_source if claim.extras is not None else "", release=claim.release,
        moa=_moa(paid), decided_on=decided_on, payer_icn=paid.payer_icn, prior_auth=claim.prior_auth,
        referral=claim.referral, providers=_former_providers(claim),
    )  # fmt: skip


def _former_subscriber(one: Party) -> Party:
    """As much of a subscriber as 2330A has room for."""
    return Party(
        one.name, one.first, one.middle, one.suffix, one.is_person, one.id_kind, one.id, one.street, one.street2,
        one.city, one.state, one.zip, refs=_keep(one.refs, {"SY"}), country=one.country, region=one.region,
    )  # fmt: skip


def _former_providers(claim: Claim) -> tuple[tuple[str, Party], ...]:
    """2330C to 2330G: the providers that the former payer knows by numbers of its own."""
    known = [(code, getattr(claim, slot)) for slot, code in _PROVIDERS.items()]
    found = [
        (code, Party(is_person=party.is_person, refs=_keep(party.refs, _PAYERS_OWN)))
        for code, party in known
        if party is not None
    ]
    billing = Party(is_person=claim.billing.is_person, refs=_keep(claim.payer.refs, _PAYERS_OWN))
    return tuple([(code, party) for code, party in (*found, ("85", billing)) if party.refs])


def _moa(paid: PaidClaim) -> tuple[str, ...]:
    """The elements of MOA: rate, payable, remarks, and the two amounts after them."""
    said = (paid.extras.outpatient if paid.extras is not None else None) or Outpatient()
    rate = "" if said.rate is None else QUANTITY_TEXTS[said.rate]
    sums = [
        "" if cents is None else AMOUNT_TEXTS[cents]
        for cents in (said.payable_cents, said.esrd_cents, said.professional_cents)
    ]
    remarks = [*paid.remarks[:_MOST_REMARKS], *[""] * _MOST_REMARKS][:_MOST_REMARKS]
    elements = [rate, sums[0], *remarks, *sums[1:]]
    while elements and not elements[-1]:
        elements.pop()
    return tuple(elements)


def _hand_on(line: ServiceLine, payer: str, decisions: tuple[LineDecision, ...]) -> ServiceLine:
    """The line with its decisions; numbers that the former payer gave are marked as that payer's."""
    extras = line.extras or LineExtras()
    own = [("", kind, value, payer) for kind, value in extras.refs if kind in _AUTHORIZATIONS]
    own += [(code, *ref, payer) for code, party in line.providers for ref in _keep(party.refs, _PAYERS_OWN)]
    changed = replace(line, decisions=(*line.decisions, *decisions))
    if own:
        refs = tuple([ref for ref in extras.refs if ref[0] not in _AUTHORIZATIONS])
        changed.extras = replace(extras, refs=refs, payer_refs=(*extras.payer_refs, *own))
        changed.providers = tuple([(code, _without_payers_own(party)) for code, party in line.providers])
    return changed


def _address(claim: Claim, coverage: Coverage) -> Claim:
    """The claim as an original to the next payer."""
    patient = None
    if coverage.relationship != "18":
        patient = claim.patient or replace(claim.subscriber, id_kind="", id="", refs=())
    changed = replace(
        claim, frequency="1", payer=coverage.payer, subscriber=coverage.subscriber, payer_rank=coverage.rank,
        filing_code=coverage.filing_code, group_number=coverage.group_number, plan_name=coverage.plan_name,
        insurance_type=coverage.insurance_type, relationship=coverage.relationship, patient=patient,
        prior_auth=coverage.prior_auth, referral=coverage.referral, payer_icn="", trace="",
    )  # fmt: skip
    for slot in _PROVIDERS:
        party = getattr(claim, slot)
        if party is not None:
            setattr(changed, slot, _without_payers_own(party))
    return changed


def _without_payers_own(party: Party) -> Party:
    return replace(party, refs=tuple([ref for ref in party.refs if ref[0] not in _PAYERS_OWN]))


def _keep(refs: _Refs, kinds: Iterable[str]) -> _Refs:
    return tuple([ref for ref in refs if ref[0] in kinds])
