"""A made-up practice on its way to going live: what a demo shows of onboarding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bureau.desks import agreements, enrolments, messages, setup, stages, tiers
from bureau.models.talk import Side
from bureau.office import Bureau, Office
from clients.agreements import NewAgreement
from clients.enrolments import CLAIMS, PRACTICE, REMITTANCES
from clients.fees import Term
from clients.models import AgreementKind, Client, ClientState, EnrollmentState, FeeBasis, Payer, TierRequestState
from clients.promises import Clause
from clients.registry import ContactDetails, PracticeIdentity, ProviderDetails
from clients.scope import Scope
from clients.tier_changes import Quote, Wish
from clients.tiers import Tier
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.identifiers import make_test_ein, make_test_npi
from config.problems import Problem

CODE = "WILLOW"
STAFF, OWNER = Actor(ActorKind.PERSON, "Ada Northrop"), Actor(ActorKind.PERSON, "Nora Bergmann")
IDENTITY = PracticeIdentity(
    "Willow Street Pediatrics", make_test_npi(900), make_test_ein(900), "208000000X", "31 Willow Street", "Concord",
    "NH", "033011208",
)  # fmt: skip
ABOUT = {"specialty": "pediatrics", "phone": "6035550150", "time_zone": "America/New_York"}
CLINICIANS = (
    ProviderDetails(make_test_npi(901), "Bergmann", "Nora", "208000000X"),
    ProviderDetails(make_test_npi(902), "Achebe", "Tunde", "208000000X"),
)
TERMS = (Term(FeeBasis.PERCENT, basis_points=575), Term(FeeBasis.MINIMUM, cents=40_000))
PROMISES = (Clause("encounter_to_submitted", 2, 95), Clause("remittance_to_posted", 2, 100))
VOLUMES = {"SIM10": 310, "SIM40": 220, "SIM50": 60}  # claims a month; the last is not enrolled yet

Act = Callable[[Office, int], Iterator[list[Problem]]]


def open_prospect(bureau: Bureau) -> Client:
    """Take a practice from its first talk to testing over ten days until now; prices, columns and tests are open.

    Raises ValueError when a desk refuses a step.
    """
    now = bureau.clock.now()
    for days_ago, actor, act in STORY:
        then = replace(bureau, clock=StoppedClock(now - timedelta(days=days_ago)))
        with then.open_office(actor, Scope.all()) as office:
            for problems in act(office, _find_id(office)):
                if refused := [one.text for one in problems if one.is_error]:
                    raise ValueError(f"the prospect cannot go on: {refused}")
    return next(one for one in bureau.find_clients(Scope.all()) if one.code == CODE)


def _find_id(office: Office) -> int:
    return office.session.scalar(select(Client.id).where(Client.code == CODE)) or 0


def _open(office: Office, _: int) -> Iterator[list[Problem]]:
    yield setup.open_lead(office, CODE, IDENTITY, ABOUT)


def _sign(office: Office, client_id: int) -> Iterator[list[Problem]]:
    today = office.today(client_id)
    yield _move(office, client_id, ClientState.CONTRACTING)
    for kind in AgreementKind:
        yield agreements.sign_agreement(office, client_id, NewAgreement(kind, today, "Dr. Nora Bergmann", today))
    yield agreements.change_terms(office, client_id, TERMS, on=today)
    yield agreements.change_promises(office, client_id, PROMISES, on=today)
    yield _move(office, client_id, ClientState.SETUP)


def _set_up(office: Office, client_id: int) -> Iterator[list[Problem]]:
    for clinician in CLINICIANS:
        yield setup.save_details(office, client_id, None, clinician)
    contact = ContactDetails("Iris Holm", "billing", "billing@willow.example", "6035550151", is_escalation=True)
    yield setup.save_details(office, client_id, None, contact)
    yield tiers.ask_for(office, client_id, Wish(Tier.BILLING, (), office.today(client_id)))
    yield tiers.quote(office, client_id, Quote(TERMS, {}))


def _accept(office: Office, client_id: int) -> Iterator[list[Problem]]:
    yield tiers.decide(office, client_id, TierRequestState.ACCEPTED)
    setup.confirm_clinicians(office, client_id)


def _enrol(office: Office, client_id: int) -> Iterator[list[Problem]]:
    yield tiers.decide(office, client_id, TierRequestState.APPROVED)
    payers = _payers(office)
    setup.save_volumes(office, client_id, {payers[code]: claims for code, claims in VOLUMES.items()})
    yield _move(office, client_id, ClientState.ENROLLING)
    for code in VOLUMES:
        yield _enrolment(office, client_id, code, (CLAIMS, REMITTANCES), EnrollmentState.SUBMITTED)


def _test(office: Office, client_id: int) -> Iterator[list[Problem]]:
    for code in ("SIM10", "SIM40"):
        yield _enrolment(office, client_id, code, (CLAIMS,), EnrollmentState.LIVE)
        yield _enrolment(office, client_id, code, (REMITTANCES,), EnrollmentState.PENDING_FIRST_ERA)
    yield _move(office, client_id, ClientState.TESTING)


def _ask(office: Office, client_id: int) -> Iterator[list[Problem]]:
    text = (
        "Our system exports a visit a line, with its own headings. Shall we send last week's visits as the test file?"
    )
    asked = messages.write_letter(office, client_id, messages.Letter(Side.CLIENT, text, title="Our test file"))
    yield asked if isinstance(asked, list) else []


STORY: tuple[tuple[int, Actor, Act], ...] = (
    (10, STAFF, _open), (9, STAFF, _sign), (8, STAFF, _set_up), (7, OWNER, _accept), (6, STAFF, _enrol),
    (1, STAFF, _test), (0, OWNER, _ask),
)  # fmt: skip


def _move(office: Office, client_id: int, target: ClientState) -> list[Problem]:
    return stages.move_stage(office, client_id, stages.Wish(target))


def _enrolment(
    office: Office, client_id: int, code: str, kinds: tuple[str, ...], state: EnrollmentState
) -> list[Problem]:
    return enrolments.change_enrolments(
        office, client_id, enrolments.Change(_payers(office)[code], PRACTICE, kinds, state)
    )


def _payers(office: Office) -> dict[str, int]:
    return {row[0]: row[1] for row in office.rows(select(Payer.code, Payer.id))}
