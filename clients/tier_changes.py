"""From one tier to another: asked for by the client, quoted, accepted, approved, and in force from a day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clients.agreements import set_fee_terms
from clients.capabilities import Capability
from clients.fees import Term
from clients.models import AddOn, TierPeriod, TierRequest, TierRequestState
from clients.rows import add_rows, end_from
from clients.scope import ScopedSession
from clients.tiers import CAPABILITIES, Tier, get_tier
from config.problems import Problem

_S = TierRequestState
# Who may move a request on, and to what: the client asks, accepts, declines and withdraws; the bureau does the rest.
MOVES: dict[TierRequestState, frozenset[TierRequestState]] = {
    _S.REQUESTED: frozenset({_S.QUOTED, _S.DECLINED, _S.WITHDRAWN}),
    _S.QUOTED: frozenset({_S.QUOTED, _S.ACCEPTED, _S.DECLINED, _S.WITHDRAWN}),
    _S.ACCEPTED: frozenset({_S.APPROVED, _S.DECLINED, _S.WITHDRAWN}),
}
RUNNING = tuple(MOVES)
FINISH, HAND_BACK = "finish", "hand_back"  # what becomes of open full-service cases on the way down


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for; `open_cases` says what becomes of open full-service cases if it is less than now."""

    tier: Tier
    add_ons: tuple[Capability, ...]
    starts_on: date
    open_cases: str = FINISH


@dataclass(frozen=True, slots=True)
class Quote:
    """What the bureau would charge: the fee terms, and the monthly price of each add-on in cents."""

    terms: tuple[Term, ...]
    add_ons: Mapping[Capability, int]


def first_of_next_month(day: date) -> date:
    """When a change takes effect unless another day is agreed."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def find_running(session: Session, client_id: int) -> TierRequest | None:
    """The one request of a client that is not decided yet."""
    wanted = select(TierRequest).where(TierRequest.client_id == client_id, TierRequest.state.in_(RUNNING))
    return session.scalars(wanted.order_by(TierRequest.id.desc()).limit(1)).first()


def find_requests(session: Session, client_id: int) -> Sequence[TierRequest]:
    """Every request of a client, the newest first."""
    wanted = select(TierRequest).where(TierRequest.client_id == client_id)
    return session.scalars(wanted.order_by(TierRequest.id.desc())).all()


def ask(session: ScopedSession, client_id: int, wish: Wish, *, by: str, at: datetime, today: date) -> int | Problem:
    """Put a wish on record; its id, or why it cannot be one."""
    problem = _find_fault(session, client_id, wish, today)
    if problem is not None:
        return problem
    row = {
        "tier": wish.tier, "add_ons": sorted(wish.add_ons), "starts_on": wish.starts_on,
        "open_cases": wish.open_cases, "state": _S.REQUESTED, "quote": None, "asked_at": at, "asked_by": by,
        "decided_at": None,
    }  # fmt: skip
    (row_id,) = add_rows(session, TierRequest, client_id, [row])
    return row_id


def _find_fault(session: Session, client_id: int, wish: Wish, today: date) -> Problem | None:
    if find_running(session, client_id) is not None:
        return Problem("plan", "tier.running", "A change of plan is being worked on already.")
    if wish.starts_on < today:
        return Problem("plan", "tier.past", "A change of plan begins today at the earliest.")
    if set(wish.add_ons) & CAPABILITIES[wish.tier]:
        return Problem("plan", "tier.included", "An add-on is part of the plan itself already.")
    same = get_tier(session, client_id, wish.starts_on) == wish.tier
    if same and set(wish.add_ons) == set(find_add_ons(session, client_id, wish.starts_on)):
        return Problem("plan", "tier.same", "That is the plan in force already.")
    return None


def find_add_ons(session: Session, client_id: int, on: date) -> dict[Capability, int]:
    """What is bought beside the tier on a day, with its monthly price in cents."""
    wanted = select(AddOn).where(
        AddOn.client_id == client_id, AddOn.starts_on <= on, or_(AddOn.ends_on.is_(None), AddOn.ends_on > on)
    )
    return {Capability(row.capability): row.monthly_cents for row in session.scalars(wanted)}


def offer(request: TierRequest, quote: Quote, *, by: str, at: datetime) -> Problem | None:
    """Name the price; a quote can be named anew until it is accepted."""
    asked = {Capability(name) for name in request.add_ons}
    if set(quote.add_ons) != asked:
        return Problem("quote", "tier.quote", "Every add-on asked for needs a price, and no other.")
    problem = move(request, _S.QUOTED, by=by, at=at)
    if problem is None:
        request.quote = {"terms": [asdict(term) for term in quote.terms], "add_ons": dict(quote.add_ons)}
    return problem


def read_quote(request: TierRequest) -> Quote | None:
    """The price as it was named."""
    kept: dict[str, Any] | None = request.quote
    if kept is None:
        return None
    terms = tuple(Term(**{**row, "steps": tuple((a, b) for a, b in row["steps"])}) for row in kept["terms"])
    return Quote(terms, {Capability(name): cents for name, cents in kept["add_ons"].items()})


def move(request: TierRequest, to: TierRequestState, *, by: str, at: datetime, note: str = "") -> Problem | None:
    """Decide on a request; a problem when it is not that far, or past it."""
    if to not in MOVES.get(_S(request.state), frozenset()):
        text = f"The request is {request.state.lower()}; it cannot become {to.lower()} now."
        return Problem("plan", "tier.state", text)
    request.state, request.decided_at, request.decided_by = to, at, by
    if note:
        request.note = note
    return None


def approve(session: ScopedSession, request: TierRequest, *, by: str, at: datetime) -> Problem | None:
    """Let an accepted request take effect: tier, add-ons and fees from its day on, what went before ends there."""
    quote = read_quote(request)
    problem = move(request, _S.APPROVED, by=by, at=at)
    if problem is not None or quote is None:
        return problem
    client_id, day = request.client_id, request.starts_on
    set_tier(session, client_id, Tier(request.tier), on=day)
    end_from(session, AddOn, client_id, day)
    rows = [
        {"capability": name, "monthly_cents": cents, "starts_on": day, "ends_on": None}
        for name, cents in sorted(quote.add_ons.items())
    ]
    add_rows(session, AddOn, client_id, rows)
    set_fee_terms(session, client_id, quote.terms, on=day)
    return None


def find_hand_back(session: Session, client_id: int, on: date) -> date | None:
    """The first day of the plan in force, where the client chose to take its open cases back with it."""
    wanted = select(TierRequest).where(
        TierRequest.client_id == client_id, TierRequest.state == _S.APPROVED, TierRequest.starts_on <= on
    )
    last = session.scalars(wanted.order_by(TierRequest.starts_on.desc(), TierRequest.id.desc()).limit(1)).first()
    return last.starts_on if last is not None and last.open_cases == HAND_BACK else None


def set_tier(session: ScopedSession, client_id: int, tier: Tier, *, on: date) -> None:
    """Let a tier hold from a day on, whatever was planned after it; periods never overlap."""
    end_from(session, TierPeriod, client_id, on)
    add_rows(session, TierPeriod, client_id, [{"tier": tier, "starts_on": on, "ends_on": None}])


def split_by_tier(session: Session, client_id: int, first: date, after: date) -> list[tuple[date, date, Tier]]:
    """The parts of [first, after) with the tier of each, in order; days without a tier are in none."""
    wanted = select(TierPeriod).where(
        TierPeriod.client_id == client_id,
        TierPeriod.starts_on < after,
        or_(TierPeriod.ends_on.is_(None), TierPeriod.ends_on > first),
    )
    return [
        (max(row.starts_on, first), min(row.ends_on or after, after), Tier(row.tier))
        for row in session.scalars(wanted.order_by(TierPeriod.starts_on))
    ]
