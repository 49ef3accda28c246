"""The desk of tiers: a client asks for another plan, the bureau names a price, the client accepts, it takes effect."""

from __future__ import annotations

from bureau import books, notices
from bureau.models.talk import NoticeKind
from bureau.office import Office
from clients.agreements import find_term_problems
from clients.fee_words import say_term
from clients.models import TierRequest, TierRequestState
from clients.tier_changes import Quote, Wish, approve, ask, find_running, move, offer
from config.problems import Problem

GONE = Problem("plan", "tier.none", "No change of plan is running any more.")


def ask_for(office: Office, client_id: int, wish: Wish) -> list[Problem]:
    """Put a client's wish for another plan on record, or say why it cannot be one."""
    office.hold(client_id)
    asked = ask(
        office.session, client_id, wish, by=str(office.actor), at=office.now, today=office.today(client_id)
    )  # fmt: skip
    if isinstance(asked, Problem):
        return [asked]
    more = f" with {', '.join(sorted(wish.add_ons))}" if wish.add_ons else ""
    books.record(office, client_id, "plan asked for", text=f"{wish.tier}{more} from {wish.starts_on}")
    notices.tell(office, client_id, NoticeKind.PLAN_CHANGE_WAITS)
    return []


def quote(office: Office, client_id: int, price: Quote) -> list[Problem]:
    """Name the price of what is asked for. Returns errors, and then nothing is written, or warnings alone."""
    request = _find_running(office, client_id)
    if request is None:
        return [GONE]
    client = office.client(client_id)
    problems = find_term_problems(office.session, client, price.terms, on=request.starts_on)
    if not price.terms:
        problems.append(Problem("terms", "fee.none", "Name at least one fee."))
    if any(one.is_error for one in problems):
        return problems
    refused = offer(request, price, by=str(office.actor), at=office.now)
    if refused is not None:
        return [refused]
    office.session.flush()
    said = "; ".join(map(say_term, price.terms))
    books.record(office, client_id, "plan quoted", text=f"{request.tier} from {request.starts_on}: {said}"[:500])
    notices.tell(office, client_id, NoticeKind.PLAN_QUOTED)
    return problems


def decide(office: Office, client_id: int, to: TierRequestState, *, note: str = "") -> list[Problem]:
    """Accept, decline or withdraw the running request, or (last, by the bureau) let it take effect.

    A change whose day has passed takes effect today.
    """
    request = _find_running(office, client_id)
    if request is None:
        return [GONE]
    before, by = request.state, str(office.actor)
    if to is TierRequestState.APPROVED:
        request.starts_on = max(request.starts_on, office.today(client_id))
        problem = approve(office.session, request, by=by, at=office.now)
    else:
        problem = move(request, to, by=by, at=office.now, note=note)
    if problem is not None:
        return [problem]
    office.session.flush()
    said = f"{request.tier} from {request.starts_on}: {before.lower()} -> {to.lower()}{f' ({note})' if note else ''}"
    books.record(office, client_id, f"plan {to.lower()}", text=said[:500])
    if to is TierRequestState.ACCEPTED:
        notices.tell(office, client_id, NoticeKind.PLAN_CHANGE_WAITS)
    return []


def _find_running(office: Office, client_id: int) -> TierRequest | None:
    office.hold(client_id)
    return find_running(office.session, client_id)
