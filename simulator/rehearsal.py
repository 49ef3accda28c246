"""A rehearsal: a practice's test file through the whole house, against calm payers, in a book of its own."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, insert, select

from bureau import mailroom
from bureau.desks import intake, scrubbing, submission
from bureau.models import Acknowledgement, Claim, ClaimLine, Encounter, Filing, RemittanceClaim, ScrubHit, Submission
from bureau.models.intake import RowState
from bureau.office import Bureau, Office
from bureau.rules.intake.readers import Reader
from bureau.rules.lifecycle import State
from clients.agreements import may_test
from clients.models import (
    AddOn,
    Agreement,
    Client,
    ClientState,
    ContractRate,
    Enrollment,
    Fee,
    FeeTerm,
    Location,
    MappingProfile,
    Payer,
    Provider,
    Rehearsal,
    SlaClause,
    TierPeriod,
)
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.database import Counter, build_engine, create_tables
from config.problems import Problem
from config.settings import PayerPace
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.payers import PayerProfile, build_profile, by_code, change_profile, default_profiles
from simulator.record import PayerRecord

BOOK, PAYERS, PREFIX = "book.sqlite", "payers.sqlite", "rehearsal"
MOST_CLAIMS = 500  # of one file: enough to see everything, few enough to wait for
MOST_FATES = 200
# What a client's set-up is made of; each is copied with its keys.
SET_UP: tuple[type[Any], ...] = (
    Agreement, TierPeriod, AddOn, SlaClause, FeeTerm, Provider, Location, Enrollment, Fee, ContractRate,
    MappingProfile,
)  # fmt: skip
# Payers that say no to nothing but what is wrong with the claim: a rehearsal tests our set-up, not our luck.
CALM: Mapping[str, Any] = {
    "clearinghouse_reject_rate": 0.0, "payer_reject_rate": 0.0, "denial_rate": 0.0, "pend_share": 0.0,
    "quirks": frozenset(),
}  # fmt: skip
SEED = 1


@dataclass(frozen=True, slots=True)
class RehearsalFile:
    """What the practice sent, and how it is read."""

    name: str
    data: bytes
    profile: str
    read: Reader


def rehearse(live: Bureau, actor: Actor, client_id: int, file: RehearsalFile) -> int | Problem:
    """Run a test file and keep in the live book what came of it; its id there, or why it could not be run.

    Nothing but that one row is written to the live book. The files of the run go out as tests (ISA15 = T).
    """
    with live.open_office(actor, Scope.of(client_id), read_only=True) as office:
        refused = may_test(office.session, office.client(client_id), office.today(client_id))
        if refused is not None:
            return refused
        rows = _read_set_up(office, client_id)
    run = f"{PREFIX}-{client_id}-{live.clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = live.settings.rehearsals_path / run
    folder.mkdir(parents=True, mode=0o700)
    stage = _build_stage(live, folder, rows)
    try:
        outcome = _play(stage, client_id, file)
    finally:
        _close(stage)
    _forget(folder, whole=not isinstance(outcome, Problem))
    if isinstance(outcome, Problem):
        return outcome
    with live.open_office(actor, Scope.of(client_id)) as office:
        kept = {"client_id": client_id, "at": office.now, "by": str(actor), "run": run, **outcome}
        return office.insert(Rehearsal, [kept])[0]


def owner_of(run: str) -> int | None:
    """The client whose rehearsal a run is; None for a run of the lab."""
    parts = run.split("-")
    return int(parts[1]) if parts[0] == PREFIX and len(parts) > 1 and parts[1].isdecimal() else None


def _read_set_up(office: Office, client_id: int) -> dict[type[Any], list[dict[str, Any]]]:
    """The client, all payers and every row of the set-up as they stand in the live book."""
    owned = {model: select(model).where(model.client_id == client_id) for model in SET_UP}
    wanted: dict[type[Any], Any] = {Payer: select(Payer), Client: select(Client).where(Client.id == client_id)}
    found: dict[type[Any], list[dict[str, Any]]] = {}
    for model, statement in (wanted | owned).items():
        names = [column.name for column in model.__table__.columns]
        found[model] = [{name: getattr(row, name) for name in names} for row in office.session.scalars(statement)]
    found[Client][0]["state"] = ClientState.LIVE  # what it rehearses
    found[Client][0]["cutover_on"] = None  # with the visits there are: those of the real work are still to come
    return found


def _build_stage(live: Bureau, folder: Path, rows: Mapping[type[Any], Sequence[dict[str, Any]]]) -> Bureau:
    """A house with this one client in it, whose clock begins now."""
    settings = live.settings.model_copy(
        update={"home": folder, "database_url": f"sqlite:///{folder / BOOK}", "production": False}
    )
    engine = build_engine(settings.database_url, durable=False)
    create_tables(engine)
    with ScopedSession(engine, scope=Scope.all()) as session, session.begin():
        for model, copies in rows.items():
            if copies:
                session.execute(insert(model), copies)
                last = max(row["id"] for row in copies)
                session.add(Counter(name=f"id:{model.__tablename__}", value=last))
    payers = SimulatedClearinghouse(
        _calm_payers(rows[Payer]), PayerRecord(folder / PAYERS), seed=SEED, pace=PayerPace.AT_ONCE
    )
    return Bureau(engine, StoppedClock(live.clock.now()), payers, settings)


def _calm_payers(rows: Sequence[Mapping[str, Any]]) -> list[PayerProfile]:
    """Every payer of the book: as its profile has it where there is one, else as its kind is."""
    known = by_code(default_profiles())
    return [
        change_profile(
            known.get(row["code"]) or build_profile(row["code"], row["name"], row["kind"], row["tax_id"]), CALM
        )
        for row in rows
    ]


def _play(stage: Bureau, client_id: int, file: RehearsalFile) -> dict[str, Any] | Problem:
    """Take the file in, and let happen what happens to a claim until its payer has answered."""
    actor, scope = Actor(ActorKind.JOB, "rehearsal"), Scope.of(client_id)
    with stage.open_office(actor, scope) as office:
        taken = intake.check_upload(office, client_id, file.name, file.data, profile=file.profile, read=file.read)
        if taken.is_refused:
            return taken.problems[0]
        if len(taken.drafts) > MOST_CLAIMS:
            text = f"This file has {len(taken.drafts):,} visits. Send one with at most {MOST_CLAIMS}."
            return Problem(file.name, "test.large", text)
        intake.commit_upload(office, taken)
    _pass_time(stage)
    with stage.open_office(actor, scope) as office:
        scrubbing.scrub_drafts(office, client_id)
        submission.batch_ready(office, client_id)
    mailroom.send_outbox(stage, actor, client_id)
    _pass_time(stage)
    mailroom.collect_responses(stage, actor, client_id)
    mailroom.work_acknowledgements(stage, actor, client_id)
    mailroom.work_remittances(stage, actor, client_id)
    with stage.open_office(actor, scope, read_only=True) as office:
        return {
            "file_name": file.name, "profile": file.profile, "bad_rows": taken.count(RowState.PROBLEM),
            **_count_lines(office, client_id), **_read_fates(office, client_id),
        }  # fmt: skip


def _pass_time(stage: Bureau) -> datetime:
    assert isinstance(stage.clock, StoppedClock)
    return stage.clock.advance(timedelta(minutes=1))


def _count_lines(office: Office, client_id: int) -> dict[str, int]:
    priced = {row[0] for row in office.rows(select(Fee.code).where(Fee.client_id == client_id).distinct())}
    counted = select(ClaimLine.code, func.count()).where(ClaimLine.client_id == client_id).group_by(ClaimLine.code)
    lines = {row[0]: row[1] for row in office.rows(counted)}
    return {"lines": sum(lines.values()), "priced": sum(count for code, count in lines.items() if code in priced)}


def _read_fates(office: Office, client_id: int) -> dict[str, Any]:
    """What became of every claim with an insurer: how many got how far, and the story of each."""
    filings = office.rows(
        select(
            Filing.id, Filing.state, Filing.clean_first_time, Encounter.external_id, Payer.name,
            Claim.charge_cents,
        )
        .join(Claim, and_(Claim.client_id == Filing.client_id, Claim.id == Filing.claim_id))
        .join(Encounter, and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id))
        .join(Payer, Payer.id == Filing.payer_id)
        .where(Filing.client_id == client_id, Filing.rank == 1)
        .order_by(Filing.id)
    )  # fmt: skip
    accepted = _ids(office, _accepted(client_id))
    posted = select(RemittanceClaim.filing_id).where(
        RemittanceClaim.client_id == client_id, RemittanceClaim.exception == ""
    )
    answered, why = _ids(office, posted), _read_reasons(office, client_id)
    fates, clean = [], 0
    for filing_id, state, first_time, encounter, payer, cents in filings:
        is_clean = bool(first_time) and filing_id in accepted and filing_id in answered
        clean += is_clean
        fates.append(
            {
                "visit": encounter, "payer": payer, "state": state, "cents": str(cents),
                "reached": _how_far(filing_id, state, accepted, answered), "why": why.get(filing_id, ""),
                "clean": "yes" if is_clean else "",
            }
        )  # fmt: skip
    fates.sort(key=lambda fate: fate["clean"])  # what wants a look first
    counts = {"claims": len(filings), "accepted": len(accepted), "answered": len(answered), "clean": clean}
    return {**counts, "fates": fates[:MOST_FATES]}


def _accepted(client_id: int) -> Any:
    """Filings whose payer said in a 277CA that it takes the claim in."""
    return (
        select(Submission.filing_id)
        .join(
            Acknowledgement,
            and_(Acknowledgement.client_id == Submission.client_id, Acknowledgement.submission_id == Submission.id),
        )
        .where(
            Submission.client_id == client_id, Acknowledgement.source == "payer", Acknowledgement.code.startswith("A2")
        )
    )


def _ids(office: Office, wanted: Any) -> set[int]:
    return {row[0] for row in office.rows(wanted.distinct()) if row[0] is not None}


def _read_reasons(office: Office, client_id: int) -> dict[int, str]:
    """Why a claim went no further: the first edit it failed, else what a rejection said."""
    rejected = (
        select(Submission.filing_id, Acknowledgement.text)
        .join(
            Acknowledgement,
            and_(Acknowledgement.client_id == Submission.client_id, Acknowledgement.submission_id == Submission.id),
        )
        .where(Submission.client_id == client_id, Submission.status == "REJECTED")
        .order_by(Acknowledgement.id.desc())
    )
    hits = select(ScrubHit.filing_id, ScrubHit.text).where(ScrubHit.client_id == client_id).order_by(ScrubHit.id.desc())
    return {row[0]: row[1] for wanted in (rejected, hits) for row in office.rows(wanted)}


def _how_far(filing_id: int, state: str, accepted: set[int], answered: set[int]) -> str:
    if filing_id in answered:
        return "answered"
    if filing_id in accepted:
        return "accepted"
    return "sent" if state in (State.TRANSMITTED, State.REJECTED, State.FOLLOW_UP) else "stopped"


def _forget(folder: Path, *, whole: bool) -> None:
    """Patients' data is kept once: a rehearsal that came to something takes the place of the earlier ones."""
    for other in folder.parent.glob(f"{PREFIX}-{owner_of(folder.name)}-*"):
        if (other == folder) is not whole:
            shutil.rmtree(other, ignore_errors=True)


def _close(stage: Bureau) -> None:
    stage.engine.dispose()
    assert isinstance(stage.clearinghouse, SimulatedClearinghouse)
    stage.clearinghouse.record.close()
