"""The desk of tiers: a client asks for another plan, the bureau names a price, the client accepts, it takes effect."""

from __future__ import annotations

from sqlalchemy import and_, select

from bureau import books, notices, progress
from bureau.models import Denial, Filing
from bureau.models.talk import NoticeKind
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.filings import load_filings
from bureau.rules.lifecycle import Event, State
from bureau.rules.plan_changes import HANDED_BACK, Case, plan_hand_back
from clients.agreements import find_term_problems
from clients.fee_words import say_term
from clients.models import TierRequest, TierRequestState
from clients.tier_changes import Quote, Wish, approve, ask, find_hand_back, find_running, move, offer
from clients.tiers import Capability, has, load_spans
from config.codes import Lane
from config.problems import Problem

GIVEN = "The practice chose to go on with it when its plan became smaller"
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
    elif to is TierRequestState.APPROVED:
        hand_back(office, client_id)
    return []


def hand_back(office: Office, client_id: int) -> int:
    """Give the open cases of the fuller plan to a client that chose so, once its smaller plan has begun.

    Returns how many claims it concerns. Asked again it finds nothing: what was given is closed.
    """
    starts_on = find_hand_back(office.session, client_id, office.today(client_id))
    if starts_on is None or has(office.session, client_id, Capability.DENIAL_ROUTE, on=office.today(client_id)):
        return 0
    held = load_spans(office.session, client_id, Capability.DENIAL_ROUTE)
    plan = plan_hand_back(_load_cases(office, client_id), starts_on, held)
    closing = {"state": "CLOSED", "closed_at": office.now, "outcome": HANDED_BACK}
    office.update(Denial, [{"client_id": client_id, "id": row_id, **closing} for row_id in plan.denials])
    moves = [Move(one, (Event.GIVEN_BACK,), GIVEN) for one in load_filings(office, plan.filings).values()]
    progress.advance(office, moves, act=HANDED_BACK, why=GIVEN)
    for filing_id in plan.staying:
        books.record(office, client_id, HANDED_BACK, filing_id=filing_id, text=f"{GIVEN}; the rest stays with us")
    claims = len(plan.filings) + len(plan.staying)
    notices.tell(office, client_id, NoticeKind.CASES_HANDED_BACK, count=claims)
    return claims


def _load_cases(office: Office, client_id: int) -> list[Case]:
    """Every open denial of a client."""
    day_of = office.calendar(client_id).local_date
    wanted = (
        select(Denial.id, Denial.filing_id, Filing.state, Denial.denied_at, Denial.lane)
        .join(Filing, and_(Filing.client_id == Denial.client_id, Filing.id == Denial.filing_id))
        .where(Denial.client_id == client_id, Denial.state == "OPEN")
    )
    return [
        Case(row_id, filing_id, State(state), day_of(denied_at), lane == Lane.ROUTE)
        for row_id, filing_id, state, denied_at, lane in office.rows(wanted)
    ]


def _find_running(office: Office, client_id: int) -> TierRequest | None:
    office.hold(client_id)
    return find_running(office.session, client_id)
