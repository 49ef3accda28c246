"""What was signed: contracts in force on a day, what runs out soon, and whether data may be taken in at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clients.fees import GOVERNMENT, Term, find_fee_problems
from clients.models import Agreement, AgreementKind, Client, ClientState, FeeTerm
from clients.rows import add_rows, end_from
from clients.scope import ScopedSession
from config.problems import Problem

EXPIRES_SOON = timedelta(days=60)
# Before it is live a client's files go to rehearsals only, which have books of their own; after the end none is ours.
TAKING_IN = frozenset({ClientState.LIVE, ClientState.OFFBOARDING})
TESTING = frozenset({ClientState.SETUP, ClientState.ENROLLING, ClientState.TESTING, ClientState.LIVE})


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """A contract as it was signed; the paper is named and known by the hash of its bytes."""

    kind: AgreementKind
    signed_on: date
    signed_by: str
    starts_on: date
    ends_on: date | None = None
    document_name: str = ""
    document_sha256: str = ""
    bureau_receives_money: bool = False
    credit_cap_percent: int = 20
    note: str = ""


def sign(session: ScopedSession, client_id: int, new: NewAgreement) -> int | Problem:
    """Register a signed contract; its id, or why it cannot be one."""
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        return Problem("agreement", "agreement.dates", "The contract ends before it begins.")
    if not new.signed_by.strip():
        return Problem("agreement", "agreement.signer", "Say who signed the contract.")
    (row_id,) = add_rows(
        session, Agreement, client_id,
        [{name: getattr(new, name) for name in NewAgreement.__dataclass_fields__}],
    )  # fmt: skip
    return row_id


def find_agreements(session: Session, client_id: int) -> Sequence[Agreement]:
    """Every contract of a client, the newest first."""
    wanted = select(Agreement).where(Agreement.client_id == client_id)
    return session.scalars(wanted.order_by(Agreement.starts_on.desc(), Agreement.id.desc())).all()


def in_force(session: Session, client_id: int, kind: AgreementKind, on: date) -> Agreement | None:
    """The contract of a kind that holds on a day, the latest one where several do."""
    wanted = select(Agreement).where(
        Agreement.client_id == client_id,
        Agreement.kind == kind,
        Agreement.starts_on <= on,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on > on),
    )
    return session.scalars(wanted.order_by(Agreement.starts_on.desc(), Agreement.id.desc()).limit(1)).first()


def find_expiring(session: Session, on: date) -> Sequence[Agreement]:
    """Contracts of the clients in scope that run out within sixty days and are not followed by another."""
    wanted = select(Agreement).where(Agreement.ends_on > on, Agreement.ends_on <= on + EXPIRES_SOON)
    ending = session.scalars(wanted.order_by(Agreement.ends_on)).all()
    later = select(Agreement.client_id, Agreement.kind).where(
        or_(Agreement.ends_on.is_(None), Agreement.ends_on > on + EXPIRES_SOON)
    )
    followed = {(row[0], row[1]) for row in session.execute(later)}
    return [one for one in ending if (one.client_id, one.kind) not in followed]


def may_take_in(session: Session, client: Client, on: date) -> Problem | None:
    """Why patients' data of this client may not be taken in on a day; None when they may.

    Without a business associate agreement in force no protected data may be held for anyone (45 CFR 164.502(e)).
    """
    if client.state not in TAKING_IN:
        return Problem(client.code, "intake.closed", f"Nothing is taken in for {client.name} at the moment.")
    if client.stop_intake_on is not None and on >= client.stop_intake_on:
        text = f"{client.name} is leaving; nothing is taken in since {client.stop_intake_on:%d %b %Y}."
        return Problem(client.code, "intake.stopped", text)
    return may_hold(session, client, on)


def may_test(session: Session, client: Client, on: date) -> Problem | None:
    """Why a test file of this client may not be taken; None when it may. It may hold patients' data like any other."""
    if client.state not in TESTING:
        return Problem(client.code, "test.closed", f"{client.name} sends no test files at this stage.")
    return may_hold(session, client, on)


def may_hold(session: Session, client: Client, on: date) -> Problem | None:
    """Why no data of this client's patients may be held at all on a day; None when they may."""
    if in_force(session, client.id, AgreementKind.BUSINESS_ASSOCIATE, on) is None:
        text = f"{client.name} has no business associate agreement in force; sign it before files are uploaded."
        return Problem(client.code, "intake.no_agreement", text)
    return None


def find_term_problems(
    session: Session, client: Client, terms: Sequence[Term], *, on: date | None = None, received: bool = False
) -> list[Problem]:
    """What speaks against these fees from a day on under the service agreement of that day.

    `received` asks as if the bureau received the money. Every government program counts, whether the client bills
    it today or not: the first such claim must not find a fee that is barred.
    """
    service = in_force(session, client.id, AgreementKind.SERVICE, on) if on else None
    receives = received or (service is not None and service.bureau_receives_money)
    return find_fee_problems(terms, bureau_receives_money=receives, payer_classes=GOVERNMENT, region=client.region)


def set_fee_terms(session: ScopedSession, client_id: int, terms: Sequence[Term], *, on: date) -> None:
    """Let these terms hold from a day on: what holds now ends there, what was to begin later never does."""
    end_from(session, FeeTerm, client_id, on)
    rows = [
        {
            "basis": term.basis, "payer_class": term.payer_class, "cents": term.cents,
            "basis_points": term.basis_points, "steps": [list(step) for step in term.steps] or None,
            "starts_on": on, "ends_on": None,
        }
        for term in terms
    ]  # fmt: skip
    add_rows(session, FeeTerm, client_id, rows)


def add_standard_contract(session: ScopedSession, client_id: int, terms: Sequence[Term], *, on: date) -> None:
    """What a client that is opened whole (a demo, a simulation) has signed: both contracts, and its fees."""
    for kind in AgreementKind:
        sign(session, client_id, NewAgreement(kind, on, "The owner", on))
    set_fee_terms(session, client_id, terms, on=on)
