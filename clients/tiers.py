"""What a client has bought: the service tier and the add-ons, by date. The only tier gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import literal, or_, select, union_all
from sqlalchemy.orm import Session

from clients.capabilities import FEATURES, Capability
from clients.models import AddOn, TierPeriod

__all__ = ["CAPABILITIES", "Capability", "Tier", "get_tier", "has", "load_capabilities", "load_spans"]


class Tier(StrEnum):
    BILLING = "billing"
    FULL_RCM = "full-rcm"


CAPABILITIES: dict[Tier, frozenset[Capability]] = {
    Tier.BILLING: frozenset(feature.capability for feature in FEATURES if feature.in_billing),
    Tier.FULL_RCM: frozenset(Capability),
}


def _running(model: type[TierPeriod | AddOn], on: date) -> tuple[object, ...]:
    return (model.starts_on <= on, or_(model.ends_on.is_(None), model.ends_on > on))


def get_tier(session: Session, client_id: int, on: date) -> Tier | None:
    """The tier in force on a day, None when the client has no tier then."""
    found = session.scalar(
        select(TierPeriod.tier).where(TierPeriod.client_id == client_id, *_running(TierPeriod, on))  # type: ignore[arg-type]
    )
    return Tier(found) if found else None


def has(session: Session, client_id: int, capability: Capability, *, on: date) -> bool:
    """Whether the bureau does this for the client on that day, by tier or by add-on."""
    tier = get_tier(session, client_id, on)
    if tier is not None and capability in CAPABILITIES[tier]:
        return True
    wanted = (AddOn.client_id == client_id, AddOn.capability == capability, *_running(AddOn, on))
    return session.scalar(select(AddOn.id).where(*wanted).limit(1)) is not None  # type: ignore[arg-type]


def load_spans(session: Session, client_id: int, capability: Capability) -> list[tuple[date, date | None]]:
    """When the client has (or will have) this, by tier or by add-on: half-open dates that may overlap."""
    tiers = [tier for tier, held in CAPABILITIES.items() if capability in held]
    by_tier = select(TierPeriod.starts_on, TierPeriod.ends_on).where(
        TierPeriod.client_id == client_id, TierPeriod.tier.in_(tiers)
    )
    by_add_on = select(AddOn.starts_on, AddOn.ends_on).where(
        AddOn.client_id == client_id, AddOn.capability == capability
    )
    return [(row[0], row[1]) for row in session.execute(union_all(by_tier, by_add_on))]


def load_capabilities(session: Session, days: Mapping[int, date]) -> dict[int, frozenset[Capability]]:
    """What each client (id -> the day at its place) has bought, by tier or by add-on, in one statement for all."""
    tiers = select(TierPeriod.client_id, TierPeriod.tier, literal(""), TierPeriod.starts_on, TierPeriod.ends_on)
    add_ons = select(AddOn.client_id, literal(""), AddOn.capability, AddOn.starts_on, AddOn.ends_on)
    ids = list(days)
    every = union_all(tiers.where(TierPeriod.client_id.in_(ids)), add_ons.where(AddOn.client_id.in_(ids)))
    found: dict[int, frozenset[Capability]] = dict.fromkeys(days, frozenset())
    for client_id, tier, extra, starts_on, ends_on in session.execute(every):
        if starts_on <= days[client_id] and (ends_on is None or ends_on > days[client_id]):
            found[client_id] |= CAPABILITIES[Tier(tier)] if tier else {Capability(extra)}
    return found
