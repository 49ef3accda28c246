"""The facts behind the gate to going live, for many clients at once: a statement per table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from bureau.models import Claim, Filing
from bureau.office import Office
from bureau.rules.intake.readers import DESCRIPTIONS
from clients.enrolments import CLAIMS, PRACTICE, REMITTANCES, runs
from clients.models import (
    Agreement,
    AgreementKind,
    Client,
    ClientState,
    Enrollment,
    EnrollmentState,
    ExpectedVolume,
    Fee,
    FeeTerm,
    MappingProfile,
    Payer,
    Provider,
    Rehearsal,
    SlaClause,
    TierPeriod,
)
from clients.readiness import Facts, Finding, PayerFact, Rehearsed, done_checks, find_gaps
from clients.registry import (
    MISSING,
    PracticeIdentity,
    ProviderDetails,
    find_practice_problems,
    find_provider_problems,
)
from clients.stages import shown_stage

SEEN_DAYS = 90
SEEN_ENOUGH = 50  # claims of these days, from which on they say more than what was expected

Volumes = dict[int, int]  # payer id -> claims a month


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where a client stands: its stage as shown, and every check of the gate."""

    stage: ClientState
    findings: tuple[Finding, ...]

    @property
    def done(self) -> int:
        return sum(one.is_done for one in self.findings)

    @property
    def is_green(self) -> bool:
        return self.done == len(self.findings)


def load_readiness(office: Office, clients: Sequence[Client]) -> dict[int, Readiness]:
    """Client id -> its stage and checks as of today."""
    facts = load_facts(office, clients)
    found = {}
    for client in clients:
        findings = find_gaps(facts[client.id])
        found[client.id] = Readiness(shown_stage(client.state, done_checks(findings)), findings)
    return found


def load_facts(office: Office, clients: Sequence[Client]) -> dict[int, Facts]:
    ids = [client.id for client in clients]
    agreements = _by_client(office, Agreement, ids)
    providers, enrolments = _by_client(office, Provider, ids), _by_client(office, Enrollment, ids)
    running = {model: _by_client(office, model, ids) for model in (TierPeriod, SlaClause, FeeTerm)}
    prices, mappings = _count_rows(office, Fee, ids), _count_rows(office, MappingProfile, ids)
    volumes, tests = load_volumes(office, ids), _load_tests(office, ids)
    names = {row[0]: row[1] for row in office.rows(select(Payer.id, Payer.name))}
    facts = {}
    for client in clients:
        on = office.today(client.id)
        in_force = {row.kind for row in agreements[client.id] if _holds(row, on)}
        people = [one for one in providers[client.id] if _holds(one, on)]
        problems = [_judge_provider(office, client, one) for one in people]
        facts[client.id] = Facts(
            has_service=AgreementKind.SERVICE in in_force,
            has_business_associate=AgreementKind.BUSINESS_ASSOCIATE in in_force,
            has_tier=any(_holds(row, on) for row in running[TierPeriod][client.id]),
            practice_problems=_judge_practice(office, client, people),
            clinicians=len(people),
            valid_clinicians=problems.count(""),
            clinician_problem=next((text for text in problems if text), ""),
            payers=_payer_facts(volumes.get(client.id, {}), enrolments[client.id], names, on),
            prices=prices.get(client.id, 0),
            has_mapping=client.id in mappings,
            test=tests.get(client.id),
            clauses=sum(_holds(row, on) for row in running[SlaClause][client.id]),
            fee_terms=sum(_holds(row, on) for row in running[FeeTerm][client.id]),
        )
    return facts


def load_volumes(office: Office, client_ids: Sequence[int]) -> dict[int, Volumes]:
    """Claims a month by payer: as seen in the last three months once there are enough of them, else as expected."""
    expected: dict[int, Volumes] = defaultdict(dict)
    wanted = select(ExpectedVolume.client_id, ExpectedVolume.payer_id, ExpectedVolume.claims)
    for client_id, payer_id, claims in office.rows(wanted.where(ExpectedVolume.client_id.in_(client_ids))):
        expected[client_id][payer_id] = claims
    since = office.now - timedelta(days=SEEN_DAYS)
    seen: dict[int, Volumes] = defaultdict(dict)
    counted = (
        select(Filing.client_id, Filing.payer_id, func.count())
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .where(Filing.client_id.in_(client_ids), Filing.rank == 1, Filing.payer_id.is_not(None))
        .where(Claim.created_at >= since)
        .group_by(Filing.client_id, Filing.payer_id)
    )
    for client_id, payer_id, claims in office.rows(counted):
        seen[client_id][payer_id] = claims
    measured = {
        client_id: {payer_id: -(-30 * claims // SEEN_DAYS) for payer_id, claims in volumes.items()}
        for client_id, volumes in seen.items()
        if sum(volumes.values()) >= SEEN_ENOUGH
    }
    return {**expected, **measured}


def identity_of(client: Client) -> PracticeIdentity:
    return PracticeIdentity(
        client.name, client.npi, client.tax_id, client.taxonomy, client.street, client.city, client.region, client.zip
    )


def _judge_practice(office: Office, client: Client, people: Iterable[Provider]) -> tuple[str, ...]:
    """What is wrong with the practice's identity; fields that are empty are named together."""
    problems = find_practice_problems(
        identity_of(client), clinicians={one.npi for one in people}, test_ids=office.settings.test_ids_allowed
    )
    empty = [problem.where.replace("_", " ") for problem in problems if problem.code == MISSING]
    texts = [problem.text for problem in problems if problem.code != MISSING]
    return (*((f"Not filled in: {', '.join(empty)}.",) if empty else ()), *texts)


def _judge_provider(office: Office, client: Client, one: Provider) -> str:
    details = ProviderDetails(one.npi, one.last, one.first, one.taxonomy, one.starts_on, one.ends_on)
    problems = find_provider_problems(details, practice_npi=client.npi, test_ids=office.settings.test_ids_allowed)
    return f"{one.last}: {problems[0].text}" if problems else ""


def _payer_facts(
    volumes: Volumes, rows: Iterable[Enrollment], names: dict[int, str], on: date
) -> tuple[PayerFact, ...]:
    """The largest payer first. An enrolment outside its dates counts as one that is still under way."""
    own = {(row.payer_id, row.transaction): row for row in rows if row.provider_id == PRACTICE}
    facts = []
    for payer_id, claims in sorted(volumes.items(), key=lambda pair: (-pair[1], pair[0])):
        sends, pays = own.get((payer_id, CLAIMS)), own.get((payer_id, REMITTANCES))
        waits = next((row.waits_for for row in (sends, pays) if row is not None and row.waits_for), "")
        facts.append(PayerFact(names[payer_id], claims, _stand(sends, on), _stand(pays, on), waits))
    return tuple(facts)


def _stand(row: Enrollment | None, on: date) -> str:
    if row is None:
        return ""
    is_live = row.state in (EnrollmentState.LIVE, EnrollmentState.NOT_REQUIRED)
    return row.state if not is_live or runs(row, on) else EnrollmentState.IN_PROGRESS


def _load_tests(office: Office, ids: Sequence[int]) -> dict[int, Rehearsed]:
    latest = select(func.max(Rehearsal.id)).where(Rehearsal.client_id.in_(ids)).group_by(Rehearsal.client_id)
    rows = office.session.scalars(select(Rehearsal).where(Rehearsal.client_id.in_(ids), Rehearsal.id.in_(latest)))
    return {
        row.client_id: Rehearsed(row.claims, row.clean, row.lines, row.priced, row.profile in DESCRIPTIONS)
        for row in rows
    }


def _holds(row: Any, on: date) -> bool:
    return (row.starts_on is None or row.starts_on <= on) and (row.ends_on is None or row.ends_on > on)


def _by_client(office: Office, model: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {client_id: [] for client_id in ids}
    for row in office.session.scalars(select(model).where(model.client_id.in_(ids)).order_by(model.id)):
        found[row.client_id].append(row)
    return found


def _count_rows(office: Office, model: Any, ids: Sequence[int]) -> dict[int, int]:
    wanted = select(model.client_id, func.count()).where(model.client_id.in_(ids)).group_by(model.client_id)
    return {row[0]: row[1] for row in office.rows(wanted)}
