"""Plans, fees and contracts in plain words: what a page calls each tier, state, payer class and kind of lost work."""

from __future__ import annotations

from clients.capabilities import FEATURES, Capability, Feature
from clients.models import AgreementKind, TierRequestState
from clients.tier_changes import FINISH, HAND_BACK
from clients.tiers import Tier

TIERS = {Tier.BILLING: "Billing", Tier.FULL_RCM: "Full RCM"}
LABELS = {feature.capability: feature.label for feature in FEATURES}
# What can be bought beside the smaller plan.
EXTRAS = tuple(feature for feature in FEATURES if not feature.in_billing)
STEPS: dict[str, list[Feature]] = {}
for _feature in FEATURES:
    STEPS.setdefault(_feature.step, []).append(_feature)
OPEN_CASES = {FINISH: "We finish the cases that are open", HAND_BACK: "You take over the cases that are open"}
AGREEMENTS = {
    AgreementKind.SERVICE: "Service agreement",
    AgreementKind.BUSINESS_ASSOCIATE: "Business associate agreement",
}
# State of a request: word, icon, tone, and what happens next.
REQUESTS: dict[str, tuple[str, str, str, str]] = {
    TierRequestState.REQUESTED: ("Asked for", "clock", "busy", "The bureau works out a price."),
    TierRequestState.QUOTED: ("Price named", "banknote", "warn", "The practice accepts or declines it."),
    TierRequestState.ACCEPTED: ("Accepted", "circle-check", "busy", "The bureau approves it last."),
    TierRequestState.APPROVED: ("In force", "circle-check", "good", ""),
    TierRequestState.DECLINED: ("Declined", "circle-x", "idle", ""),
    TierRequestState.WITHDRAWN: ("Withdrawn", "undo-2", "idle", ""),
}
PAYER_CLASSES = (
    ("", "All that no other line names"), ("commercial", "Commercial"), ("marketplace", "Marketplace"),
    ("medicare", "Medicare"), ("medicare_advantage", "Medicare Advantage"), ("medicaid", "Medicaid"),
    ("managed_medicaid", "Managed Medicaid"), ("patient", "Patients' own money"),
)  # fmt: skip
# What is measured and not worked: what it is called, and what would have been done about it.
UNSERVED: dict[Capability, tuple[str, str]] = {
    Capability.ELIGIBILITY_CHECK: (
        "Refused for cover",
        "The insurer says the patient was not covered. Asking before the visit is not part of the plan.",
    ),
    Capability.AUTHORIZATION_TRACK: (
        "Refused without authorization",
        "The insurer wanted to be asked first. Asking it beforehand is not part of the plan.",
    ),
    Capability.DENIAL_ROUTE: (
        "Denials left as they are",
        "Recorded with their cause. Corrections are sent; arguing with the insurer is not part of the plan.",
    ),
    Capability.DENIAL_APPEAL: (
        "Appeals that ran out of time",
        "The right to object ended unused. Writing appeals is not part of the plan.",
    ),
    Capability.UNDERPAYMENT_RECOVER: (
        "Paid below contract",
        "Less was allowed than the insurer contracted. It is flagged; claiming it back is not part of the plan.",
    ),
}
